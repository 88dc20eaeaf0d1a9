"""Price limits and halts from missing sides, confirmed in an open market only."""

import math

import numpy as np
import pytest

from plimsoll.domain.instrument import AssetClass, Instrument, Settlement
from plimsoll.domain.method import MarkPolicy
from plimsoll.domain.tick import QUOTE, TICK_DTYPE, TRADE
from plimsoll.engine.halt_watch import Halt, HaltChange, HaltWatch
from plimsoll.engine.mark_board import MarkBoard

NAN, S = math.nan, 1_000_000_000
SHARES = tuple(
    Instrument(code, code, AssetClass.EQUITY, "CNY", Settlement.FUNDED) for code in ("1.SZ", "2.SZ")
)
OPEN = np.array([True, True])


class Market:
    """A board and a watch, told quotes and trades at seconds."""

    def __init__(self) -> None:
        self.board = MarkBoard(SHARES, np.ones(2), MarkPolicy.MID, 10.0)
        self.watch = HaltWatch(2)

    def tell(self, at_s: float, *ticks: tuple[float, float | None], number: int = 0) -> None:
        now = int(at_s * S)
        rows = [
            (TRADE if ask is None else QUOTE, number, price, NAN if ask is None else ask, 1, 1, now, now, 0)
            for price, ask in ticks
        ]
        self.board.follow(np.array(rows, dtype=TICK_DTYPE))

    def look(self, at_s: float, is_open: np.ndarray = OPEN) -> tuple[HaltChange, ...]:
        return self.watch.look(self.board, is_open, int(at_s * S))


@pytest.mark.parametrize(
    ("bid", "ask", "halt"),
    [(11.0, NAN, Halt.LIMIT_UP), (NAN, 9.0, Halt.LIMIT_DOWN), (NAN, NAN, Halt.HALTED)],
)
def test_that_an_empty_side_is_a_limit_after_three_seconds_and_ends_with_the_side(
    bid: float, ask: float, halt: Halt
) -> None:
    market = Market()
    market.tell(0.0, (10.0, None), (9.9, 10.1))
    assert market.look(0.0) == ()
    market.tell(10.0, (bid, ask))
    assert market.look(10.0) == ()
    assert market.look(12.9) == ()
    assert market.look(13.0) == (HaltChange(0, Halt.NONE, halt),)
    assert market.look(20.0) == ()
    assert (market.board.mark[0], halt.words != "") == (10.0, True)
    market.tell(21.0, (9.9, 10.1))
    assert market.look(21.0) == (HaltChange(0, halt, Halt.NONE),)
    assert market.look(22.0) == ()


def test_that_a_thin_book_that_flickers_is_no_limit_even_within_one_batch() -> None:
    market = Market()
    for at in range(10):
        market.tell(float(at), (11.0, NAN), (10.9, 11.1), (11.0, NAN))
        assert market.look(float(at)) == ()


def test_that_limit_up_stands_while_it_trades_and_a_halt_does_not() -> None:
    market = Market()
    market.tell(0.0, (11.0, NAN))
    market.tell(0.0, (NAN, NAN), number=1)
    market.look(0.0)
    for at in (1.0, 2.0, 3.0, 4.0):
        market.tell(at, (11.0, None))
        market.tell(at, (11.0, None), number=1)
        market.look(at)
    assert market.watch.halt.tolist() == [Halt.LIMIT_UP, Halt.NONE]
    market.look(7.0)
    assert market.watch.halt.tolist() == [Halt.LIMIT_UP, Halt.HALTED]


def test_that_an_empty_book_of_a_closed_market_says_nothing_until_it_opens() -> None:
    market = Market()
    market.tell(0.0, (NAN, NAN))
    for at in (0.0, 5.0, 60.0):
        assert market.look(at, ~OPEN) == ()
    assert market.look(61.0) == ()
    assert market.look(63.0) == (HaltChange(0, Halt.NONE, Halt.HALTED),)
    assert market.look(64.0, ~OPEN) == (HaltChange(0, Halt.HALTED, Halt.NONE),)
