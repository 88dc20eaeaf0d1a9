"""What is frozen with a breach: the course before it, who drove it, and how good the data was."""

from dataclasses import replace

import numpy as np
import pytest

from fakes.trading_desk import Desk, S, book_of
from plimsoll.domain.breach import Breach
from plimsoll.domain.limit import Limit, Measure, Scope, ScopeKind, Severity
from plimsoll.engine.evidence import COURSE_POINTS, EvidenceBook
from plimsoll.engine.scenario_window import PriceWindow

HELD = {"AAPL.US": (1000, 280.0), "XOM.US": (2000, 55.0), "GOLD": (-1, 1600.0)}
PRICES = {"AAPL.US": 300.0, "XOM.US": 60.0, "GOLD": 1650.0}
LOSS = Limit("l", "Daily loss", Measure.DAILY_LOSS, 10_000.0, Severity.HIGH)


def breach_of(limit: Limit, prices: dict[str, float], *, has_history: bool = False) -> Breach:
    desk = Desk(book_of(HELD, {"USD": 100_000.0}), (limit,))
    desk.trade(PRICES)
    desk.exchange_ns += 86_400 * S
    desk.trade(PRICES)
    if has_history:
        rng = np.random.default_rng(0)
        closes = np.array(list(PRICES.values())) * np.exp(rng.normal(0, 0.02, (300, 3)))
        desk.engine.use_window(PriceWindow(np.arange(300, dtype=np.int64), closes))
    desk.trade(prices)
    (breach,) = desk.snapshot.breaches
    return breach


def test_that_a_loss_names_who_lost_and_by_how_much_the_largest_first() -> None:
    evidence = breach_of(LOSS, {"AAPL.US": 291.0, "XOM.US": 58.0, "GOLD": 1640.0}).evidence
    assert [(driver.code, driver.why) for driver in evidence.drivers] == [
        ("AAPL.US", "price −3.0% today"),
        ("XOM.US", "price −3.3% today"),
    ]
    assert [driver.change_base for driver in evidence.drivers] == pytest.approx([9_000.0, 4_000.0])
    assert (evidence.n_fresh, evidence.n_instruments, evidence.quality) == (3, 3, "all prices fresh")


def test_that_a_short_s_rise_is_a_loss_driver_too() -> None:
    evidence = breach_of(LOSS, {"GOLD": 1800.0}).evidence
    assert [(driver.code, driver.why) for driver in evidence.drivers] == [("GOLD", "price +9.1% today")]


def test_that_a_tail_names_the_shares_of_expected_shortfall() -> None:
    limit = replace(LOSS, measure=Measure.VAR, line=100.0)
    drivers = breach_of(limit, PRICES, has_history=True).evidence.drivers
    assert drivers[0].code == "AAPL.US"
    assert drivers[0].why.endswith("of expected shortfall")


def test_that_a_size_names_the_shares_of_gross() -> None:
    limit = replace(LOSS, measure=Measure.GROSS_LEVERAGE, line=0.1)
    drivers = breach_of(limit, PRICES).evidence.drivers
    assert [driver.why for driver in drivers] == ["51.3% of gross", "28.2% of gross", "20.5% of gross"]


def test_that_a_limit_on_one_instrument_needs_no_drivers() -> None:
    limit = replace(
        LOSS, measure=Measure.POSITION_SIZE, line=299_000.0, scope=Scope(ScopeKind.INSTRUMENT, "AAPL.US")
    )
    assert breach_of(limit, PRICES).evidence.drivers == ()


def test_that_stale_prices_are_named_with_the_breach() -> None:
    desk = Desk(book_of(HELD, {"USD": 100_000.0}), (replace(LOSS, measure=Measure.DRAWDOWN, line=0.05),))
    desk.trade(PRICES)
    desk.pass_time(20)
    desk.trade({"AAPL.US": 200.0})
    evidence = desk.snapshot.breaches[0].evidence
    assert evidence.quality == "not fresh: XOM.US, GOLD"
    assert evidence.n_fresh == 1
    # Nothing is known of the day yet: the loss since entry has no driver of today.
    assert evidence.drivers == ()


def test_that_a_loss_without_a_reference_price_says_only_that_the_price_moved() -> None:
    desk = Desk(book_of(HELD, {"USD": 100_000.0}), (LOSS,))
    book = EvidenceBook(("AAPL.US",), desk.limits)
    desk.trade(PRICES)
    measured = desk.engine._judge.measured
    assert measured is not None
    book.note_figures(measured, np.array([-5.0]), np.array([np.nan]), np.array([np.nan]))
    (driver,) = book._drivers(LOSS, "")
    assert (driver.code, driver.change_base, driver.why) == ("AAPL.US", 5.0, "price moved")


def test_that_before_any_figure_there_is_no_evidence() -> None:
    book = EvidenceBook(("AAPL.US",), (LOSS,))
    assert book.for_breach(LOSS, "").n_instruments == 0
    assert book._drivers(LOSS, "") == ()


def test_that_the_course_is_by_exchange_time_at_most_ten_points_a_second_and_bounded() -> None:
    limit = replace(LOSS, measure=Measure.DRAWDOWN, line=0.5)
    desk = Desk(book_of(HELD, {"USD": 100_000.0}), (limit,))
    desk.trade(PRICES)
    for step in range(600):
        desk.pass_time(0.05)
        desk.trade({"AAPL.US": 300.0 - step * 0.1})
    desk.pass_time(0.2)
    desk.trade({"AAPL.US": 10.0, "XOM.US": 1.0})
    evidence = desk.snapshot.breaches[0].evidence
    assert len(evidence.times_ns) == len(evidence.values) == COURSE_POINTS
    assert min(np.diff(evidence.times_ns)) >= S // 10
    assert list(evidence.values) == sorted(evidence.values)


def test_that_a_storm_asks_for_the_same_evidence_once_an_instant() -> None:
    desk = Desk(book_of(HELD, {"USD": 100_000.0}), (LOSS,))
    desk.trade(PRICES)
    evidence = desk.engine._judge._evidence
    first = evidence.for_breach(LOSS, "A")
    assert evidence.for_breach(LOSS, "B") is first
    desk.trade(PRICES)
    assert evidence.for_breach(LOSS, "B") is not first


def test_that_a_board_and_its_readings_one_by_one_give_the_same_course() -> None:
    size = Limit("size", "Size", Measure.POSITION_SIZE, 1e9, Severity.HIGH, Scope(ScopeKind.INSTRUMENT))
    desk = Desk(book_of(HELD, {"USD": 100_000.0}), (size, LOSS))
    desk.trade(PRICES)
    watch = desk.engine._watch
    courses = []
    for readings in (watch.readings, tuple(watch.readings)):
        book = EvidenceBook(tuple(HELD), watch.limits)
        book.note_course(1, desk.now_ns, watch.limits, readings)
        courses.append([list(course) for course in book._courses.values()])
    assert courses[0] == courses[1] == [[(1, 300_000.0)], []]


def test_that_other_limits_keep_the_course_of_those_that_stay() -> None:
    size = Limit("size", "Size", Measure.POSITION_SIZE, 1e9, Severity.HIGH)
    desk = Desk(book_of(HELD, {"USD": 100_000.0}), (size,))
    for _ in range(5):
        desk.trade(PRICES)
        desk.pass_time(1)
    evidence = desk.engine._judge._evidence
    known = evidence.for_breach(size, "").values
    new = replace(size, limit_id="new")
    evidence.take_limits((new, size))
    assert evidence.for_breach(size, "").values == known
    assert evidence.for_breach(new, "").values == ()
