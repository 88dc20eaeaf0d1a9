"""Every test of a VaR or expected shortfall against the days that followed, under one roof."""

from plimsoll.risk.backtest_result import BacktestResult
from plimsoll.risk.es_backtest import (
    acerbi_szekely_critical,
    acerbi_szekely_z1,
    acerbi_szekely_z2,
)
from plimsoll.risk.es_calibration import conditional_calibration, mcneil_frey
from plimsoll.risk.exception_count import (
    binomial_test,
    kupiec_pof,
    kupiec_region,
    kupiec_tuff,
    traffic_light,
)
from plimsoll.risk.exception_forecast import dynamic_quantile, weibull_duration
from plimsoll.risk.exception_timing import christoffersen_independence, conditional_coverage, haas_tbf
from plimsoll.risk.pnl_attribution import pnl_attribution_test

__all__ = [
    "BacktestResult",
    "acerbi_szekely_critical",
    "acerbi_szekely_z1",
    "acerbi_szekely_z2",
    "binomial_test",
    "christoffersen_independence",
    "conditional_calibration",
    "conditional_coverage",
    "dynamic_quantile",
    "haas_tbf",
    "kupiec_pof",
    "kupiec_region",
    "kupiec_tuff",
    "mcneil_frey",
    "pnl_attribution_test",
    "traffic_light",
    "weibull_duration",
]
