"""One snapshot, whose figures agree with each other."""

import math

import numpy as np
import pytest

from fakes.trading_desk import MIXED, PRICES, Desk, book_of, random_window
from plimsoll.domain.limit import Limit, LimitState, Measure, Scope, ScopeKind, Severity
from plimsoll.domain.method import RiskMethod
from plimsoll.domain.quality import Quality
from plimsoll.domain.snapshot import GaugeReading, RiskSnapshot

HELD = {"AAPL.US": (1000, 280.0), "XOM.US": (-2000, 55.0), "SPIN.US": (5000, 0.0)}
LIMITS = (
    Limit("var", "VaR", Measure.VAR, 50_000.0, Severity.HIGH),
    Limit("varf", "VaR of NAV", Measure.VAR_FRACTION, 0.02, Severity.HIGH),
    Limit("lev", "Leverage", Measure.GROSS_LEVERAGE, 2.0, Severity.HIGH),
    Limit("size", "Size", Measure.POSITION_SIZE, 400_000.0, Severity.MEDIUM, Scope(ScopeKind.INSTRUMENT)),
    Limit(
        "one",
        "One size",
        Measure.POSITION_SIZE,
        100_000.0,
        Severity.MEDIUM,
        Scope(ScopeKind.INSTRUMENT, "XOM.US"),
    ),
    Limit("tech", "Tech", Measure.GROSS_WEIGHT, 0.5, Severity.HIGH, Scope(ScopeKind.SECTOR, "Technology")),
    Limit("sec", "Sector", Measure.NET_WEIGHT, 0.9, Severity.HIGH, Scope(ScopeKind.SECTOR)),
)


def desk_of(limits: tuple[Limit, ...] = LIMITS, *, has_history: bool = True) -> Desk:
    desk = Desk(book_of(HELD, {"USD": 500_000.0}), limits)
    if has_history:
        desk.engine.use_window(random_window(3, 300, 3, {0: 300.0, 1: 60.0, 2: 12.0}))
    desk.open()
    return desk


def gauge(shot: RiskSnapshot, key: str) -> GaugeReading:
    return next(reading for reading in shot.gauges if reading.key == key)


def test_that_totals_are_sums_of_the_grid() -> None:
    shot = desk_of().snapshot
    value = shot.table.value_base
    assert value.tolist() == [300_000.0, -120_000.0, 60_000.0]
    assert (shot.nav, shot.gross, shot.net) == (740_000.0, 480_000.0, 240_000.0)
    assert (shot.long, shot.short) == (360_000.0, 120_000.0)
    assert (shot.leverage, shot.net_leverage) == pytest.approx((480 / 740, 240 / 740))
    assert shot.table.weight_fraction == pytest.approx(value / 740_000)
    assert shot.table.es_contribution_base.sum() == pytest.approx(shot.es)


def test_that_concentration_is_on_gross_weights_of_names() -> None:
    shot = desk_of().snapshot
    weights = np.array([300, 120, 60]) / 480
    assert shot.hhi == pytest.approx(float((weights**2).sum()))
    assert shot.effective_number == pytest.approx(1 / shot.hhi)


def test_that_sixty_long_and_fifty_short_is_an_hhi_of_0_504_and_no_sector_of_600_percent() -> None:
    desk = Desk(book_of({"AAPL.US": (200, 300.0), "XOM.US": (-833, 60.0)}, {"USD": 0.0}))
    desk.trade({"AAPL.US": 300.0, "XOM.US": 50_000 / 833})
    shot = desk.snapshot
    sectors = next(grouping for grouping in shot.groupings if grouping.name == "sector")
    assert sectors.hhi == pytest.approx((60 / 110) ** 2 + (50 / 110) ** 2)
    assert round(sectors.hhi, 3) == 0.504
    assert (shot.gross, shot.net, shot.long, shot.short) == pytest.approx((110_000, 10_000, 60_000, 50_000))


def test_that_a_neutral_book_divides_by_nothing() -> None:
    desk = Desk(book_of({"AAPL.US": (200, 300.0), "XOM.US": (-1000, 60.0)}, {"USD": 0.0}))
    desk.trade({"AAPL.US": 300.0, "XOM.US": 60.0})
    shot = desk.snapshot
    assert (shot.nav, shot.net, shot.gross) == (0.0, 0.0, 120_000.0)
    assert math.isnan(shot.leverage)
    assert shot.hhi == pytest.approx(0.5)


def test_that_an_empty_book_has_no_concentration() -> None:
    desk = Desk(book_of({}, {"USD": 500.0}))
    desk.beat()
    shot = desk.snapshot
    assert shot.nav == 500.0
    assert math.isnan(shot.hhi)
    assert math.isnan(shot.effective_number)
    assert len(shot.table) == 0


@pytest.mark.parametrize(("price", "fraction"), [(40.0, 0.20), (60.0, -0.20)])
def test_that_a_short_from_50_to_40_earned_twenty_percent(price: float, fraction: float) -> None:
    desk = Desk(book_of({"XOM.US": (-100, 50.0)}))
    desk.trade({"XOM.US": price})
    assert desk.snapshot.table.unrealised_fraction[0] == pytest.approx(fraction)


def test_that_a_position_that_cost_nothing_has_no_percentage() -> None:
    shot = desk_of().snapshot
    assert shot.table.unrealised_base[2] == 60_000.0
    assert math.isnan(shot.table.unrealised_fraction[2])


