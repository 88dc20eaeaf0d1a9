"""The entropic value at risk, an upper bound of VaR and ES that uses every scenario."""

import math

import numpy as np
from numpy.typing import ArrayLike

from plimsoll.risk.arrays import confidence_level, probabilities
from plimsoll.risk.dispersion import observations


def entropic_var(pnl: ArrayLike, *, confidence: float, weights: ArrayLike | None = None) -> float:
    """Return the entropic value at risk, the tightest Chernoff bound on VaR and ES.

    Parameters
    ----------
    pnl : array_like of shape (n_scenarios,)
        Profit or loss, a loss being negative; returns as fractions serve as well.
    confidence : float
        Level in (0.5, 1).
    weights : array_like of shape (n_scenarios,), optional
        Probabilities of the scenarios; equal if None.

    Returns
    -------
    float
        ``min_t t ln(mean(exp(-x / t)) / (1 - c))``, a loss positive, at least the ES and at most the largest
        loss (which it is when that loss alone fills the tail).

    Raises
    ------
    InsufficientHistory, NotFinite, OutOfRange, InvalidWeights, ShapeMismatch
        If there is no scenario, one is NaN or infinite, or level or weights are none.

    References
    ----------
    .. [1] Ahmadi-Javid, "Entropic Value-at-Risk: A New Coherent Risk Measure", Journal of Optimization
       Theory and Applications 155(3), 2012.

    Examples
    --------
    >>> entropic_var([-5.0, 1.0, 2.0, 3.0], confidence=0.75)
    5.0
    >>> round(entropic_var([-5.0, -3.0, 1.0, 2.0, 4.0, 6.0], confidence=0.75), 6)
    4.724266
    """
    from scipy.optimize import brentq

    level = confidence_level(confidence)
    losses = -observations(pnl, 0)
    shares = (
        np.full(losses.shape[0], 1.0 / losses.shape[0])
        if weights is None
        else probabilities(weights, losses.shape[0])
    )
    losses, shares = losses[shares > 0.0], shares[shares > 0.0]
    worst = float(losses.max())
    spread = worst - float(losses.min())
    tail = round(1.0 - level, 9)
    if tail <= 0.0 or round(float(shares[losses == worst].sum()), 9) >= tail:
        return worst
    gaps = (losses - worst) / spread

    # The minimum is where the tilted distribution lies ln(1/tail) from the plain one in relative entropy; the
    # entropy falls as the temperature t rises, so it has one root.
    def missing_entropy(log_temperature: float) -> float:
        temperature = math.exp(log_temperature)
        tilted = shares * np.exp(gaps / temperature)
        total = float(tilted.sum())
        return float(tilted @ gaps) / (total * temperature) - math.log(total) + math.log(tail)

    low = -7.0
    while missing_entropy(low) < 0.0:
        low -= 7.0
    # By Hoeffding's lemma the entropy at t = 1 is at most 1/8, below ln 2: log t = 0 is high enough.
    best = math.exp(brentq(missing_entropy, low, 0.0, xtol=1e-13))
    return worst + spread * best * math.log(float(shares @ np.exp(gaps / best)) / tail)
