"""What all backtests share: verdicts, flags and forecasts of one number a day."""

import numpy as np
import pytest

from plimsoll.risk.backtest_result import chi_squared_tail, forecast_series, verdict_of
from plimsoll.risk.errors import OutOfRange, ShapeMismatch


def test_that_a_p_value_equal_to_the_significance_is_accepted() -> None:
    assert verdict_of(0.05, 0.05) == "accept"
    assert verdict_of(np.nextafter(0.05, 0.0), 0.05) == "reject"


def test_that_a_significance_of_one_is_no_level() -> None:
    with pytest.raises(OutOfRange):
        verdict_of(0.5, 1.0)


def test_that_without_a_degree_of_freedom_nothing_is_rare() -> None:
    assert chi_squared_tail(0.0, 0) == 1.0


def test_that_one_number_stands_for_every_day() -> None:
    np.testing.assert_array_equal(forecast_series(2.0, "var", 3), [2.0, 2.0, 2.0])
    with pytest.raises(ShapeMismatch):
        forecast_series([2.0, 3.0], "var", 3)
