"""Both clocks at the tick or beat being judged."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Instant:
    """One moment of judgement.

    Attributes
    ----------
    exchange_time_ns, received_time_ns : int
        By the market and by the desk's clock.
    heard_ns : int
        When the oldest tick being judged was received: no crossing among them was heard earlier. 0 where no
        tick is judged, or nobody noted it.
    """

    exchange_time_ns: int
    received_time_ns: int
    heard_ns: int = 0

    @property
    def first_heard_ns(self) -> int:
        """When what is judged here was heard at the earliest."""
        return self.heard_ns or self.received_time_ns
