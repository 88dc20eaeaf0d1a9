"""A journal of breaches, proposals, decisions and fills, as the desk writes them."""

from dataclasses import replace
from decimal import Decimal

from fakes.memory_journal import MemoryJournal
from plimsoll.domain.book_event import EventUndone, TradeEntered, event_body
from plimsoll.domain.breach import Breach, BreachState
from plimsoll.domain.limit import Limit, Measure, Severity
from plimsoll.domain.order import Order, OrderState
from plimsoll.domain.proposal import Plan, PlanLeg, Proposal, WhatIf
from plimsoll.domain.proposal_standing import ProposalStanding, ProposalState
from plimsoll.engine.breach_record import body_of as breach_body
from plimsoll.engine.breach_record import change_of
from plimsoll.engine.order_record import body_of as order_body
from plimsoll.engine.proposal_record import body_of as proposal_body
from plimsoll.engine.proposal_record import decision_body

LIMIT = Limit("var", "VaR of the book", Measure.VAR, 1000.0, Severity.HIGH)


def plan_of(quantity: int = -100, *, code: str = "A.US", mark: float = 10.0, cost: float = 4.0) -> Plan:
    """Return a plan of one leg."""
    leg = PlanLeg(code, Decimal(quantity), None, mark, Decimal(500), abs(quantity) * mark, cost_base=cost)
    return Plan("cheapest cut", (leg,), words="cut")


class ScoreCase:
    """Writes rows at exchange times of its own."""

    def __init__(self) -> None:
        self.journal = MemoryJournal()

    def breach(self, breach_id: str, raised_ns: int, *, eased_ns: int = 0, limit: Limit = LIMIT) -> None:
        """Write a breach, and that it eased."""
        breach = Breach(breach_id, limit, "", BreachState.RAISED, 1200.0, 1300.0, raised_ns, raised_ns)
        self.write("breach_raised", breach_body(breach), raised_ns)
        if eased_ns:
            self.write("breach_changed", change_of(replace(breach, state=BreachState.EASED)), eased_ns)

    def propose(
        self, proposal_id: str, made_ns: int, *, breach_id: str = "B-0001", plan: Plan | None = None
    ) -> None:
        """Write a proposal; its episode is named after the breach."""
        made = Proposal(
            proposal_id, breach_id, f"E-{breach_id}", "cut", plan or plan_of(), WhatIf(), WhatIf(), (), 1
        )
        self.write("proposal", proposal_body(made), made_ns)

    def decide(
        self,
        proposal_id: str,
        state: str,
        decided_ns: int,
        *,
        person: str = "M. Kurz",
        breach_id: str = "B-0001",
        decided: Plan | None = None,
        words: str = "",
    ) -> None:
        """Write what became of a proposal; its decision is named after it."""
        made = Proposal(proposal_id, breach_id, "", "cut", Plan(""), WhatIf(), WhatIf(), (), 1)
        standing = ProposalStanding(
            made,
            ProposalState(state),
            words,
            person,
            decided=decided or Plan(""),
            decision_id=f"D-{proposal_id}",
        )
        body = decision_body(standing, LIMIT.limit_id)
        self.write("proposal_decision", body, decided_ns, person)

    def fill(
        self,
        proposal_id: str,
        fill_id: str,
        quantity: int,
        price: str,
        at_ns: int,
        *,
        fee: str = "0",
        part: str = "",
    ) -> None:
        """Write a fill as the book and its order tell it."""
        trade = TradeEntered(
            event_id=fill_id, time_ns=at_ns, code="A.US", quantity=Decimal(quantity), price=Decimal(price),
            fee=Decimal(fee),
        )  # fmt: skip
        self.write("book_event", event_body(trade), at_ns)
        size = Decimal(quantity)
        order = Order(f"P-{fill_id}", f"D-{proposal_id}{part}", "A.US", size, None, OrderState.FILLED, size)
        self.write("order", {**order_body(order), "fill_id": fill_id}, at_ns)

    def undo(self, event_id: str, at_ns: int) -> None:
        """Write the counter-entry of an event."""
        self.write("book_event", event_body(EventUndone(event_id=f"undo-{event_id}", undoes=event_id)), at_ns)

    def write(self, kind: str, body: dict[str, object], exchange_ns: int, person: str = "") -> None:
        """Write a row."""
        self.journal.append(
            kind, body, exchange_time_ns=exchange_ns, received_time_ns=exchange_ns, person=person
        )
