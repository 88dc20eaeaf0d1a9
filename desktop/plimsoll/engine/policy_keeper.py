"""The response policy in force, and every change of it: journalled, tightened now, loosened tomorrow."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import msgspec

from plimsoll.domain.decision import SHORTEST_REASON
from plimsoll.domain.errors import DecisionRefused
from plimsoll.domain.limit_change import LOOSENING_DELAY_S, ChangeState
from plimsoll.domain.person import People, Right
from plimsoll.domain.policy_change import (
    PolicyChange,
    PolicyChangeAsked,
    PolicyChangeConfirmed,
    PolicyChangeWithdrawn,
    PolicyRequest,
    loosenings,
)
from plimsoll.domain.response_policy import ResponsePolicy
from plimsoll.domain.units import NS_PER_S

Write = Callable[[str, Mapping[str, object], int, str], object]
"""Writes a row: its kind and body, when by the desk's clock, and the person."""

POLICY_TAKEN = "policy_taken"
POLICY_CHANGE = "policy_change"
POLICY_FILE = "policy_file"
"""The row that says what the responses file held at a start, where it had been changed."""
ROW_KINDS = (POLICY_TAKEN, POLICY_CHANGE, POLICY_FILE)
FILE_REASON = "the responses file was changed by hand since the last start"


class PolicyKeeper:
    """Joins the policy with the journal; one owner, the risk thread.

    A change that loosens nothing acts at once. One that loosens anything waits as a whole, for its time or
    for a second person, so what only tightens is asked for apart. A new wish replaces the one that waits.

    Attributes
    ----------
    policy : ResponsePolicy
        In force; the same object until it changes.
    pending : PolicyChange or None
        The loosening that waits.
    """

    def __init__(
        self, file_policy: ResponsePolicy, people: People, write: Write, delay_s: float = LOOSENING_DELAY_S
    ) -> None:
        self.policy = file_policy
        self.pending: PolicyChange | None = None
        self._file_policy = file_policy
        self._people = people
        self._write = write
        self._delay_ns = round(delay_s * NS_PER_S)
        self._seen: ResponsePolicy | None = None
        self._ids: set[str] = set()

    def restore(self, kind: str, body: Mapping[str, Any]) -> None:
        """Take one journal row of an earlier session; what is written now is taken by the same path.

        Raises
        ------
        msgspec.ValidationError
            If the row is not one of `ROW_KINDS` as written here.
        """
        if kind == POLICY_CHANGE:
            self._stand(msgspec.convert(dict(body), PolicyChange))
            return
        self._seen = msgspec.convert(body.get("policy"), ResponsePolicy)
        if kind == POLICY_TAKEN:
            self.policy, self.pending = self._seen, None

    def begin(self, now_ns: int) -> str:
        """Note the file's policy at the first start; later propose what was changed in it by hand since.

        What was changed in the program stands, whatever the file says. Return why the file's was refused.

        Raises
        ------
        JournalUnavailable
            If a row could not be written.
        """
        refused = ""
        if self._seen is None:
            self._write(POLICY_TAKEN, _body(self._file_policy), now_ns, "")
            self.policy = self._seen = self._file_policy
        elif self._seen != self._file_policy:
            if self._file_policy != self.policy:
                owner = self._people.persons[0].name if self._people.persons else ""
                wish = PolicyChangeAsked(f"file-{now_ns}", self._file_policy, owner, FILE_REASON)
                try:
                    self.take(wish, now_ns)
                except DecisionRefused as refusal:
                    refused = str(refusal)
            self._write(POLICY_FILE, _body(self._file_policy), now_ns, "")
            self._seen = self._file_policy
        self.follow(now_ns)
        return refused

    def take(self, request: PolicyRequest, now_ns: int) -> PolicyChange:
        """Carry out a request and return what came of it.

        Raises
        ------
        DecisionRefused
            If it may not be; nothing has changed.
        JournalUnavailable
            If it could not be written; nothing has changed.
        """
        self.follow(now_ns)
        match request:
            case PolicyChangeAsked():
                change = self._proposed(request, now_ns)
            case PolicyChangeConfirmed():
                change = self._confirmed(request, now_ns)
            case PolicyChangeWithdrawn():
                change = self._withdrawn(request, now_ns)
        self._keep(change, now_ns, request.person)
        return change

    def follow(self, now_ns: int) -> PolicyChange | None:
        """Let time pass: return the loosening that acts now, journalled.

        Raises
        ------
        JournalUnavailable
            If the row could not be written; it waits on.
        """
        if self.pending is None or now_ns < self.pending.acts_ns:
            return None
        acted = replace(self.pending, state=ChangeState.ACTED, decided_ns=now_ns)
        self._keep(acted, now_ns, acted.person)
        return acted

    def _proposed(self, wish: PolicyChangeAsked, now_ns: int) -> PolicyChange:
        _check(wish.change_id not in self._ids, "this change was asked for already; nothing is done twice")
        _check_signed(wish.person, wish.reason)
        _check(wish.after != self.policy, "the policy stands like that already; nothing would change")
        fault = fault_of(wish.after)
        _check(not fault, fault)
        waits = bool(loosenings(self.policy, wish.after))
        if waits:
            why_not = self._people.why_may_not(wish.person, Right.LOOSEN)
            _check(not why_not, why_not)
        return PolicyChange(
            wish.change_id,
            wish.person,
            wish.reason.strip(),
            self.policy,
            wish.after,
            proposed_ns=now_ns,
            acts_ns=now_ns + (self._delay_ns if waits else 0),
            state=ChangeState.PENDING if waits else ChangeState.ACTED,
            decided_ns=now_ns,
        )

    def _confirmed(self, word: PolicyChangeConfirmed, now_ns: int) -> PolicyChange:
        waiting, person = self._waiting(word.change_id), word.person.strip()
        _check(bool(person), "nobody signed this; set a name in the settings")
        is_same = person.casefold() == waiting.person.strip().casefold()
        _check(
            not is_same,
            f"{waiting.person} asked for it: a second person has to confirm, or it acts after its delay",
        )
        why_not = self._people.why_may_not(word.person, Right.CONFIRM)
        _check(not why_not, why_not)
        return replace(
            waiting,
            state=ChangeState.CONFIRMED,
            acts_ns=now_ns,
            second_person=word.person,
            decided_ns=now_ns,
        )

    def _withdrawn(self, word: PolicyChangeWithdrawn, now_ns: int) -> PolicyChange:
        waiting = self._waiting(word.change_id)
        _check_signed(word.person, word.reason)
        return replace(
            waiting,
            state=ChangeState.CANCELLED,
            second_person=word.person,
            second_reason=word.reason.strip(),
            decided_ns=now_ns,
        )

    def _waiting(self, change_id: str) -> PolicyChange:
        if self.pending is None or self.pending.change_id != change_id:
            raise DecisionRefused(f"no change {change_id} waits: it acted, was withdrawn or replaced")
        return self.pending

    def _keep(self, change: PolicyChange, now_ns: int, person: str) -> None:
        body: dict[str, object] = msgspec.to_builtins(change)
        self._write(POLICY_CHANGE, body, now_ns, person)
        self._stand(change)

    def _stand(self, change: PolicyChange) -> None:
        self._ids.add(change.change_id)
        if change.is_waiting:
            self.pending = change
            return
        self.pending = None
        if change.state is not ChangeState.CANCELLED:
            self.policy = change.after


