"""The history job: the cache first, the rest from AllTick, and no reference from a close that may be old."""

import threading
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from plimsoll.bridge.history_job import HistoryJob
from plimsoll.domain.instrument import AssetClass, Instrument, Settlement
from plimsoll.domain.method import RiskMethod
from plimsoll.engine.day_roll import DayRoll
from plimsoll.engine.scenario_window import PriceWindow
from plimsoll.engine.universe import Universe
from plimsoll.feed.alltick_rest import CallFailed, TokenRefused
from plimsoll.feed.daily_bars import DailyBars as FetchedBars

TUESDAY = datetime(2020, 2, 25, 15, tzinfo=UTC)
MONDAY_DAY = (datetime(2020, 2, 24, tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)).days
pytestmark = pytest.mark.logs_warnings  # what cannot be fetched is logged
CODES = ("AAPL.US", "EURUSD", "USDTUSD")


class ScriptedRest:
    """Answers daily bars from a table; what is not in it fails."""

    def __init__(self, last_day_by_code: dict[str, int], failure: Exception) -> None:
        self.last_day_by_code = last_day_by_code
        self.failure = failure
        self.asked: list[str] = []

    def daily_bars(self, code: str, _n: int, *, formed_before_ns: int | None = None) -> FetchedBars:
        self.asked.append(code)
        if code not in self.last_day_by_code:
            raise self.failure
        days = weekdays_to(self.last_day_by_code[code], 300)
        closes = 100.0 + np.arange(300) % 7
        return FetchedBars(code, days, closes, closes, closes, closes, closes)


def weekdays_to(day: int, n: int) -> np.ndarray:
    days = np.arange(day - 2 * n, day + 1)
    return days[(days + 3) % 7 < 5][-n:].astype(np.int64)


@pytest.fixture
def universe() -> Universe:
    share = Instrument(CODES[0], "Apple", AssetClass.EQUITY, "USD", Settlement.FUNDED)
    euro = Instrument(CODES[1], "Euro", AssetClass.FX, "USD", Settlement.UNFUNDED)
    peg = Instrument(CODES[2], "Tether", AssetClass.FX, "USD", Settlement.UNFUNDED, fixed_price=1.0)
    return Universe((share, euro, peg), 1, ("USD",), (0, 0, 0), ((),))


def run(universe: Universe, cache: Path, rest: ScriptedRest) -> tuple[list[PriceWindow], list[tuple]]:
    windows: list[PriceWindow] = []
    progress: list[tuple] = []
    job = HistoryJob(
        universe,
        RiskMethod(),
        cache,
        "test",
        lambda _stop: rest,  # type: ignore[arg-type, return-value]
        lambda: int(TUESDAY.timestamp()) * 10**9,
        DayRoll(),
    )
    job.load(threading.Event(), lambda *said: progress.append(said), windows.append)
    return windows, progress


def test_that_all_is_fetched_once_and_the_second_start_asks_nothing(universe: Universe, tmp_path) -> None:
    rest = ScriptedRest({CODES[0]: MONDAY_DAY, CODES[1]: MONDAY_DAY}, CallFailed("no"))
    windows, progress = run(universe, tmp_path / "h.sqlite", rest)
    assert [window.n_scenarios for window in windows] == [299]
    assert windows[0].stale == frozenset()
    assert progress[0] == (0, 2, "")
    assert progress[-1] == (2, 2, "")
    again = ScriptedRest({}, CallFailed("offline"))
    windows, progress = run(universe, tmp_path / "h.sqlite", again)
    assert again.asked == []
    assert [window.n_scenarios for window in windows] == [299]
    assert progress == [(2, 2, "")]


def test_that_an_old_cache_serves_at_once_and_what_fails_gives_the_day_no_reference(
    universe: Universe, tmp_path
) -> None:
    run(universe, tmp_path / "h.sqlite", ScriptedRest(dict.fromkeys(CODES, MONDAY_DAY - 7), CallFailed("no")))
    rest = ScriptedRest({CODES[0]: MONDAY_DAY}, CallFailed("no"))
    windows, _ = run(universe, tmp_path / "h.sqlite", rest)
    first, second = windows
    assert first.days[-1] == MONDAY_DAY - 7
    assert first.stale == {0, 1}
    assert second.days[-1] == MONDAY_DAY
    assert second.stale == {1}


def test_that_a_refused_token_leaves_what_the_cache_has(universe: Universe, tmp_path) -> None:
    run(universe, tmp_path / "h.sqlite", ScriptedRest(dict.fromkeys(CODES, MONDAY_DAY - 7), CallFailed("no")))
    windows, _ = run(universe, tmp_path / "h.sqlite", ScriptedRest({}, TokenRefused("401")))
    assert [window.n_scenarios for window in windows] == [299, 299]
    assert windows[-1].stale == {0, 1}


def test_that_an_empty_cache_hands_over_nothing_before_the_first_fetch(universe: Universe, tmp_path) -> None:
    windows, _ = run(universe, tmp_path / "h.sqlite", ScriptedRest({}, CallFailed("no")))
    assert [window.n_scenarios for window in windows] == [0]


def test_that_the_window_carries_the_volume_of_finished_days_and_none_of_a_currency(
    universe: Universe, tmp_path: Path
) -> None:
    rest = ScriptedRest({"AAPL.US": MONDAY_DAY, "EURUSD": MONDAY_DAY}, CallFailed("unused"))
    windows, _ = run(universe, tmp_path / "history.sqlite", rest)
    volumes = 100.0 + np.arange(300) % 7  # the scripted bars say the same of every column
    average = windows[-1].average_volume
    assert average is not None
    assert average[0] == np.median(volumes[-20:])
    assert np.isnan(average[1:]).all()
