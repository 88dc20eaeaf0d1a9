"""Which days a made-up history consists of: blocks of real ones, so that storms stay together."""

import numpy as np
from numpy.typing import NDArray

from plimsoll.risk.errors import InsufficientHistory, OutOfRange

IntArray = NDArray[np.int64]


def stationary_blocks(n_days: int, n_wanted: int, *, mean_block_days: float, seed: int) -> IntArray:
    """Return the days of one sample of the stationary bootstrap.

    Blocks begin on any day alike and are of geometric length; one that runs past the last day goes on with
    the first, so that every day is drawn as often as any other.

    Parameters
    ----------
    n_days : int
        Days to draw from.
    n_wanted : int
        Days drawn.
    mean_block_days : float
        Mean length of a block, at least 1; 1 draws each day by itself.
    seed : int
        The same seed gives the same days.

    Returns
    -------
    ndarray of int64, shape (n_wanted,)
        Places in [0, n_days).

    Raises
    ------
    InsufficientHistory
        If there is no day to draw from.
    OutOfRange
        If the mean length is below 1, or fewer than no days are wanted.

    References
    ----------
    Politis and Romano, "The Stationary Bootstrap", Journal of the American Statistical Association 89 (428),
    1994, pages 1303-1313.
    """
    if n_days < 1:
        raise InsufficientHistory("there was no day to draw from", n_observations=n_days, n_needed=1)
    if not mean_block_days >= 1.0 or n_wanted < 0:
        raise OutOfRange(
            f"mean_block_days was {mean_block_days} and n_wanted {n_wanted}, expected at least 1 and 0"
        )
    draws = np.random.default_rng(seed)
    begins = draws.random(n_wanted) < 1.0 / mean_block_days
    begins[:1] = True
    first_of_block = draws.integers(0, n_days, n_wanted)
    places = np.arange(n_wanted)
    # The newest beginning at or before each place.
    at = np.maximum.accumulate(np.where(begins, places, 0))
    days: IntArray = (first_of_block[at] + places - at) % n_days
    return days
