"""What a person asks of the desk beside decisions about breaches: each is taken, or refused with a reason."""

from dataclasses import dataclass

from plimsoll.domain.book_event import BookEvent
from plimsoll.domain.limit import Limit
from plimsoll.domain.policy_change import PolicyRequest
from plimsoll.domain.proposal_request import (
    ProposalApproved,
    ProposalAsked,
    ProposalConfirmed,
    ProposalRejected,
)
from plimsoll.domain.trading_state import TradingState


@dataclass(frozen=True, slots=True)
class LimitChangeAsked:
    """A limit is to be added, changed, or (without `after`) removed.

    Attributes
    ----------
    change_id : str
        Unique; the same request is taken once.
    limit_id : str
        Which limit.
    after : Limit or None
        How it shall stand.
    person, reason : str
        Who asks, and why, in at least ten characters.
    """

    change_id: str
    limit_id: str
    after: Limit | None
    person: str
    reason: str


@dataclass(frozen=True, slots=True)
class LimitChangeConfirmed:
    """A second person lets a loosening act at once."""

    change_id: str
    person: str


@dataclass(frozen=True, slots=True)
class LimitChangeWithdrawn:
    """A loosening that waits shall not come."""

    change_id: str
    person: str
    reason: str


@dataclass(frozen=True, slots=True)
class BookEventAsked:
    """A trade, cash, dividend, fee, funding, split, exchange or undo is to be entered."""

    event: BookEvent


@dataclass(frozen=True, slots=True)
class TradingStateAsked:
    """Another trading state shall be in force, and why, in at least ten characters."""

    state: TradingState
    person: str
    reason: str


@dataclass(frozen=True, slots=True)
class CancelAsked:
    """Working orders are to be cancelled; that passes in every trading state."""

    client_ids: tuple[str, ...]
    person: str


DeskRequest = (
    LimitChangeAsked
    | LimitChangeConfirmed
    | LimitChangeWithdrawn
    | BookEventAsked
    | ProposalApproved
    | ProposalConfirmed
    | ProposalRejected
    | ProposalAsked
    | TradingStateAsked
    | CancelAsked
    | PolicyRequest
)
