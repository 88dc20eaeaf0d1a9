"""A print that jumps too far waits for the next ticks or the book; a crash passes within two of them."""

import math
from dataclasses import dataclass, field

import numpy as np
import pytest

from fakes.trading_desk import Desk, book_of, random_window, rows_of
from plimsoll.domain.held_print import DiscardedPrint
from plimsoll.domain.instrument import AssetClass, Instrument, Settlement
from plimsoll.domain.limit import Limit, Measure, Severity
from plimsoll.domain.method import MarkPolicy
from plimsoll.domain.tick import QUOTE, TICK_DTYPE, TRADE, TickBatch, TickCounts
from plimsoll.engine.mark_board import MarkBoard
from plimsoll.engine.print_filter import Passed, PrintFilter

NAN, S = math.nan, 1_000_000_000
_F = Settlement.FUNDED
INSTRUMENTS = (
    Instrument("AAPL.US", "Apple", AssetClass.EQUITY, "USD", _F),
    Instrument("XOM.US", "Exxon", AssetClass.EQUITY, "USD", _F),
    Instrument("USOIL", "WTI", AssetClass.COMMODITY, "USD", Settlement.UNFUNDED, may_be_negative=True),
)
APPLE, EXXON, OIL = range(3)
Tick = tuple[float, ...]
"""instrument and last price, or instrument, bid and ask"""


@dataclass
class Tape:
    """A filter before a board, told ticks in words, 100 ms apart."""

    now_ns: int = 1_000 * S
    exchange_ns: int = 1_582_554_600 * S
    applied: list[float] = field(default_factory=list)
    discarded: list[DiscardedPrint] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.board = MarkBoard(INSTRUMENTS, np.ones(3), MarkPolicy.MID, 10.0)
        self.filter = PrintFilter(INSTRUMENTS, self.board)

    def tell(self, *ticks: Tick, after_s: float = 0.1, night_s: float = 0.0) -> Passed:
        self.now_ns += int(after_s * S)
        self.exchange_ns += int((after_s + night_s) * S)
        rows = [
            (kind, number, price, *ask, *([NAN] if not ask else []), 1, 1, self.exchange_ns, self.now_ns, 0)
            for number, price, *ask in ticks
            for kind in (QUOTE if ask else TRADE,)
        ]
        passed = self.filter.pass_through(np.array(rows, dtype=TICK_DTYPE), self.now_ns)
        if len(passed.rows):
            self.board.follow(passed.rows)
        self.applied += passed.rows["price"].tolist()
        self.discarded += passed.discarded
        return passed

    def quiet(self, number: int = APPLE, price: float = 100.0, n: int = 20) -> "Tape":
        for step in range(n):
            self.tell((number, price + 0.01 * (step % 2)))
        self.tell((number, price))
        self.applied.clear()
        return self

    @property
    def mark(self) -> float:
        return float(self.board.mark[APPLE])


def test_that_a_bad_print_of_half_the_price_never_reaches_the_book_and_is_told() -> None:
    tape = Tape().quiet()
    held = tape.tell((APPLE, 50.0))
    assert (len(held.rows), [each.price for each in held.held], tape.mark) == (0, [50.0], 100.0)
    assert held.held[0].words == "AAPL.US: trade at 50 after 100 (−50.0%)"
    tape.tell((APPLE, 100.01))
    assert tape.applied == [100.01]
    assert [each.words for each in tape.discarded] == [
        "AAPL.US: trade at 50 after 100 (−50.0%) was not confirmed; the next price was 100.01"
    ]
    assert tape.filter.waiting == ()


def test_that_a_bad_print_in_the_midst_of_a_batch_is_taken_out_alone() -> None:
    tape = Tape().quiet().quiet(EXXON, 60.0)
    passed = tape.tell((EXXON, 60.0), (APPLE, 100.0), (APPLE, 50.0), (EXXON, 60.01), (APPLE, 100.02))
    assert passed.rows["price"].tolist() == [60.0, 100.0, 60.01, 100.02]
    assert [each.held.price for each in passed.discarded] == [50.0]


@pytest.mark.parametrize("level", [80.0, 40.0, 130.0])
def test_that_a_lasting_move_passes_with_the_second_further_tick_and_in_order(level: float) -> None:
    tape = Tape().quiet()
    tape.tell((APPLE, level))
    tape.tell((APPLE, level * 1.001))
    assert tape.applied == []
    tape.tell((APPLE, level * 0.999))
    assert tape.applied == [level, level * 1.001, level * 0.999]
    assert tape.discarded == []
    tape.tell((APPLE, level))
    assert tape.applied[-1] == level


def test_that_the_book_confirms_a_trade_at_once() -> None:
    tape = Tape().quiet()
    tape.tell((APPLE, 80.0))
    tape.tell((APPLE, 79.9, 80.1))
    assert tape.applied == [80.0, 79.9]


