"""Every proposal from its making to its end: shown, decided about, carried out, or out of date."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from plimsoll.domain.breach import Breach, BreachState
from plimsoll.domain.decision import SHORTEST_REASON
from plimsoll.domain.errors import DecisionRefused
from plimsoll.domain.order import client_id_of
from plimsoll.domain.person import People, Right
from plimsoll.domain.proposal import Plan
from plimsoll.domain.proposal_request import (
    ProposalApproved,
    ProposalAsked,
    ProposalConfirmed,
    ProposalRejected,
    ProposalRequest,
    WhatIfAsked,
)
from plimsoll.domain.proposal_standing import ProposalStanding, ProposalState
from plimsoll.domain.response_policy import Autonomy
from plimsoll.engine.approval_check import ApprovalCheck
from plimsoll.engine.events import Event, NoticeRaised, PlanWanted, ProposalChanged
from plimsoll.engine.instant import Instant
from plimsoll.engine.order_keeper import OrderKeeper
from plimsoll.engine.plan_asker import EPISODE, NOT_PLANNED, PlanAsker, Write
from plimsoll.engine.plan_change import chosen_plan
from plimsoll.engine.plan_job import PlanMade
from plimsoll.engine.ports import JournalUnavailable
from plimsoll.engine.proposal_record import ApprovalRow, approval_from, body_of, decision_body
from plimsoll.engine.response_desk import bands_of, releases_of
from plimsoll.engine.sight import Sight

PROPOSAL, PROPOSAL_DECISION = "proposal", "proposal_decision"
ROW_KINDS = (PROPOSAL, PROPOSAL_DECISION, EPISODE)
MOST_KEPT = 1_000
"""Proposals that have ended are forgotten beyond so many; the journal keeps them."""
_S = ProposalState
_HOLDS_AGAIN = frozenset({BreachState.EASED, BreachState.CLOSED})


class ProposalKeeper:
    """Leads proposals through their lives; each step is journalled, then told. One owner, the risk thread."""

    def __init__(
        self, asker: PlanAsker, people: People, orders: OrderKeeper, sight: Sight, write: Write
    ) -> None:
        self._asker = asker
        self._check = ApprovalCheck(people, orders, sight, lambda: asker.policy)
        self._orders = orders
        self._write = write
        self._breaches: dict[str, Breach] = {}
        self._newest: dict[str, str] = {}
        self._standing: dict[str, ProposalStanding] = {}
        self._decided: set[str] = set()
        self._earlier: dict[str, ApprovalRow] = {}
        self._executed: dict[str, str] = {}

    def restore(self, kind: str, body: Mapping[str, object]) -> None:
        """Take one journal row of an earlier session."""
        if kind == EPISODE:
            self._asker.restore(body)
        elif kind == PROPOSAL:
            self._asker.note_proposal(str(body["proposal_id"]))
        else:
            row = approval_from(body)
            self._decided.add(row.decision_id)
            if row.state.was_executed:
                self._earlier[row.decision_id] = row
                self._executed[str(body["breach_id"])] = row.decision_id
            else:
                self._earlier.pop(row.decision_id, None)

    def resume(self, breaches: tuple[Breach, ...], instant: Instant) -> list[Event]:
        """Go on with the breaches of an earlier session; an approval cut short is told, never sent again."""
        for breach in reversed(breaches):
            self._breaches[breach.breach_id] = breach
            self._asker.follow(breach, instant)
            if breach.state not in NOT_PLANNED:
                self._asker.want(breach)
        known = {order.client_id for order in self._orders.desk.orders}
        events: list[Event] = []
        for row in self._earlier.values():
            legs = enumerate(row.plan.legs)
            unsent = [leg.code for n, leg in legs if client_id_of(row.decision_id, leg.code, n) not in known]
            unsent += [leg.code for leg in row.plan.later]
            if unsent:
                words = f"the desk ended before {', '.join(unsent)} could be sent; nothing of it is sent now"
                body = row.body | {"state": str(_S.INTERRUPTED), "words": words}
                self._write(PROPOSAL_DECISION, body, instant.received_time_ns, row.person)
                text = f"What {row.person or 'nobody'} approved as {row.proposal_id} was cut short: {words}."
                events.append(NoticeRaised(text, is_alarm=True))
        self._earlier.clear()
        return events

    def follow(self, breach: Breach, instant: Instant, person: str = "", reason: str = "") -> list[Event]:
        """Take each change of a breach: one that holds again, or is overridden, ends its proposal."""
        self._asker.follow(breach, instant)
        self._breaches[breach.breach_id] = breach
        events: list[Event] = []
        if breach.state in _HOLDS_AGAIN:
            why = "the limit holds again"
            events += self._end_open(breach.breach_id, _S.OUTDATED, why, instant)
            events += self._orders.forget_later(why, breach.breach_id)
        elif breach.state is BreachState.OVERRIDDEN:
            why = reason or "the limit may stay broken"
            events += self._end_open(breach.breach_id, _S.OVERRIDDEN, why, instant, person)
        elif breach.state is BreachState.SUPERSEDED:
            why = "a temporary limit is in force instead"
            events += self._end_open(breach.breach_id, _S.OUTDATED, why, instant)
        if breach.state is BreachState.CLOSED:
            self._breaches.pop(breach.breach_id, None)
            self._newest.pop(breach.breach_id, None)
            self._executed.pop(breach.breach_id, None)
        return events

    def distrust_countdowns(self, why: str, breach_id: str = "") -> None:
        """Let what counts down, for one breach or for any, not act: nobody could stop it in time."""
        for proposal_id, standing in self._standing.items():
            if not standing.state.is_end and breach_id in {"", standing.proposal.breach_id}:
                self._check.bar(proposal_id, why)

    def beat(self, instant: Instant) -> Iterator[list[Event]]:
        """Let time pass: countdowns end, approvals expire, the next plan is asked for."""
        now_ns = instant.received_time_ns
        for standing in [each for each in self._standing.values() if not each.state.is_end]:
            proposal = standing.proposal
            ends_ns = 0 if self._check.is_barred(proposal.proposal_id) else proposal.executes_ns
            if standing.state is _S.OPEN and proposal.executes_ns and ends_ns <= now_ns:
                yield self._go_alone(standing, instant)
            elif now_ns >= proposal.expires_ns:
                yield self._outdate(
                    standing, self._check.why_stale(proposal, instant, proposal.plan), instant
                )
        yield self._ask_next(instant)

    def take_plan(self, made: PlanMade, instant: Instant) -> Iterator[list[Event]]:
        """Take what came of a job: show it, unless its breach is over or being acted on.

        One that the journal cannot take is asked for again once it is overdue.
        """
        breach = self._breaches.get(made.job.breach.breach_id)
        if made.fault:
            text = f"No plan for {made.job.breach.title}: {made.fault}. Decide by hand."
            yield [NoticeRaised(text, is_alarm=True)]
        elif breach is not None and breach.state not in NOT_PLANNED:
            try:
                yield from self._take_proposal(breach, made, instant)
            except JournalUnavailable:
                self._asker.want(breach)
                raise
        self._asker.note_made()
        yield self._ask_next(instant)

    def _take_proposal(self, breach: Breach, made: PlanMade, instant: Instant) -> Iterator[list[Event]]:
        proposal = made.proposal
        if proposal is None or breach.breach_id in self._blocked():
            return
        self._check.bind(proposal.proposal_id, made.job.n_orders)
        if proposal.autonomy is Autonomy.EXECUTE_AT_ONCE:
            proposal = self._check.held_to_wait(proposal, breach, instant)
        self._write(PROPOSAL, body_of(proposal), instant.received_time_ns, "")
        yield self._end_open(breach.breach_id, _S.OUTDATED, "it was worked out again", instant)
        self._newest[breach.breach_id] = proposal.proposal_id
        yield self._show(ProposalStanding(proposal, changed_ns=instant.received_time_ns))
        if proposal.autonomy is Autonomy.EXECUTE_AT_ONCE:
            yield self._go_alone(self._standing[proposal.proposal_id], instant)

    def what_if(self, asked: WhatIfAsked, instant: Instant) -> list[Event]:
        """Return the job that answers a question about a changed plan; nothing before there are figures."""
        standing = self._standing.get(asked.proposal_id)
        proposal = standing.proposal if standing is not None else None
        job = self._asker.what_if_job(asked, proposal, self._breaches, instant)
        return [] if job is None else [PlanWanted(job)]

    def take(self, request: ProposalRequest, instant: Instant) -> list[Event]:
        """Carry out a request.

        Raises
        ------
        DecisionRefused
            If it may not be; where the proposal was out of date a new one is on its way.
        JournalUnavailable
            If it could not be written; nothing was sent.
        """
        match request:
            case ProposalAsked(breach_id=breach_id):
                return self._plan_anew(breach_id, instant)
            case ProposalApproved():
                return self._approve(request, instant)
            case ProposalConfirmed():
                return self._confirm(request, instant)
            case ProposalRejected():
                return self._reject(request, instant)

    def _plan_anew(self, breach_id: str, instant: Instant) -> list[Event]:
        breach = self._breaches.get(breach_id)
        if breach is None or breach.state in NOT_PLANNED:
            raise DecisionRefused(f"{breach_id} is not open: there is nothing to plan")
        if not self._asker.plans(breach.limit):
            raise DecisionRefused(f"the policy only tells of {breach.title}: decide by hand")
        if breach_id in self._blocked():
            raise DecisionRefused("orders of the last decision still work: wait for them, or cancel them")
        self._asker.want(breach, is_first=True)
        return self._ask_next(instant)

    def _approve(self, request: ProposalApproved, instant: Instant) -> list[Event]:
        standing = self._undecided(request.proposal_id, request.decision_id, _S.OPEN)
        self._check.need(request.person, Right.APPROVE)
        proposal = standing.proposal
        plan = chosen_plan(proposal, request.option, request.quantities, self._asker.lots)
        is_changed = plan is not proposal.plan
        if is_changed and len(request.reason.strip()) < SHORTEST_REASON:
            raise DecisionRefused(
                f"a changed plan needs a reason of at least {SHORTEST_REASON} characters: type why"
            )
        self._check.need_way(plan)
        self._need_fresh(standing, plan, instant)
        decided = replace(
            standing,
            state=_S.CHANGED if is_changed else _S.APPROVED,
            words=request.reason.strip(),
            person=request.person,
            decided=plan,
            decision_id=request.decision_id,
            changed_ns=instant.received_time_ns,
        )
        if not self._check.needs_two(proposal):
            return self._execute(decided, instant)
        self._check.need_second(request.person)
        return self._change(replace(decided, state=_S.AWAITS_SECOND), instant)

    def _confirm(self, request: ProposalConfirmed, instant: Instant) -> list[Event]:
        standing = self._undecided(request.proposal_id, request.decision_id, _S.AWAITS_SECOND)
        self._check.need(request.person, Right.CONFIRM)
        if request.person.strip().casefold() == standing.person.strip().casefold():
            raise DecisionRefused(f"{standing.person} approved it: a second person has to confirm")
        self._check.need_way(standing.decided)
        self._need_fresh(standing, standing.decided, instant)
        is_changed = standing.decided is not standing.proposal.plan
        confirmed = replace(
            standing,
            state=_S.CHANGED if is_changed else _S.APPROVED,
            second=request.person,
            changed_ns=instant.received_time_ns,
        )
        return self._execute(confirmed, instant)

    def _reject(self, request: ProposalRejected, instant: Instant) -> list[Event]:
        standing = self._undecided(request.proposal_id, request.decision_id, _S.OPEN, _S.AWAITS_SECOND)
        self._check.need(request.person, Right.APPROVE)
        if len(request.reason.strip()) < SHORTEST_REASON:
            raise DecisionRefused(f"a rejection needs a reason of at least {SHORTEST_REASON} characters")
        rejected = replace(
            standing,
            state=_S.REJECTED,
            words=request.reason.strip(),
            person=request.person,
            decision_id=request.decision_id,
            changed_ns=instant.received_time_ns,
        )
        return self._change(rejected, instant)

    def _undecided(self, proposal_id: str, decision_id: str, *states: ProposalState) -> ProposalStanding:
        if decision_id in self._decided:
            raise DecisionRefused("this decision has been carried out already: nothing is done twice")
        standing = self._standing.get(proposal_id)
        if standing is None:
            raise DecisionRefused("the proposal is not known here: have it worked out again")
        if standing.state not in states:
            raise DecisionRefused(f"the proposal is {standing.state.value.replace('_', ' ')} already")
        return standing

    def _need_fresh(self, standing: ProposalStanding, plan: Plan, instant: Instant) -> None:
        """Refuse an approval that rests on evidence of the past, and have the plan worked out again."""
        why = self._check.why_stale(standing.proposal, instant, plan)
        if why:
            self._asker.want(self._breaches[standing.proposal.breach_id], is_first=True)
            raise DecisionRefused(why)

    def _go_alone(self, standing: ProposalStanding, instant: Instant) -> list[Event]:
        """Carry a plan out without anybody's approval, if all that allowed it still holds."""
        proposal = standing.proposal
        breach = self._breaches[proposal.breach_id]
        why_not = self._check.why_not_alone(proposal, breach, instant)
        if why_not:
            text = f"Nothing was done alone about {breach.title}: {why_not}."
            return [*self._outdate(standing, why_not, instant), NoticeRaised(text, is_alarm=True)]
        words = "nobody decided before the countdown ended"
        if proposal.autonomy is Autonomy.EXECUTE_AT_ONCE:
            words = "the policy executes at once; nobody approved it"
        alone = replace(
            standing,
            state=_S.EXECUTED_ALONE,
            words=words,
            decided=proposal.plan,
            decision_id=f"{proposal.proposal_id}-alone",
            changed_ns=instant.received_time_ns,
        )
        return self._execute(alone, instant)

    def _execute(self, standing: ProposalStanding, instant: Instant) -> list[Event]:
        """Write the decision, then count it, then hand the orders over: in this order.

        Once the decision is written a failing journal ends it in words: what is journalled of its orders and
        was not handed over is asked for and found lost, nothing of it is sent.
        """
        proposal, plan = standing.proposal, standing.decided
        breach_id, decision_id = proposal.breach_id, standing.decision_id
        events = self._change(standing, instant)
        self._executed[breach_id] = decision_id
        events += self._orders.forget_later("a newer decision answers the breach", breach_id)
        response = self._asker.policy.named(proposal.response)
        bands = bands_of(plan, response.price_band_fraction) if response is not None else {}
        try:
            self._asker.note_executed(proposal, standing.person, instant)
            orders = self._orders.release(breach_id, releases_of(plan, decision_id), bands, instant)
        except JournalUnavailable as failure:
            words = f"the journal could not be written ({failure}): nothing of it was sent"
            cut = replace(standing, state=_S.INTERRUPTED, words=words)
            text = f"What was decided as {proposal.proposal_id} was cut short: {words}."
            return [*events, *self._show(cut), NoticeRaised(text, is_alarm=True)]
        return events + orders

    def _change(self, standing: ProposalStanding, instant: Instant) -> list[Event]:
        limit = self._breaches[standing.proposal.breach_id].limit
        body = decision_body(standing, limit.limit_id)
        person = standing.second or standing.person
        try:
            self._write(PROPOSAL_DECISION, body, instant.received_time_ns, person)
        except JournalUnavailable:
            why = "the journal could not take a decision about it"
            self.distrust_countdowns(why, standing.proposal.breach_id)
            raise
        if standing.state.is_end and standing.decision_id:
            self._decided.add(standing.decision_id)
        return self._show(standing)

    def _show(self, standing: ProposalStanding) -> list[Event]:
        self._standing[standing.proposal.proposal_id] = standing
        if len(self._standing) > MOST_KEPT:
            ended = (key for key, each in self._standing.items() if each.state.is_end)
            oldest = next(ended, "")
            self._standing.pop(oldest, None)
            self._check.forget(oldest)
        return [ProposalChanged(standing)]

    def _outdate(self, standing: ProposalStanding, why: str, instant: Instant) -> list[Event]:
        """End a proposal that no longer holds; while nobody has answered its breach another is made."""
        breach = self._breaches[standing.proposal.breach_id]
        events = self._end_open(breach.breach_id, _S.OUTDATED, why, instant)
        if breach.is_unanswered:
            self._asker.want(breach)
        return events

    def _end_open(
        self, breach_id: str, state: ProposalState, words: str, instant: Instant, person: str = ""
    ) -> list[Event]:
        standing = self._standing.get(self._newest.get(breach_id, ""))
        if standing is None or standing.state.is_end:
            return []
        changed_ns = instant.received_time_ns
        ended = replace(standing, state=state, words=words, person=person, changed_ns=changed_ns)
        return self._change(ended, instant)

    def _ask_next(self, instant: Instant) -> list[Event]:
        job = self._asker.next_job(self._breaches, instant, self._blocked())
        return [] if job is None else [PlanWanted(job)]

    def _blocked(self) -> frozenset[str]:
        """Return breaches that need no plan now: orders of their last decision still work."""
        live = self._orders.desk.live_decisions
        return frozenset(breach_id for breach_id, decision in self._executed.items() if decision in live)
