"""Gross, net, long and short money, of the book and of any grouping of it, and its beta."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from plimsoll.risk.arithmetic import refuses_overflow
from plimsoll.risk.arrays import FloatArray, matrix, same_length, vector, within
from plimsoll.risk.errors import InsufficientHistory, NotPositive, ShapeMismatch


@dataclass(frozen=True, slots=True)
class Exposure:
    """Four sums of signed money, in base currency.

    Attributes
    ----------
    gross : float
        Sum of sizes, ``long + short``.
    net : float
        Signed sum, ``long - short``.
    long : float
        Sum of the positive entries.
    short : float
        Size of the sum of the negative entries, itself at or above zero.
    n_lines : int
        How many entries were summed, those of zero too.
    """

    gross: float
    net: float
    long: float
    short: float
    n_lines: int


@dataclass(frozen=True, slots=True)
class GroupedExposure:
    """Exposure of each group, with the unclassified lines listed and not pooled.

    Attributes
    ----------
    total : Exposure
        The whole book, unclassified lines included.
    groups : Mapping of str to Exposure
        By label, in order of first appearance.
    unclassified : tuple of int
        Places of the lines without a label. Each stands for itself: unrelated names are no sector.
    unclassified_gross : float
        Their gross money, so that coverage can be shown beside any share.
    """

    total: Exposure
    groups: Mapping[str, Exposure]
    unclassified: tuple[int, ...]
    unclassified_gross: float


def total_exposure(exposures: ArrayLike) -> Exposure:
    """Return gross, net, long and short of a book.

    Parameters
    ----------
    exposures : array_like of shape (n_assets,)
        Signed money in base currency.

    Returns
    -------
    Exposure
        All zeros for an empty or flat book.

    Raises
    ------
    NotFinite, ShapeMismatch
        If an entry is NaN or infinite, or the array has another dimension than one.

    Examples
    --------
    >>> total_exposure([60.0, -50.0])
    Exposure(gross=110.0, net=10.0, long=60.0, short=50.0, n_lines=2)
    """
    return _sums(vector(exposures, "exposures"))


def exposure_by_group(exposures: ArrayLike, labels: Sequence[str | None]) -> GroupedExposure:
    """Return the exposure of each group of any grouping: sector, currency, country, issuer.

    Parameters
    ----------
    exposures : array_like of shape (n_assets,)
        Signed money in base currency.
    labels : sequence of str or None, of length n_assets
        The group of each line; None or an empty text where it is not known.

    Returns
    -------
    GroupedExposure
        Sums by label and the unclassified lines apart.

    Raises
    ------
    ShapeMismatch
        If there are not as many labels as exposures.
    NotFinite
        If an exposure is NaN or infinite.

    Examples
    --------
    >>> grouped = exposure_by_group([60.0, -50.0, 5.0, 7.0], ["tech", "energy", None, "tech"])
    >>> grouped.groups["tech"].gross, grouped.groups["energy"].net, grouped.unclassified
    (67.0, -50.0, (2,))
    """
    money = vector(exposures, "exposures")
    if len(labels) != money.shape[0]:
        raise ShapeMismatch(
            f"labels had {len(labels)} entries and exposures had {money.shape[0]}, expected as many"
        )
    places: dict[str, list[int]] = {}
    unclassified: list[int] = []
    for place, label in enumerate(labels):
        if label:
            places.setdefault(label, []).append(place)
        else:
            unclassified.append(place)
    return GroupedExposure(
        total=_sums(money),
        groups={label: _sums(money[where]) for label, where in places.items()},
        unclassified=tuple(unclassified),
        unclassified_gross=float(np.abs(money[unclassified]).sum()),
    )


@refuses_overflow
def beta(returns: ArrayLike, reference: ArrayLike) -> float | FloatArray:
    """Return the slope of returns on a reference, ``Cov(r, m) / Var(m)``.

    Parameters
    ----------
    returns : array_like of shape (n_days,) or (n_days, n_assets)
        Simple returns as fractions.
    reference : array_like of shape (n_days,)
        Returns of the reference over the same days.

    Returns
    -------
    float or ndarray of shape (n_assets,)
        One slope for a vector, one a column for a matrix. The divisor of the moments cancels.

    Raises
    ------
    InsufficientHistory
        If there are fewer than two days.
    NotPositive
        If the reference never moved.
    ShapeMismatch, NotFinite
        If the days do not match, or a return is NaN or infinite.

    Examples
    --------
    >>> round(beta([0.02, -0.01, 0.03], [0.01, -0.005, 0.015]), 12)
    2.0
    """
    array = np.asarray(returns, dtype=np.float64)
    table = vector(array, "returns")[:, None] if array.ndim == 1 else matrix(array, "returns")
    market = vector(reference, "reference")
    same_length(table, market, ("returns", "reference"))
    n_days = market.shape[0]
    if n_days < 2:
        raise InsufficientHistory(
            f"there were {n_days} days, expected at least 2 for a slope", n_observations=n_days, n_needed=2
        )
    # A constant such as 0.1 leaves residues of rounding, so the spread is asked and not the variance; in
    # units of the spread no square leaves the range of numbers.
    spread = float(np.ptp(market))
    if spread == 0.0:
        raise NotPositive(
            "the reference never moved, expected a variance above zero: choose another reference"
        )
    centred = (market - market.mean()) / spread
    slopes: FloatArray = centred @ (table - table.mean(axis=0)) / (centred @ centred) / spread
    return float(slopes[0]) if array.ndim == 1 else slopes


def portfolio_beta(
    exposures: ArrayLike, returns: ArrayLike, reference: ArrayLike, *, capital: float
) -> float:
    """Return the beta of a book to a reference, per unit of capital.

    Parameters
    ----------
    exposures : array_like of shape (n_assets,)
        Signed money in base currency.
    returns : array_like of shape (n_days, n_assets)
        Simple returns as fractions.
    reference : array_like of shape (n_days,)
        Returns of the reference over the same days.
    capital : float
        What the beta is a share of: NAV, or gross value; in base currency, above zero. With ``capital=1`` the
        figure is the beta-adjusted exposure in money.

    Returns
    -------
    float
        ``sum V_i beta_i / capital``.

    Raises
    ------
    OutOfRange
        If the capital is not above zero.
    ShapeMismatch, NotFinite, InsufficientHistory, NotPositive
        As `beta`, or if returns have not one column an exposure.

    Examples
    --------
    >>> days = [[0.02, 0.01], [-0.01, -0.005], [0.03, 0.015]]
    >>> round(portfolio_beta([50.0, 100.0], days, [0.01, -0.005, 0.015], capital=100.0), 12)
    2.0
    """
    money = vector(exposures, "exposures")
    table = matrix(returns, "returns")
    if table.shape[1] != money.shape[0]:
        raise ShapeMismatch(
            f"returns had {table.shape[1]} columns and exposures had {money.shape[0]}, expected as many"
        )
    return float(np.dot(money, beta(table, reference))) / within(capital, "capital", 0.0, math.inf)


def _sums(money: FloatArray) -> Exposure:
    long = float(money[money > 0.0].sum())
    short = -float(money[money < 0.0].sum()) + 0.0
    return Exposure(gross=long + short, net=long - short, long=long, short=short, n_lines=money.shape[0])
