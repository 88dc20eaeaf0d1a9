"""Every change of a limit that this window knows of: from the journal at the start, and since."""

from collections.abc import Iterable
from dataclasses import replace

from plimsoll.domain.desk_request import LimitChangeAsked, LimitChangeConfirmed, LimitChangeWithdrawn
from plimsoll.domain.limit import Limit
from plimsoll.domain.limit_change import ChangeState, LimitChange
from plimsoll.engine.limit_record import change_from
from plimsoll.engine.limit_register import LIMIT_CHANGE
from plimsoll.engine.ports import JournalRow

CHANGE_KINDS = (LIMIT_CHANGE,)
"""The journal rows that `changes_of_rows` reads."""


class LimitPast:
    """Keeps the newest word about each change."""

    def __init__(self) -> None:
        self._changes: dict[str, LimitChange] = {}
        self._asked: dict[str, Limit | None] = {}

    def take(self, changes: Iterable[LimitChange]) -> None:
        """Take what the journal or a snapshot says; it replaces what was known of the same change."""
        self._changes |= {change.change_id: change for change in changes}

    def of(self, limit_id: str) -> tuple[LimitChange, ...]:
        """Return the changes of a limit, the newest first."""
        found = [change for change in self._changes.values() if change.limit_id == limit_id]
        return tuple(sorted(found, key=lambda change: change.proposed_ns, reverse=True))

    def note_asked(self, request: LimitChangeAsked, before: Limit | None) -> None:
        """Remember how a limit stood when its change was asked for."""
        self._asked[request.change_id] = before

    def note_taken(self, request: object, now_ns: int) -> None:
        """Keep what the desk took; where a part of it waits, the next snapshot says so."""
        match request:
            case LimitChangeAsked(change_id=change_id, limit_id=limit_id, after=after):
                before = self._asked.pop(change_id, None)
                change = LimitChange(
                    change_id=change_id,
                    limit_id=limit_id,
                    person=request.person,
                    reason=request.reason,
                    before=before,
                    after=after,
                    at_once=after,
                    proposed_ns=now_ns,
                    acts_ns=now_ns,
                    state=ChangeState.ACTED,
                    decided_ns=now_ns,
                )
                self._changes.setdefault(change_id, change)
            case LimitChangeConfirmed():
                self._end(request, ChangeState.CONFIRMED, "", now_ns)
            case LimitChangeWithdrawn(reason=reason):
                self._end(request, ChangeState.CANCELLED, reason, now_ns)

    def _end(
        self,
        request: LimitChangeConfirmed | LimitChangeWithdrawn,
        state: ChangeState,
        reason: str,
        now_ns: int,
    ) -> None:
        change = self._changes.get(request.change_id)
        if change is not None:
            self._changes[change.change_id] = replace(
                change, state=state, second_person=request.person, second_reason=reason, decided_ns=now_ns
            )


def changes_of_rows(rows: Iterable[JournalRow]) -> tuple[LimitChange, ...]:
    """Return the changes that journal rows tell, each as it was last told.

    Raises
    ------
    msgspec.ValidationError
        If a row is not a change as the register writes it.
    """
    told = {change.change_id: change for change in (change_from(row.body) for row in rows)}
    return tuple(told.values())
