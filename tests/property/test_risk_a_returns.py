"""The laws of returns, alignment, covariance and volatility."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from plimsoll.risk.alignment import align_closes
from plimsoll.risk.covariance import ewma_covariance, ledoit_wolf
from plimsoll.risk.first_passage import drawdown_touch_probability, loss_touch_probability
from plimsoll.risk.normal import normal_cdf
from plimsoll.risk.psd_repair import nearest_psd
from plimsoll.risk.returns import log_returns, overlapping_returns, simple_returns
from plimsoll.risk.stressed_period import stressed_window
from plimsoll.risk.volatility import ewma_volatility

PRICES = hnp.arrays(np.float64, st.integers(2, 60), elements=st.floats(0.01, 1e6))
RETURN = st.floats(-0.2, 0.2).map(lambda x: round(x, 6))


@settings(deadline=None)
@given(PRICES)
def test_that_compounding_leads_back_to_the_last_price(prices: np.ndarray) -> None:
    returns = simple_returns(prices)
    assert prices[0] * np.prod(1 + returns) == pytest.approx(prices[-1], rel=1e-6)
    assert prices[0] * np.exp(log_returns(prices).sum()) == pytest.approx(prices[-1], rel=1e-9)
    whole = overlapping_returns(returns, days=returns.shape[0])[0]
    assert 1 + whole == pytest.approx(prices[-1] / prices[0], rel=1e-6)


@settings(deadline=None)
@given(PRICES, st.floats(1e-3, 1e3))
def test_that_the_currency_unit_leaves_returns_alone(prices: np.ndarray, unit: float) -> None:
    assert simple_returns(prices * unit) == pytest.approx(simple_returns(prices), rel=1e-9, abs=1e-9)


CLOSES = st.dictionaries(
    st.tuples(st.integers(19_000, 19_040), st.integers(0, 3)), st.floats(0.5, 2.0), min_size=1, max_size=120
)


@settings(deadline=None)
@given(CLOSES, st.integers(0, 7))
def test_that_every_aligned_price_is_a_close_that_was_young_enough(
    closes: dict[tuple[int, int], float], cap: int
) -> None:
    days, assets = zip(*closes, strict=True)
    calendar = list(range(min(days), max(days) + 2))
    aligned = align_closes(days, assets, list(closes.values()), 4, calendar=calendar, max_carry_days=cap)
    n_carried = np.zeros(4, dtype=int)
    for row, day in enumerate(calendar):
        for asset in range(4):
            age = next((back for back in range(cap + 1) if (day - back, asset) in closes), None)
            if age is None:
                assert np.isnan(aligned.prices[row, asset])
            else:
                assert aligned.prices[row, asset] == closes[day - age, asset]
                n_carried[asset] += age > 0
    assert aligned.n_carried.tolist() == n_carried.tolist()
    n_missing = sum(gap.n_days for gap in aligned.gaps)
    alive = (aligned.calendar[:, None] >= aligned.first_day) & (aligned.calendar[:, None] <= aligned.last_day)
    assert n_missing == int((np.isnan(aligned.prices) & alive & (aligned.first_day >= 0)).sum())


@settings(deadline=None)
@given(CLOSES)
def test_that_the_shared_calendar_has_no_weekend_and_no_minority_day(
    closes: dict[tuple[int, int], float],
) -> None:
    days, assets = zip(*closes, strict=True)
    own = {asset: [day for day, one in closes if one == asset] for asset in set(assets)}
    expected = [
        day
        for day in sorted(set(days))
        if (day + 3) % 7 < 5
        and 2 * sum(day in each for each in own.values())
        >= sum(min(each) <= day <= max(each) for each in own.values())
    ]
    assume(len(expected) >= 2)
    aligned = align_closes(days, assets, list(closes.values()), 4)
    assert aligned.calendar.tolist() == expected


@st.composite
def tables(draw: st.DrawFn) -> np.ndarray:
    shape = (draw(st.integers(3, 30)), draw(st.integers(1, 6)))
    return draw(hnp.arrays(np.float64, shape, elements=RETURN))


@settings(deadline=None)
@given(tables(), st.floats(0.5, 0.99))
def test_that_the_diagonal_of_ewma_covariance_is_ewma_volatility(returns: np.ndarray, decay: float) -> None:
    variance = np.diag(ewma_covariance(returns, decay=decay))
    assert ewma_volatility(returns, decay)[-1] ** 2 == pytest.approx(variance, rel=1e-9, abs=1e-15)


@settings(deadline=None)
@given(tables())
def test_that_shrinking_stays_between_sample_and_target(returns: np.ndarray) -> None:
    shrunk = ledoit_wolf(returns)
    assert 0.0 <= shrunk.intensity <= 1.0
    sample = np.atleast_2d(np.cov(returns.T, ddof=1))
    assert np.trace(shrunk.covariance) == pytest.approx(np.trace(sample), rel=1e-9, abs=1e-15)
    assert np.linalg.eigvalsh(shrunk.covariance)[0] >= np.linalg.eigvalsh(sample)[0] - 1e-12


@settings(deadline=None)
@given(hnp.arrays(np.float64, (4, 4), elements=st.floats(-1, 1)))
def test_that_repairing_twice_repairs_once(values: np.ndarray) -> None:
    even = values + values.T
    repair = nearest_psd(even)
    scale = 1e-9 * (1 + np.abs(even).max())
    assert np.linalg.eigh(repair.matrix)[0][0] >= -scale
    assert repair.distance == pytest.approx(float(np.linalg.norm(repair.clipped)), abs=10 * scale)
    assert nearest_psd(repair.matrix).distance <= scale


@settings(deadline=None)
@given(st.floats(0.1, 5), st.floats(-1.5, 1.5), st.floats(0.2, 3), st.floats(0.05, 20))
def test_that_touching_is_likelier_than_ending_beyond_and_less_likely_than_a_drawdown(
    limit: float, mean: float, volatility: float, days: float
) -> None:
    assume(abs(mean) * limit / volatility**2 < 14)
    options = {"mean": mean, "volatility": volatility, "days": days}
    ended = normal_cdf((-limit - mean * days) / (volatility * days**0.5))
    touched = loss_touch_probability(limit, **options)
    assert ended - 1e-12 <= touched <= drawdown_touch_probability(limit, **options) + 1e-7 <= 1 + 1e-6


@settings(deadline=None)
@given(hnp.arrays(np.float64, st.integers(20, 60), elements=st.floats(-1e6, 1e6)), st.integers(4, 20))
def test_that_a_longer_history_is_never_less_stressed(pnl: np.ndarray, window: int) -> None:
    full = stressed_window(pnl, confidence=0.75, window_days=window)
    part = stressed_window(pnl[:-1] if pnl.shape[0] > window else pnl, confidence=0.75, window_days=window)
    assert full.es >= part.es - 1e-6
