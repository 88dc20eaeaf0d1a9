from dataclasses import replace
from pathlib import Path

import pytest

from plimsoll import assets
from plimsoll.domain.errors import FileRefused
from plimsoll.domain.instrument import AssetClass, Instrument, Settlement
from plimsoll.storage.instruments_file import (
    cells_of,
    instrument_from_cells,
    instruments_from_file,
    write_instruments,
)

TEXT = """\
# my instruments, kept by hand
code,name,asset_class,currency,settlement,x_desk,multiplier,tags,proxy
AAPL.US,"Apple, Inc.",equity,USD,funded,ny,1.00,core; tech,

# futures
USOIL,WTI crude,commodity,USD,unfunded,ldn,1e3,,AAPL.US
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "instruments.csv"
    path.write_text(TEXT)
    return path


def test_that_tags_and_a_proxy_are_read_and_remarks_and_own_columns_passed_over(path: Path) -> None:
    apple, oil = instruments_from_file(path).values()
    assert (apple.tags, apple.proxy, oil.tags, oil.proxy) == (("core", "tech"), "", (), "AAPL.US")
    assert (oil.multiplier, oil.margin_class, oil.exchange) == (1000.0, "", "")


def test_that_writing_what_was_read_changes_not_one_byte(path: Path) -> None:
    write_instruments(path, instruments_from_file(path).values())
    assert path.read_text() == TEXT


def test_that_only_the_cell_that_changed_is_written_anew(path: Path) -> None:
    held = instruments_from_file(path)
    held["USOIL"] = replace(held["USOIL"], name="WTI, light")
    write_instruments(path, held.values())
    assert path.read_text() == TEXT.replace("WTI crude", '"WTI, light"')


def test_that_a_new_field_gets_a_column_and_other_lines_an_empty_cell(path: Path) -> None:
    held = instruments_from_file(path)
    held["USOIL"] = replace(held["USOIL"], exchange="NYMEX")
    write_instruments(path, held.values())
    lines = path.read_text().splitlines()
    assert lines[1].endswith("tags,proxy,exchange")
    assert lines[2].endswith("core; tech,,")
    assert lines[-1].endswith("AAPL.US,NYMEX")
    assert instruments_from_file(path) == held


def test_that_a_line_goes_and_another_comes_and_the_remarks_stay(path: Path) -> None:
    gold = Instrument("GOLD", "Gold", AssetClass.COMMODITY, "USD", Settlement.UNFUNDED)
    held = instruments_from_file(path)
    write_instruments(path, [held["AAPL.US"], gold])
    text = path.read_text()
    assert "USOIL" not in text
    assert text.splitlines()[-2:] == ["# futures", "GOLD,Gold,commodity,USD,unfunded,,,,"]


def test_that_a_file_with_windows_line_ends_and_without_a_last_one_keeps_its_kind(path: Path) -> None:
    path.write_bytes(TEXT.rstrip().replace("\n", "\r\n").encode())
    held = instruments_from_file(path)
    gold = Instrument("GOLD", "Gold", AssetClass.COMMODITY, "USD", Settlement.UNFUNDED)
    write_instruments(path, [*held.values(), gold])
    assert path.read_bytes().count(b"\n") == path.read_bytes().count(b"\r\n") == 7
    assert list(instruments_from_file(path)) == ["AAPL.US", "USOIL", "GOLD"]


def test_that_a_file_that_is_not_there_is_made_and_another_may_be_its_model(
    path: Path, tmp_path: Path
) -> None:
    held = instruments_from_file(path)
    fresh, copy = tmp_path / "fresh.csv", tmp_path / "copy.csv"
    write_instruments(fresh, held.values())
    assert instruments_from_file(fresh) == held
    write_instruments(copy, held.values(), model=path)
    assert copy.read_text() == TEXT


def test_that_what_could_not_be_read_back_is_not_written(path: Path) -> None:
    apple = instruments_from_file(path)["AAPL.US"]
    for bad in (
        replace(apple, sector=" Energy"),
        replace(apple, tags=("a;b",)),
        replace(apple, proxy="GHOST"),
    ):
        with pytest.raises(FileRefused):
            write_instruments(path, [bad])
    assert path.read_text() == TEXT


@pytest.mark.parametrize(
    ("line", "column", "expected"),
    [
        ("A.US,A,equity,USD,funded,,,core;core,", "tags", "each once"),
        ("A.US,A,equity,USD,funded,,,core;;x,", "tags", "between semicolons"),
        ("A.US,A,equity,USD,funded,,,,GHOST", "proxy", "the code of another line"),
        ("A.US,A,equity,USD,funded,,,,A.US", "proxy", "the code of another line"),
        ("A.US,A,equity,USD,funded,,,,no code", "proxy", "as AllTick spells it"),
    ],
)
def test_that_a_wrong_cell_is_named_with_what_it_should_be(
    path: Path, line: str, column: str, expected: str
) -> None:
    path.write_text(TEXT + line + "\n")
    with pytest.raises(FileRefused) as refusal:
        instruments_from_file(path)
    complaint = refusal.value.complaints[0]
    assert complaint.where == f"line 7, column {column}"
    assert expected in complaint.expected


def test_that_a_column_nobody_knows_is_refused_unless_it_is_the_traders_own(path: Path) -> None:
    path.write_text(TEXT.replace("x_desk", "desk"))
    with pytest.raises(FileRefused, match="'desk', expected one of"):
        instruments_from_file(path)


def test_that_one_line_of_cells_is_an_instrument_or_says_what_is_wrong_where() -> None:
    cells = {"code": "A.US", "name": "", "asset_class": "equity", "currency": "USD", "settlement": "funded"}
    instrument, wrong = instrument_from_cells(cells)
    assert instrument is not None
    assert (instrument.name, wrong) == ("A.US", {})
    instrument, wrong = instrument_from_cells({**cells, "currency": "dollars", "lot": "-1"})
    assert instrument is None
    assert set(wrong) == {"currency", "lot"}


def test_that_every_line_of_the_sample_is_its_own_cells_read_back() -> None:
    for instrument in instruments_from_file(assets.path("samples/instruments.csv")).values():
        assert instrument_from_cells(cells_of(instrument)) == (instrument, {})
