"""Value at risk and expected shortfall corrected for skewness and excess kurtosis."""

import math
from typing import Final, Literal, NamedTuple, Self, get_args

import numpy as np
from numpy.typing import ArrayLike

from plimsoll.risk.arithmetic import refuses_overflow
from plimsoll.risk.arrays import confidence_level, within
from plimsoll.risk.errors import InsufficientHistory, NotFinite, OutOfRange, OutsideValidity
from plimsoll.risk.normal import normal_density, normal_quantile
from plimsoll.risk.quantile import profits

Outside = Literal["raise", "formula"]
EsVariant = Literal["quantile_mean", "boudt"]

# The boundary itself is inside: S = 0, K = 8 must not fall out by the last bit.
_ROUNDING: Final = 1e-12


class Moments(NamedTuple):
    """The first four moments of a profit distribution.

    Attributes
    ----------
    mean, volatility : float
        In money.
    skewness, excess_kurtosis : float
        Third and fourth central moments over the powers of `volatility`, the kurtosis less 3.
    """

    mean: float
    volatility: float
    skewness: float
    excess_kurtosis: float


class CornishFisherFigure(float):
    """A loss in money that knows whether its formula held; a float in every other way.

    Attributes
    ----------
    moments : Moments
        What went into the formula.
    is_inside : bool
        Whether the moments lie in the region where the expanded quantile rises with confidence.
    """

    __slots__ = ("is_inside", "moments")

    moments: Moments
    is_inside: bool

    def __new__(cls, loss: float, *, moments: Moments | None = None, is_inside: bool = True) -> Self:
        """Make one; without moments it stands for a standard normal."""
        figure = super().__new__(cls, loss)
        figure.moments = moments if moments is not None else Moments(0.0, 1.0, 0.0, 0.0)
        figure.is_inside = is_inside
        return figure


def sample_moments(pnl: ArrayLike, *, ddof: int = 1) -> Moments:
    """Return mean, volatility, skewness and excess kurtosis of profits.

    Parameters
    ----------
    pnl : array_like of shape (n_scenarios,)
        Profits in base currency.
    ddof : {0, 1}
        Of the variance only: third and fourth moments are means over n, divided by powers of this volatility.

    Returns
    -------
    Moments
        Of constant profits: volatility, skewness and excess kurtosis zero.

    Raises
    ------
    InsufficientHistory
        With fewer than two profits.
    NotFinite, ShapeMismatch, OutOfRange
        If `pnl` is no finite vector, or `ddof` neither 0 nor 1.

    Examples
    --------
    >>> [round(moment, 6) for moment in sample_moments([-2.0, -2.0, 1.0, 3.0], ddof=0)]
    [0.0, 2.12132, 0.31427, -1.592593]
    """
    if ddof not in (0, 1):
        raise OutOfRange(f"ddof was {ddof}, expected 0 or 1")
    profit = profits(pnl)
    n_scenarios = profit.shape[0]
    if n_scenarios < 2:
        raise InsufficientHistory(
            f"pnl had {n_scenarios} scenarios, expected at least 2 for a volatility: lengthen the window",
            n_observations=n_scenarios,
            n_needed=2,
        )
    # A power of two as the unit loses no bit, and no unit of money makes the squares under- or overflow.
    exponent = math.frexp(float(np.abs(profit).max()))[1]
    unit = np.ldexp(profit, -exponent)
    mean = float(unit.mean())
    apart = unit - mean
    volatility = math.sqrt(float(apart @ apart) / (n_scenarios - ddof))
    # Beyond the rounding of the mean there is nothing to take a third power of.
    if volatility <= 1e-14 * abs(mean):
        return Moments(math.ldexp(mean, exponent), 0.0, 0.0, 0.0)
    scaled = apart / volatility
    return Moments(
        math.ldexp(mean, exponent),
        math.ldexp(volatility, exponent),
        float((scaled**3).mean()),
        float((scaled**4).mean()) - 3.0,
    )


def is_inside_region(skewness: float, excess_kurtosis: float) -> bool:
    """Return whether the Cornish-Fisher quantile rises over the whole line for these two.

    References
    ----------
    .. [1] Maillard, "A user's guide to the Cornish Fisher expansion", SSRN 1997178, 2012. The discriminant
       alone also passes falling curves where S² > 36, hence the second condition.

    Examples
    --------
    >>> is_inside_region(-1.0, 3.0), is_inside_region(0.0, 8.0), is_inside_region(0.0, 8.1)
    (True, True, False)
    """
    square, eighth = skewness * skewness, excess_kurtosis / 8.0
    curvature = eighth - square / 6.0
    discriminant = square / 9.0 - 4.0 * curvature * (1.0 - eighth + 5.0 * square / 36.0)
    return discriminant <= _ROUNDING and curvature >= -_ROUNDING


