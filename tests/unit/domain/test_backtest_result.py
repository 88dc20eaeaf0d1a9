"""The jury's record alerts only on a disagreement that is known and beyond its line."""

from math import isnan

import numpy as np
import pytest

from plimsoll.domain.backtest_result import BacktestResult, TestFigure


@pytest.mark.parametrize(
    ("now", "is_alert"), [(0.9, False), (1.0, False), (1.1, True), (float("nan"), False)]
)
def test_that_disagreement_is_an_alert_beyond_the_line_only(now: float, is_alert: bool) -> None:
    result = BacktestResult(disagreement=np.array([5.0, now]), disagreement_line=1.0)
    assert result.is_disagreement_alert is is_alert


def test_that_a_refused_record_has_no_days_models_or_disagreement() -> None:
    result = BacktestResult("too short")
    assert not result.is_known
    assert (len(result.days), result.methods, result.method("historical")) == (0, (), None)
    assert isnan(result.disagreement_now)


def test_that_a_test_nobody_made_has_no_figure() -> None:
    assert isnan(TestFigure("Kupiec").p_value)
    assert TestFigure("Kupiec").verdict == "unknown"
