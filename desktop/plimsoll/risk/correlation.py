"""Whether markets move together, and whether they still do as they used to, under one roof."""

from plimsoll.risk.absorption import absorption_ratio, absorption_ratios, absorption_shift, effective_rank
from plimsoll.risk.correlation_break import CorrelationBreaks, correlation_breaks
from plimsoll.risk.correlation_equality import CorrelationTest, fisher_z_test, jennrich_test
from plimsoll.risk.false_discovery import FalseDiscovery, benjamini_hochberg
from plimsoll.risk.pairwise_correlation import (
    average_pairwise_correlation,
    correlation_matrix,
    effective_observations,
)
from plimsoll.risk.unusual_day import correlation_surprise, magnitude_surprise, turbulence

__all__ = [
    "CorrelationBreaks",
    "CorrelationTest",
    "FalseDiscovery",
    "absorption_ratio",
    "absorption_ratios",
    "absorption_shift",
    "average_pairwise_correlation",
    "benjamini_hochberg",
    "correlation_breaks",
    "correlation_matrix",
    "correlation_surprise",
    "effective_observations",
    "effective_rank",
    "fisher_z_test",
    "jennrich_test",
    "magnitude_surprise",
    "turbulence",
]
