"""An alert: what is told outside the window about one cause, in plain text and without secrets."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from plimsoll.domain.breach import Breach
from plimsoll.domain.breach_group import GRAVITY
from plimsoll.domain.limit import Severity, Unit

MOST_NAMED = 20
"""Breaches of one cause named one by one; beyond that nobody reads on, and they are counted."""
LONGEST_LINE = 200
_SIGNS = {Unit.FRACTION: (100.0, 2, " %"), Unit.RATIO: (1.0, 2, "x"), Unit.INDEX: (1.0, 3, "")}


@dataclass(frozen=True, slots=True)
class Alert:
    """One message of one cause at one level of escalation.

    Attributes
    ----------
    alert_id : str
        The same for each try to send it, so that a receiver knows a repeat.
    cause_id : str
        What the breaches in it have in common.
    level : int
        0 when first told, then the level of escalation.
    severity : Severity
        Of the gravest breach.
    title : str
        One line.
    lines : tuple of str
        What happened, a sentence a line.
    breach_ids : tuple of str
        Every breach of the cause, the named and the counted.
    raised_ns : int
        When the first was raised, on the desk's clock.
    source : str
        From which feed the prices come: a demo's alert says that it is one.
    is_test : bool
        Whether a person only tries the channel.
    """

    alert_id: str
    cause_id: str
    level: int
    severity: Severity
    title: str
    lines: tuple[str, ...]
    breach_ids: tuple[str, ...]
    raised_ns: int
    source: str
    is_test: bool = False

    @property
    def text(self) -> str:
        """The whole message."""
        return "\n".join((self.title, "", *self.lines, "", f"Source: {self.source}"))


def alert_about(
    breaches: Sequence[Breach], *, cause_id: str, level: int, currency: str, source: str
) -> Alert:
    """Return the one message about breaches of one cause.

    Parameters
    ----------
    breaches : sequence of Breach
        At least one; the gravest gives the title.
    cause_id : str
        What they have in common.
    level : int
        Of escalation; 0 when first told.
    currency : str
        What money is stated in.
    source : str
        From which feed the prices come.
    """
    gravest = max(breaches, key=lambda breach: (GRAVITY[breach.limit.severity], -breach.raised_received_ns))
    severity = gravest.limit.severity
    again = f" (still not acknowledged, level {level})" if level else ""
    more = f" and {len(breaches) - 1} more" if len(breaches) > 1 else ""
    lines = [sentence(breach, currency) for breach in breaches[:MOST_NAMED]]
    if len(breaches) > MOST_NAMED:
        lines.append(f"… and {len(breaches) - MOST_NAMED} more of the same cause.")
    return Alert(
        alert_id=f"{gravest.breach_id}-{level}",
        cause_id=cause_id,
        level=level,
        severity=severity,
        title=plain(f"{severity.value}: {gravest.title}{more}{again}"),
        lines=tuple(lines),
        breach_ids=tuple(breach.breach_id for breach in breaches),
        raised_ns=min(breach.raised_received_ns for breach in breaches),
        source=plain(source),
    )


def trial_alert(*, person: str, now_ns: int, source: str) -> Alert:
    """Return what a person sends to see whether it arrives."""
    return Alert(
        alert_id=f"test-{now_ns}",
        cause_id="test",
        level=0,
        severity=Severity.MEDIUM,
        title="Test: no limit is broken",
        lines=(plain(f"{person} asked whether alerts of Plimsoll arrive here. They do."),),
        breach_ids=(),
        raised_ns=now_ns,
        source=plain(source),
        is_test=True,
    )


def sentence(breach: Breach, currency: str) -> str:
    """Return one breach as a line: its id, what is broken, by how much."""
    unit = breach.limit.measure.unit
    value, line = (written(figure, unit, currency) for figure in (breach.value, breach.limit.line))
    return plain(f"{breach.breach_id}  {breach.title}: {breach.limit.measure.caption} {value}, limit {line}")


def written(value: float, unit: Unit, currency: str) -> str:
    """Return a figure as plain text that any mail reader and pager shows."""
    if unit is Unit.MONEY:
        return f"{value:,.0f} {currency}"
    scale, digits, sign = _SIGNS[unit]
    return f"{value * scale:,.{digits}f}{sign}"


def plain(text: str) -> str:
    """Return one line: what could break out of it, or turn it around, becomes a blank; overlong is cut."""
    # Names come from files of others: a line break would be a header of its own in a mail.
    kept = "".join(
        " " if unicodedata.category(sign) in {"Cc", "Cf", "Zl", "Zp", "Cs"} else sign for sign in text
    )
    return kept if len(kept) <= LONGEST_LINE else f"{kept[: LONGEST_LINE - 1]}…"
