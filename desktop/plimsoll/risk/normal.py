"""The standard normal and Student's t, where the closed-form figures need them.

The normal needs no scipy: `statistics.NormalDist` holds Wichura's AS 241, exact to sixteen digits.
"""

import math
from statistics import NormalDist
from typing import Final

from plimsoll.risk.errors import OutOfRange
from plimsoll.risk.student import log_gamma_half_step, student_quantile

_STANDARD: Final = NormalDist()
_ROOT_TWO_PI: Final = math.sqrt(2.0 * math.pi)


def normal_quantile(probability: float) -> float:
    """Return z with Φ(z) = `probability`.

    Examples
    --------
    >>> round(normal_quantile(0.99), 5)
    2.32635
    """
    return _STANDARD.inv_cdf(probability)


def normal_density(z: float) -> float:
    """Return φ(z)."""
    return math.exp(-0.5 * z * z) / _ROOT_TWO_PI


def normal_cdf(z: float) -> float:
    """Return Φ(z), accurate in both tails."""
    return 0.5 * math.erfc(-z / math.sqrt(2.0))


def student_scale(degrees_of_freedom: float) -> float:
    """Return √((ν − 2)/ν), which brings a Student t to unit variance.

    Raises
    ------
    OutOfRange
        If ν is not above 2: the variance would not exist, and the covariance would describe nothing.
    """
    nu = float(degrees_of_freedom)
    if not 2.0 < nu < math.inf:
        raise OutOfRange(
            f"degrees_of_freedom was {degrees_of_freedom}, expected above 2: pass None for the normal"
        )
    return math.sqrt((nu - 2.0) / nu)


def tail_quantile(confidence: float, degrees_of_freedom: float | None) -> float:
    """Return the quantile at `confidence` of a unit-variance normal, or Student t where ν is given.

    Examples
    --------
    >>> round(tail_quantile(0.99, 5.0), 5)
    2.60646
    """
    if degrees_of_freedom is None:
        return normal_quantile(confidence)
    return student_scale(degrees_of_freedom) * student_quantile(float(degrees_of_freedom), confidence)


def tail_mean(confidence: float, degrees_of_freedom: float | None) -> float:
    """Return the mean beyond the quantile at `confidence` of a unit-variance normal, or Student t.

    References
    ----------
    McNeil, Frey and Embrechts, "Quantitative Risk Management", 2015, section 2.3.4.

    Examples
    --------
    >>> round(tail_mean(0.975, None), 5), round(tail_mean(0.99, 5.0), 5)
    (2.3378, 3.44884)
    """
    alpha = 1.0 - confidence
    if degrees_of_freedom is None:
        return normal_density(normal_quantile(confidence)) / alpha
    nu = float(degrees_of_freedom)
    scale = student_scale(nu)
    t = student_quantile(nu, confidence)
    log_density = (
        log_gamma_half_step(0.5 * nu)
        - 0.5 * math.log(nu * math.pi)
        - 0.5 * (nu + 1.0) * math.log1p(t * t / nu)
    )
    return scale * math.exp(log_density) / alpha * (nu + t * t) / (nu - 1.0)
