"""Breaches of one cause, which ask one question: one card and one dialog, however many limits broke."""

from collections.abc import Iterable
from dataclasses import dataclass

from plimsoll.domain.breach import Breach
from plimsoll.domain.limit import Severity

GRAVITY = {severity: place for place, severity in enumerate(Severity)}


@dataclass(frozen=True, slots=True)
class BreachGroup:
    """The breaches of one cause that are not closed; one alone is a group too.

    Attributes
    ----------
    group_id : str
        The cause; for a breach without one, its own id.
    breaches : tuple of Breach
        The worst first: by severity, then by use of the limit when raised, so that rows keep their places.
    """

    group_id: str
    breaches: tuple[Breach, ...]

    @property
    def lead(self) -> Breach:
        """The worst."""
        return self.breaches[0]

    @property
    def is_storm(self) -> bool:
        """Whether there is more than one."""
        return len(self.breaches) > 1

    @property
    def unanswered(self) -> tuple[Breach, ...]:
        """Those nobody has decided on yet, the worst first."""
        return tuple(breach for breach in self.breaches if breach.is_unanswered)

    @property
    def escalation(self) -> int:
        """The highest level any unanswered one has climbed to."""
        return max((breach.escalation for breach in self.unanswered), default=0)


def group_id_of(breach: Breach) -> str:
    """Return what names the group of a breach."""
    return breach.cause_id or breach.breach_id


def group_of(group_id: str, breaches: Iterable[Breach]) -> BreachGroup:
    """Return these breaches as one group."""
    return BreachGroup(group_id, tuple(sorted(breaches, key=_gravity)))


def groups_of(breaches: Iterable[Breach]) -> tuple[BreachGroup, ...]:
    """Return breaches by cause; a group stands where its first breach stood."""
    members: dict[str, list[Breach]] = {}
    for breach in breaches:
        members.setdefault(group_id_of(breach), []).append(breach)
    return tuple(group_of(group_id, found) for group_id, found in members.items())


def _gravity(breach: Breach) -> tuple[int, float, str]:
    return -GRAVITY[breach.limit.severity], -breach.limit.use_of(breach.value), breach.breach_id
