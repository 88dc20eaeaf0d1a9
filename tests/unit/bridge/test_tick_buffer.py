"""The buffer loses no extreme, never yields an older tick after a newer, and accounts for every tick."""

import subprocess
import sys
import threading

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from plimsoll.bridge.tick_buffer import TickBuffer
from plimsoll.domain.tick import QUOTE, TICK_DTYPE, TRADE, TickBatch, TickCounts

NAN = float("nan")
Row = tuple[int, int, float, float]
"""kind, instrument, price, ask"""

PRICE = st.floats(1.0, 1000.0, allow_nan=False)
SIDE = st.one_of(PRICE, st.just(NAN))
TICK = st.one_of(
    st.tuples(st.just(TRADE), st.integers(0, 3), PRICE, st.just(NAN)),
    st.tuples(st.just(QUOTE), st.integers(0, 3), SIDE, SIDE),
)


class Feed:
    """Numbers its ticks by seq and counts as the feed room does."""

    def __init__(self, name: str, first_seq: int = 0) -> None:
        self.name = name
        self.seq = first_seq
        self.counts = [TickCounts(), TickCounts()]

    def rows(self, ticks: list[Row]) -> NDArray[np.void]:
        array = np.zeros(len(ticks), dtype=TICK_DTYPE)
        for place, (kind, instrument, price, ask) in enumerate(ticks):
            self.seq += 1
            array[place] = (kind, instrument, price, ask, 1.0, 1.0, self.seq, self.seq, self.seq)
        return array

    def put(self, buffer: TickBuffer, ticks: list[Row], n_refused: int = 0) -> TickBatch | None:
        rows = self.rows(ticks)
        for kind in (TRADE, QUOTE):
            n = int((rows["kind"] == kind).sum())
            self.counts[kind] += TickCounts(received=n + n_refused, refused=n_refused)
        return buffer.put(self.name, rows, self.counts[TRADE], self.counts[QUOTE])


def levels(rows: NDArray[np.void], kind: int, instrument: int) -> list[NDArray[np.float64]]:
    """Return what marks may rest on: prices of trades; bid, ask and mid of uncrossed quotes."""
    mine = rows[(rows["kind"] == kind) & (rows["instrument"] == instrument)]
    if kind == TRADE:
        return [mine["price"]]
    mine = mine[mine["price"] <= mine["ask"]]
    return [mine["price"], mine["ask"], (mine["price"] + mine["ask"]) / 2]


def no_extreme_is_lost(put: NDArray[np.void], taken: NDArray[np.void], kind: int, instrument: int) -> None:
    for had, has in zip(levels(put, kind, instrument), levels(taken, kind, instrument), strict=True):
        assert len(has) == 0 if not len(had) else (has.min(), has.max()) == (had.min(), had.max())
    mine, theirs = (
        rows["seq"][(rows["kind"] == kind) & (rows["instrument"] == instrument)] for rows in (put, taken)
    )
    assert theirs[[0, -1]].tolist() == mine[[0, -1]].tolist() if len(mine) else not len(theirs)


def test_that_up_to_its_capacity_every_tick_comes_out_as_it_went_in() -> None:
    buffer, feed = TickBuffer(capacity=8), Feed("a")
    first = feed.put(buffer, [(TRADE, 0, 1.0, NAN)])
    assert first is not None
    assert len(first) == 1
    assert feed.put(buffer, [(TRADE, 0, float(n), NAN) for n in range(8)]) is None  # one is in flight
    batch = buffer.next_batch()
    assert batch is not None
    assert batch.rows["price"].tolist() == [float(n) for n in range(8)]
    assert not batch.rows.flags.writeable
    assert buffer.next_batch() is None
    assert feed.put(buffer, [(TRADE, 1, 5.0, NAN)]) is not None  # nothing in flight any more


