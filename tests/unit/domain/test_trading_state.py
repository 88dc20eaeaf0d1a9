"""REDUCING lets a position shrink and never flip; HALTED lets nothing pass."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from plimsoll.domain.trading_state import TradingState, why_not_sent

QUANTITY = st.integers(-1000, 1000).map(Decimal)


@given(QUANTITY, st.lists(QUANTITY, max_size=4), QUANTITY)
def test_that_halted_refuses_every_order(held: Decimal, working: list[Decimal], quantity: Decimal) -> None:
    assert why_not_sent(TradingState.HALTED, held, tuple(working), quantity)


@given(QUANTITY, st.lists(QUANTITY, max_size=4), QUANTITY, st.data())
def test_that_what_passes_in_reducing_never_grows_nor_flips_whichever_orders_fill(
    held: Decimal, working: list[Decimal], quantity: Decimal, data: st.DataObject
) -> None:
    if why_not_sent(TradingState.REDUCING, held, tuple(working), quantity):
        return
    filled = [part for part in [*working, quantity] if data.draw(st.booleans())]
    after = held + sum(filled)
    assert abs(after) <= abs(held)
    assert after == 0 or (after > 0) == (held > 0)


@given(QUANTITY.filter(bool), st.integers(1, 100))
def test_that_a_plain_reduction_passes_in_reducing(held: Decimal, percent: int) -> None:
    assert not why_not_sent(TradingState.REDUCING, held, (), -held * percent / 100)


@given(QUANTITY, QUANTITY)
def test_that_active_refuses_only_nothing(held: Decimal, quantity: Decimal) -> None:
    assert bool(why_not_sent(TradingState.ACTIVE, held, (), quantity)) == (quantity == 0)


def test_that_the_refusal_names_what_is_in_the_way() -> None:
    reducing = TradingState.REDUCING
    assert "nothing is held" in why_not_sent(reducing, Decimal(0), (), Decimal(-1))
    assert "would add" in why_not_sent(reducing, Decimal(5), (), Decimal(1))
    assert "still works" in why_not_sent(reducing, Decimal(5), (Decimal(2),), Decimal(-1))
    assert "flip" in why_not_sent(reducing, Decimal(5), (Decimal(-3),), Decimal(-3))
