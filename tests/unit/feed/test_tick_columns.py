import math

import numpy as np
import pytest

from plimsoll.domain.tick import QUOTE, TICK_DTYPE, TRADE
from plimsoll.feed.message import NAN, Fields, Level
from plimsoll.feed.tick_columns import ROW, TickColumns

Side = list[tuple[float, float]]
CODES = ("AAPL.US", "USOIL", "EURUSD", "other")
T_MS = 1_751_068_801_000
NOW_NS = (T_MS + 170) * 1_000_000


@pytest.fixture
def columns() -> TickColumns:
    made = TickColumns(CODES, may_be_negative={"USOIL"})
    made.hold(("EURUSD", "AAPL.US", "USOIL"))
    made.stamp(NOW_NS, is_live=True)
    return made


def trade(
    price: float = 201.187, *, code: str = "AAPL.US", seq: int = 1, at_ms: int = T_MS, volume: float = 5.0
) -> Fields:
    return Fields(code=code, seq=seq, tick_time=at_ms, price=price, volume=volume)


def book(bids: Side, asks: Side, *, code: str = "AAPL.US", seq: int = 1, at_ms: int = T_MS) -> Fields:
    sides = [tuple(Level(*level) for level in side) for side in (bids, asks)]
    return Fields(code=code, seq=seq, tick_time=at_ms, bids=sides[0], asks=sides[1])


def test_that_a_row_is_laid_out_as_the_domain_says() -> None:
    assert ROW.size == TICK_DTYPE.itemsize
    row = np.frombuffer(ROW.pack(1, 2, 3.0, 4.0, 5.0, 6.0, 7, 8, 9), dtype=TICK_DTYPE)[0]
    assert row.item() == (1, 2, 3.0, 4.0, 5.0, 6.0, 7, 8, 9)


def test_that_a_trade_becomes_a_row_with_both_clocks(columns: TickColumns) -> None:
    columns.add_trade(trade(seq=27755950))
    assert columns.newest_ns == (T_MS * 1_000_000, NOW_NS)
    rows = columns.take()
    assert rows.dtype == TICK_DTYPE
    row = rows[0]
    assert (row["kind"], row["instrument"], row["price"], row["volume"]) == (TRADE, 0, 201.187, 5.0)
    assert (row["exchange_time_ns"], row["received_time_ns"]) == (T_MS * 1_000_000, NOW_NS)
    assert row["seq"] == 27755950
    assert math.isnan(row["ask"])
    assert math.isnan(row["ask_volume"])


def test_that_rows_taken_are_nobody_else_s_to_change(columns: TickColumns) -> None:
    columns.add_trade(trade())
    rows = columns.take()
    columns.add_trade(trade(999.0, at_ms=T_MS + 1))
    assert rows["price"][0] == 201.187
    assert not rows.flags.writeable
    assert columns.n_waiting == 1
    assert len(columns.take()) == 1
    assert len(columns.take()) == 0
    assert columns.newest_ns is None


def test_that_rows_are_in_the_order_of_arrival_however_many(columns: TickColumns) -> None:
    n = 10_000
    for index in range(n):
        columns.add_trade(trade(1.0 + index, at_ms=T_MS + index, seq=index))
        columns.add_book(book([(1.0 + index, 1)], [], at_ms=T_MS + index, seq=index))
    rows = columns.take()
    assert np.array_equal(rows["price"], np.repeat(1.0 + np.arange(n), 2))


@pytest.mark.parametrize("price", [0.0, -0.0])
def test_that_a_trade_at_zero_is_refused_and_a_book_of_zeros_is_a_halt(
    columns: TickColumns, price: float
) -> None:
    columns.add_trade(trade(price))
    columns.add_book(book([(price, 0.0)], [(price, 0.0)]))
    (row,) = columns.take()
    assert row["kind"] == QUOTE
    assert math.isnan(row["price"])
    assert math.isnan(row["ask"])
    assert columns.counts(TRADE).refused == columns.counts(QUOTE).applied == 1


@pytest.mark.parametrize("price", [NAN, math.inf, -math.inf, -1.0])
def test_that_what_is_no_price_is_refused(columns: TickColumns, price: float) -> None:
    columns.add_trade(trade(price))
    columns.add_book(book([(price, 1.0)], [(price, 1.0)]))
    for kind in (TRADE, QUOTE):
        counts = columns.counts(kind)
        assert (counts.received, counts.refused, counts.applied, counts.unaccounted) == (1, 1, 0, 0)
    assert len(columns.take()) == 0


