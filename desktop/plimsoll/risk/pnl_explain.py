"""Where a day's profit came from: prices, currencies, carry, fees, new trades, and what nobody can explain.

The parts follow the NAV of a book of funded and unfunded positions and cash lines to the cent: with the same
marks and rates at both ends, every trade and every cash flow told, the unexplained part is zero.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from plimsoll.risk.arithmetic import refuses_overflow
from plimsoll.risk.arrays import FloatArray, vector, within
from plimsoll.risk.errors import NotPositive, OutOfRange, ShapeMismatch


@dataclass(frozen=True, slots=True, eq=False)
class OpeningBook:
    """What was held when the day began, and the marks and rates at both its ends.

    Attributes
    ----------
    quantities : array_like of shape (n_positions,)
        Signed size at the opening; 0 for a position first traded during the day.
    opening_prices, closing_prices : array_like of shape (n_positions,)
        Marks in each instrument's currency.
    opening_fx, closing_fx : array_like of shape (n_positions,)
        Base money per unit of that currency, above zero.
    multipliers : array_like of shape (n_positions,), optional
        Money per price point and unit; ones if None.
    average_costs : array_like of shape (n_positions,), optional
        Average cost at the opening of each *unfunded* position (FX, CFD, future), NaN for a funded one
        (share, ETF, coin); all funded if None. Of an unfunded position only the open profit bears currency
        risk.
    """

    quantities: ArrayLike
    opening_prices: ArrayLike
    closing_prices: ArrayLike
    opening_fx: ArrayLike
    closing_fx: ArrayLike
    multipliers: ArrayLike | None = None
    average_costs: ArrayLike | None = None


@dataclass(frozen=True, slots=True, eq=False)
class CashLines:
    """Cash per currency when the day began.

    Attributes
    ----------
    amounts : array_like of shape (n_currencies,)
        Signed, each in its own currency.
    opening_fx, closing_fx : array_like of shape (n_currencies,)
        Base money per unit, above zero.
    """

    amounts: ArrayLike
    opening_fx: ArrayLike
    closing_fx: ArrayLike


@dataclass(frozen=True, slots=True, eq=False)
class DayTrades:
    """Trades of the day, in any order.

    Attributes
    ----------
    positions : array_like of int, shape (n_trades,)
        Place of the traded position in the opening book.
    quantities : array_like of shape (n_trades,)
        Signed size: above zero bought.
    prices : array_like of shape (n_trades,)
        Fill prices in the instrument's currency, before fees.
    """

    positions: ArrayLike
    quantities: ArrayLike
    prices: ArrayLike


@dataclass(frozen=True, slots=True, eq=False)
class PnlExplanation:
    """A day's profit and its parts, in base currency; each part is signed like a profit.

    Attributes
    ----------
    pnl : float
        What is to be explained.
    price, fx, carry, fees, trades : float
        The parts; `fees` is at or below zero.
    unexplained : float
        ``pnl`` less the sum of the parts.
    price_by_position, fx_by_position, trades_by_position : ndarray of shape (n_positions,)
        The parts of each position; the rest of `fx` is that of the cash lines.
    """

    pnl: float
    price: float
    fx: float
    carry: float
    fees: float
    trades: float
    unexplained: float
    price_by_position: FloatArray
    fx_by_position: FloatArray
    trades_by_position: FloatArray


@refuses_overflow
def explain_pnl(
    pnl: float,
    book: OpeningBook,
    *,
    cash: CashLines | None = None,
    trades: DayTrades | None = None,
    carry: ArrayLike = 0.0,
    fees: ArrayLike = 0.0,
) -> PnlExplanation:
    """Return the parts of a day's profit.

    Parameters
    ----------
    pnl : float
        NAV now less NAV at the last day roll less external flows since, in base currency.
    book : OpeningBook
        Positions at the opening, marks and rates at both ends.
    cash : CashLines, optional
        Cash at the opening.
    trades : DayTrades, optional
        Trades of the day.
    carry : float or array_like
        Interest, swap points, funding and dividends received (below zero: paid), in base currency; an array
        is summed.
    fees : float or array_like
        Fees paid, above zero, in base currency; below zero is a rebate. An array is summed.

    Returns
    -------
    PnlExplanation
        The parts and what they leave unexplained.

    Raises
    ------
    ShapeMismatch
        If the arrays do not belong together.
    NotFinite, NotPositive, OutOfRange
        If a value is NaN or infinite, a rate is not above zero, or a trade names a position that is not
        there.

    Notes
    -----
    With opening P₀, closing P₁ and rates f₀, f₁:

    - price: q m (P₁ − P₀) f₁, at the closing rate, so that no cross term is left over;
    - FX: q m P₀ (f₁ − f₀) of a funded position, q m (P₀ − P̄) (f₁ − f₀) of an unfunded one, amount (f₁ − f₀)
    of cash;
    - new trades: q m (P₁ − fill) f₁ of either kind, the cash they moved staying in the instrument's currency.

    Examples
    --------
    Two thousand euros of shares gain 1 % while the euro gains 2 %.

    >>> book = OpeningBook([20.0], [100.0], [101.0], [1.10], [1.122])
    >>> day = explain_pnl(66.45, book)
    >>> round(day.price, 2), round(day.fx, 2), round(day.unexplained, 2)
    (22.44, 44.0, 0.01)
    """
    total = within(pnl, "pnl", -math.inf, math.inf)
    held = vector(book.quantities, "quantities")
    opening, closing = (_alike(values, name, held) for values, name in _prices(book))
    opening_fx = _rates(book.opening_fx, "opening_fx", held)
    closing_fx = _rates(book.closing_fx, "closing_fx", held)
    size = np.ones_like(held) if book.multipliers is None else _alike(book.multipliers, "multipliers", held)
    price = held * size * (closing - opening) * closing_fx
    fx = held * size * (opening - _free_of_fx(book.average_costs, held)) * (closing_fx - opening_fx)
    fresh = _trade_profits(trades, closing, size * closing_fx)
    received, paid = _summed(carry, "carry"), _summed(fees, "fees")
    parts = {
        "price": float(price.sum()),
        "fx": float(fx.sum()) + _cash_fx(cash),
        "carry": received,
        "fees": -paid + 0.0,
        "trades": float(fresh.sum()),
    }
    return PnlExplanation(
        pnl=total,
        unexplained=total - math.fsum(parts.values()),
        price_by_position=price,
        fx_by_position=fx,
        trades_by_position=fresh,
        **parts,
    )


def _prices(book: OpeningBook) -> tuple[tuple[ArrayLike, str], tuple[ArrayLike, str]]:
    return (book.opening_prices, "opening_prices"), (book.closing_prices, "closing_prices")


# The part of an opening price that bears no currency risk: none of a funded position's, the cost of an
# unfunded one's.
def _free_of_fx(average_costs: ArrayLike | None, held: FloatArray) -> FloatArray:
    if average_costs is None:
        return np.zeros_like(held)
    costs = np.asarray(average_costs, dtype=np.float64)
    return _alike(np.where(np.isnan(costs), 0.0, costs), "average_costs", held)


def _trade_profits(trades: DayTrades | None, closing: FloatArray, money_per_point: FloatArray) -> FloatArray:
    fresh = np.zeros_like(closing)
    if trades is None:
        return fresh
    bought = vector(trades.quantities, "trade quantities")
    fills = _alike(trades.prices, "trade prices", bought)
    places = _alike(trades.positions, "trade positions", bought)
    if ((places < 0) | (places >= closing.shape[0]) | (places % 1 != 0.0)).any():
        raise OutOfRange(
            f"a trade named a position not in the book, expected whole numbers below {closing.shape[0]}"
        )
    rows = places.astype(np.int64)
    np.add.at(fresh, rows, bought * (closing[rows] - fills) * money_per_point[rows])
    return fresh


def _cash_fx(cash: CashLines | None) -> float:
    if cash is None:
        return 0.0
    amounts = vector(cash.amounts, "cash amounts")
    opening = _rates(cash.opening_fx, "cash opening_fx", amounts)
    return float(amounts @ (_rates(cash.closing_fx, "cash closing_fx", amounts) - opening))


def _alike(values: ArrayLike, name: str, other: FloatArray) -> FloatArray:
    array = vector(values, name)
    if array.shape != other.shape:
        raise ShapeMismatch(f"{name} had {array.shape[0]} entries, expected {other.shape[0]}")
    return array


def _rates(values: ArrayLike, name: str, other: FloatArray) -> FloatArray:
    rates = _alike(values, name, other)
    if (rates <= 0.0).any():
        raise NotPositive(
            f"{name} held {rates.min()}, expected rates above zero: a missing rate is not 1.0 either"
        )
    return rates


def _summed(values: ArrayLike, name: str) -> float:
    return float(vector(np.atleast_1d(np.asarray(values, dtype=np.float64)), name).sum())
