"""The mark: mid of a fresh uncrossed quote, else last trade, else what it was."""

import math

import numpy as np
import pytest

from fakes.trading_desk import INSTRUMENTS, OPEN_NS, S, rows_of
from plimsoll.domain.method import MarkPolicy
from plimsoll.domain.tick import QUOTE, TRADE
from plimsoll.engine import mark_board
from plimsoll.engine.mark_board import MarkBoard

NAN = math.nan
CODES = tuple(item.code for item in INSTRUMENTS)
AAPL, XOM, USDT = (CODES.index(code) for code in ("AAPL.US", "XOM.US", "USDTUSD"))
Tick = tuple[int, float, float | None, float]
"""instrument, price, ask (None: a trade), seconds since the open"""


@pytest.fixture(params=["loop", "columns"], autouse=True)
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mark_board, "LOOP_BELOW", 10_000 if request.param == "loop" else 0)


def board_of(policy: MarkPolicy = MarkPolicy.MID) -> MarkBoard:
    quantity = np.ones(len(INSTRUMENTS))
    quantity[XOM] = -1.0
    return MarkBoard(INSTRUMENTS, quantity, policy, 10.0)


def follow(board: MarkBoard, *ticks: Tick) -> mark_board.MarkPath:
    rows = [
        (
            TRADE if ask is None else QUOTE,
            number,
            price,
            NAN if ask is None else ask,
            1.0,
            1.0,
            OPEN_NS + int(at_s * S),
            OPEN_NS + int(at_s * S),
            0,
        )
        for number, price, ask, at_s in ticks
    ]
    return board.follow(rows_of(rows))


@pytest.mark.parametrize(
    ("policy", "long", "short"),
    [(MarkPolicy.MID, 101.0, 101.0), (MarkPolicy.SIDE, 100.0, 102.0), (MarkPolicy.LAST, 99.0, 99.0)],
)
def test_that_the_policy_chooses_the_mark(policy: MarkPolicy, long: float, short: float) -> None:
    board = board_of(policy)
    for number in (AAPL, XOM):
        follow(board, (number, 99.0, None, 0.0), (number, 100.0, 102.0, 0.1))
    assert (board.mark[AAPL], board.mark[XOM]) == (long, short)


def test_that_last_takes_the_quote_until_there_is_a_trade() -> None:
    board = board_of(MarkPolicy.LAST)
    follow(board, (AAPL, 100.0, 102.0, 0.0))
    assert board.mark[AAPL] == 101.0
    follow(board, (AAPL, 90.0, None, 1.0), (AAPL, 100.0, 102.0, 2.0))
    assert board.mark[AAPL] == 90.0


@pytest.mark.parametrize(("bid", "ask"), [(103.0, 102.0), (NAN, 102.0), (100.0, NAN)])
def test_that_a_crossed_or_one_sided_quote_gives_way_to_the_last_trade(bid: float, ask: float) -> None:
    board = board_of()
    follow(board, (AAPL, 99.0, None, 0.0), (AAPL, 100.0, 102.0, 1.0), (AAPL, bid, ask, 2.0))
    assert board.mark[AAPL] == 99.0


def test_that_without_any_trade_a_broken_quote_leaves_the_mark_where_it_was() -> None:
    board = board_of()
    follow(board, (AAPL, 100.0, 102.0, 1.0), (AAPL, 104.0, 102.0, 2.0))
    assert board.mark[AAPL] == 101.0


def test_that_a_trade_does_not_outrank_a_fresh_quote_but_an_old_one() -> None:
    board = board_of()
    follow(board, (AAPL, 100.0, 102.0, 0.0), (AAPL, 90.0, None, 9.9))
    assert board.mark[AAPL] == 101.0
    follow(board, (AAPL, 91.0, None, 10.1))
    assert board.mark[AAPL] == 91.0


@pytest.mark.parametrize(
    ("policy", "changed", "mark"),
    [(MarkPolicy.MID, [AAPL], 90.0), (MarkPolicy.SIDE, [AAPL], 90.0), (MarkPolicy.LAST, [], 90.0)],
)
def test_that_time_alone_lets_a_quote_lapse(policy: MarkPolicy, changed: list[int], mark: float) -> None:
    board = board_of(policy)
    follow(board, (AAPL, 90.0, None, 0.0), (AAPL, 100.0, 102.0, 0.0), (XOM, 50.0, 52.0, 0.0))
    assert board.lapse(OPEN_NS + 10 * S).tolist() == []
    assert board.lapse(OPEN_NS + 10 * S + 1).tolist() == changed
    assert board.mark[AAPL] == mark
    assert board.lapse(OPEN_NS + 20 * S).tolist() == []


