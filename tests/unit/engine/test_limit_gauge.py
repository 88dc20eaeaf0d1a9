"""Every measure on every scope it can have, against values worked out by hand."""

import math
from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest

from fakes.trading_desk import Desk, S, book_of
from plimsoll.domain.limit import Limit, LimitState, Measure, Scope, ScopeKind, Severity
from plimsoll.domain.position import Fill
from plimsoll.domain.snapshot import LimitStatus
from plimsoll.engine.limit_gauge import LimitGauge
from plimsoll.engine.measurement import groups_of
from plimsoll.engine.scenario_window import PriceWindow

HELD = {
    "AAPL.US": (1000, 280.0),  # long 300 000, +20 000
    "XOM.US": (-2000, 55.0),  # short 120 000, −10 000
    "SPIN.US": (5000, 0.0),  # unclassified, long 60 000, came for nothing
    "USOIL": (-2, 45.0),  # short 102 000, unfunded, −12 000
    "USDJPY": (100_000, 111.0),  # long 100 000 dollars against yen, unfunded, nothing earned
}
PRICES = {"AAPL.US": 300.0, "XOM.US": 60.0, "SPIN.US": 12.0, "USOIL": 51.0, "USDJPY": 111.0}
NAV = 500_000 + 300_000 - 120_000 + 60_000 - 12_000 + 0.0
GROSS = 300_000 + 120_000 + 60_000 + 102_000 + 100_000
NET = 300_000 - 120_000 + 60_000 - 102_000 + 100_000
WEIGHTS = np.array([300, 120, 60, 102, 100]) / 682


def desk_with(*limits: Limit) -> Desk:
    return Desk(book_of(HELD, {"USD": 500_000.0}), limits)


def status_of(measure: Measure, scope: Scope | None = None, *, line: float = 1e9) -> LimitStatus:
    desk = desk_with(Limit("l", "L", measure, line, Severity.HIGH, scope or Scope()))
    desk.trade(PRICES)
    return desk.snapshot.limits[0]


@pytest.mark.parametrize(
    ("measure", "value"),
    [
        (Measure.GROSS_LEVERAGE, GROSS / NAV),
        (Measure.NET_LEVERAGE, NET / NAV),
        (Measure.GROSS_WEIGHT, GROSS / NAV),
        (Measure.NET_WEIGHT, NET / NAV),
        (Measure.HHI, float((WEIGHTS**2).sum())),
        (Measure.POSITION_SIZE, 300_000.0),
        (Measure.POSITION_LOSS, 12_000.0),
        (Measure.DRAWDOWN, 0.0),
    ],
)
def test_that_a_limit_on_the_book_measures_what_its_name_says(measure: Measure, value: float) -> None:
    status = status_of(measure)
    assert status.value == pytest.approx(value, rel=1e-12)
    assert status.member == ""
    assert status.state is LimitState.FINE


@pytest.mark.parametrize(
    ("kind", "member", "net", "gross", "loss"),
    [
        (ScopeKind.INSTRUMENT, "XOM.US", -120_000, 120_000, 10_000),
        (ScopeKind.INSTRUMENT, "USDJPY", 100_000, 100_000, 0),
        (ScopeKind.SECTOR, "Energy", -222_000, 222_000, 22_000),
        (ScopeKind.SECTOR, "Technology", 300_000, 300_000, -20_000),
        (ScopeKind.SECTOR, "SPIN.US", 60_000, 60_000, -60_000),
        (ScopeKind.ASSET_CLASS, "equity", 240_000, 480_000, -70_000),
        (ScopeKind.ASSET_CLASS, "commodity", -102_000, 102_000, 12_000),
        (ScopeKind.CURRENCY, "USD", 238_000, 682_000, -58_000),
        (ScopeKind.CURRENCY, "JPY", -100_000, 100_000, 0),
        (ScopeKind.COUNTRY, "US", 78_000, 522_000, 2_000),
    ],
)
def test_that_a_limit_on_one_member_measures_that_member(
    kind: ScopeKind, member: str, net: float, gross: float, loss: float
) -> None:
    scope = Scope(kind, member)
    assert status_of(Measure.NET_WEIGHT, scope).value == pytest.approx(abs(net) / NAV)
    assert status_of(Measure.GROSS_WEIGHT, scope).value == pytest.approx(gross / NAV)
    assert status_of(Measure.POSITION_SIZE, scope).value == pytest.approx(abs(net))
    assert status_of(Measure.POSITION_LOSS, scope).value == pytest.approx(loss, abs=1e-9)
    assert status_of(Measure.POSITION_LOSS, scope).member == member


