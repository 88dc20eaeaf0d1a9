"""Correlation of markets that close at different hours, and how much same-day closes hide of it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from plimsoll.risk.arrays import FloatArray, matrix
from plimsoll.risk.covariance import sample_covariance
from plimsoll.risk.errors import NotPositive
from plimsoll.risk.returns import overlapping_returns


@dataclass(frozen=True, slots=True, eq=False)
class SynchronisedCovariance:
    """A covariance per day measured over several days at a time.

    Attributes
    ----------
    covariance : ndarray of shape (n_assets, n_assets)
        Per day: the same-day variances, under the correlation over `days` days.
    correlation : ndarray of shape (n_assets, n_assets)
        Over `days` days.
    same_day_correlation : ndarray of shape (n_assets, n_assets)
        What one day's closes show.
    days : int
        Length of the overlapping runs.
    """

    covariance: FloatArray
    correlation: FloatArray
    same_day_correlation: FloatArray
    days: int

    @property
    def difference(self) -> FloatArray:
        """What same-day closes hide: correlation less same-day correlation."""
        return self.correlation - self.same_day_correlation


def synchronised_covariance(returns: ArrayLike, *, days: int = 3, ddof: int = 1) -> SynchronisedCovariance:
    """Return a covariance whose correlations do not suffer from closes at different hours.

    Tokyo's close of today answers New York's of yesterday, so same-day returns understate how markets move
    together. Over a run of days only its two ends are out of step.

    Parameters
    ----------
    returns : array_like of shape (n_days, n_assets)
        Simple returns as fractions over the same dates, oldest first.
    days : int
        Length of the overlapping runs, at least one; 1 gives the sample covariance.
    ddof : {0, 1}
        Of the variances and covariances.

    Returns
    -------
    SynchronisedCovariance
        Positive semidefinite, with the difference it made.

    Raises
    ------
    NotPositive
        If an asset does not vary.
    InsufficientHistory, NotFinite, ShapeMismatch, OutOfRange
        As `overlapping_returns` and `sample_covariance`.

    References
    ----------
    RiskMetrics, "Technical Document", 1996, section 8.5 on nonsynchronous data; Burns, Engle and Mezrich,
    "Correlations and volatilities of asynchronous data", Journal of Derivatives 5, 1998.
    """
    table = matrix(returns, "returns")
    deviation, same_day = _split(table, ddof)
    _, correlation = _split(overlapping_returns(table, days=days), ddof)
    covariance: FloatArray = correlation * np.outer(deviation, deviation)
    return SynchronisedCovariance(covariance, correlation, same_day, days)


def _split(table: FloatArray, ddof: int) -> tuple[FloatArray, FloatArray]:
    sample = sample_covariance(table, ddof=ddof)
    variance = np.diag(sample)
    if (variance <= 0.0).any():
        raise NotPositive(f"asset {int(np.argmin(variance))} had no variance, expected returns that vary")
    deviation: FloatArray = np.sqrt(variance)
    correlation = sample / np.outer(deviation, deviation)
    np.fill_diagonal(correlation, 1.0)
    return deviation, correlation
