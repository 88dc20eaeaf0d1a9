"""How far a limit is from breaking: the smallest plausible move, what it takes, and when at today's pace."""

from dataclasses import dataclass
from enum import StrEnum

from plimsoll.domain.limit import Limit

NAN = float("nan")
MOST_SIGMAS = 8.0
"""Beyond it a move is no plausible one: the distance is told in words, not in sigmas."""


class Reach(StrEnum):
    """What would break a limit."""

    BROKEN = "broken already"
    MOVE = "a move of prices"
    FAR = "no plausible move of prices"
    APART = "not moved by prices"
    UNKNOWN = "unknown"


class Exactness(StrEnum):
    """How a distance was found."""

    EXACT = "nearest point, re-priced exactly"
    STEEPEST = "along the steepest direction, re-priced exactly"
    SCALED = "re-priced a moment ago, scaled to now"
    FIRST_ORDER = "to first order"
    NONE = ""


_ORDER = {Reach.BROKEN: 0, Reach.MOVE: 1, Reach.FAR: 2, Reach.APART: 3, Reach.UNKNOWN: 4}


@dataclass(frozen=True, slots=True)
class Mover:
    """One instrument's part of a move.

    Attributes
    ----------
    code : str
        The instrument.
    move_fraction : float
        Its simple return; NaN for a price at or below zero.
    price : float
        Where it would stand.
    sigma : float
        The size of its own move in its own daily standard deviations.
    """

    code: str
    move_fraction: float
    price: float
    sigma: float


@dataclass(frozen=True, slots=True)
class Distance:
    """How far one limit is from breaking; NaN is unknown or does not apply.

    Attributes
    ----------
    limit : Limit
        Which one.
    member : str
        The member of its scope that breaks first; empty for the book.
    reach : Reach
        What would break it.
    sigma : float
        Mahalanobis size of the most plausible move that brings the measure to its line, under the sample
        covariance (about zero) of the daily moves VaR rests on; 0 where it is broken already.
    move_fraction, loss_base : float
        What that move does to NAV: as a fraction, signed; and as a loss in base currency, positive.
    instruments : tuple of Mover
        Those that matter most to it, the first most.
    alone : Mover or None
        For a limit on one instrument: its own move that breaks it while all others stand still.
    scale : float
        Factor on exposures, or on volatility, that breaks a limit on VaR, ES or stress loss; else NaN.
    seconds_at_pace : float
        Until the line at the drift of the last minutes; NaN where it does not move towards it.
    probability_today : float
        Of touching the line within what is left of the day, without drift, watched continuously.
    exactness : Exactness
        How the move was found.
    reason : str
        Why it is unknown, far or apart, or what the figure leaves out.
    """

    limit: Limit
    member: str
    reach: Reach
    sigma: float = NAN
    move_fraction: float = NAN
    loss_base: float = NAN
    instruments: tuple[Mover, ...] = ()
    alone: Mover | None = None
    scale: float = NAN
    seconds_at_pace: float = NAN
    probability_today: float = NAN
    exactness: Exactness = Exactness.NONE
    reason: str = ""

    @property
    def limit_id(self) -> str:
        """The limit's id."""
        return self.limit.limit_id

    @property
    def rank(self) -> tuple[int, float, float]:
        """Place on the ladder: broken, by sigmas, then what no price moves, then the unknown."""
        sigma = max(0.0, self.sigma)  # NaN is not above 0
        seconds = self.seconds_at_pace if self.seconds_at_pace >= 0.0 else float("inf")
        return _ORDER[self.reach], sigma, seconds
