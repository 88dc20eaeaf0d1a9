"""The broker accounts for every order that was not filled: asked until it has, over crashes and silence."""

import itertools
from decimal import Decimal

import pytest

from plimsoll.domain.broker_event import OrderNotKnown, OrderReported
from plimsoll.domain.order import Order, OrderState
from plimsoll.engine.fill_sweep import AGAIN_NS, LONGEST_NS, MOST_AT_ONCE, FillSweep

S = OrderState


def order_in(state: OrderState, client_id: str = "P-1") -> Order:
    return Order(client_id, "D-1", "AAPL.US", Decimal(10), state=state)


def ids(sweep: FillSweep, orders: list[Order], now_ns: int = 0) -> list[str]:
    return [wanted.client_id for wanted in sweep.beat(orders, now_ns)]


def report(*, is_working: bool) -> OrderReported:
    return OrderReported("P-1", is_working, Decimal(0), ())


@pytest.mark.parametrize("state", [S.CANCELLED, S.REJECTED, S.LOST])
def test_that_an_order_that_ended_unfilled_is_asked_for_once_more_and_then_settled(state: OrderState) -> None:
    sweep, orders = FillSweep(), [order_in(state)]
    assert sweep.owes(orders)
    assert ids(sweep, orders) == ["P-1"]
    sweep.take(report(is_working=False))
    assert not sweep.owes(orders)
    assert ids(sweep, orders, 10 * LONGEST_NS) == []


@pytest.mark.parametrize("state", [S.PLANNED, S.SENT, S.WORKING, S.CANCELLING, S.FILLED])
def test_that_the_order_desk_asks_for_all_the_others_itself(state: OrderState) -> None:
    sweep, orders = FillSweep(), [order_in(state)]
    assert ids(sweep, orders) == []
    assert not sweep.owes(orders)


def test_that_an_order_in_doubt_is_asked_for_as_long_as_it_is() -> None:
    sweep, orders = FillSweep(), [order_in(S.IN_DOUBT)]
    sweep.take(OrderNotKnown("P-1"))
    assert ids(sweep, orders) == ["P-1"]


def test_that_silence_is_met_by_fewer_and_fewer_questions_but_never_by_none() -> None:
    sweep, orders = FillSweep(), [order_in(S.CANCELLED)]
    asked = [second for second in range(600) if ids(sweep, orders, second * AGAIN_NS // 2)]
    gaps = [after - before for before, after in itertools.pairwise(asked)]
    assert gaps[:4] == [2, 4, 8, 16]
    assert max(gaps) == LONGEST_NS // (AGAIN_NS // 2)


def test_that_a_restart_with_many_old_orders_asks_a_few_at_a_time() -> None:
    orders = [order_in(S.CANCELLED, f"P-{number}") for number in range(50)]
    sweep = FillSweep()
    waves = [ids(sweep, orders) for _ in range(4)]
    assert [len(wave) for wave in waves] == [MOST_AT_ONCE, MOST_AT_ONCE, 10, 0]
    assert len({client_id for wave in waves for client_id in wave}) == 50


def test_that_an_order_found_working_after_all_is_open_again() -> None:
    sweep, orders = FillSweep(), [order_in(S.LOST)]
    sweep.take(OrderNotKnown("P-1"))
    assert not sweep.owes(orders)
    sweep.take(report(is_working=True))
    assert sweep.owes(orders)
