from decimal import Decimal
from pathlib import Path

import pytest

from plimsoll.domain.book_event import (
    CashMoved,
    CurrencyExchanged,
    DividendPaid,
    FeePaid,
    FundingPaid,
    SplitMade,
    TradeEntered,
)
from plimsoll.domain.errors import FileRefused
from plimsoll.domain.instrument import AssetClass, Instrument, Settlement
from plimsoll.storage.trades_file import trades_from_file

MASTER = {
    "AAPL.US": Instrument("AAPL.US", "Apple", AssetClass.EQUITY, "USD", Settlement.FUNDED),
    "USDJPY": Instrument("USDJPY", "Dollar in yen", AssetClass.FX, "JPY", Settlement.UNFUNDED),
}
HEAD = "kind,code,quantity,price,fee,currency,amount,to_currency,to_amount,ratio,time,reason\n"
LINES = """\
trade,AAPL.US,-400,310.25,1,,,,,,2026-11-20T16:31:00+01:00,trim
deposit,,,,,EUR,100000,,,,,
withdrawal,,,,,USD,2500,,,,,rent
dividend,AAPL.US,,,,USD,240,,,,,
fee,,,,,USD,90,,,,,custody
funding,USDJPY,,,,JPY,-3000,,,,,
split,AAPL.US,,,,,,,,4:1,,
exchange,,,,,USD,110000,EUR,100000,,,
"""
D = Decimal


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "trades.csv"
    path.write_text(HEAD + LINES)
    return path


def test_that_each_kind_of_line_becomes_its_event(path: Path) -> None:
    trade, deposit, withdrawal, dividend, fee, funding, split, exchange = trades_from_file(
        path, MASTER, "ana"
    ).events
    assert isinstance(trade, TradeEntered)
    assert (trade.code, trade.quantity, trade.price, trade.fee) == ("AAPL.US", D(-400), D("310.25"), D(1))
    assert trade.time_ns == 1_795_188_660 * 10**9
    assert (trade.person, trade.reason) == ("ana", "trim")
    assert trade.source.startswith("trades.csv ")
    assert isinstance(deposit, CashMoved)
    assert (deposit.currency, deposit.amount) == ("EUR", D(100_000))
    assert isinstance(withdrawal, CashMoved)
    assert withdrawal.amount == D(-2500)
    assert isinstance(dividend, DividendPaid)
    assert isinstance(fee, FeePaid)
    assert (fee.code, fee.amount) == ("", D(90))
    assert isinstance(funding, FundingPaid)
    assert funding.amount == D(-3000)
    assert isinstance(split, SplitMade)
    assert (split.new_shares, split.old_shares) == (4, 1)
    assert isinstance(exchange, CurrencyExchanged)
    assert (exchange.sold, exchange.bought_currency, exchange.bought) == (D(110_000), "EUR", D(100_000))


def test_that_the_same_file_has_the_same_ids_and_equal_lines_have_ids_of_their_own(
    path: Path, tmp_path: Path
) -> None:
    again = tmp_path / "copy.csv"
    again.write_text(HEAD + LINES + LINES)
    first = [event.event_id for event in trades_from_file(path, MASTER).events]
    second = [event.event_id for event in trades_from_file(again, MASTER, "ben").events]
    assert second[: len(first)] == first
    assert len(set(second)) == 2 * len(first)


@pytest.mark.parametrize(
    ("line", "column", "expected"),
    [
        ("gift,,,,,,,,,,,", "kind", "one of trade, deposit"),
        ("trade,GHOST.US,1,1,,,,,,,,", "code", "instrument master"),
        ("trade,AAPL.US,0,1,,,,,,,,", "quantity", "above or below zero"),
        ("trade,AAPL.US,1,1,-1,,,,,,,", "fee", "zero or more"),
        ("trade,AAPL.US,1,,,,,,,,,", "price", "a number written"),
        ("trade,AAPL.US,1,1,,USD,,,,,,", "currency", "a trade does not have it"),
        ("trade,AAPL.US,1,1,,,,,,,2026-11-20T15:31:00,", "time", "with its zone"),
        ("trade,AAPL.US,1,1,,,,,,,yesterday,", "time", "with its zone"),
        ("deposit,,,,,EUR,-5,,,,,", "amount", "the kind says which way"),
        ("fee,,,,,EUR,-5,,,,,", "amount", "the kind says which way"),
        ("dividend,,,,,EUR,5,,,,,", "code", "instrument master"),
        ("dividend,AAPL.US,,,,euro,5,,,,,", "currency", "in capitals"),
        ("split,AAPL.US,,,,,,,,4,,", "ratio", "like 4:1"),
        ("split,AAPL.US,,,,,,,,2:2,,", "ratio", "like 4:1"),
        ("exchange,,,,,USD,5,USD,5,,,", "to_currency", "another currency"),
        ("exchange,,,,,USD,5,,,,,", "to_currency", "in capitals"),
    ],
)
def test_that_a_wrong_line_is_refused_by_its_number_and_the_rest_is_read(
    path: Path, line: str, column: str, expected: str
) -> None:
    path.write_text(HEAD + line + "\n" + LINES)
    lines = trades_from_file(path, MASTER).lines
    assert [each.number for each in lines] == list(range(2, 11))
    assert [each.number for each in lines if each.event is None] == [2]
    assert f"{column}: was" in lines[0].refusal
    assert expected in lines[0].refusal


def test_that_a_line_with_a_cell_too_many_is_refused_alone(path: Path) -> None:
    path.write_text(HEAD + LINES + "trade,AAPL.US,-400,310,25,1,,,,,,,trim\n")
    last = trades_from_file(path, MASTER).lines[-1]
    assert (last.number, last.event) == (10, None)
    assert "a comma inside a number" in last.refusal


def test_that_a_file_without_events_is_refused(path: Path) -> None:
    path.write_text(HEAD)
    with pytest.raises(FileRefused, match="without events"):
        trades_from_file(path, MASTER)
