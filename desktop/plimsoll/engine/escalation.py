"""When a breach that nobody answers grows louder: a plan of steps a severity, on the desk's clock."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from plimsoll.domain.breach import Breach
from plimsoll.domain.limit import Severity
from plimsoll.domain.units import NS_PER_S

NEVER_NS = 2**63 - 1


class EscalationAct(StrEnum):
    """What a level adds to those below it."""

    LOUDER = "louder"
    AGAIN = "again"
    NEXT_CHANNEL = "next_channel"


@dataclass(frozen=True, slots=True)
class EscalationStep:
    """One level.

    Attributes
    ----------
    after_s : float
        How long the breach has asked in vain when it climbs here, in seconds.
    act : EscalationAct
        What happens then.
    """

    after_s: float
    act: EscalationAct


_A = EscalationAct


def _steps(louder_s: float, again_s: float, next_channel_s: float) -> tuple[EscalationStep, ...]:
    return (
        EscalationStep(louder_s, _A.LOUDER),
        EscalationStep(again_s, _A.AGAIN),
        EscalationStep(next_channel_s, _A.NEXT_CHANNEL),
    )


def _default() -> Mapping[Severity, tuple[EscalationStep, ...]]:
    # A critical breach reaches another person within ten minutes, a grave one within half an hour.
    return MappingProxyType(
        {
            Severity.CRITICAL: _steps(60.0, 180.0, 600.0),
            Severity.HIGH: _steps(300.0, 900.0, 1800.0),
            Severity.MEDIUM: _steps(900.0, 1800.0, 3600.0),
        }
    )


@dataclass(frozen=True, slots=True)
class EscalationPlan:
    """The levels an unanswered breach climbs, by how grave it is.

    Attributes
    ----------
    steps : Mapping of Severity to tuple of EscalationStep
        The first first, times ascending; a severity without steps never escalates.
    """

    steps: Mapping[Severity, tuple[EscalationStep, ...]] = field(default_factory=_default)

    def __post_init__(self) -> None:
        for severity, steps in self.steps.items():
            after = [step.after_s for step in steps]
            if any(later <= earlier for earlier, later in zip([0.0, *after], after, strict=False)):
                raise ValueError(
                    f"the times of {severity} were {after}, expected ascending ones above 0: sort them"
                )

    def next_due_ns(self, breach: Breach) -> int:
        """Return when time alone may next change a breach: it climbs, wakes or its override runs out."""
        if not breach.is_unanswered:
            return breach.until_ns or NEVER_NS
        steps = self.steps.get(breach.limit.severity, ())
        if breach.escalation >= len(steps):
            return NEVER_NS
        asked_ns = breach.asked_ns or breach.raised_received_ns
        return asked_ns + int(steps[breach.escalation].after_s * NS_PER_S)

    def level_due(self, breach: Breach, now_ns: int) -> int:
        """Return the level an unanswered breach has reached by now, never lower than where it stands.

        A desk that was off meanwhile climbs to the level due at once, without living through the others.
        """
        if not breach.is_unanswered:
            return breach.escalation
        asked_s = (now_ns - (breach.asked_ns or breach.raised_received_ns)) / NS_PER_S
        reached = sum(step.after_s <= asked_s for step in self.steps.get(breach.limit.severity, ()))
        return max(reached, breach.escalation)

    def act_of(self, breach: Breach) -> EscalationAct | None:
        """Return what the level of a breach adds; None at the bottom."""
        steps = self.steps.get(breach.limit.severity, ())
        return steps[min(breach.escalation, len(steps)) - 1].act if breach.escalation and steps else None
