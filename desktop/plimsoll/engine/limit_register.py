"""The limits that stand, official and temporary, and every change of them: tighten now, loosen tomorrow."""

from collections.abc import Mapping
from dataclasses import replace

from plimsoll.domain.decision import SHORTEST_REASON
from plimsoll.domain.errors import DecisionRefused
from plimsoll.domain.limit import ALWAYS_NS, Limit
from plimsoll.domain.limit_change import LOOSENING_DELAY_S, ChangeState, LimitChange, tightened_part
from plimsoll.domain.person import Person, Right
from plimsoll.domain.units import NS_PER_S
from plimsoll.engine.limit_record import body_of_change, body_of_limits, change_from, limits_from

LIMITS_TAKEN = "limits_taken"
LIMIT_CHANGE = "limit_change"
ROW_KINDS = (LIMITS_TAKEN, LIMIT_CHANGE)
"""The journal rows this register is rebuilt from."""


class LimitRegister:
    """What stands, what waits, and what is asked of whom.

    `propose`, `confirm`, `cancel` and `due` only say what would happen: the change they return is journalled
    first, and then taken with `restore`, the path that rebuilds the register at the next start.

    Attributes
    ----------
    delay_s : float
        How long a loosening waits.
    """

    def __init__(self, limits: tuple[Limit, ...], delay_s: float = LOOSENING_DELAY_S) -> None:
        self.delay_s = delay_s
        self._limits = {limit.limit_id: limit for limit in limits}
        self._pending: dict[str, LimitChange] = {}  # by limit: a limit waits for one loosening at a time
        self._ids: set[str] = set()

    @property
    def pending(self) -> tuple[LimitChange, ...]:
        """Loosenings that wait, the next to act first."""
        return tuple(sorted(self._pending.values(), key=lambda change: (change.acts_ns, change.change_id)))

    def limits(self, now_ns: int) -> tuple[Limit, ...]:
        """Return all limits, official and temporary, effective or not, with every loosening due by now."""
        found = dict(self._limits)
        for change in self.pending:
            if change.acts_ns <= now_ns:
                _put(found, change.limit_id, change.after)
        return tuple(found.values())

    def standing(self, now_ns: int) -> tuple[Limit, ...]:
        """Return the limits in force: a temporary one in the place of the official one it stands in for."""
        effective = [limit for limit in self.limits(now_ns) if limit.is_effective_at(now_ns)]
        stand_ins = {limit.stands_in_for: limit for limit in effective if limit.stands_in_for}
        official = [limit for limit in effective if not limit.stands_in_for]
        found = [stand_ins.pop(limit.limit_id, limit) for limit in official]
        return (*found, *stand_ins.values())

    def stands_until(self, now_ns: int) -> int:
        """Return the first later instant at which other limits may be in force; else ALWAYS_NS."""
        ends = [change.acts_ns for change in self._pending.values()]
        for limit in self.limits(now_ns):
            ends += [limit.from_ns, limit.until_ns]
        return min((end for end in ends if end > now_ns), default=ALWAYS_NS)

    def propose(
        self, change_id: str, limit_id: str, after: Limit | None, person: Person, reason: str, now_ns: int
    ) -> LimitChange:
        """Return what a change would do: all of it at once, or its tightening part now and the rest later.

        Parameters
        ----------
        change_id : str
            Unique.
        limit_id : str
            The limit to add, change or remove.
        after : Limit or None
            How it should stand; None to remove it.
        person : Person
            Who wants it.
        reason : str
            Why, at least ten characters.
        now_ns : int
            The desk's clock.

        Raises
        ------
        DecisionRefused
            If it may not be: no name, no reason, no right to loosen, or nothing that could stand.
        """
        _check(change_id not in self._ids, "this change was asked for already; nothing is done twice")
        _check_person(person, reason)
        limits = {limit.limit_id: limit for limit in self.limits(now_ns)}
        before = limits.get(limit_id)
        _check(before is not None or after is not None, f"there is no limit {limit_id!r} to remove")
        _check(before != after, f"the limit {limit_id!r} stands like that already; nothing would change")
        if after is not None:
            _check(
                after.limit_id == limit_id, f"the limit's id was {after.limit_id!r}, expected {limit_id!r}"
            )
            _check_presence(after)
            _check_stand_in(after, limits)
        official = _official_of(before or after, limits)
        at_once = tightened_part(before, after, official)
        waits = at_once != after
        if waits:
            _check(person.may(Right.LOOSEN), f"{person.name} has no right to loosen a limit: see people.toml")
        delay_ns = round(self.delay_s * NS_PER_S) if waits else 0
        return LimitChange(
            change_id=change_id,
            limit_id=limit_id,
            person=person.name,
            reason=reason.strip(),
            before=before,
            after=after,
            at_once=at_once,
            proposed_ns=now_ns,
            acts_ns=now_ns + delay_ns,
            state=ChangeState.PENDING if waits else ChangeState.ACTED,
            decided_ns=now_ns,
        )

    def confirm(self, change_id: str, person: Person, now_ns: int) -> LimitChange:
        """Return a waiting loosening as a second person lets it act at once.

        Raises
        ------
        DecisionRefused
            If nothing waits under that id, or this person may not.
        """
        change = self._waiting(change_id, now_ns)
        _check(bool(person.name.strip()), "nobody signed this; set a name in the settings")
        _check(
            not _is_same_person(person.name, change.person),
            f"{change.person} asked for it: a second person has to confirm, or it acts after its delay",
        )
        _check(person.may(Right.CONFIRM), f"{person.name} has no right to confirm: see people.toml")
        return replace(
            change,
            state=ChangeState.CONFIRMED,
            acts_ns=now_ns,
            second_person=person.name,
            decided_ns=now_ns,
        )

    def cancel(self, change_id: str, person: Person, reason: str, now_ns: int) -> LimitChange:
        """Return a waiting loosening as cancelled; any named person may.

        Raises
        ------
        DecisionRefused
            If nothing waits under that id, or no reason is given.
        """
        change = self._waiting(change_id, now_ns)
        _check_person(person, reason)
        return replace(
            change,
            state=ChangeState.CANCELLED,
            second_person=person.name,
            second_reason=reason.strip(),
            decided_ns=now_ns,
        )

    def due(self, now_ns: int) -> tuple[LimitChange, ...]:
        """Return the loosenings whose delay has passed, to be journalled; they stand already."""
        return tuple(
            replace(change, state=ChangeState.ACTED, decided_ns=now_ns)
            for change in self.pending
            if change.acts_ns <= now_ns
        )

    def differences(self, limits: tuple[Limit, ...], now_ns: int) -> tuple[tuple[str, Limit | None], ...]:
        """Return what would have to be proposed for a file's limits to stand: (id, limit or None to remove).

        Officials come before the temporary limits that stand in for them, and removals last.
        """
        here = {limit.limit_id: limit for limit in self.limits(now_ns)}
        wanted = {limit.limit_id: limit for limit in limits}
        changed = sorted(
            (limit for limit in limits if here.get(limit.limit_id) != limit),
            key=lambda limit: bool(limit.stands_in_for),
        )
        gone = [(limit_id, None) for limit_id in here if limit_id not in wanted]
        return (*((limit.limit_id, limit) for limit in changed), *gone)

    def first_row(self) -> tuple[str, dict[str, object]]:
        """Return the journal row that says with which limits this register began."""
        return LIMITS_TAKEN, body_of_limits(tuple(self._limits.values()))

    @staticmethod
    def row(change: LimitChange) -> tuple[str, dict[str, object]]:
        """Return the journal row of a change: its kind and body, for `restore` when it is written."""
        return LIMIT_CHANGE, body_of_change(change)

    def restore(self, kind: str, body: Mapping[str, object]) -> None:
        """Take one journal row, of this session when it is written or of an earlier one.

        Raises
        ------
        msgspec.ValidationError
            If the row is not one of `ROW_KINDS` as written by this register.
        """
        if kind == LIMITS_TAKEN:
            self._limits = {limit.limit_id: limit for limit in limits_from(body)}
            self._pending.clear()
            return
        change = change_from(body)
        self._ids.add(change.change_id)
        waiting = self._pending.get(change.limit_id)
        if change.state is ChangeState.CANCELLED:
            if waiting is not None and waiting.change_id == change.change_id:
                del self._pending[change.limit_id]
            return
        # A new wish replaces the one that waits; a loosening that was due had acted by then: see `before`.
        self._pending.pop(change.limit_id, None)
        if change.is_waiting:
            _put(self._limits, change.limit_id, change.at_once)
            self._pending[change.limit_id] = change
        else:
            _put(self._limits, change.limit_id, change.after)

    def _waiting(self, change_id: str, now_ns: int) -> LimitChange:
        found = next((change for change in self._pending.values() if change.change_id == change_id), None)
        if found is None or found.acts_ns <= now_ns:
            raise DecisionRefused(f"no loosening {change_id} waits: it acted, was cancelled or replaced")
        return found


