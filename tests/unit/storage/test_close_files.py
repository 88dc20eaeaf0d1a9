"""A file of closes is taken whole or refused with every complaint."""

from pathlib import Path

import pytest

from plimsoll.domain.errors import FileRefused
from plimsoll.domain.instrument import AssetClass, Instrument, Settlement
from plimsoll.storage.bundled_history import bundled_history
from plimsoll.storage.close_files import closes_from_csv

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
