"""The limits in force, and every change of them: journalled, then taken by what judges and draws them."""

from collections.abc import Callable, Mapping

from plimsoll.domain.desk_request import LimitChangeAsked, LimitChangeConfirmed, LimitChangeWithdrawn
from plimsoll.domain.errors import DecisionRefused
from plimsoll.domain.limit import Limit
from plimsoll.domain.limit_change import LimitChange
from plimsoll.domain.person import People
from plimsoll.engine.limit_record import body_of_limits, limits_from
from plimsoll.engine.limit_register import LIMIT_CHANGE, LIMITS_TAKEN, LimitRegister

LimitRequest = LimitChangeAsked | LimitChangeConfirmed | LimitChangeWithdrawn
Write = Callable[[str, Mapping[str, object], int, str], object]
"""Writes a row: its kind and body, when by the desk's clock, and the person."""

LIMITS_FILE = "limits_file"
"""The row that says what the limits file held at a start, where it had been changed."""
ROW_KINDS = (LIMITS_TAKEN, LIMIT_CHANGE, LIMITS_FILE)
FILE_REASON = "the limits file was changed by hand since the last start"


class LimitKeeper:
    """Joins the register of limits with the journal; one owner, the risk thread.

    Attributes
    ----------
    limits : tuple of Limit
        In force; the same object until they change.
    """

    def __init__(self, file_limits: tuple[Limit, ...], people: People, write: Write) -> None:
        self.limits = file_limits
        self._file_limits = file_limits
        self._people = people
        self._write = write
        self._register = LimitRegister(file_limits)
        self._seen: tuple[Limit, ...] | None = None
        self._until_ns = 0

    @property
    def pending(self) -> tuple[LimitChange, ...]:
        """Loosenings that wait, the next to act first."""
        return self._register.pending

    def written(self, now_ns: int) -> tuple[Limit, ...]:
        """Return all limits, in force or not, as a limits file would have them."""
        return self._register.limits(now_ns)

    def restore(self, kind: str, body: Mapping[str, object]) -> None:
        """Take one journal row of an earlier session."""
        if kind in {LIMITS_TAKEN, LIMITS_FILE}:
            self._seen = limits_from(body)
        if kind != LIMITS_FILE:
            self._register.restore(kind, body)

    def begin(self, now_ns: int) -> list[str]:
        """Note the file's limits at the first start; later propose what was changed in it by hand since.

        What was changed in the program stands, whatever the file says. Return what was refused, in words.

        Raises
        ------
        JournalUnavailable
            If a row could not be written.
        """
        refused = []
        if self._seen is None:
            kind, body = self._register.first_row()
            self._write(kind, body, now_ns, "")
        elif self._seen != self._file_limits:
            seen = {limit.limit_id: limit for limit in self._seen}
            now = {limit.limit_id: limit for limit in self._file_limits}
            for limit_id, after in self._register.differences(self._file_limits, now_ns):
                if seen.get(limit_id) != now.get(limit_id):
                    refused += self._propose_of_file(limit_id, after, now_ns)
            self._write(LIMITS_FILE, body_of_limits(self._file_limits), now_ns, "")
        self._act_due(now_ns)
        return refused

    def take(self, request: LimitRequest, now_ns: int) -> LimitChange:
        """Carry out a request and return what came of it.

        Raises
        ------
        DecisionRefused
            If it may not be; nothing has changed.
        JournalUnavailable
            If it could not be written; nothing has changed.
        """
        register, person = self._register, self._people.of(request.person)
        match request:
            case LimitChangeAsked(change_id=change_id, limit_id=limit_id, after=after, reason=reason):
                change = register.propose(change_id, limit_id, after, person, reason, now_ns)
            case LimitChangeConfirmed(change_id=change_id):
                change = register.confirm(change_id, person, now_ns)
            case LimitChangeWithdrawn(change_id=change_id, reason=reason):
                change = register.cancel(change_id, person, reason, now_ns)
        self._keep(change, now_ns, request.person)
        self._stand(now_ns)
        return change

    def follow(self, now_ns: int) -> tuple[LimitChange, ...]:
        """Let time pass: return the loosenings that act now, journalled; temporary limits begin and end.

        Raises
        ------
        JournalUnavailable
            If a row could not be written; the loosening waits on.
        """
        if now_ns < self._until_ns:
            return ()
        return self._act_due(now_ns)

    def _act_due(self, now_ns: int) -> tuple[LimitChange, ...]:
        due = self._register.due(now_ns)
        for change in due:
            self._keep(change, now_ns, change.person)
        self._stand(now_ns)
        return due

    def _propose_of_file(self, limit_id: str, after: Limit | None, now_ns: int) -> list[str]:
        owner = self._people.persons[0].name if self._people.persons else ""
        try:
            change = self._register.propose(
                f"file-{now_ns}-{limit_id}", limit_id, after, self._people.of(owner), FILE_REASON, now_ns
            )
        except DecisionRefused as refusal:
            return [f"{limit_id}: {refusal}"]
        self._keep(change, now_ns, owner)
        return []

    def _keep(self, change: LimitChange, now_ns: int, person: str) -> None:
        kind, body = LimitRegister.row(change)
        self._write(kind, body, now_ns, person)
        self._register.restore(kind, body)

    def _stand(self, now_ns: int) -> None:
        standing = self._register.standing(now_ns)
        if standing != self.limits:
            self.limits = standing
        self._until_ns = self._register.stands_until(now_ns)
