"""What a backtest answers: the statistic, how rare it is, and the verdict."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from plimsoll.risk.arrays import BoolArray, FloatArray, vector, within
from plimsoll.risk.errors import InsufficientHistory, NotPositive, OutOfRange, ShapeMismatch

Verdict = Literal["accept", "reject", "unknown", "green", "yellow", "amber", "red"]


@dataclass(frozen=True, slots=True, kw_only=True)
class BacktestResult:
    """What every backtest of plimsoll.risk answers.

    Attributes
    ----------
    statistic : float
        The test's own statistic.
    p_value : float
        Chance of a statistic at least as extreme if the model is right, in [0, 1].
    degrees_of_freedom : int or None
        Of the chi-squared distribution the p-value was read from; None where another law was used.
    verdict : str
        "reject" where ``p_value < significance``, else "accept"; a test with zones names its zone.
    """

    statistic: float
    p_value: float
    degrees_of_freedom: int | None
    verdict: Verdict


def verdict_of(p_value: float, significance: float) -> Verdict:
    """Return "reject" where the p-value lies strictly below the significance, else "accept".

    Raises
    ------
    OutOfRange
        If the significance lies outside (0, 1).
    """
    return "reject" if p_value < within(significance, "significance", 0.0, 1.0) else "accept"


def chi_squared_tail(statistic: float, degrees_of_freedom: int) -> float:
    """Return the chance that a chi-squared variable exceeds `statistic`; 1 with no degree of freedom.

    Examples
    --------
    >>> round(chi_squared_tail(3.841458820694124, 1), 12)
    0.05
    """
    from scipy.special import chdtrc

    return float(chdtrc(degrees_of_freedom, statistic)) if degrees_of_freedom else 1.0


def exception_flags(exceptions: ArrayLike) -> BoolArray:
    """Return a day-by-day record of VaR exceptions, oldest first, as booleans of shape (n_days,).

    Raises
    ------
    ShapeMismatch
        If it has another dimension than one.
    NotFinite
        If an entry is NaN or infinite.
    OutOfRange
        If an entry is neither 0 nor 1: the record, not the losses, is expected.
    InsufficientHistory
        If it is empty.
    """
    record = vector(exceptions, "exceptions")
    if record.size == 0:
        raise InsufficientHistory(
            "exceptions was empty, expected one entry a day", n_observations=0, n_needed=1
        )
    flags: BoolArray = record == 1.0
    if not (flags | (record == 0.0)).all():
        raise OutOfRange("exceptions held other values than 0 and 1, expected one flag a day: loss > VaR")
    return flags


def forecast_series(values: ArrayLike, name: str, n_days: int) -> FloatArray:
    """Return one forecast a day of shape (n_days,); a single number stands for every day.

    Raises
    ------
    ShapeMismatch
        If it is neither a number nor of `n_days` entries.
    NotFinite
        If an entry is NaN or infinite.
    """
    array = np.asarray(values, dtype=np.float64)
    series = vector(np.full(n_days, array.item()) if array.ndim == 0 else array, name)
    if series.shape[0] != n_days:
        raise ShapeMismatch(f"{name} had {series.shape[0]} entries, expected {n_days}, one a day")
    return series


def demand_positive(series: FloatArray, name: str) -> None:
    """Raise NotPositive unless every entry is above zero."""
    if (series <= 0.0).any():
        raise NotPositive(f"{name} held {series.min()}, expected values above zero")


def loss_record(pnl: ArrayLike, var: ArrayLike, es: ArrayLike) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return losses, VaR and expected shortfall day by day, each of shape (n_days,), losses positive.

    Raises
    ------
    InsufficientHistory
        If there is no day.
    ShapeMismatch
        If a forecast is neither a number nor one a day.
    NotFinite
        If an entry is NaN or infinite.
    """
    losses = -vector(pnl, "pnl")
    if losses.size == 0:
        raise InsufficientHistory("pnl was empty, expected one entry a day", n_observations=0, n_needed=1)
    return losses, forecast_series(var, "var", losses.size), forecast_series(es, "es", losses.size)
