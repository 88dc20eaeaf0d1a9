from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from plimsoll import assets
from plimsoll.domain.book import Cash
from plimsoll.domain.errors import FileRefused
from plimsoll.domain.instrument import AssetClass, Settlement
from plimsoll.storage import csv_table
from plimsoll.storage.instruments_file import instruments_from_file
from plimsoll.storage.portfolio_file import (
    book_from_files,
    check,
    instruments_beside,
    warnings_about,
)

Write = Callable[[str, str | bytes], Path]
INSTRUMENTS = """\
code,name,asset_class,currency,settlement,sector,country,multiplier,lot,may_be_negative,stale_after_s,fixed_price
AAPL.US,Apple Inc.,equity,USD,funded,Information Technology,US,,,,,
USDJPY,"Dollar, in yen",fx,JPY,unfunded,,,,1000,,,
USOIL,WTI crude,commodity,USD,unfunded,,,10,,yes,30,
BTCUSDT,Bitcoin,crypto,USDT,funded,,,,0.001,,,
USDTUSD,Tether,fx,USD,funded,,,,,,,1.0
"""
POSITIONS = """\
code,quantity,average_price,currency,note
AAPL.US,24000,318.73,USD,core
USDJPY,-2000000,110.26,,
USOIL,400,58.5,,
BTCUSDT,30.5,8929.04,,
CASH,2500000,,USD,
CASH,-1e6,,JPY,owed
"""


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def written(name: str, text: str | bytes) -> Path:
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return written


@pytest.fixture
def instruments_path(write: Write) -> Path:
    return write("instruments.csv", INSTRUMENTS)


def complaints_about(instruments_path: Path, positions_path: Path) -> list[str]:
    with pytest.raises(FileRefused) as refusal:
        book_from_files(instruments_path, positions_path, "USD")
    assert refusal.value.path == positions_path
    return [str(complaint) for complaint in refusal.value.complaints]


def instrument_complaints(path: Path) -> list[str]:
    with pytest.raises(FileRefused) as refusal:
        instruments_from_file(path)
    return [str(complaint) for complaint in refusal.value.complaints]


def test_that_a_good_pair_of_files_becomes_a_book_in_the_order_of_the_file(
    instruments_path: Path, write: Write
) -> None:
    book, instruments = book_from_files(instruments_path, write("desk.csv", POSITIONS), "USD")
    assert book.name == "desk"
    assert [held.code for held in book.positions] == ["AAPL.US", "USDJPY", "USOIL", "BTCUSDT"]
    assert book.position("AAPL.US").cost == Decimal(24000) * Decimal("318.73")
    assert book.position("USDJPY").quantity == -2_000_000
    assert book.cash == (Cash("USD", Decimal(2_500_000)), Cash("JPY", Decimal(-1_000_000)))
    assert list(instruments) == ["AAPL.US", "USDJPY", "USOIL", "BTCUSDT", "USDTUSD"]


def test_that_columns_left_empty_or_out_take_their_defaults(instruments_path: Path, write: Write) -> None:
    apple = instruments_from_file(instruments_path)["AAPL.US"]
    assert (apple.multiplier, apple.lot, apple.stale_after_s) == (1.0, 1.0, 15.0)
    assert (apple.may_be_negative, apple.fixed_price, apple.stands_for) == (False, None, "")
    short = write("short.csv", "code,name,asset_class,currency,settlement\nGOLD,,commodity,USD,unfunded\n")
    gold = instruments_from_file(short)["GOLD"]
    assert (gold.name, gold.sector, gold.country) == ("GOLD", None, None)


def test_that_every_column_of_an_instrument_is_taken(instruments_path: Path) -> None:
    instruments = instruments_from_file(instruments_path)
    oil = instruments["USOIL"]
    assert (oil.asset_class, oil.settlement) == (AssetClass.COMMODITY, Settlement.UNFUNDED)
    assert (oil.multiplier, oil.may_be_negative, oil.stale_after_s) == (10.0, True, 30.0)
    assert instruments["USDTUSD"].fixed_price == 1.0
    assert instruments["USDTUSD"].currency_pair == ("USDT", "USD")
    assert instruments["USDJPY"].name == "Dollar, in yen"


