"""The engine follows a book exactly: in columns, tick by tick, in any batches, as plain Python does."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from fakes.slow_desk import SlowDesk
from fakes.trading_desk import MASTER, MIXED, OPEN_NS, PRICES, Desk, S, book_of
from plimsoll.domain.book import Book
from plimsoll.domain.method import MarkPolicy, RiskMethod
from plimsoll.domain.tick import QUOTE, TICK_DTYPE, TRADE, TickBatch
from plimsoll.engine import mark_board

RELATIVE = 1e-9
BOOKS = {
    "dollars": book_of(MIXED, {"USD": 900_000.0, "EUR": 120_000.0, "JPY": -5_000_000.0}),
    # Yen and Hong Kong dollars become euros by way of the dollar, by inverse rates.
    "euros": book_of(MIXED, {"EUR": 2_000_000.0, "USD": -300_000.0}, base="EUR"),
}
N_TICKS = st.sampled_from((1, 7, 60, 400, 700))


def random_ticks(desk: Desk, n: int, seed: int) -> NDArray[np.void]:
    """Return trades and quotes, some crossed or one-sided, some after a silence; first prices come late."""
    rng = np.random.default_rng(seed)
    codes = [code for code in desk.universe.codes if code in PRICES]
    rows = np.zeros(n, dtype=TICK_DTYPE)
    level = {code: PRICES[code] for code in codes}
    late = {code: int(rng.integers(0, max(n // 2, 1))) for code in codes}
    now_ns = OPEN_NS
    for place in range(n):
        now_ns += int(rng.exponential(0.4) * S) + (15 * S if rng.random() < 0.02 else 0)
        known = [code for code in codes if late[code] <= place] or codes[:1]
        code = str(rng.choice(known))
        level[code] *= math.exp(rng.normal(0, 0.004))
        price, ask, kind = level[code], math.nan, TRADE
        if rng.random() < 0.6:
            kind, half = QUOTE, price * rng.normal(4e-4, 3e-4)  # sometimes crossed
            price, ask = price - half, price + half
            hole = rng.random()
            price, ask = (math.nan if hole < 0.05 else price), (math.nan if hole > 0.95 else ask)
        number = desk.universe.codes.index(code)
        rows[place] = (kind, number, price, ask, 1.0, 1.0, now_ns, now_ns, place)
    return rows


def judged(book: Book, policy: MarkPolicy, rows: NDArray[np.void], desk: Desk) -> SlowDesk:
    slow = SlowDesk(book, MASTER, policy)
    for row in rows:
        ask = None if row["kind"] == TRADE else float(row["ask"])
        code = desk.universe.codes[int(row["instrument"])]
        slow.tick(code, float(row["price"]), ask, int(row["received_time_ns"]))
    return slow


def same(figure: float, expected: float | None) -> bool:
    if expected is None or math.isnan(expected):
        return math.isnan(figure)
    return figure == pytest.approx(expected, rel=RELATIVE, abs=1e-12)


def fed(desk: Desk, rows: NDArray[np.void], cuts: list[int]) -> Desk:
    for part in np.split(rows, sorted(cuts)):
        if len(part):
            # One clock for all, so that only the split differs.
            desk.engine.apply(TickBatch(part), int(rows["received_time_ns"][0]))
    return desk


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    n=N_TICKS,
    policy=st.sampled_from(MarkPolicy),
    name=st.sampled_from(sorted(BOOKS)),
    loop_below=st.sampled_from((0, 200, 10_000)),
    data=st.data(),
)
def test_that_columns_loop_and_plain_python_agree_in_any_batches(
    seed: int, n: int, policy: MarkPolicy, name: str, loop_below: int, data: st.DataObject
) -> None:
    book = BOOKS[name]
    cuts = data.draw(st.lists(st.integers(0, n), max_size=6))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(mark_board, "LOOP_BELOW", loop_below)
        desk = Desk(book, method=RiskMethod(mark_policy=policy))
        rows = random_ticks(desk, n, seed)
        slow = judged(book, policy, rows, desk)
        fed(desk, rows, cuts)
        shot = desk.engine.snapshot(int(rows["received_time_ns"][-1]))
    for number, item in enumerate(shot.table.instruments):
        line = slow.lines[item.code]
        assert same(float(shot.table.mark[number]), line.mark), item.code
        assert same(float(shot.table.day_low[number]), slow.low.get(item.code)), item.code
        assert same(float(shot.table.day_high[number]), slow.high.get(item.code)), item.code
    if not math.isnan(shot.nav):
        assert same(shot.nav, slow.nav())
    assert same(shot.drawdown, slow.drawdown)
    assert same(shot.high_water_mark, slow.high_water_mark)
    assert same(shot.max_drawdown, None if slow.peak is None else slow.max_drawdown)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), data=st.data())
def test_that_day_rolls_inside_a_batch_leave_the_same_figures_as_any_other_split(
    seed: int, data: st.DataObject
) -> None:
    n = 300
    cuts = data.draw(st.lists(st.integers(0, n), max_size=5))
    roll_after = data.draw(st.integers(1, n - 1))
    desks = [Desk(BOOKS["dollars"]), Desk(BOOKS["dollars"])]
    rows = random_ticks(desks[0], n, seed)
    rows["exchange_time_ns"][roll_after:] += 86_400 * S
    whole, split = fed(desks[0], rows, []).snapshot, fed(desks[1], rows, cuts).snapshot
    for name in ("nav", "day_pnl", "day_pnl_fx", "drawdown", "max_drawdown", "high_water_mark"):
        assert same(getattr(split, name), getattr(whole, name)), name
    for name in ("day_low", "day_high", "day_pnl_base", "day_change_fraction"):
        assert getattr(split.table, name) == pytest.approx(
            getattr(whole.table, name), rel=RELATIVE, abs=1e-6, nan_ok=True
        ), name


@given(seed=st.integers(0, 2**32 - 1), late=st.sampled_from(sorted(MIXED)))
@settings(max_examples=30, deadline=None)
def test_that_a_first_price_arriving_late_makes_no_jump_in_drawdown(seed: int, late: str) -> None:
    desk = Desk(BOOKS["dollars"])
    others = {code: PRICES[code] for code in desk.universe.codes if code in PRICES and code != late}
    desk.trade(others)
    desk.pass_time(40.0)  # past the grace: the path begins without it
    desk.trade(others)
    desk.trade({"AAPL.US": 299.0} if late != "AAPL.US" else {"XOM.US": 61.0})
    before = desk.snapshot
    factor = float(np.random.default_rng(seed).uniform(0.2, 5.0))
    desk.trade({late: PRICES[late] * factor})
    after = desk.snapshot
    if before.nav > 0 and after.nav > 0:
        assert after.drawdown == pytest.approx(before.drawdown, abs=1e-12)
        assert after.max_drawdown == pytest.approx(before.max_drawdown, abs=1e-12)


def test_that_a_position_split_over_the_currencies_of_its_route_is_worth_the_same() -> None:
    direct = Desk(book_of({"EURUSD": (500_000, 1.08)}, {"USD": 100_000.0}))
    direct.trade(EURUSD=1.10)
    inverse = Desk(book_of({"EURUSD": (500_000, 1.08)}, {"EUR": 100_000.0}, base="EUR"))
    inverse.trade(EURUSD=1.10)
    assert direct.snapshot.nav == pytest.approx(100_000 + 500_000 * 0.02)
    assert inverse.snapshot.nav == pytest.approx(100_000 + 500_000 * 0.02 / 1.10)


def test_that_a_fall_between_two_frames_is_seen_whatever_the_last_tick_says() -> None:
    desk = Desk(replace(book_of({"AAPL.US": (1000, 280.0)}, {"USD": 0.0})))
    desk.trade({"AAPL.US": 100.0})
    desk.apply([desk.row("AAPL.US", price) for price in (101.0, 70.0, 100.0)])
    assert desk.snapshot.drawdown == pytest.approx(1 - 100 / 101)
    assert desk.snapshot.max_drawdown == pytest.approx(1 - 70 / 101)
