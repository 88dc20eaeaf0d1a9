"""How unified the market is: the share of variance that few common movements absorb."""

import math
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from plimsoll.risk.arithmetic import refuses_overflow
from plimsoll.risk.arrays import FloatArray, square, vector, whole_number, within
from plimsoll.risk.arrays import matrix as finite_matrix
from plimsoll.risk.errors import InsufficientHistory, NotPositive, OutOfRange, ShapeMismatch, SingularMatrix
from plimsoll.risk.pairwise_correlation import correlation_matrix

MatrixChoice = Literal["covariance", "correlation"]


@refuses_overflow
def absorption_ratio(
    returns: ArrayLike,
    n_eigenvectors: int | None = None,
    *,
    fraction: float = 0.2,
    half_life: float | None = None,
    matrix: MatrixChoice = "covariance",
) -> float:
    """Return the share of total variance that the first eigenvectors explain.

    Parameters
    ----------
    returns : array_like of shape (n_days, n_assets)
        Simple returns as fractions, oldest first; at least two days.
    n_eigenvectors : int, optional
        How many, 0 to n_assets; 0 gives 0.0. If None, ⌊fraction · n_assets + ½⌋ and at least 1.
    fraction : float
        Share of the assets to take as the number of eigenvectors, in [0, 1].
    half_life : float, optional
        Days after which an observation weighs half; equal weights if None. The mean is weighted alike.
    matrix : {"covariance", "correlation"}
        Whose eigenvectors; of correlations every asset weighs the same.

    Returns
    -------
    float
        In [0, 1]; high means that the market moves as one.

    Raises
    ------
    InsufficientHistory
        If there are fewer than two days.
    NotPositive
        If nothing moved, or with "correlation" an asset did not.
    OutOfRange
        If a parameter is outside its range.
    ShapeMismatch, NotFinite
        If there is no asset, or a return is NaN or infinite.

    References
    ----------
    .. [1] Kritzman, Li, Page and Rigobon, "Principal Components as a Measure of Systemic Risk", Journal of
       Portfolio Management 37(4), 2011: 500 days, half-life 250, one fifth of the assets.

    Examples
    --------
    >>> absorption_ratio([[0.01, 0.02], [-0.01, -0.02], [0.03, 0.06]])
    1.0
    >>> round(absorption_ratio([[1.0, 0.0], [-1.0, 0.0], [0.0, 2.0], [0.0, -2.0]], 1), 6)
    0.8
    """
    sigma = _weighted_covariance(returns, half_life)
    n_assets = sigma.shape[0]
    share = within(fraction, "fraction", 0.0, 1.0, closed=True)
    count = max(1, math.floor(round(share * n_assets + 0.5, 9))) if n_eigenvectors is None else n_eigenvectors
    if not 0 <= count <= n_assets:
        raise OutOfRange(f"n_eigenvectors was {count}, expected 0 to {n_assets}, the number of assets")
    if matrix not in get_args(MatrixChoice):
        raise OutOfRange(f"matrix was {matrix!r}, expected one of {', '.join(get_args(MatrixChoice))}")
    values = _spectrum(sigma if matrix == "covariance" else correlation_matrix(sigma))
    if count == n_assets:
        return 1.0
    return float(values[:count].sum() / values.sum())


def absorption_ratios(
    returns: ArrayLike,
    *,
    window: int = 500,
    n_eigenvectors: int | None = None,
    fraction: float = 0.2,
    half_life: float | None = 250.0,
    matrix: MatrixChoice = "covariance",
) -> FloatArray:
    """Return the absorption ratio of every window of days, oldest first.

    Parameters
    ----------
    returns : array_like of shape (n_days, n_assets)
        Simple returns as fractions, oldest first.
    window : int
        Days in each, at least two.
    n_eigenvectors, fraction, half_life, matrix
        As `absorption_ratio`; the defaults are the paper's.

    Returns
    -------
    ndarray of shape (n_days - window + 1,)
        Entry i is of days i to i + window − 1, known after the last of them.

    Raises
    ------
    InsufficientHistory
        If there are fewer days than `window`.
    NotPositive, OutOfRange, ShapeMismatch, NotFinite
        As `absorption_ratio`.
    """
    table = _returns(returns)
    if window > table.shape[0]:
        raise InsufficientHistory(
            f"returns had {table.shape[0]} days, expected at least {window}: shorten the window",
            n_observations=table.shape[0],
            n_needed=window,
        )
    within(window, "window", 2, math.inf, closed=True)
    return np.array(
        [
            absorption_ratio(
                table[begin : begin + window],
                n_eigenvectors,
                fraction=fraction,
                half_life=half_life,
                matrix=matrix,
            )
            for begin in range(table.shape[0] - window + 1)
        ]
    )