@pytest.mark.parametrize(
    "disguise",
    [
        lambda text: b"\xef\xbb\xbf" + text.encode(),
        lambda text: text.replace("\n", "\r\n").encode(),
        lambda text: text.replace("\n", "\r").encode(),
        lambda text: text.replace("\n", "\n\n,,,,\n  \n").encode(),
        lambda text: text.rstrip("\n").encode(),
        lambda text: text.replace("code,quantity", " Code , QUANTITY ").encode(),
        lambda text: text.replace(",", " , ").encode(),
    ],
    ids=["mark", "crlf", "cr", "blank lines", "no last line end", "capitals", "blanks"],
)
def test_that_what_spreadsheets_do_to_a_file_changes_nothing(
    instruments_path: Path, write: Write, disguise: Callable[[str], bytes]
) -> None:
    plain, _ = book_from_files(instruments_path, write("desk.csv", POSITIONS), "USD")
    disguised, _ = book_from_files(instruments_path, write("desk.csv", disguise(POSITIONS)), "USD")
    assert disguised == plain


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        (
            'AAPL.US,"24,000",318.73,,',
            "line 2, column quantity: was '24,000', expected a number without thousands",
        ),
        (
            "AAPL.US,24 000,318.73,,",
            "line 2, column quantity: was '24 000', expected a number without thousands",
        ),
        ("AAPL.US,24'000,318.73,,", 'column quantity: was "24\'000", expected a number without thousands'),
        (
            "AAPL.US,24_000,318.73,,",
            "line 2, column quantity: was '24_000', expected a number without thousands",
        ),
        ('AAPL.US,24000,"318,7",,', "line 2, column average_price: was '318,7', expected a point before"),
        ("AAPL.US,24,000,318.73,,", "line 2: was '6 cells', expected 5"),
        ("AAPL.US,nan,318.73,,", "line 2, column quantity: was 'nan', expected a finite number"),
        ("AAPL.US,-Infinity,318.73,,", "line 2, column quantity: was '-Infinity', expected a finite number"),
        ("AAPL.US,1e999,318.73,,", "line 2, column quantity: was '1e999', expected a number"),
        ("AAPL.US,1e16,318.73,,", "line 2, column quantity: was '1e16', expected a number of at most 1e15"),
        ("AAPL.US,٢٤,318.73,,", "line 2, column quantity: was '٢٤', expected a number written like"),
        ("AAPL.US,0,318.73,,", "line 2, column quantity: was '0', expected bought above zero"),
        ("AAPL.US,,318.73,,", "line 2, column quantity: was '', expected a number"),
        ("AAPL.US,24000,,,", "line 2, column average_price: was '', expected a number"),
        ("AAPL.US,24000,-3,,", "line 2, column average_price: was '-3', expected a price above zero"),
        ("USDJPY,24000,0,,", "line 2, column average_price: was '0', expected a price above zero"),
        ("aapl.us,24000,318.73,,", "(AAPL.US is there; codes are case-sensitive)"),
        ("AAPL,24000,318.73,,", "(AAPL.US is there"),
        (
            "GHOST.US,24000,3,,",
            "line 2, column code: was 'GHOST.US', expected a code of the instruments file: add",
        ),
        (",24000,3,,", "line 2, column code: was '', expected a code of the instruments file: add"),
        ("AAPL.US,24000,3,EUR,", "line 2, column currency: was 'EUR', expected USD, as the instruments file"),
        ("CASH,100,,dollars,", "line 2, column currency: was 'dollars', expected a currency in capitals"),
        ("CASH,100,,,", "line 2, column currency: was '', expected a currency in capitals"),
        ("CASH,100,1.0,USD,", "line 2, column average_price: was '1.0', expected nothing: cash has no price"),
        ("CASH,much,,USD,", "line 2, column quantity: was 'much', expected a number written like -1234.5"),
        ('AAPL.US,"24000,318.73,,', "line 2: was 'unexpected end of data', expected cells between commas"),
    ],
)
def test_that_a_wrong_cell_is_named_by_line_column_value_and_what_was_expected(
    instruments_path: Path, write: Write, line: str, complaint: str
) -> None:
    path = write("desk.csv", f"code,quantity,average_price,currency,note\n{line}\n")
    found = complaints_about(instruments_path, path)
    assert any(complaint in told for told in found), found


def test_that_all_faults_of_a_file_are_told_at_once_in_its_order(
    instruments_path: Path, write: Write
) -> None:
    text = POSITIONS + "AAPL.US,1,2,,\nNOPE,x,y,,\nCASH,5,,USD,\n"
    found = complaints_about(instruments_path, write("desk.csv", text))
    assert [told.split(":")[0] for told in found] == [
        "line 8, column code",
        "line 9, column code",
        "line 9, column quantity",
        "line 9, column average_price",
        "line 10, column currency",
    ]
    assert "it stands on line 2 already" in found[0]


