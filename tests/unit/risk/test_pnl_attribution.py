"""The regulator's zones for a risk model's P&L."""

import numpy as np
import pytest
from scipy.stats import ks_2samp, spearmanr

from plimsoll.risk.errors import InsufficientHistory, NotFinite, OutOfRange, ShapeMismatch
from plimsoll.risk.pnl_attribution import pnl_attribution_test


@pytest.mark.parametrize(
    ("noise", "scale", "zone"),
    [(0.2, 1.0, "green"), (0.8, 1.0, "amber"), (3.0, 1.0, "red"), (0.01, 3.0, "red")],
)
def test_that_noise_and_scale_decide_the_zone(noise: float, scale: float, zone: str) -> None:
    random = np.random.default_rng(0)
    hypothetical = random.standard_normal(250)
    theoretical = scale * (hypothetical + noise * random.standard_normal(250)) / np.hypot(1.0, noise)
    result = pnl_attribution_test(theoretical, hypothetical)
    assert (result.zone, result.verdict) == (zone, zone)
    assert result.spearman == pytest.approx(float(spearmanr(theoretical, hypothetical).statistic))
    assert result.kolmogorov_smirnov == pytest.approx(float(ks_2samp(theoretical, hypothetical).statistic))


def test_that_a_distance_of_exactly_nine_hundredths_is_green_and_above_it_amber() -> None:
    hypothetical = np.arange(100.0)
    shifted = hypothetical + 9.0
    assert pnl_attribution_test(shifted, hypothetical).zone == "green"
    assert pnl_attribution_test(shifted + 1.0, hypothetical).zone == "amber"
    assert pnl_attribution_test(shifted + 3.0, hypothetical).zone == "amber"
    assert pnl_attribution_test(shifted + 4.0, hypothetical).zone == "red"


def test_that_series_without_ranks_days_or_fellows_are_refused() -> None:
    with pytest.raises(OutOfRange):
        pnl_attribution_test([1.0, 1.0], [1.0, 2.0])
    with pytest.raises(OutOfRange):
        pnl_attribution_test([1.0, 2.0], [2.0, 2.0])
    with pytest.raises(InsufficientHistory):
        pnl_attribution_test([1.0], [1.0])
    with pytest.raises(ShapeMismatch):
        pnl_attribution_test([1.0, 2.0], [1.0])
    with pytest.raises(NotFinite):
        pnl_attribution_test([1.0, np.inf], [1.0, 2.0])
