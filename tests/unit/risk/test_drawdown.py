import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from plimsoll.risk.arrays import FloatArray
from plimsoll.risk.drawdown import (
    average_drawdown,
    cdar,
    drawdown_table,
    drawdowns,
    max_drawdown,
    ulcer_index,
)
from plimsoll.risk.errors import InsufficientHistory, NotFinite, NotPositive, OutOfRange

REFERENCE = Path(__file__).parents[2] / "reference"
EQUITY = [110.0, 105.0, 120.0, 90.0, 95.0, 125.0]


def monthly(file: str, name: str) -> FloatArray:
    with (REFERENCE / file).open() as rows:
        return np.array([float(row[name]) for row in csv.DictReader(rows)])


def test_that_the_drawdown_table_of_ham1_is_the_published_one() -> None:
    equity = np.cumprod(1.0 + monthly("ham1_monthly.csv", "return_fraction"))
    rows = drawdown_table(equity, 3, start=1.0)
    assert [round(row.depth, 4) for row in rows] == [0.1518, 0.1239, 0.0412]
    assert [row.length for row in rows] == [18, 11, 7]
    assert [row.to_trough for row in rows] == [13, 4, 2]
    assert [row.trough_to_recovery for row in rows] == [5, 7, 5]
    # January 1996 is instant 1: the peak of the first is January 2002, the trough February 2003.
    assert (rows[0].peak, rows[0].trough, rows[0].recovery) == (73, 86, 91)


def test_that_bacons_pain_index_is_met_to_the_printed_digits() -> None:
    equity = np.cumprod(1.0 + monthly("bacon_portfolio_monthly.csv", "return_percent") / 100.0)
    assert round(average_drawdown(drawdowns(equity, start=1.0)), 2) == 0.04


def test_that_the_start_is_a_peak_and_not_an_observation() -> None:
    assert drawdowns([90.0, 95.0], start=100.0) == pytest.approx([0.10, 0.05])
    assert drawdowns([90.0, 95.0]) == pytest.approx([0.0, 0.0])
    assert max_drawdown([90.0, 95.0], start=100.0) == pytest.approx(0.10)


def test_that_the_lowest_value_is_not_the_drawdown() -> None:
    path = [0.0, 10.0, 30.0, 12.0, 5.0, -2.0, 8.0, 31.0]
    assert max_drawdown(path, relative=False) == 32.0
    assert round(max_drawdown([100.0 + step for step in path]), 3) == 0.246


def test_that_an_equity_below_zero_has_lost_more_than_all() -> None:
    assert max_drawdown([100.0, -50.0]) == 1.5


def test_that_a_share_of_a_high_at_or_below_zero_is_refused() -> None:
    with pytest.raises(NotPositive, match="first high"):
        drawdowns([0.0, 10.0])
    assert drawdowns([0.0, -10.0], relative=False).tolist() == [0.0, 10.0]


def test_that_the_peak_is_the_last_instant_at_the_high_and_the_trough_the_first_at_the_low() -> None:
    row = drawdown_table([100.0, 100.0, 80.0, 80.0, 100.0])[0]
    assert (row.peak, row.trough, row.recovery) == (1, 2, 4)
    assert (row.length, row.to_trough, row.trough_to_recovery) == (3, 1, 2)


def test_that_a_fall_still_open_has_no_recovery() -> None:
    row = drawdown_table([100.0, 90.0, 95.0])[0]
    assert (row.peak, row.trough, row.recovery, row.trough_to_recovery, row.length) == (0, 1, None, None, 2)


def test_that_a_fall_at_the_last_instant_is_told() -> None:
    assert [row.recovery for row in drawdown_table([100.0, 90.0, 100.0, 99.0])] == [2, None]


def test_that_the_table_is_deepest_first_and_ties_are_oldest_first() -> None:
    rows = drawdown_table([100.0, 90.0, 100.0, 80.0, 100.0, 90.0, 100.0], relative=False)
    assert [(row.peak, row.depth) for row in rows] == [(2, 20.0), (0, 10.0), (4, 10.0)]


def test_that_top_limits_the_rows() -> None:
    assert len(drawdown_table(EQUITY, 1)) == 1
    assert drawdown_table(EQUITY, 0) == ()
    assert len(drawdown_table(EQUITY, 99)) == 2
    with pytest.raises(OutOfRange, match="top"):
        drawdown_table(EQUITY, -1)


def test_that_a_path_that_never_fell_has_no_rows_and_no_drawdown() -> None:
    assert drawdown_table([1.0, 1.0, 2.0]) == ()
    assert max_drawdown([1.0, 1.0, 2.0]) == 0.0
    assert drawdown_table([1.0]) == ()


def test_that_cdar_fills_its_tail_to_the_fraction() -> None:
    series = [0.0, 0.1, 0.2, 0.3, 0.4]
    assert cdar(series, confidence=0.5) == pytest.approx((0.4 + 0.3 + 0.5 * 0.2) / 2.5)
    assert cdar(series, confidence=0.8) == pytest.approx(0.4)


def test_that_cdar_runs_from_the_average_to_the_deepest() -> None:
    series = drawdowns(EQUITY, start=100.0)
    assert cdar(series, confidence=0.0) == pytest.approx(average_drawdown(series))
    assert cdar(series, confidence=0.99) == pytest.approx(0.25)


@pytest.mark.parametrize("measure", [average_drawdown, ulcer_index, lambda s: cdar(s, confidence=0.9)])
def test_that_a_series_must_be_drawdowns(measure: Callable[..., object]) -> None:
    with pytest.raises(InsufficientHistory):
        measure([])
    with pytest.raises(OutOfRange, match="lowest entry"):
        measure([-0.1, 0.2])
    with pytest.raises(NotFinite):
        measure([0.1, np.nan])


def test_that_bad_paths_and_levels_are_refused_by_name() -> None:
    with pytest.raises(InsufficientHistory):
        drawdowns([])
    with pytest.raises(NotFinite):
        max_drawdown([1.0, np.nan])
    with pytest.raises(OutOfRange, match="start"):
        drawdowns([1.0], start=np.nan)
    with pytest.raises(OutOfRange, match="confidence"):
        cdar([0.1], confidence=1.0)