@refuses_overflow
def absorption_shift(ratios: ArrayLike, *, short: int = 15, long: int = 250, ddof: int = 1) -> float:
    """Return how far the absorption ratio has lately moved from its year, in standard deviations.

    Parameters
    ----------
    ratios : array_like of shape (n_days,)
        Absorption ratios, oldest first; the newest `long` are used.
    short, long : int
        Days of the recent mean and of the year, ``1 <= short <= long``.
    ddof : {0, 1}
        Divisor of the year's standard deviation.

    Returns
    -------
    float
        ``(mean of short − mean of long) / sd of long``; above 1 is the paper's alarm.

    Raises
    ------
    InsufficientHistory
        If there are fewer than `long` ratios.
    NotPositive
        If the ratio never moved in the year.
    OutOfRange, NotFinite, ShapeMismatch
        If a length is senseless, or the ratios are no finite vector.

    References
    ----------
    .. [1] Kritzman, Li, Page and Rigobon, "Principal Components as a Measure of Systemic Risk", Journal of
       Portfolio Management 37(4), 2011.

    Examples
    --------
    >>> round(absorption_shift([0.5, 0.6, 0.7, 0.8], short=1, long=4), 6)
    1.161895
    """
    values = vector(ratios, "ratios")
    short, long = whole_number(short, "short", 1), whole_number(long, "long", 2)
    if short > long:
        raise OutOfRange(
            f"short was {short} and long {long}, expected 1 <= short <= long and long at least 2"
        )
    if values.shape[0] < long:
        raise InsufficientHistory(
            f"there were {values.shape[0]} ratios, expected at least {long}: lengthen the history",
            n_observations=values.shape[0],
            n_needed=long,
        )
    if ddof not in {0, 1}:
        raise OutOfRange(f"ddof was {ddof}, expected 0 or 1")
    year = values[-long:]
    if float(np.ptp(year)) == 0.0:
        raise NotPositive("the ratio never moved in the long window, expected a deviation above zero")
    return float((values[-short:].mean() - year.mean()) / year.std(ddof=ddof))


def effective_rank(covariance: ArrayLike) -> float:
    """Return exp of the entropy of the eigenvalue shares: how many equal movements spread as evenly.

    Parameters
    ----------
    covariance : array_like of shape (n_assets, n_assets)
        Covariance or correlation matrix.

    Returns
    -------
    float
        Between 1 (all move as one) and n_assets (none with another, all alike in size).

    Raises
    ------
    NotPositive
        If there is no variance at all.
    SingularMatrix
        If an eigenvalue is below zero beyond rounding: the matrix is no covariance.
    ShapeMismatch, NotFinite
        If the matrix is not square, symmetric, finite and of at least one asset.

    References
    ----------
    .. [1] Roy and Vetterli, "The Effective Rank: A Measure of Effective Dimensionality", EUSIPCO, 2007.

    Examples
    --------
    >>> round(effective_rank([[1.0, 0.0], [0.0, 1.0]]), 9), effective_rank([[1.0, 1.0], [1.0, 1.0]])
    (2.0, 1.0)
    """
    sigma = square(covariance, "covariance")
    if sigma.shape[0] == 0:
        raise ShapeMismatch("covariance had no asset, expected at least one")
    values = _spectrum(sigma)
    shares = values[values > 0.0] / values.sum()
    return math.exp(-float(shares @ np.log(shares)))


def _returns(returns: ArrayLike) -> FloatArray:
    table = finite_matrix(returns, "returns")
    if table.shape[1] == 0:
        raise ShapeMismatch("returns had no column, expected at least one asset")
    if table.shape[0] < 2:
        raise InsufficientHistory(
            f"returns had {table.shape[0]} days, expected at least 2",
            n_observations=table.shape[0],
            n_needed=2,
        )
    return table


def _weighted_covariance(returns: ArrayLike, half_life: float | None) -> FloatArray:
    table = _returns(returns)
    n_days = table.shape[0]
    if half_life is None:
        weights = np.full(n_days, 1.0 / n_days)
    else:
        ages = np.arange(n_days - 1, -1, -1)
        weights = 0.5 ** (ages / within(half_life, "half_life", 0.0, math.inf))
        weights /= weights.sum()
    # Less its first row, a column that never moved is exactly zero and leaves no residue of rounding.
    apart = table - table[0]
    apart = apart - weights @ apart
    sigma: FloatArray = (apart * weights[:, None]).T @ apart
    return sigma


def _spectrum(sigma: FloatArray) -> FloatArray:
    # eigh, not eigvalsh: see psd_repair on LAPACK's root-free variant.
    values = np.linalg.eigh(sigma)[0][::-1]
    largest = float(np.abs(values).max())
    if largest == 0.0:
        raise NotPositive("there was no variance, expected some: nothing moved in the window")
    rounding = 1e-10 * largest
    if values[-1] < -rounding:
        raise SingularMatrix(f"an eigenvalue was {values[-1]}, expected none below zero: see nearest_psd")
    # What rounding leaves of a zero eigenvalue is no movement.
    return np.where(values > 1e-15 * largest, values, 0.0)
