import numpy as np
import pytest

from plimsoll.risk.arrays import FloatArray
from plimsoll.risk.errors import NotFinite, NotPositive, OutOfRange, ShapeMismatch
from plimsoll.risk.pnl_explain import CashLines, DayTrades, OpeningBook, explain_pnl

NAN = float("nan")


def test_that_an_unfunded_position_opened_at_its_mark_bears_no_currency_risk() -> None:
    # SEMANTICS: -2 000 000 USDJPY at 154.21, bought there, USD book, +1 % loses 19 801.98 USD.
    price, up = 154.21, 154.21 * 1.01
    book = OpeningBook([-2e6], [price], [up], [1 / price], [1 / up], average_costs=[price])
    day = explain_pnl(-19_801.98, book)
    assert round(day.price, 2) == -19_801.98
    assert day.fx == 0.0
    assert round(day.unexplained, 2) == 0.0


def test_that_an_open_profit_of_an_unfunded_position_bears_currency_risk() -> None:
    book = OpeningBook([10.0], [110.0], [110.0], [1.0], [1.2], [5.0], [100.0])
    assert explain_pnl(0.0, book).fx == pytest.approx(10 * 5 * 10 * 0.2)


def test_that_the_parts_follow_the_nav_of_a_mixed_book_to_the_cent() -> None:
    rng = np.random.default_rng(12)
    quantities = np.array([100.0, -50.0, 3.0, 0.0])
    multipliers = np.array([1.0, 1.0, 50.0, 1.0])
    opening, closing = rng.uniform(50, 150, size=(2, 4))
    costs = np.array([NAN, NAN, 90.0, 100.0])
    is_unfunded = ~np.isnan(costs)
    currency = np.array([0, 1, 1, 2])
    rates_open, rates_close = rng.uniform(0.8, 1.2, size=(2, 3))
    cash = np.array([1000.0, -2000.0, 300.0])
    positions = np.array([0, 1, 2, 3, 3])
    bought, fills = np.array([-40.0, 20.0, 2.0, 7.0, 4.0]), rng.uniform(50, 150, size=5)
    interest, fee = 12.5, 7.25

    def nav(q: FloatArray, p: FloatArray, fx: FloatArray, average: FloatArray, money: FloatArray) -> float:
        basis = np.where(is_unfunded, average, 0.0)
        return float(money @ fx) + float((q * multipliers * (p - basis) * fx[currency]).sum())

    before = nav(quantities, opening, rates_open, costs, cash)
    after_cash, held, average = cash.copy(), quantities.copy(), np.where(is_unfunded, costs, 0.0)
    for place, size, fill in zip(positions, bought, fills, strict=True):
        if is_unfunded[place]:  # every trade here adds to the position: the average cost moves
            average[place] = (held[place] * average[place] + size * fill) / (held[place] + size)
        else:
            after_cash[currency[place]] -= size * multipliers[place] * fill
        held[place] += size
    after_cash[0] += (interest - fee) / rates_close[0]
    pnl = nav(held, closing, rates_close, average, after_cash) - before

    day = explain_pnl(
        pnl,
        OpeningBook(
            quantities, opening, closing, rates_open[currency], rates_close[currency], multipliers, costs
        ),
        cash=CashLines(cash, rates_open, rates_close),
        trades=DayTrades(positions, bought, fills),
        carry=[10.0, 2.5],
        fees=fee,
    )
    assert day.unexplained == pytest.approx(0.0, abs=1e-9)
    assert (day.carry, day.fees) == (12.5, -7.25)
    assert day.price == pytest.approx(day.price_by_position.sum())
    assert day.trades == pytest.approx(day.trades_by_position.sum())
    assert day.trades_by_position[3] == pytest.approx(
        (7 * (closing[3] - fills[3]) + 4 * (closing[3] - fills[4])) * rates_close[2]
    )


def test_that_what_no_part_tells_is_unexplained_and_not_hidden() -> None:
    book = OpeningBook([1.0], [100.0], [101.0], [1.0], [1.0])
    assert explain_pnl(5.0, book).unexplained == 4.0


def test_that_a_flat_day_of_an_empty_book_has_nothing_to_explain() -> None:
    day = explain_pnl(0.0, OpeningBook([], [], [], [], []))
    assert (day.price, day.fx, day.carry, day.fees, day.trades, day.unexplained) == (0.0,) * 6
    assert str(day.fees) == "0.0"


def test_that_bad_inputs_are_refused_by_name() -> None:
    good = OpeningBook([1.0], [100.0], [101.0], [1.0], [1.0])
    with pytest.raises(OutOfRange, match="pnl"):
        explain_pnl(NAN, good)
    with pytest.raises(ShapeMismatch, match="closing_prices"):
        explain_pnl(0.0, OpeningBook([1.0], [100.0], [101.0, 1.0], [1.0], [1.0]))
    with pytest.raises(NotPositive, match="opening_fx"):
        explain_pnl(0.0, OpeningBook([1.0], [100.0], [101.0], [0.0], [1.0]))
    with pytest.raises(NotFinite, match="opening_prices"):
        explain_pnl(0.0, OpeningBook([1.0], [NAN], [101.0], [1.0], [1.0]))
    with pytest.raises(NotFinite, match="average_costs"):
        explain_pnl(0.0, OpeningBook([1.0], [1.0], [1.0], [1.0], [1.0], None, [np.inf]))
    with pytest.raises(NotPositive, match="cash closing_fx"):
        explain_pnl(0.0, good, cash=CashLines([1.0], [1.0], [-1.0]))
    with pytest.raises(NotFinite, match="carry"):
        explain_pnl(0.0, good, carry=NAN)
    for position in (1, -1, 0.5):
        with pytest.raises(OutOfRange, match="not in the book"):
            explain_pnl(0.0, good, trades=DayTrades([position], [1.0], [1.0]))
