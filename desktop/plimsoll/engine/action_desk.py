"""Everything that acts: proposals and their decisions, orders and their fills, kills, the trading state."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping

from plimsoll.domain.breach import Breach
from plimsoll.domain.broker_event import BrokerEvent
from plimsoll.domain.decision import SHORTEST_REASON, Decision, DecisionKind
from plimsoll.domain.desk_request import CancelAsked, TradingStateAsked
from plimsoll.domain.errors import DecisionRefused
from plimsoll.domain.kill import KillRow
from plimsoll.domain.limit import Limit, ScopeKind
from plimsoll.domain.person import People, Right
from plimsoll.domain.policy_change import (
    PolicyChangeAsked,
    PolicyChangeConfirmed,
    PolicyChangeWithdrawn,
    PolicyRequest,
)
from plimsoll.domain.proposal_request import ProposalRequest, WhatIfAsked
from plimsoll.domain.response_policy import ResponsePolicy
from plimsoll.domain.stress_scenario import StressScenario
from plimsoll.domain.trading_state import TradingState
from plimsoll.engine.desk_rules import DeskRules
from plimsoll.engine.events import (
    BreachChanged,
    BreachRaised,
    DecisionTaken,
    Event,
    NoticeRaised,
    PolicyChanged,
    ProposalChanged,
    TradingStateChanged,
)
from plimsoll.engine.instant import Instant
from plimsoll.engine.measurement import Groups
from plimsoll.engine.order_keeper import ROW_KINDS as ORDER_ROWS
from plimsoll.engine.order_keeper import OrderKeeper
from plimsoll.engine.plan_asker import PlanAsker, Write
from plimsoll.engine.plan_job import PlanMade
from plimsoll.engine.policy_keeper import ROW_KINDS as POLICY_ROWS
from plimsoll.engine.policy_keeper import PolicyKeeper
from plimsoll.engine.ports import JournalUnavailable
from plimsoll.engine.proposal_keeper import ROW_KINDS as PROPOSAL_ROWS
from plimsoll.engine.proposal_keeper import ProposalKeeper
from plimsoll.engine.sight import Sight
from plimsoll.engine.universe import Universe

ROW_KINDS = (*PROPOSAL_ROWS, *ORDER_ROWS, *POLICY_ROWS)
ActionRequest = ProposalRequest | TradingStateAsked | CancelAsked | PolicyRequest
_FREEDOM = {TradingState.HALTED: 0, TradingState.REDUCING: 1, TradingState.ACTIVE: 2}


class ActionDesk:
    """Joins what answers breaches with what sends orders; one owner, the risk thread.

    Where the journal fails on the way, what was done before is told, the failure by `alarm`, and the rest is
    taken up with the next beat.
    """

    def __init__(
        self,
        universe: Universe,
        groups: dict[ScopeKind, Groups],
        rules: DeskRules,
        sight: Sight,
        orders: OrderKeeper,
        write: Write,
        alarm: Callable[[JournalUnavailable], list[Event]],
    ) -> None:
        self._alarm = alarm
        self._unfollowed: deque[tuple[Breach, str, str]] = deque()
        self._orders = orders
        self._people: People = rules.people
        self._policies = PolicyKeeper(rules.policy, rules.people, write)
        self._asker = PlanAsker(
            universe, groups, rules.policy, rules.scenarios, orders.desk, sight, write, margin=rules.margin
        )
        self._proposals = ProposalKeeper(self._asker, rules.people, orders, sight, write)

    @property
    def trading_state(self) -> TradingState:
        """In force for every order."""
        return self._orders.desk.trading_state

    @property
    def policy(self) -> ResponsePolicy:
        """What answers breaches."""
        return self._asker.policy

    def mismatch_count(self, now_ns: int) -> float:
        """Return how many instruments disagree with the broker; NaN where nobody knows."""
        return self._orders.mismatch_count(now_ns)

    def take_scenarios(self, scenarios: tuple[StressScenario, ...]) -> None:
        """Reprice plans under these from now on."""
        self._asker.take_scenarios(scenarios)

    def take_limits(self, limits: tuple[Limit, ...]) -> None:
        """Plan by these from now on."""
        self._asker.take_limits(limits)

    def restore(self, kind: str, body: Mapping[str, object]) -> None:
        """Take one journal row of an earlier session."""
        if kind in PROPOSAL_ROWS:
            self._proposals.restore(kind, body)
        elif kind in POLICY_ROWS:
            self._policies.restore(kind, body)
        else:
            self._orders.restore(kind, body)

    def resume(
        self, kill_rows: Iterable[KillRow], breaches: tuple[Breach, ...], instant: Instant
    ) -> list[Event]:
        """Go on where an earlier session ended: kills first, then orders without an end, then breaches.

        Raises
        ------
        JournalUnavailable
            If a row could not be written.
        """
        events = self._orders.resume(kill_rows, instant)
        events.append(TradingStateChanged(self.trading_state))
        refused = self._policies.begin(instant.received_time_ns)
        if refused:
            events.append(NoticeRaised(f"The responses file's change was refused: {refused}.", is_alarm=True))
        events.append(self._use_policy())
        return events + self._proposals.resume(breaches, instant)

    def follow(self, events: Iterable[Event], instant: Instant) -> list[Event]:
        """Return what follows from events of the limits: plans wanted, proposals ended."""
        person = reason = ""
        for event in events:
            if isinstance(event, DecisionTaken):
                person, reason = event.decision.person, event.decision.reason
            elif isinstance(event, BreachRaised | BreachChanged):
                self._unfollowed.append((event.breach, person, reason))
        return self._told(self._follow_up(instant))

    def distrust_countdowns(self, why: str, breach_id: str = "") -> None:
        """Let what counts down, for one breach or for any, not act: nobody could stop it in time."""
        self._proposals.distrust_countdowns(why, breach_id)

    def beat(self, instant: Instant) -> list[Event]:
        """Let time pass."""
        return self._told(self._beaten(instant))

    def ask(self, request: ActionRequest, instant: Instant) -> list[Event]:
        """Carry out a request.

        Raises
        ------
        DecisionRefused
            If it may not be.
        JournalUnavailable
            If it could not be written.
        """
        match request:
            case TradingStateAsked():
                return self._turn(request, instant)
            case CancelAsked(client_ids=client_ids):
                return self._orders.cancel(client_ids, instant)
            case PolicyChangeAsked() | PolicyChangeConfirmed() | PolicyChangeWithdrawn():
                self._policies.take(request, instant.received_time_ns)
                return [self._use_policy()]
            case _:
                return self._proposals.take(request, instant)

    def what_if(self, asked: WhatIfAsked, instant: Instant) -> list[Event]:
        """Return the job that answers a question about a changed plan."""
        return self._proposals.what_if(asked, instant)

    def take_plan(self, made: PlanMade, instant: Instant) -> list[Event]:
        """Take what came of a job."""
        return self._told(self._proposals.take_plan(made, instant))

    def take_broker(self, said: BrokerEvent | KillRow, instant: Instant) -> list[Event]:
        """Take a word of the broker or a step of a kill."""
        return self._told(self._orders.take(said, instant))

    def _beaten(self, instant: Instant) -> Iterator[list[Event]]:
        yield from self._follow_up(instant)
        yield from self._orders.beat(instant)
        yield from self._proposals.beat(instant)
        if self._policies.follow(instant.received_time_ns) is not None:
            yield [NoticeRaised("The looser response policy acts from now on."), self._use_policy()]

    def _follow_up(self, instant: Instant) -> Iterator[list[Event]]:
        while self._unfollowed:
            yield self._proposals.follow(self._unfollowed[0][0], instant, *self._unfollowed[0][1:])
            self._unfollowed.popleft()

    def _told(self, parts: Iterable[list[Event]]) -> list[Event]:
        """Return all that is done, and the alarm where the journal ends it before its time."""
        events: list[Event] = []
        try:
            for part in parts:
                events += part
        except JournalUnavailable as failure:
            events += self._alarm(failure)
        return events

    def _use_policy(self) -> PolicyChanged:
        """Answer breaches by the policy in force; proposals already made stand."""
        policy = self._policies.policy
        if policy is not self._asker.policy:
            self._asker.take_policy(policy)
        return PolicyChanged(policy, self._policies.pending)

    def _turn(self, request: TradingStateAsked, instant: Instant) -> list[Event]:
        """Put another trading state in force; to give back freedom needs the right to loosen."""
        if len(request.reason.strip()) < SHORTEST_REASON:
            raise DecisionRefused(f"it needs a reason of at least {SHORTEST_REASON} characters: type why")
        is_freer = _FREEDOM[request.state] > _FREEDOM[self.trading_state]
        if is_freer and not self._people.of(request.person).may(Right.LOOSEN):
            raise DecisionRefused(f"{request.person} has no right to {Right.LOOSEN}: see people.toml")
        return self._orders.turn(request.state, request.person, request.reason.strip(), instant)


def acknowledgements_of(events: Iterable[Event], now_ns: int) -> list[Decision]:
    """Return the decisions by which those who approved plans have also seen the breaches these answer."""
    newest = {
        event.standing.proposal.proposal_id: event.standing
        for event in events
        if isinstance(event, ProposalChanged)
    }
    return [
        Decision(
            f"{standing.decision_id}-seen",
            DecisionKind.ACKNOWLEDGE,
            standing.proposal.breach_id,
            standing.person,
            decided_ns=now_ns,
        )
        for standing in newest.values()
        if standing.state.was_executed and standing.person
    ]
