"""How unusual a day was: turbulence, and its split into the size of the moves and their pattern."""

import numpy as np
from numpy.typing import ArrayLike

from plimsoll.risk.arrays import FloatArray, finite, matrix, square, vector
from plimsoll.risk.errors import InsufficientHistory, NotPositive, OutOfRange, ShapeMismatch, SingularMatrix
from plimsoll.risk.pairwise_correlation import correlation_matrix, inverse_of_correlation


def turbulence(
    returns: ArrayLike,
    history: ArrayLike | None = None,
    *,
    mean: ArrayLike | None = None,
    covariance: ArrayLike | None = None,
    scaled: bool = True,
    ddof: int = 1,
) -> float | FloatArray:
    """Return the squared Mahalanobis distance of a day's returns from the usual.

    Parameters
    ----------
    returns : array_like of shape (n_assets,) or (n_days, n_assets)
        One day or several, simple returns as fractions.
    history : array_like of shape (n_history, n_assets), optional
        Days from which mean and covariance are taken; it should not contain the days under test.
    mean : array_like of shape (n_assets,), optional
        Used with `covariance`; zero if None.
    covariance : array_like of shape (n_assets, n_assets), optional
        Instead of a history. With neither, each of several days is held against all the others, itself left
        out.
    scaled : bool
        Divide by the number of assets, so that an ordinary day is about 1; False is the original of 2010.
    ddof : {0, 1}
        Divisor of the covariance taken from days.

    Returns
    -------
    float or ndarray of shape (n_days,)
        ``(y − μ)ᵀ Σ⁻¹ (y − μ)``, divided by n_assets where `scaled`.

    Raises
    ------
    SingularMatrix
        If the covariance cannot be inverted: more assets than days, or two that move as one.
    InsufficientHistory
        If there are not more days than `ddof` to take moments from.
    OutOfRange
        If both history and covariance are given, a mean without covariance, or `ddof` is neither 0 nor 1.
    ShapeMismatch, NotFinite
        If the shapes do not belong together, or a value is NaN or infinite.

    References
    ----------
    .. [1] Kritzman and Li, "Skulls, Financial Turbulence, and Risk Management", Financial Analysts Journal
       66(5), 2010.
    .. [2] Kinlaw and Turkington, "Correlation surprise", Journal of Asset Management 14(6), 2014, for the
       1/n.

    Examples
    --------
    >>> covariance = [[0.04, 0.01], [0.01, 0.04]]
    >>> round(turbulence([0.2, -0.2], covariance=covariance), 6)
    1.333333
    >>> round(turbulence([0.2, -0.2], covariance=covariance, scaled=False), 6)
    2.666667
    """
    return _distance(returns, history, mean, covariance, scaled=scaled, ddof=ddof, diagonal=False)


def magnitude_surprise(
    returns: ArrayLike,
    history: ArrayLike | None = None,
    *,
    mean: ArrayLike | None = None,
    covariance: ArrayLike | None = None,
    scaled: bool = True,
    ddof: int = 1,
) -> float | FloatArray:
    """Return the turbulence a day would have had without correlations: the size of the moves alone.

    Parameters
    ----------
    returns, history, mean, covariance, scaled, ddof
        As `turbulence`; of the covariance only the diagonal is used.

    Returns
    -------
    float or ndarray of shape (n_days,)
        ``Σ (y_i − μ_i)² / σ_i²``, divided by n_assets where `scaled`.

    Raises
    ------
    SingularMatrix
        If an asset has no variance.
    InsufficientHistory, OutOfRange, ShapeMismatch, NotFinite
        As `turbulence`.

    References
    ----------
    .. [1] Kinlaw and Turkington, "Correlation surprise", Journal of Asset Management 14(6), 2014.

    Examples
    --------
    >>> round(magnitude_surprise([0.2, -0.2], covariance=[[0.04, 0.01], [0.01, 0.04]]), 6)
    1.0
    """
    return _distance(returns, history, mean, covariance, scaled=scaled, ddof=ddof, diagonal=True)


def correlation_surprise(
    returns: ArrayLike,
    history: ArrayLike | None = None,
    *,
    mean: ArrayLike | None = None,
    covariance: ArrayLike | None = None,
    ddof: int = 1,
) -> float | FloatArray:
    """Return turbulence over magnitude surprise: how unusual the pattern of a day was, whatever its size.

    Parameters
    ----------
    returns, history, mean, covariance, ddof
        As `turbulence`.

    Returns
    -------
    float or ndarray of shape (n_days,)
        Above 1 where assets moved together that usually do not, or apart that usually do.

    Raises
    ------
    NotPositive
        If on some day no asset left its mean: a day without a move has no pattern.
    SingularMatrix, InsufficientHistory, OutOfRange, ShapeMismatch, NotFinite
        As `turbulence`.

    References
    ----------
    .. [1] Kinlaw and Turkington, "Correlation surprise", Journal of Asset Management 14(6), 2014.

    Examples
    --------
    >>> covariance = [[0.04, 0.01], [0.01, 0.04]]
    >>> round(correlation_surprise([0.2, -0.2], covariance=covariance), 6)
    1.333333
    >>> round(correlation_surprise([0.2, 0.2], covariance=covariance), 6)
    0.8
    """
    size = magnitude_surprise(returns, history, mean=mean, covariance=covariance, ddof=ddof)
    if np.min(size) <= 0.0:
        raise NotPositive("a day had no move away from the mean, expected one: it has no pattern to judge")
    whole = turbulence(returns, history, mean=mean, covariance=covariance, ddof=ddof)
    return whole / size