def test_that_an_assumed_price_is_a_mark_but_never_a_trade() -> None:
    board = board_of()
    board.assume(AAPL, 80.0)
    assert (board.mark[AAPL], board.heard_ns[AAPL]) == (80.0, 0)
    follow(board, (AAPL, 100.0, 102.0, 0.0))
    assert board.lapse(OPEN_NS + 60 * S).tolist() == []
    assert board.mark[AAPL] == 101.0


def test_that_a_price_by_decree_does_not_move() -> None:
    board = board_of()
    path = follow(board, (USDT, 0.9, None, 0.0), (USDT, 0.8, 0.9, 1.0))
    assert board.mark[USDT] == 1.0
    assert path.after.tolist() == [1.0, 1.0]
    assert board.lapse(OPEN_NS + 60 * S).tolist() == []


def test_that_a_path_tells_before_and_after_each_tick_and_the_extremes() -> None:
    board = board_of()
    follow(board, (AAPL, 100.0, None, 0.0))
    path = follow(
        board,
        (AAPL, 110.0, None, 1.0),
        (XOM, 50.0, None, 1.0),
        (AAPL, 95.0, None, 1.0),
        (AAPL, 99.0, None, 2.0),
    )
    assert path.instrument.tolist() == [AAPL, XOM, AAPL, AAPL]
    assert path.before[[0, 2, 3]].tolist() == [100.0, 110.0, 95.0]
    assert math.isnan(path.before[1])
    assert path.after.tolist() == [110.0, 50.0, 95.0, 99.0]
    assert path.touched.tolist() == [AAPL, XOM]
    assert (path.low.tolist(), path.high.tolist()) == ([95.0, 50.0], [110.0, 50.0])


def test_that_ages_count_from_the_last_tick_heard_and_exchange_time_never_runs_back() -> None:
    board = board_of()
    rows = rows_of(
        [
            (TRADE, AAPL, 1.0, NAN, 1.0, 1.0, OPEN_NS + 5, OPEN_NS + 10, 0),
            (TRADE, AAPL, 2.0, NAN, 1.0, 1.0, OPEN_NS + 3, OPEN_NS + 12, 1),
        ]
    )
    board.follow(rows)
    assert (board.heard_ns[AAPL], board.exchange_ns[AAPL]) == (OPEN_NS + 12, OPEN_NS + 5)
    assert board.heard_ns[XOM] == 0


def test_that_the_side_follows_the_sign_of_the_position() -> None:
    board = board_of(MarkPolicy.SIDE)
    board.hold(-np.ones(len(INSTRUMENTS)))
    follow(board, (AAPL, 100.0, 102.0, 0.0))
    assert board.mark[AAPL] == 102.0


def test_that_a_tick_says_what_it_is_worth() -> None:
    board = board_of()
    rows = rows_of(
        [
            (TRADE, AAPL, 7.0, NAN, 1.0, 1.0, 0, 0, 0),
            (QUOTE, AAPL, 6.0, 8.0, 1.0, 1.0, 0, 0, 0),
            (QUOTE, AAPL, 8.0, 6.0, 1.0, 1.0, 0, 0, 0),
        ]
    )
    assert board.prices_of(rows).tolist() == [7.0, 7.0, pytest.approx(NAN, nan_ok=True)]


def test_that_the_sides_of_the_newest_quote_are_kept_with_when_each_shape_was_heard() -> None:
    board = board_of()
    follow(
        board,
        (AAPL, 100.0, 102.0, 0.0),
        (XOM, 50.0, 52.0, 0.0),
        (AAPL, 99.0, None, 1.0),
        (AAPL, 100.0, NAN, 2.0),
        (AAPL, NAN, NAN, 3.0),
        (AAPL, NAN, 103.0, 4.0),
    )
    assert board.shape[[AAPL, XOM]].tolist() == [mark_board.ASK_ONLY, mark_board.BOTH_SIDES]
    assert math.isnan(board.bid[AAPL])
    assert (board.ask[AAPL], board.bid[XOM], board.ask[XOM]) == (103.0, 50.0, 52.0)
    heard_s = (board.shape_heard_ns[:, AAPL] - OPEN_NS) // S
    shapes = (mark_board.BOTH_SIDES, mark_board.BID_ONLY, mark_board.NO_SIDE, mark_board.ASK_ONLY)
    assert heard_s[list(shapes)].tolist() == [0, 2, 3, 4]
    assert board.trade_heard_ns[AAPL] == OPEN_NS + S
    assert board.trade_heard_ns[XOM] == 0
    assert board.mark[AAPL] == 99.0
