"""Gathers breaches by their cause, so that a storm is told once and told again only when it grows worse."""

from collections import OrderedDict
from dataclasses import dataclass, field

from plimsoll.domain.breach import Breach
from plimsoll.domain.breach_group import GRAVITY
from plimsoll.domain.units import NS_PER_S

GATHER_NS = NS_PER_S
"""How long a cause is gathered before it is told: its breaches come within one judgement of the limits."""
MOST_CAUSES = 4096
"""Causes remembered; the oldest told is forgotten first."""


@dataclass(frozen=True, slots=True)
class DueGroup:
    """A cause to be told now.

    Attributes
    ----------
    cause_id : str
        The cause.
    level : int
        The level of escalation it has reached.
    breaches : tuple of Breach
        What belongs to it and has not been told at this level, in the order it came.
    """

    cause_id: str
    level: int
    breaches: tuple[Breach, ...]


@dataclass(slots=True)
class _Cause:
    told_level: int = -1
    told_gravity: int = -1
    level: int = 0
    gathering_since_ns: int = 0
    breaches: dict[str, Breach] = field(default_factory=dict)


class CauseGroups:
    """One message a cause; the clock is an argument."""

    def __init__(self, *, gather_ns: int = GATHER_NS, most_causes: int = MOST_CAUSES) -> None:
        self._gather_ns = gather_ns
        self._most_causes = most_causes
        self._causes: OrderedDict[str, _Cause] = OrderedDict()

    def add(self, cause_id: str, level: int, breach: Breach, now_ns: int) -> None:
        """Take a breach that was raised or has escalated.

        It is told if its cause was not, or not at this level, or not this grave; else it belongs to what was
        told already.
        """
        cause = self._causes.setdefault(cause_id, _Cause())
        self._causes.move_to_end(cause_id)
        gravity = GRAVITY[breach.limit.severity]
        if not cause.breaches and level <= cause.told_level and gravity <= cause.told_gravity:
            return
        cause.gathering_since_ns = cause.gathering_since_ns or now_ns
        cause.level = max(cause.level, level)
        cause.breaches[breach.breach_id] = breach
        if len(self._causes) > self._most_causes:
            self._forget_oldest()

    def take_due(self, now_ns: int) -> tuple[DueGroup, ...]:
        """Return the causes that have been gathered for long enough; each is then told."""
        due = []
        for cause_id, cause in self._causes.items():
            if not cause.breaches or now_ns - cause.gathering_since_ns < self._gather_ns:
                continue
            breaches = tuple(cause.breaches.values())
            due.append(DueGroup(cause_id, cause.level, breaches))
            cause.told_level = max(cause.told_level, cause.level)
            gravest = max(GRAVITY[breach.limit.severity] for breach in breaches)
            cause.told_gravity = max(cause.told_gravity, gravest)
            cause.gathering_since_ns = 0
            cause.breaches = {}
        return tuple(due)

    def _forget_oldest(self) -> None:
        """Forget the cause told longest ago; one still being gathered is never forgotten."""
        oldest = next((cause_id for cause_id, cause in self._causes.items() if not cause.breaches), None)
        if oldest is not None:
            del self._causes[oldest]
