"""How to bring a risk figure under a line by cutting positions, and nothing but cutting."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from plimsoll.risk.arithmetic import refuses_overflow
from plimsoll.risk.arrays import BoolArray, FloatArray
from plimsoll.risk.errors import NotConverged, OutOfRange, ShapeMismatch
from plimsoll.risk.risk_figure import RiskFigure, exposures_for, money_per_unit

_UNDER_THE_LINE = 1.0 + 1e-12
_MOST_ROUNDS = 2000
_MOST_STARTS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Reduction:
    """Trades that only reduce, and what they do to the figure.

    Attributes
    ----------
    trades : ndarray of shape (n_assets,)
        Signed money to trade, against the sign of each exposure.
    exposures : ndarray of shape (n_assets,)
        The book afterwards.
    cost : float
        Σ cost · |trade|, base currency.
    risk_before, risk_after : float
        The figure, computed anew on each book, never by the approximation that chose the trades.
    hedges_spared : bool
        True where no position that lowered the figure was touched.
    """

    trades: FloatArray
    exposures: FloatArray
    cost: float
    risk_before: float
    risk_after: float
    hedges_spared: bool


@refuses_overflow
def uniform_cut(
    exposures: ArrayLike, figure: RiskFigure, *, limit: float, costs: ArrayLike | None = None
) -> Reduction:
    """Cut every position by the same share until the figure stands at the limit: the baseline.

    Parameters
    ----------
    exposures : array_like of shape (n_assets,)
        Signed money, base currency.
    figure : RiskFigure
        Made by `parametric_risk`, `simulated_shortfall` or `simulated_var`.
    limit : float
        Line for the figure, base currency, not below zero.
    costs : array_like of shape (n_assets,), optional
        Cost as a fraction of money traded; default 1, so that the cost is the turnover.

    Returns
    -------
    Reduction
        With factor limit/figure; no trade where the figure is under the line already. It cuts hedges.

    Raises
    ------
    ShapeMismatch, NotFinite, OutOfRange
        If the arrays do not belong together, hold a gap, or the limit is below zero.

    Notes
    -----
    Exact because the figures double with the book; for books linear in the exposures only [1]_.

    References
    ----------
    .. [1] McNeil, Frey and Embrechts, "Quantitative Risk Management", revised edition, 2015, section 8.1
       (positive homogeneity).

    Examples
    --------
    >>> from plimsoll.risk.risk_figure import simulated_var
    >>> risk = simulated_var([[-0.05], [-0.03], [0.01], [0.02]], confidence=0.75)
    >>> uniform_cut([100.0], risk, limit=1.5).exposures
    array([50.])
    """
    book, line = exposures_for(figure, exposures, limit)
    before = figure.value(book)
    share = 0.0 if before <= line else 1.0 - line / before
    return _reduction(book, figure, share * np.abs(book), money_per_unit(costs, "costs", book.size, 1.0))


@refuses_overflow
def reduction_by_risk_contribution(
    exposures: ArrayLike, figure: RiskFigure, *, limit: float, costs: ArrayLike | None = None
) -> Reduction:
    """Cut each position in proportion to its share of the risk until the figure stands at the limit.

    Parameters
    ----------
    exposures : array_like of shape (n_assets,)
        Signed money, base currency.
    figure : RiskFigure
        Made by `parametric_risk`, `simulated_shortfall` or `simulated_var`.
    limit : float
        Line for the figure, base currency, not below zero.
    costs : array_like of shape (n_assets,), optional
        Cost as a fraction of money traded; default 1, so that the cost is the turnover.

    Returns
    -------
    Reduction
        Position i is cut by min(1, t · contribution_i / largest contribution), for the first t that
        brings the figure to the line; hedges (contribution not above zero) are never touched.

    Raises
    ------
    OutOfRange
        If the limit is not reached before every contributor is closed: the hedges alone exceed it.
    ShapeMismatch, NotFinite
        If the arrays do not belong together or hold a gap.

    References
    ----------
    .. [1] Litterman, "Hot Spots and Hedges", Journal of Portfolio Management, December 1996, pp. 52-75.

    Examples
    --------
    >>> from plimsoll.risk.risk_figure import parametric_risk
    >>> risk = parametric_risk([[0.0004, 0.0], [0.0, 0.0001]], confidence=0.99)
    >>> reduction_by_risk_contribution([1e6, 1e6], risk, limit=30_000.0).exposures.round()
    array([476363., 869091.])
    """
    book, line = exposures_for(figure, exposures, limit)
    prices = money_per_unit(costs, "costs", book.size, 1.0)
    if figure.value(book) <= line:
        return _reduction(book, figure, np.zeros(book.size), prices)
    contributions = np.maximum(book * figure.slope(book), 0.0)
    speed = contributions / contributions.max()
    size = np.abs(book)

    def amounts(t: float) -> FloatArray:
        return np.asarray(np.minimum(1.0, t * speed) * size)

    def is_under(t: float) -> bool:
        return figure.value(book - np.sign(book) * amounts(t)) <= line * _UNDER_THE_LINE

    # Between two closures the path is straight, so that a convex figure crosses the line once at most.
    low = 0.0
    for high in np.unique(1.0 / speed[speed > 0.0]):
        if is_under(high):
            return _reduction(book, figure, amounts(_first_true(is_under, low, float(high))), prices)
        low = float(high)
    raise OutOfRange(f"limit was {limit}, which closing every contributor does not reach: cut hedges too")


@refuses_overflow
def cheapest_cut(
    exposures: ArrayLike,
    figure: RiskFigure,
    *,
    limit: float,
    costs: ArrayLike | None = None,
    lots: ArrayLike | None = None,
    spared: ArrayLike | None = None,
    spare_hedges: bool = True,
) -> Reduction:
    """Return the cheapest trades, all of them reductions, that bring the figure under the line.

    Parameters
    ----------
    exposures : array_like of shape (n_assets,)
        Signed money, base currency.
    figure : RiskFigure
        Made by `parametric_risk`, `simulated_shortfall` or `simulated_var`.
    limit : float
        Line for the figure, base currency, not below zero.
    costs : array_like of shape (n_assets,), optional
        Cost as a fraction of money traded; default 1, so that the least turnover is sought.
    lots : array_like of shape (n_assets,), optional
        Money value of the smallest tradable unit; trades are whole multiples; 0 is any amount.
    spared : array_like of bool of shape (n_assets,), optional
        Positions that must not be touched.
    spare_hedges : bool
        Leave positions alone that lower the figure now. Where the rest cannot reach the line without
        them they are cut after all, and ``hedges_spared`` says so.

    Returns
    -------
    Reduction
        The figure of the new book is computed anew and stands under the line.

    Raises
    ------
    OutOfRange
        If no allowed cut reaches the limit.
    NotConverged
        If the search did not settle.
    ShapeMismatch, NotFinite
        If the arrays do not belong together or hold a gap.

    Notes
    -----
    Cutting planes [1]_: a convex figure that doubles with the book is nowhere below ``slope(V) · W``, so each
    book found over the line adds one linear inequality; a linear programme (with lots, an integer one)
    over these finds the next, until a book is under the line. For parametric figures and the shortfall this
    is the optimum up to one part in 10⁷ of the limit. The simulated VaR is not convex: it is replaced by a
    convex ceiling, touching it at the best book so far, again and again; each round is under the line and
    no dearer than the last. Of several such descents the cheapest is taken; it is a local optimum.

    References
    ----------
    .. [1] Kelley, "The Cutting-Plane Method for Solving Convex Programs", Journal of the Society for
       Industrial and Applied Mathematics 8(4), 1960, pp. 703-712.

    Examples
    --------
    >>> from plimsoll.risk.risk_figure import parametric_risk
    >>> risk = parametric_risk([[0.0004, 0.0], [0.0, 0.0001]], confidence=0.99)
    >>> cheapest_cut([1e6, 1e6], risk, limit=40_000.0, lots=[10_000.0, 10_000.0]).trades
    array([-310000.,       0.])
    """
    book, line = exposures_for(figure, exposures, limit)
    prices = money_per_unit(costs, "costs", book.size, 1.0)
    units = money_per_unit(lots, "lots", book.size, 0.0)
    untouchable = _mask(spared, book.size)
    if figure.value(book) <= line:
        return _reduction(book, figure, np.zeros(book.size), prices)
    is_hedge = book * figure.slope(book) < 0.0
    choices = [untouchable | is_hedge, untouchable] if spare_hedges else [untouchable]
    for fixed in choices:
        amounts = _cheapest_amounts(book, figure, line, prices, units, fixed)
        if amounts is not None:
            return _reduction(book, figure, amounts, prices)
    raise OutOfRange(f"limit was {limit}, which no allowed cut reaches: raise it, or spare less")


def _cheapest_amounts(
    book: FloatArray,
    figure: RiskFigure,
    line: float,
    prices: FloatArray,
    units: FloatArray,
    fixed: BoolArray,
) -> FloatArray | None:
    if figure.ceiling_at(book) is figure:
        return _cut_by_planes(book, figure, line, prices, units, fixed)
    # Not convex: several descents, each from the book with another large contributor closed; lots come last,
    # from where the cheapest ended, since a search in lots costs a hundred times as much.
    contributions = np.where(fixed, 0.0, book * figure.slope(book))
    largest = np.argsort(-contributions)[:_MOST_STARTS]
    anchors = [book, *(np.where(np.arange(book.size) == index, 0.0, book) for index in largest)]
    best: FloatArray | None = None
    for lots in (np.zeros(book.size), units) if units.any() else (units,):
        found = (_descent(anchor, book, figure, line, prices, lots, fixed) for anchor in anchors)
        reached = sorted((each for each in found if each is not None), key=lambda each: float(prices @ each))
        anchors = [*(book - np.sign(book) * each for each in reached[:1]), book]
        best = reached[0] if reached else None
    return best


def _descent(
    anchor: FloatArray,
    book: FloatArray,
    figure: RiskFigure,
    line: float,
    prices: FloatArray,
    units: FloatArray,
    fixed: BoolArray,
) -> FloatArray | None:
    """Return a local optimum for a figure that is not convex, by ceilings touching it at the last answer."""
    best: FloatArray | None = None
    while True:
        amounts = _cut_by_planes(book, figure.ceiling_at(anchor), line, prices, units, fixed)
        if amounts is None or (best is not None and prices @ amounts >= (prices @ best) * (1.0 - 1e-9)):
            return best
        best = amounts
        anchor = book - np.sign(book) * amounts


def _cut_by_planes(
    book: FloatArray,
    figure: RiskFigure,
    line: float,
    prices: FloatArray,
    units: FloatArray,
    fixed: BoolArray,
) -> FloatArray | None:
    """Return the cheapest amounts by Kelley's planes, or None where no allowed cut reaches the line."""
    in_lots = units > 0.0
    size = np.abs(book)
    # One step is one lot, or the whole position where any share of it may be sold.
    step = np.where(in_lots, units, size)
    most = np.where(in_lots, np.floor(size / np.where(in_lots, units, 1.0) + 1e-9), 1.0)
    most = np.where(fixed | (size == 0.0), 0.0, most)
    planes = _Planes(book, figure, line, step)
    steps: FloatArray | None = np.zeros(book.size)
    # Planes found without lots hold with lots as well, and are found a thousand times faster.
    for whole in (None, in_lots) if in_lots.any() else (None,):
        steps = planes.cheapest(prices * step, most, whole)
        if steps is None:
            return None
    return None if steps is None else np.minimum(steps * step, size)


