"""What has to hold before a plan goes out: somebody's right, fresh evidence, and a way to the market."""

from collections.abc import Callable
from dataclasses import replace

from plimsoll.domain.errors import DecisionRefused
from plimsoll.domain.person import People, Right
from plimsoll.domain.proposal import Plan, Proposal, why_stale
from plimsoll.domain.response_policy import ResponsePolicy
from plimsoll.domain.trading_state import TradingState
from plimsoll.engine.instant import Instant
from plimsoll.engine.order_keeper import OrderKeeper
from plimsoll.engine.response_desk import bands_of
from plimsoll.engine.sight import Sight


class ApprovalCheck:
    """Checks decisions about proposals against the present; it changes nothing."""

    def __init__(
        self, people: People, orders: OrderKeeper, sight: Sight, policy: Callable[[], ResponsePolicy]
    ) -> None:
        self._people = people
        self._orders = orders
        self._sight = sight
        self._policy = policy

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
