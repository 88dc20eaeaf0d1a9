"""The incremental product is the full product."""

import numpy as np
import pytest

from plimsoll.engine import scenario_vector
from plimsoll.engine.scenario_vector import ScenarioVector
from plimsoll.engine.scenario_window import ScenarioMatrix


def matrix_of(n: int, n_scenarios: int = 500, seed: int = 3) -> ScenarioMatrix:
    rng = np.random.default_rng(seed)
    has_history = rng.random(n) > 0.1
    rows = rng.normal(0, 0.02, (n, n_scenarios)) * has_history[:, None]
    return ScenarioMatrix(rows, np.zeros(n, dtype=np.bool_), has_history)


def test_that_after_many_updates_the_vector_equals_the_full_product() -> None:
    rng, matrix = np.random.default_rng(4), matrix_of(300)
    vector, exposure = ScenarioVector(matrix), np.zeros(300)
    for _ in range(5000):
        changed = rng.integers(0, 300, rng.integers(1, 40))
        exposure[changed] = rng.normal(0, 1e6, len(changed))
        vector.update(exposure.copy())
    full = np.where(matrix.has_history, exposure, 0.0) @ matrix.rows
    scale = float(np.abs(exposure).sum())
    assert np.abs(vector.pnl - full).max() <= 1e-12 * scale


def test_that_more_than_half_changed_takes_the_full_product() -> None:
    matrix = matrix_of(20, 50)
    vector, exposure = ScenarioVector(matrix), np.arange(1.0, 21.0)
    vector.update(exposure)
    assert np.array_equal(vector.pnl, np.where(matrix.has_history, exposure, 0.0) @ matrix.rows)


def test_that_more_rows_than_a_block_holds_are_all_counted() -> None:
    matrix = matrix_of(400, 50)
    vector, exposure = ScenarioVector(matrix), np.zeros(400)
    exposure[:190] = 5.0
    vector.update(exposure)
    assert vector.pnl == pytest.approx(np.where(matrix.has_history, exposure, 0.0) @ matrix.rows, rel=1e-12)


def test_that_drift_is_wiped_out_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scenario_vector, "RESYNC_AFTER", 3)
    matrix = matrix_of(20, 50)
    vector, exposure = ScenarioVector(matrix), np.zeros(20)
    for place in range(3):
        exposure[place] = 1e6 / 3
        vector.update(exposure.copy())
    assert np.array_equal(vector.pnl, np.where(matrix.has_history, exposure, 0.0) @ matrix.rows)


def test_that_the_unpriced_count_as_nothing_and_come_in_when_they_are_priced() -> None:
    matrix = matrix_of(20, 50)
    vector, exposure = ScenarioVector(matrix), np.full(20, np.nan)
    vector.update(exposure)
    assert (vector.pnl == 0.0).all()
    exposure[3] = 7.0
    vector.update(exposure)
    assert vector.pnl == pytest.approx(7.0 * matrix.rows[3])
