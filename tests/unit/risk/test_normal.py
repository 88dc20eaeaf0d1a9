"""The closed forms against scipy's own distributions."""

import pytest
from scipy import stats

from plimsoll.risk import normal
from plimsoll.risk.errors import OutOfRange


@pytest.mark.parametrize("z", [-9.0, -3.0, -0.1, 0.0, 1.0, 6.0])
def test_that_the_normal_is_scipys(z: float) -> None:
    assert normal.normal_cdf(z) == pytest.approx(stats.norm.cdf(z), rel=1e-12)
    assert normal.normal_density(z) == pytest.approx(stats.norm.pdf(z), rel=1e-12)


@pytest.mark.parametrize("confidence", [0.51, 0.9, 0.95, 0.975, 0.99, 0.999])
@pytest.mark.parametrize("nu", [2.1, 3.0, 4.5, 10.0, 200.0])
def test_that_the_student_tail_is_scipys(confidence: float, nu: float) -> None:
    scale = ((nu - 2) / nu) ** 0.5
    assert normal.tail_quantile(confidence, nu) == pytest.approx(
        scale * stats.t.ppf(confidence, nu), rel=1e-9
    )
    t = stats.t.ppf(confidence, nu)
    mean = scale * stats.t.pdf(t, nu) / (1 - confidence) * (nu + t * t) / (nu - 1)
    assert normal.tail_mean(confidence, nu) == pytest.approx(mean, rel=1e-9)


@pytest.mark.parametrize("nu", [2.0, 0.0, float("inf"), float("nan")])
def test_that_a_student_without_a_variance_is_refused(nu: float) -> None:
    with pytest.raises(OutOfRange, match="degrees_of_freedom"):
        normal.tail_quantile(0.99, nu)


def test_that_without_degrees_of_freedom_it_is_the_normal() -> None:
    assert normal.tail_quantile(0.99, None) == pytest.approx(stats.norm.ppf(0.99))
    assert normal.tail_mean(0.99, None) == pytest.approx(stats.norm.pdf(stats.norm.ppf(0.99)) / 0.01)
