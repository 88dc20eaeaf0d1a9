"""Who carries the risk of simulated scenarios: expected shortfall and VaR shared out so that the parts sum.

All take `exposures` (n_assets,) and `returns` (n_scenarios, n_assets), scenario-major: one row a
scenario, so that the book's P&L is one pass over the matrix and the tail a handful of its rows. A matrix that
already holds P&L per position is read with exposures of one.
"""

import numpy as np
from numpy.typing import ArrayLike

from plimsoll.risk.arithmetic import refuses_overflow
from plimsoll.risk.arrays import FloatArray, QuantileRule, finite, matrix, probabilities, vector, within
from plimsoll.risk.errors import OutOfRange, OutsideValidity, ShapeMismatch
from plimsoll.risk.expected_shortfall import tail_weights
from plimsoll.risk.value_at_risk import historical_var


def es_contributions(
    exposures: ArrayLike, returns: ArrayLike, *, confidence: float, weights: ArrayLike | None = None
) -> FloatArray:
    """Return each position's mean loss in the tail of the book; the parts sum to the expected shortfall.

    Parameters
    ----------
    exposures : array_like of shape (n_assets,)
        Signed money in base currency.
    returns : array_like of shape (n_scenarios, n_assets)
        Simple returns as fractions, one row a scenario; float64 in row order is read without a copy. With
        exposures of one it may hold P&L in base currency.
    confidence : float
        In (0.5, 1).
    weights : array_like of shape (n_scenarios,), optional
        Probabilities of the scenarios; equal without them.

    Returns
    -------
    ndarray of shape (n_assets,)
        Losses in base currency, positive where the position loses in the tail; negative for one that hedges
        it. The boundary scenario carries its fraction and tied scenarios share theirs equally.

    Raises
    ------
    ShapeMismatch
        If the matrix has not one column a position.
    NotFinite
        If a return or an exposure is NaN or infinite; the first bad place is named.
    InsufficientHistory, InvalidWeights, OutOfRange
        As `plimsoll.risk.expected_shortfall.historical_es`.

    References
    ----------
    .. [1] Tasche, "Risk Contributions and Performance Measurement", TU München, 1999.

    Examples
    --------
    >>> returns = [[-0.05, 0.01], [-0.01, -0.03], [0.02, 0.01], [0.01, 0.02], [0.0, 0.0]]
    >>> parts = es_contributions([100.0, 50.0], returns, confidence=0.6)
    >>> parts.round(9).tolist(), round(float(parts.sum()), 9)
    ([3.0, 0.5], 3.5)
    """
    money, returns, pnl = _book(exposures, returns)
    shares = tail_weights(pnl, confidence=confidence, weights=weights)
    tail = np.flatnonzero(shares)
    with np.errstate(invalid="ignore", over="ignore"):
        parts: FloatArray = 0.0 - money * (shares[tail] @ returns[tail])
    return finite(parts, "contributions")


