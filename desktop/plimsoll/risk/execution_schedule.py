"""How to spread the sale of a block over time: the optimal schedule of Almgren and Chriss."""

import math
from dataclasses import dataclass

import numpy as np

from plimsoll.risk.arithmetic import refuses_overflow
from plimsoll.risk.arrays import FloatArray, whole_number, within
from plimsoll.risk.errors import NotPositive


@dataclass(frozen=True, slots=True, eq=False)
class ExecutionSchedule:
    """The holdings that balance impact against the risk of waiting, and what they cost.

    Attributes
    ----------
    times : ndarray of shape (n_periods + 1,)
        0 to the horizon, evenly.
    holdings : ndarray of shape (n_periods + 1,)
        Units still held at each time, from the quantity down to exactly zero.
    trades : ndarray of shape (n_periods,)
        Units sold in each period; negative where a short is bought back.
    expected_cost : float
        E, money lost to impact and spread on average.
    variance : float
        V, variance of the cost, money squared.
    utility : float
        E + λ V, which no other schedule makes smaller.
    kappa : float
        Urgency κ per unit of time; 0 for a straight line.
    kappa_tilde : float
        κ̃, its limit for short periods.
    half_life : float
        1/κ, the time to cut the holding by a factor of e; infinite for a straight line.
    """

    times: FloatArray
    holdings: FloatArray
    trades: FloatArray
    expected_cost: float
    variance: float
    utility: float
    kappa: float
    kappa_tilde: float
    half_life: float


@refuses_overflow
def almgren_chriss_schedule(
    quantity: float,
    *,
    horizon: float,
    n_periods: int,
    volatility: float,
    risk_aversion: float,
    temporary: float,
    permanent: float,
    fixed: float,
) -> ExecutionSchedule:
    """Return the schedule that minimises expected cost plus risk aversion times its variance.

    Parameters
    ----------
    quantity : float
        Units X to sell; below zero a short to be bought back.
    horizon : float
        Time T until which it must be done, in days.
    n_periods : int
        Number N of equal periods, at least 1.
    volatility : float
        σ in money per unit per square root of a day, not a fraction; at or above zero.
    risk_aversion : float
        λ per money, at or above zero; 0 is the straight line of least cost.
    temporary : float
        η, money per unit for each unit traded per day.
    permanent : float
        γ, money per unit for each unit traded, at or above zero.
    fixed : float
        ε, money per unit: half the spread plus fees, at or above zero.

    Returns
    -------
    ExecutionSchedule
        The discrete solution, with its cost, variance and urgency.

    Raises
    ------
    NotPositive
        If η − γτ/2 is not above zero, τ = T/N: the problem is not convex, and more periods or a larger η are
        needed.
    OutOfRange
        If a parameter is outside its range or NaN.

    Notes
    -----
    With τ = T/N and η̃ = η − γτ/2: κ̃² = λσ²/η̃, cosh κτ = 1 + κ̃²τ²/2, x_j = X sinh κ(T − t_j) / sinh κT,
    E = ½γX² + ε Σ|n_j| + (η̃/τ) Σ n_j², V = σ²τ Σ x_j² over the holdings after each trade.

    References
    ----------
    .. [1] Almgren and Chriss, "Optimal Execution of Portfolio Transactions", Journal of Risk 3(2), 2000,
       section 2.

    Examples
    --------
    >>> schedule = almgren_chriss_schedule(
    ...     1e5,
    ...     horizon=4,
    ...     n_periods=4,
    ...     volatility=1.2,
    ...     risk_aversion=1e-5,
    ...     temporary=2e-5,
    ...     permanent=2e-6,
    ...     fixed=0.02,
    ... )
    >>> schedule.holdings.round(2).tolist(), round(schedule.kappa, 6), round(schedule.expected_cost, 2)
    ([100000.0, 42727.55, 17838.08, 6468.01, 0.0], 0.845189, 89343.92)
    """
    size = within(quantity, "quantity", -math.inf, math.inf)
    end = within(horizon, "horizon", 0.0, math.inf)
    n_periods = whole_number(n_periods, "n_periods", 1)
    sigma, lam, eta, gamma, epsilon = (
        within(number, name, 0.0, math.inf, closed=True)
        for number, name in (
            (volatility, "volatility"),
            (risk_aversion, "risk_aversion"),
            (temporary, "temporary"),
            (permanent, "permanent"),
            (fixed, "fixed"),
        )
    )
    period = end / n_periods
    eta_tilde = eta - 0.5 * gamma * period
    if not 0.0 < eta_tilde < math.inf:
        raise NotPositive(
            f"temporary less half of permanent times the period was {eta_tilde}, expected above zero: "
            "take more periods or a larger temporary impact"
        )
    kappa_tilde = math.sqrt(lam / eta_tilde) * sigma
    # cosh κτ = 1 + y²/2 is 2 sinh²(κτ/2) = y²/2, which keeps its digits where y is small.
    kappa = 2.0 * math.asinh(0.5 * kappa_tilde * period) / period
    times = np.linspace(0.0, end, n_periods + 1)
    holdings = size * _remaining_share(kappa, times, end)
    trades = -np.diff(holdings)
    expected_cost = float(
        0.5 * gamma * size**2 + epsilon * np.abs(trades).sum() + eta_tilde / period * (trades @ trades)
    )
    variance = float(sigma**2 * period * (holdings[1:] @ holdings[1:]))
    return ExecutionSchedule(
        times=times,
        holdings=holdings,
        trades=trades,
        expected_cost=expected_cost,
        variance=variance,
        utility=expected_cost + lam * variance,
        kappa=kappa,
        kappa_tilde=kappa_tilde,
        half_life=1.0 / kappa if kappa > 0.0 else math.inf,
    )


# sinh κ(T − t) / sinh κT, written with falling exponentials so that a great urgency cannot overflow.
def _remaining_share(kappa: float, times: FloatArray, end: float) -> FloatArray:
    if kappa * end < 1e-9:
        straight: FloatArray = 1.0 - times / end
        return straight
    # Divided by its own first entry, the share is exactly one at the start.
    room = np.expm1(-2.0 * kappa * (end - times))
    bent: FloatArray = np.exp(-kappa * times) * (room / room[0])
    return bent + 0.0
