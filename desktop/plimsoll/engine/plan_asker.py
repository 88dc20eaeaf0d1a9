"""Asks for plans: of which breach, in which episode, by which policy, on the evidence of which instant."""

from collections.abc import Callable, Container, Mapping
from dataclasses import replace
from decimal import Decimal

from plimsoll.domain.breach import Breach, BreachState
from plimsoll.domain.limit import Limit, ScopeKind
from plimsoll.domain.margin_rates import STANDARD_RATES, MarginRates
from plimsoll.domain.proposal import Proposal
from plimsoll.domain.proposal_request import WhatIfAsked
from plimsoll.domain.response_policy import Autonomy, PlanKind, ResponsePolicy
from plimsoll.domain.stress_scenario import StressScenario
from plimsoll.engine.instant import Instant
from plimsoll.engine.measurement import Groups
from plimsoll.engine.order_desk import OrderDesk
from plimsoll.engine.plan_input import PlanInput
from plimsoll.engine.plan_job import PlanJob, WhatIfJob
from plimsoll.engine.plan_queue import PlanQueue
from plimsoll.engine.ports import JournalUnavailable
from plimsoll.engine.response_desk import ResponseDesk, loss_budget_of
from plimsoll.engine.response_episode import Episode, EpisodeBook
from plimsoll.engine.sight import Sight
from plimsoll.engine.universe import Universe
from plimsoll.engine.what_if import WhatIfBoard

EPISODE = "episode"
"""The kind of journal row that keeps one."""
Write = Callable[[str, Mapping[str, object], int, str], object]
"""Writes a row: its kind and body, when by the desk's clock, and the person."""
NOT_PLANNED = frozenset(
    {BreachState.EASED, BreachState.CLOSED, BreachState.OVERRIDDEN, BreachState.SUPERSEDED}
)


