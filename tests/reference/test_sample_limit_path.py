"""The tuner's path of the sample book is what the limits file says of February 2020."""

from pathlib import Path

import pytest

from plimsoll.domain.crisis_window import date_of
from plimsoll.domain.method import RiskMethod
from plimsoll.domain.tuning import MeasurePath
from plimsoll.engine.ledger import Ledger
from plimsoll.engine.limit_path import limit_path
from plimsoll.engine.limit_tuning import tuned
from plimsoll.engine.study_book import study_book
from plimsoll.engine.study_history import study_history
from plimsoll.engine.study_pnl import book_series
from plimsoll.engine.universe import universe_of
from plimsoll.storage.bundled_history import bundled_history
from plimsoll.storage.limits_file import limits_from_file
from plimsoll.storage.portfolio_file import book_from_files

RESOURCES = Path(__file__).parents[2] / "resources"
SAMPLES = RESOURCES / "samples"
FRIDAY, MONDAY = 18313, 18316  # 2020-02-21 and 24


def path_until(day: int, limit_id: str) -> MeasurePath:
    """Return the path of a limit of the samples under the book of that Friday, up to a day."""
    book, master = book_from_files(SAMPLES / "instruments.csv", SAMPLES / "positions.csv", "USD")
    universe = universe_of(book, master)
    history = study_history([bundled_history(RESOURCES / "market" / "closes.npz")], universe.codes, master)
    mark = history.closes[history.row_at(FRIDAY), : len(universe.codes)]
    ledger = Ledger(universe, book)
    ledger.revalue(mark)
    today = study_book(universe, ledger, mark)
    limits = {limit.limit_id: limit for limit in limits_from_file(SAMPLES / "limits.toml")}
    series = book_series(today, history.until(day), 560)
    return limit_path(limits[limit_id], today, series, master, RiskMethod(), n_days=60, n_window=500)


def test_that_monday_costs_the_book_what_the_limits_file_says_and_breaks_the_daily_loss() -> None:
    path = path_until(MONDAY, "daily-loss-nav")
    assert date_of(int(path.days[-1])).isoformat() == "2020-02-24"
    assert path.values[-1, 0] == pytest.approx(0.0306, abs=0.00005)
    assert tuned(path, path.limit).crossings.raised_day.tolist()[-1] == MONDAY


def test_that_var_on_the_friday_is_the_share_of_nav_that_the_limits_file_says() -> None:
    path = path_until(FRIDAY, "var-nav")
    assert path.values[-1, 0] == pytest.approx(0.0161, abs=0.0001)
    assert tuned(path.last(1), path.limit).n_breaches == 0
