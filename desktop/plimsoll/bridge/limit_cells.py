"""What each column of the limits says, as text and as the number by which it sorts."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum

from plimsoll.bridge.resting_limit import minute_words
from plimsoll.bridge.roles import Meaning, meaning_of_use
from plimsoll.domain.breach_group import GRAVITY
from plimsoll.domain.limit import LimitState, ScopeKind
from plimsoll.domain.limit_change import LimitChange
from plimsoll.domain.snapshot import LimitStatus

OVERDUE = "overdue"
WAITING = "change waits"
TEMPORARY = "temporary"
RESTING = "not in force"
NAN = float("nan")


class LimitColumn(IntEnum):
    """The columns, in their order."""

    NAME = 0
    SCOPE = 1
    MEASURE = 2
    VALUE = 3
    LINE = 4
    USE = 5
    COURSE = 6
    STATE = 7
    SEVERITY = 8
    WARNING = 9
    RESET = 10
    CHANGE = 11
    REVIEW = 12
    UNTIL = 13
    OWNER = 14
    RESPONSE = 15
    PURPOSE = 16


CAPTIONS = {
    LimitColumn.NAME: "Limit",
    LimitColumn.SCOPE: "Scope",
    LimitColumn.MEASURE: "Measure",
    LimitColumn.VALUE: "Now",
    LimitColumn.LINE: "Line",
    LimitColumn.USE: "Use",
    LimitColumn.COURSE: "Today",
    LimitColumn.STATE: "State",
    LimitColumn.SEVERITY: "Severity",
    LimitColumn.WARNING: "Warns at",
    LimitColumn.RESET: "Eases below",
    LimitColumn.CHANGE: "Waiting change",
    LimitColumn.REVIEW: "Next review",
    LimitColumn.UNTIL: "Stands until",
    LimitColumn.OWNER: "Owner",
    LimitColumn.RESPONSE: "Response",
    LimitColumn.PURPOSE: "Purpose",
}
NUMBERS = frozenset(
    {LimitColumn.VALUE, LimitColumn.LINE, LimitColumn.USE, LimitColumn.WARNING, LimitColumn.RESET}
)
LIVE = frozenset({LimitColumn.VALUE, LimitColumn.USE, LimitColumn.STATE})
"""Columns whose order may change without anybody asking."""


@dataclass(frozen=True, slots=True)
class LimitRow:
    """What one row says.

    Attributes
    ----------
    status : LimitStatus
        Where the limit stands.
    change : LimitChange or None
        The loosening that waits, if one does.
    today : str
        The desk's day as an ISO date, against which a review is overdue; empty before it is known.
    rest : str
        Why it is not in force now; empty for one that is.
    """

    status: LimitStatus
    change: LimitChange | None = None
    today: str = ""
    rest: str = ""

    @property
    def is_overdue(self) -> bool:
        """Whether somebody should have looked at the limit again by now."""
        return bool(self.status.limit.next_review) and self.status.limit.next_review < self.today

    @property
    def marks(self) -> tuple[str, ...]:
        """Return what a filter may ask for: the state and what there is beside it."""
        return tuple(
            mark
            for mark, is_there in (
                (self.status.state.value, not self.rest),
                (RESTING, bool(self.rest)),
                (WAITING, self.change is not None),
                (OVERDUE, self.is_overdue),
                (TEMPORARY, bool(self.status.limit.stands_in_for)),
            )
            if is_there
        )


def meaning_of_status(status: LimitStatus) -> Meaning:
    """Return what a limit's state says."""
    return Meaning.UNKNOWN if status.state is LimitState.UNKNOWN else meaning_of_use(status.use_fraction)


def meaning_of_row(row: LimitRow) -> Meaning:
    """Return what a row says; a limit that is not in force says nothing good or bad."""
    return Meaning.PLAIN if row.rest else meaning_of_status(row.status)


def scope_words(status: LimitStatus) -> str:
    """Return over what a limit is measured, naming the worst member."""
    kind = status.limit.scope.kind
    if kind is ScopeKind.BOOK:
        return "book"
    words = kind.value.replace("_", " ")
    if status.limit.scope.member:
        return f"{words} {status.limit.scope.member}"
    return f"each {words}, worst {status.member}" if status.member else f"each {words}"


def state_words(row: LimitRow) -> str:
    """Return a limit's state with the reason why it is unknown; of one not in force, since or until when."""
    if row.rest:
        return row.rest
    return ": ".join(filter(None, (row.status.state.value, row.status.reason)))


def measure_words(row: LimitRow) -> str:
    """Return what is measured, with its detail."""
    return ", ".join(filter(None, (row.status.limit.measure.caption, row.status.limit.detail)))


def name_words(row: LimitRow) -> str:
    """Return a limit's name; a temporary one says for which it stands in."""
    limit = row.status.limit
    return f"{limit.name} (for {limit.stands_in_for})" if limit.stands_in_for else limit.name


def change_words(row: LimitRow) -> str:
    """Return which change waits until when, and who asked."""
    change = row.change
    if change is None:
        return ""
    what = "removal" if change.after is None else "loosening"
    return f"{what} {minute_words(change.acts_ns)}, {change.person}"


def review_words(row: LimitRow) -> str:
    """Return the day of the next review; one that is past says so."""
    day = row.status.limit.next_review
    return f"{day} {OVERDUE}" if row.is_overdue else day


def _until_words(row: LimitRow) -> str:
    limit = row.status.limit
    return minute_words(limit.until_ns) if limit.effective_until else ""


READERS: dict[LimitColumn, Callable[[LimitRow], float | str]] = {
    LimitColumn.NAME: name_words,
    LimitColumn.SCOPE: lambda row: scope_words(row.status),
    LimitColumn.MEASURE: measure_words,
    LimitColumn.VALUE: lambda row: row.status.value,
    LimitColumn.LINE: lambda row: row.status.limit.line,
    LimitColumn.USE: lambda row: row.status.use_fraction,
    LimitColumn.COURSE: lambda _: "",
    LimitColumn.STATE: state_words,
    LimitColumn.SEVERITY: lambda row: row.status.limit.severity.value,
    LimitColumn.WARNING: lambda row: row.status.limit.warning_fraction,
    LimitColumn.RESET: lambda row: row.status.limit.reset_fraction,
    LimitColumn.CHANGE: change_words,
    LimitColumn.REVIEW: review_words,
    LimitColumn.UNTIL: _until_words,
    LimitColumn.OWNER: lambda row: row.status.limit.owner,
    LimitColumn.RESPONSE: lambda row: row.status.limit.response,
    LimitColumn.PURPOSE: lambda row: row.status.limit.purpose,
}

_URGENCY = {LimitState.FINE: 0.0, LimitState.NEAR: 1.0, LimitState.UNKNOWN: 2.0, LimitState.OVER: 3.0}
RANKS: dict[LimitColumn, Callable[[LimitRow], float]] = {
    LimitColumn.STATE: lambda row: -1.0 if row.rest else _URGENCY[row.status.state],
    LimitColumn.SEVERITY: lambda row: float(GRAVITY[row.status.limit.severity]),
    LimitColumn.CHANGE: lambda row: float(row.change.acts_ns) if row.change is not None else NAN,
    LimitColumn.UNTIL: lambda row: (
        float(row.status.limit.until_ns) if row.status.limit.effective_until else NAN
    ),
    LimitColumn.COURSE: lambda row: row.status.use_fraction,
}
"""Columns that sort by something else than their text or number; NaN comes last."""
