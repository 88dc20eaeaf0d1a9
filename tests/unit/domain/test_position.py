from decimal import Decimal

import pytest

from plimsoll.domain.position import ZERO, Position, position_after

D = Decimal
FLAT = Position("AAPL.US", ZERO, ZERO)


def after(*trades: tuple[str, str], multiplier: str = "1") -> Position:
    position = FLAT
    for quantity, price in trades:
        position = position_after(position, D(quantity), D(price), D(multiplier))
    return position


def test_that_buying_twice_averages_the_cost() -> None:
    held = after(("100", "10"), ("300", "12"))
    assert (held.quantity, held.average_price, held.realised) == (D(400), D("11.5"), ZERO)


def test_that_selling_a_part_realises_at_the_average_and_leaves_it_as_it_was() -> None:
    held = after(("100", "10"), ("300", "12"), ("-100", "15"))
    assert (held.quantity, held.average_price, held.realised) == (D(300), D("11.5"), D(350))


def test_that_a_short_earns_when_the_price_falls() -> None:
    """Pitfall 3: a short from 50 to 40 earned, it did not lose."""
    assert after(("-100", "50"), ("100", "40")).realised == D(1000)
    assert after(("-100", "50"), ("40", "40")).realised == D(400)


def test_that_closing_more_than_is_held_opens_the_rest_the_other_way_at_the_new_price() -> None:
    held = after(("100", "10"), ("-150", "12"))
    assert (held.quantity, held.average_price, held.realised) == (D(-50), D(12), D(200))
    back = after(("100", "10"), ("-150", "12"), ("80", "11"))
    assert (back.quantity, back.average_price, back.realised) == (D(30), D(11), D(250))


def test_that_a_closed_position_costs_nothing_and_has_no_average() -> None:
    held = after(("3", "0.1"), ("-3", "0.2"))
    assert (held.quantity, held.cost, held.average_price) == (ZERO, ZERO, None)
    assert held.realised == D("0.3")


def test_that_thirds_leave_nothing_behind() -> None:
    held = after(("3", "10"), ("-1", "11"), ("-1", "11"), ("-1", "11"))
    assert (held.quantity, held.cost) == (ZERO, ZERO)
    assert held.realised == pytest.approx(D(3), abs=D("1e-20"))


def test_that_the_multiplier_counts_in_money_and_not_in_cost() -> None:
    held = after(("2", "50"), ("-1", "53"), multiplier="1000")
    assert (held.cost, held.realised) == (D(50), D(3000))


def test_that_a_price_below_zero_is_paid_to_the_buyer() -> None:
    assert after(("1", "-36.98"), ("-1", "8.91")).realised == D("45.89")


def test_that_fees_are_kept_apart() -> None:
    held = position_after(Position("X", D(10), D(100), ZERO, D(7)), D(-10), D(12), D(1))
    assert (held.fees, held.realised) == (D(7), D(20))