def _distance(
    returns: ArrayLike,
    history: ArrayLike | None,
    mean: ArrayLike | None,
    covariance: ArrayLike | None,
    *,
    scaled: bool,
    ddof: int,
    diagonal: bool,
) -> float | FloatArray:
    if ddof not in {0, 1}:
        raise OutOfRange(f"ddof was {ddof}, expected 0 or 1")
    raw = np.asarray(returns, dtype=np.float64)
    days = matrix(np.atleast_2d(raw), "returns")
    n_assets = days.shape[1]
    if n_assets == 0:
        raise ShapeMismatch("returns had no asset, expected at least one")
    # What leaves the range of numbers is refused below, by name instead of by a warning.
    with np.errstate(over="ignore", invalid="ignore"):
        if history is None and covariance is None:
            if mean is not None:
                raise OutOfRange("mean was given without covariance, expected both, a history, or neither")
            distances = _left_out(days, ddof, diagonal=diagonal)
        else:
            centre, sigma = _moments(n_assets, history, mean, covariance, ddof)
            distances = _mahalanobis(days - centre, sigma, diagonal=diagonal)
    finite(distances, "the distance")
    if scaled:
        distances = distances / n_assets
    return float(distances[0]) if raw.ndim == 1 else distances


def _moments(
    n_assets: int,
    history: ArrayLike | None,
    mean: ArrayLike | None,
    covariance: ArrayLike | None,
    ddof: int,
) -> tuple[FloatArray, FloatArray]:
    if covariance is not None:
        if history is not None:
            raise OutOfRange("history and covariance were both given, expected one of them")
        sigma = square(covariance, "covariance", size=n_assets)
        centre = np.zeros(n_assets) if mean is None else vector(mean, "mean")
        if centre.shape[0] != n_assets:
            raise ShapeMismatch(f"mean had {centre.shape[0]} entries, expected {n_assets}, one an asset")
        return centre, sigma
    if mean is not None:
        raise OutOfRange("mean was given with a history, expected the history alone: its own mean is used")
    past = matrix([] if history is None else history, "history")
    if past.shape[1] != n_assets:
        raise ShapeMismatch(f"history had {past.shape[1]} columns, expected {n_assets}, one an asset")
    _enough(past.shape[0], ddof + 1)
    apart, centre = _apart(past)
    return centre, apart.T @ apart / (past.shape[0] - ddof)


# Every day against the others: taking one row out of a scatter matrix is a rank-one change with a closed form
# (Sherman-Morrison), so no day needs an inverse of its own.
def _left_out(days: FloatArray, ddof: int, *, diagonal: bool) -> FloatArray:
    n_days = days.shape[0]
    _enough(n_days, ddof + 2)
    apart, _ = _apart(days)
    scatter = finite(apart.T @ apart, "the scatter of returns")
    grown = n_days / (n_days - 1.0)
    others = n_days - 1.0 - ddof
    if diagonal:
        squares = apart**2
        rest = np.diag(scatter) - grown * squares
        if (rest <= 1e-12 * np.diag(scatter)).any():
            raise SingularMatrix(
                "an asset moved on one day only, expected a variance without it: leave it out"
            )
        return np.asarray((grown**2 * others * squares / rest).sum(axis=1))
    share = _mahalanobis(apart, scatter, diagonal=False)
    rest = 1.0 - grown * share
    if (rest <= 1e-12).any():
        raise SingularMatrix(
            "the others' covariance was singular, expected more days than assets: lengthen the window"
        )
    return np.asarray(grown**2 * others * share / rest)


def _mahalanobis(apart: FloatArray, sigma: FloatArray, *, diagonal: bool) -> FloatArray:
    variances = np.diag(finite(sigma, "covariance"))
    if (variances <= 0.0).any():
        raise SingularMatrix(
            f"asset {int(np.argmin(variances))} had no variance, expected one above zero: leave it out"
        )
    scaled = apart / np.sqrt(variances)
    if diagonal:
        return np.asarray((scaled**2).sum(axis=1))
    # In units of each asset's own deviation, or a currency pair beside a coin would look singular.
    inverse = inverse_of_correlation(correlation_matrix(sigma))
    return np.asarray(((scaled @ inverse) * scaled).sum(axis=1))


# Less the first row before the mean, so that a column that never moved is exactly flat.
def _apart(days: FloatArray) -> tuple[FloatArray, FloatArray]:
    moved = days - days[0]
    centre = moved.mean(axis=0)
    return moved - centre, days[0] + centre


def _enough(n_days: int, n_needed: int) -> None:
    if n_days < n_needed:
        raise InsufficientHistory(
            f"there were {n_days} days to take moments from, expected at least {n_needed}: lengthen the "
            f"history",
            n_observations=n_days,
            n_needed=n_needed,
        )
