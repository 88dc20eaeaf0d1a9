"""A line of the alert centre: what happened to which breach, when and by whom."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import msgspec

from plimsoll.domain.breach import Breach
from plimsoll.domain.decision import Decision
from plimsoll.domain.limit import Severity
from plimsoll.engine.breach_record import breach_from
from plimsoll.engine.ports import JournalRow
from plimsoll.notify.alert import written

HISTORY_KINDS = ("breach_raised", "breach_changed", "decision", "notice")
"""The kinds of journal row that make the history."""
NOTICE, ALARM, DECISION = "notice", "alarm", "decision"


@dataclass(frozen=True, slots=True)
class AlertEntry:
    """One line.

    Attributes
    ----------
    time_ns : int
        When, on the desk's clock.
    severity : Severity or None
        Of the breach; None for a notice.
    state : str
        Where the breach stood after it, or "decision", "notice", "alarm".
    limit_id : str
        Of the limit; empty for a notice.
    title : str
        The limit's name and member.
    words : str
        What happened.
    person : str
        Who; empty where nobody did it.
    level : int
        Of escalation.
    breach_id : str
        Which breach.
    is_unfiled : bool
        Whether the incident is over and still lacks its cause and resolution.
    """

    time_ns: int
    severity: Severity | None
    state: str
    limit_id: str
    title: str
    words: str
    person: str = ""
    level: int = 0
    breach_id: str = ""
    is_unfiled: bool = False


def entry_of_breach(breach: Breach, time_ns: int, currency: str) -> AlertEntry:
    """Return a breach as it stands."""
    limit = breach.limit
    unit = limit.measure.unit
    value, line = written(breach.worst_value, unit, currency), written(limit.line, unit, currency)
    words = f"{limit.measure.caption} {value}, limit {line}"
    if breach.resolution is not None:
        words = f"filed: {breach.resolution.caption.lower()}. {breach.comment}".strip()
    elif breach.reason:
        words += f": {breach.reason}"
    return AlertEntry(
        time_ns,
        limit.severity,
        breach.state.value,
        limit.limit_id,
        breach.title,
        words,
        breach.person,
        breach.escalation,
        breach.breach_id,
        breach.is_unfiled,
    )


def entry_of_decision(decision: Decision, about: AlertEntry | None, time_ns: int) -> AlertEntry:
    """Return a decision; `about` is what was last known of its breach."""
    kind = decision.kind.value.replace("_", " ")
    return _decided(kind, decision.reason, decision.person, decision.breach_id, about=about, time_ns=time_ns)


def entry_of_notice(text: str, time_ns: int, *, is_alarm: bool) -> AlertEntry:
    """Return a sentence of the desk's own."""
    return AlertEntry(time_ns, None, ALARM if is_alarm else NOTICE, "", "", text)


def entries_of_rows(rows: Iterable[JournalRow], currency: str) -> Iterator[AlertEntry]:
    """Yield the history that journal rows tell, oldest first; a row that cannot be read says so."""
    known: dict[str, AlertEntry] = {}
    for row in rows:
        try:
            entry = _entry_of_row(row, known, currency)
        except (msgspec.ValidationError, KeyError, TypeError, ValueError):
            entry = entry_of_notice(
                f"row {row.number} of the journal ({row.kind}) could not be read",
                row.received_time_ns,
                is_alarm=True,
            )
        if entry is not None:
            if entry.breach_id:
                known[entry.breach_id] = entry
            yield entry


def _entry_of_row(row: JournalRow, known: Mapping[str, AlertEntry], currency: str) -> AlertEntry | None:
    body = row.body
    if row.kind in ("breach_raised", "breach_changed"):
        # The evidence is most of the row, and no line of the centre shows it.
        facts = {key: value for key, value in body.items() if key != "evidence"}
        return entry_of_breach(breach_from(facts), row.received_time_ns, currency)
    if row.kind == "decision":
        breach_id = str(body["breach_id"])
        kind, reason = str(body["kind"]).replace("_", " "), str(body.get("reason") or "")
        about = known.get(breach_id)
        return _decided(kind, reason, row.person, breach_id, about=about, time_ns=row.received_time_ns)
    if row.kind == "notice":
        return entry_of_notice(
            str(body["text"]), row.received_time_ns, is_alarm=bool(body.get("is_alarm", False))
        )
    return None


def _decided(
    kind: str, reason: str, person: str, breach_id: str, *, about: AlertEntry | None, time_ns: int
) -> AlertEntry:
    return AlertEntry(
        time_ns,
        about.severity if about is not None else None,
        DECISION,
        about.limit_id if about is not None else "",
        about.title if about is not None else breach_id,
        f"{kind}: {reason}" if reason else kind,
        person,
        0,
        breach_id,
    )