def _put(limits: dict[str, Limit], limit_id: str, limit: Limit | None) -> None:
    if limit is None:
        limits.pop(limit_id, None)
    else:
        limits[limit_id] = limit


def _official_of(limit: Limit | None, limits: Mapping[str, Limit]) -> Limit | None:
    return limits.get(limit.stands_in_for) if limit is not None and limit.stands_in_for else None


def _check(is_right: bool, otherwise: str) -> None:  # noqa: FBT001  a condition and the words for its failing
    if not is_right:
        raise DecisionRefused(otherwise)


def _check_person(person: Person, reason: str) -> None:
    _check(bool(person.name.strip()), "nobody signed this change; set a name in the settings")
    length = len(reason.strip())
    _check(
        length >= SHORTEST_REASON, f"the reason had {length} characters, expected at least {SHORTEST_REASON}"
    )


def _check_presence(after: Limit) -> None:
    """Refuse a limit that never stands."""
    try:
        from_ns, until_ns = after.from_ns, after.until_ns
    except ValueError as error:
        raise DecisionRefused(str(error)) from error
    _check(from_ns < until_ns, "the limit would end before it begins")


def _check_stand_in(after: Limit, limits: Mapping[str, Limit]) -> None:
    """Refuse a temporary limit that has no end, nothing to stand in for, or a rival."""
    if not after.stands_in_for:
        return
    official = limits.get(after.stands_in_for)
    if official is None or official.stands_in_for:
        raise DecisionRefused(f"the official limit was {after.stands_in_for!r}, expected one that stands")
    is_same = (after.measure, after.scope, after.detail) == (
        official.measure,
        official.scope,
        official.detail,
    )
    _check(
        is_same, f"a temporary limit measures what {official.limit_id!r} does: same measure, scope, detail"
    )
    _check(bool(after.effective_until), "a temporary limit needs an end: say until when")
    rivals = (
        limit.limit_id
        for limit in limits.values()
        if limit.stands_in_for == after.stands_in_for
        and limit.limit_id != after.limit_id
        and max(limit.from_ns, after.from_ns) < min(limit.until_ns, after.until_ns)
    )
    rival = next(rivals, "")
    _check(not rival, f"{rival!r} stands in for {after.stands_in_for!r} at that time: change that one")


def _is_same_person(one: str, other: str) -> bool:
    return one.strip().casefold() == other.strip().casefold()
