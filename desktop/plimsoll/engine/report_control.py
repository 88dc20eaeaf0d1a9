"""The controls of a report: limits, their breaches, what was done about them, what nobody has ever tried."""

import math
from collections import Counter
from collections.abc import Sequence
from datetime import date

from plimsoll.domain.breach import BreachState
from plimsoll.domain.desk_figures import DeskFigures
from plimsoll.domain.limit import Limit, LimitState, Scope, ScopeKind, Severity
from plimsoll.domain.report import Cell, CellKind, Column, ReportPart, Tone, cell_in, text_cell
from plimsoll.domain.response_policy import PlanKind, ResponsePolicy
from plimsoll.engine.report_past import Act, JournalPast, PastBreach

K = CellKind
NAN = float("nan")
_EPOCH = date(1970, 1, 1)
_SEVERITIES = tuple(Severity)
_STATE_TONE = {
    LimitState.FINE.value: Tone.WITHIN,
    LimitState.NEAR.value: Tone.NEAR,
    LimitState.OVER.value: Tone.OVER,
    LimitState.UNKNOWN.value: Tone.MUTED,
}
_SEVERITY_TONE = {Severity.CRITICAL: Tone.OVER, Severity.HIGH: Tone.NEAR, Severity.MEDIUM: Tone.PLAIN}

LIMITS, BREACHES, RULES = "Limits", "Breaches", "Breaches by limit"
ACTIONS, UNTESTED = "Actions", "Untested controls"


def limit_part(
    limits: Sequence[Limit], figures: DeskFigures | None, past: JournalPast, made_day: int
) -> ReportPart:
    """Return every limit with its owner, its use, and when somebody has to look at it again."""
    known = {line.limit_id: line for line in figures.limits} if figures is not None else {}
    rows = []
    n_overdue = 0
    for limit in limits:
        line = known.get(limit.limit_id)
        state = line.state if line is not None else LimitState.UNKNOWN.value
        review, is_overdue = _review(limit, made_day)
        n_overdue += is_overdue
        rows.append(
            (
                text_cell(limit.name + (f" · {line.member}" if line is not None and line.member else "")),
                text_cell(limit.severity.value, _SEVERITY_TONE[limit.severity]),
                text_cell(_scope_words(limit.scope)),
                cell_in(line.value if line is not None else NAN, limit.measure.unit),
                cell_in(limit.line, limit.measure.unit),
                Cell(line.use_fraction if line is not None else NAN, K.USE, _STATE_TONE[state]),
                text_cell(state, _STATE_TONE[state]),
                text_cell(limit.owner or "nobody", Tone.PLAIN if limit.owner else Tone.NEAR),
                text_cell(review, Tone.OVER if is_overdue else Tone.PLAIN),
                Cell(past.n_fired[limit.limit_id], K.COUNT),
            )
        )
    words = f"{len(rows)} limits"
    if n_overdue:
        words += f"; the review of {n_overdue} is OVERDUE"
    if not known:
        words += "; what they used is not in the journal for this day"
    return ReportPart(
        LIMITS,
        words + "." if rows else "The journal names no limits.",
        (
            Column("Limit", weight=2.7),
            Column("Severity", weight=1.0),
            Column("Scope", weight=1.1),
            Column("Value", K.MONEY, 1.1),
            Column("Line", K.MONEY, 1.1),
            Column("Use", K.USE, 0.7),
            Column("State", weight=0.9),
            Column("Owner", weight=1.3),
            Column("Next review", weight=1.3),
            Column("Fired", K.COUNT, 0.6),
        ),
        tuple(rows),
    )


