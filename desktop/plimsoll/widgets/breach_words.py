"""A breach in sentences, the same in its card, its dialog and for assistive technology."""

from plimsoll.domain.breach import Breach, BreachState
from plimsoll.widgets import formats

STATE_WORDS = {
    BreachState.RAISED: "not yet seen",
    BreachState.ACKNOWLEDGED: "acknowledged",
    BreachState.SNOOZED: "snoozed",
    BreachState.OVERRIDDEN: "overridden",
    BreachState.EASED: "eased",
    BreachState.CLOSED: "closed",
}


def headline(breach: Breach, currency: str) -> str:
    """Return the breach in one line: VaR 95 % · 1 day — $412,380 against $400,000."""
    unit = breach.limit.measure.unit
    value = formats.in_unit(breach.value, unit, currency)
    line = formats.in_unit(breach.limit.line, unit, currency)
    return f"{breach.title} {formats.UNKNOWN} {value} against {line}"


def story(breach: Breach, currency: str) -> str:
    """Return what happened in a sentence or two."""
    unit = breach.limit.measure.unit
    value = formats.in_unit(breach.value, unit, currency)
    line = formats.in_unit(breach.limit.line, unit, currency)
    share = formats.use(breach.limit.use_of(breach.value))
    told = f"{breach.limit.measure.caption} {value} exceeds {line} ({share})."
    if breach.worst_value > breach.value:
        told += f" Worst since: {formats.in_unit(breach.worst_value, unit, currency)}."
    return told


def standing(breach: Breach) -> str:
    """Return where the breach stands, by whom, and until when."""
    words = STATE_WORDS[breach.state]
    if breach.person and breach.state is not BreachState.RAISED:
        words += f" by {breach.person}"
    if breach.until_ns and breach.state in (BreachState.SNOOZED, BreachState.OVERRIDDEN):
        words += f" until {formats.time_utc(breach.until_ns)} UTC"
    elif breach.state is BreachState.OVERRIDDEN:
        words += " until the day roll"
    return words
