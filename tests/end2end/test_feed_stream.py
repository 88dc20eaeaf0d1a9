"""The door in against a real AllTick server on loopback, both sides at a twentieth of their durations."""

import threading
import time
from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import pytest

from fakes.running_feed import SWIFT, RunningFeed
from plimsoll.alltick_server.pacing import Pacing as ServerPacing
from plimsoll.alltick_server.reading import Readings
from plimsoll.alltick_server.running_server import ServeOptions
from plimsoll.alltick_server.server_thread import ServerThread
from plimsoll.domain.feed_status import FeedState, MarketClock
from plimsoll.domain.tick import QUOTE, TRADE
from plimsoll.feed.address import Door
from plimsoll.feed.gate import Gate
from plimsoll.feed.pacing import PROFESSIONAL, Pacing

SHARES = ("AAPL.US", "MSFT.US", "JPM.US")
OTHERS = ("EURUSD", "USDJPY", "GOLD", "BTCUSDT")
BOTH = {Door.STOCKS: SHARES, Door.OTHERS: OTHERS}
STOCKS = {Door.STOCKS: SHARES}


def options(**changed: object) -> ServeOptions:
    standard = {"pacing": ServerPacing().scaled(SWIFT), "day_seconds": 5.0, "rate": 40.0}
    return ServeOptions(**{**standard, **changed})  # type: ignore[arg-type]


def port_of(server: ServerThread) -> int:
    return int(server.url.rsplit(":", 1)[1])


@pytest.fixture
def server() -> Iterator[ServerThread]:
    with ServerThread(options()) as made:
        yield made


def settled(feed: RunningFeed, server: ServerThread) -> dict[str, dict]:
    """End the feed's hearing, not its counting: silence the server, wait for all it sent, compare."""
    server.fault("silence")
    sent = {each["path"]: each for each in server.counts() if each["open"]}
    doors = {Door.STOCKS: "stock", Door.OTHERS: "other"}

    def has_all() -> bool:
        return all(
            feed.counts[door][TRADE].received + feed.counts[door][QUOTE].received
            >= sent[doors[door]]["n_trades"] + sent[doors[door]]["n_books"]
            for door in feed.counts
        )

    feed.until(has_all)
    return sent


def test_that_every_tick_the_server_sent_is_counted_and_becomes_a_row(server: ServerThread) -> None:
    with RunningFeed(port_of(server), BOTH) as feed:
        feed.until(lambda: all(feed.n_rows(door) > 200 for door in BOTH))
        sent = settled(feed, server)
    for door, path in ((Door.STOCKS, "stock"), (Door.OTHERS, "other")):
        for kind, name in ((TRADE, "n_trades"), (QUOTE, "n_books")):
            counts = feed.counts[door][kind]
            assert counts.received == counts.applied == sent[path][name]
        rows = np.concatenate(feed.rows[door])
        assert len(rows) == sent[path]["n_trades"] + sent[path]["n_books"]
        heard = {feed.codes[place] for place in np.unique(rows["instrument"])}
        assert heard == set(BOTH[door])
    assert feed.states(Door.STOCKS) == [
        FeedState.CONNECTING,
        FeedState.SUBSCRIBING,
        FeedState.LIVE,
        FeedState.STOPPED,
    ]
    assert set(feed.books) == set(feed.codes)


@pytest.mark.parametrize(
    ("fault", "share"),
    [
        ("strings", 1.0),
        ("second_stamps", 1.0),
        ("empty_strings", 1.0),
        ("missing_turnover", 1.0),
        ("array", 0.5),
    ],
)
def test_that_no_spelling_of_a_tick_costs_a_tick(server: ServerThread, fault: str, share: float) -> None:
    server.fault(fault, share=share)
    with RunningFeed(port_of(server), STOCKS) as feed:
        feed.until(lambda: feed.n_rows(Door.STOCKS) > 100)
        sent = settled(feed, server)["stock"]
    trades, books = feed.counts[Door.STOCKS]
    assert trades.received == sent["n_trades"]
    assert books.received == sent["n_books"]
    assert trades.refused == books.refused == 0
    assert feed.streams[Door.STOCKS].n_bad_frames == 0


