"""How few names carry the book, by value and by contribution to risk."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from plimsoll.risk.arrays import FloatArray, vector
from plimsoll.risk.errors import InsufficientHistory, NotPositive


@dataclass(frozen=True, slots=True)
class RiskConcentration:
    """Concentration of the contributions that add risk, the diversifiers apart.

    Attributes
    ----------
    herfindahl : float
        Sum of squared shares among the positive contributions, in (0, 1].
    effective_number : float
        Its reciprocal.
    normalised : float
        0 for equal shares, 1 for a single name; see `normalised_herfindahl`.
    adding : float
        Sum of the positive contributions, in the unit of the contributions.
    diversifying : float
        Sum of the negative contributions, at most zero, same unit.
    diversifiers : tuple of int
        Places of the negative contributions: names whose removal is not a reduction.
    """

    herfindahl: float
    effective_number: float
    normalised: float
    adding: float
    diversifying: float
    diversifiers: tuple[int, ...]


def gross_weights(values: ArrayLike) -> FloatArray:
    """Return each line's share of the gross value, ``|V_i| / sum |V|``.

    Parameters
    ----------
    values : array_like of shape (n,)
        Signed money, or unsigned shares; cash is not a line here.

    Returns
    -------
    ndarray of shape (n,)
        Shares in [0, 1] that sum to one.

    Raises
    ------
    InsufficientHistory
        If there is no line.
    NotPositive
        If every line is zero: a flat book has no concentration.
    NotFinite
        If a value is NaN or infinite.
    """
    sizes = np.abs(vector(values, "values"))
    if sizes.shape[0] == 0:
        raise InsufficientHistory(
            "values had no entry, expected at least one line: an empty book has no concentration",
            n_observations=0,
            n_needed=1,
        )
    largest = float(sizes.max())
    if largest == 0.0:
        raise NotPositive("gross value was 0, expected above zero: a flat book has no concentration")
    # Scaled first, so that neither tiny nor huge money under- or overflows in the sum.
    scaled: FloatArray = sizes / largest
    shares: FloatArray = scaled / scaled.sum()
    return shares


def herfindahl(values: ArrayLike) -> float:
    """Return the Herfindahl-Hirschman index of the gross weights.

    Parameters
    ----------
    values : array_like of shape (n,)
        Signed money per line (name, issuer, sector). Signs are dropped first: a long and a short of the same
        size are two equal lines, not none.

    Returns
    -------
    float
        Between 1/n (all equal) and 1 (a single line).

    Raises
    ------
    InsufficientHistory, NotPositive, NotFinite
        As `gross_weights`.

    References
    ----------
    .. [1] Herfindahl, "Concentration in the Steel Industry", Columbia University, 1950.

    Examples
    --------
    >>> round(herfindahl([600e3, -250e3, 400e3]), 4)
    0.3728
    >>> round(herfindahl([60.0, -50.0]), 3)
    0.504
    """
    weights = gross_weights(values)
    return float(weights @ weights)


def effective_number(values: ArrayLike) -> float:
    """Return the number of equal lines that would be as concentrated, ``1 / herfindahl``.

    Parameters
    ----------
    values : array_like of shape (n,)
        As `herfindahl`.

    Returns
    -------
    float
        Between 1 and n.

    Raises
    ------
    InsufficientHistory, NotPositive, NotFinite
        As `gross_weights`.

    Examples
    --------
    >>> round(effective_number([600e3, -250e3, 400e3]), 2)
    2.68
    """
    return 1.0 / herfindahl(values)


def normalised_herfindahl(values: ArrayLike) -> float:
    """Return the index moved to [0, 1], ``(HHI - 1/n) / (1 - 1/n)``.

    Parameters
    ----------
    values : array_like of shape (n,)
        As `herfindahl`; n counts every line given, those of zero too.

    Returns
    -------
    float
        0 when all are equal, 1 when one line carries all. A single line gives 1.

    Raises
    ------
    InsufficientHistory, NotPositive, NotFinite
        As `gross_weights`.

    Examples
    --------
    >>> round(normalised_herfindahl([600e3, -250e3, 400e3]), 4)
    0.0592
    """
    weights = gross_weights(values)
    n_lines = len(weights)
    if n_lines == 1:
        return 1.0
    equal_share = 1.0 / n_lines
    # Rounding can leave the index of equal lines a hair under 1/n.
    return max(0.0, (herfindahl(weights) - equal_share) / (1.0 - equal_share))


def risk_concentration(contributions: ArrayLike) -> RiskConcentration:
    """Return how few names carry the risk, from signed contributions.

    Parameters
    ----------
    contributions : array_like of shape (n,)
        Component VaR or ES contributions in money, positive where the line adds risk. They may be negative:
        such lines diversify, are left out of the index and reported apart.

    Returns
    -------
    RiskConcentration
        The index over the positive part, and the diversifiers.

    Raises
    ------
    InsufficientHistory
        If there is no contribution.
    NotPositive
        If none is above zero.
    NotFinite
        If one is NaN or infinite.

    Examples
    --------
    >>> risk_concentration([60.0, 40.0, -10.0]).diversifiers
    (2,)
    >>> round(risk_concentration([60.0, 40.0, -10.0]).herfindahl, 2)
    0.52
    """
    array = vector(contributions, "contributions")
    positive = array[array > 0.0]
    if array.shape[0] and positive.shape[0] == 0:
        raise NotPositive("no contribution was above zero, expected one that adds risk")
    index = herfindahl(positive)
    return RiskConcentration(
        herfindahl=index,
        effective_number=1.0 / index,
        normalised=normalised_herfindahl(positive),
        adding=float(positive.sum()),
        diversifying=float(array[array < 0.0].sum()),
        diversifiers=tuple(int(place) for place in np.flatnonzero(array < 0.0)),
    )
