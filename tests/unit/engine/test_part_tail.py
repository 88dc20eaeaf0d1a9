"""VaR and ES of parts of the book, against the figures of the risk library on each part's own scenarios."""

import numpy as np
import pytest

from plimsoll.domain.method import RiskMethod
from plimsoll.engine.measurement import Groups
from plimsoll.engine.part_tail import PartTails, part_es, part_var
from plimsoll.engine.scenario_window import ScenarioMatrix
from plimsoll.risk.expected_shortfall import historical_es
from plimsoll.risk.value_at_risk import historical_var

RNG = np.random.default_rng(7)
METHOD = RiskMethod()
VALUE = np.array([100.0, -50.0, 200.0, 40.0])
CURRENCY_OF = np.array([0, 1, 0, 1])
EACH = Groups(("A", "B", "C", "D"), np.arange(4), np.arange(4), np.ones(4), is_each=True)
PAIRS = Groups(("even", "odd"), np.array([0, 1, 0, 1]), np.arange(4), np.ones(4))


def scenarios(n: int = 300) -> ScenarioMatrix:
    rows = RNG.normal(0, 0.01, (4 + 2, n))
    rows[4] = 0.0  # the base currency does not move
    return ScenarioMatrix(rows, np.zeros(4, dtype=np.bool_), np.ones(6, dtype=np.bool_))


def tails(matrix: ScenarioMatrix, value: np.ndarray = VALUE) -> PartTails:
    held = matrix.has_history[:4]
    return PartTails(matrix, np.where(held, np.nan_to_num(value), 0.0), value, value, CURRENCY_OF, METHOD)


@pytest.mark.parametrize("groups", [EACH, PAIRS])
def test_that_each_part_has_the_tail_of_its_own_scenarios(groups: Groups) -> None:
    matrix = scenarios()
    found = tails(matrix)(groups)
    for number in range(len(groups.labels)):
        mine = [p for p, m in zip(groups.position, groups.member, strict=True) if m == number]
        pnl = sum(VALUE[p] * (matrix.rows[p] + matrix.rows[4 + CURRENCY_OF[p]]) for p in mine)
        assert found.var[number] == pytest.approx(historical_var(pnl, confidence=0.95))
        assert found.es[number] == pytest.approx(historical_es(pnl, confidence=0.975, tail="fractional"))


@pytest.mark.parametrize("n", [101, 250, 333, 500])
@pytest.mark.parametrize("confidence", [0.9, 0.95, 0.975, 0.99])
def test_that_rows_at_once_give_what_the_risk_library_gives_one_by_one(n: int, confidence: float) -> None:
    pnl = RNG.standard_t(3, (5, n))
    assert part_var(pnl, confidence) == pytest.approx(
        [historical_var(row, confidence=confidence) for row in pnl]
    )
    assert part_es(pnl, confidence) == pytest.approx(
        [historical_es(row, confidence=confidence, tail="fractional") for row in pnl]
    )


def test_that_the_parts_of_a_book_lose_together_what_the_book_does() -> None:
    matrix = scenarios()
    whole = Groups(("all",), np.zeros(4, dtype=np.int64), np.arange(4), np.ones(4))
    parts = tails(matrix).pnl_of(PAIRS)
    assert parts.sum(axis=0) == pytest.approx(tails(matrix).pnl_of(whole)[0])


def test_that_too_few_scenarios_leave_every_part_unknown() -> None:
    found = tails(scenarios(99))(PAIRS)
    assert np.isnan(found.var).all()
    assert np.isnan(found.es).all()


def test_that_a_tail_without_a_whole_scenario_is_unknown() -> None:
    pnl = RNG.normal(size=(2, 15))
    assert np.isnan(part_var(pnl, 0.95)).all()
    assert np.isnan(part_es(pnl, 0.95)).all()


def test_that_a_part_mostly_without_history_is_unknown_and_the_others_are_not() -> None:
    matrix = scenarios()
    lacking = ScenarioMatrix(matrix.rows, matrix.is_absolute, np.array([True, True, False, True, True, True]))
    found = tails(lacking)(PAIRS)  # 200 of the 300 of "even" have none
    assert np.isnan(found.var).tolist() == [True, False]


def test_that_a_part_with_nothing_in_it_is_unknown_not_zero() -> None:
    found = tails(scenarios(), np.array([100.0, 0.0, 200.0, 0.0]))(PAIRS)
    assert np.isnan(found.es).tolist() == [False, True]


def test_that_a_grouping_is_worked_out_once() -> None:
    cut = tails(scenarios())
    assert cut(PAIRS) is cut(PAIRS)
    assert cut(EACH) is not cut(PAIRS)


def test_that_a_grouping_of_no_groups_has_no_tails() -> None:
    none = Groups((), np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64), np.empty(0))
    assert tails(scenarios())(none).var.shape == (0,)