def test_that_every_misbehaving_tick_is_counted_for_what_it_is(server: ServerThread) -> None:
    for fault in ("repeats", "late", "bad_price", "unknown_cmd", "bad_json"):
        server.fault(fault, share=0.2)
    with RunningFeed(port_of(server), STOCKS) as feed:
        feed.until(lambda: feed.n_rows(Door.STOCKS) > 300)
        server.clear_faults()
        sent = settled(feed, server)["stock"]
    trades, books = feed.counts[Door.STOCKS]
    stream = feed.streams[Door.STOCKS]
    assert trades.unaccounted == books.unaccounted == 0
    assert trades.repeated + books.repeated == sent["n_repeats"] > 0
    assert trades.late + books.late > 0
    assert trades.refused > 0
    assert stream.n_bad_frames > 0
    assert stream.n_unknown_frames > 0
    rows = np.concatenate(feed.rows[Door.STOCKS])
    for place in range(len(SHARES)):
        for kind in (TRADE, QUOTE):
            times = rows["exchange_time_ns"][(rows["instrument"] == place) & (rows["kind"] == kind)]
            assert np.all(np.diff(times) >= 0)


@pytest.mark.parametrize("side", ["zero_bids", "zero_asks"])
def test_that_an_empty_side_of_a_book_is_no_price(server: ServerThread, side: str) -> None:
    server.fault(side)
    with RunningFeed(port_of(server), STOCKS) as feed:
        feed.until(lambda: feed.counts[Door.STOCKS][QUOTE].applied > 20)
    rows = np.concatenate(feed.rows[Door.STOCKS])
    quotes = rows[rows["kind"] == QUOTE]
    gone, kept = ("price", "ask") if side == "zero_bids" else ("ask", "price")
    assert np.all(np.isnan(quotes[gone]))
    assert np.all(quotes[kept] > 0.0)


@pytest.mark.parametrize("fault", ["cut", "close"])
def test_that_a_lost_connection_comes_back_with_its_whole_list(server: ServerThread, fault: str) -> None:
    with RunningFeed(port_of(server), STOCKS) as feed:
        feed.until_live()
        server.fault(fault)
        feed.until(lambda: FeedState.WAITING in feed.states(Door.STOCKS))
        n_then = feed.n_rows(Door.STOCKS)
        feed.until(lambda: feed.n_rows(Door.STOCKS) > n_then + 50)
        assert feed.statuses[Door.STOCKS][-1].silent_codes == ()
        connections = [each for each in server.counts() if each["path"] == "stock"]
    assert len(connections) == 2
    assert set(connections[1]["trades"]) == set(SHARES)  # type: ignore[call-overload]
    assert sum(counts.received for counts in feed.counts[Door.STOCKS]) > n_then


def test_that_a_server_silent_on_an_open_socket_is_left_within_fifteen_seconds(server: ServerThread) -> None:
    with RunningFeed(port_of(server), STOCKS) as feed:
        feed.until_live()
        server.fault("stall")
        since_s = time.monotonic()
        feed.until(lambda: feed.states(Door.STOCKS)[-1] is FeedState.WAITING)
        assert time.monotonic() - since_s < 15.0 * SWIFT + 1.0
        assert "nothing was heard" in feed.statuses[Door.STOCKS][-1].note
        server.clear_faults()
        n_then = feed.n_rows(Door.STOCKS)
        feed.until(lambda: feed.n_rows(Door.STOCKS) > n_then)


def test_that_silence_outside_the_market_s_hours_is_no_fault(server: ServerThread) -> None:
    server.fault("silence")
    with RunningFeed(port_of(server), STOCKS) as feed:
        feed.until(lambda: FeedState.LIVE in feed.states(Door.STOCKS))
        since_s = time.monotonic()
        feed.until(lambda: time.monotonic() - since_s > 30.0 * SWIFT * 1.5)
        assert feed.states(Door.STOCKS) == [FeedState.CONNECTING, FeedState.SUBSCRIBING, FeedState.LIVE]
        assert feed.statuses[Door.STOCKS][-1].silent_codes == SHARES


def test_that_a_wrong_token_ends_the_stream_and_no_other_try_is_made(server: ServerThread) -> None:
    with RunningFeed(port_of(server), STOCKS, token=lambda: "wrong") as feed:
        feed.until(lambda: feed.has_ended(Door.STOCKS))
    assert feed.states(Door.STOCKS) == [FeedState.CONNECTING, FeedState.REFUSED]
    assert feed.statuses[Door.STOCKS][-1].note == "AllTick refused the token (401)"


def test_that_a_token_refused_by_a_frame_ends_the_stream_too() -> None:
    with (
        ServerThread(options(readings=Readings(at_bad_handshake="frame"))) as server,
        RunningFeed(port_of(server), STOCKS, token=lambda: "wrong") as feed,
    ):
        feed.until(lambda: feed.has_ended(Door.STOCKS))
    assert feed.states(Door.STOCKS)[-1] is FeedState.REFUSED
    assert feed.statuses[Door.STOCKS][-1].note == "AllTick refused the token (401)"


