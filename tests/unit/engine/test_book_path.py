"""A first price enters the book and is no gain; between two judgements the extremes are kept."""

import math

import pytest

from fakes.trading_desk import MASTER, OPEN_NS, S, book_of, rows_of
from plimsoll.domain.method import RiskMethod
from plimsoll.domain.snapshot import Coverage
from plimsoll.domain.tick import TRADE
from plimsoll.engine.book_path import BookPath
from plimsoll.engine.universe import universe_of

BOOK = book_of({"AAPL.US": (1000, 280.0), "XOM.US": (-1000, 55.0)}, {"USD": 60_000.0})
AAPL, XOM = 0, 1


def path_of() -> BookPath:
    return BookPath(universe_of(BOOK, MASTER), BOOK, RiskMethod())


def follow(path: BookPath, *ticks: tuple[int, float], at_s: float = 0.0) -> None:
    now_ns = OPEN_NS + int(at_s * S)
    path.follow(
        rows_of((TRADE, number, price, math.nan, 1.0, 1.0, now_ns, now_ns, 0) for number, price in ticks),
        now_ns,
    )


def test_that_the_path_begins_at_the_tick_that_completes_the_book() -> None:
    path = path_of()
    # The highest NAV, at 200, was of half a book: the path begins at 100 000 with the price of XOM.
    follow(path, (AAPL, 100.0), (AAPL, 200.0), (AAPL, 100.0), (XOM, 60.0), (AAPL, 90.0))
    assert path.equity.high_water_mark == pytest.approx(100_000.0)
    assert path.equity.drawdown == pytest.approx(0.10)


def test_that_a_late_first_price_is_no_gain_and_what_happened_before_it_is() -> None:
    path = path_of()
    follow(path, (AAPL, 100.0))
    follow(path, (AAPL, 100.0), at_s=31.0)  # after the grace it begins with half: 160 000
    follow(path, (AAPL, 84.0), (XOM, 60.0), (AAPL, 84.0), at_s=32.0)
    assert path.equity.drawdown == pytest.approx(16 / 160)
    assert path.ledger.nav() == pytest.approx(84_000.0)


def test_that_a_last_close_stands_in_until_the_first_tick() -> None:
    path = path_of()
    path.enter({AAPL: 100.0, XOM: 60.0})
    path.enter({AAPL: 1.0})
    assert path.board.mark.tolist() == [100.0, 60.0]
    path.lapse(OPEN_NS)
    assert not path.equity.has_begun  # nothing has been heard yet
    follow(path, (AAPL, 95.0))
    assert path.equity.has_begun


def test_that_worst_marks_are_low_for_longs_and_high_for_shorts_until_settled() -> None:
    path = path_of()
    follow(path, (AAPL, 100.0), (XOM, 60.0))
    path.settle(path.ledger.nav())
    follow(path, (AAPL, 80.0), (AAPL, 100.0), (XOM, 50.0), (XOM, 75.0))
    follow(path, (AAPL, 90.0), (XOM, 60.0))
    assert path.worst_mark.tolist() == [80.0, 75.0]
    path.settle(path.ledger.nav())
    assert path.worst_mark.tolist() == [90.0, 60.0]


def test_that_an_earlier_mark_waits_for_the_positions_it_spoke_of() -> None:
    path = path_of()
    path.take_up(125_000.0, frozenset())
    follow(path, (AAPL, 100.0))
    path.lapse(OPEN_NS + 90 * S)
    assert not path.equity.has_begun
    follow(path, (XOM, 60.0), at_s=91.0)
    assert path.equity.drawdown == pytest.approx(0.20)


@pytest.mark.parametrize(
    ("n_unpriceable", "at_s", "spoken"), [(0, 0.0, True), (1, 0.0, False), (1, 31.0, True)]
)
def test_that_nav_is_spoken_of_once_whole_or_after_the_grace(
    n_unpriceable: int, at_s: float, spoken: bool
) -> None:
    path = path_of()
    follow(path, (AAPL, 100.0))
    coverage = Coverage(n_unpriceable=n_unpriceable)
    assert path.has_settled(coverage, OPEN_NS + int(at_s * S)) == spoken


def test_that_the_newest_exchange_time_is_kept() -> None:
    path = path_of()
    follow(path, (AAPL, 100.0), at_s=5.0)
    follow(path, (AAPL, 100.0), at_s=4.0)
    assert path.exchange_ns == OPEN_NS + 5 * S


@pytest.mark.parametrize("n_before", [0, 1, 2, 3])
def test_that_the_mark_counts_the_closes_before_the_first_day_whenever_they_come(n_before: int) -> None:
    path = path_of()
    ticks = [(AAPL, 95.0), (XOM, 62.0), (AAPL, 96.0)]
    for tick in ticks[:n_before]:
        follow(path, tick)
    closes = {AAPL: 100.0, XOM: 60.0}
    path.day.learn(closes)
    path.enter(closes)
    for tick in [*ticks[n_before:], ticks[-1]]:
        follow(path, tick)
    assert path.equity.high_water_mark == pytest.approx(100_000.0)
    assert path.equity.drawdown == pytest.approx(0.06)


def test_that_an_earlier_mark_outranks_the_closes_before_the_day() -> None:
    path = path_of()
    path.take_up(95_000.0, frozenset())
    follow(path, (AAPL, 90.0), (XOM, 60.0))
    path.day.learn({AAPL: 100.0, XOM: 60.0})
    path.enter({})
    assert path.equity.high_water_mark == pytest.approx(95_000.0)
