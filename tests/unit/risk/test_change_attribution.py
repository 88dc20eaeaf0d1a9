from dataclasses import replace

import numpy as np
import pytest

from plimsoll.risk.arrays import FloatArray
from plimsoll.risk.change_attribution import CAUSES, RiskInputs, attribute_change, risk_change, var_change
from plimsoll.risk.errors import InsufficientHistory, NotFinite, OutOfRange, ShapeMismatch
from plimsoll.risk.value_at_risk import historical_var

DAYS = np.arange(300)


def history() -> FloatArray:
    rng = np.random.default_rng(5)
    return rng.standard_t(5, size=(301, 3)) * 0.01 + rng.normal(size=(301, 1)) * 0.005


def yesterday() -> RiskInputs:
    return RiskInputs([100.0, -50.0, 30.0], [10.0, 20.0, 40.0], [1.0, 1.1, 0.9], history()[:300], DAYS)


def today() -> RiskInputs:
    returns = history()[1:301].copy()
    returns[40, 1] += 0.05
    return RiskInputs([80.0, -50.0, 60.0], [11.0, 19.0, 40.5], [1.0, 1.08, 0.92], returns, DAYS + 1)


@pytest.mark.parametrize("method", ["sequential", "shapley"])
def test_that_the_parts_sum_to_the_change(method: str) -> None:
    change = var_change(yesterday(), today(), confidence=0.95, method=method)
    assert tuple(change.parts) == CAUSES
    assert change.method == method
    assert sum(change.parts.values()) == pytest.approx(change.after - change.before, abs=1e-9)


def test_that_both_ends_are_the_figures_of_the_instants_themselves() -> None:
    change = var_change(yesterday(), today(), confidence=0.95)
    old = history()[:300] @ np.array([1000.0, -1100.0, 1080.0])
    assert change.before == pytest.approx(historical_var(old, confidence=0.95))
    new = today()
    exposures = np.asarray(new.quantities) * np.asarray(new.prices) * np.asarray(new.fx)
    assert change.after == pytest.approx(historical_var(np.asarray(new.returns) @ exposures, confidence=0.95))


@pytest.mark.parametrize("method", ["sequential", "shapley"])
@pytest.mark.parametrize(
    ("cause", "field", "value"),
    [
        ("trades", "quantities", [80.0, -50.0, 60.0]),
        ("prices", "prices", [11.0, 19.0, 40.5]),
        ("fx", "fx", [1.0, 1.0, 1.0]),
    ],
)
def test_that_a_single_cause_carries_the_whole_change(
    cause: str, field: str, value: list[float], method: str
) -> None:
    change = var_change(yesterday(), replace(yesterday(), **{field: value}), confidence=0.95, method=method)
    assert change.after != change.before
    assert change.parts[cause] == pytest.approx(change.after - change.before)
    assert all(part == 0.0 for other, part in change.parts.items() if other != cause)


def test_that_nothing_changed_has_parts_of_exactly_nothing() -> None:
    change = var_change(yesterday(), yesterday(), confidence=0.95)
    assert set(change.parts.values()) == {0.0}


def test_that_a_repair_on_the_same_days_is_told_from_a_new_day() -> None:
    repaired = history()[:300].copy()
    repaired[7] = 0.3
    only_repair = var_change(yesterday(), replace(yesterday(), returns=repaired), confidence=0.95)
    assert only_repair.parts["window"] == 0.0
    assert only_repair.parts["volatility"] == 0.0
    assert only_repair.parts["data_repair"] == only_repair.after - only_repair.before
    only_roll = var_change(
        yesterday(), replace(yesterday(), returns=history()[1:], days=DAYS + 1), confidence=0.95
    )
    assert only_roll.parts["data_repair"] == 0.0


def test_that_returns_twice_as_wild_are_a_matter_of_volatility_alone() -> None:
    wild = replace(yesterday(), returns=2.0 * history()[:300], days=DAYS + 1000)
    change = var_change(yesterday(), wild, confidence=0.95)
    assert change.parts["volatility"] == pytest.approx(change.before)
    assert change.parts["correlation"] == pytest.approx(0.0, abs=1e-9)
    assert change.parts["window"] == pytest.approx(0.0, abs=1e-9)


