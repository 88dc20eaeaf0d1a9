"""Which breach is planned for next: one at a time, the gravest first, what a person asked for before all."""

from collections.abc import Container

from plimsoll.domain.breach import Breach
from plimsoll.domain.breach_group import GRAVITY
from plimsoll.domain.units import NS_PER_S

JOB_OVERDUE_NS = 30 * NS_PER_S
"""After this long without an answer the next plan is asked for all the same."""


class PlanQueue:
    """Breaches that wait for a plan; one owner, the risk thread."""

    def __init__(self) -> None:
        self._waiting: list[tuple[int, str]] = []
        self._asked_ns = 0

    def put(self, breach: Breach, *, is_first: bool = False) -> None:
        """Let a breach wait for its turn; once, however often it is put."""
        self.drop(breach.breach_id)
        gravity = max(GRAVITY.values()) + 1 if is_first else GRAVITY[breach.limit.severity]
        self._waiting.append((-gravity, breach.breach_id))
        self._waiting.sort(key=lambda each: each[0])

    def drop(self, breach_id: str) -> None:
        """Let a breach wait no longer."""
        self._waiting = [each for each in self._waiting if each[1] != breach_id]

    def take_next(self, now_ns: int, blocked: Container[str] = ()) -> str:
        """Return the breach to plan for now; empty where none waits or a plan is still being made.

        Those that are `blocked` go on waiting.
        """
        if self._asked_ns and 0 <= now_ns - self._asked_ns < JOB_OVERDUE_NS:
            return ""
        for place, (_, breach_id) in enumerate(self._waiting):
            if breach_id not in blocked:
                self._asked_ns = now_ns
                del self._waiting[place]
                return breach_id
        return ""

    def note_made(self) -> None:
        """Hear that the plan asked for is there, or will never be: the next may be asked for."""
        self._asked_ns = 0
