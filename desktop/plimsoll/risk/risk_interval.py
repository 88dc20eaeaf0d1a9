"""Between which losses a figure truly lies, and how wide an estimated variance makes that."""

import math
from dataclasses import dataclass

from plimsoll.risk.arrays import within
from plimsoll.risk.errors import InsufficientHistory


@dataclass(frozen=True, slots=True)
class RiskInterval:
    """Between which losses the true figure lies.

    Attributes
    ----------
    low, high : float
        Losses; `high` is infinity where the sample is too short to bound the figure from above.
    coverage : float
        Probability that the interval holds the true figure, as achieved, not as asked for.
    """

    low: float
    high: float
    coverage: float


def volatility_bounds(n_observations: int, coverage: float) -> tuple[float, float]:
    """Return the multiples of a sample volatility between which the true one lies, for normal returns.

    Raises
    ------
    InsufficientHistory
        If `n_observations` is below two.
    OutOfRange
        If `coverage` is not in (0, 1).
    """
    from scipy.special import chdtri

    if n_observations < 2:
        raise InsufficientHistory(
            f"n_observations was {n_observations}, expected at least 2: estimate the variance from more days",
            n_observations=n_observations,
            n_needed=2,
        )
    one_side = 0.5 * (1.0 - within(coverage, "coverage", 0.0, 1.0))
    freedom = float(n_observations - 1)
    low = math.sqrt(freedom / float(chdtri(freedom, one_side)))
    high = math.sqrt(freedom / float(chdtri(freedom, 1.0 - one_side)))
    return low, high
