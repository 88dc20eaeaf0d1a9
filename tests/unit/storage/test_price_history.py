import sqlite3
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from plimsoll.storage.price_history import DailyBars, HistoryUnavailable, PriceHistory

NAN = float("nan")


def bars(*closes: float, first_day: int = 18_000) -> DailyBars:
    close = np.array(closes, dtype=np.float64)
    days = first_day + np.arange(len(closes), dtype=np.int64)
    return DailyBars(days, close - 1, close + 1, close - 2, close, np.full(len(closes), NAN))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "history.sqlite"


@pytest.fixture
def history(path: Path) -> Iterator[PriceHistory]:
    history = PriceHistory(path)
    yield history
    history.close()


def test_that_bars_come_back_as_they_were_with_source_and_time(history: PriceHistory) -> None:
    assert history.put("AAPL.US", bars(10.0, 11.0), source="alltick", fetched_time_ns=7) == 2
    cached = history.get("AAPL.US")
    assert cached.bars.days.tolist() == [18_000, 18_001]
    assert cached.bars.open.tolist() == [9.0, 10.0]
    assert cached.bars.high.tolist() == [11.0, 12.0]
    assert cached.bars.low.tolist() == [8.0, 9.0]
    assert cached.bars.close.tolist() == [10.0, 11.0]
    assert np.isnan(cached.bars.volume).all()
    assert cached.sources == ("alltick", "alltick")
    assert cached.fetched_time_ns.tolist() == [7, 7]


def test_that_a_second_start_finds_what_the_first_kept(path: Path) -> None:
    first = PriceHistory(path)
    first.put("GOLD", bars(1600.0), source="alltick", fetched_time_ns=1)
    first.close()
    second = PriceHistory(path)
    assert second.get("GOLD").bars.close.tolist() == [1600.0]
    second.close()


def test_that_what_was_seen_is_kept_when_a_later_request_serves_less(history: PriceHistory) -> None:
    history.put("GOLD", bars(1.0, 2.0, 3.0), source="alltick", fetched_time_ns=1)
    history.put("GOLD", bars(3.5, 4.0, first_day=18_002), source="alltick", fetched_time_ns=2)
    assert history.get("GOLD").bars.close.tolist() == [1.0, 2.0, 3.5, 4.0]


def test_that_the_forming_bar_gives_way_to_the_newer_fetch_and_never_to_an_older_one(
    history: PriceHistory,
) -> None:
    history.put("GOLD", bars(5.0), source="alltick", fetched_time_ns=10)
    history.put("GOLD", bars(6.0), source="alltick", fetched_time_ns=20)
    history.put("GOLD", bars(4.0), source="alltick", fetched_time_ns=15)
    assert history.get("GOLD").bars.close.tolist() == [6.0]


def test_that_sources_never_overwrite_each_other(history: PriceHistory) -> None:
    history.put("GOLD", bars(5.0), source="live", fetched_time_ns=10)
    history.put("GOLD", bars(7.0, 8.0), source="demo", fetched_time_ns=20)
    assert history.get("GOLD", source="live").bars.close.tolist() == [5.0]
    assert history.get("GOLD", source="demo").bars.close.tolist() == [7.0, 8.0]
    assert history.get("GOLD").bars.close.tolist() == [7.0, 8.0]
    assert history.closes(["GOLD"], source="live").closes.tolist() == [5.0]
    assert history.newest_days(["GOLD"], source="live") == {"GOLD": 18_000}


def test_that_a_bar_without_a_finite_close_is_left_out(history: PriceHistory) -> None:
    assert history.put("GOLD", bars(NAN, 2.0, float("inf")), source="alltick", fetched_time_ns=1) == 1
    assert history.get("GOLD").bars.days.tolist() == [18_001]


def test_that_a_close_below_zero_is_kept(history: PriceHistory) -> None:
    history.put("USOIL", bars(-36.98), source="alltick", fetched_time_ns=1)
    assert history.get("USOIL").bars.close.tolist() == [-36.98]


