"""Share splits that nobody adjusted the prices for."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from plimsoll.risk.arrays import vector, within
from plimsoll.risk.errors import InsufficientHistory, NotPositive

# Ratios that companies use: n for 1 and its reverse, and the fractions a day's own move cannot be taken for.
_WHOLE: Final = (2, 3, 4, 5, 6, 7, 8, 10, 12, 15, 20, 25, 30, 40, 50, 100)
_SMALL: Final = ((3, 2), (5, 2))
_RATIOS: Final = tuple(
    sorted(
        {(n, 1) for n in _WHOLE} | {(1, n) for n in _WHOLE} | set(_SMALL) | {(b, a) for a, b in _SMALL},
        key=lambda pair: pair[0] / pair[1],
    )
)


@dataclass(frozen=True, slots=True)
class SuspectedSplit:
    """A day on which a price jumped by a ratio that splits use.

    Attributes
    ----------
    day : int
        Position of the first price after the split.
    new_shares, old_shares : int
        Shares after for shares before: 4 and 1 for a four-for-one split, 1 and 10 for a reverse split.
    factor : float
        Price before over price after, the day's own move included.
    """

    day: int
    new_shares: int
    old_shares: int
    factor: float

    @property
    def ratio(self) -> float:
        """The exact factor the earlier prices are to be divided by."""
        return self.new_shares / self.old_shares


def suspected_splits(prices: ArrayLike, *, tolerance: float = 0.05) -> tuple[SuspectedSplit, ...]:
    """Return the days on which a price jumped by about the ratio of a split.

    Parameters
    ----------
    prices : array_like of shape (n_days,)
        Closes of one instrument, oldest first, above zero.
    tolerance : float
        How far the day's own move may carry the factor from the ratio, as a fraction in (0, 0.1).

    Returns
    -------
    tuple of SuspectedSplit
        Oldest first; suspected, not proven: a share can halve on its own. The nearest ratio is named.

    Raises
    ------
    InsufficientHistory
        With fewer than two prices.
    NotPositive
        If a price is zero or below.
    NotFinite, ShapeMismatch, OutOfRange
        If `prices` is no finite vector, or the tolerance out of range.

    Examples
    --------
    >>> suspected_splits([499.23, 129.04])
    (SuspectedSplit(day=1, new_shares=4, old_shares=1, factor=3.868...),)
    """
    price = vector(prices, "prices")
    allowed = within(tolerance, "tolerance", 0.0, 0.1)
    if price.shape[0] < 2:
        raise InsufficientHistory(
            f"prices had {price.shape[0]} days, expected at least 2",
            n_observations=price.shape[0],
            n_needed=2,
        )
    if (price <= 0.0).any():
        raise NotPositive(f"prices held {price.min()}, expected all above zero")
    factors = price[:-1] / price[1:]
    log_ratios = np.log([new / old for new, old in _RATIOS])
    # Apart in logarithms, so that 5 % up and 5 % down are as near.
    apart = np.abs(np.log(factors)[:, None] - log_ratios)
    nearest = apart.argmin(axis=1)
    hits = np.flatnonzero(apart.min(axis=1) <= np.log1p(allowed))
    return tuple(
        SuspectedSplit(int(day) + 1, *_RATIOS[int(nearest[day])], factor=float(factors[day])) for day in hits
    )
