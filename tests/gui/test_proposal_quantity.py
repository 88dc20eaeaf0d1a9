from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plimsoll.bridge.proposal_quantity import QuantityRefused, quantity_from, quantity_text
from plimsoll.domain.proposal import PlanLeg

ANY_LOT = Decimal(0)
SIZES = st.decimals(Decimal("1e-8"), Decimal("1e12"), places=8)


def leg(quantity: str, held: str = "0") -> PlanLeg:
    return PlanLeg("MSFT.US", Decimal(quantity), None, 431.0, Decimal(held), 0.0)


@given(size=SIZES, is_sold=st.booleans())
def test_that_what_is_written_is_read_to_the_last_digit_on_the_leg_s_side(
    size: Decimal, is_sold: bool
) -> None:
    planned = -size if is_sold else size
    assert quantity_from(quantity_text(size), leg(str(planned)), ANY_LOT) == planned


@given(text=st.text(max_size=12))
def test_that_no_text_whatsoever_turns_the_side_or_is_taken_for_a_number_it_is_not(text: str) -> None:
    for planned in ("-10", "10"):
        try:
            quantity = quantity_from(text, leg(planned), ANY_LOT)
        except QuantityRefused:
            continue
        assert quantity.is_finite()
        assert quantity * Decimal(planned) >= 0


@pytest.mark.parametrize(
    "text", ["1,5", "1.000,5", "1e3", "12,34", "NaN", "Infinity", "٣", "--5", "5-", "1 0 x"]
)
def test_that_a_number_that_could_mean_two_things_is_refused(text: str) -> None:
    with pytest.raises(QuantityRefused, match="expected a number"):
        quantity_from(text, leg("-10"), ANY_LOT)


def test_that_a_sign_of_the_leg_s_own_side_is_welcome() -> None:
    assert quantity_from("\N{MINUS SIGN}1,200", leg("-10"), Decimal(1)) == -1200
    assert quantity_from("+5", leg("10"), Decimal(1)) == 5
    assert quantity_from("-0", leg("10"), Decimal(1)) == 0
    with pytest.raises(QuantityRefused, match="would sell: the side stays"):
        quantity_from("-5", leg("10"), Decimal(1))


def test_that_an_odd_lot_is_let_go_only_as_a_whole() -> None:
    odd = leg("-100", held="150")
    assert quantity_from("150", odd, Decimal(100)) == -150
    with pytest.raises(QuantityRefused, match="expected a multiple of 100"):
        quantity_from("120", odd, Decimal(100))
    with pytest.raises(QuantityRefused, match="at most the 150 held"):
        quantity_from("200", odd, Decimal(100))


def test_that_what_opens_or_adds_is_not_bound_by_what_is_held() -> None:
    assert quantity_from("500", leg("100", held="50"), Decimal(1)) == 500
    assert quantity_from("500", leg("-100"), Decimal(1)) == -500
