"""Which pairs of assets have lately stopped moving together as they used to."""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from plimsoll.risk.arrays import BoolArray, FloatArray, IntArray, matrix, within
from plimsoll.risk.correlation_equality import fisher_deviation
from plimsoll.risk.covariance import ewma_covariance, sample_covariance
from plimsoll.risk.errors import InsufficientHistory, ShapeMismatch
from plimsoll.risk.false_discovery import benjamini_hochberg
from plimsoll.risk.pairwise_correlation import correlation_matrix, effective_observations

# Share classes of one company correlate at 1, where atanh is infinite; they are let in this near.
_NEAREST_TO_ONE: Final = 1.0 - 1e-12


# A column that never moved leaves residues of rounding about its mean; taken off first, it is exactly flat.
@dataclass(frozen=True, slots=True, eq=False)
class CorrelationBreaks:
    """Every pair's recent correlation against its long run, columns of one table of N(N − 1)/2 rows.

    Attributes
    ----------
    first, second : ndarray of int
        The two assets of each pair, first < second.
    recent, long_run : ndarray
        Exponentially weighted correlation of the newest rows; sample correlation of the rows before them.
    statistic, p_value : ndarray
        Fisher z of the difference, positive where the recent one is higher, and its two-sided p-value.
    adjusted : ndarray
        The p-value after Benjamini and Hochberg.
    is_broken : ndarray of bool
        Rejected at the false-discovery rate asked for.
    n_recent, n_long_run : float
        Effective number of recent observations; number of rows of the long run.
    """

    first: IntArray
    second: IntArray
    recent: FloatArray
    long_run: FloatArray
    statistic: FloatArray
    p_value: FloatArray
    adjusted: FloatArray
    is_broken: BoolArray
    n_recent: float
    n_long_run: float


def correlation_breaks(
    returns: ArrayLike, *, decay: float = 0.94, tolerance: float = 0.01, false_discovery_rate: float = 0.05
) -> CorrelationBreaks:
    """Test every pair's recent correlation against its long run, few of the alarms being false.

    Parameters
    ----------
    returns : array_like of shape (n_days, n_assets)
        Simple returns as fractions, oldest first.
    decay : float
        λ of the recent estimate, in (0, 1).
    tolerance : float
        Weight of the days the recent estimate leaves out: it uses the newest ``ceil(ln tolerance / ln λ)``
        rows (75 for 0.94 and 0.01), and the long run only the rows before them, so that the two do not
        overlap.
    false_discovery_rate : float
        In (0, 1), over all pairs.

    Returns
    -------
    CorrelationBreaks
        One row a pair. The recent correlation is about zero, the long run about the mean. Correlations of ±1
        are taken as ±(1 − 1e-12).

    Raises
    ------
    InsufficientHistory
        If fewer than 4 rows are left for the long run, or the recent rows are worth 3 observations or fewer.
    NotPositive
        If an asset never moved in one of the windows.
    ShapeMismatch, NotFinite, OutOfRange
        If there is no pair, a return is NaN or infinite, or a parameter outside its range.

    References
    ----------
    .. [1] J.P. Morgan, "RiskMetrics - Technical Document", 4th edition, 1996, section 5.3, on decay and
       tolerance.
    """
    table = matrix(returns, "returns")
    n_days, n_assets = table.shape
    if n_assets < 2:
        raise ShapeMismatch(f"returns had {n_assets} columns, expected at least two: one asset makes no pair")
    lam = within(decay, "decay", 0.0, 1.0)
    n_rows = math.ceil(math.log(within(tolerance, "tolerance", 0.0, 1.0)) / math.log(lam))
    if n_days < n_rows + 4:
        raise InsufficientHistory(
            f"returns had {n_days} days, expected at least {n_rows + 4}: lengthen the window or lower the "
            f"decay",
            n_observations=n_days,
            n_needed=n_rows + 4,
        )
    newest, before = table[-n_rows:], table[:-n_rows]
    n_recent, n_long_run = effective_observations(lam, n_rows), float(n_days - n_rows)
    first, second = np.triu_indices(n_assets, 1)
    recent = correlation_matrix(ewma_covariance(newest, decay=lam, initial=0.0))[first, second]
    long_run = correlation_matrix(sample_covariance(_moving(before)))[first, second]
    apart = _atanh(recent) - _atanh(long_run)
    statistic = apart / fisher_deviation(n_recent, n_long_run)
    p_value = _two_sided(statistic)
    judged = benjamini_hochberg(p_value, false_discovery_rate=false_discovery_rate)
    return CorrelationBreaks(
        first=first.astype(np.int64),
        second=second.astype(np.int64),
        recent=recent,
        long_run=long_run,
        statistic=statistic,
        p_value=p_value,
        adjusted=judged.adjusted,
        is_broken=judged.is_rejected,
        n_recent=n_recent,
        n_long_run=n_long_run,
    )


def _moving(returns: FloatArray) -> FloatArray:
    moved: FloatArray = returns - returns[0]
    return moved


def _atanh(correlations: FloatArray) -> FloatArray:
    bent: FloatArray = np.arctanh(np.clip(correlations, -_NEAREST_TO_ONE, _NEAREST_TO_ONE))
    return bent


def _two_sided(statistic: FloatArray) -> FloatArray:
    root = math.sqrt(2.0)  # one number at a time: they are a few hundred, and scipy takes 170 ms to load
    return np.array([math.erfc(abs(each) / root) for each in statistic.tolist()])
