"""The kill's own record comes into the journal once, and the order desk stands as it says."""

from dataclasses import replace
from decimal import Decimal

import pytest

from fakes.memory_journal import MemoryJournal
from plimsoll.domain.broker_event import OrderFilled
from plimsoll.domain.kill import WHOLE_BOOK, KillRequest, KillRow, KillScope, KillStep
from plimsoll.domain.order import Order, OrderState
from plimsoll.domain.position import Fill
from plimsoll.domain.trading_state import TradingState
from plimsoll.engine.instant import Instant
from plimsoll.engine.kill_fold import KILL, KillFold
from plimsoll.engine.kill_record import kill_body, kill_row_from
from plimsoll.engine.order_desk import OrderDesk
from plimsoll.engine.ports import JournalUnavailable

NOW = Instant(5, 6)
REQUEST = KillRequest("K-1", WHOLE_BOOK, "Ada", "a runaway order", flattens=True, is_drill=False, asked_ns=3)
CLOSING = Order("P-k", "K-1", "AAPL.US", Decimal(-250), state=OrderState.SENT)


def row_of(step: KillStep, number: int, request: KillRequest = REQUEST, **more: object) -> KillRow:
    return KillRow(number, request, step, f"step {step}", 10 + number, "Ada", **more)


LATCHED, RELEASED = row_of(KillStep.LATCHED, 1), row_of(KillStep.RELEASED, 4)
FLATTENING = row_of(KillStep.FLATTENING, 3, orders=(CLOSING,))


class Desk:
    """An order desk and its fold over one journal; built anew it reads what is there."""

    def __init__(self, journal: MemoryJournal) -> None:
        self.orders = OrderDesk(journal)
        self.fold = KillFold(journal, self.orders)
        for row in journal.rows():
            if row.kind == KILL:
                self.fold.restore(row.body)
            else:
                self.orders.restore(row.kind, row.body)


def test_that_a_step_is_the_same_after_the_disk() -> None:
    scoped = replace(REQUEST, scope=KillScope("all of equity", frozenset({"B", "A"})), is_drill=True)
    for row in (LATCHED, FLATTENING, replace(RELEASED, request=scoped)):
        assert kill_row_from(kill_body(row)) == row


def test_that_a_kill_of_the_book_halts_the_desk_and_its_release_lets_it_reduce() -> None:
    desk = Desk(MemoryJournal())
    desk.fold.take(LATCHED, NOW)
    assert desk.orders.trading_state is TradingState.HALTED
    desk.fold.take(RELEASED, NOW)
    assert desk.orders.trading_state is TradingState.REDUCING


def test_that_a_second_halt_keeps_the_desk_halted_when_the_first_is_released() -> None:
    desk = Desk(MemoryJournal())
    other = replace(REQUEST, kill_id="K-2")
    for row in (LATCHED, row_of(KillStep.LATCHED, 2, other), RELEASED):
        desk.fold.take(row, NOW)
    assert desk.orders.trading_state is TradingState.HALTED


@pytest.mark.parametrize(
    "request_", [replace(REQUEST, is_drill=True), replace(REQUEST, scope=KillScope("X", frozenset({"X"})))]
)
def test_that_a_drill_or_a_narrower_kill_leaves_the_book_tradable(request_: KillRequest) -> None:
    journal = MemoryJournal()
    desk = Desk(journal)
    desk.fold.take(row_of(KillStep.LATCHED, 1, request_), NOW)
    desk.fold.take(row_of(KillStep.RELEASED, 2, request_), NOW)
    assert desk.orders.trading_state is TradingState.ACTIVE
    assert journal.kinds() == [KILL, KILL]


def test_that_each_step_is_journalled_once_over_any_number_of_tellings_and_restarts() -> None:
    journal = MemoryJournal()
    steps = (LATCHED, FLATTENING, RELEASED)
    for _ in range(3):
        desk = Desk(journal)
        desk.fold.take_all(steps, NOW)
        assert not desk.fold.take(LATCHED, NOW)
    assert journal.kinds().count(KILL) == 3
    assert [row.person for row in journal.rows((KILL,))] == ["Ada"] * 3
    assert Desk(journal).orders.trading_state is TradingState.REDUCING


def test_that_a_closing_order_is_followed_like_any_other_so_that_its_fills_reach_the_book() -> None:
    journal = MemoryJournal()
    desk = Desk(journal)
    desk.fold.take_all((LATCHED, FLATTENING), NOW)
    assert desk.orders.live == (replace(CLOSING, state=OrderState.IN_DOUBT),)
    taken: list[Fill] = []
    fill = Fill("F-1", "AAPL.US", Decimal(-250), Decimal(99))
    desk.orders.take(OrderFilled("P-k", fill), lambda _order, each: taken.append(each), NOW)
    assert taken == [fill]
    assert Desk(journal).orders.orders[0].state is OrderState.FILLED
    desk = Desk(journal)
    desk.fold.take_all((LATCHED, FLATTENING), NOW)  # told again by the file: nothing starts anew
    assert desk.orders.orders[0].state is OrderState.FILLED


def test_that_a_step_the_journal_could_not_take_is_taken_when_it_is_told_again() -> None:
    journal = MemoryJournal()
    desk = Desk(journal)
    journal.fails = lambda kind: kind == KILL
    with pytest.raises(JournalUnavailable):
        desk.fold.take(FLATTENING, NOW)
    journal.fails = lambda _kind: False
    assert Desk(journal).fold.take(FLATTENING, NOW)
    assert [row.kind for row in journal.rows()] == ["order", KILL]