@refuses_overflow
def var_contributions(
    exposures: ArrayLike,
    returns: ArrayLike,
    *,
    confidence: float,
    rule: QuantileRule = "rank",
    bandwidth: float | None = None,
    weights: ArrayLike | None = None,
) -> FloatArray:
    """Return each position's mean loss in the scenarios around the book's VaR; the parts sum to it.

    Parameters
    ----------
    exposures, returns, confidence, weights
        As `es_contributions`.
    rule : {"rank", "ceil_rank", "linear", "interpolated_inverted_cdf"}
        The quantile convention of the VaR; see `plimsoll.risk.value_at_risk.historical_var`.
    bandwidth : float, optional
        Half-width of the triangular kernel in base currency; 2.575 σ n^(−1/5) if None, σ being the standard
        deviation of the book's scenario P&L (divisor n).

    Returns
    -------
    ndarray of shape (n_assets,)
        Losses in base currency.

    Raises
    ------
    OutOfRange
        If the bandwidth is not above zero, or no scenario lies within it.
    OutsideValidity
        If the VaR and the kernel's mean loss have not the same sign, so that rescaling would turn every part
        round.
    ShapeMismatch, NotFinite, InsufficientHistory, InvalidWeights
        As `es_contributions`.

    Notes
    -----
    Part i is E[loss_i | loss = VaR], estimated with the kernel max(0, 1 − |loss − VaR| / h), then multiplied
    by VaR / sum so that the parts add up. It is noisy: `es_contributions` is the default of the program.

    References
    ----------
    .. [1] Epperlein and Smillie, "Cracking VaR with kernels", Risk 19(8), 2006.

    Examples
    --------
    >>> returns = [[-0.05, 0.01], [-0.01, -0.03], [0.02, 0.01], [0.01, 0.02], [0.0, 0.0]]
    >>> parts = var_contributions([100.0, 50.0], returns, confidence=0.8, bandwidth=2.5)
    >>> parts.round(6).tolist(), round(float(parts.sum()), 9)
    ([1.470588, 1.029412], 2.5)
    """
    money, returns, pnl = _book(exposures, returns)
    figure = historical_var(pnl, confidence=confidence, rule=rule, weights=weights)
    n_scenarios = pnl.shape[0]
    if bandwidth is None:
        width = 2.575 * float(pnl.std()) * n_scenarios**-0.2
    else:
        width = within(bandwidth, "bandwidth", 0.0, np.inf)
    distances = np.abs(pnl + figure)
    near = np.maximum(width - distances, 0.0) / width if width > 0.0 else np.ones(n_scenarios)
    if weights is not None:
        near = near * probabilities(weights, n_scenarios)
    total = float(near.sum())
    if total == 0.0:
        raise OutOfRange(
            f"no scenario lay within {width} of the VaR, expected at least one: widen the bandwidth"
        )
    parts: FloatArray = 0.0 - money * (near / total @ returns)
    return _rescaled(parts, figure)


def simulated_incremental_var(
    exposures: ArrayLike,
    returns: ArrayLike,
    *,
    confidence: float,
    rule: QuantileRule = "rank",
    weights: ArrayLike | None = None,
) -> FloatArray:
    """Return what each line adds to the simulated VaR: with it, less without it.

    Parameters
    ----------
    exposures, returns, confidence, rule, weights
        As `var_contributions`.

    Returns
    -------
    ndarray of shape (n_assets,)
        Losses in base currency, below zero for a line whose removal raises the VaR. They do not sum to the
        VaR.

    Raises
    ------
    ShapeMismatch, NotFinite, InsufficientHistory, InvalidWeights, OutOfRange
        As `es_contributions`.

    Examples
    --------
    >>> returns = [[-0.05, 0.01], [-0.01, -0.03], [0.02, 0.01], [0.01, 0.02], [0.0, 0.0]]
    >>> simulated_incremental_var([100.0, 50.0], returns, confidence=0.8).tolist()
    [2.5, 1.5]
    """
    money, returns, pnl = _book(exposures, returns)

    def figure(profit: FloatArray) -> float:
        return historical_var(profit, confidence=confidence, rule=rule, weights=weights)

    whole = figure(pnl)
    return np.array(
        [whole - figure(pnl - size * column) for size, column in zip(money, returns.T, strict=True)]
    )


def _book(exposures: ArrayLike, returns: ArrayLike) -> tuple[FloatArray, FloatArray, FloatArray]:
    money = vector(exposures, "exposures")
    returns = np.asarray(returns, dtype=np.float64)
    if returns.ndim != 2 or returns.shape[1] != money.shape[0]:
        raise ShapeMismatch(
            f"returns had shape {returns.shape}, expected (n_scenarios, {money.shape[0]}): one row a scenario"
        )
    # A bad return makes its scenario's P&L bad too, so the matrix is read once, and searched only then.
    with np.errstate(invalid="ignore", over="ignore"):
        pnl: FloatArray = returns @ money
    if not np.isfinite(pnl).all():
        matrix(returns, "returns")
        finite(pnl, "the book's scenario P&L")
    return money, returns, pnl


def _rescaled(parts: FloatArray, figure: float) -> FloatArray:
    total = float(parts.sum())
    if total == figure:
        return parts
    if total * figure <= 0.0:
        raise OutsideValidity(
            f"the kernel's mean loss was {total} and the VaR {figure}, expected one sign: use "
            f"es_contributions"
        )
    return parts * (figure / total)
