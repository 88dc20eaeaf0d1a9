"""Laws of the print filter: no tick is lost, order is kept, and what lasts always passes."""

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from plimsoll.domain.instrument import AssetClass, Instrument, Settlement
from plimsoll.domain.method import MarkPolicy
from plimsoll.domain.tick import QUOTE, TICK_DTYPE, TRADE, TickCounts
from plimsoll.engine.mark_board import MarkBoard
from plimsoll.engine.print_filter import Passed, PrintFilter

S = 1_000_000_000
N = 3
INSTRUMENTS = tuple(
    Instrument(f"{place}.US", "", AssetClass.EQUITY, "USD", Settlement.FUNDED) for place in range(N)
)
prices = st.one_of(
    st.sampled_from([100.0, 100.1, 99.9, 50.0, 51.0, 200.0, 10.0]), st.floats(1.0, 1_000.0, width=32)
)
trades = st.tuples(st.just(TRADE), st.integers(0, N - 1), prices, st.just(math.nan))
quotes = st.tuples(st.just(QUOTE), st.integers(0, N - 1), prices, prices | st.just(math.nan))
batches = st.lists(
    st.tuples(st.lists(trades | quotes, max_size=12), st.integers(0, 3 * S)), min_size=1, max_size=12
)


class Run:
    """A filter before a board, fed numbered ticks."""

    def __init__(self) -> None:
        self.board = MarkBoard(INSTRUMENTS, np.ones(N), MarkPolicy.MID, 10.0)
        self.filter = PrintFilter(INSTRUMENTS, self.board)
        self.now_ns, self.n_given = 1_000 * S, 0
        self.instrument_of: list[int] = []
        self.applied: list[int] = []
        self.discarded = [0, 0]
        self.n_of_kind = [0, 0]

    def feed(self, ticks: list[tuple[int, int, float, float]], after_ns: int) -> Passed:
        self.now_ns += after_ns
        rows = np.array(
            [
                (*tick, 1.0, 1.0, self.now_ns, self.now_ns, self.n_given + place)
                for place, tick in enumerate(ticks)
            ],
            dtype=TICK_DTYPE,
        )
        self.n_given += len(ticks)
        self.instrument_of += [tick[1] for tick in ticks]
        for kind in (TRADE, QUOTE):
            self.n_of_kind[kind] += sum(tick[0] == kind for tick in ticks)
        passed = self.filter.pass_through(rows, self.now_ns)
        if len(passed.rows):
            self.board.follow(passed.rows)
        self.applied += passed.rows["seq"].tolist()
        for each in passed.discarded:
            self.discarded[each.held.is_quote] += 1
        return passed


@given(batches)
def test_that_no_tick_is_lost_and_each_instrument_keeps_its_order_of_what_was_judged(
    fed: list[tuple[list[tuple[int, int, float, float]], int]],
) -> None:
    run = Run()
    for ticks, after_ns in fed:
        passed = run.feed(ticks, after_ns)
        assert passed.held == run.filter.waiting
        assert len(run.applied) + len(run.filter.waiting) + sum(run.discarded) == run.n_given
        assert len(set(run.applied)) == len(run.applied)
        for kind in (TRADE, QUOTE):
            n = run.n_of_kind[kind]
            counted = run.filter.counted(TickCounts(received=n, applied=n), kind)
            assert counted.unaccounted == 0
            assert counted.refused == run.discarded[kind]
    run.feed([], 10 * S)
    assert run.filter.waiting == ()
    assert len(run.applied) + sum(run.discarded) == run.n_given


@given(st.lists(st.tuples(st.lists(trades, max_size=12), st.integers(0, 3 * S)), min_size=1, max_size=12))
def test_that_ticks_of_one_instrument_are_applied_in_the_order_they_arrived(
    fed: list[tuple[list[tuple[int, int, float, float]], int]],
) -> None:
    run = Run()
    for ticks, after_ns in fed:
        run.feed(ticks, after_ns)
    run.feed([], 10 * S)
    for number in range(N):
        mine = [seq for seq in run.applied if run.instrument_of[seq] == number]
        assert mine == sorted(mine)


@given(batches, prices, st.integers(0, N - 1))
def test_that_a_price_that_lasts_is_believed_with_its_third_tick_whatever_came_before(
    fed: list[tuple[list[tuple[int, int, float, float]], int]], level: float, number: int
) -> None:
    run = Run()
    for ticks, after_ns in fed:
        run.feed(ticks, after_ns)
    for _ in range(3):
        run.feed([(TRADE, number, level, math.nan)], 1)
    assert run.n_given - 1 in run.applied
    assert all(each.instrument != number for each in run.filter.waiting)


@given(batches)
def test_that_no_print_is_held_longer_than_five_seconds_while_time_is_told(
    fed: list[tuple[list[tuple[int, int, float, float]], int]],
) -> None:
    run = Run()
    for ticks, after_ns in fed:
        run.feed(ticks, after_ns)
        assert all(run.now_ns - each.received_time_ns < 5 * S for each in run.filter.waiting)


@given(st.lists(st.floats(-0.0199, 0.0199), min_size=1, max_size=60), st.integers(1, 60))
def test_that_moves_within_the_floor_pass_untouched_however_they_are_batched(
    moves: list[float], size: int
) -> None:
    run = Run()
    level, ticks = 100.0, []
    for move in moves:
        level *= 1.0 + move
        ticks.append((TRADE, 0, level, math.nan))
    for start in range(0, len(ticks), size):
        run.feed(ticks[start : start + size], S)
    assert run.applied == list(range(len(ticks)))
    assert run.filter.waiting == ()