def test_that_closes_are_by_day_then_code_with_places_in_what_was_asked(history: PriceHistory) -> None:
    history.put("B", bars(20.0, 21.0), source="alltick", fetched_time_ns=1)
    history.put("A", bars(11.0, first_day=18_001), source="alltick", fetched_time_ns=1)
    history.put("C", bars(99.0), source="alltick", fetched_time_ns=1)
    found = history.closes(["A", "missing", "B"])
    assert found.day_numbers.tolist() == [18_000, 18_001, 18_001]
    assert found.code_index.tolist() == [2, 0, 2]
    assert found.closes.tolist() == [20.0, 11.0, 21.0]


def test_that_more_codes_than_one_question_takes_are_all_answered(history: PriceHistory) -> None:
    codes = [f"C{number}" for number in range(1100)]
    for code in codes:
        history.put(code, bars(1.0), source="alltick", fetched_time_ns=1)
    assert len(history.closes(codes).closes) == 1100


def test_that_nothing_kept_is_empty_columns(history: PriceHistory) -> None:
    assert len(history.get("GOLD").bars) == 0
    assert history.get("GOLD").sources == ()
    found = history.closes(["GOLD"])
    assert (found.day_numbers.shape, found.code_index.shape, found.closes.shape) == ((0,), (0,), (0,))
    assert history.closes([]).closes.shape == (0,)
    assert history.newest_days(["GOLD"]) == {}


def test_that_two_may_be_open_on_one_file(history: PriceHistory, path: Path) -> None:
    other = PriceHistory(path)
    other.put("GOLD", bars(5.0), source="alltick", fetched_time_ns=1)
    assert history.get("GOLD").bars.close.tolist() == [5.0]
    other.close()


def test_that_bars_are_kept_all_or_none(history: PriceHistory) -> None:
    history._connection.execute(
        "CREATE TRIGGER no_third BEFORE INSERT ON bar WHEN NEW.day = 18002 BEGIN SELECT RAISE(ABORT, ''); END"
    )
    with pytest.raises(HistoryUnavailable, match="bars of GOLD were not kept"):
        history.put("GOLD", bars(1.0, 2.0, 3.0), source="alltick", fetched_time_ns=1)
    assert len(history.get("GOLD").bars) == 0


def test_that_a_newer_file_and_a_file_of_another_kind_are_refused(path: Path, tmp_path: Path) -> None:
    PriceHistory(path).close()
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 2")
    connection.close()
    with pytest.raises(HistoryUnavailable, match=r"newer Plimsoll .form 2, this one knows 1"):
        PriceHistory(path)
    other = tmp_path / "other.sqlite"
    other.write_bytes(b"not a database" * 100)
    with pytest.raises(HistoryUnavailable, match="could not be opened"):
        PriceHistory(other)
    with pytest.raises(HistoryUnavailable, match="could not be opened"):
        PriceHistory(tmp_path)


def test_that_a_closed_cache_says_so(history: PriceHistory) -> None:
    history.close()
    with pytest.raises(HistoryUnavailable, match="could not be read"):
        history.get("GOLD")


def test_that_volumes_come_back_from_a_day_on_and_are_nan_where_a_bar_had_none(history: PriceHistory) -> None:
    closes = np.full(3, 10.0)
    volume = np.array([100.0, NAN, 300.0])
    days = np.array([18_000, 18_001, 18_002], dtype=np.int64)
    history.put(
        "AAPL.US", DailyBars(days, closes, closes, closes, closes, volume), source="a", fetched_time_ns=1
    )
    history.put("GOLD", bars(1600.0, first_day=18_002), source="b", fetched_time_ns=1)
    found = history.volumes(["GOLD", "AAPL.US"], since_day=18_001)
    assert found.day_numbers.tolist() == [18_001, 18_002, 18_002]
    assert found.code_index.tolist() == [1, 0, 1]
    assert np.isnan(found.volumes).tolist() == [True, True, False]
    assert found.volumes[2] == 300.0
    assert history.volumes(["AAPL.US"], since_day=0, source="b").volumes.size == 0