def test_that_shares_received_free_may_have_cost_nothing(instruments_path: Path, write: Write) -> None:
    path = write("desk.csv", "code,quantity,average_price\nAAPL.US,10,0\n")
    book, _ = book_from_files(instruments_path, path, "USD")
    assert book.position("AAPL.US").cost == 0


def test_that_an_instrument_with_leave_may_have_cost_less_than_nothing(
    instruments_path: Path, write: Write
) -> None:
    path = write("desk.csv", "code,quantity,average_price\nUSOIL,10,-36.98\n")
    book, _ = book_from_files(instruments_path, path, "USD")
    assert book.position("USOIL").average_price == Decimal("-36.98")


def test_that_a_line_number_counts_the_lines_of_a_quoted_note(instruments_path: Path, write: Write) -> None:
    text = 'code,quantity,average_price,note\nAAPL.US,1,2,"two\nlines"\nUSDJPY,x,110,\n'
    assert complaints_about(instruments_path, write("desk.csv", text))[0].startswith(
        "line 4, column quantity"
    )


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "the file: was 'empty', expected a first line naming the columns: code,quantity"),
        (b"\n \n,,\n", "the file: was 'empty'"),
        (b"code,quantity,average_price\n", "the file: was 'without positions'"),
        (b"code;quantity;average_price\nAAPL.US;1;2\n", "expected commas between the columns"),
        (b"code\tquantity\taverage_price\n", "expected commas between the columns"),
        (b"code,quantity\nAAPL.US,1\n", "line 1: was 'code,quantity', expected a column average_price"),
        (
            b"code,quantity,average_price,colour\n",
            "line 1, column 4: was 'colour', expected one of code, quantity",
        ),
        (b"code,code,quantity,average_price\n", "line 1, column 2: was 'code', expected each column once"),
        (b"code,quantity,average_price\nA\xe9,1,2\n", "line 2: was 'byte 0xe9', expected UTF-8"),
        (b"code,quantity,average_price\n\0,1,2\n", "line 2: was 'a NUL byte'"),
        ("code,quantity".encode("utf-16"), "the file: was 'UTF-16 text', expected UTF-8"),
    ],
)
def test_that_a_file_of_the_wrong_form_is_refused_in_words(
    instruments_path: Path, write: Write, content: str | bytes, complaint: str
) -> None:
    found = complaints_about(instruments_path, write("desk.csv", content))
    assert any(complaint in told for told in found), found


def test_that_a_cell_beyond_the_reader_s_limit_is_a_complaint(instruments_path: Path, write: Write) -> None:
    text = f"code,quantity,average_price\n{'A' * 200_000},1,2\n"
    assert "field larger than field limit" in complaints_about(instruments_path, write("desk.csv", text))[0]


def test_that_a_file_of_faults_is_refused_at_the_two_hundredth(instruments_path: Path, write: Write) -> None:
    text = "code,quantity,average_price\n" + "AAPL.US,x,2\n" * 100_000
    found = complaints_about(instruments_path, write("desk.csv", text))
    assert len(found) == 201
    assert found[-1].startswith("further on: was 'not looked at'")


def test_that_a_file_of_more_lines_than_any_book_is_refused(
    instruments_path: Path, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(csv_table, "MOST_LINES", 6)
    assert check(write("desk.csv", POSITIONS), instruments_path).book is not None
    monkeypatch.setattr(csv_table, "MOST_LINES", 5)
    found = complaints_about(instruments_path, write("desk.csv", POSITIONS))
    assert found == ["line 7: was 'one line more', expected at most 5 lines: split the file"]


def test_that_a_long_value_is_shown_shortened(instruments_path: Path, write: Write) -> None:
    found = complaints_about(
        instruments_path, write("desk.csv", f"code,quantity,average_price\n{'A' * 99},1,2\n")
    )
    assert f"'{'A' * 60}…'" in found[0]


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        (
            "AAPL US,x,equity,USD,funded,,,,,,,",
            "line 2, column code: was 'AAPL US', expected a code as AllTick",
        ),
        ("=cmd(),x,equity,USD,funded,,,,,,,", "line 2, column code: was '=cmd()'"),
        ("Cash,x,equity,USD,funded,,,,,,,", "line 2, column code: was 'Cash', expected any code but CASH"),
        (
            "A,x,option,USD,funded,,,,,,,",
            "column asset_class: was 'option', expected one of equity, etf, index",
        ),
        (
            "A,x,equity,usd,funded,,,,,,,",
            "line 2, column currency: was 'usd', expected a currency in capitals",
        ),
        (
            "A,x,equity,USD,cash,,,,,,,",
            "line 2, column settlement: was 'cash', expected one of funded, unfunded",
        ),
        ("A,x,equity,USD,funded,,,0,,,,", "line 2, column multiplier: was '0', expected a number above zero"),
        ("A,x,equity,USD,funded,,,,-1,,,", "line 2, column lot: was '-1', expected a number above zero"),
        ("A,x,equity,USD,funded,,,,,perhaps,,", "column may_be_negative: was 'perhaps', expected yes or no"),
        ("A,x,equity,USD,funded,,,,,,soon,", "line 2, column stale_after_s: was 'soon', expected a number"),
        (
            "A,x,equity,USD,funded,,,,,,,0",
            "line 2, column fixed_price: was '0', expected a number above zero",
        ),
    ],
)
def test_that_a_wrong_instrument_is_named_the_same_way(write: Write, line: str, complaint: str) -> None:
    found = instrument_complaints(write("instruments.csv", INSTRUMENTS.splitlines()[0] + f"\n{line}\n"))
    assert any(complaint in told for told in found), found


