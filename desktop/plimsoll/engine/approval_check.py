"""What has to hold before a plan goes out: somebody's right, fresh evidence, and a way to the market."""

from collections.abc import Callable
from dataclasses import replace

from plimsoll.domain.breach import Breach
from plimsoll.domain.errors import DecisionRefused
from plimsoll.domain.person import People, Right
from plimsoll.domain.proposal import Plan, Proposal, why_stale
from plimsoll.domain.response_policy import Autonomy, ResponsePolicy
from plimsoll.domain.trading_state import TradingState
from plimsoll.engine.instant import Instant
from plimsoll.engine.order_keeper import OrderKeeper
from plimsoll.engine.response_desk import bands_of
from plimsoll.engine.sight import Sight


class ApprovalCheck:
    """Checks decisions about proposals against the present; it changes none of it."""

    def __init__(
        self, people: People, orders: OrderKeeper, sight: Sight, policy: Callable[[], ResponsePolicy]
    ) -> None:
        self._people = people
        self._orders = orders
        self._sight = sight
        self._policy = policy
        self._n_orders: dict[str, int] = {}
        self._barred: dict[str, str] = {}

    def bind(self, proposal_id: str, n_orders: int) -> None:
        """Bind a proposal to the orders there had been by then: it counts without any later."""
        self._n_orders[proposal_id] = n_orders

    def bar(self, proposal_id: str, why: str) -> None:
        """Let a proposal not act alone any more."""
        self._barred[proposal_id] = why

    def is_barred(self, proposal_id: str) -> bool:
        """Tell whether a proposal lost its right to act alone."""
        return proposal_id in self._barred

    def forget(self, proposal_id: str) -> None:
        """Hear that a proposal is of no more interest."""
        self._n_orders.pop(proposal_id, None)
        self._barred.pop(proposal_id, None)

    def need(self, person: str, right: Right) -> None:
        """Refuse a person without a right.

        Raises
        ------
        DecisionRefused
            With the file that gives rights.
        """
        if not self._people.of(person).may(right):
            raise DecisionRefused(f"{person or 'nobody'} has no right to {right}: see people.toml")

    def need_second(self, first: str) -> None:
        """Refuse where nobody could confirm what `first` approves.

        Raises
        ------
        DecisionRefused
            With the reason.
        """
        why_not = self._people.why_no_second(first, Right.CONFIRM)
        if why_not:
            raise DecisionRefused(why_not)

    def need_way(self, plan: Plan) -> None:
        """Refuse a plan that sends nothing, or that the desk would not send.

        Raises
        ------
        DecisionRefused
            With the reason.
        """
        if plan.is_empty:
            raise DecisionRefused("the plan sends nothing: reject it, or override the limit")
        if self._orders.why_no_broker:
            raise DecisionRefused(f"the broker cannot be reached ({self._orders.why_no_broker})")
        if self._orders.desk.trading_state is TradingState.HALTED:
            raise DecisionRefused("trading is HALTED: nothing but cancels passes")
        held_back = sorted({leg.code for leg in plan.all_legs} & self._orders.held_back)
        if held_back:
            raise DecisionRefused(f"broker and book disagree about {', '.join(held_back)}: settle that first")

    def needs_two(self, proposal: Proposal) -> bool:
        """Tell whether a second person has to confirm, by the policy of then or of now."""
        response = self._policy().named(proposal.response)
        return proposal.needs_two_persons or (response is not None and response.two_persons)

    def why_stale(self, proposal: Proposal, instant: Instant, plan: Plan) -> str:
        """Return why a proposal's evidence is of the past, for its plan or another; empty where not."""
        response, now_ns = self._policy().named(proposal.response), instant.received_time_ns
        if self._orders.desk.n_orders != self._n_orders.get(proposal.proposal_id, 0):
            return "orders of another decision went out since: the plan has to be worked out again"
        if response is None:
            return f"the policy lost its response {proposal.response}: the plan has to be worked out again"
        closed = sorted({leg.code for leg in plan.legs if not self._sight.is_open(leg.code, now_ns)})
        if closed:
            return f"the market of {', '.join(closed)} has closed: the plan has to be worked out again"
        is_as_shown = plan is proposal.plan
        bands = proposal.price_bands if is_as_shown else bands_of(plan, response.price_band_fraction)
        prices = {code: self._sight.price(code) for code in bands}
        bound = replace(proposal, price_bands=bands)
        return why_stale(bound, self._sight.book.version, prices, now_ns)

    def why_not_alone(self, proposal: Proposal, breach: Breach, instant: Instant) -> str:
        """Return why a proposal may not act without anybody's approval; empty where it may."""
        barred = self._barred.get(proposal.proposal_id)
        if barred:
            return barred
        response = self._policy().named(proposal.response)
        if response is None or not response.autonomy.acts_alone:
            return "the policy no longer lets it act alone"
        if self.needs_two(proposal):
            return "two persons have to confirm"
        grade = self._sight.grade(breach.limit, breach.value)
        if grade is None or not grade.at_least(response.minimum_grade):
            return "the figure is no longer good enough to act on alone"
        try:
            self.need_way(proposal.plan)
        except DecisionRefused as refusal:
            return str(refusal)
        return self.why_stale(proposal, instant, proposal.plan)

    def held_to_wait(self, proposal: Proposal, breach: Breach, instant: Instant) -> Proposal:
        """Return a proposal that waits for a person where it cannot go at once, not planned on and on."""
        why_not = self.why_not_alone(proposal, breach, instant)
        if not why_not:
            return proposal
        return replace(
            proposal,
            autonomy=Autonomy.PROPOSE_AND_WAIT,
            executes_ns=0,
            why_not_automatic=(why_not,),
            what_happens_at_zero=f"Nothing is sent by itself: {why_not}.",
        )
