"""What is too slow for the risk thread, packed up so that it can be worked out on another."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from plimsoll.domain.breach import Breach
from plimsoll.domain.errors import DecisionRefused, FillRefused, UnknownInstrument
from plimsoll.domain.grade import FigureGrade
from plimsoll.domain.proposal import PlanOption, Proposal
from plimsoll.domain.proposal_request import WhatIfAnswer, WhatIfAsked
from plimsoll.domain.trading_state import TradingState
from plimsoll.engine.plan_change import chosen_plan
from plimsoll.engine.plan_input import PlanInput
from plimsoll.engine.response_desk import ResponseDesk
from plimsoll.engine.response_episode import Episode
from plimsoll.engine.what_if import WhatIfBoard


@dataclass(frozen=True, slots=True, eq=False)
class PlanJob:
    """A breach to be answered.

    Attributes
    ----------
    proposal_id : str
        For the proposal that comes of it.
    breach : Breach
    episode : Episode
    plan_input : PlanInput
        The instant, frozen.
    desk : ResponseDesk
        Of the limits and the policy in force; only the thread that plans may use it.
    grade : FigureGrade or None
        Of the broken figure; None where nobody can say.
    trading_state : TradingState
    n_orders : int
        Orders there had ever been: one more since, and the plan counts without it.
    """

    proposal_id: str
    breach: Breach
    episode: Episode
    plan_input: PlanInput
    desk: ResponseDesk
    grade: FigureGrade | None
    trading_state: TradingState
    n_orders: int = 0

    def make(self) -> "PlanMade":
        """Work the proposal out."""
        proposal = self.desk.propose(
            self.breach,
            self.plan_input,
            self.episode,
            proposal_id=self.proposal_id,
            grade=self.grade,
            trading_state=self.trading_state,
        )
        return PlanMade(self, proposal)


@dataclass(frozen=True, slots=True, eq=False)
class PlanMade:
    """What came of a job: a proposal, nothing where the policy only tells, or a fault in words."""

    job: PlanJob
    proposal: Proposal | None
    fault: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class WhatIfJob:
    """A changed plan to be looked at, at live prices.

    Attributes
    ----------
    asked : WhatIfAsked
    proposal : Proposal or None
        None where nobody knows it any more.
    plan_input : PlanInput
        The instant, frozen.
    board : WhatIfBoard
        Only the thread that plans may use it.
    lots : Mapping
        Smallest step of quantity by code.
    """

    asked: WhatIfAsked
    proposal: Proposal | None
    plan_input: PlanInput
    board: WhatIfBoard
    lots: Mapping[str, Decimal]

    def make(self) -> WhatIfAnswer:
        """Work the answer out."""
        asked = self.asked
        if self.proposal is None:
            return WhatIfAnswer(asked, None, "the proposal is no longer known: have it worked out again")
        try:
            plan = chosen_plan(self.proposal, asked.option, asked.quantities, self.lots)
            return WhatIfAnswer(asked, PlanOption(plan, self.board.of(plan, self.plan_input)))
        except (DecisionRefused, FillRefused, UnknownInstrument) as refusal:
            return WhatIfAnswer(asked, None, str(refusal))
