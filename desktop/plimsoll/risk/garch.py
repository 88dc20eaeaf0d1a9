"""GARCH(1,1) by Gaussian maximum likelihood."""

import math
from dataclasses import dataclass
from typing import Final, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from plimsoll.risk.arithmetic import refuses_overflow
from plimsoll.risk.arrays import FloatArray, vector, within
from plimsoll.risk.errors import InsufficientHistory, NotConverged, NotPositive, OutOfRange

GarchMean = Literal["constant", "zero"]
Presample = Literal["mean_square", "backcast"]

N_NEEDED: Final = 20
# Starting persistence and share of α in it; the likelihood has local maxima on short series.
_STARTS: Final = ((0.95, 0.10), (0.90, 0.20), (0.98, 0.05), (0.70, 0.30), (0.30, 0.60), (0.99, 0.02))
_MOST_PERSISTENT: Final = 1.0 - 1e-8
_LEAST_OMEGA: Final = 1e-10
_AT_BOUND: Final = 1e-8
_BACKCAST_DAYS: Final = 75
_SMALLEST: Final = 1e-100
_BACKCAST_DECAY: Final = 0.94


@dataclass(frozen=True, slots=True, eq=False)
class GarchFit:
    """A fitted GARCH(1,1).

    Attributes
    ----------
    mean, omega, alpha, beta : float
        μ in the unit of the returns, ω in its square.
    log_likelihood : float
        With ln 2π, in the unit of the returns.
    variances : ndarray of shape (n_days,)
        Conditional variance of each day, known the day before.
    residuals : ndarray of shape (n_days,)
        Returns less μ.
    forecast : float
        Variance of the day after the last.
    """

    mean: float
    omega: float
    alpha: float
    beta: float
    log_likelihood: float
    variances: FloatArray
    residuals: FloatArray
    forecast: float

    @property
    def volatility(self) -> float:
        """Forecast standard deviation of the day after the last."""
        return math.sqrt(self.forecast)

    @property
    def long_run_variance(self) -> float:
        """Variance to which forecasts return, ω/(1 − α − β)."""
        return garch11_long_run_variance(self.omega, self.alpha, self.beta)