def test_that_nothing_put_makes_no_batch_but_its_counts_are_taken() -> None:
    buffer, feed = TickBuffer(capacity=8), Feed("a")
    assert feed.put(buffer, [], n_refused=3) is None
    batch = feed.put(buffer, [(TRADE, 0, 1.0, NAN)])
    assert batch is not None
    assert batch.trades == TickCounts(received=4, applied=1, refused=3)
    assert batch.books == TickCounts(received=3, refused=3)


@settings(max_examples=150, deadline=None)
@given(
    steps=st.lists(
        st.one_of(
            st.just("take"),
            st.tuples(st.sampled_from("ab"), st.lists(TICK, max_size=30), st.integers(0, 2)),
        ),
        max_size=25,
    )
)
def test_that_under_any_puts_and_takes_no_extreme_order_or_count_is_lost(steps: list[object]) -> None:
    buffer = TickBuffer(capacity=16)
    feeds = {"a": Feed("a"), "b": Feed("b", 10_000)}
    backlog: list[NDArray[np.void]] = []
    newest: dict[tuple[str, int], int] = {}
    is_in_flight = False
    n_received = [0, 0]
    for step in steps:
        if step == "take":
            batch = buffer.next_batch()
        else:
            name, ticks, n_refused = step  # type: ignore[misc]  a tuple where it is no word
            feed = feeds[name]
            before = feed.seq
            batch = feed.put(buffer, ticks, n_refused)
            feed_rows = Feed(name, before).rows(ticks)
            backlog.append(feed_rows)
            for kind in (TRADE, QUOTE):
                n_received[kind] += int((feed_rows["kind"] == kind).sum()) + n_refused
            assert batch is None or not is_in_flight, "two batches in flight"
            if batch is None:
                assert is_in_flight or not ticks
                continue
        is_in_flight = batch is not None
        if batch is None:
            assert not sum(map(len, backlog))
            continue
        put = np.concatenate(backlog)
        backlog.clear()
        for kind, counts in ((TRADE, batch.trades), (QUOTE, batch.books)):
            assert (counts.unaccounted, counts.waiting, counts.received) == (0, 0, n_received[kind])
            for instrument in range(4):
                no_extreme_is_lost(put, batch.rows, kind, instrument)
        # What comes out is what went in, in its order.
        assert np.isin(batch.rows["seq"], put["seq"]).all()
        place = {int(seq): number for number, seq in enumerate(put["seq"])}
        order = [place[int(seq)] for seq in batch.rows["seq"]]
        assert order == sorted(order)
        for row in batch.rows:
            key = ("a" if row["seq"] < 10_000 else "b", int(row["instrument"]))
            assert newest.get(key, -1) < int(row["seq"])
            newest[key] = int(row["seq"])


def test_that_folding_keeps_first_high_low_and_last_of_each_instrument_and_counts_the_rest() -> None:
    buffer, feed = TickBuffer(capacity=8), Feed("a")
    feed.put(buffer, [(TRADE, 0, 1.0, NAN)])
    for price in (10.0, 11.0, 30.0, 12.0, 2.0, 13.0, 14.0, 15.0, 16.0):
        feed.put(buffer, [(TRADE, 0, price, NAN)])
    batch = buffer.next_batch()
    assert batch is not None
    assert batch.rows["price"].tolist() == [10.0, 30.0, 2.0, 15.0, 16.0]
    assert batch.trades == TickCounts(received=10, applied=6, folded=4)
    assert batch.books == TickCounts()


def test_that_a_crossed_or_one_sided_quote_is_never_taken_for_the_extreme() -> None:
    buffer, feed = TickBuffer(capacity=4), Feed("a")
    feed.put(buffer, [(TRADE, 1, 1.0, NAN)])
    quotes = [(100.0, 101.0), (200.0, 150.0), (120.0, 121.0), (NAN, 500.0), (99.0, 103.0), (100.0, 101.0)]
    for bid, ask in quotes:
        feed.put(buffer, [(QUOTE, 0, bid, ask)])
    batch = buffer.next_batch()
    assert batch is not None
    kept = [(row["price"], row["ask"]) for row in batch.rows]
    assert (120.0, 121.0) in kept
    assert (200.0, 150.0) not in kept
    assert batch.books.unaccounted == 0


