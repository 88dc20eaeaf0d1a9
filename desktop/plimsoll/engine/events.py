"""What the engine tells the world, as facts in the past tense."""

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from plimsoll.domain.breach import Breach
from plimsoll.domain.decision import Decision
from plimsoll.domain.desk_request import DeskRequest
from plimsoll.domain.limit import Limit
from plimsoll.domain.policy_change import PolicyChange
from plimsoll.domain.proposal_standing import ProposalStanding
from plimsoll.domain.response_policy import ResponsePolicy
from plimsoll.domain.trading_state import TradingState
from plimsoll.engine.order_event import OrderEvent

if TYPE_CHECKING:
    # The window hears events before its first paint, and needs none of the planners for it.
    from plimsoll.engine.plan_job import PlanJob, WhatIfJob


@dataclass(frozen=True, slots=True)
class BreachRaised:
    """A limit was crossed; already in the journal.

    Attributes
    ----------
    breach : Breach
        As raised.
    heard_ns : int
        When the tick that crossed it was received, for the latency from tick to dialog.
    """

    breach: Breach
    heard_ns: int


@dataclass(frozen=True, slots=True)
class BreachChanged:
    """A breach took a step of its life; already in the journal."""

    breach: Breach


@dataclass(frozen=True, slots=True)
class DecisionTaken:
    """A decision stands; already in the journal."""

    decision: Decision


@dataclass(frozen=True, slots=True)
class DecisionRejected:
    """A decision does not stand, and why."""

    decision: Decision
    reason: str


@dataclass(frozen=True, slots=True)
class DayRolled:
    """The trading day changed; day P&L starts anew from this NAV."""

    exchange_time_ns: int
    nav_base: float


@dataclass(frozen=True, slots=True)
class NoticeRaised:
    """Something a trader should know that is not a breach."""

    text: str
    is_alarm: bool = False


@dataclass(frozen=True, slots=True)
class LimitsChanged:
    """Limits stand otherwise; already in the journal.

    Attributes
    ----------
    limits : tuple of Limit
        All of them, official and temporary, in force or not, as a limits file would have them.
    """

    limits: tuple[Limit, ...]


@dataclass(frozen=True, slots=True)
class RequestTaken:
    """What a person asked of the desk was done; already in the journal."""

    request: DeskRequest


@dataclass(frozen=True, slots=True)
class RequestRejected:
    """What a person asked of the desk was not done, and why."""

    request: DeskRequest
    reason: str


@dataclass(frozen=True, slots=True)
class ProposalChanged:
    """A proposal was made, decided about, or has become outdated; already in the journal."""

    standing: ProposalStanding


@dataclass(frozen=True, slots=True)
class PlanWanted:
    """Something is to be worked out that takes too long for the risk thread.

    Whoever drives the engine calls `job.make()`, on another thread or at once, and hands the PlanMade of a
    PlanJob back by `RiskEngine.take_plan`; the WhatIfAnswer of a WhatIfJob goes to who asked.
    """

    job: "PlanJob | WhatIfJob"


@dataclass(frozen=True, slots=True)
class OrderSaid:
    """The order desk wants something of the broker, or tells of an order; already in the journal."""

    said: OrderEvent


@dataclass(frozen=True, slots=True)
class PositionsWanted:
    """The broker is to be asked what is held."""


@dataclass(frozen=True, slots=True)
class HoldingsMoved:
    """What is held has changed otherwise than by an order: a trade entered by hand, a split, another file.

    Attributes
    ----------
    event_id : str
        Of the book event; a broker on paper takes it once. A real one knows of it by itself.
    moved : tuple of (code, Decimal)
        Signed change of quantity.
    """

    event_id: str
    moved: tuple[tuple[str, Decimal], ...]


@dataclass(frozen=True, slots=True)
class TradingStateChanged:
    """Another trading state is in force; already in the journal."""

    state: TradingState


@dataclass(frozen=True, slots=True)
class PolicyChanged:
    """Breaches are answered otherwise, or a change of that waits; already in the journal.

    Attributes
    ----------
    policy : ResponsePolicy
        In force.
    pending : PolicyChange or None
        The loosening that waits.
    """

    policy: ResponsePolicy
    pending: PolicyChange | None = None


Event = (
    BreachRaised
    | BreachChanged
    | DecisionTaken
    | DecisionRejected
    | DayRolled
    | NoticeRaised
    | RequestTaken
    | RequestRejected
    | LimitsChanged
    | ProposalChanged
    | PlanWanted
    | OrderSaid
    | PositionsWanted
    | HoldingsMoved
    | TradingStateChanged
    | PolicyChanged
)
