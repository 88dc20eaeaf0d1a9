from collections.abc import Callable

import numpy as np
import pytest

from plimsoll.risk.arrays import FloatArray
from plimsoll.risk.cornish_fisher import cornish_fisher_es, cornish_fisher_var
from plimsoll.risk.cornish_fisher_attribution import cornish_fisher_component_es, cornish_fisher_component_var
from plimsoll.risk.errors import NotFinite, OutsideValidity, ShapeMismatch

BOOK = np.array([100.0, -50.0, 80.0, 30.0])


def skewed_returns(n_days: int = 400) -> FloatArray:
    rng = np.random.default_rng(0)
    return rng.standard_t(6, size=(n_days, 4)) * 0.01 - rng.exponential(0.01, size=(n_days, 1))


def components_by_difference(figure: Callable[[FloatArray], float]) -> FloatArray:
    parts = np.empty_like(BOOK)
    for place, size in enumerate(BOOK):
        step = np.zeros_like(BOOK)
        step[place] = 1e-4 * abs(size)
        parts[place] = size * (figure(BOOK + step) - figure(BOOK - step)) / (2.0 * step[place])
    return parts


@pytest.mark.parametrize("ddof", [0, 1])
@pytest.mark.parametrize("confidence", [0.95, 0.99])
def test_that_components_of_var_are_its_derivative_and_sum_to_it(confidence: float, ddof: int) -> None:
    returns = skewed_returns()

    def whole(book: FloatArray) -> float:
        return cornish_fisher_var(returns @ book, confidence=confidence, ddof=ddof)

    parts = cornish_fisher_component_var(BOOK, returns, confidence=confidence, ddof=ddof)
    assert parts.sum() == pytest.approx(whole(BOOK), rel=1e-12)
    assert parts == pytest.approx(components_by_difference(whole), rel=1e-6)


@pytest.mark.parametrize("ddof", [0, 1])
@pytest.mark.parametrize("variant", ["quantile_mean", "boudt"])
def test_that_components_of_es_are_its_derivative_and_sum_to_it(variant: str, ddof: int) -> None:
    returns = skewed_returns()

    def whole(book: FloatArray) -> float:
        return cornish_fisher_es(
            returns @ book,
            confidence=0.95,
            ddof=ddof,
            variant=variant,
            floor_at_var=False,
        )

    parts = cornish_fisher_component_es(
        BOOK,
        returns,
        confidence=0.95,
        ddof=ddof,
        variant=variant,
        floor_at_var=False,
    )
    assert parts.sum() == pytest.approx(whole(BOOK), rel=1e-12)
    assert parts == pytest.approx(components_by_difference(whole), rel=1e-6)


def test_that_a_shortfall_on_its_floor_has_the_components_of_the_var() -> None:
    returns = skewed_returns()
    returns[:3] -= 0.12
    floored = cornish_fisher_component_es(BOOK, returns, confidence=0.999, variant="boudt", outside="formula")
    on_var = cornish_fisher_component_var(BOOK, returns, confidence=0.999, outside="formula")
    free = cornish_fisher_component_es(
        BOOK, returns, confidence=0.999, variant="boudt", outside="formula", floor_at_var=False
    )
    assert floored == pytest.approx(on_var)
    assert free.sum() < floored.sum()


def test_that_a_shortfall_above_its_floor_keeps_its_own_components() -> None:
    returns = skewed_returns()
    floored = cornish_fisher_component_es(BOOK, returns, confidence=0.95, variant="boudt")
    free = cornish_fisher_component_es(BOOK, returns, confidence=0.95, variant="boudt", floor_at_var=False)
    assert floored == pytest.approx(free)


def test_that_constant_profits_have_the_parts_of_their_mean() -> None:
    returns = np.tile([0.25, -0.5, 0.0, 0.0], (10, 1))
    for components in (cornish_fisher_component_var, cornish_fisher_component_es):
        parts = components(BOOK, returns, confidence=0.95, outside="formula")
        assert parts.tolist() == [-25.0, -25.0, 0.0, 0.0]


def test_that_moments_outside_the_region_are_refused_unless_asked_for() -> None:
    returns = np.zeros((200, 4))
    returns[0] = -1.0
    for components in (cornish_fisher_component_var, cornish_fisher_component_es):
        with pytest.raises(OutsideValidity):
            components(BOOK, returns, confidence=0.95)
        assert np.isfinite(components(BOOK, returns, confidence=0.95, outside="formula")).all()


def test_that_misaligned_and_broken_inputs_are_refused_by_name() -> None:
    for components in (cornish_fisher_component_var, cornish_fisher_component_es):
        with pytest.raises(ShapeMismatch, match="columns"):
            components(BOOK[:2], skewed_returns(), confidence=0.95)
        with pytest.raises(NotFinite):
            components(BOOK, np.full((5, 4), np.nan), confidence=0.95)