def test_that_an_instrument_described_twice_is_refused(write: Write) -> None:
    found = instrument_complaints(write("instruments.csv", INSTRUMENTS + INSTRUMENTS.splitlines()[1]))
    assert found == [
        "line 7, column code: was 'AAPL.US', expected each code once: it stands on line 2 already"
    ]


def test_that_an_instruments_file_without_lines_is_refused(write: Write) -> None:
    found = instrument_complaints(write("instruments.csv", INSTRUMENTS.splitlines()[0]))
    assert "without instruments" in found[0]


def test_that_a_currency_without_a_way_to_the_base_is_a_warning_and_not_a_refusal(write: Write) -> None:
    text = INSTRUMENTS.replace("USDTUSD,Tether,fx,USD,funded,,,,,,,1.0\n", "")
    found = check(write("desk.csv", POSITIONS), write("instruments.csv", text))
    assert found.book is not None
    (told,) = found.warnings
    assert told.where == "currency USDT of BTCUSDT"
    assert told.was == "without a way to USD"
    assert told.expected == "an instrument USDTUSD or USDUSDT, or a way through USD: add its line"


def test_that_the_way_may_be_direct_inverse_or_through_a_third_currency(
    instruments_path: Path, write: Write
) -> None:
    text = INSTRUMENTS + "EURUSD,Euro,fx,USD,unfunded,,,,,,,\n"
    for base in ("USD", "EUR"):
        book, instruments = book_from_files(
            write("instruments.csv", text), write("desk.csv", POSITIONS), base
        )
        assert warnings_about(book, instruments) == ()
    book, instruments = book_from_files(write("instruments.csv", text), write("desk.csv", POSITIONS), "CHF")
    assert len(warnings_about(book, instruments)) == 3


def test_that_a_quantity_of_broken_lots_is_told(instruments_path: Path, write: Write) -> None:
    found = check(write("desk.csv", "code,quantity,average_price\nUSDJPY,1500,110\n"), instruments_path)
    assert [str(told) for told in found.warnings] == [
        "quantity of USDJPY: was '1500', expected whole lots of 1000.0"
    ]


def test_that_a_check_of_a_bad_file_returns_its_complaints(instruments_path: Path, write: Write) -> None:
    found = check(write("desk.csv", "code,quantity,average_price\nAAPL.US,x,2\n"), instruments_path)
    assert found.book is None
    assert [complaint.where for complaint in found.complaints] == ["line 2, column quantity"]


def test_that_a_check_looks_for_the_instruments_beside_the_positions_and_then_in_the_sample(
    instruments_path: Path, write: Write, tmp_path: Path
) -> None:
    path = write("desk.csv", POSITIONS)
    assert check(path).book is not None
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    assert instruments_beside(elsewhere / "desk.csv").parts[-2:] == ("samples", "instruments.csv")


def test_that_the_sample_book_is_read_without_a_complaint_or_a_warning() -> None:
    found = check(assets.path("samples/positions.csv"))
    assert found.book is not None
    assert (found.complaints, found.warnings) == ((), ())
    assert {found.instruments[held.code].asset_class for held in found.book.positions} == set(AssetClass) - {
        AssetClass.ETF
    }
    assert found.instruments["USOIL"].may_be_negative
    assert [item.code for item in found.instruments.values() if item.fixed_price] == ["USDTUSD"]
