"""Acerbi and Székely's statistics: their values, their simulated law, their refusals."""

import numpy as np
import pytest

from plimsoll.risk.errors import InsufficientHistory, NotFinite, NotPositive, OutOfRange, ShapeMismatch
from plimsoll.risk.es_backtest import acerbi_szekely_critical, acerbi_szekely_z1, acerbi_szekely_z2


@pytest.mark.parametrize(
    ("degrees_of_freedom", "critical"), [(None, -0.70), (10.0, -0.71), (5.0, -0.74), (3.0, -0.82)]
)
def test_that_the_critical_z2_is_the_papers(degrees_of_freedom: float | None, critical: float) -> None:
    result = acerbi_szekely_critical(
        250, confidence=0.975, degrees_of_freedom=degrees_of_freedom, n_simulations=200_000, seed=7
    )
    assert result.critical_value == pytest.approx(critical, abs=0.011)
    assert (result.p_value, result.n_simulations) == (None, 200_000)


def test_that_the_rare_critical_z2_is_the_papers() -> None:
    result = acerbi_szekely_critical(
        250, confidence=0.975, significance=1e-4, n_simulations=400_000, seed=7, observed=-0.7
    )
    assert result.critical_value == pytest.approx(-1.78, abs=0.08)
    assert result.p_value == pytest.approx(0.05, abs=0.004)


@pytest.mark.parametrize(("degrees_of_freedom", "critical"), [(None, -0.11), (3.0, -0.43)])
def test_that_the_critical_z1_depends_on_the_tail(degrees_of_freedom: float | None, critical: float) -> None:
    result = acerbi_szekely_critical(
        250,
        confidence=0.975,
        degrees_of_freedom=degrees_of_freedom,
        n_simulations=200_000,
        seed=7,
        statistic="z1",
    )
    assert result.critical_value == pytest.approx(critical, abs=0.011)


def test_that_the_same_seed_gives_the_same_law() -> None:
    first, second = (acerbi_szekely_critical(250, confidence=0.975, seed=3) for _ in range(2))
    assert first == second == first.critical_value


def test_that_a_p_value_is_never_zero() -> None:
    result = acerbi_szekely_critical(250, confidence=0.975, n_simulations=999, observed=-1e9)
    assert result.p_value == pytest.approx(0.001)


def test_that_z2_counts_every_exception_at_its_own_days_shortfall() -> None:
    pnl = np.zeros(250)
    pnl[[10, 20, 30]] = (-30.0, -40.0, -10.0)
    es = np.full(250, 20.0)
    es[20] = 10.0
    result = acerbi_szekely_z2(pnl, 10.0, es, confidence=0.975)
    assert result.statistic == pytest.approx(1.0 - (30 / 20 + 40 / 10) / 6.25)
    assert (result.n_exceptions, result.verdict, result.zone) == (2, "accept", "green")


@pytest.mark.parametrize(("depth", "zone"), [(10.0, "green"), (11.0, "yellow"), (18.0, "red")])
def test_that_the_papers_zones_stand_at_250_days_and_97_5_percent(depth: float, zone: str) -> None:
    pnl = np.zeros(250)
    pnl[0] = -depth
    result = acerbi_szekely_z2(pnl, 0.5, 1.0, confidence=0.975)
    assert result.statistic == pytest.approx(1.0 - depth / 6.25)
    assert result.zone == zone


def test_that_no_zone_is_claimed_for_other_lengths_and_levels() -> None:
    assert acerbi_szekely_z2(np.zeros(500), 1.0, 2.0, confidence=0.975).zone is None
    assert acerbi_szekely_z2(np.zeros(250), 1.0, 2.0, confidence=0.99).zone is None


def test_that_z2_without_an_exception_is_one() -> None:
    result = acerbi_szekely_z2(np.zeros(250), 1.0, 2.0, confidence=0.975)
    assert (result.statistic, result.verdict) == (1.0, "accept")


def test_that_losses_twice_as_deep_as_forecast_are_rejected() -> None:
    pnl = np.zeros(250)
    pnl[:7] = -4.0
    result = acerbi_szekely_z1(pnl, 1.0, 2.0, confidence=0.975)
    assert result.statistic == pytest.approx(-1.0)
    assert (result.verdict, result.degrees_of_freedom) == ("reject", None)
    assert result.statistic < result.critical_value


def test_that_a_loss_equal_to_the_var_is_no_exception() -> None:
    with pytest.raises(InsufficientHistory):
        acerbi_szekely_z1([-1.0, 0.0], 1.0, 2.0, confidence=0.975)


def test_that_z1_cannot_be_simulated_without_a_single_exception() -> None:
    with pytest.raises(InsufficientHistory):
        acerbi_szekely_critical(1, confidence=0.999999, n_simulations=2, seed=0, statistic="z1")


@pytest.mark.parametrize("test", [acerbi_szekely_z1, acerbi_szekely_z2])
def test_that_forecasts_that_cannot_be_are_refused(test: type) -> None:
    with pytest.raises(NotPositive):
        test([-3.0, 1.0], 1.0, [1.0, 0.0], confidence=0.975)
    with pytest.raises(ShapeMismatch):
        test([-3.0, 1.0], [1.0], 1.0, confidence=0.975)
    with pytest.raises(NotFinite):
        test([-3.0, np.nan], 1.0, 1.0, confidence=0.975)
    with pytest.raises(InsufficientHistory):
        test([], 1.0, 1.0, confidence=0.975)
    with pytest.raises(OutOfRange):
        test([-3.0, 1.0], 1.0, 1.0, confidence=0.975, degrees_of_freedom=1.0)


def test_that_a_statistic_of_another_number_is_refused() -> None:
    with pytest.raises(OutOfRange, match="statistic was 'z3'"):
        acerbi_szekely_critical(250, confidence=0.975, statistic="z3")  # type: ignore[arg-type]