def garch11(
    returns: ArrayLike, *, mean: GarchMean = "constant", presample: Presample = "mean_square"
) -> GarchFit:
    """Return the GARCH(1,1) that makes the returns most likely.

    Parameters
    ----------
    returns : array_like of shape (n_days,)
        Per-period returns, oldest first, in any unit: percent and fraction give the same α and β.
    mean : {"constant", "zero"}
        Whether μ is estimated jointly with the rest, or taken as zero.
    presample : {"mean_square", "backcast"}
        What stands for ε² and σ² before the first day: the mean squared residual at the μ under trial, or the
        exponentially weighted mean (0.94) of the first 75 squared deviations from the sample mean.

    Returns
    -------
    GarchFit
        Converged so that six digits stand; ω > 0, α ≥ 0, β ≥ 0, α + β < 1.

    Raises
    ------
    InsufficientHistory
        With fewer than 20 returns.
    NotPositive
        If the returns do not vary.
    NotFinite, ShapeMismatch, OutOfRange
        If `returns` is no finite vector, smaller than 1e-100 or greater than 1e100, or an option is unknown.
    NotConverged
        If no start reached a maximum.

    Notes
    -----
    σ²_{t+1} = ω + αε²_t + βσ²_t with ε = r − μ. Sequential least-squares programming from several starts with
    the exact gradient, then Newton steps on the gradient until it vanishes.

    References
    ----------
    .. [1] Bollerslev, "Generalized autoregressive conditional heteroskedasticity", Journal of Econometrics
       31, 1986.
    .. [2] Fiorentini, Calzolari and Panattoni, "Analytic derivatives and the computation of GARCH estimates",
       Journal of Applied Econometrics 11, 1996: the benchmark on the DEM/GBP returns of Bollerslev and
       Ghysels.
    """
    observed = vector(returns, "returns")
    if mean not in get_args(GarchMean):
        raise OutOfRange(f"mean was {mean!r}, expected one of {', '.join(get_args(GarchMean))}")
    if presample not in get_args(Presample):
        raise OutOfRange(f"presample was {presample!r}, expected one of {', '.join(get_args(Presample))}")
    n_days = observed.shape[0]
    if n_days < N_NEEDED:
        raise InsufficientHistory(
            f"returns had {n_days} days, expected at least {N_NEEDED}: lengthen the window",
            n_observations=n_days,
            n_needed=N_NEEDED,
        )
    size = float(np.abs(observed).max())
    if 0.0 < size < _SMALLEST or size > 1.0 / _SMALLEST:
        raise OutOfRange(
            f"returns were of the size {size}, expected a unit in which their squares are numbers"
        )
    centre = float(observed.mean()) if mean == "constant" else 0.0
    unit = math.sqrt(float(((observed - centre) ** 2).mean()))
    if unit <= 1e-14 * abs(centre):
        raise NotPositive("returns had no variance, expected returns that vary: leave the asset out")
    likelihood = _Likelihood((observed - centre) / unit, is_centred=mean == "constant", presample=presample)
    shift, omega, alpha, beta = likelihood.best()
    variances, forecast = likelihood.variances(np.array([shift, omega, alpha, beta]))
    mu = centre + shift * unit
    residuals = observed - mu
    scaled = likelihood.value(np.array([shift, omega, alpha, beta]))
    return GarchFit(
        mean=mu,
        omega=omega * unit * unit,
        alpha=alpha,
        beta=beta,
        log_likelihood=scaled - n_days * math.log(unit),
        variances=_locked(variances * unit * unit),
        residuals=_locked(residuals),
        forecast=forecast * unit * unit,
    )


def _locked(array: FloatArray) -> FloatArray:
    array.flags.writeable = False
    return array