@refuses_overflow
def cornish_fisher_quantile(z: float, skewness: float, excess_kurtosis: float) -> float:
    """Return z + (z²−1)S/6 + (z³−3z)K/24 − (2z³−5z)S²/36, the expanded quantile.

    Parameters
    ----------
    z : float
        Quantile of the standard normal, below zero for a loss.
    skewness, excess_kurtosis : float
        Parameters of the expansion; not exactly the moments that result from it.

    Examples
    --------
    >>> round(cornish_fisher_quantile(-2.3263479, -0.5, 2.0), 4)
    -3.0675
    """
    cube = z * z * z
    return (
        z
        + (z * z - 1.0) * skewness / 6.0
        + (cube - 3.0 * z) * excess_kurtosis / 24.0
        - (2.0 * cube - 5.0 * z) * skewness * skewness / 36.0
    )


def cornish_fisher_gradient(z: float, skewness: float) -> tuple[float, float]:
    """Return the derivatives of `cornish_fisher_quantile` by skewness and by excess kurtosis.

    Examples
    --------
    >>> cornish_fisher_gradient(-2.0, 0.0)
    (0.5, -0.08333333333333333)
    """
    cube = z * z * z
    return (z * z - 1.0) / 6.0 - (2.0 * cube - 5.0 * z) * skewness / 18.0, (cube - 3.0 * z) / 24.0


def cornish_fisher_var(
    pnl: ArrayLike | None = None,
    volatility: float | None = None,
    skewness: float | None = None,
    excess_kurtosis: float | None = None,
    *,
    confidence: float,
    mean: float | None = None,
    ddof: int = 1,
    outside: Outside = "raise",
) -> CornishFisherFigure:
    """Return the value at risk of profits that are not quite normal, also called modified VaR.

    Parameters
    ----------
    pnl : array_like of shape (n_scenarios,)
        Profits in base currency, whose moments are taken; or, followed by the three others, the mean.
    volatility, skewness, excess_kurtosis : float, optional
        The moments instead of a sample: ``cornish_fisher_var(mean, volatility, skewness, excess_kurtosis,
        ...)``.
    confidence : float
        In (0.5, 1).
    mean : float, optional
        The mean by name, where the moments are given by name.
    ddof : {0, 1}
        Of the variance of a sample; third and fourth moments are always means over n.
    outside : {"raise", "formula"}
        What happens outside the region of `is_inside_region`, where more confidence can give a smaller
        figure: an error, or the plain formula with `is_inside` False. The live program falls back to filtered
        historical scenarios and says so.

    Returns
    -------
    CornishFisherFigure
        −(μ + z_cf σ), a float in base currency with `moments` and `is_inside`. Of constant profits: −μ.

    Raises
    ------
    OutsideValidity
        Outside the region, with ``outside="raise"``.
    InsufficientHistory, NotFinite, ShapeMismatch, OutOfRange
        If the sample cannot carry four moments, or neither a sample nor all four moments are given.

    Notes
    -----
    Inside the region |S| ≤ 6(√2 − 1) and 0 ≤ K ≤ 8 at S = 0: thin tails, K < 0, are outside.

    References
    ----------
    .. [1] Zangari, "A VaR methodology for portfolios that include options", RiskMetrics Monitor, 1996.
    .. [2] Maillard, "A user's guide to the Cornish Fisher expansion", SSRN 1997178, 2012.

    Examples
    --------
    >>> round(cornish_fisher_var(0.0, 1.0, -1.0, 3.0, confidence=0.99), 4)
    3.3867
    """
    moments = _moments(pnl, mean, volatility, skewness, excess_kurtosis, ddof)
    z, is_inside = _checked(moments, confidence, outside)
    expanded = cornish_fisher_quantile(z, moments.skewness, moments.excess_kurtosis)
    loss = -(moments.mean + expanded * moments.volatility)
    return CornishFisherFigure(loss, moments=moments, is_inside=is_inside)


