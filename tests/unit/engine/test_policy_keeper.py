"""The policy changes through one path: tightened at once, loosened tomorrow or by a second person."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import pytest

from fakes.memory_journal import MemoryJournal
from plimsoll.domain.errors import DecisionRefused
from plimsoll.domain.limit_change import ChangeState
from plimsoll.domain.person import People, Person, Right, only_person
from plimsoll.domain.policy_change import PolicyChangeAsked, PolicyChangeConfirmed, PolicyChangeWithdrawn
from plimsoll.domain.response_policy import BUILT_IN, Autonomy, PlanKind, PolicyRule, Response, ResponsePolicy
from plimsoll.engine.policy_keeper import FILE_REASON, POLICY_FILE, ROW_KINDS, PolicyKeeper, fault_of
from plimsoll.engine.ports import JournalUnavailable

S = 1_000_000_000
DAY = 86_400 * S
WHY = "agreed in the risk meeting"
PEOPLE = People((Person("Ada"), Person("Ben"), Person("Cas", frozenset({Right.ACKNOWLEDGE}))))
TIGHTER = replace(
    BUILT_IN, responses=(replace(BUILT_IN.responses[0], expires_s=60.0), *BUILT_IN.responses[1:])
)
LOOSER = replace(
    BUILT_IN,
    responses=tuple(
        replace(r, autonomy=Autonomy.EXECUTE_AT_ONCE) if r.name == "cheapest-cut" else r
        for r in BUILT_IN.responses
    ),
)


@dataclass
class Desk:
    """A keeper over a journal, as an engine would begin it."""

    policy: ResponsePolicy = BUILT_IN
    people: People = PEOPLE
    journal: MemoryJournal = field(default_factory=MemoryJournal)
    now_ns: int = S

    def __post_init__(self) -> None:
        self.keeper = PolicyKeeper(self.policy, self.people, self._write)
        for row in self.journal.rows(ROW_KINDS):
            self.keeper.restore(row.kind, row.body)
        self.refused = self.keeper.begin(self.now_ns)

    def _write(self, kind: str, body: Mapping[str, object], now_ns: int, person: str) -> None:
        self.journal.append(kind, body, exchange_time_ns=now_ns, received_time_ns=now_ns, person=person)

    def ask(
        self, after: ResponsePolicy, person: str = "Ada", change_id: str = "c1", reason: str = WHY
    ) -> None:
        self.keeper.take(PolicyChangeAsked(change_id, after, person, reason), self.now_ns)


def test_that_tightening_acts_at_once_and_is_kept_with_before_and_after() -> None:
    desk = Desk()
    desk.ask(TIGHTER, "Cas")  # anybody named may tighten
    assert desk.keeper.policy == TIGHTER
    row = desk.journal.kept[-1]
    assert (row.person, row.body["reason"], row.body["state"]) == ("Cas", WHY, "acted")
    assert row.body["before"] != row.body["after"]
    assert Desk(journal=desk.journal).keeper.policy == TIGHTER


def test_that_loosening_waits_for_a_day_over_a_restart() -> None:
    desk = Desk()
    desk.ask(LOOSER)
    assert desk.keeper.policy == BUILT_IN
    desk = Desk(journal=desk.journal, now_ns=desk.now_ns + DAY - 1)
    assert desk.keeper.pending is not None
    assert (desk.keeper.pending.after, desk.keeper.policy) == (LOOSER, BUILT_IN)
    acted = desk.keeper.follow(desk.now_ns + 1)
    assert acted is not None
    assert acted.state is ChangeState.ACTED
    assert (desk.keeper.policy, desk.keeper.pending) == (LOOSER, None)
    assert desk.keeper.follow(desk.now_ns + DAY) is None


@pytest.mark.parametrize(
    ("second", "words"),
    [("ada ", "a second person has to confirm"), ("Cas", "has no right to confirm"), ("", "nobody signed")],
)
def test_that_only_a_second_person_with_the_right_lets_it_act_sooner(second: str, words: str) -> None:
    desk = Desk()
    desk.ask(LOOSER)
    with pytest.raises(DecisionRefused, match=words):
        desk.keeper.take(PolicyChangeConfirmed("c1", second), desk.now_ns)
    assert desk.keeper.policy == BUILT_IN
    desk.keeper.take(PolicyChangeConfirmed("c1", "Ben"), desk.now_ns)
    assert desk.keeper.policy == LOOSER
    with pytest.raises(DecisionRefused, match="no change c1 waits"):
        desk.keeper.take(PolicyChangeConfirmed("c1", "Ben"), desk.now_ns)


def test_that_a_waiting_one_is_withdrawn_or_replaced() -> None:
    desk = Desk()
    desk.ask(LOOSER)
    desk.keeper.take(PolicyChangeWithdrawn("c1", "Cas", WHY), desk.now_ns)
    assert desk.keeper.pending is None
    desk.ask(LOOSER, change_id="c2")
    desk.ask(TIGHTER, change_id="c3")
    assert (desk.keeper.policy, desk.keeper.pending) == (TIGHTER, None)
    assert desk.keeper.follow(desk.now_ns + 2 * DAY) is None


@pytest.mark.parametrize(
    ("after", "person", "reason", "words"),
    [
        (LOOSER, "Cas", WHY, "Cas has no right to loosen: see people.toml"),
        (TIGHTER, "", WHY, "nobody signed"),
        (TIGHTER, "Ada", "because", "had 7 characters"),
        (BUILT_IN, "Ada", WHY, "nothing would change"),
        (ResponsePolicy((), ()), "Ada", WHY, "at least one response"),
    ],
)
def test_that_what_may_not_be_is_refused_and_not_written(
    after: ResponsePolicy, person: str, reason: str, words: str
) -> None:
    desk = Desk()
    n_rows = desk.journal.n_rows
    with pytest.raises(DecisionRefused, match=words):
        desk.ask(after, person, reason=reason)
    assert desk.journal.n_rows == n_rows


def test_that_a_change_is_not_taken_twice_nor_without_the_journal() -> None:
    desk = Desk()
    desk.journal.fails = lambda _kind: True
    with pytest.raises(JournalUnavailable):
        desk.ask(TIGHTER)
    assert desk.keeper.policy == BUILT_IN
    desk.journal.fails = lambda _kind: False
    desk.ask(TIGHTER)
    with pytest.raises(DecisionRefused, match="asked for already"):
        desk.ask(BUILT_IN)


def test_that_a_file_changed_by_hand_is_held_to_the_same_rule() -> None:
    journal = Desk().journal
    desk = Desk(TIGHTER, journal=journal)
    assert desk.keeper.policy == TIGHTER
    assert journal.kept[-2].body["reason"] == FILE_REASON
    assert journal.kept[-1].kind == POLICY_FILE
    desk = Desk(LOOSER, journal=journal, now_ns=2 * S)
    assert desk.keeper.policy == TIGHTER
    assert desk.keeper.pending is not None
    desk = Desk(BUILT_IN, people=People((Person("Cas", frozenset()),)), journal=journal, now_ns=3 * S)
    assert "Cas has no right to loosen" in desk.refused
    n_rows = journal.n_rows
    Desk(BUILT_IN, people=only_person("Cas"), journal=journal, now_ns=4 * S)
    assert journal.n_rows == n_rows, "a file seen before is not proposed again"


def test_that_a_policy_that_cannot_stand_is_named() -> None:
    cut, hedge = Response("cut", PlanKind.FLATTEN), Response("hedge", PlanKind.ES_HEDGE)
    alone = replace(cut, two_persons=True, autonomy=Autonomy.EXECUTE_AT_ONCE)
    rule = PolicyRule("cut")
    assert fault_of(ResponsePolicy((cut,), (rule,))) == ""
    for responses, rules, words in (
        ((cut, cut), (rule,), "two responses are called 'cut'"),
        ((cut,), (PolicyRule("sell"),), "a rule leads to 'sell'"),
        ((cut, hedge), (rule,), "hedge hedges with nothing"),
        ((alone,), (rule,), "wants two persons and acts alone"),
    ):
        assert words in fault_of(ResponsePolicy(responses, rules))
