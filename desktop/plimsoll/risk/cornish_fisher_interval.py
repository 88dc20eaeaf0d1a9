"""How far off the Cornish-Fisher figures may be, since their moments are estimated."""

from numpy.typing import ArrayLike

from plimsoll.risk.bootstrap import bootstrap_interval
from plimsoll.risk.cornish_fisher import EsVariant, cornish_fisher_es, cornish_fisher_var, sample_moments
from plimsoll.risk.quantile import profits
from plimsoll.risk.risk_interval import RiskInterval


def cornish_fisher_var_interval(
    pnl: ArrayLike,
    *,
    confidence: float,
    ddof: int = 1,
    coverage: float = 0.90,
    n_resamples: int = 1_000,
    seed: int = 0,
) -> RiskInterval:
    """Return the sampling error of `cornish_fisher_var` by the bootstrap.

    Parameters
    ----------
    pnl, confidence, ddof
        As `cornish_fisher_var`; samples outside the region take the plain formula.
    coverage, n_resamples, seed
        As `bootstrap_interval`.

    Returns
    -------
    RiskInterval
        Percentile interval.

    Raises
    ------
    InsufficientHistory, NotFinite, ShapeMismatch, OutOfRange
        As `cornish_fisher_var` and `bootstrap_interval`.
    """
    profit = profits(pnl)
    sample_moments(profit, ddof=ddof)
    return bootstrap_interval(
        profit,
        lambda sample: cornish_fisher_var(sample, confidence=confidence, ddof=ddof, outside="formula"),
        coverage=coverage,
        n_resamples=n_resamples,
        seed=seed,
    )


def cornish_fisher_es_interval(
    pnl: ArrayLike,
    *,
    confidence: float,
    ddof: int = 1,
    variant: EsVariant = "quantile_mean",
    coverage: float = 0.90,
    n_resamples: int = 1_000,
    seed: int = 0,
) -> RiskInterval:
    """Return the sampling error of `cornish_fisher_es` by the bootstrap.

    Parameters
    ----------
    pnl, confidence, ddof, variant
        As `cornish_fisher_es`; samples outside the region take the plain formula.
    coverage, n_resamples, seed
        As `bootstrap_interval`.

    Returns
    -------
    RiskInterval
        Percentile interval.

    Raises
    ------
    InsufficientHistory, NotFinite, ShapeMismatch, OutOfRange
        As `cornish_fisher_es` and `bootstrap_interval`.
    """
    profit = profits(pnl)
    sample_moments(profit, ddof=ddof)
    return bootstrap_interval(
        profit,
        lambda sample: cornish_fisher_es(
            sample, confidence=confidence, ddof=ddof, outside="formula", variant=variant
        ),
        coverage=coverage,
        n_resamples=n_resamples,
        seed=seed,
    )