def test_that_without_a_token_nothing_is_even_tried(server: ServerThread) -> None:
    with RunningFeed(port_of(server), STOCKS, token=str) as feed:
        feed.until(lambda: feed.has_ended(Door.STOCKS))
    assert feed.states(Door.STOCKS) == [FeedState.REFUSED]
    assert feed.statuses[Door.STOCKS][-1].note == "there is no token: enter one"


def test_that_a_handshake_answered_429_is_tried_again_after_a_longer_wait(server: ServerThread) -> None:
    server.fault("refuse_429")
    with RunningFeed(port_of(server), STOCKS) as feed:
        feed.until(lambda: FeedState.WAITING in feed.states(Door.STOCKS))
        since_s = time.monotonic()
        assert "429" in feed.statuses[Door.STOCKS][-1].note
        feed.until_live()
        assert time.monotonic() - since_s >= 15.0 * SWIFT


@pytest.mark.parametrize("fault", ["answer_605", "answer_606"])
def test_that_a_request_refused_for_its_rate_is_made_again(server: ServerThread, fault: str) -> None:
    server.fault(fault)
    with RunningFeed(port_of(server), STOCKS) as feed:
        feed.until(lambda: feed.n_rows(Door.STOCKS) > 0 and feed.states(Door.STOCKS)[-1] is FeedState.LIVE)
        waited = FeedState.WAITING in feed.states(Door.STOCKS)
    assert waited == (fault == "answer_606")


@pytest.mark.parametrize("too_many_connections", ["429", "606"])
def test_that_a_place_taken_is_waited_for(too_many_connections: str) -> None:
    readings = Readings(too_many_connections=too_many_connections)  # type: ignore[arg-type]
    with ServerThread(options(readings=readings)) as server, RunningFeed(port_of(server), STOCKS) as first:
        first.until_live()
        with RunningFeed(port_of(server), STOCKS) as second:
            second.until(lambda: FeedState.WAITING in second.states(Door.STOCKS))
            first.end()
            second.until_live()


def test_that_codes_alltick_does_not_know_are_named_and_the_others_tick(server: ServerThread) -> None:
    with RunningFeed(port_of(server), {Door.STOCKS: ("AAPL.US", "NOSUCH.US", "MSFT.US")}) as feed:
        feed.until(
            lambda: (
                feed.statuses[Door.STOCKS][-1].silent_codes == ("NOSUCH.US",)
                if feed.statuses[Door.STOCKS]
                else False
            )
        )
        feed.until(lambda: feed.statuses[Door.STOCKS][-1].note == "AllTick refused NOSUCH.US")


def test_that_codes_cut_without_a_word_are_listed_as_silent() -> None:
    with (
        ServerThread(options(readings=Readings(max_codes=2))) as server,
        RunningFeed(port_of(server), STOCKS) as feed,
    ):
        feed.until(
            lambda: (
                bool(feed.statuses[Door.STOCKS])
                and feed.statuses[Door.STOCKS][-1].silent_codes == ("JPM.US",)
            )
        )


def test_that_a_changed_list_is_heard_without_reconnecting(server: ServerThread) -> None:
    with RunningFeed(port_of(server), STOCKS) as feed:
        stream = feed.streams[Door.STOCKS]
        stream.want(("AAPL.US",))
        feed.until_live()
        stream.want(("JPM.US", "MSFT.US"))
        feed.until(lambda: len(np.unique(np.concatenate(feed.rows[Door.STOCKS])["instrument"])) == 3)
        assert len(server.counts()) == 1
        with pytest.raises(ValueError, match="expected a code of the desk"):
            stream.want(("NOKIA.HE",))


def test_that_the_strictest_reading_of_the_pacing_is_kept_by_two_connections() -> None:
    # Heartbeats count, and all that is within three seconds on another connection closes this one.
    factor = 1 / 8
    readings = Readings(heartbeat_counts="yes", reconnect_gap="on")
    with (
        ServerThread(options(pacing=ServerPacing().scaled(factor), readings=readings)) as server,
        RunningFeed(port_of(server), BOTH, factor=factor) as feed,
    ):
        feed.until_live()
        since_s = time.monotonic()
        feed.until(lambda: time.monotonic() - since_s > 6.0)
        for door in BOTH:
            assert feed.states(door) == [FeedState.CONNECTING, FeedState.SUBSCRIBING, FeedState.LIVE]