def test_that_a_trade_within_the_book_is_no_jump_however_wide_the_book() -> None:
    tape = Tape().quiet()
    tape.tell((APPLE, 90.0, 110.0))
    tape.tell((APPLE, 90.0))
    assert tape.applied == [90.0, 90.0]


def test_that_a_crash_that_runs_on_is_never_more_than_two_ticks_behind() -> None:
    tape = Tape().quiet()
    fall = [100.0 * 0.85**step for step in range(1, 20)]
    for step, price in enumerate(fall):
        tape.tell((APPLE, price))
        assert len(tape.filter.waiting) <= 2
        assert len(tape.applied) >= step - 1
    tape.tell((APPLE, fall[-1]), (APPLE, fall[-1]))
    assert tape.applied == [*fall, fall[-1], fall[-1]]


def test_that_a_gap_at_the_open_passes_at_once_when_ordinary_and_within_two_ticks_when_a_crash() -> None:
    tape = Tape().quiet()
    tape.tell((APPLE, 94.0), night_s=63_000.0)
    assert tape.applied == [94.0]
    tape.tell((APPLE, 80.0), night_s=63_000.0)
    assert tape.applied == [94.0]
    tape.tell((APPLE, 80.2), (APPLE, 79.7))
    assert tape.applied == [94.0, 80.0, 80.2, 79.7]


def test_that_a_single_print_out_of_a_true_crash_is_still_found_out() -> None:
    tape = Tape().quiet()
    tape.tell((APPLE, 50.0), (APPLE, 85.0), (APPLE, 85.1))
    assert tape.applied == [85.0, 85.1]
    assert [each.held.price for each in tape.discarded] == [50.0]


def test_that_a_newest_price_far_beyond_what_it_confirms_waits_itself() -> None:
    tape = Tape().quiet()
    tape.tell((APPLE, 80.0), (APPLE, 80.0), (APPLE, 40.0))
    assert tape.applied == [80.0, 80.0]
    assert [each.before for each in tape.filter.waiting] == [80.0]
    tape.tell((APPLE, 80.0))
    assert tape.applied == [80.0, 80.0, 80.0]
    assert [each.held.price for each in tape.discarded] == [40.0]


def test_that_prints_on_both_sides_confirm_nothing() -> None:
    tape = Tape().quiet()
    tape.tell((APPLE, 50.0), (APPLE, 200.0), (APPLE, 50.0), (APPLE, 100.0))
    assert tape.applied == [100.0]
    assert [each.held.price for each in tape.discarded] == [50.0, 200.0, 50.0]


def test_that_silence_after_a_jump_lets_it_pass_after_five_seconds() -> None:
    tape = Tape().quiet()
    tape.tell((APPLE, 50.0))
    assert len(tape.tell(after_s=4.9).rows) == 0
    passed = tape.tell(after_s=0.1)
    assert passed.rows["price"].tolist() == [50.0]
    assert [each.price for each in passed.released] == [50.0]
    assert tape.mark == 50.0


def test_that_a_contradiction_that_comes_as_time_is_up_still_counts() -> None:
    tape = Tape().quiet()
    tape.tell((APPLE, 50.0))
    tape.tell((APPLE, 100.0), after_s=10.0)
    assert tape.applied == [100.0]


def test_that_when_time_is_up_the_newest_is_believed_and_what_it_does_not_confirm_discarded() -> None:
    tape = Tape().quiet()
    tape.tell((APPLE, 50.0), (APPLE, 80.0))
    tape.tell(after_s=5.0)
    assert tape.applied == [80.0]
    assert [each.held.price for each in tape.discarded] == [50.0]


def test_that_a_noisy_instrument_is_judged_by_its_own_noise() -> None:
    tape, rng = Tape(), np.random.default_rng(7)
    for step in rng.normal(0.0, 0.01, 400):
        tape.tell((APPLE, 100.0 * math.exp(step)))
    n_before = len(tape.discarded)
    for step in rng.normal(0.0, 0.01, 400):
        tape.tell((APPLE, 100.0 * math.exp(step)))
    assert len(tape.discarded) == n_before
    tape.tell((APPLE, 50.0))
    assert len(tape.filter.waiting) == 1


def test_that_wti_may_go_through_zero() -> None:
    tape = Tape().quiet(OIL, 20.0)
    path = [*np.linspace(20.0, -37.0, 400)]
    for price in path:
        tape.tell((OIL, price))
    assert tape.applied == path
    assert tape.discarded == []
    tape.tell((OIL, 10.0), (OIL, -37.0))
    assert [each.held.price for each in tape.discarded] == [10.0]


