"""Covariance of returns: sample, exponentially weighted, shrunk, repaired."""

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from plimsoll.risk.arithmetic import refuses_overflow
from plimsoll.risk.arrays import FloatArray, finite, matrix, square, within
from plimsoll.risk.errors import InsufficientHistory, NotPositive, OutOfRange, ShapeMismatch
from plimsoll.risk.psd_repair import PsdRepair, nearest_psd

__all__ = [
    "PsdRepair",
    "Shrinkage",
    "ShrinkageTarget",
    "ewma_covariance",
    "ledoit_wolf",
    "nearest_psd",
    "sample_covariance",
]

ShrinkageTarget = Literal["identity", "constant_correlation"]


@dataclass(frozen=True, slots=True, eq=False)
class Shrinkage:
    """A sample covariance pulled towards a target.

    Attributes
    ----------
    covariance : ndarray of shape (n_assets, n_assets)
        intensity · target + (1 − intensity) · sample.
    intensity : float
        Estimated, in [0, 1].
    target : ndarray of shape (n_assets, n_assets)
        What it was pulled towards.
    """

    covariance: FloatArray
    intensity: float
    target: FloatArray


@refuses_overflow
def sample_covariance(returns: ArrayLike, *, ddof: int = 1, centred: bool = True) -> FloatArray:
    """Return the equally weighted covariance of returns.

    Parameters
    ----------
    returns : array_like of shape (n_days, n_assets)
        Simple returns as fractions.
    ddof : {0, 1}
        Divisor n_days − ddof.
    centred : bool
        Whether the mean of each asset is subtracted first; without it, second moments about zero.

    Returns
    -------
    ndarray of shape (n_assets, n_assets)
        Per period.

    Raises
    ------
    InsufficientHistory
        If n_days − ddof is below one, or there is no day.
    NotFinite, ShapeMismatch, OutOfRange
        If `returns` is no finite matrix, or `ddof` neither 0 nor 1.

    Examples
    --------
    >>> sample_covariance([[0.01, 0.03], [0.03, 0.01]]).round(6)
    array([[ 0.0002, -0.0002],
           [-0.0002,  0.0002]])
    """
    array = _days(returns, ddof)
    apart = array - array.mean(axis=0) if centred else array
    result: FloatArray = apart.T @ apart / (array.shape[0] - ddof)
    return result


@refuses_overflow
def ewma_covariance(returns: ArrayLike, *, decay: float, initial: ArrayLike | None = None) -> FloatArray:
    """Return the exponentially weighted covariance after the last day, mean zero.

    Parameters
    ----------
    returns : array_like of shape (n_days, n_assets)
        Simple returns as fractions, oldest first.
    decay : float
        λ in (0, 1).
    initial : float or array_like of shape (n_assets, n_assets), optional
        Covariance before the first day. A number is that variance for every asset without correlation, 0
        included; None takes the first day's outer product.

    Returns
    -------
    ndarray of shape (n_assets, n_assets)
        The forecast for the next day: Σ_{t+1} = λΣ_t + (1 − λ) r_t r_tᵀ.

    Raises
    ------
    InsufficientHistory
        Without a day.
    NotFinite, ShapeMismatch, OutOfRange
        If `returns` is no finite matrix, `initial` no symmetric one of its size, or the decay not in (0, 1).

    References
    ----------
    .. [1] J.P. Morgan, "RiskMetrics - Technical Document", 4th edition, 1996, section 5.2.
    .. [2] Hull, "Options, Futures, and Other Derivatives", section on correlations: volatilities of 1 % and
       2 %, a correlation of 0.6, returns of 0.5 % and 2.5 % and λ = 0.95 make a covariance of 0.00012025.

    Examples
    --------
    >>> before = [[0.01**2, 0.6 * 0.01 * 0.02], [0.6 * 0.01 * 0.02, 0.02**2]]
    >>> ewma_covariance([[0.005, 0.025]], decay=0.95, initial=before).round(8)
    array([[9.6250e-05, 1.2025e-04],
           [1.2025e-04, 4.1125e-04]])
    """
    array = _days(returns, 0)
    n_days, n_assets = array.shape
    lam = within(decay, "decay", 0.0, 1.0)
    weights = (1.0 - lam) * lam ** np.arange(n_days - 1, -1, -1)
    if initial is None:
        before = np.outer(array[0], array[0])
    elif np.ndim(initial) == 0:
        level = within(float(np.asarray(initial)), "initial", 0.0, np.inf, closed=True)
        before = level * np.eye(n_assets)
    else:
        before = square(initial, "initial", size=n_assets)
    result: FloatArray = (array * weights[:, None]).T @ array + lam**n_days * before
    return result


