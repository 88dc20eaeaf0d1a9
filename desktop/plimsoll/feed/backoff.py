"""How long to wait before connecting again."""

import random
from dataclasses import dataclass, field


@dataclass(slots=True)
class Backoff:
    """Doubling waits with jitter upwards only, so that many desks do not come back in step.

    Attributes
    ----------
    floor_s, cap_s : float
        The first wait and the longest, before jitter.
    jitter_fraction : float
        At most this share is added.
    n_failures : int
        Waits taken since the last `reset`.
    """

    floor_s: float
    cap_s: float
    jitter_fraction: float = 0.25
    n_failures: int = 0
    chance: random.Random = field(default_factory=random.Random, repr=False)

    def next_wait_s(self, at_least_s: float = 0.0) -> float:
        """Return the next wait, never below the floor nor `at_least_s`; each call doubles the one after."""
        # 2 ** 32 doublings reach any cap; more would overflow a float after a month without a network.
        doubled_s = self.floor_s * 2.0 ** min(self.n_failures, 32)
        self.n_failures += 1
        wait_s = max(min(doubled_s, self.cap_s), at_least_s)
        return wait_s * (1.0 + self.jitter_fraction * self.chance.random())

    def reset(self) -> None:
        """Start over: the connection has been healthy."""
        self.n_failures = 0
