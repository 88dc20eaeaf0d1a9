"""Quantiles of Student's t and chances of the binomial; scipy takes 20 MB and 170 ms to load for them."""

import functools
import math
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

_LARGE = 50.0
"""Above it the series of `log_gamma_half_step` is exact to the last digit."""
_NEARLY_NORMAL = 1e5
_TINY = 1e-300
_EPSILON = 2.0**-53


def log_gamma_half_step(x: float) -> float:
    """Return ln Γ(x + ½) − ln Γ(x), whose terms would cancel digit by digit where x is large.

    References
    ----------
    .. [1] Abramowitz and Stegun, "Handbook of Mathematical Functions", 1964, 6.1.47.

    Examples
    --------
    >>> round(log_gamma_half_step(2.5), 12)
    0.408464310087
    """
    if x < _LARGE:
        return math.lgamma(x + 0.5) - math.lgamma(x)
    inverse = 1.0 / x
    square = inverse * inverse
    return 0.5 * math.log(x) - inverse * (
        1.0 / 8.0 - square * (1.0 / 192.0 - square * (1.0 / 640.0 - square * 17.0 / 14336.0))
    )


@functools.lru_cache(maxsize=64)
def student_quantile(degrees_of_freedom: float, confidence: float) -> float:
    """Return t with P(T ≤ t) = `confidence`, in (0, 1), for Student's t with ν > 0 degrees of freedom.

    Newton's steps on the logarithm of the tail, kept between bounds; Fisher's expansion where ν is large.

    Examples
    --------
    >>> round(student_quantile(5.0, 0.99), 5)
    3.36493
    """
    if confidence < 0.5:
        return -student_quantile(degrees_of_freedom, 1.0 - confidence)
    alpha = 1.0 - confidence
    if alpha == 0.5:
        return 0.0
    if degrees_of_freedom > _NEARLY_NORMAL:
        return _expanded(NormalDist().inv_cdf(confidence), degrees_of_freedom)
    low, high = 0.0, 1.0
    while student_tail(high, degrees_of_freedom) > alpha:
        low, high = high, 2.0 * high
    t = 0.5 * (low + high)
    for _ in range(200):
        tail = student_tail(t, degrees_of_freedom)
        low, high = (t, high) if tail > alpha else (low, t)
        step = math.log(tail / alpha) * tail / _density(t, degrees_of_freedom)
        moved = t + step if low < t + step < high else 0.5 * (low + high)
        if abs(moved - t) <= 2.0 * _EPSILON * t:
            return moved
        t = moved
    return t


def student_tail(t: float, degrees_of_freedom: float) -> float:
    """Return P(T > t) for t ≥ 0: half the incomplete beta function of ν/(ν + t²) at (ν/2, ½).

    Examples
    --------
    >>> round(student_tail(3.36493, 5.0), 6)
    0.01
    """
    nu = degrees_of_freedom
    within, beyond = t * t / (nu + t * t), nu / (nu + t * t)
    half = 0.5 * nu
    if t == 0.0:
        return 0.5
    log_front = log_gamma_half_step(half) - 0.5 * math.log(math.pi) - half * math.log1p(t * t / nu)
    front = math.exp(log_front) * math.sqrt(within)
    if beyond < (half + 1.0) / (half + 2.5):
        return 0.5 * front * _beta_fraction(half, 0.5, beyond) / half
    return 0.5 - 0.5 * front * _beta_fraction(0.5, half, within) / 0.5


def binomial_cdf(n: int, p: float) -> FloatArray:
    """Return P(X ≤ k) for k = 0 … n − 1, where X counts n trials that each succeed with p in (0, 1).

    Examples
    --------
    >>> binomial_cdf(3, 0.5).round(12).tolist()
    [0.125, 0.5, 0.875]
    """
    count = np.arange(n + 1, dtype=np.float64)
    log_gamma = np.array([math.lgamma(k + 1.0) for k in range(n + 1)])
    log_ways = log_gamma[n] - log_gamma - log_gamma[::-1]
    chance = np.exp(log_ways + count * math.log(p) + (n - count) * math.log1p(-p))
    chance /= chance.sum()  # what rounding took from the logarithms is the same factor for all near the top
    below: FloatArray = np.cumsum(chance)[:-1]
    return below


def _expanded(z: float, nu: float) -> float:
    """Return the quantile by powers of 1/ν (Abramowitz and Stegun 26.7.5), 1e-15 of it left out."""
    square = z * z
    first = z * (square + 1.0) / 4.0
    second = z * ((5.0 * square + 16.0) * square + 3.0) / 96.0
    third = z * (((3.0 * square + 19.0) * square + 17.0) * square - 15.0) / 384.0
    return z + (first + (second + third / nu) / nu) / nu


def _density(t: float, nu: float) -> float:
    log_density = (
        log_gamma_half_step(0.5 * nu)
        - 0.5 * math.log(nu * math.pi)
        - 0.5 * (nu + 1.0) * math.log1p(t * t / nu)
    )
    return math.exp(log_density)


def _beta_fraction(a: float, b: float, x: float) -> float:
    """Return the continued fraction of the incomplete beta function, by Lentz's method (DLMF 8.17.22)."""
    c, d = 1.0, 1.0 / _away_from_zero(1.0 - (a + b) * x / (a + 1.0))
    fraction = d
    for m in range(1, 10_000):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        change = 1.0
        for term in (even, odd):
            d = 1.0 / _away_from_zero(1.0 + term * d)
            c = _away_from_zero(1.0 + term / c)
            fraction *= d * c
            change = d * c
        if abs(change - 1.0) <= 2.0 * _EPSILON:
            break
    return fraction


def _away_from_zero(value: float) -> float:
    return value if abs(value) > _TINY else _TINY
