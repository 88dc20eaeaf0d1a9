"""Sampling error of any figure by drawing the scenarios anew, with replacement."""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from plimsoll.risk.arrays import FloatArray, within
from plimsoll.risk.errors import InsufficientHistory, OutOfRange
from plimsoll.risk.quantile import profits
from plimsoll.risk.risk_interval import RiskInterval


def bootstrap_interval(
    pnl: ArrayLike,
    figure: Callable[[FloatArray], float],
    *,
    coverage: float = 0.90,
    n_resamples: int = 1_000,
    seed: int = 0,
) -> RiskInterval:
    """Return the percentile interval of a risk figure over resampled scenarios.

    Parameters
    ----------
    pnl : array_like of shape (n_scenarios,)
        Profits in base currency, taken as independent.
    figure : callable
        Takes profits of the same shape, returns a loss.
    coverage : float
        In (0, 1), split evenly between the two sides.
    n_resamples : int
        At least 100.
    seed : int
        The same seed gives the same interval.

    Returns
    -------
    RiskInterval
        Its coverage is the nominal one.

    Raises
    ------
    InsufficientHistory
        If there is no scenario.
    NotFinite, ShapeMismatch, OutOfRange
        If `pnl` is no finite vector, the coverage not in (0, 1), or the resamples too few.

    References
    ----------
    Efron and Tibshirani, "An Introduction to the Bootstrap", Chapman and Hall, 1993, chapter 13.
    """
    profit = profits(pnl)
    n_scenarios = profit.shape[0]
    if n_scenarios == 0:
        raise InsufficientHistory(
            "pnl was empty, expected at least one scenario", n_observations=0, n_needed=1
        )
    one_side = 0.5 * (1.0 - within(coverage, "coverage", 0.0, 1.0))
    if n_resamples < 100:
        raise OutOfRange(f"n_resamples was {n_resamples}, expected at least 100")
    draws = np.random.default_rng(seed)
    figures = [figure(draws.choice(profit, n_scenarios)) for _ in range(n_resamples)]
    low, high = np.quantile(figures, [one_side, 1.0 - one_side])
    return RiskInterval(float(low), float(high), coverage)
