"""Laws of simulated bars: real closes, prices in order, size of the day's own move."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plimsoll.alltick_server.close_series import Bars, CloseSeries, bundled_closes
from plimsoll.alltick_server.daily_bar import daily_bars, day_sigma
from plimsoll.alltick_server.listing import listing


def series_of(closes: list[float], published: Bars | None = None) -> CloseSeries:
    days = np.arange(100, 100 + len(closes), dtype=np.int32)
    return CloseSeries(listing("AAPL.US"), days, np.array(closes, np.float64), published)


@given(st.lists(st.floats(0.01, 1e5), min_size=1, max_size=60), st.integers(0, 1000))
def test_that_low_and_high_hold_open_and_close_and_a_positive_price_stays_positive(
    closes: list[float], seed: int
) -> None:
    bars = daily_bars(series_of(closes), seed)
    assert np.all(bars.low <= np.minimum(bars.open, bars.close))
    assert np.all(bars.high >= np.maximum(bars.open, bars.close))
    assert np.all(bars.low > 0)
    assert np.array_equal(bars.close, np.array(closes))


@given(st.lists(st.floats(-50, 50), min_size=1, max_size=60))
def test_that_a_series_may_pass_through_zero(closes: list[float]) -> None:
    bars = daily_bars(series_of(closes), 1)
    assert np.all(np.isfinite(bars.low) & np.isfinite(bars.high) & np.isfinite(bars.open))


def test_that_the_same_seed_gives_the_same_bars_and_another_seed_others() -> None:
    oil = next(one for one in bundled_closes() if one.listing.code == "USOIL")
    first, again, other = (daily_bars(oil, seed) for seed in (1, 1, 2))
    assert np.array_equal(first.high, again.high)
    assert not np.array_equal(first.high, other.high)


def test_that_published_bars_are_kept() -> None:
    published = Bars(np.array([101], np.int32), np.array([[10.5, 12.0, 9.0, 777.0]]))
    bars = daily_bars(series_of([10.0, 11.0, 10.0], published), 1)
    assert (bars.open[1], bars.high[1], bars.low[1], bars.volume[1]) == (10.5, 12.0, 9.0, 777.0)


def test_that_simulated_ranges_are_of_the_size_of_real_ones() -> None:
    """Simulated against published ranges of four shares over twenty years: the median within a quarter."""
    for code in ("AAPL.US", "BAC.US", "IBM.US", "SPY.US"):
        one = next(series for series in bundled_closes() if series.listing.code == code)
        real = daily_bars(one, 3)
        simulated = daily_bars(CloseSeries(one.listing, one.day, one.close), 3)
        _, at, _ = np.intersect1d(one.day, one.published.day, return_indices=True)
        ratios = [np.median((bars.high[at] - bars.low[at]) / one.close[at]) for bars in (real, simulated)]
        assert ratios[1] / ratios[0] == pytest.approx(1.0, abs=0.25), code


def test_that_sigma_follows_the_days_own_move_and_the_recent_ones() -> None:
    calm, wild = (
        day_sigma(np.array([100.0] * 30 + [100.5])),
        day_sigma(np.array([100.0, 90.0] * 15 + [100.0])),
    )
    assert calm[-1] < 1.0
    assert wild[-1] > 8.0
    assert np.all(calm > 0)


def test_that_a_row_is_found_by_its_day_and_a_gap_is_none() -> None:
    bars = daily_bars(series_of([1.0, 2.0]), 0)
    assert (bars.row_of(101), bars.row_of(99), bars.row_of(102)) == (1, None, None)
    assert (bars.n_before(100), bars.n_before(101), bars.n_before(500)) == (0, 1, 2)
