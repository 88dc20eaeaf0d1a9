"""An order's life follows one table, its name comes from its decision, and a fill always counts."""

from decimal import Decimal
from itertools import product

import pytest

from plimsoll.domain.errors import IllegalTransition
from plimsoll.domain.order import (
    LIVE_STATES,
    TRANSITIONS,
    Order,
    OrderState,
    OrderStep,
    client_id_of,
    state_after,
)


def test_that_the_same_decision_makes_the_same_name_and_another_does_not() -> None:
    assert client_id_of("D-1", "AAPL.US", 0) == client_id_of("D-1", "AAPL.US", 0)
    names = {client_id_of(d, c, leg) for d, c, leg in product(["D-1", "D-2"], ["AAPL.US", "XOM.US"], [0, 1])}
    assert len(names) == 8


def test_that_nothing_is_sent_twice() -> None:
    senders = [state for state, step in TRANSITIONS if step is OrderStep.SEND]
    assert senders == [OrderState.PLANNED]
    assert OrderState.PLANNED not in TRANSITIONS.values()


def test_that_what_is_not_in_the_table_is_refused() -> None:
    for state, step in product(OrderState, OrderStep):
        if (state, step) not in TRANSITIONS:
            with pytest.raises(IllegalTransition, match="cannot"):
                state_after(state, step)


def test_that_every_live_order_can_still_be_filled_and_doubted_or_ended() -> None:
    for state in LIVE_STATES:
        assert state_after(state, OrderStep.COMPLETE) is OrderState.FILLED


def test_that_only_live_orders_have_exposure_to_come() -> None:
    order = Order("P-1", "D-1", "AAPL.US", Decimal(-100), state=OrderState.WORKING, filled=Decimal(-30))
    assert order.exposure_to_come == Decimal(-70)
    done = Order("P-1", "D-1", "AAPL.US", Decimal(-100), state=OrderState.CANCELLED, filled=Decimal(-30))
    assert done.exposure_to_come == 0
