"""What the measurer adds to the book's own figures: lag, anchors, stress, groups, live to the limits."""

import math

import numpy as np
import pytest

from fakes.trading_desk import Desk, S, book_of
from plimsoll.domain.feed_status import MarketClock
from plimsoll.domain.limit import Limit, Measure, Scope, ScopeKind, Severity
from plimsoll.domain.stress_scenario import Shock, StressScenario
from plimsoll.engine.events import NoticeRaised

CRASH = StressScenario("crash", "Shares −20 %", (Shock(Scope(ScopeKind.ASSET_CLASS, "equity"), -0.2),))


def limit_on(measure: Measure, line: float, detail: str = "") -> Limit:
    return Limit("one", "One", measure, line, Severity.HIGH, detail=detail)


def value_of(desk: Desk) -> float:
    return desk.snapshot.limits[0].value


def test_that_lag_is_unknown_until_the_clock_is_told_and_then_the_way_of_the_newest_tick() -> None:
    desk = Desk(book_of({"AAPL.US": (1000, 280.0)}), (limit_on(Measure.FEED_LAG_S, 5.0),))
    desk.trade({"AAPL.US": 300.0})
    assert math.isnan(value_of(desk))
    desk.engine.follow_clock(MarketClock(desk.exchange_ns, desk.now_ns - 2 * S, 60.0))
    desk.trade({"AAPL.US": 300.0})
    assert value_of(desk) == pytest.approx(2.0)
    desk.exchange_ns += 60 * S  # one second of the replay later, heard at once
    desk.trade({"AAPL.US": 300.0})
    assert value_of(desk) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("measure", "detail", "expected"),
    [
        (Measure.TRAILING_LOSS, "2", 30_000.0),  # 330 yesterday, 300 now, a thousand shares
        (Measure.DRAWDOWN, "start", 0.0),
        (Measure.DRAWDOWN, "day", 10_000 / 1_310_000),
    ],
)
def test_that_falls_are_measured_from_the_anchor_the_limit_names(
    measure: Measure, detail: str, expected: float
) -> None:
    desk = Desk(book_of({"AAPL.US": (1000, 280.0)}), (limit_on(measure, 0.9, detail),))
    for price in (300.0, 330.0, 310.0):
        desk.trade({"AAPL.US": price})
    desk.pass_time(86_400)
    desk.trade({"AAPL.US": 310.0})
    desk.trade({"AAPL.US": 300.0})
    assert value_of(desk) == pytest.approx(expected, abs=1e-9)


def test_that_a_stress_loss_is_live_and_of_nav() -> None:
    desk = Desk(
        book_of({"AAPL.US": (1000, 280.0)}),
        (limit_on(Measure.STRESS_LOSS_FRACTION, 0.5, "crash"),),
        scenarios=(CRASH,),
    )
    desk.trade({"AAPL.US": 300.0})
    assert value_of(desk) == pytest.approx(60_000 / 1_300_000)
    (line,) = desk.snapshot.stress
    assert (line.name, line.loss_base) == ("Shares −20 %", pytest.approx(60_000.0))
    desk.pass_time(1)
    desk.trade({"AAPL.US": 400.0})
    assert desk.snapshot.stress[0].loss_base == pytest.approx(80_000.0)


def test_that_what_no_scenario_names_is_unknown_and_not_fine() -> None:
    desk = Desk(
        book_of({"AAPL.US": (1000, 280.0)}),
        (limit_on(Measure.STRESS_LOSS, 1e6, "another"),),
        scenarios=(CRASH,),
    )
    desk.trade({"AAPL.US": 300.0})
    assert np.isnan(value_of(desk))
    assert desk.snapshot.n_unknown_limits == 1


def test_that_one_alert_tells_when_prices_no_longer_vouch_and_one_when_they_do_again() -> None:
    desk = Desk(book_of({"AAPL.US": (1000, 280.0)}))
    desk.trade({"AAPL.US": 300.0})
    desk.beat()
    told = []
    for _ in range(60):
        desk.pass_time(1.0)
        told += [event for event in desk.beat() if isinstance(event, NoticeRaised)]
    desk.trade({"AAPL.US": 301.0})
    told += [event for event in desk.beat() if isinstance(event, NoticeRaised)]
    assert [notice.is_alarm for notice in told] == [True, False]
    assert [row.body["is_alarm"] for row in desk.journal.rows(("notice",))] == [True, False]
