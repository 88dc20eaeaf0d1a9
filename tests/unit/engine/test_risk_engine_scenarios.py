"""Scenarios that a person saves while the desk runs are the ones it reprices under from then on."""

import math

import pytest

from fakes.trading_desk import Desk, book_of
from plimsoll.domain.limit import Limit, Measure, Scope, ScopeKind, Severity
from plimsoll.domain.stress_scenario import Shock, StressScenario

LIMIT = Limit("stress", "Stress", Measure.STRESS_LOSS, 50_000.0, Severity.HIGH, detail="fall")


def fall(fraction: float) -> StressScenario:
    return StressScenario("fall", "Everything falls", (Shock(Scope(ScopeKind.BOOK), -fraction),))


def test_that_a_saved_scenario_is_repriced_and_a_limit_on_one_that_is_gone_is_unknown() -> None:
    desk = Desk(book_of({"AAPL.US": (1000, 280.0)}), (LIMIT,), scenarios=(fall(0.1),))
    desk.open()
    assert desk.snapshot.limits[0].value == pytest.approx(30_000.0)
    desk.engine.use_scenarios((fall(0.2),))
    desk.pass_time(1.0)
    desk.beat()
    assert desk.snapshot.limits[0].value == pytest.approx(60_000.0)
    assert [line.loss_base for line in desk.snapshot.stress] == pytest.approx([60_000.0])
    desk.engine.use_scenarios(())
    desk.pass_time(1.0)
    desk.beat()
    assert math.isnan(desk.snapshot.limits[0].value)
