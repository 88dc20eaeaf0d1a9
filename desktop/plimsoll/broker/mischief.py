"""What a broker may do to an order on a bad day, on demand and by a seed."""

import random
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Mischief:
    """How often each ugly case befalls an order; all zero is a good day.

    Attributes
    ----------
    lost_answer : float
        Share of orders that are accepted and worked while the answer is lost.
    lost_request : float
        Share of orders that never arrive.
    duplicate : float
        Share of answers told twice.
    reject : float
        Share of orders rejected.
    late_fill : float
        Share of cancels that a fill has crossed on the way: it is told after "cancelled".
    silence : float
        Share of questions that get no answer at all.
    seed : int
        The same seed brings the same day.
    """

    lost_answer: float = 0.0
    lost_request: float = 0.0
    duplicate: float = 0.0
    reject: float = 0.0
    late_fill: float = 0.0
    silence: float = 0.0
    seed: int = 0

    def dice(self) -> random.Random:
        """Return the day's dice."""
        return random.Random(self.seed)  # noqa: S311  a rehearsal, not a secret