def test_that_assets_that_turn_round_together_are_a_matter_of_correlation() -> None:
    rng = np.random.default_rng(6)
    one, two = rng.normal(size=(2, 4000))
    apart = RiskInputs([1.0, 1.0], [1.0, 1.0], [1.0, 1.0], np.column_stack([one, two]), np.arange(4000))
    together = replace(apart, returns=np.column_stack([one, one]), days=np.arange(4000) + 4000)
    change = var_change(apart, together, confidence=0.95)
    assert change.parts["correlation"] == pytest.approx((2.0 - np.sqrt(2.0)) * 1.645, rel=0.06)
    assert abs(change.parts["volatility"]) < 0.05
    assert abs(change.parts["window"]) < 0.15


def test_that_an_asset_that_never_moved_is_not_scaled() -> None:
    still = history()[:300].copy()
    still[:, 2] = 0.001
    before = replace(yesterday(), returns=still)
    change = var_change(before, replace(yesterday(), days=DAYS + 1000), confidence=0.95)
    assert sum(change.parts.values()) == pytest.approx(change.after - change.before, abs=1e-9)


def test_that_a_book_without_volatility_has_no_correlation_part() -> None:
    flat = replace(yesterday(), returns=np.full((300, 3), 0.001))
    change = var_change(flat, replace(yesterday(), days=DAYS + 1000), confidence=0.95)
    assert change.parts["correlation"] == 0.0
    assert sum(change.parts.values()) == pytest.approx(change.after - change.before, abs=1e-9)


def test_that_the_order_may_be_chosen_and_is_kept() -> None:
    order = CAUSES[::-1]
    change = var_change(yesterday(), today(), confidence=0.95, causes=order)
    assert tuple(change.parts) == order
    assert change.parts["trades"] != var_change(yesterday(), today(), confidence=0.95).parts["trades"]


def test_that_shapley_is_the_mean_over_every_order() -> None:
    from itertools import permutations

    def figure(happened: frozenset[str]) -> float:
        return float((1 + ("a" in happened)) * (2 + ("b" in happened)) * (3 + 2 * ("c" in happened)))

    shared = attribute_change(figure, ["a", "b", "c"], method="shapley").parts
    orders = [attribute_change(figure, order).parts for order in permutations(["a", "b", "c"])]
    for cause in "abc":
        assert shared[cause] == pytest.approx(np.mean([parts[cause] for parts in orders]))


def test_that_each_set_of_causes_is_asked_once() -> None:
    asked: list[frozenset[str]] = []

    def figure(happened: frozenset[str]) -> float:
        asked.append(happened)
        return float(len(happened))

    attribute_change(figure, ["a", "b", "c"], method="shapley")
    assert len(asked) == len(set(asked)) == 8


def test_that_any_measure_of_the_scenarios_can_be_shared_out() -> None:
    change = risk_change(yesterday(), today(), measure=lambda pnl: -float(pnl.min()))
    assert sum(change.parts.values()) == pytest.approx(change.after - change.before, abs=1e-9)


def test_that_bad_inputs_are_refused_by_name() -> None:
    good = yesterday()
    with pytest.raises(OutOfRange, match="causes"):
        var_change(good, good, confidence=0.95, causes=["trades"])
    with pytest.raises(OutOfRange, match="once"):
        attribute_change(lambda _: 0.0, ["a", "a"])
    with pytest.raises(OutOfRange, match="method"):
        attribute_change(lambda _: 0.0, ["a"], method="guess")
    with pytest.raises(ShapeMismatch, match="before had"):
        var_change(good, RiskInputs([1.0], [1.0], [1.0], history()[:300, :1], DAYS), confidence=0.95)
    with pytest.raises(ShapeMismatch, match="did not match"):
        var_change(good, replace(good, fx=[1.0]), confidence=0.95)
    with pytest.raises(ShapeMismatch, match="days"):
        var_change(good, replace(good, days=DAYS[:5]), confidence=0.95)
    with pytest.raises(OutOfRange, match="rise"):
        var_change(good, replace(good, days=DAYS[::-1]), confidence=0.95)
    with pytest.raises(InsufficientHistory):
        var_change(good, replace(good, returns=history()[:1], days=DAYS[:1]), confidence=0.95)
    with pytest.raises(NotFinite):
        var_change(good, replace(good, prices=[1.0, np.nan, 1.0]), confidence=0.95)