def test_that_what_says_no_price_is_not_judged() -> None:
    tape = Tape().quiet()
    tape.tell((APPLE, 50.0))
    assert len(tape.tell((APPLE, 50.0, NAN), (APPLE, 60.0, 50.0)).rows) == 2
    assert len(tape.filter.waiting) == 1


def test_that_a_first_price_is_judged_by_the_close_where_one_is_known() -> None:
    tape = Tape()
    tape.filter.believe({APPLE: 100.0, EXXON: 60.0})
    tape.filter.believe({APPLE: 1.0})
    tape.tell((APPLE, 50.0), (EXXON, 58.0))
    assert tape.applied == [58.0]
    fresh = Tape()
    fresh.tell((APPLE, 50.0))
    assert fresh.applied == [50.0]


def test_that_held_prints_are_counted_as_waiting_and_discarded_ones_as_refused() -> None:
    tape = Tape().quiet()
    tape.tell((APPLE, 50.0), (EXXON, 60.0))
    tape.tell((EXXON, 20.0, 20.2))
    given = TickCounts(received=30, applied=25, refused=5)
    trades, books = (tape.filter.counted(given, kind) for kind in (TRADE, QUOTE))
    assert (trades.applied, trades.waiting, trades.refused, trades.unaccounted) == (24, 1, 5, 0)
    assert (books.applied, books.waiting, books.refused, books.unaccounted) == (24, 1, 5, 0)
    tape.tell((APPLE, 100.0), (EXXON, 60.0, 60.1))
    trades, books = (tape.filter.counted(given, kind) for kind in (TRADE, QUOTE))
    assert (trades.applied, trades.waiting, trades.refused, trades.unaccounted) == (24, 0, 6, 0)
    assert (books.applied, books.waiting, books.refused, books.unaccounted) == (24, 0, 6, 0)


def test_that_rows_come_back_untouched_and_read_only_or_as_they_were() -> None:
    tape = Tape().quiet()
    rows = np.zeros(2, dtype=TICK_DTYPE)
    rows["price"], rows["ask"], rows["seq"] = [50.0, 100.0], NAN, [7, 8]
    rows["exchange_time_ns"] = rows["received_time_ns"] = tape.now_ns
    passed = tape.filter.pass_through(rows, tape.now_ns)
    assert passed.rows.tobytes() == rows[1:].tobytes()
    assert not passed.rows.flags.writeable
    assert tape.filter.pass_through(rows[1:], tape.now_ns).rows.tobytes() == rows[1:].tobytes()


def test_that_a_bad_print_of_half_the_price_raises_no_breach_and_a_true_fall_does() -> None:
    loss = Limit("L1", "Daily loss", Measure.DAILY_LOSS_FRACTION, 0.02, Severity.CRITICAL)
    desk = Desk(book_of({"AAPL.US": (1000, 300.0), "XOM.US": (1000, 60.0)}), (loss,))
    desk.engine.use_window(random_window(len(desk.universe.instruments), 300, 1, {0: 300.0, 1: 60.0}))
    tape = PrintFilter(desk.universe.instruments, desk.engine._board)
    discarded: list[DiscardedPrint] = []

    def trade(price: float) -> None:
        desk.pass_time(0.2)
        passed = tape.pass_through(rows_of([desk.row("AAPL.US", price)]), desk.now_ns)
        desk.engine.apply(TickBatch(passed.rows), desk.now_ns)
        discarded.extend(passed.discarded)

    desk.open()
    tape.believe({0: 300.0})
    for price in (300.0, 300.1, 150.0, 300.0, 300.2):
        trade(price)
    assert desk.snapshot.breaches == ()
    assert [each.held.price for each in discarded] == [150.0]
    for price in (150.0, 150.1, 150.0):
        trade(price)
    assert [each.limit.limit_id for each in desk.snapshot.breaches] == ["L1"]


def test_that_a_true_move_whose_next_price_is_an_ordinary_one_away_is_not_discarded() -> None:
    tape = Tape().quiet()
    tape.tell((APPLE, 102.6))
    tape.tell((APPLE, 101.3))
    assert tape.applied == [102.6, 101.3]
    assert tape.discarded == []


@pytest.mark.parametrize(
    ("apart_s", "floor"), [(0.1, 0.02), (10.0, 0.02), (90.0, 0.06), (250.0, 0.10), (9e4, 0.10)]
)
def test_that_the_floor_grows_with_the_root_of_the_time_since_the_last_price(
    apart_s: float, floor: float
) -> None:
    for move, n_applied in ((floor - 1e-6, 1), (floor + 1e-4, 0)):
        tape = Tape().quiet()
        tape.tell((APPLE, 100.0 * (1.0 - move)), night_s=apart_s - 0.1)
        assert len(tape.applied) == n_applied
