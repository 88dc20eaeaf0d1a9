"""A breach in sentences, the same in its card, its dialog and for assistive technology."""

from plimsoll.domain.breach import Breach, BreachState
from plimsoll.domain.breach_group import BreachGroup
from plimsoll.widgets import formats

STATE_WORDS = {
    BreachState.RAISED: "not yet seen",
    BreachState.ESCALATED: "escalated",
    BreachState.ACKNOWLEDGED: "acknowledged",
    BreachState.SNOOZED: "snoozed",
    BreachState.OVERRIDDEN: "overridden",
    BreachState.SUPERSEDED: "superseded",
    BreachState.EASED: "eased",
    BreachState.CLOSED: "closed",
}
_BY_NOBODY = (BreachState.RAISED, BreachState.ESCALATED)


def headline(breach: Breach, currency: str) -> str:
    """Return the breach in one line: VaR 95 % · 1 day — $412,380 against $400,000."""
    return f"{breach.title} {formats.UNKNOWN} {against(breach, currency)}"


def against(breach: Breach, currency: str) -> str:
    """Return the value and its line: $412,380 against $400,000."""
    unit = breach.limit.measure.unit
    value = formats.in_unit(breach.value, unit, currency)
    return f"{value} against {formats.in_unit(breach.limit.line, unit, currency)}"


def story(breach: Breach, currency: str) -> str:
    """Return what happened in a sentence or two."""
    limit = breach.limit
    unit = limit.measure.unit
    value = formats.in_unit(breach.value, unit, currency)
    line = formats.in_unit(limit.line, unit, currency)
    verb = "is below" if limit.measure.is_floor else "exceeds"
    told = f"{limit.measure.caption} {value} {verb} {line} ({formats.use(limit.use_of(breach.value))})."
    if limit.is_worse(breach.worst_value, breach.value):
        told += f" Worst since: {formats.in_unit(breach.worst_value, unit, currency)}."
    return told


def standing(breach: Breach) -> str:
    """Return where the breach stands, by whom, and until when."""
    words = STATE_WORDS[breach.state]
    if breach.person and breach.state not in _BY_NOBODY:
        words += f" by {breach.person}"
    if breach.state is BreachState.ESCALATED:
        words += f" (level {breach.escalation})"
    if breach.until_ns and breach.state in (BreachState.SNOOZED, BreachState.OVERRIDDEN):
        words += f" until {formats.time_utc(breach.until_ns)} UTC"
    elif breach.state is BreachState.OVERRIDDEN:
        words += " until the day roll"
    if breach.state is BreachState.SUPERSEDED:
        words += f": {breach.reason}"
    if breach.resolution is not None:
        words += f" · filed: {breach.resolution.caption.lower()}"
    return words


def group_headline(group: BreachGroup, currency: str) -> str:
    """Return a group in one line; a storm by its number and its worst."""
    if not group.is_storm:
        return headline(group.lead, currency)
    return f"{len(group.breaches)} limits broken at once. Worst: {headline(group.lead, currency)}"


def group_standing(group: BreachGroup) -> str:
    """Return how many of a group wait for an answer, and how loudly."""
    if not group.is_storm:
        return standing(group.lead)
    n_unanswered = len(group.unanswered)
    if not n_unanswered:
        return "all answered"
    words = "none answered" if n_unanswered == len(group.breaches) else f"{n_unanswered} unanswered"
    return f"{words}, escalated (level {group.escalation})" if group.escalation else words