class _Planes:
    """Linear inequalities that every book under the line satisfies, found one at a time."""

    def __init__(self, book: FloatArray, figure: RiskFigure, line: float, step: FloatArray) -> None:
        self._book, self._figure, self._line, self._step = book, figure, line, step
        # Rows in units of the figure, or the solver's absolute tolerance would mean nothing.
        self._scale = figure.value(book)
        self._rows: list[FloatArray] = []
        self._bounds: list[float] = []

    def cheapest(self, prices: FloatArray, most: FloatArray, whole: BoolArray | None) -> FloatArray | None:
        """Return the cheapest steps under the line, in whole numbers where `whole` says so, or None."""
        from scipy.optimize import linprog

        # A continuous optimum lies on a plane, hence on the wrong side of the curve by a hair: aim lower.
        slack = 1e-7 * self._line / self._scale if whole is None or not whole.all() else 0.0
        may_relax = True
        last: FloatArray | None = None
        for _ in range(_MOST_ROUNDS):
            answer = linprog(
                prices / max(float(prices.max()), np.finfo(np.float64).tiny),
                A_ub=np.array(self._rows) if self._rows else None,
                b_ub=np.array(self._bounds) - slack if self._rows else None,
                bounds=[(0.0, float(limit)) for limit in most],
                integrality=None if whole is None else whole.astype(np.int64),
                method="highs",
                options={"primal_feasibility_tolerance": 1e-10},
            )
            if answer.x is None and slack > 0.0 and may_relax:
                # The line itself may be all that can be reached: the rest closed, to the last unit.
                slack, may_relax = 0.0, False
                continue
            if answer.x is None:
                return None
            steps = answer.x if whole is None else np.where(whole, np.round(answer.x), answer.x)
            after = self._book - np.sign(self._book) * np.minimum(steps * self._step, np.abs(self._book))
            if self._figure.value(after) <= self._line * _UNDER_THE_LINE:
                return steps
            if last is not None and np.array_equal(steps, last):
                # The solver's tolerance let the same book pass again: ask for a little more.
                slack = max(10.0 * slack, 1e-10)
            last = steps
            self._add_plane_at(after)
        raise NotConverged(f"no cut settled within {_MOST_ROUNDS} rounds: use uniform_cut or fewer assets")

    def _add_plane_at(self, after: FloatArray) -> None:
        slope = self._figure.slope(after)
        self._rows.append(-slope * np.sign(self._book) * self._step / self._scale)
        self._bounds.append((self._line - float(slope @ self._book)) / self._scale)


def _reduction(book: FloatArray, figure: RiskFigure, amounts: FloatArray, prices: FloatArray) -> Reduction:
    trades = np.where(amounts > 0.0, -np.sign(book) * amounts, 0.0)
    after = book + trades
    is_hedge = book * figure.slope(book) < 0.0
    return Reduction(
        trades=trades,
        exposures=after,
        cost=float(prices @ amounts),
        risk_before=figure.value(book),
        risk_after=figure.value(after),
        hedges_spared=not bool((is_hedge & (amounts > 0.0)).any()),
    )


def _first_true(is_under: Callable[[float], bool], low: float, high: float) -> float:
    while high - low > 1e-12 * high:
        middle = 0.5 * (low + high)
        low, high = (low, middle) if is_under(middle) else (middle, high)
    return high


def _mask(spared: ArrayLike | None, n_assets: int) -> BoolArray:
    if spared is None:
        return np.zeros(n_assets, dtype=np.bool_)
    mask = np.asarray(spared, dtype=np.bool_)
    if mask.shape != (n_assets,):
        raise ShapeMismatch(f"spared had shape {mask.shape}, expected ({n_assets},), one flag an asset")
    return mask
