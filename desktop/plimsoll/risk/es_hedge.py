"""Which trades in hedging instruments leave the book with the least expected shortfall."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from plimsoll.risk.arrays import FloatArray, confidence_level, matrix, probabilities, same_length, vector
from plimsoll.risk.errors import OutOfRange
from plimsoll.risk.expected_shortfall import historical_es
from plimsoll.risk.hedge_terms import checked_terms
from plimsoll.risk.quantile import needed_tail


@dataclass(frozen=True, slots=True, kw_only=True)
class ShortfallHedge:
    """What `es_minimising_hedge` answers.

    Attributes
    ----------
    trades : ndarray of shape (n_instruments,)
        Signed money to trade in each instrument.
    pnl : ndarray of shape (n_scenarios,)
        Scenario P&L of the hedged book, costs aside.
    es_before, es_after : float
        Expected shortfall with its fractional tail, costs aside.
    cost : float
        Σ cost · |trade|, base currency.
    """

    trades: FloatArray
    pnl: FloatArray
    es_before: float
    es_after: float
    cost: float


def es_minimising_hedge(
    pnl: ArrayLike,
    instrument_returns: ArrayLike,
    *,
    confidence: float,
    bounds: ArrayLike | None = None,
    lots: ArrayLike | None = None,
    costs: ArrayLike | None = None,
    weights: ArrayLike | None = None,
) -> ShortfallHedge:
    """Return the trades in the hedging instruments that leave the least expected shortfall.

    Parameters
    ----------
    pnl : array_like of shape (n_scenarios,)
        P&L of the book in each scenario, base currency, a loss being negative.
    instrument_returns : array_like of shape (n_scenarios, n_instruments)
        Simple returns of the instruments in the same scenarios, as fractions.
    confidence : float
        In (0.5, 1).
    bounds : array_like of shape (n_instruments, 2), optional
        Least and most money to trade in each, infinite where free; each must allow 0.
    lots : array_like of shape (n_instruments,), optional
        Money value of the smallest tradable unit; 0 is any amount.
    costs : array_like of shape (n_instruments,), optional
        Cost as a fraction of money traded; one unit of cost weighs as one unit of shortfall.
    weights : array_like of shape (n_scenarios,), optional
        Probabilities of the scenarios; then no minimum sample applies.

    Returns
    -------
    ShortfallHedge
        Minimising shortfall plus cost; never worse than no hedge.

    Raises
    ------
    InsufficientHistory
        If no whole scenario lies in the tail of an unweighted sample.
    OutOfRange
        If the scenarios let the shortfall fall without end: bound the trades.
    ShapeMismatch, NotFinite, InvalidWeights
        If the arrays do not belong together, hold a gap, or the weights are no probabilities.

    Notes
    -----
    The linear programme of [1]_, theorem 2: min ζ + Σ p_s u_s/α + Σ cost·|h| with
    u_s ≥ loss_s(h) − ζ and u_s ≥ 0; at the optimum its value is the shortfall with the tail filled to
    exactly α = 1 − c. Lots make it a mixed-integer programme (HiGHS).

    References
    ----------
    .. [1] Rockafellar and Uryasev, "Optimization of Conditional Value-at-Risk", Journal of Risk 2(3), 2000,
       pp. 21-41.

    Examples
    --------
    >>> result = es_minimising_hedge(
    ...     [-6.0, -2.0, 1.0, 3.0], [[-0.05], [0.02], [0.01], [0.01]], confidence=0.75
    ... )
    >>> result.trades.round(2), round(result.es_before, 2), round(result.es_after, 2)
    (array([-57.14]), 6.0, 3.14)
    """
    from scipy.optimize import linprog
    from scipy.sparse import csc_array, eye_array, hstack

    profits = vector(pnl, "pnl")
    instruments = matrix(instrument_returns, "instrument_returns")
    same_length(profits, instruments, ("pnl", "instrument_returns"))
    n_scenarios, n = instruments.shape
    tail = 1.0 - confidence_level(confidence)
    if weights is None:
        needed_tail(n_scenarios, confidence)
        chances = np.full(n_scenarios, 1.0 / n_scenarios)
    else:
        chances = probabilities(weights, n_scenarios)
    terms = checked_terms(n, bounds, lots, costs)
    # Unknowns: buys and sells (in lots where there are lots), the threshold, one excess a scenario; money in
    # units of the largest scenario, since the solver's tolerances are absolute.
    scale = float(np.abs(profits).max(initial=0.0)) or 1.0
    step = np.where(terms.lots > 0.0, terms.lots, scale)
    moves = instruments * (step / scale)
    objective = np.concatenate((np.tile(terms.costs * step / scale, 2), [1.0], chances / tail))
    dense = csc_array(np.hstack((-moves, moves, -np.ones((n_scenarios, 1)))))
    # Any: linprog documents sparse constraints, its stubs do not know them.
    rows: Any = hstack((dense, -eye_array(n_scenarios)), format="csc")
    whole = np.concatenate((np.tile(terms.lots > 0.0, 2), np.zeros(n_scenarios + 1, dtype=np.bool_)))
    upper = np.concatenate((terms.high / step, -terms.low / step))
    answer = linprog(
        objective,
        A_ub=rows,
        b_ub=profits / scale,
        bounds=[
            *((0.0, None if np.isinf(most) else float(most)) for most in upper),
            (None, None),
            *((0.0, None) for _ in range(n_scenarios)),
        ],
        integrality=whole.astype(np.int64) if whole.any() else None,
        method="highs",
    )
    if answer.x is None:
        raise OutOfRange("bounds let the shortfall fall without end, expected bounds on every instrument")
    steps = answer.x[:n] - answer.x[n : 2 * n]
    trades = np.where(terms.lots > 0.0, np.round(steps), steps) * step
    hedged = profits + instruments @ trades
    return ShortfallHedge(
        trades=trades,
        pnl=hedged,
        es_before=historical_es(profits, confidence=confidence, weights=weights),
        es_after=historical_es(hedged, confidence=confidence, weights=weights),
        cost=float(terms.costs @ np.abs(trades)),
    )
