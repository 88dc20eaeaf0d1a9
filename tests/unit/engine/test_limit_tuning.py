"""A line tried on a path does what the live watch does with it, and its costs are what a pencil says."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakes.memory_journal import MemoryJournal
from plimsoll.domain.breach import Evidence
from plimsoll.domain.limit import Limit, Measure, Severity
from plimsoll.domain.person import only_person
from plimsoll.domain.snapshot import Coverage
from plimsoll.domain.tuning import MeasurePath, refused_path
from plimsoll.engine.confirmation import Confirmation
from plimsoll.engine.events import BreachRaised, Event
from plimsoll.engine.limit_tuning import DAY_NS, LOSS_CUT, tuned
from plimsoll.engine.limit_watch import EASE_AFTER_NS, Instant, LimitWatch
from plimsoll.engine.measurement import Measurement

NAN = math.nan
VAR = Limit("var", "VaR", Measure.VAR, 100.0, Severity.HIGH, warning_fraction=0.8, reset_fraction=0.9)
LOSS = Limit("loss", "Daily loss", Measure.DAILY_LOSS, 100.0, Severity.HIGH)
CUSHION = Limit("cushion", "Cushion", Measure.MARGIN_CUSHION, 0.2, Severity.HIGH)
LEVELS = st.sampled_from([50.0, 85.0, 95.0, 100.0, 101.0, 140.0, NAN])


def path_of(
    values: list[float], limit: Limit = VAR, *, pnl: list[float] | None = None, cost: float = 10.0
) -> MeasurePath:
    n = len(values)
    earned = np.array(pnl if pnl is not None else [0.0] * n)[:, None]
    table = np.array(values, dtype=np.float64)[:, None]
    return MeasurePath(limit, ("",), np.arange(1, n + 1, dtype=np.int64), table, earned, np.array([cost]))


class _NoEvidence:
    def for_breach(self, limit: Limit, member: str) -> Evidence:
        del limit, member
        return Evidence()


def live(values: list[float], limit: Limit) -> list[int]:
    """Return the days on which the live watch raises, fed one value a day that stands until the next."""
    told: list[Event] = []
    watch = LimitWatch((limit,), {}, MemoryJournal(), only_person("ana"))
    whole = Coverage(1.0, 1.0, 1.0, 0.0, 0, 0, 0, 0)
    none = np.empty(0)
    looks = sorted(
        {0, EASE_AFTER_NS, EASE_AFTER_NS + int(limit.cool_down_s * 1e9), int(limit.confirm_s * 1e9)}
    )
    for day, value in enumerate(values, start=1):
        watch.read(
            Measurement(
                1e6,
                0.0,
                0.0,
                1e6,
                1e6,
                value,
                value,
                0.0,
                0.0,
                none,
                none,
                none,
                none.astype(np.uint8),
                whole,
            )
        )
        for after_ns in looks:
            now_ns = day * DAY_NS + after_ns
            watch.judge(Instant(now_ns, now_ns), _NoEvidence(), told.append, has_ticks=after_ns == 0)
    raised = [event.breach.raised_received_ns // DAY_NS for event in told if isinstance(event, BreachRaised)]
    return [int(day) for day in raised]


@given(values=st.lists(LEVELS, min_size=1, max_size=30), cool_down_s=st.sampled_from([0.0, 60.0, 3600.0]))
def test_that_it_raises_on_the_days_the_live_watch_does(values: list[float], cool_down_s: float) -> None:
    limit = replace(VAR, cool_down_s=cool_down_s)
    found = tuned(path_of(values, limit), limit)
    assert found.crossings.raised_day.tolist() == live(values, limit)


@given(values=st.lists(LEVELS, min_size=1, max_size=30), confirm_s=st.sampled_from([60.0, 7200.0]))
def test_that_time_beyond_the_line_confirms_as_it_does_live(values: list[float], confirm_s: float) -> None:
    limit = replace(VAR, confirm_s=confirm_s, cool_down_s=0.0)
    found = tuned(path_of(values, limit), limit)
    assert found.crossings.raised_day.tolist() == live(values, limit)


@given(values=st.lists(LEVELS, min_size=1, max_size=30), n=st.integers(1, 3), m=st.integers(1, 4))
def test_that_closes_confirm_as_updates_do_live(values: list[float], n: int, m: int) -> None:
    limit = replace(VAR, confirm_updates=n, confirm_of=m, cool_down_s=0.0)
    confirmation = Confirmation((limit,), np.zeros(1, dtype=np.intp))
    believed = []
    for day, value in enumerate(values, start=1):
        now = np.array([value])
        believed.append(bool(confirmation.confirmed(now, now, now > 100.0, now > 100.0, day * DAY_NS)[0]))
    open_days, is_open = [], False
    for day, value in enumerate(values, start=1):
        if believed[day - 1] and not is_open:
            open_days.append(day)
        is_open = (is_open or believed[day - 1]) and not value < 90.0
    assert tuned(path_of(values, limit), limit).crossings.raised_day.tolist() == open_days


def test_that_a_confirmation_of_days_waits_for_days() -> None:
    limit = replace(VAR, confirm_s=2 * 86_400.0)
    found = tuned(path_of([120.0, 50.0, 120.0, NAN, 120.0]), limit)
    assert found.crossings.raised_day.tolist() == [5]
    assert tuned(path_of([120.0, 120.0, 50.0]), limit).crossings.raised_day.tolist() == [2]


def test_that_a_cool_down_longer_than_a_day_makes_one_breach_of_two() -> None:
    values = [120.0, 50.0, 50.0, 120.0, 50.0]
    assert tuned(path_of(values), VAR).n_breaches == 2
    assert tuned(path_of(values), replace(VAR, cool_down_s=3 * 86_400.0)).n_breaches == 1
    between = [120.0, 50.0, 95.0, 95.0, 50.0, 120.0]  # it has cooled down when it is below again
    assert tuned(path_of(between), replace(VAR, cool_down_s=3 * 86_400.0)).n_breaches == 2


def test_that_warnings_are_counted_as_they_come_and_days_as_they_stand() -> None:
    found = tuned(path_of([50.0, 85.0, 95.0, 120.0, 85.0, 50.0, 120.0, NAN, 50.0]), VAR)
    assert (found.n_warnings, found.n_warning_days, found.n_over_days, found.n_breaches) == (2, 5, 2, 2)
    assert found.n_days == 9


def test_that_acting_costs_two_trades_and_saves_what_the_part_sold_would_have_lost() -> None:
    pnl = [0.0, -50.0, -200.0, 100.0, -1000.0]
    found = tuned(path_of([50.0, 125.0, 150.0, 80.0, 80.0], pnl=pnl), VAR)
    crossing = found.crossings
    assert crossing.cut_fraction == pytest.approx(0.2)  # 125 to its line of 100
    assert crossing.saved_base == pytest.approx(0.2 * 100.0)  # it lost 200 and made 100 while cut
    assert crossing.cost_base == pytest.approx(2 * 0.2 * 10.0)
    assert (crossing.raised_day, crossing.over_day, crossing.is_over) == (2, 4, True)
    assert found.net_base == pytest.approx(20.0 - 4.0)
    assert found.longest_days == 2


def test_that_one_still_open_has_paid_one_trade_and_a_past_loss_cuts_half() -> None:
    crossing = tuned(path_of([50.0, 200.0, 200.0], LOSS, pnl=[0.0, 0.0, -10.0]), LOSS).crossings
    assert (crossing.is_over, crossing.cut_fraction) == (False, LOSS_CUT)
    assert crossing.cost_base == pytest.approx(LOSS_CUT * 10.0)
    assert crossing.saved_base == pytest.approx(LOSS_CUT * 10.0)


def test_that_a_floor_breaks_below_its_line() -> None:
    found = tuned(path_of([0.5, 0.15, -0.1, 0.5], CUSHION), CUSHION)
    crossing = found.crossings
    assert (crossing.raised_day, found.n_over_days) == (2, 2)
    assert crossing.cut_fraction == pytest.approx(0.25)


def test_that_an_unknown_spread_leaves_the_cost_unknown() -> None:
    found = tuned(path_of([50.0, 125.0, 50.0], cost=NAN), VAR)
    assert math.isnan(found.cost_base)
    assert math.isnan(found.net_base)
    assert found.saved_base == 0.0


@given(
    values=st.lists(LEVELS, min_size=1, max_size=30), line=st.floats(40.0, 150.0), more=st.floats(0.0, 50.0)
)
def test_that_a_wider_line_is_crossed_on_no_more_days(values: list[float], line: float, more: float) -> None:
    path = path_of(values)
    tight, wide = (tuned(path, replace(VAR, line=level)) for level in (line, line + more))
    assert wide.n_over_days <= tight.n_over_days
    assert wide.n_warning_days <= tight.n_warning_days


def test_that_a_path_without_a_value_has_done_nothing() -> None:
    found = tuned(refused_path(VAR, "no history"), VAR)
    assert (found.n_days, found.n_breaches, found.net_base, found.longest_days) == (0, 0, 0.0, 0)


def test_that_each_member_is_judged_apart() -> None:
    values = np.array([[50.0, 120.0], [120.0, 50.0], [120.0, 50.0]])
    days = np.array([1, 2, 3], dtype=np.int64)
    path = MeasurePath(VAR, ("A", "B"), days, values, np.zeros((3, 2)), np.array([1.0, 2.0]))
    found = tuned(path, VAR)
    assert (found.crossings.member.tolist(), found.crossings.raised_day.tolist()) == ([0, 1], [2, 1])
    assert found.n_over_days == 3
    assert path.worst().tolist() == [120.0, 120.0, 120.0]
    assert tuned(path.last(2), VAR).n_days == 2
    assert path.is_known
    assert path.fits(replace(VAR, line=1.0))
    assert not path.fits(LOSS)