def test_that_each_position_shows_its_worst_use_of_any_limit_on_it() -> None:
    assert desk_of().snapshot.table.limit_use_fraction == pytest.approx([0.75, 1.2, 0.15])
    assert np.isnan(desk_of(LIMITS[:1]).snapshot.table.limit_use_fraction).all()


def test_that_a_limit_on_a_position_not_held_marks_none() -> None:
    scope = Scope(ScopeKind.INSTRUMENT, "VOD.L")
    limit = Limit("x", "X", Measure.POSITION_SIZE, 1.0, Severity.HIGH, scope)
    assert np.isnan(desk_of((limit,)).snapshot.table.limit_use_fraction).all()


def test_that_groups_come_largest_first_with_their_tightest_line() -> None:
    sectors = next(grouping for grouping in desk_of().snapshot.groupings if grouping.name == "sector")
    assert sectors.labels == ("Technology", "Energy", "SPIN.US")
    assert sectors.net_base.tolist() == [300_000.0, -120_000.0, 60_000.0]
    assert sectors.gross_base.tolist() == [300_000.0, 120_000.0, 60_000.0]
    assert sectors.line_fraction.tolist() == [0.5, 0.9, 0.9]
    assert sectors.gross_weight_fraction == pytest.approx(np.array([300, 120, 60]) / 740)
    names = [grouping.name for grouping in desk_of().snapshot.groupings]
    assert names == ["sector", "asset_class", "currency", "country"]


def test_that_a_gauge_stands_under_the_tightest_of_its_limits_in_its_own_unit() -> None:
    shot = desk_of().snapshot
    reading = gauge(shot, "var")
    assert reading.line == pytest.approx(0.02 * 740_000)  # tighter than 50 000
    assert reading.value == shot.var
    assert reading.use_fraction == pytest.approx(shot.var / 740_000 / 0.02)
    assert (reading.quality, reading.title) == (Quality.GOOD, "VaR 95% · 1 day")
    assert gauge(shot, "es").title == "ES 97.5% · 1 day"
    assert gauge(shot, "gross").line == 2.0


def test_that_a_gauge_without_a_limit_has_no_line() -> None:
    reading = gauge(desk_of(()).snapshot, "gross")
    assert math.isnan(reading.line)
    assert math.isnan(reading.use_fraction)
    assert reading.state is LimitState.FINE


def test_that_a_gauge_without_its_figure_is_unknown_and_says_why() -> None:
    shot = desk_of(has_history=False).snapshot
    reading = gauge(shot, "var")
    assert math.isnan(reading.value)
    assert (reading.state, reading.quality) == (LimitState.UNKNOWN, Quality.UNKNOWN)
    assert reading.note == shot.var_note
    assert gauge(desk_of((), has_history=False).snapshot, "es").state is LimitState.UNKNOWN


def test_that_a_gauge_of_a_figure_nobody_can_vouch_for_says_so() -> None:
    desk = desk_of()
    desk.pass_time(60)
    desk.beat()
    reading = gauge(desk.snapshot, "gross")
    assert (reading.state, reading.quality, reading.note) == (
        LimitState.UNKNOWN,
        Quality.LOW,
        "prices are stale",
    )


def test_that_before_nav_is_known_a_share_of_it_is_no_line_in_money() -> None:
    desk = Desk(book_of(HELD), LIMITS[1:2])
    desk.beat()
    assert math.isnan(gauge(desk.snapshot, "var").line)


def test_that_the_worst_known_limit_is_named_and_the_unknown_are_counted() -> None:
    shot = desk_of().snapshot
    assert shot.worst is not None
    assert shot.worst.limit.limit_id == "one"
    assert shot.n_unknown_limits == 0
    without = desk_of(has_history=False).snapshot
    assert without.n_unknown_limits == 2
    assert [s.limit.limit_id for s in without.limits] == [limit.limit_id for limit in LIMITS]


def test_that_snapshots_count_up_and_cannot_be_written_to() -> None:
    desk = desk_of()
    first, second = desk.snapshot, desk.snapshot
    assert second.number == first.number + 1
    assert first.table.instruments is second.table.instruments
    for name in ("mark", "value_base", "day_low", "state", "quantity", "age_s", "es_contribution_base"):
        assert not getattr(first.table, name).flags.writeable, name
    assert not first.scenario_pnl.flags.writeable
    assert len(first.scenario_pnl) == first.n_scenarios == 299


def test_that_an_old_snapshot_does_not_change_with_the_market() -> None:
    desk = desk_of()
    shot = desk.snapshot
    kept = (shot.nav, shot.table.mark.copy(), shot.table.value_base.copy(), shot.scenario_pnl.copy())
    desk.trade({"AAPL.US": 100.0})
    assert shot.nav == kept[0]
    assert np.array_equal(shot.table.mark, kept[1])
    assert np.array_equal(shot.table.value_base, kept[2])
    assert np.array_equal(shot.scenario_pnl, kept[3])


def test_that_figures_agree_on_a_book_of_every_kind() -> None:
    desk = Desk(book_of(MIXED, {"USD": 900_000.0}), LIMITS, RiskMethod())
    desk.open()
    shot = desk.snapshot
    assert shot.gross == pytest.approx(float(np.abs(shot.table.value_base).sum()))
    assert shot.long - shot.short == pytest.approx(shot.net)
    codes = [item.code for item in shot.table.instruments]
    assert shot.table.mark.tolist() == [PRICES[code] for code in codes]