def breach_part(breaches: Sequence[PastBreach], figures: DeskFigures | None) -> ReportPart:
    """Return the breaches, the open ones first, then the worst, then the newest.

    The journal tells the worst value with each step of a breach; where `figures` know a worse one of an open
    breach, it counts.
    """
    order = sorted(
        breaches,
        key=lambda past: (
            past.breach.state is BreachState.CLOSED,
            -_SEVERITIES.index(past.breach.limit.severity),
            -past.raised_ns,
        ),
    )
    n_open = sum(past.breach.is_open for past in breaches)
    n_unfiled = sum(past.breach.is_unfiled for past in breaches)
    counted = _counted(len(breaches), "breach", "breaches")
    words = f"{counted}; {n_open:,} open at the end, {n_unfiled:,} over but not yet filed."
    return ReportPart(
        BREACHES,
        words if breaches else "No limit was broken.",
        (
            Column("Breach", weight=0.9),
            Column("Limit", weight=2.2),
            Column("Severity", weight=1.0),
            Column("Raised", K.INSTANT, 1.5),
            Column("Ended", K.INSTANT, 1.5),
            Column("Worst", K.MONEY, 1.1),
            Column("Line", K.MONEY, 1.1),
            Column("State", weight=1.1),
            Column("Cause", weight=1.1),
            Column("Resolution", weight=1.2),
            Column("By and why", weight=2.0),
        ),
        tuple(_breach_row(past, figures) for past in order),
    )


def rule_part(breaches: Sequence[PastBreach], limits: Sequence[Limit]) -> ReportPart:
    """Return how often each limit fired, and how its breaches ended, the most frequent first."""
    names = {past.breach.limit.limit_id: past.breach.limit for past in breaches}
    names |= {limit.limit_id: limit for limit in limits}
    by_limit: dict[str, list[PastBreach]] = {}
    for past in breaches:
        by_limit.setdefault(past.breach.limit.limit_id, []).append(past)
    rows = []
    for limit_id, group in sorted(by_limit.items(), key=lambda item: (-len(item[1]), item[0])):
        limit = names[limit_id]
        ended = [(past.ended_ns - past.raised_ns) / 1e9 for past in group if past.ended_ns]
        rows.append(
            (
                text_cell(limit.name),
                text_cell(limit.severity.value, _SEVERITY_TONE[limit.severity]),
                text_cell(limit.owner or "nobody"),
                Cell(len(group), K.COUNT),
                Cell(sum(past.breach.is_open for past in group), K.COUNT),
                Cell(sum(past.n_overrides for past in group), K.COUNT),
                Cell(sum(past.breach.is_unfiled for past in group), K.COUNT),
                Cell(max((past.breach.use_fraction for past in group), default=NAN), K.USE),
                Cell(sum(ended) / len(ended) / 3600.0 if ended else NAN, K.INDEX),
            )
        )
    return ReportPart(
        RULES,
        f"{_counted(len(rows), 'limit', 'limits')} fired in this period."
        if rows
        else "No limit fired in this period.",
        (
            Column("Limit", weight=2.6),
            Column("Severity"),
            Column("Owner", weight=1.3),
            Column("Breaches", K.COUNT, 0.9),
            Column("Open", K.COUNT, 0.7),
            Column("Overridden", K.COUNT),
            Column("Not filed", K.COUNT, 0.9),
            Column("Worst use", K.USE),
            Column("Mean hours", K.INDEX),
        ),
        tuple(rows),
    )


def action_part(acts: Sequence[Act]) -> ReportPart:
    """Return proposals, decisions, overrides, orders and changes, the newest first."""
    counts = Counter(act.kind for act in acts)
    words = ", ".join(f"{n:,} × {kind}" for kind, n in counts.most_common())
    return ReportPart(
        ACTIONS,
        f"What was proposed, decided, sent and changed, the newest first: {words}."
        if acts
        else "Nothing was proposed, decided, sent or changed.",
        (
            Column("When", K.INSTANT, 1.5),
            Column("What", weight=1.2),
            Column("Who", weight=1.0),
            Column("About", weight=2.2),
            Column("Words", weight=3.4),
            Column("Result", weight=1.6),
        ),
        tuple(
            (
                Cell(act.at_ns, K.INSTANT),
                text_cell(act.kind, Tone.NEAR if act.kind == "override" else Tone.PLAIN),
                text_cell(act.person),
                text_cell(act.about),
                text_cell(act.words),
                text_cell(act.result),
            )
            for act in sorted(acts, key=lambda act: -act.at_ns)
        ),
    )