def cornish_fisher_es(
    pnl: ArrayLike | None = None,
    volatility: float | None = None,
    skewness: float | None = None,
    excess_kurtosis: float | None = None,
    *,
    confidence: float,
    mean: float | None = None,
    ddof: int = 1,
    outside: Outside = "raise",
    variant: EsVariant = "quantile_mean",
    floor_at_var: bool = True,
) -> CornishFisherFigure:
    """Return the expected shortfall of profits that are not quite normal.

    Parameters
    ----------
    pnl, volatility, skewness, excess_kurtosis, confidence, mean, ddof, outside
        As `cornish_fisher_var`.
    variant : {"quantile_mean", "boudt"}
        "quantile_mean" is the mean of the expanded quantile over the tail. "boudt" is [1]_, the mean under
        the Edgeworth density below the expanded quantile; it can fall as confidence rises.
    floor_at_var : bool
        Whether "boudt" is kept from falling below the modified value at risk, as its authors do in practice.

    Returns
    -------
    CornishFisherFigure
        A float in base currency with `moments` and `is_inside`.

    Raises
    ------
    OutsideValidity, InsufficientHistory, NotFinite, ShapeMismatch, OutOfRange
        As `cornish_fisher_var`; also if the variant is unknown.

    References
    ----------
    .. [1] Boudt, Peterson and Croux, "Estimation and decomposition of downside risk for portfolios with
       non-normal returns", Journal of Risk 11(2), 2008.

    Examples
    --------
    >>> round(cornish_fisher_es(0.0, 1.0, -0.5, 2.0, confidence=0.99), 5)
    3.97996
    >>> round(cornish_fisher_es(0, 1, -0.5, 2, confidence=0.99, variant="boudt", floor_at_var=False), 4)
    3.4532
    """
    if variant not in get_args(EsVariant):
        raise OutOfRange(f"variant was {variant!r}, expected one of {', '.join(get_args(EsVariant))}")
    moments = _moments(pnl, mean, volatility, skewness, excess_kurtosis, ddof)
    z, is_inside = _checked(moments, confidence, outside)
    alpha, skew, kurtosis = 1.0 - confidence, moments.skewness, moments.excess_kurtosis
    if variant == "quantile_mean":
        shape = 1.0 + z * skew / 6.0 + (z * z - 1.0) * kurtosis / 24.0 - (2.0 * z * z - 1.0) * skew**2 / 36.0
        multiple = normal_density(z) / alpha * shape
    else:
        expanded = cornish_fisher_quantile(z, skew, kurtosis)
        multiple = normal_density(expanded) / alpha * _edgeworth(expanded, skew, kurtosis)
        if floor_at_var:
            multiple = max(multiple, -expanded)
    return CornishFisherFigure(
        multiple * moments.volatility - moments.mean, moments=moments, is_inside=is_inside
    )


def _edgeworth(g: float, skewness: float, excess_kurtosis: float) -> float:
    # −∫ z f(z) dz below g over φ(g), with f the Edgeworth density 1 + S He₃/6 + K He₄/24 + S² He₆/72.
    square = g * g
    return (
        1.0
        + g * square * skewness / 6.0
        + (square * square - 2.0 * square - 1.0) * excess_kurtosis / 24.0
        + (square**3 - 9.0 * square**2 + 9.0 * square + 3.0) * skewness**2 / 72.0
    )


def _moments(
    pnl: ArrayLike | None,
    mean: float | None,
    volatility: float | None,
    skewness: float | None,
    excess_kurtosis: float | None,
    ddof: int,
) -> Moments:
    rest = (volatility, skewness, excess_kurtosis)
    if pnl is not None and mean is None and rest == (None, None, None):
        return sample_moments(pnl, ddof=ddof)
    if (pnl is None) == (mean is None) or None in rest:
        raise OutOfRange("moments were given in part, expected pnl alone, or all of mean to excess_kurtosis")
    centre = np.asarray(mean if pnl is None else pnl, dtype=np.float64)
    if centre.ndim != 0:
        raise OutOfRange("pnl was given together with moments, expected one or the other")
    given = Moments(float(centre), *(float(moment) for moment in rest if moment is not None))
    if not all(math.isfinite(moment) for moment in given):
        raise NotFinite(f"moments were {given}, expected finite numbers")
    within(given.volatility, "volatility", 0.0, math.inf, closed=True)
    return given


def _checked(moments: Moments, confidence: float, outside: Outside) -> tuple[float, bool]:
    if outside not in get_args(Outside):
        raise OutOfRange(f"outside was {outside!r}, expected one of {', '.join(get_args(Outside))}")
    z = -normal_quantile(confidence_level(confidence))
    is_inside = is_inside_region(moments.skewness, moments.excess_kurtosis)
    if not is_inside and outside == "raise":
        raise OutsideValidity(
            f"skewness was {moments.skewness:.6g} and excess kurtosis {moments.excess_kurtosis:.6g}, "
            'expected a pair inside the region: use filtered historical scenarios, or outside="formula"'
        )
    return z, is_inside