def test_that_a_stream_stops_at_once_live_or_waiting(server: ServerThread) -> None:
    with RunningFeed(port_of(server), STOCKS) as live:
        live.until_live()
        assert live.end() < 0.5
    patient = Gate(Pacing(), PROFESSIONAL)
    with RunningFeed(1, STOCKS, gate=patient) as waiting:
        waiting.until(lambda: FeedState.WAITING in waiting.states(Door.STOCKS))
        assert waiting.end() < 0.5
    assert waiting.states(Door.STOCKS) == [FeedState.CONNECTING, FeedState.WAITING, FeedState.STOPPED]


def test_that_a_stream_waiting_for_the_gate_stops_at_once_too() -> None:
    patient = Gate(Pacing(), PROFESSIONAL)
    patient.claim_handshake("someone else", time.monotonic())
    with RunningFeed(1, STOCKS, gate=patient) as feed:
        feed.until(lambda: FeedState.CONNECTING in feed.states(Door.STOCKS))
        assert feed.end() < 0.5
    assert feed.states(Door.STOCKS) == [FeedState.CONNECTING, FeedState.STOPPED]


def test_that_counts_go_on_over_a_reconnection_and_never_fall(server: ServerThread) -> None:
    seen: list[int] = []
    with RunningFeed(port_of(server), STOCKS) as feed:
        for _ in range(2):
            n_then = feed.n_rows(Door.STOCKS)
            feed.until(lambda n_then=n_then: feed.n_rows(Door.STOCKS) > n_then + 20)
            seen.append(sum(counts.received for counts in feed.counts[Door.STOCKS]))
            server.fault("cut")
            feed.until(lambda: feed.states(Door.STOCKS)[-1] is not FeedState.LIVE)
    assert all(later > earlier for earlier, later in pairwise(seen))


def test_that_lag_is_measured_against_the_replay_s_own_clock(server: ServerThread) -> None:
    with RunningFeed(port_of(server), STOCKS) as feed:
        feed.until_live()
        started = server.started_line()
        assert started is not None
        feed.streams[Door.STOCKS].clock = MarketClock(
            int(started["exchange_start_ns"]),
            int(started["wall_start_ns"]),
            float(started["speed"]),  # type: ignore[call-overload, arg-type]
        )
        feed.until(lambda: abs(feed.statuses[Door.STOCKS][-1].lag_ms) < 250.0)
        assert feed.statuses[Door.STOCKS][-1].messages_per_s > 10.0


def test_that_the_threads_are_gone_when_the_feed_is(server: ServerThread) -> None:
    before = set(threading.enumerate())
    with RunningFeed(port_of(server), BOTH) as feed:
        feed.until_live()
    assert set(threading.enumerate()) <= before


def test_that_a_minute_of_healthy_ticks_starts_the_waits_over(server: ServerThread) -> None:
    with RunningFeed(port_of(server), STOCKS) as feed:
        backoff = feed.streams[Door.STOCKS]._backoff
        feed.until_live()
        server.fault("cut")
        feed.until(lambda: backoff.n_failures == 1)
        feed.until(lambda: feed.states(Door.STOCKS)[-1] is FeedState.LIVE)
        since_s = time.monotonic()
        feed.until(lambda: backoff.n_failures == 0)
        assert time.monotonic() - since_s > 0.5 * 60.0 * SWIFT


def test_that_a_thread_that_cannot_deliver_hangs_up_before_it_falls(server: ServerThread) -> None:
    stream = RunningFeed(port_of(server), STOCKS).streams[Door.STOCKS]

    def fall(*_: object) -> None:
        raise RuntimeError("the bridge is gone")

    with pytest.raises(RuntimeError, match="the bridge is gone"):
        stream.run(threading.Event(), fall, lambda _: None)
    deadline_s = time.monotonic() + 5.0
    while any(each["open"] for each in server.counts()) and time.monotonic() < deadline_s:
        pass
    assert not any(each["open"] for each in server.counts())


@pytest.mark.true_pacing
def test_that_at_alltick_s_own_pace_every_code_ticks_within_ten_seconds() -> None:
    readings = Readings(heartbeat_counts="yes", reconnect_gap="on")
    with ServerThread(ServeOptions(rate=40.0, day_seconds=60.0, readings=readings)) as server:
        since_s = time.monotonic()
        with RunningFeed(port_of(server), BOTH, factor=1.0) as feed:

            def all_tick() -> bool:
                return all(feed.statuses[door] and not feed.statuses[door][-1].silent_codes for door in BOTH)

            feed.until(all_tick)
            assert time.monotonic() - since_s < 10.0
            # Past two beats of each, with books subscribed as well.
            feed.until(lambda: time.monotonic() - since_s > 24.0, within_s=30.0)
            assert set(feed.books) == set(feed.codes)
            for door in BOTH:
                assert feed.states(door) == [FeedState.CONNECTING, FeedState.SUBSCRIBING, FeedState.LIVE]