@pytest.mark.parametrize(
    ("kind", "worst"),
    [
        (ScopeKind.INSTRUMENT, "AAPL.US"),
        (ScopeKind.SECTOR, "Technology"),
        (ScopeKind.ASSET_CLASS, "equity"),
        (ScopeKind.CURRENCY, "USD"),
        (ScopeKind.COUNTRY, "US"),
    ],
)
def test_that_a_limit_on_each_member_shows_the_worst(kind: ScopeKind, worst: str) -> None:
    assert status_of(Measure.GROSS_WEIGHT, Scope(kind)).member == worst


def test_that_a_short_breaches_a_size_limit() -> None:
    status = status_of(Measure.POSITION_SIZE, Scope(ScopeKind.INSTRUMENT, "XOM.US"), line=100_000.0)
    assert status.state is LimitState.OVER
    assert status.use_fraction == pytest.approx(1.2)


def test_that_a_gain_uses_nothing_of_a_loss_limit() -> None:
    status = status_of(Measure.POSITION_LOSS, Scope(ScopeKind.INSTRUMENT, "AAPL.US"), line=1_000.0)
    assert (status.value, status.use_fraction, status.state) == (-20_000.0, 0.0, LimitState.FINE)


@pytest.mark.parametrize(("price", "loss"), [(70.0, 30_000.0), (50.0, -10_000.0)])
def test_that_a_short_loses_when_its_price_rises(price: float, loss: float) -> None:
    scope = Scope(ScopeKind.INSTRUMENT, "XOM.US")
    desk = desk_with(Limit("l", "L", Measure.POSITION_LOSS, 1e9, Severity.HIGH, scope))
    desk.trade({**PRICES, "XOM.US": price})
    assert desk.snapshot.limits[0].value == pytest.approx(loss)


@pytest.mark.parametrize("member", ["AAPL.US", "XOM.US"])
def test_that_a_position_s_worst_tick_between_two_frames_is_judged(member: str) -> None:
    limit = Limit(
        "l", "L", Measure.POSITION_LOSS, 15_000.0, Severity.HIGH, Scope(ScopeKind.INSTRUMENT, member)
    )
    desk = desk_with(limit)
    desk.trade(PRICES)
    worst = {"AAPL.US": 260.0, "XOM.US": 64.0}[member]
    events = desk.apply([desk.row(member, price) for price in (PRICES[member], worst, PRICES[member])])
    assert len(events) == 1
    (breach,) = desk.snapshot.breaches
    assert breach.value == pytest.approx({"AAPL.US": 20_000.0, "XOM.US": 18_000.0}[member])


def test_that_daily_loss_is_measured_in_money_and_of_nav_at_the_roll() -> None:
    money = Limit("m", "M", Measure.DAILY_LOSS, 1e9, Severity.HIGH)
    part = replace(money, limit_id="f", measure=Measure.DAILY_LOSS_FRACTION)
    desk = desk_with(money, part)
    desk.trade(PRICES)
    for status in desk.snapshot.limits:
        assert (status.state, status.reason) == (
            LimitState.UNKNOWN,
            "the reference of the day is not known yet",
        )
    desk.exchange_ns += 86_400 * S
    desk.trade(PRICES)
    desk.trade({"AAPL.US": 290.0})
    desk.engine.take_fill(Fill("F", "XOM.US", Decimal(2000), Decimal(60), Decimal(14)), desk.now_ns)
    in_money, in_parts = desk.snapshot.limits
    assert in_money.value == pytest.approx(10_014.0)
    assert in_parts.value == pytest.approx(10_014.0 / NAV)


def test_that_a_daily_loss_between_two_frames_is_judged() -> None:
    desk = desk_with(Limit("m", "M", Measure.DAILY_LOSS, 15_000.0, Severity.HIGH))
    desk.trade(PRICES)
    desk.exchange_ns += 86_400 * S
    desk.trade(PRICES)
    desk.apply([desk.row("AAPL.US", price) for price in (284.0, 310.0)])
    (breach,) = desk.snapshot.breaches
    assert breach.value == pytest.approx(16_000.0)
    assert desk.snapshot.limits[0].value == pytest.approx(-10_000.0)