def test_that_only_some_prices_may_be_below_zero_and_none_may_be_zero(columns: TickColumns) -> None:
    columns.add_trade(trade(-37.63, code="USOIL"))
    columns.add_trade(trade(0.0, code="USOIL", at_ms=T_MS + 1))
    columns.add_book(book([(-38.0, 1.0)], [(-37.0, 1.0)], code="USOIL"))
    assert columns.take()["price"].tolist() == [-37.63, -38.0]
    assert columns.counts(TRADE).refused == 1


@pytest.mark.parametrize("at_ms", [0, -5, 10**30, T_MS + 2 * 86_400_000, -(10**30)])
def test_that_a_tick_of_no_believable_time_is_refused(columns: TickColumns, at_ms: int) -> None:
    columns.add_trade(trade(at_ms=at_ms))
    columns.add_book(book([(1, 1)], [(2, 1)], at_ms=at_ms))
    assert columns.counts(TRADE).refused == columns.counts(QUOTE).refused == 1


def test_that_a_replay_may_carry_any_time(columns: TickColumns) -> None:
    columns.stamp(NOW_NS, is_live=False)
    columns.add_trade(trade(at_ms=T_MS + 10**11))
    columns.add_trade(trade(at_ms=10**30))
    assert columns.counts(TRADE).applied == 1


def test_that_a_time_in_seconds_is_understood(columns: TickColumns) -> None:
    columns.add_trade(trade(at_ms=1_605_509_068))
    columns.add_book(book([(1, 1)], [(2, 1)], at_ms=1_605_509_068))
    assert columns.take()["exchange_time_ns"].tolist() == [1_605_509_068 * 10**9] * 2
    assert columns.take_depth()[0].exchange_time_ns == 1_605_509_068 * 10**9


def test_that_an_exact_repeat_is_dropped_and_another_seq_is_new(columns: TickColumns) -> None:
    for seq in (1, 1, 2, 2, 1):
        columns.add_trade(trade(seq=seq))
    counts = columns.counts(TRADE)
    assert (counts.received, counts.applied, counts.repeated) == (5, 2, 3)


@pytest.mark.parametrize("changed", [{"price": 1.0}, {"volume": 6.0}, {"seq": 2}, {"volume": NAN}])
def test_that_a_tick_of_equal_time_is_new_when_anything_differs(
    columns: TickColumns, changed: dict[str, float]
) -> None:
    columns.add_trade(trade())
    columns.add_trade(trade(**changed))  # type: ignore[arg-type]
    assert columns.counts(TRADE).applied == 2


def test_that_repeats_without_a_volume_are_repeats(columns: TickColumns) -> None:
    for volume in (NAN, -1.0, math.inf, float("nan")):
        columns.add_trade(trade(volume=volume))
    assert columns.counts(TRADE).repeated == 3
    assert math.isnan(columns.take()["volume"][0])


def test_that_repeats_of_the_last_32_ticks_are_known_whatever_came_between(columns: TickColumns) -> None:
    for index in range(33):
        columns.add_trade(trade(at_ms=T_MS + index))
    columns.add_trade(trade(at_ms=T_MS + 1))
    columns.add_trade(trade(at_ms=T_MS))
    counts = columns.counts(TRADE)
    assert (counts.applied, counts.repeated, counts.late) == (33, 1, 1)


def test_that_a_late_tick_is_counted_and_never_passed_on(columns: TickColumns) -> None:
    columns.add_trade(trade(1.0, at_ms=T_MS))
    columns.add_trade(trade(2.0, at_ms=T_MS - 1))
    columns.add_book(book([(1, 1)], [], at_ms=T_MS))
    columns.add_book(book([(2, 1)], [], at_ms=T_MS - 1))
    assert columns.take()["price"].tolist() == [1.0, 1.0]
    assert columns.counts(TRADE).late == columns.counts(QUOTE).late == 1


def test_that_a_late_tick_of_one_code_is_no_matter_to_another(columns: TickColumns) -> None:
    columns.add_trade(trade(at_ms=T_MS))
    columns.add_trade(trade(at_ms=T_MS - 1000, code="EURUSD"))
    assert columns.counts(TRADE).applied == 2


@pytest.mark.parametrize("code", ["other", "unheard of", ""])
def test_that_a_code_not_asked_for_is_counted_as_not_held(columns: TickColumns, code: str) -> None:
    columns.add_trade(trade(code=code))
    columns.add_book(book([(1, 1)], [], code=code))
    assert columns.counts(TRADE).not_held == columns.counts(QUOTE).not_held == 1
    assert len(columns.take()) == 0


