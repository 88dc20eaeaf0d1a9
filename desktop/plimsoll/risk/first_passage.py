"""The chance of touching a limit on the way, not only of standing beyond it at the end."""

import math
from typing import Final, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from plimsoll.risk.arithmetic import refuses_overflow
from plimsoll.risk.arrays import FloatArray, whole_number, within
from plimsoll.risk.errors import InsufficientHistory, OutOfRange
from plimsoll.risk.monte_carlo import SimulatedFigure
from plimsoll.risk.normal import normal_cdf
from plimsoll.risk.quantile import profits

LimitKind = Literal["loss", "drawdown"]

# Below this σ²t/d² the paths cannot reach the reflecting high and the limit both, to sixteen digits.
_SHORT: Final = 1e-3
_N_TERMS: Final = 160
# Beyond it the series cancels terms of e^15 and loses its digits.
_STRONGEST_PULL: Final = 15.0


@refuses_overflow
def loss_touch_probability(limit: float, *, mean: float, volatility: float, days: float) -> float:
    """Return the probability that a loss limit is touched at any moment of the horizon.

    Parameters
    ----------
    limit : float
        Further loss in money that breaks the limit; zero or below means it is broken already.
    mean, volatility : float
        Drift and standard deviation of the profit per day, in money; the volatility above zero.
    days : float
        Horizon; 0.25 is the last quarter of a session.

    Returns
    -------
    float
        Φ((−b − μt)/σ√t) + e^{−2μb/σ²} Φ((−b + μt)/σ√t), watched continuously. Without drift it is twice the
        probability of standing beyond the limit at the end.

    Raises
    ------
    OutOfRange
        If the volatility or the horizon is not above zero, or an input is NaN.

    References
    ----------
    Borodin and Salminen, "Handbook of Brownian Motion", 2nd edition, Birkhäuser, 2002, formula 2.1.2.4; the
    reflection principle of Bachelier, 1900, for the case without drift.

    Examples
    --------
    >>> round(loss_touch_probability(1.6448536, mean=0.0, volatility=1.0, days=1.0), 6)
    0.1
    """
    distance, drift, spread, horizon = _path(limit, mean, volatility, days)
    if distance <= 0.0:
        return 1.0
    root = spread * math.sqrt(horizon)
    ended = normal_cdf((-distance - drift * horizon) / root)
    reflected = normal_cdf((-distance + drift * horizon) / root)
    # exp · Φ as one exponential: a strong upward-drift factor alone would overflow where the product is
    # small.
    log_reflected = math.log(reflected) if reflected > 0.0 else -math.inf
    returned = math.exp(min(log_reflected - 2.0 * drift * distance / spread**2, 0.0))
    return min(ended + returned, 1.0)


@refuses_overflow
def drawdown_touch_probability(
    limit: float, *, mean: float, volatility: float, days: float, drawdown: float = 0.0
) -> float:
    """Return the probability that a drawdown limit is touched at any moment of the horizon.

    Parameters
    ----------
    limit : float
        Drawdown in money, above zero.
    mean, volatility : float
        Drift and standard deviation of the profit per day, in money; the volatility above zero.
    days : float
        Horizon.
    drawdown : float
        The drawdown now, not below zero; at or beyond the limit the answer is 1.

    Returns
    -------
    float
        For a Brownian book: its distance below the high is reflected at zero and absorbed at the limit. The
        high moves up with the book, so the chance is greater than that of the same loss from here.

    Raises
    ------
    OutOfRange
        If limit, volatility or horizon is not above zero, the drawdown below it, an input is NaN, or the
        drift over the limit exceeds 15 variances, where the series loses its digits.

    References
    ----------
    Magdon-Ismail, Atiya, Pratap and Abu-Mostafa, "On the maximum drawdown of a Brownian motion", Journal of
    Applied Probability 41, 2004. Integrated over the limit at no drift it gives their √(π/2) σ√t.

    Examples
    --------
    >>> round(drawdown_touch_probability(2.0, mean=0.0, volatility=1.0, days=1.0), 6)
    0.091001
    """
    ceiling, drift, spread, horizon = _path(limit, mean, volatility, days)
    within(ceiling, "limit", 0.0, math.inf)
    start = within(drawdown, "drawdown", 0.0, math.inf, closed=True)
    if start >= ceiling:
        return 1.0
    speed = spread**2 * horizon / ceiling**2
    if speed < _SHORT:
        return loss_touch_probability(ceiling - start, mean=drift, volatility=spread, days=horizon)
    # In units of the limit: y = drawdown/limit moves by a = −μd/σ² while time runs as σ²t/d².
    pull = -drift * ceiling / spread**2
    if abs(pull) > _STRONGEST_PULL:
        raise OutOfRange(
            f"mean · limit / volatility² was {-pull:.3g}, expected within ±{_STRONGEST_PULL}: simulate"
        )
    if abs(pull) < 1e-10:
        pull = 0.0  # so small a drift would be lost in the rounding of the eigenvalue equation
    if abs(pull + 1.0) < 1e-12:
        pull = -1.0 + 1e-12  # the slowest eigenfunction turns from sine to hyperbolic sine exactly here
    survived = _survival(start / ceiling, pull, speed)
    return min(max(1.0 - survived, 0.0), 1.0)


