"""An order: what one decision sends to a broker for one instrument, and what became of it.

Its life::

    PLANNED ──send──▶ SENT ──accept──▶ WORKING ──complete──▶ FILLED
    SENT, WORKING ──reject──▶ REJECTED
    SENT, WORKING, CANCELLING ──lose──▶ IN_DOUBT ──find──▶ WORKING ─ or ─ miss ──▶ LOST
    SENT, CANCELLING ──miss──▶ LOST
    WORKING, IN_DOUBT ──cancel──▶ CANCELLING ──confirm──▶ CANCELLED, or ──keep──▶ WORKING

A fill counts whatever the state: one that comes after a cancel is in the book all the same. An order in doubt
is asked for by its own id and never sent again.
"""

import hashlib
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from plimsoll.domain.errors import IllegalTransition

ZERO = Decimal(0)


class OrderState(StrEnum):
    """Where an order stands in its life."""

    PLANNED = "planned"
    SENT = "sent"
    WORKING = "working"
    CANCELLING = "cancelling"
    IN_DOUBT = "in_doubt"
    FILLED = "filled"
    CANCELLED = "cancelled"
    REJECTED = "rejected"
    LOST = "lost"


class OrderStep(StrEnum):
    """What can happen to an order."""

    SEND = "send"
    ACCEPT = "accept"
    REJECT = "reject"
    COMPLETE = "complete"
    CANCEL = "cancel"
    CONFIRM = "confirm"
    KEEP = "keep"
    LOSE = "lose"
    FIND = "find"
    MISS = "miss"


_S, _P = OrderState, OrderStep
TRANSITIONS: dict[tuple[OrderState, OrderStep], OrderState] = {
    (_S.PLANNED, _P.SEND): _S.SENT,
    (_S.PLANNED, _P.CANCEL): _S.CANCELLED,
    (_S.SENT, _P.ACCEPT): _S.WORKING,
    (_S.SENT, _P.REJECT): _S.REJECTED,
    (_S.SENT, _P.CANCEL): _S.CANCELLING,
    (_S.SENT, _P.LOSE): _S.IN_DOUBT,
    (_S.SENT, _P.MISS): _S.LOST,
    (_S.SENT, _P.COMPLETE): _S.FILLED,
    (_S.WORKING, _P.CANCEL): _S.CANCELLING,
    (_S.WORKING, _P.REJECT): _S.REJECTED,
    (_S.WORKING, _P.LOSE): _S.IN_DOUBT,
    (_S.WORKING, _P.CONFIRM): _S.CANCELLED,
    (_S.WORKING, _P.COMPLETE): _S.FILLED,
    (_S.CANCELLING, _P.ACCEPT): _S.CANCELLING,
    (_S.CANCELLING, _P.CONFIRM): _S.CANCELLED,
    (_S.CANCELLING, _P.KEEP): _S.WORKING,
    (_S.CANCELLING, _P.REJECT): _S.REJECTED,
    (_S.CANCELLING, _P.LOSE): _S.IN_DOUBT,
    (_S.CANCELLING, _P.MISS): _S.LOST,
    (_S.CANCELLING, _P.COMPLETE): _S.FILLED,
    (_S.IN_DOUBT, _P.ACCEPT): _S.WORKING,
    (_S.IN_DOUBT, _P.FIND): _S.WORKING,
    (_S.IN_DOUBT, _P.MISS): _S.LOST,
    (_S.IN_DOUBT, _P.REJECT): _S.REJECTED,
    (_S.IN_DOUBT, _P.CONFIRM): _S.CANCELLED,
    (_S.IN_DOUBT, _P.CANCEL): _S.CANCELLING,
    (_S.IN_DOUBT, _P.COMPLETE): _S.FILLED,
    (_S.CANCELLED, _P.COMPLETE): _S.FILLED,
    (_S.REJECTED, _P.COMPLETE): _S.FILLED,
    (_S.LOST, _P.FIND): _S.WORKING,
    (_S.LOST, _P.ACCEPT): _S.WORKING,
    (_S.LOST, _P.COMPLETE): _S.FILLED,
}
LIVE_STATES = frozenset({_S.SENT, _S.WORKING, _S.CANCELLING, _S.IN_DOUBT})
"""The broker may still fill these: they count as exposure to come."""


def state_after(state: OrderState, step: OrderStep) -> OrderState:
    """Return where `step` leads from `state`.

    Raises
    ------
    IllegalTransition
        If it leads nowhere.
    """
    try:
        return TRANSITIONS[(state, step)]
    except KeyError:
        raise IllegalTransition(f"an order that is {state} cannot {step}") from None


def client_id_of(decision_id: str, code: str, leg: int) -> str:
    """Return the id an order bears towards the broker: the same decision can only make the same id again.

    `leg` tells the parts of one decision in one instrument apart, 0 for the first.
    """
    digest = hashlib.sha256(f"{decision_id}|{code}|{leg}".encode()).hexdigest()
    return f"P-{digest[:20]}"


@dataclass(frozen=True, slots=True)
class Order:
    """One order of one decision.

    Attributes
    ----------
    client_id : str
        Ours, derived from the decision: nothing is sent twice under two names.
    decision_id : str
        The journalled decision it carries out.
    code : str
        The instrument.
    quantity : Decimal
        Signed: bought above zero, sold below.
    limit_price : Decimal or None
        The worst price accepted, in the instrument's currency; None for a market order.
    state : OrderState
        Where it stands.
    filled : Decimal
        Signed, as far as fills have told.
    reason : str
        Why it was rejected or given up; otherwise empty.
    """

    client_id: str
    decision_id: str
    code: str
    quantity: Decimal
    limit_price: Decimal | None = None
    state: OrderState = OrderState.PLANNED
    filled: Decimal = ZERO
    reason: str = ""

    @property
    def remaining(self) -> Decimal:
        """What is not filled yet, signed."""
        return self.quantity - self.filled

    @property
    def is_live(self) -> bool:
        """Whether the broker may still fill it."""
        return self.state in LIVE_STATES and bool(self.remaining)

    @property
    def exposure_to_come(self) -> Decimal:
        """What the position may still change by, signed."""
        return self.remaining if self.is_live else ZERO