def test_that_var_and_es_are_measured_in_money_and_of_nav() -> None:
    measures = (Measure.VAR, Measure.VAR_FRACTION, Measure.ES, Measure.ES_FRACTION)
    desk = desk_with(*(Limit(str(m), str(m), m, 1e9, Severity.HIGH) for m in measures))
    desk.trade(PRICES)
    assert {status.reason for status in desk.snapshot.limits} == {"price history is missing"}
    rng = np.random.default_rng(0)
    closes = np.array([PRICES[code] for code in desk.universe.codes]) * np.exp(rng.normal(0, 0.01, (300, 5)))
    desk.engine.use_window(PriceWindow(np.arange(300, dtype=np.int64), closes))
    desk.trade(PRICES)
    shot = desk.snapshot
    values = [status.value for status in shot.limits]
    assert values == pytest.approx([shot.var, shot.var / NAV, shot.es, shot.es / NAV])
    assert shot.es >= shot.var > 0.0


def test_that_drawdown_is_unknown_until_every_position_has_a_price() -> None:
    desk = desk_with(Limit("d", "D", Measure.DRAWDOWN, 0.1, Severity.HIGH))
    desk.beat()
    assert desk.snapshot.limits[0].reason == "nothing is priced yet"
    desk.trade({"AAPL.US": 300.0})
    assert desk.snapshot.limits[0].reason == "not every position has a price yet"
    assert desk.snapshot.limits[0].state is LimitState.UNKNOWN


def test_that_var_of_a_book_without_prices_says_nothing_is_priced() -> None:
    desk = desk_with(Limit("v", "V", Measure.VAR, 1.0, Severity.HIGH))
    desk.beat()
    assert desk.snapshot.limits[0].reason == "nothing is priced yet"


@pytest.mark.parametrize("measure", [Measure.POSITION_LOSS, Measure.POSITION_SIZE, Measure.HHI])
def test_that_the_largest_of_nothing_is_unknown(measure: Measure) -> None:
    desk = desk_with(Limit("l", "L", measure, 1.0, Severity.HIGH))
    desk.beat()
    assert desk.snapshot.limits[0].state is LimitState.UNKNOWN
    assert math.isnan(desk.snapshot.limits[0].value)


def test_that_shares_of_a_book_worth_nothing_are_unknown_not_endless() -> None:
    desk = Desk(
        book_of({"AAPL.US": (1000, 280.0)}, {"USD": -300_000.0}),
        (Limit("l", "L", Measure.GROSS_LEVERAGE, 1.0, Severity.HIGH),),
    )
    desk.trade({"AAPL.US": 300.0})
    (status,) = desk.snapshot.limits
    assert (status.state, status.reason) == (LimitState.UNKNOWN, "NAV is not above zero")


def test_that_a_group_with_an_unpriced_member_is_unknown_and_names_why() -> None:
    desk = desk_with(
        Limit("l", "L", Measure.GROSS_WEIGHT, 0.9, Severity.HIGH, Scope(ScopeKind.SECTOR, "Energy"))
    )
    desk.trade({"AAPL.US": 300.0, "XOM.US": 60.0})
    (status,) = desk.snapshot.limits
    assert (status.state, status.reason) == (LimitState.UNKNOWN, "a price is missing")
    assert math.isnan(status.value)


def test_that_a_measure_of_the_book_asked_of_members_is_unknown_with_a_reason() -> None:
    status = status_of(Measure.VAR, Scope(ScopeKind.SECTOR))
    assert (status.state, status.reason) == (LimitState.UNKNOWN, "price history is missing")


def test_that_a_member_nobody_holds_is_unknown() -> None:
    status = status_of(Measure.GROSS_WEIGHT, Scope(ScopeKind.SECTOR, "Utilities"))
    assert (status.state, status.member, status.reason) == (
        LimitState.UNKNOWN,
        "Utilities",
        "nothing is held there",
    )


def test_that_near_begins_at_the_warning_level() -> None:
    assert status_of(Measure.POSITION_SIZE, line=300_000 / 0.8 + 1).state is LimitState.FINE
    assert status_of(Measure.POSITION_SIZE, line=300_000 / 0.8).state is LimitState.NEAR
    assert status_of(Measure.POSITION_SIZE, line=300_000.0).state is LimitState.NEAR
    assert status_of(Measure.POSITION_SIZE, line=299_999.0).state is LimitState.OVER


def test_that_a_gauge_knows_its_limit() -> None:
    limit = Limit("l", "L", Measure.HHI, 1.0, Severity.HIGH)
    assert LimitGauge(limit, groups_of(desk_with().universe)).limit is limit
