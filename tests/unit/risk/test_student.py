"""Student's t and the binomial against scipy, and by their own laws."""

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special

from plimsoll.risk.student import binomial_cdf, log_gamma_half_step, student_quantile, student_tail


# Tables of the t-distribution: Abramowitz and Stegun, table 26.10.
@pytest.mark.parametrize(
    ("degrees_of_freedom", "confidence", "expected"),
    [(1, 0.975, 12.706), (5, 0.95, 2.015), (5, 0.995, 4.032), (30, 0.975, 2.042), (120, 0.9995, 3.373)],
)
def test_that_quantiles_are_those_of_the_published_table(
    degrees_of_freedom: float, confidence: float, expected: float
) -> None:
    assert student_quantile(degrees_of_freedom, confidence) == pytest.approx(expected, abs=5e-4)


@pytest.mark.parametrize("degrees_of_freedom", [0.5, 1.0, 2.0001, 5.0, 7.3, 30.0, 499.0, 1e5, 1e5 + 1, 1e9])
@pytest.mark.parametrize("confidence", [0.51, 0.6, 0.9, 0.95, 0.975, 0.99, 0.9999, 1.0 - 1e-9])
def test_that_quantiles_equal_scipys(degrees_of_freedom: float, confidence: float) -> None:
    expected = special.stdtrit(degrees_of_freedom, confidence)
    # Above 1e8 scipy itself is right to nine digits only.
    digits = 1e-8 if degrees_of_freedom > 1e8 else 1e-11
    assert student_quantile(degrees_of_freedom, confidence) == pytest.approx(expected, rel=digits)


@given(st.floats(0.3, 1e5), st.floats(0.001, 0.999))
def test_that_the_quantile_is_the_inverse_of_the_tail_and_odd(nu: float, confidence: float) -> None:
    t = student_quantile(nu, confidence)
    tail = student_tail(abs(t), nu)
    assert tail == pytest.approx(min(confidence, 1.0 - confidence), rel=1e-12)
    assert student_quantile(nu, 1.0 - confidence) == pytest.approx(-t, rel=1e-12, abs=1e-15)


@pytest.mark.parametrize("n", [1, 2, 100, 500, 1_000, 5_000])
@pytest.mark.parametrize("p", [0.5, 0.9, 0.95, 0.99, 0.999])
def test_that_binomial_chances_equal_scipys(n: int, p: float) -> None:
    np.testing.assert_allclose(binomial_cdf(n, p), special.bdtr(np.arange(n), n, p), rtol=1e-10, atol=1e-11)


@given(st.floats(1e-3, 1e8))
def test_that_the_step_of_log_gamma_follows_its_recurrence(x: float) -> None:
    """Γ(x + ½) / Γ(x) at x + 1 is (x + ½) / x times that at x."""
    step = log_gamma_half_step(x + 1.0) - log_gamma_half_step(x)
    assert step == pytest.approx(np.log1p(0.5 / x), abs=1e-13 * max(1.0, abs(log_gamma_half_step(x))) * 10)


def test_that_what_the_running_desk_works_out_loads_no_scipy() -> None:
    program = """
import sys
import numpy as np
from plimsoll.risk.correlation_break import correlation_breaks
from plimsoll.risk.normal import tail_mean, tail_quantile
from plimsoll.risk.value_at_risk import historical_var_interval
correlation_breaks(np.random.default_rng(0).standard_normal((80, 2)))
tail_quantile(0.99, 5.0), tail_mean(0.975, 5.0)
historical_var_interval(np.arange(500.0), confidence=0.95)
sys.exit("scipy" in sys.modules)
"""
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
