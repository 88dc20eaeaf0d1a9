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
        if self._orders.desk.trading_state is TradingState.HALTED:
            raise DecisionRefused("trading is HALTED: nothing but cancels passes")
        held_back = sorted({leg.code for leg in plan.all_legs} & self._orders.held_back)
        if held_back:
            raise DecisionRefused(f"broker and book disagree about {', '.join(held_back)}: settle that first")

    def why_stale(self, proposal: Proposal, instant: Instant, plan: Plan | None = None) -> str:
        """Return why a proposal's evidence is of the past, for its plan or another; empty where not."""
        bands = dict(proposal.price_bands)
        response = self._policy().named(proposal.response)
        if plan is not None and plan is not proposal.plan and response is not None:
            bands = bands_of(plan, response.price_band_fraction)
        prices = {code: self._sight.price(code) for code in bands}
        bound = replace(proposal, price_bands=bands)
        return why_stale(bound, self._sight.book.version, prices, instant.received_time_ns)