class _Likelihood:
    """The log-likelihood of returns of unit variance, with its exact gradient by (μ, ω, α, β)."""

    def __init__(self, returns: FloatArray, *, is_centred: bool, presample: Presample) -> None:
        self._returns = returns
        self._is_centred = is_centred
        self._backcast: float | None = None
        if presample == "backcast":
            early = (returns - returns.mean())[:_BACKCAST_DAYS] if is_centred else returns[:_BACKCAST_DAYS]
            weights = _BACKCAST_DECAY ** np.arange(early.shape[0])
            self._backcast = float(weights @ (early * early) / weights.sum())

    def variances(self, parameters: FloatArray) -> tuple[FloatArray, float]:
        """Return the conditional variance of every day and of the next."""
        _, omega, alpha, beta = (float(parameter) for parameter in parameters)
        residuals, before, _ = self._residuals(float(parameters[0]))
        squared = np.concatenate([[before], residuals * residuals])
        every = _recursion(omega + alpha * squared, beta, before)
        return every[:-1], float(every[-1])

    def value(self, parameters: FloatArray) -> float:
        """Return the log-likelihood."""
        residuals, _, _ = self._residuals(float(parameters[0]))
        variances, _ = self.variances(parameters)
        terms = np.log(2.0 * math.pi * variances) + residuals * residuals / variances
        return -0.5 * float(terms.sum())

    def gradient(self, parameters: FloatArray) -> FloatArray:
        """Return the derivative of the log-likelihood by the four parameters."""
        mu, _, alpha, beta = (float(parameter) for parameter in parameters)
        residuals, before, slope_before = self._residuals(mu)
        variances, _ = self.variances(parameters)
        lagged_square = np.concatenate([[before], residuals[:-1] ** 2])
        lagged_variance = np.concatenate([[before], variances[:-1]])
        lagged_slope = alpha * np.concatenate([[slope_before], -2.0 * residuals[:-1]])
        by_mu = _recursion(lagged_slope, beta, slope_before)
        by_omega = _recursion(np.ones_like(residuals), beta, 0.0)
        by_alpha = _recursion(lagged_square, beta, 0.0)
        by_beta = _recursion(lagged_variance, beta, 0.0)
        pull = -0.5 * (1.0 - residuals * residuals / variances) / variances
        own = float((residuals / variances).sum())
        free = 1.0 if self._is_centred else 0.0
        return np.array([free * (pull @ by_mu + own), pull @ by_omega, pull @ by_alpha, pull @ by_beta])

    def best(self) -> tuple[float, float, float, float]:
        """Return the parameters of the highest likelihood reached from any start."""
        reached = [found for start in _STARTS if (found := self._climb(*start)) is not None]
        if not reached:
            raise NotConverged("no GARCH(1,1) start converged, expected one of six: inspect the returns")
        top = self._polish(max(reached, key=self.value))
        return float(top[0]), float(top[1]), float(top[2]), float(top[3])

    def _residuals(self, mu: float) -> tuple[FloatArray, float, float]:
        residuals = self._returns - mu
        if self._backcast is not None:
            return residuals, self._backcast, 0.0
        return residuals, float((residuals * residuals).mean()), -2.0 * float(residuals.mean())

    def _climb(self, persistence: float, share: float) -> FloatArray | None:
        from scipy.optimize import LinearConstraint, minimize

        n_days = float(self._returns.shape[0])
        start = np.array([0.0, 1.0 - persistence, persistence * share, persistence * (1.0 - share)])
        width = 10.0 if self._is_centred else 0.0

        def cost(parameters: FloatArray) -> float:
            return -self.value(parameters) / n_days

        def slope(parameters: FloatArray) -> FloatArray:
            falling: FloatArray = -self.gradient(parameters) / n_days
            return falling

        outcome = minimize(
            cost,
            start,
            jac=slope,
            method="SLSQP",
            bounds=[(-width, width), (_LEAST_OMEGA, 10.0), (0.0, 1.0), (0.0, 1.0)],
            constraints=LinearConstraint([[0.0, 0.0, 1.0, 1.0]], -np.inf, _MOST_PERSISTENT),
            options={"maxiter": 500, "ftol": 1e-14},
        )
        found: FloatArray = np.asarray(outcome.x, dtype=np.float64)
        return found if _is_legal(found) else None

    def _polish(self, parameters: FloatArray) -> FloatArray:
        # SLSQP stops when the likelihood stands still, which is half the digits of the parameters; Newton's
        # method on the gradient finds the other half. A parameter resting on its bound stays there.
        free = np.array([self._is_centred, *(parameters[1:] > _AT_BOUND)])
        if parameters[2] + parameters[3] > 1.0 - 1e-6:
            return parameters
        best = parameters
        while True:
            slope = self.gradient(best)[free]
            step = np.zeros(4)
            step[free] = np.linalg.lstsq(self._curvature(best)[np.ix_(free, free)], -slope, rcond=None)[0]
            trial = best + step
            if not _is_legal(trial) or np.abs(self.gradient(trial)[free]).max() >= np.abs(slope).max():
                return best
            best = trial

    def _curvature(self, parameters: FloatArray) -> FloatArray:
        rows = []
        for place in range(4):
            step = np.zeros(4)
            step[place] = 1e-5 * max(abs(float(parameters[place])), 1e-2)
            rise = self.gradient(parameters + step) - self.gradient(parameters - step)
            rows.append(rise / (2.0 * step[place]))
        result: FloatArray = np.array(rows)
        return 0.5 * (result + result.T)


def _recursion(inputs: FloatArray, beta: float, before: float) -> FloatArray:
    # y_t = x_t + β y_{t−1} with y_{−1} = before.
    from scipy.signal import lfilter

    out, _ = lfilter([1.0], [1.0, -beta], inputs, zi=[beta * before])
    result: FloatArray = np.asarray(out, dtype=np.float64)
    return result