@refuses_overflow
def ledoit_wolf(returns: ArrayLike, *, target: ShrinkageTarget = "identity", ddof: int = 1) -> Shrinkage:
    """Return the sample covariance shrunk towards a structured target by the estimated best intensity.

    Parameters
    ----------
    returns : array_like of shape (n_days, n_assets)
        Simple returns as fractions.
    target : {"identity", "constant_correlation"}
        The mean variance times the identity [1]_, or the sample variances under the mean sample correlation
        [2]_.
    ddof : {0, 1}
        1, as everywhere here, counts one degree of freedom lost to the mean throughout, as the authors' own
        programs do; 0 divides by n_days as both papers do.

    Returns
    -------
    Shrinkage
        With the intensity; zero where sample and target agree already.

    Raises
    ------
    InsufficientHistory
        With fewer than two days.
    NotPositive
        If an asset does not vary and the target is constant correlation.
    NotFinite, ShapeMismatch, OutOfRange
        If `returns` is no finite matrix, or an option is unknown.

    References
    ----------
    .. [1] Ledoit and Wolf, "A well-conditioned estimator for large-dimensional covariance matrices", Journal
       of Multivariate Analysis 88, 2004.
    .. [2] Ledoit and Wolf, "Honey, I shrunk the sample covariance matrix", Journal of Portfolio Management
       30, 2004, appendix.

    Examples
    --------
    The example in the documentation of scikit-learn's LedoitWolf:

    >>> random = np.random.RandomState(0)
    >>> returns = random.multivariate_normal([0, 0], [[0.4, 0.2], [0.2, 0.8]], 50)
    >>> ledoit_wolf(returns, ddof=0).covariance.round(4).tolist()
    [[0.4407, 0.1616], [0.1616, 0.8023]]
    """
    if target not in get_args(ShrinkageTarget):
        raise OutOfRange(f"target was {target!r}, expected one of {', '.join(get_args(ShrinkageTarget))}")
    array = _days(returns, 1)
    freedom = array.shape[0] - _ddof(ddof)
    apart = array - array.mean(axis=0)
    sample = apart.T @ apart / freedom
    noise = (apart**2).T @ apart**2 / freedom - sample**2
    if target == "identity":
        aim, shared = float(np.trace(sample)) / sample.shape[0] * np.eye(sample.shape[0]), 0.0
    else:
        aim, shared = _constant_correlation(apart, sample, noise, freedom)
    distance = float(((sample - aim) ** 2).sum())
    intensity = 0.0
    if distance > 1e-24 * float((sample**2).sum()):
        intensity = min(max((float(noise.sum()) - shared) / (distance * freedom), 0.0), 1.0)
    return Shrinkage(intensity * aim + (1.0 - intensity) * sample, intensity, aim)


def _constant_correlation(
    apart: FloatArray, sample: FloatArray, noise: FloatArray, freedom: int
) -> tuple[FloatArray, float]:
    # The target F and ρ̂, the covariance of its errors with the sample's, in the notation of the appendix.
    variance = np.diag(sample)
    if (variance <= 0.0).any():
        worst = int(np.argmin(variance))
        raise NotPositive(f"asset {worst} had no variance, expected returns that vary: leave it out")
    n_assets = sample.shape[0]
    deviation = np.sqrt(variance)
    off = ~np.eye(n_assets, dtype=bool)
    correlation = sample / np.outer(deviation, deviation)
    mean_correlation = float(correlation[off].mean()) if n_assets > 1 else 0.0
    aim = mean_correlation * np.outer(deviation, deviation)
    np.fill_diagonal(aim, variance)
    theta = (apart**3).T @ apart / freedom - variance[:, None] * sample
    ratio = deviation[None, :] / deviation[:, None]
    shared = float(np.trace(noise)) + mean_correlation * float((ratio * theta)[off].sum())
    return aim, shared


def _days(returns: ArrayLike, ddof: int) -> FloatArray:
    array = matrix(returns, "returns")
    n_days, n_assets = array.shape
    if n_assets == 0:
        raise ShapeMismatch("returns had no columns, expected at least one asset")
    needed = 1 + _ddof(ddof)
    if n_days < needed:
        raise InsufficientHistory(
            f"returns had {n_days} days, expected at least {needed}: lengthen the window",
            n_observations=n_days,
            n_needed=needed,
        )
    return finite(array, "returns")


def _ddof(ddof: int) -> int:
    if ddof not in (0, 1):
        raise OutOfRange(f"ddof was {ddof}, expected 0 or 1")
    return ddof
