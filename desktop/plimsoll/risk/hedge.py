"""Which trades in hedging instruments leave the book with the least risk or the wanted beta."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from plimsoll.risk.arithmetic import refuses_overflow
from plimsoll.risk.arrays import FloatArray, same_length, square, vector, within
from plimsoll.risk.errors import InsufficientHistory, NotConverged, NotPositive, OutOfRange, ShapeMismatch
from plimsoll.risk.es_hedge import ShortfallHedge, es_minimising_hedge
from plimsoll.risk.hedge_terms import HedgeTerms, checked_terms

__all__ = [
    "HedgeRatio",
    "ShortfallHedge",
    "VarianceHedge",
    "beta_hedge_contracts",
    "es_minimising_hedge",
    "hedge_ratio",
    "min_variance_hedge",
]

_MOST_SWEEPS = 100_000
_MOST_BRANCHES = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class HedgeRatio:
    """What `hedge_ratio` answers.

    Attributes
    ----------
    ratio : float
        h* = ρ σ_S/σ_F: units of the instrument to sell for each unit held.
    effectiveness : float
        ρ²: the share of variance that the hedge removes, in [0, 1].
    """

    ratio: float
    effectiveness: float


@dataclass(frozen=True, slots=True, kw_only=True)
class VarianceHedge:
    """What `min_variance_hedge` answers.

    Attributes
    ----------
    trades : ndarray of shape (n_instruments,)
        Signed money to trade in each instrument, in the order asked.
    exposures : ndarray of shape (n_assets,)
        The book afterwards.
    volatility_before, volatility_after : float
        Base currency, over the covariance's horizon.
    effectiveness : float
        1 − variance after / variance before; 0 for a book without variance.
    cost : float
        Σ cost · |trade|, base currency.
    """

    trades: FloatArray
    exposures: FloatArray
    volatility_before: float
    volatility_after: float
    effectiveness: float
    cost: float


def hedge_ratio(asset_changes: ArrayLike, hedge_changes: ArrayLike) -> HedgeRatio:
    """Return the minimum-variance hedge ratio of one instrument, and how much it removes.

    Parameters
    ----------
    asset_changes : array_like of shape (n_days,)
        Returns of what is held, or its price changes: both arguments alike.
    hedge_changes : array_like of shape (n_days,)
        Returns, or price changes, of the hedging instrument on the same days.

    Returns
    -------
    HedgeRatio
        From returns the ratio is money for money; from price changes it is unit for unit.

    Raises
    ------
    InsufficientHistory
        With fewer than two days.
    NotPositive
        If either series has no variance.
    ShapeMismatch, NotFinite
        If the arrays do not belong together or hold a gap.

    Notes
    -----
    h* = Cov/Var(F) = ρ σ_S/σ_F, effectiveness ρ² [1]_.

    References
    ----------
    .. [1] Hull, "Options, Futures, and Other Derivatives", 8th edition, 2012, section 3.4 and table 3.2
       (jet fuel and heating oil: 0.78, effectiveness 0.862).

    Examples
    --------
    >>> fuel = [0.029, 0.020, -0.044, 0.008, 0.026, -0.019, -0.010, -0.007, 0.043, 0.011]
    >>> fuel += [-0.036, -0.018, 0.009, -0.032, 0.023]
    >>> oil = [0.021, 0.035, -0.046, 0.001, 0.044, -0.029, -0.026, -0.029, 0.048, -0.006]
    >>> oil += [-0.036, -0.011, 0.019, -0.027, 0.029]
    >>> result = hedge_ratio(fuel, oil)
    >>> round(result.ratio, 2), round(result.effectiveness, 3)
    (0.78, 0.862)
    """
    held, hedge = vector(asset_changes, "asset_changes"), vector(hedge_changes, "hedge_changes")
    same_length(held, hedge, ("asset_changes", "hedge_changes"))
    if held.size < 2:
        raise InsufficientHistory(
            f"there were {held.size} days, expected two at least", n_observations=held.size, n_needed=2
        )
    for series, name in ((held, "asset_changes"), (hedge, "hedge_changes")):
        if series.min() == series.max():
            raise NotPositive(f"{name} never changed, expected a variance above zero")
    # In units of their largest no product over- or underflows.
    held_unit, hedge_unit = float(np.abs(held).max()), float(np.abs(hedge).max())
    held, hedge = held / held_unit, hedge / hedge_unit
    held, hedge = held - held.mean(), hedge - hedge.mean()
    own, other, joint = float(held @ held), float(hedge @ hedge), float(held @ hedge)
    return HedgeRatio(
        ratio=joint / other * (held_unit / hedge_unit), effectiveness=min(1.0, joint * joint / (own * other))
    )


def beta_hedge_contracts(
    value_base: float,
    *,
    beta: float,
    contract_value_base: float,
    target_beta: float = 0.0,
    hedge_beta: float = 1.0,
) -> float:
    """Return the contracts to trade to bring a book's beta to a target; below zero is to sell.

    Parameters
    ----------
    value_base : float
        Value of the book, base currency.
    beta : float
        Its beta now.
    contract_value_base : float
        Price · multiplier · fx of one contract, above zero.
    target_beta : float
        Beta wanted; 0 hedges the market away.
    hedge_beta : float
        Beta of the contract itself, not zero.

    Returns
    -------
    float
        (β* − β) V / (β_F F m), not rounded: rounding is the desk's choice.

    Raises
    ------
    NotPositive
        If the contract's value is not above zero.
    OutOfRange
        If the contract's beta is zero, or a number is not finite.

    References
    ----------
    .. [1] Hull, "Options, Futures, and Other Derivatives", 8th edition, 2012, section 3.5: a book of
       5 050 000 with beta 1.5 against contracts of 252 500 is hedged by selling 30, to beta 0.75 by 15.

    Examples
    --------
    >>> beta_hedge_contracts(5_050_000, beta=1.5, contract_value_base=252_500)
    -30.0
    """
    numbers = vector([value_base, beta, contract_value_base, target_beta, hedge_beta], "beta hedge")
    value, own, contract, target, other = (float(number) for number in numbers)
    if contract <= 0.0:
        raise NotPositive(f"contract_value_base was {contract}, expected above zero")
    if other == 0.0:
        raise OutOfRange("hedge_beta was 0, expected an instrument that moves with the market")
    return (target - own) * value / (contract * other)


@refuses_overflow
def min_variance_hedge(
    exposures: ArrayLike,
    covariance: ArrayLike,
    *,
    instruments: Sequence[int],
    bounds: ArrayLike | None = None,
    lots: ArrayLike | None = None,
    costs: ArrayLike | None = None,
    risk_aversion: float | None = None,
) -> VarianceHedge:
    """Return the trades in the hedging instruments that leave the least variance.

    Parameters
    ----------
    exposures : array_like of shape (n_assets,)
        Signed money, base currency; an instrument not yet held is an asset with exposure 0.
    covariance : array_like of shape (n_assets, n_assets)
        Of returns.
    instruments : sequence of int
        Indices of the assets to hedge with.
    bounds : array_like of shape (n_instruments, 2), optional
        Least and most money to trade in each, infinite where free; each must allow 0.
    lots : array_like of shape (n_instruments,), optional
        Money value of the smallest tradable unit; 0 is any amount.
    costs : array_like of shape (n_instruments,), optional
        Cost as a fraction of money traded; then `risk_aversion` is required.
    risk_aversion : float, optional
        Price of variance, per base currency, above zero: the trades minimise Σ cost·|trade| + λ·variance.

    Returns
    -------
    VarianceHedge
        The exact optimum, with lots too. Of several equally good ones without bounds, lots or costs, the
        smallest.

    Raises
    ------
    OutOfRange
        If an instrument is no asset or named twice, a bound excludes 0, or costs come without a price of
        variance.
    NotPositive
        If an instrument has no variance.
    NotConverged
        If instruments are so alike, or lots so small, that the search did not settle.
    ShapeMismatch, NotFinite
        If the arrays do not belong together or hold a gap.

    See Also
    --------
    es_minimising_hedge : The same with the expected shortfall in the variance's place.

    Notes
    -----
    One instrument k: −(ΣV)_k/Σ_kk. Several: the normal equations [1]_; with bounds or costs coordinate
    descent with soft thresholds [2]_; with lots branch and bound over these. λ is the risk aversion of
    Almgren and Chriss.

    References
    ----------
    .. [1] Litterman, "Hot Spots and Hedges", Journal of Portfolio Management, December 1996 ("best hedge").
    .. [2] Tseng, "Convergence of a Block Coordinate Descent Method for Nondifferentiable Minimization",
       Journal of Optimization Theory and Applications 109(3), 2001, theorem 4.1.

    Examples
    --------
    >>> sigma = np.array([0.015, 0.02, 0.009])
    >>> rho = np.array([[1.0, 0.5, 0.2], [0.5, 1.0, -0.1], [0.2, -0.1, 1.0]])
    >>> result = min_variance_hedge([600e3, -250e3, 400e3], rho * np.outer(sigma, sigma), instruments=[0])
    >>> result.trades.round()
    array([-481333.])
    """
    book = vector(exposures, "exposures")
    sigma = square(covariance, "covariance", size=book.size)
    terms = checked_terms(_assets(instruments, book.size), bounds, lots, costs)
    price = _price_of_variance(terms, risk_aversion)
    chosen = np.asarray(instruments, dtype=np.int64)
    inner = sigma[np.ix_(chosen, chosen)]
    if (np.diag(inner) <= 0.0).any():
        raise NotPositive("an instrument had no variance, expected one that moves")
    problem = _Quadratic(inner, (sigma @ book)[chosen], terms, price)
    trades = problem.in_lots() if (terms.lots > 0.0).any() else problem.optimum(terms.low, terms.high)
    after = book.copy()
    after[chosen] += trades
    before_variance = max(0.0, float(book @ sigma @ book))
    after_variance = max(0.0, float(after @ sigma @ after))
    return VarianceHedge(
        trades=trades,
        exposures=after,
        volatility_before=math.sqrt(before_variance),
        volatility_after=math.sqrt(after_variance),
        effectiveness=1.0 - after_variance / before_variance if before_variance > 0.0 else 0.0,
        cost=float(terms.costs @ np.abs(trades)),
    )


@dataclass(frozen=True, slots=True)
class _Quadratic:
    """Σ cost·|x| + price·(xᵀAx + 2bᵀx): variance as a function of the trades, and what they cost."""

    inner: FloatArray
    linear: FloatArray
    terms: HedgeTerms
    price: float

    def value(self, trades: FloatArray) -> float:
        variance = float(trades @ self.inner @ trades + 2.0 * self.linear @ trades)
        return float(self.terms.costs @ np.abs(trades)) + self.price * variance

    def optimum(self, low: FloatArray, high: FloatArray) -> FloatArray:
        """Return the best trades within the bounds, lots aside."""
        if np.isinf(low).all() and np.isinf(high).all() and not self.terms.costs.any():
            return np.asarray(np.linalg.lstsq(self.inner, -self.linear, rcond=None)[0], dtype=np.float64)
        trades = np.clip(np.zeros(self.linear.size), low, high)
        reach = float(np.abs(self.linear).max() / np.diag(self.inner).min())
        own = np.diag(self.inner)
        threshold = self.terms.costs / (2.0 * self.price)
        for _ in range(_MOST_SWEEPS):
            moved = 0.0
            for k in range(trades.size):
                pull = self.linear[k] + self.inner[k] @ trades - own[k] * trades[k]
                free = -math.copysign(max(0.0, abs(pull) - threshold[k]), pull) / own[k]
                new = min(max(free, low[k]), high[k])
                moved = max(moved, abs(new - trades[k]))
                trades[k] = new
            if moved <= 1e-13 * reach:
                return trades
        raise NotConverged(
            f"the hedge did not settle in {_MOST_SWEEPS} sweeps: drop one of two like instruments"
        )

    def in_lots(self) -> FloatArray:
        """Return the best trades in whole lots, by branch and bound."""
        lots = self.terms.lots
        best, best_value = np.zeros(lots.size), 0.0
        open_boxes = [(self.terms.low, self.terms.high)]
        for _ in range(_MOST_BRANCHES):
            if not open_boxes:
                return best
            low, high = open_boxes.pop()
            trades = self.optimum(low, high)
            if self.value(trades) >= best_value - 1e-12 * abs(best_value):
                continue
            counts = np.divide(trades, lots, out=np.zeros_like(trades), where=lots > 0.0)
            rest = np.abs(counts - np.round(counts))
            k = int(rest.argmax())
            if rest[k] <= 1e-9:
                best, best_value = np.where(lots > 0.0, np.round(counts) * lots, trades), self.value(trades)
                continue
            below, above = high.copy(), low.copy()
            below[k], above[k] = math.floor(counts[k]) * lots[k], math.ceil(counts[k]) * lots[k]
            boxes = [(low, below), (above, high)]
            # The nearer side first: a good hedge found early closes most of the rest.
            nearer = int(counts[k] - math.floor(counts[k]) > 0.5)
            open_boxes += [boxes[1 - nearer], boxes[nearer]]
            open_boxes = [box for box in open_boxes if (box[0] <= box[1]).all()]
        raise NotConverged(f"lots were not settled in {_MOST_BRANCHES} branches: use fewer instruments")


def _price_of_variance(terms: HedgeTerms, risk_aversion: float | None) -> float:
    if risk_aversion is not None:
        return within(risk_aversion, "risk_aversion", 0.0, math.inf)
    if terms.costs.any():
        raise OutOfRange("risk_aversion was missing, expected a price of variance to weigh the costs against")
    return 1.0


def _assets(instruments: Sequence[int], n_assets: int) -> int:
    if len(instruments) == 0:
        raise ShapeMismatch("instruments was empty, expected one at least")
    if len(set(instruments)) < len(instruments) or not all(0 <= index < n_assets for index in instruments):
        raise OutOfRange(f"instruments were {list(instruments)}, expected distinct indices below {n_assets}")
    return len(instruments)