def untested_part(limits: Sequence[Limit], policy: ResponsePolicy, past: JournalPast) -> ReportPart:
    """Return the limits that never fired and the responses nobody ever carried out."""
    rows = [
        (
            text_cell("limit"),
            text_cell(limit.name),
            text_cell(limit.owner or "nobody"),
            text_cell("has never fired as far as the journal reaches: move its line in a drill"),
        )
        for limit in limits
        if not past.n_fired[limit.limit_id]
    ]
    for response in policy.responses:
        if response.kind is PlanKind.ALERT:
            continue
        used = past.responses.get(response.name)
        if used is None:
            why = "was never proposed, so nobody has seen its plan"
        elif not used.n_executed:
            why = f"was proposed {_counted(used.n_proposed, 'time', 'times')} and never carried out"
        else:
            continue
        rows.append(
            (
                text_cell("response"),
                text_cell(f"{response.name} ({response.kind.caption})"),
                text_cell(""),
                text_cell(why),
            )
        )
    if not past.drilled_ns:
        rows.append(
            (
                text_cell("kill switch"),
                text_cell("cancel, verify, flatten"),
                text_cell(""),
                text_cell("was never drilled"),
            )
        )
    return ReportPart(
        UNTESTED,
        f"{len(rows)} controls that nobody has seen act: a control that never acted is a hope, not a control."
        if rows
        else "Every limit has fired, every response was carried out and the kill switch was drilled.",
        (
            Column("Control", weight=1.0),
            Column("Name", weight=2.6),
            Column("Owner", weight=1.4),
            Column("Why it stands here", weight=4.0),
        ),
        tuple(rows),
    )


def _counted(n: int, one: str, many: str) -> str:
    return f"{n:,} {one if n == 1 else many}"


def _breach_row(past: PastBreach, figures: DeskFigures | None) -> tuple[Cell, ...]:
    breach = past.breach
    unit = breach.limit.measure.unit
    worst = breach.worst_value if math.isfinite(breach.worst_value) else NAN
    now = figures.limit(breach.limit.limit_id) if figures is not None and breach.is_open else None
    if now is not None and now.member == breach.member and breach.limit.is_worse(now.value, worst):
        worst = now.value
    said = breach.comment or breach.reason
    return (
        text_cell(breach.breach_id),
        text_cell(breach.title),
        text_cell(breach.limit.severity.value, _SEVERITY_TONE[breach.limit.severity]),
        Cell(past.raised_ns, K.INSTANT),
        Cell(past.ended_ns, K.INSTANT),
        cell_in(worst, unit),
        cell_in(breach.limit.line, unit),
        text_cell(breach.state.value, Tone.OVER if breach.is_open else Tone.PLAIN),
        text_cell(breach.cause.caption if breach.cause is not None else ""),
        text_cell(breach.resolution.caption if breach.resolution is not None else ""),
        text_cell(f"{breach.person}: {said}" if breach.person and said else breach.person or said),
    )


def _review(limit: Limit, made_day: int) -> tuple[str, bool]:
    """Return the next review in words, and whether it is overdue."""
    if not limit.next_review:
        return "none set", False
    try:
        due = (date.fromisoformat(limit.next_review) - _EPOCH).days
    except ValueError:
        return limit.next_review, False
    is_overdue = due < made_day
    return f"{limit.next_review} OVERDUE" if is_overdue else limit.next_review, is_overdue


def _scope_words(scope: Scope) -> str:
    if scope.kind is ScopeKind.BOOK:
        return "book"
    kind = scope.kind.value.replace("_", " ")
    return scope.member or f"each {kind}"
