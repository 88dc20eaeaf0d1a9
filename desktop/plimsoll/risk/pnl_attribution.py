"""Whether the risk model's P&L and the desk's hypothetical P&L are the same P&L."""

from dataclasses import dataclass

from numpy.typing import ArrayLike

from plimsoll.risk.arrays import same_length, vector
from plimsoll.risk.backtest_result import BacktestResult, Verdict
from plimsoll.risk.errors import InsufficientHistory, OutOfRange


@dataclass(frozen=True, slots=True, kw_only=True)
class PnlAttribution(BacktestResult):
    """What `pnl_attribution_test` answers; statistic and p-value are those of Kolmogorov and Smirnov.

    Attributes
    ----------
    spearman : float
        Rank correlation, ties at their mean rank.
    kolmogorov_smirnov : float
        Largest distance between the two empirical distributions.
    zone : str
        "green", "amber" or "red"; also the verdict.
    """

    spearman: float
    kolmogorov_smirnov: float
    zone: Verdict


def pnl_attribution_test(risk_theoretical: ArrayLike, hypothetical: ArrayLike) -> PnlAttribution:
    """Return the regulator's two measures of agreement between two P&L series, and their zone.

    Parameters
    ----------
    risk_theoretical : array_like of shape (n_days,)
        P&L of the yesterday's book as the risk model prices it, oldest first.
    hypothetical : array_like of shape (n_days,)
        P&L of the same static book as the desk's own systems price it.

    Returns
    -------
    PnlAttribution
        Spearman correlation, Kolmogorov-Smirnov distance and zone.

    Raises
    ------
    InsufficientHistory
        With fewer than two days; the regulator asks for 250.
    OutOfRange
        If a series never changes: it has no ranks.
    ShapeMismatch, NotFinite
        If the arrays do not belong together or hold a gap.

    Notes
    -----
    Green where the correlation is at least 0.80 and the distance at most 0.09; red where the correlation is
    below 0.70 or the distance above 0.12; amber between [1]_.

    References
    ----------
    .. [1] Basel Framework, MAR32, "PLA test metrics" (BCBS d457, January 2019).

    Examples
    --------
    >>> result = pnl_attribution_test([1.0, 2.0, 3.0, 4.0], [1.0, 3.0, 2.0, 4.0])
    >>> round(result.spearman, 12), result.kolmogorov_smirnov, result.zone
    (0.8, 0.0, 'green')
    """
    from scipy.stats import ks_2samp, spearmanr

    theoretical = vector(risk_theoretical, "risk_theoretical")
    actual = vector(hypothetical, "hypothetical")
    same_length(theoretical, actual, ("risk_theoretical", "hypothetical"))
    if theoretical.size < 2:
        raise InsufficientHistory(
            f"there were {theoretical.size} days, expected two at least (the regulator: 250)",
            n_observations=theoretical.size,
            n_needed=2,
        )
    for series, name in ((theoretical, "risk_theoretical"), (actual, "hypothetical")):
        if series.min() == series.max():
            raise OutOfRange(f"{name} never changed, expected a P&L with ranks")
    # Rounded to nine decimals before comparison, as all counts and shares are: 1 − 0.91 is not 0.09.
    spearman = round(float(spearmanr(theoretical, actual).statistic), 15)
    distance = ks_2samp(theoretical, actual)
    gap = float(distance.statistic)
    if spearman < 0.70 or round(gap, 9) > 0.12:
        zone: Verdict = "red"
    elif round(spearman, 9) >= 0.80 and round(gap, 9) <= 0.09:
        zone = "green"
    else:
        zone = "amber"
    return PnlAttribution(
        statistic=gap,
        p_value=float(distance.pvalue),
        degrees_of_freedom=None,
        verdict=zone,
        spearman=spearman,
        kolmogorov_smirnov=gap,
        zone=zone,
    )