class PlanAsker:
    """Makes jobs of breaches, one at a time; one owner, the risk thread.

    Attributes
    ----------
    policy : ResponsePolicy
        In force.
    lots : Mapping
        Smallest step of quantity by code.
    """

    def __init__(
        self,
        universe: Universe,
        groups: dict[ScopeKind, Groups],
        policy: ResponsePolicy,
        scenarios: tuple[StressScenario, ...],
        orders: OrderDesk,
        sight: Sight,
        write: Write,
        margin: MarginRates = STANDARD_RATES,
    ) -> None:
        self.policy = policy
        self.lots = {item.code: Decimal(str(item.lot)) for item in universe.instruments}
        self._universe = universe
        self._groups = groups
        self._scenarios = scenarios
        self._margin = margin
        self._orders = orders
        self._sight = sight
        self._write = write
        self._limits: tuple[Limit, ...] = ()
        self._desk: ResponseDesk | None = None
        self._episodes = EpisodeBook()
        self._written: set[str] = set()
        self._queue = PlanQueue()
        self._n_made = 0

    def take_limits(self, limits: tuple[Limit, ...]) -> None:
        """Plan by these from now on."""
        self._limits = limits
        self._desk = None

    def take_scenarios(self, scenarios: tuple[StressScenario, ...]) -> None:
        """Reprice plans under these from now on."""
        self._scenarios = scenarios
        self._desk = None

    def take_policy(self, policy: ResponsePolicy) -> None:
        """Answer breaches by another policy from now on."""
        self.policy = policy
        self._desk = None

    def restore(self, body: Mapping[str, object]) -> None:
        """Take the row of an episode of an earlier session."""
        self._episodes.restore(body)
        self._written.add(str(body["episode_id"]))

    def note_proposal(self, proposal_id: str) -> None:
        """Take the id of a proposal of an earlier session: it is not given again."""
        self._n_made = max(self._n_made, int(proposal_id.removeprefix("P-")))

    def follow(self, breach: Breach, instant: Instant) -> None:
        """Take each change of a breach; one that is raised waits for a plan, one that is over no longer."""
        self._episodes.follow(breach)
        if breach.state is BreachState.RAISED:
            self._begin(breach, instant)
            self.want(breach)
        elif breach.state in NOT_PLANNED:
            self._queue.drop(breach.breach_id)

    def plans(self, limit: Limit) -> bool:
        """Tell whether the policy answers a breach of a limit with more than words."""
        response = self.policy.response_to(limit)
        return response.kind is not PlanKind.ALERT and response.autonomy is not Autonomy.ALERT_ONLY

    def want(self, breach: Breach, *, is_first: bool = False) -> None:
        """Let a breach wait for a plan, if the policy has one for it."""
        if self.plans(breach.limit):
            self._queue.put(breach, is_first=is_first)

    def note_made(self) -> None:
        """Hear that the plan asked for is there: the next may be asked for."""
        self._queue.note_made()

    def note_executed(self, proposal: Proposal, person: str, instant: Instant) -> None:
        """Count a plan that is carried out; journalled before its orders are.

        Raises
        ------
        JournalUnavailable
            If it could not be written.
        """
        episode = self._episodes.note_executed(proposal.episode_id)
        if episode is not None:
            self._write(EPISODE, episode.row(), instant.received_time_ns, person)

    def next_job(
        self, open_breaches: Mapping[str, Breach], instant: Instant, blocked: Container[str] = ()
    ) -> PlanJob | None:
        """Return what is to be worked out now; None without figures, or while a plan is being made.

        Those that are `blocked` wait.

        Raises
        ------
        JournalUnavailable
            If an episode that begins could not be written.
        """
        now_ns = instant.received_time_ns
        while self._sight.measured is not None:
            breach_id = self._queue.take_next(now_ns, blocked)
            if not breach_id:
                break
            breach = open_breaches.get(breach_id)
            episode = self._begin(breach, instant) if breach is not None else None
            if breach is None or episode is None or breach.state in NOT_PLANNED:
                self._queue.note_made()
                continue
            plan_input = self._look(open_breaches, instant)
            if plan_input is None:
                break
            self._write_begin(breach, episode, now_ns)
            self._n_made += 1
            grade = self._sight.grade(breach.limit, breach.value)
            proposal_id, state = f"P-{self._n_made:04d}", self._orders.trading_state
            desk, n_orders = self._desk_now(), self._orders.n_orders
            return PlanJob(proposal_id, breach, episode, plan_input, desk, grade, state, n_orders)
        return None

    def what_if_job(
        self,
        asked: WhatIfAsked,
        proposal: Proposal | None,
        open_breaches: Mapping[str, Breach],
        instant: Instant,
    ) -> WhatIfJob | None:
        """Return the job that answers a question about a changed plan; None before there are figures."""
        plan_input = self._look(open_breaches, instant)
        return (
            None if plan_input is None else WhatIfJob(asked, proposal, plan_input, self._board(), self.lots)
        )

    def _look(self, open_breaches: Mapping[str, Breach], instant: Instant) -> PlanInput | None:
        """Return the instant for planners; None before there are figures."""
        plan_input = self._sight.plan_input(self._orders, instant)
        if plan_input is None:
            return None
        broken = frozenset(
            (each.limit.limit_id, each.member) for each in open_breaches.values() if each.is_open
        )
        return replace(plan_input, broken=broken)

    def _write_begin(self, breach: Breach, episode: Episode, now_ns: int) -> None:
        """Write an episode once; where it cannot be, its breach waits until the next plan is asked for."""
        if episode.episode_id in self._written:
            return
        try:
            self._write(EPISODE, episode.row(), now_ns, "")
        except JournalUnavailable:
            self.want(breach)
            raise
        self._written.add(episode.episode_id)

    def _begin(self, breach: Breach, instant: Instant) -> Episode | None:
        """Remember what is held as a breach is raised: a share is taken of that, not of what is left."""
        measured = self._sight.measured
        known = self._episodes.of(breach)
        if known is not None or measured is None or not self.plans(breach.limit):
            return known
        held = {line.code: line.quantity for line in self._sight.book.positions if line.quantity}
        response = self.policy.response_to(breach.limit)
        budget = loss_budget_of(breach.limit, breach.value, measured, self._limits, response)
        return self._episodes.begin(breach, held, budget, instant.received_time_ns)

    def _desk_now(self) -> ResponseDesk:
        """Return who plans by the limits and policy in force; a job under way keeps the one it has."""
        if self._desk is None:
            self._desk = ResponseDesk(self.policy, self._groups, self._board())
        return self._desk

    def _board(self) -> WhatIfBoard:
        return WhatIfBoard(self._universe, self._limits, self._scenarios, self._margin)