def fault_of(policy: ResponsePolicy) -> str:
    """Return what makes a policy one that cannot stand; empty if it can."""
    names = [response.name for response in policy.responses]
    if not names or not policy.rules:
        return "a policy needs at least one response and one rule"
    twice = next((name for number, name in enumerate(names) if name in names[:number]), "")
    if twice:
        return f"two responses are called {twice!r}: each needs a name of its own"
    for rule in policy.rules:
        if rule.response not in names:
            return f"a rule leads to {rule.response!r}, which is no response of this policy"
    for response in policy.responses:
        if response.kind.may_open and not response.hedge_instruments:
            return f"{response.name} hedges with nothing: name the codes that it may trade"
        if response.two_persons and response.autonomy.acts_alone:
            return f"{response.name} wants two persons and acts alone: one of the two"
    return ""


def _body(policy: ResponsePolicy) -> dict[str, object]:
    return {"policy": msgspec.to_builtins(policy)}


def _check(is_right: bool, otherwise: str) -> None:  # noqa: FBT001  a condition and the words for its failing
    if not is_right:
        raise DecisionRefused(otherwise)


def _check_signed(person: str, reason: str) -> None:
    _check(bool(person.strip()), "nobody signed this change; set a name in the settings")
    length = len(reason.strip())
    _check(
        length >= SHORTEST_REASON, f"the reason had {length} characters, expected at least {SHORTEST_REASON}"
    )