def _is_legal(parameters: FloatArray) -> bool:
    _, omega, alpha, beta = (float(parameter) for parameter in parameters)
    return omega > 0.0 and alpha >= 0.0 and beta >= 0.0 and alpha + beta < 1.0


def garch11_update(omega: float, alpha: float, beta: float, *, variance: float, residual: float) -> float:
    """Return tomorrow's variance from today's variance and today's residual.

    Parameters
    ----------
    omega, alpha, beta : float
        Not below zero.
    variance : float
        σ²_t, not below zero.
    residual : float
        ε_t = r_t − μ.

    Returns
    -------
    float
        ω + αε²_t + βσ²_t.

    Raises
    ------
    OutOfRange
        If a parameter is NaN or below zero.

    References
    ----------
    Hull, "Options, Futures, and Other Derivatives", section on the GARCH(1,1) model: ω = 0.000002, α = 0.13,
    β = 0.86, a volatility of 1.6 % and a return of 1 % make a variance of 0.00023516, a volatility of 1.53 %.

    Examples
    --------
    >>> round(garch11_update(0.000002, 0.13, 0.86, variance=0.000256, residual=0.01), 8)
    0.00023516
    """
    _parameters(omega, alpha, beta, variance)
    shock = within(residual, "residual", -math.inf, math.inf)
    return omega + alpha * shock * shock + beta * variance


@refuses_overflow
def garch11_forecast(omega: float, alpha: float, beta: float, *, variance: float, days: int) -> float:
    """Return the variance expected `days` days after the one given.

    Parameters
    ----------
    omega, alpha, beta : float
        Not below zero. At α + β = 1 the forecast grows by ω a day.
    variance : float
        σ²_n.
    days : int
        k, not below zero; 0 gives `variance` back.

    Returns
    -------
    float
        E σ²_{n+k} = V_L + (α + β)^k (σ²_n − V_L).

    Raises
    ------
    OutOfRange
        If a parameter is NaN or below zero, or `days` no whole number.

    References
    ----------
    Hull, "Options, Futures, and Other Derivatives", section on using GARCH(1,1) to forecast: for the S&P 500
    α + β = 0.9935 and V_L = 0.0002075, and 0.0003 today make 0.0002942 in ten days.

    Examples
    --------
    >>> omega = 0.0002075 * (1 - 0.9935)
    >>> round(garch11_forecast(omega, 0.0835, 0.91, variance=0.0003, days=10), 7)
    0.0002942
    """
    _parameters(omega, alpha, beta, variance)
    if not float(days).is_integer() or days < 0:
        raise OutOfRange(f"days was {days}, expected a whole number not below zero")
    persistence = alpha + beta
    kept = persistence ** int(days)
    reverted = float(days) if persistence == 1.0 else (1.0 - kept) / (1.0 - persistence)
    return omega * reverted + kept * variance


def garch11_long_run_variance(omega: float, alpha: float, beta: float) -> float:
    """Return ω/(1 − α − β), the variance to which forecasts return.

    Parameters
    ----------
    omega, alpha, beta : float
        Not below zero, α + β < 1.

    Raises
    ------
    OutOfRange
        If a parameter is NaN or below zero, or α + β ≥ 1: there is no long-run variance.

    Examples
    --------
    >>> round(garch11_long_run_variance(0.000002, 0.13, 0.86), 6)
    0.0002
    """
    _parameters(omega, alpha, beta, 0.0)
    if alpha + beta >= 1.0:
        raise OutOfRange(f"alpha + beta was {alpha + beta}, expected below one: the variance does not revert")
    return omega / (1.0 - alpha - beta)


def _parameters(omega: float, alpha: float, beta: float, variance: float) -> None:
    named = {"omega": omega, "alpha": alpha, "beta": beta, "variance": variance}
    for name, number in named.items():
        if not 0.0 <= number < math.inf:
            raise OutOfRange(f"{name} was {number}, expected a finite number not below zero")
