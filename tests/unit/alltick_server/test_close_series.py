"""The user's own closes: what is taken, and how a bad file is refused."""

import gzip
from pathlib import Path

import pytest

from plimsoll.alltick_server.close_series import BadMarketFile, CloseSeries, closes_from_file

HEAD = "date,symbol,close\n"


def read(tmp_path: Path, text: str) -> dict[str, CloseSeries]:
    path = tmp_path / "mine.csv"
    path.write_text(text, encoding="utf-8")
    return {one.listing.code: one for one in closes_from_file(path)}


def test_that_any_order_of_rows_and_any_calendar_is_taken(tmp_path: Path) -> None:
    series = read(tmp_path, HEAD + "2021-01-06,AAPL,12\n2021-01-02,BTCUSD,30000\n2021-01-04,AAPL,10\n")
    assert series["AAPL.US"].close.tolist() == [10.0, 12.0]
    assert series["BTCUSDT"].day.tolist() == [18629]
    assert series["BTCUSDT"].listing.stands_for == "BTCUSD"


def test_that_a_byte_order_mark_gzip_and_further_columns_do_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv.gz"
    path.write_bytes(gzip.compress("\ufeffdate,note,symbol,close\n2021-01-04,x,AAPL,10\n".encode()))
    assert [one.listing.code for one in closes_from_file(path)] == ["AAPL.US"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", ["line 1", "column date"]),
        ("date,symbol\n", ["line 1", "column close"]),
        (HEAD, ["held no closes"]),
        (HEAD + "2021-01-04,AAPL\n", ["line 2", "column close", "missing"]),
        (HEAD + "2021-01-04,AAPL,10\n2021-13-04,AAPL,10\n", ["line 3", "column date", "'2021-13-04'"]),
        (HEAD + "2021-01,AAPL,10\n", ["line 2", "column date", "'2021-01'"]),
        (HEAD + "04.01.2021,AAPL,10\n", ["line 2", "column date", "'04.01.2021'"]),
        (HEAD + "2021-01-04,AAPL,ten\n", ["line 2", "column close", "'ten'"]),
        (HEAD + "2021-01-04,AAPL,nan\n", ["line 2", "column close", "'nan'"]),
        (HEAD + "2021-01-04,AAPL,\n", ["line 2", "column close", "''"]),
        (HEAD + "2021-01-04,,1\n", ["line 2", "column symbol"]),
        (HEAD + "2021-01-04,AAPL,1\n2021-01-04,AAPL,2\n", ["line 3", "column date", "twice"]),
        (HEAD + "2021-01-04,AAPL,1\n2021-01-05,AAPL.US,2\n", ["line 3", "column symbol", "'AAPL'"]),
    ],
)
def test_that_a_complaint_names_line_column_value_and_what_was_expected(
    tmp_path: Path, text: str, words: list[str]
) -> None:
    with pytest.raises(BadMarketFile) as bad:
        read(tmp_path, text)
    assert all(word in str(bad.value) for word in ["mine.csv", "expected", *words])
    assert "\n" not in str(bad.value)


def test_that_a_missing_or_binary_file_is_refused_by_name(tmp_path: Path) -> None:
    broken = tmp_path / "broken.csv.gz"
    broken.write_bytes(b"no gzip")
    latin = tmp_path / "latin.csv"
    latin.write_bytes(HEAD.encode() + "2021-01-04,Müller,1\n".encode("latin-1"))
    for path in (tmp_path / "nowhere.csv", broken, latin):
        with pytest.raises(BadMarketFile, match=path.name):
            closes_from_file(path)