def touch_probability_by_bootstrap(
    pnl: ArrayLike,
    *,
    limit: float,
    days: int,
    kind: LimitKind = "loss",
    drawdown: float = 0.0,
    block: int = 1,
    n_paths: int = 10_000,
    seed: int = 0,
) -> SimulatedFigure:
    """Return the probability that a limit is touched at the end of any of the next days, by the bootstrap.

    Parameters
    ----------
    pnl : array_like of shape (n_scenarios,)
        Daily profits of today's book in base currency, oldest first.
    limit : float
        Further loss, or drawdown, in money; zero or below means it is broken already.
    days : int
        Horizon in whole days, at least one.
    kind : {"loss", "drawdown"}
        Whether the limit stands still, or trails the high of the path.
    drawdown : float
        The drawdown now, not below zero; of kind "drawdown" only.
    block : int
        Length of the runs of consecutive days drawn, wrapping around the end; 1 takes days as independent,
        longer runs keep their clustering.
    n_paths : int
        At least 100.
    seed : int
        The same seed gives the same answer.

    Returns
    -------
    SimulatedFigure
        A probability with its standard error. Seen at day ends only, so it is below the closed forms, which
        watch every moment.

    Raises
    ------
    InsufficientHistory
        Without a scenario.
    NotFinite, ShapeMismatch, OutOfRange
        If `pnl` is no finite vector or an argument is outside its range.

    References
    ----------
    Politis and Romano, "A circular block-resampling procedure for stationary data", in: Exploring the Limits
    of Bootstrap, Wiley, 1992.
    """
    profit = profits(pnl)
    if kind not in get_args(LimitKind):
        raise OutOfRange(f"kind was {kind!r}, expected one of {', '.join(get_args(LimitKind))}")
    days, block = whole_number(days, "days", 1), whole_number(block, "block", 1)
    whole_number(n_paths, "n_paths", 100)
    if profit.shape[0] == 0:
        raise InsufficientHistory("pnl was empty, expected at least one day", n_observations=0, n_needed=1)
    distance = within(limit, "limit", -math.inf, math.inf)
    start = within(drawdown, "drawdown", 0.0, math.inf, closed=True) if kind == "drawdown" else 0.0
    if start >= distance:
        return SimulatedFigure(1.0, n_simulations=n_paths)
    draws = np.random.default_rng(seed)
    n_blocks = -(-days // block)
    starts = draws.integers(profit.shape[0], size=(n_paths, n_blocks, 1))
    place = (starts + np.arange(block)).reshape(n_paths, -1)[:, :days] % profit.shape[0]
    paths = np.cumsum(profit[place], axis=1)
    high = np.maximum(np.maximum.accumulate(paths, axis=1), start) if kind == "drawdown" else 0.0
    touched = (high - paths >= distance).any(axis=1)
    share = float(touched.mean())
    error = math.sqrt(share * (1.0 - share) / n_paths)
    return SimulatedFigure(share, standard_error=error, n_simulations=n_paths)


def _path(limit: float, mean: float, volatility: float, days: float) -> tuple[float, float, float, float]:
    return (
        within(limit, "limit", -math.inf, math.inf),
        within(mean, "mean", -math.inf, math.inf),
        within(volatility, "volatility", 0.0, math.inf),
        within(days, "days", 0.0, math.inf),
    )


def _survival(y: float, a: float, speed: float) -> float:
    # Sturm-Liouville expansion of the survival of dY = a dt + dW on [0, 1], reflected at 0, absorbed at 1:
    # eigenfunctions e^{−ay} sin(k(1 − y)) with k cos k + a sin k = 0, eigenvalues (a² + k²)/2. That condition
    # makes ∫₀¹ e^{ay} sin(k(1−y)) dy equal to k eᵃ/(a² + k²).
    k = _frequencies(a)
    norm = np.where(k < 0.01, k * k / 3.0 - k**4 / 15.0, 0.5 - np.sin(2.0 * k) / (4.0 * k))
    weight = k * math.exp(a) / (a * a + k * k) / norm
    decayed = np.exp(-a * y - 0.5 * (a * a + k * k) * speed)
    return float((weight * np.sin(k * (1.0 - y)) * decayed).sum()) + _slow_term(y, a, speed)


def _frequencies(a: float) -> FloatArray:
    # k cos k + a sin k changes sign once between any two odd multiples of π/2, and once below the first while
    # −1 < a < 0; further down that root has become imaginary, see _slow_term.
    order = np.arange(0 if -1.0 < a <= 0.0 else 1, _N_TERMS, dtype=np.float64)
    if a == 0.0:
        exact: FloatArray = (order + 0.5) * math.pi
        return exact
    low = np.maximum((order - 0.5) * math.pi, 1e-8)
    high: FloatArray = (order + 0.5) * math.pi
    rises = low * np.cos(low) + a * np.sin(low) < 0.0
    for _ in range(60):
        middle = 0.5 * (low + high)
        is_below = (middle * np.cos(middle) + a * np.sin(middle) < 0.0) == rises
        low[is_below] = middle[is_below]
        high[~is_below] = middle[~is_below]
    return high


def _slow_term(y: float, a: float, speed: float) -> float:
    # With an upward drift above one unit the slowest term is hyperbolic: κ = −a tanh κ, and a² − κ² is
    # written a²/cosh² κ, which keeps its digits when κ is nearly −a.
    if a >= -1.0:
        return 0.0
    from scipy.optimize import brentq

    kappa = float(brentq(lambda k: k + a * math.tanh(k), 1e-8, -a, xtol=1e-15, rtol=1e-14))
    steep = math.cosh(kappa) ** 2
    norm = kappa**2 / 3.0 + kappa**4 / 15.0 if kappa < 0.01 else math.sinh(2.0 * kappa) / (4.0 * kappa) - 0.5
    weight = kappa * math.exp(a) * steep / (a * a) / norm
    return weight * math.sinh(kappa * (1.0 - y)) * math.exp(-a * y - 0.5 * a * a / steep * speed)
