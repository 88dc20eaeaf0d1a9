"""The card of a drill follows from the journal's rows: who answered when, and what the trades were worth."""

import math
from decimal import Decimal

import pytest

from plimsoll.domain.book import Book, Cash
from plimsoll.domain.book_event import TradeEntered
from plimsoll.domain.drill_card import DrillCard
from plimsoll.domain.instrument import AssetClass, Instrument, Settlement
from plimsoll.domain.position import Position
from plimsoll.engine.book_entry import BookEntry, Moved, entry_body
from plimsoll.engine.drill_book import book_then
from plimsoll.engine.drill_score import DrillEnd, card_body, drill_card
from plimsoll.engine.ports import JournalRow

S = 1_000_000_000
LEG = {
    "code": "SPY",
    "quantity": "-100",
    "limit_price": None,
    "mark": 50.0,
    "held": "100",
    "value": 5_000.0,
    "cost": 5.0,
    "volume_share": None,
    "not_before_ns": 0,
    "words": "",
}


class Rows:
    """A journal told in words; a second passes with each row."""

    def __init__(self) -> None:
        self.rows: list[JournalRow] = []

    def add(self, kind: str, by: str = "", /, **body: object) -> None:
        number = len(self.rows) + 1
        self.rows.append(JournalRow(number, kind, body, by, "demo", number * S, number * S))

    def propose(self, number: int, breach_id: str) -> None:
        self.add(
            "proposal",
            proposal_id=f"P-{number}",
            breach_id=breach_id,
            episode_id=breach_id,
            planner="cut",
            legs=[LEG],
            later=[],
            words="",
            warnings=[],
            left_out=[],
        )

    def settle(self, number: int, breach_id: str, state: str, person: str = "Ada") -> None:
        self.rows.append(
            JournalRow(
                len(self.rows) + 1,
                "proposal_decision",
                {
                    "proposal_id": f"P-{number}",
                    "breach_id": breach_id,
                    "state": state,
                    "limit_id": "dd",
                    "decision_id": f"D-{number}",
                    "person": person,
                    "second": "",
                    "words": "",
                },
                person,
                "demo",
                (len(self.rows) + 1) * S,
                (len(self.rows) + 1) * S,
            )
        )

    def sell(self, quantity: int, price: str, fee: str) -> None:
        trade = TradeEntered(
            event_id=f"f{len(self.rows)}",
            code="SPY",
            quantity=Decimal(-quantity),
            price=Decimal(price),
            fee=Decimal(fee),
        )
        moves = (Moved("SPY", "USD", quantity * float(price), 1.0),)
        self.add("book_event", **entry_body(BookEntry(trade, moves, False, None, 0.0, 0.0)))


def card_of(rows: Rows, mark: float = 40.0, nav: float = 9_000.0) -> DrillCard:
    end = DrillEnd(1_000 * S, nav, {"SPY": mark})
    return drill_card(rows.rows, end, {"SPY": 1.0}, crisis="2008-09", currency="USD")


def test_that_reactions_are_counted_from_raised_to_the_first_answer_of_a_person() -> None:
    rows = Rows()
    rows.add("breach_raised", breach_id="B-1")
    rows.add("breach_raised", breach_id="B-2")
    rows.add("breach_raised", breach_id="B-3")
    rows.add("decision", "Ada", breach_id="B-1")
    rows.add("decision", "Ada", breach_id="B-1")
    rows.add("breach_changed", breach_id="B-3", state="eased")
    rows.propose(1, "B-2")
    rows.settle(1, "B-2", "outdated", person="")
    rows.propose(2, "B-2")
    rows.settle(2, "B-2", "approved")
    card = card_of(rows)
    assert (card.n_breaches, card.n_answered, card.n_unanswered, card.n_eased_alone) == (3, 2, 1, 1)
    assert (card.median_reaction_s, card.worst_reaction_s) == (5.5, 8.0)
    assert (card.n_proposals, card.n_as_proposed, card.n_let_go) == (1, 1, 0)


def test_that_selling_half_before_a_fall_is_worth_half_of_what_all_would_have_been() -> None:
    rows = Rows()
    rows.add("high_water_mark", nav=10_000.0)
    rows.propose(1, "B-1")
    rows.settle(1, "B-1", "approved")
    rows.add("order", fill_id="f4", decision_id="D-1")
    rows.sell(50, "49.9", "1")
    card = card_of(rows)
    assert card.pnl_base == -1_000.0
    assert card.against_nothing_base == pytest.approx(50 * (49.9 - 40.0) - 1.0)
    assert card.against_all_base == pytest.approx(50 * 9.9 - 1.0 - (100 * 10.0 - 5.0))
    assert (card.fees_base, card.n_fills) == (1.0, 1)
    assert card.slippage_base == pytest.approx(50 * 0.1)
    assert card.n_as_proposed == 1


def test_that_what_one_proposal_sells_the_next_cannot_sell_again() -> None:
    rows = Rows()
    rows.propose(1, "B-1")
    rows.propose(2, "B-2")
    assert card_of(rows).against_all_base == pytest.approx(-(100 * 10.0 - 5.0))
    assert card_of(rows).n_let_go == 2


def test_that_nothing_done_is_worth_nothing_and_the_unknown_stays_unknown() -> None:
    card = card_of(Rows(), nav=math.nan)
    assert card.against_nothing_base == card.against_all_base == 0.0
    assert math.isnan(card.pnl_base)
    assert card_body(card)["median_reaction_s"] is None


def test_that_a_book_of_then_keeps_each_value_and_leaves_out_what_was_not_quoted() -> None:
    master = {
        code: Instrument(code, code, AssetClass.EQUITY, "USD", Settlement.FUNDED, lot=10.0)
        for code in ("OLD", "NEW")
    }
    held = (
        Position("OLD", Decimal(100), Decimal(20_000)),
        Position("NEW", Decimal(5), Decimal(1_000)),
    )
    book = Book("b", "USD", held, (Cash("USD", Decimal(7)),))
    made = book_then(book, master, {"OLD": 25.0})
    assert [(line.code, line.quantity, line.cost) for line in made.positions] == [
        ("OLD", Decimal(800), Decimal(20_000))
    ]
    assert made.cash == book.cash
