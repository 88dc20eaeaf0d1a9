"""The ladder of what breaks first: its order, its words, its pace, and what is not known."""

import math
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from fakes.trading_desk import MASTER, PRICES, book_of
from plimsoll.domain.distance import Distance, Exactness, Reach
from plimsoll.domain.limit import Limit, Measure, Scope, ScopeKind, Severity
from plimsoll.domain.method import RiskMethod
from plimsoll.domain.snapshot import Coverage, PositionState
from plimsoll.engine.distance import DistanceWatch
from plimsoll.engine.ledger import Ledger
from plimsoll.engine.limit_gauge import LimitGauge
from plimsoll.engine.measurement import Measurement, groups_of
from plimsoll.engine.scenario_window import PriceWindow, scenario_matrix
from plimsoll.engine.universe import universe_of
from plimsoll.risk.first_passage import drawdown_touch_probability, loss_touch_probability

NS = 1_000_000_000
NAN = float("nan")
EACH = Scope(ScopeKind.INSTRUMENT)
DAILY = 0.01
N_DAYS = 401


def limit(measure: Measure, line: float, scope: Scope | None = None, limit_id: str = "l") -> Limit:
    return Limit(limit_id, limit_id, measure, line, Severity.HIGH, scope or Scope())


class Floor:
    """1 000 AAPL bought at 280 and 2 000 XOM sold at 55; each day each moves one percent up or down."""

    def __init__(self, *limits: Limit, n_days: int = N_DAYS) -> None:
        self.limits = limits
        book = book_of({"AAPL.US": (1000, 280.0), "XOM.US": (-2000, 55.0)}, {"USD": 820_000.0})
        self.universe = universe_of(book, MASTER)
        self.ledger = Ledger(self.universe, book)
        self.groups = groups_of(self.universe)
        self.mark: NDArray[np.float64] = np.array([PRICES[code] for code in self.universe.codes])
        # Plus and minus one percent in all four combinations alike: no correlation, sigma one percent.
        signs = np.array([(1, 1), (1, -1), (-1, -1), (-1, 1)], dtype=float)
        returns = np.tile(signs * DAILY, (n_days // 4 + 1, 1))[: n_days - 1]
        closes = np.vstack([np.ones(2), np.cumprod(1.0 + returns, axis=0)]) * 100.0
        self.scenarios = scenario_matrix(
            PriceWindow(np.arange(n_days, dtype=np.int64), closes), self.universe
        )
        self.watch = DistanceWatch(self.universe, self.groups, RiskMethod())
        self.state = np.full(2, PositionState.PRICED, dtype=np.uint8)
        self.fresh = 1.0
        self.peak = 1_000_000.0
        self.now_ns = NS
        self.day_left = 1.0

    def measured(self) -> Measurement:
        self.ledger.revalue(self.mark)
        nav = self.ledger.nav()
        unrealised = self.ledger.unrealised(self.mark)
        return Measurement(
            nav=nav,
            day_pnl=nav - 1_000_000.0,
            day_pnl_fx=0.0,
            day_nav=1_000_000.0,
            batch_low_nav=nav,
            var=5_000.0,
            es=6_000.0,
            drawdown=1.0 - nav / self.peak,
            batch_drawdown=1.0 - nav / self.peak,
            value=self.ledger.exposure(self.mark),
            unrealised=unrealised,
            worst_unrealised=unrealised,
            state=self.state,
            coverage=Coverage(1.0, self.fresh, 1.0, 0.0, 2, 0, 0, 0),
        )

    def ladder(self, *, after_s: float = 0.0) -> tuple[Distance, ...]:
        self.now_ns += int(after_s * NS)
        measured = self.measured()
        return self.watch.measure(
            limits=self.limits,
            measured=measured,
            readings=tuple(LimitGauge(each, self.groups).read(measured) for each in self.limits),
            scenarios=self.scenarios,
            ledger=self.ledger,
            mark=self.mark,
            now_ns=self.now_ns,
            day_left_fraction=self.day_left,
        )

    def only(self) -> Distance:
        (found,) = self.ladder(after_s=2.0)
        return found


def test_that_a_daily_loss_is_as_many_sigmas_away_as_by_hand() -> None:
    # NAV 820 000 + 300 000 − 120 000 = 1 000 000; sigma of NAV = 1 % · √(300² + 120²) thousand = 3 231.10.
    distance = Floor(limit(Measure.DAILY_LOSS, 9_000.0)).only()
    sigma = DAILY * math.hypot(300_000, 120_000)
    assert distance.reach is Reach.MOVE
    assert distance.exactness is Exactness.EXACT
    assert distance.sigma == pytest.approx(9_000 / sigma, rel=1e-9)
    assert distance.loss_base == pytest.approx(9_000)
    assert distance.move_fraction == pytest.approx(-0.009)
    apple, exxon = distance.instruments
    # x = −gap·Σg/(g'Σg): Apple falls by 9 000 · 300 000/(300 000² + 120 000²), Exxon rises likewise.
    assert (apple.code, exxon.code) == ("AAPL.US", "XOM.US")
    assert apple.move_fraction == pytest.approx(-9_000 * 300_000 / (300_000**2 + 120_000**2))
    assert exxon.move_fraction == pytest.approx(9_000 * 120_000 / (300_000**2 + 120_000**2))
    assert apple.price == pytest.approx(300.0 * (1.0 + apple.move_fraction))
    assert apple.sigma == pytest.approx(abs(apple.move_fraction) / DAILY)


def test_that_a_position_loss_names_the_price_at_which_it_breaks() -> None:
    # Exxon was sold at 55 and stands at 60: 10 000 lost; 16 000 are lost at 63, five percent or 5 sigmas up.
    distance = Floor(limit(Measure.POSITION_LOSS, 16_000.0, EACH)).only()
    assert distance.member == "XOM.US"
    assert distance.sigma == pytest.approx(5.0)
    assert distance.alone is not None
    assert (distance.alone.code, distance.alone.price) == ("XOM.US", pytest.approx(63.0))
    assert distance.alone.move_fraction == pytest.approx(0.05)


def test_that_a_limit_of_the_book_on_its_worst_position_names_that_position() -> None:
    distance = Floor(limit(Measure.POSITION_LOSS, 16_000.0)).only()
    assert (distance.member, distance.sigma) == ("XOM.US", pytest.approx(5.0))


def test_that_a_broken_limit_is_at_no_distance_and_says_so() -> None:
    distance = Floor(limit(Measure.POSITION_SIZE, 290_000.0, EACH)).only()
    assert (distance.reach, distance.sigma, distance.probability_today) == (Reach.BROKEN, 0.0, 1.0)
    assert distance.member == "AAPL.US"


def test_that_what_no_plausible_move_breaks_has_no_sigmas_but_words() -> None:
    distance = Floor(limit(Measure.DAILY_LOSS, 90_000.0)).only()
    assert distance.reach is Reach.FAR
    assert math.isnan(distance.sigma)
    assert distance.reason == "no move of prices within 8 σ"
    assert distance.probability_today == 0.0


def test_that_a_net_exposure_may_break_on_the_other_side_of_nought() -> None:
    floor = Floor(limit(Measure.NET_EXPOSURE, 5_000.0))
    floor.mark = np.array([120.5, 60.0])  # long 120 500 against short 120 000: net 500
    assert floor.only().sigma == pytest.approx(4_500 / (DAILY * math.hypot(120_500, 120_000)))
    floor.mark = np.array([119.5, 60.0])
    assert floor.only().sigma == pytest.approx(4_500 / (DAILY * math.hypot(119_500, 120_000)), rel=1e-6)


def test_that_the_ladder_goes_from_broken_by_sigmas_to_far_apart_and_unknown() -> None:
    limits = (
        limit(Measure.FEED_LAG_S, 5.0, limit_id="unknown"),
        limit(Measure.DAILY_LOSS, 90_000.0, limit_id="far"),
        limit(Measure.STALE_FRACTION, 0.2, limit_id="apart"),
        limit(Measure.DAILY_LOSS, 9_000.0, limit_id="third"),
        limit(Measure.POSITION_SIZE, 290_000.0, EACH, limit_id="broken"),
        limit(Measure.DAILY_LOSS, 3_000.0, limit_id="second"),
    )
    order = [distance.limit_id for distance in Floor(*limits).ladder()]
    assert order == ["broken", "second", "third", "far", "apart", "unknown"]


def test_that_a_limit_on_stale_prices_is_unknown_and_never_far() -> None:
    floor = Floor(limit(Measure.DAILY_LOSS, 9_000.0), limit(Measure.DAILY_LOSS, 90_000.0, limit_id="m"))
    floor.fresh = 0.5
    for distance in floor.ladder():
        assert (distance.reach, distance.reason) == (Reach.UNKNOWN, "prices are stale")
        assert math.isnan(distance.sigma)


def test_that_one_stale_member_hides_no_near_one_and_makes_none_far() -> None:
    near = limit(Measure.POSITION_LOSS, 12_000.0, EACH, limit_id="near")
    far = limit(Measure.POSITION_LOSS, 100_000.0, EACH, limit_id="far")
    floor = Floor(near, far)
    floor.state = np.array([PositionState.STALE, PositionState.PRICED], dtype=np.uint8)
    first, second = floor.ladder()
    assert (first.limit_id, first.reach, first.member) == ("near", Reach.MOVE, "XOM.US")
    assert "1 of 2 members unknown" in first.reason
    assert (second.limit_id, second.reach) == ("far", Reach.UNKNOWN)


def test_that_without_enough_days_no_distance_is_told() -> None:
    floor = Floor(limit(Measure.DAILY_LOSS, 9_000.0), n_days=50)
    distance = floor.only()
    assert (distance.reach, distance.reason) == (Reach.UNKNOWN, "49 daily scenarios, at least 100 are needed")


def test_that_a_book_without_history_of_most_of_it_has_no_distance() -> None:
    floor = Floor(limit(Measure.DAILY_LOSS, 9_000.0))
    has_history = floor.scenarios.has_history.copy()
    has_history[0] = False
    rows = floor.scenarios.rows.copy()
    rows[0] = 0.0
    floor.scenarios = replace(floor.scenarios, rows=rows, has_history=has_history)
    distance = floor.only()
    assert (distance.reach, distance.reason) == (Reach.UNKNOWN, "71% of it has no price history")


def test_that_what_stands_still_for_want_of_history_is_told() -> None:
    floor = Floor(limit(Measure.DAILY_LOSS, 9_000.0))
    has_history = floor.scenarios.has_history.copy()
    has_history[1] = False
    rows = floor.scenarios.rows.copy()
    rows[1] = 0.0
    floor.scenarios = replace(floor.scenarios, rows=rows, has_history=has_history)
    distance = floor.only()
    assert distance.sigma == pytest.approx(3.0)
    assert distance.reason == "29% of it has no price history and stands still"


@pytest.mark.parametrize("day_left", [1.0, 0.25])
def test_that_the_chance_of_today_is_that_of_first_passage(day_left: float) -> None:
    floor = Floor(limit(Measure.DAILY_LOSS, 9_000.0))
    floor.day_left = day_left
    distance = floor.only()
    expected = loss_touch_probability(distance.sigma, mean=0.0, volatility=1.0, days=day_left)
    assert distance.probability_today == pytest.approx(expected, rel=1e-9)


def test_that_the_chance_of_a_drawdown_knows_that_the_high_moves_along() -> None:
    floor = Floor(limit(Measure.DRAWDOWN, 0.012))
    floor.peak = 1_004_000.0
    distance = floor.only()
    deviation = DAILY * math.hypot(300_000, 120_000)
    gap = 1_000_000.0 - 1_004_000.0 * (1.0 - 0.012)
    assert distance.sigma == pytest.approx(gap / deviation)
    whole = 1_004_000.0 * 0.012
    expected = drawdown_touch_probability(
        whole, mean=0.0, volatility=deviation, days=1.0, drawdown=whole - gap
    )
    assert distance.probability_today == pytest.approx(expected, rel=1e-6)
    assert distance.probability_today > loss_touch_probability(gap, mean=0.0, volatility=deviation, days=1.0)


def test_that_nothing_is_touched_in_a_day_that_is_over() -> None:
    floor = Floor(limit(Measure.DAILY_LOSS, 9_000.0))
    floor.day_left = 0.0
    assert floor.only().probability_today == 0.0


def test_that_a_steady_fall_tells_when_the_line_comes() -> None:
    floor = Floor(limit(Measure.DAILY_LOSS, 9_000.0))
    distance = floor.only()
    for _ in range(30):
        floor.mark = floor.mark - np.array([0.05, 0.0])  # 50 a step of 5 s: ten a second
        (distance,) = floor.ladder(after_s=5.0)
    lost = 30 * 50.0
    assert distance.seconds_at_pace == pytest.approx((9_000 - lost) / 10.0, rel=1e-6)


def test_that_a_measure_moving_away_or_at_random_has_no_arrival() -> None:
    floor = Floor(limit(Measure.DAILY_LOSS, 9_000.0))
    distance = floor.only()
    for step in range(30):
        floor.mark = np.array([300.0 + 0.05 * step, 60.0])
        (distance,) = floor.ladder(after_s=5.0)
    assert math.isnan(distance.seconds_at_pace)
    rng = np.random.default_rng(4)
    for _ in range(30):
        floor.mark = np.array([300.0 + rng.normal(0.0, 0.2), 60.0])
        (distance,) = floor.ladder(after_s=5.0)
    assert math.isnan(distance.seconds_at_pace)


def test_that_asked_again_within_a_second_the_same_ladder_is_given() -> None:
    floor = Floor(limit(Measure.DAILY_LOSS, 9_000.0))
    first = floor.ladder()
    assert floor.ladder(after_s=0.5) is first
    assert floor.ladder(after_s=0.6) is not first


def test_that_a_changed_limit_is_measured_at_once() -> None:
    floor = Floor(limit(Measure.DAILY_LOSS, 9_000.0))
    (before,) = floor.ladder()
    floor.limits = (replace(floor.limits[0], line=6_000.0),)
    (after,) = floor.ladder(after_s=0.1)
    assert after.sigma == pytest.approx(before.sigma * 2.0 / 3.0)


def test_that_an_older_answer_is_scaled_to_now() -> None:
    floor = Floor(*(limit(Measure.DAILY_LOSS, 8_000.0 + 10 * n, limit_id=str(n)) for n in range(40)))
    for _ in range(12):
        floor.ladder(after_s=1.0)
    floor.mark = floor.mark * (1.0 - 1e-5)
    ladder = floor.ladder(after_s=1.0)
    assert {distance.exactness for distance in ladder} == {Exactness.EXACT, Exactness.SCALED}
    deviation = DAILY * math.hypot(300_000, 120_000)
    lost = 1_000_000.0 - floor.measured().nav
    for distance in ladder:
        assert distance.sigma == pytest.approx((distance.limit.line - lost) / deviation, rel=1e-4)


def test_that_no_limits_make_an_empty_ladder() -> None:
    assert Floor().ladder() == ()


def test_that_a_scale_tells_what_breaks_a_limit_on_var_when_prices_do_not() -> None:
    distance = Floor(limit(Measure.VAR, 6_000.0)).only()
    assert distance.reach is Reach.FAR
    assert distance.scale == pytest.approx(1.2)


ALL_SCOPES = (
    Scope(),
    EACH,
    Scope(ScopeKind.SECTOR),
    Scope(ScopeKind.CURRENCY, "USD"),
    Scope(ScopeKind.TAG, "x"),
)


@pytest.mark.parametrize("n_days", [1, 30, N_DAYS])
def test_that_no_measure_on_any_scope_stops_the_ladder(n_days: int) -> None:
    limits = tuple(
        limit(measure, 0.9, scope, f"{measure} {number}")
        for measure in Measure
        for number, scope in enumerate(ALL_SCOPES)
        if scope.kind in measure.scopes
    )
    floor = Floor(*limits, n_days=n_days)
    for mark in (floor.mark, np.array([np.nan, 60.0]), np.array([np.nan, np.nan])):
        floor.mark = mark
        ladder = floor.ladder(after_s=2.0)
        assert sorted(distance.limit_id for distance in ladder) == sorted(each.limit_id for each in limits)
        for distance in ladder:
            assert distance.reach in {Reach.MOVE, Reach.BROKEN} or math.isnan(distance.sigma)
            assert distance.reason or distance.reach in {Reach.MOVE, Reach.BROKEN}


def test_that_what_was_far_is_not_called_far_once_it_is_near() -> None:
    floor = Floor(limit(Measure.DAILY_LOSS, 31_000.0))
    assert floor.only().reach is Reach.FAR
    floor.mark = floor.mark - np.array([25.0, 0.0])
    distance = floor.only()
    assert (distance.reach, distance.exactness) == (Reach.MOVE, Exactness.EXACT)
