"""A file of closes is taken whole or refused with every complaint."""

import sys
from datetime import date, datetime
from pathlib import Path

import pytest

from plimsoll.domain.errors import FileRefused
from plimsoll.domain.instrument import AssetClass, Instrument, Settlement
from plimsoll.storage.bundled_history import bundled_history
from plimsoll.storage.close_files import closes_from_csv, closes_from_file, own_history_files

MASTER = {
    "A.US": Instrument("A.US", "A", AssetClass.EQUITY, "USD", Settlement.FUNDED),
    "USOIL": Instrument(
        "USOIL", "Oil", AssetClass.COMMODITY, "USD", Settlement.UNFUNDED, may_be_negative=True
    ),
}
GOOD = "date,code,close\n1970-01-02,USOIL,-36.98\n1970-01-03,A.US,10.5\n1970-01-02,A.US,10\n"


def test_that_closes_are_read_with_their_days_and_the_file_as_source(tmp_path: Path) -> None:
    path = tmp_path / "own.csv"
    path.write_text(GOOD)
    columns = closes_from_csv(path, MASTER)
    assert (columns.source, columns.codes) == ("own.csv", ("A.US", "USOIL"))
    rows = zip(
        columns.code_index.tolist(), columns.day_numbers.tolist(), columns.closes.tolist(), strict=True
    )
    assert sorted(rows) == [(0, 1, 10.0), (0, 2, 10.5), (1, 1, -36.98)]


@pytest.mark.parametrize(
    ("was", "becomes", "words"),
    [
        ("1970-01-03", "03.01.1970", "a date such as"),
        ("1970-01-03", "19700103", "a date such as"),
        ("1970-01-03", "1970-01-02", "one close a day for A.US"),
        ("A.US,10.5", "B.US,10.5", "a code of the instrument master"),
        ("A.US,10.5", "A.US,0", "a price above zero"),
        ("A.US,10.5", "A.US,-1", "a price above zero"),
        ("A.US,10.5", 'A.US,"10,5"', "a point before the decimals"),
        ("date,code,close", "date,code", "a column close"),
    ],
)
def test_that_a_fault_is_named_with_its_line(tmp_path: Path, was: str, becomes: str, words: str) -> None:
    path = tmp_path / "own.csv"
    path.write_text(GOOD.replace(was, becomes))
    with pytest.raises(FileRefused, match=words):
        closes_from_csv(path, MASTER)


def test_that_a_file_without_closes_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "own.csv"
    path.write_text("date,code,close\n")
    with pytest.raises(FileRefused, match="without closes"):
        closes_from_csv(path, MASTER)


def test_that_the_bundled_history_has_negative_oil() -> None:
    columns = bundled_history(Path(__file__).parents[3] / "resources" / "market" / "closes.npz")
    oil = columns.code_index == columns.codes.index("USOIL")
    assert columns.closes[oil].min() == -36.98
    assert columns.source == "bundled"


def parquet_of(path: Path, columns: dict[str, list[object]]) -> Path:
    pyarrow = pytest.importorskip("pyarrow", reason="the extra parquet is not installed")
    from pyarrow import parquet

    parquet.write_table(pyarrow.table(columns), path)
    return path


def test_that_a_parquet_file_gives_the_same_closes_as_its_csv(tmp_path: Path) -> None:
    csv = tmp_path / "own.csv"
    csv.write_text(GOOD)
    days = [date(1970, 1, 2), date(1970, 1, 3), date(1970, 1, 2)]
    cells = {"code": ["USOIL", "A.US", "A.US"], "close": [-36.98, 10.5, 10.0], "x_note": [1, 2, 3]}
    moments = [datetime(day.year, day.month, day.day, 16) for day in days]  # noqa: DTZ001  as files have them
    for number, dates in enumerate((days, moments, [str(day) for day in days])):
        path = parquet_of(tmp_path / f"own{number}.parquet", {"date": dates, **cells})
        ours, theirs = closes_from_file(path, MASTER), closes_from_file(csv, MASTER)
        assert ours.codes == theirs.codes
        assert ours.day_numbers.tolist() == theirs.day_numbers.tolist()
        assert ours.closes.tolist() == theirs.closes.tolist()


@pytest.mark.parametrize(
    ("column", "cells", "words"),
    [
        ("date", [None, "1970-01-03"], "row 1, column date: was 'None', expected a date such as"),
        (
            "code",
            ["A.US", "B.US"],
            "row 2, column code: was 'B.US', expected a code of the instrument master",
        ),
        ("close", [1.0, float("nan")], "row 2, column close: was 'nan', expected a price above zero"),
        ("close", ["1", "2"], "row 1, column close: was '1'"),
        ("date", ["1970-01-02", "1970-01-02"], "one close a day for A.US"),
    ],
)
def test_that_a_fault_in_parquet_is_named_with_its_row(
    tmp_path: Path, column: str, cells: list[object], words: str
) -> None:
    good = {"date": ["1970-01-02", "1970-01-03"], "code": ["A.US", "A.US"], "close": [1.0, 2.0]}
    path = parquet_of(tmp_path / "own.pq", {**good, column: cells})
    with pytest.raises(FileRefused) as refusal:
        closes_from_file(path, MASTER)
    assert words in str(refusal.value)


def test_that_a_damaged_parquet_file_and_one_without_a_column_are_refused(tmp_path: Path) -> None:
    lacking = parquet_of(tmp_path / "lacking.parquet", {"date": ["1970-01-02"], "code": ["A.US"]})
    with pytest.raises(FileRefused, match="a column close"):
        closes_from_file(lacking, MASTER)
    damaged = tmp_path / "damaged.parquet"
    damaged.write_bytes(b"PAR1 and then nothing")
    with pytest.raises(FileRefused, match="write it anew"):
        closes_from_file(damaged, MASTER)


def test_that_without_the_extra_a_parquet_file_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(FileRefused, match="the extra `parquet`"):
        closes_from_file(tmp_path / "own.parquet", MASTER)


def test_that_a_folder_gives_its_files_by_name_and_nothing_twice(tmp_path: Path) -> None:
    for name in ("b.csv", "a.parquet", "notes.txt"):
        (tmp_path / name).write_text("")
    named = (tmp_path / "b.csv", tmp_path, tmp_path / "gone.csv")
    assert [path.name for path in own_history_files(named)] == ["b.csv", "a.parquet", "gone.csv"]
