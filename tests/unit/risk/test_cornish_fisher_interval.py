"""The intervals lie around the figures, and the same seed draws the same one."""

import numpy as np
import pytest

from plimsoll.risk.cornish_fisher import cornish_fisher_es, cornish_fisher_var
from plimsoll.risk.cornish_fisher_interval import cornish_fisher_es_interval, cornish_fisher_var_interval

SKEWED = np.random.default_rng(2).standard_t(8, size=400) * 100


def test_that_the_interval_brackets_the_figure() -> None:
    interval = cornish_fisher_var_interval(SKEWED, confidence=0.95, n_resamples=200)
    assert interval.low < cornish_fisher_var(SKEWED, confidence=0.95) < interval.high


@pytest.mark.parametrize("variant", ["quantile_mean", "boudt"])
def test_that_the_shortfalls_interval_brackets_the_shortfall(variant: str) -> None:
    pnl = np.random.default_rng(1).standard_t(8, size=800)
    options = {"confidence": 0.975, "variant": variant}
    interval = cornish_fisher_es_interval(pnl, **options)
    assert interval.low < cornish_fisher_es(pnl, **options, outside="formula") < interval.high
    assert interval == cornish_fisher_es_interval(pnl, **options)