def test_that_the_best_level_of_a_book_becomes_a_quote(columns: TickColumns) -> None:
    columns.add_book(book([(511.5, 1200), (511.0, 5)], [(512.0, 800), (512.5, 7)]))
    row = columns.take()[0]
    assert (row["kind"], row["price"], row["ask"]) == (QUOTE, 511.5, 512.0)
    assert (row["volume"], row["ask_volume"]) == (1200.0, 800.0)


def test_that_a_zero_filled_side_is_an_empty_one(columns: TickColumns) -> None:
    columns.add_book(book([(511.5, 1200)], [(0.0, 0.0)] * 5))
    row = columns.take()[0]
    assert row["price"] == 511.5
    assert math.isnan(row["ask"])
    assert math.isnan(row["ask_volume"])
    assert columns.take_depth()[0].asks == ()


def test_that_the_best_is_found_whatever_the_order_of_the_levels(columns: TickColumns) -> None:
    columns.add_book(book([(0.0, 0), (9.0, 1), (10.0, 2)], [(13.0, 3), (12.0, -4)]))
    row = columns.take()[0]
    assert (row["price"], row["ask"], row["volume"]) == (10.0, 12.0, 2.0)
    assert math.isnan(row["ask_volume"])
    whole = columns.take_depth()[0]
    assert [price for price, _ in whole.bids] == [10.0, 9.0]
    assert [price for price, _ in whole.asks] == [12.0, 13.0]


def test_that_of_whole_books_the_newest_of_each_code_is_kept(columns: TickColumns) -> None:
    columns.add_book(book([(1.0, 1)], [(2.0, 1)], at_ms=T_MS))
    columns.add_book(book([(1.5, 1)], [(2.5, 1)], at_ms=T_MS + 1))
    columns.add_book(book([(7.0, 1)], [(8.0, 1)], code="EURUSD"))
    books = {each.code: each for each in columns.take_depth()}
    assert books["AAPL.US"].bids == ((1.5, 1.0),)
    assert books["AAPL.US"].received_time_ns == NOW_NS
    assert books["EURUSD"].asks == ((8.0, 1.0),)
    assert columns.take_depth() == ()


def test_that_a_book_differing_only_in_its_depth_is_new(columns: TickColumns) -> None:
    columns.add_book(book([(2.0, 1), (1.0, 1)], []))
    columns.add_book(book([(2.0, 1), (1.0, 1)], []))
    columns.add_book(book([(2.0, 1), (1.0, 9)], []))
    columns.add_book(book([(2.0, 1)], [(1.0, 9)]))
    assert (columns.counts(QUOTE).applied, columns.counts(QUOTE).repeated) == (3, 1)


@pytest.mark.parametrize("seq", [2**63, -(2**63) - 1, 10**40])
def test_that_a_seq_wider_than_64_bits_keeps_its_tick(columns: TickColumns, seq: int) -> None:
    columns.add_trade(trade(seq=seq))
    columns.add_book(book([(1, 1)], [], seq=seq))
    rows = columns.take()
    assert len(rows) == 2
    assert rows["seq"][0] == rows["seq"][1]


def test_that_codes_that_never_ticked_are_named_in_order_of_importance(columns: TickColumns) -> None:
    assert columns.silent() == ("EURUSD", "AAPL.US", "USOIL")
    columns.add_trade(trade())
    columns.add_book(book([(1, 1)], [], code="USOIL"))
    assert columns.silent() == ("EURUSD",)


def test_that_a_code_dropped_and_taken_again_keeps_its_past(columns: TickColumns) -> None:
    columns.add_trade(trade())
    columns.hold(("EURUSD",))
    columns.add_trade(trade(at_ms=T_MS + 1))
    columns.hold(("AAPL.US", "EURUSD"))
    columns.add_trade(trade())
    counts = columns.counts(TRADE)
    assert (counts.applied, counts.not_held, counts.repeated) == (1, 1, 1)


def test_that_a_code_that_is_not_the_desk_s_cannot_be_held(columns: TickColumns) -> None:
    with pytest.raises(ValueError, match="expected a code of the desk"):
        columns.hold(("NOKIA.HE",))


def test_that_more_codes_than_a_row_can_name_are_refused() -> None:
    with pytest.raises(ValueError, match="expected at most 65536"):
        TickColumns([str(index) for index in range(65_537)])


def test_that_books_alone_find_room_too(columns: TickColumns) -> None:
    for index in range(5000):
        columns.add_book(book([(1.0 + index, 1)], [], at_ms=T_MS + index))
    assert columns.n_waiting == 5000
    assert columns.take()["price"][-1] == 5000.0