def test_that_quotes_of_empty_sides_alone_survive_a_fold() -> None:
    buffer, feed = TickBuffer(capacity=4), Feed("a")
    feed.put(buffer, [(TRADE, 1, 1.0, NAN)])
    for number in range(9):
        feed.put(buffer, [(QUOTE, 0, NAN, float(number + 1))])
    batch = buffer.next_batch()
    assert batch is not None
    assert batch.rows["ask"][[0, -1]].tolist() == [1.0, 9.0]
    assert batch.books.unaccounted == 0


def test_that_memory_stays_bounded_however_much_is_put() -> None:
    buffer, feed = TickBuffer(capacity=64), Feed("a")
    feed.put(buffer, [(TRADE, 0, 1.0, NAN)])
    rng = np.random.default_rng(1)
    for _ in range(200):
        feed.put(buffer, [(TRADE, int(rng.integers(0, 4)), float(rng.random()) + 1, NAN) for _ in range(50)])
    assert buffer.capacity == 64
    batch = buffer.next_batch()
    assert batch is not None
    assert len(batch) <= 64
    assert batch.trades.unaccounted == 0
    assert batch.trades.received == 10_001


def test_that_a_push_larger_than_the_buffer_is_folded_in_pieces() -> None:
    buffer, feed = TickBuffer(capacity=16), Feed("a")
    batch = feed.put(buffer, [(TRADE, 0, 100.0 + n % 37, NAN) for n in range(1000)])
    assert batch is not None
    assert len(batch) <= 16
    assert (batch.rows["price"].min(), batch.rows["price"].max()) == (100.0, 136.0)
    assert batch.trades.applied + batch.trades.folded == 1000


def test_that_more_instruments_than_fit_make_room_for_themselves() -> None:
    buffer, feed = TickBuffer(capacity=8), Feed("a")
    feed.put(buffer, [(TRADE, 0, 1.0, NAN)])
    for instrument in range(40):
        feed.put(buffer, [(TRADE, instrument, 1.0, NAN)])
    batch = buffer.next_batch()
    assert batch is not None
    assert batch.rows["instrument"].tolist() == list(range(40))
    assert buffer.capacity < 100


def test_that_two_feeds_and_a_taker_on_threads_lose_nothing() -> None:
    buffer = TickBuffer(capacity=256)
    n_puts, taken = 400, list[TickBatch]()
    handed = threading.Semaphore(0)
    box: list[TickBatch] = []

    def feed_on(name: str, first: int) -> None:
        feed = Feed(name, first)
        for number in range(n_puts):
            batch = feed.put(buffer, [(TRADE, number % 3, float(number + 1), NAN)] * 3)
            if batch is not None:
                box.append(batch)
                handed.release()

    threads = [threading.Thread(target=feed_on, args=(name, n)) for name, n in (("a", 0), ("b", 10_000))]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads) or box:
        if handed.acquire(timeout=0.05):
            batch: TickBatch | None = box.pop()
            while batch is not None:
                taken.append(batch)
                batch = buffer.next_batch()
    for thread in threads:
        thread.join(timeout=10)
    assert buffer.next_batch() is None
    assert all(batch.trades.unaccounted == 0 for batch in taken)
    last = taken[-1].trades
    assert last.received == 2 * 3 * n_puts
    assert last.applied == sum(len(batch) for batch in taken)
    assert last.applied + last.folded == last.received


def test_that_the_buffer_needs_no_qt() -> None:
    program = """
import sys
import plimsoll.bridge.series_ring
import plimsoll.bridge.tick_buffer
print("PySide6" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


@pytest.mark.parametrize("capacity", [1, 2, 3, 17])
def test_that_any_capacity_serves(capacity: int) -> None:
    buffer, feed = TickBuffer(capacity=capacity), Feed("a")
    batch = feed.put(buffer, [(TRADE, n % 2, float(n + 1), NAN) for n in range(50)])
    assert batch is not None
    assert batch.trades.unaccounted == 0
    assert batch.rows["price"].max() == 50.0
