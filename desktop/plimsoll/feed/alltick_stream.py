"""One connection to AllTick kept alive: opened, read, reopened, until it is told to stop."""

import threading
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from plimsoll.domain.feed_status import FeedState, FeedStatus, MarketClock
from plimsoll.domain.tick import QUOTE, TRADE
from plimsoll.domain.units import NS_PER_MS
from plimsoll.feed.address import Address, Door
from plimsoll.feed.alltick_protocol import AllTickProtocol, Ending
from plimsoll.feed.backoff import Backoff
from plimsoll.feed.frame_reader import FrameReader
from plimsoll.feed.gate import Gate
from plimsoll.feed.link import READ_BYTES, Link, LinkLost, LinkRefused
from plimsoll.feed.source import Deliver, Report
from plimsoll.feed.tick_meter import TickMeter

_REPORT_EVERY_S = 1.0
_TOKEN_REFUSED = {401, 403}
_TOO_MANY = 429


@dataclass(frozen=True, slots=True)
class _Parting:
    # Why a connection ended, and how long to wait before the next: None for never.
    wait_s: float | None
    note: str


class AllTickStream:
    """A TickSource on one of AllTick's two doors.

    One thread calls `run`; any thread may set `clock` or call `want`.

    Parameters
    ----------
    door : Door
        Which of the two.
    codes : sequence of str
        Every code of the desk, of both doors; rows name instruments by their place in it.
    wanted : sequence of str
        The codes of this door, most important first.
    gate : Gate
        Shared by all that uses the token.
    token : callable
        Returns the token. It is asked anew for each connection and never kept.
    address : Address
        Where AllTick is.
    may_be_negative : collection of str
        Codes whose price may be below zero.
    has_depth : bool
        Whether order books are asked for beside trades.
    clock : MarketClock
        How exchange time maps to the desk's; the default is a live market.
    name : str
        What the connection is called where a door has several; by default the door.

    Attributes
    ----------
    clock : MarketClock
        As above; replace it when a replay says where it stands.
    """

    def __init__(
        self,
        door: Door,
        codes: Sequence[str],
        wanted: Sequence[str],
        gate: Gate,
        token: Callable[[], str],
        *,
        address: Address | None = None,
        may_be_negative: Collection[str] = (),
        has_depth: bool = True,
        clock: MarketClock | None = None,
        name: str = "",
    ) -> None:
        self.clock = clock or MarketClock()
        self._door = door
        self._name = name or door.value
        self._gate = gate
        self._pacing = gate.pacing
        self._token = token
        self._address = address or Address()
        self._protocol = AllTickProtocol(
            self._name, codes, wanted, gate, may_be_negative=may_be_negative, has_depth=has_depth
        )
        self._wanted = tuple(wanted)
        self._backoff = Backoff(
            max(self._pacing.backoff_floor_s, gate.plan.reconnect_floor_s), self._pacing.backoff_cap_s
        )
        self._meter = TickMeter()
        self._lag_ms = float("nan")
        self._reported: tuple[FeedState, str] | None = None
        self._reported_s = float("-inf")
        self._n_delivered = 0

    @property
    def n_bad_frames(self) -> int:
        """Frames that were no JSON object."""
        return self._protocol.n_bad_frames

    @property
    def n_unknown_frames(self) -> int:
        """Messages of no known kind, and answers to nothing that was asked."""
        return self._protocol.n_unknown_frames

    def want(self, wanted: Sequence[str]) -> None:
        """Ask for this list instead, most important first.

        Raises
        ------
        ValueError
            If a code is not among the desk's.
        """
        self._protocol.columns.check(wanted)
        self._wanted = tuple(wanted)

    def run(self, stop: threading.Event, deliver: Deliver, report: Report) -> None:
        """Hand over ticks until `stop` is set or the token is refused; see TickSource.run."""
        self._reported = None
        while not stop.is_set():
            parting = self._live_once(stop, deliver, report)
            if parting.wait_s is None:
                self._report(report, FeedState.REFUSED, parting.note)
                return
            if not stop.is_set():
                note = f"{parting.note}; next try in {parting.wait_s:.0f} s"
                self._report(report, FeedState.WAITING, note)
                stop.wait(parting.wait_s)
        self._report(report, FeedState.STOPPED, "")

    def _live_once(self, stop: threading.Event, deliver: Deliver, report: Report) -> _Parting:
        token = self._token()
        if not token:
            return _Parting(None, "there is no token: enter one")
        self._report(report, FeedState.CONNECTING, "")
        while wait_s := self._gate.claim_handshake(self._name, time.monotonic()):
            if stop.wait(wait_s):
                return _Parting(0.0, "")
        try:
            link = Link(self._address.stream_url(self._door, token), self._pacing)
        except LinkRefused as refused:
            return self._after_refusal(refused.status)
        except LinkLost as lost:
            return _Parting(self._backoff.next_wait_s(), f"no connection ({lost})")
        finally:
            del token
        return self._stay(link, stop, deliver, report)

    def _after_refusal(self, status: int) -> _Parting:
        if status in _TOKEN_REFUSED:
            return _Parting(None, f"AllTick refused the token ({status})")
        floor_s = self._pacing.rate_limited_wait_s if status == _TOO_MANY else 0.0
        return _Parting(self._backoff.next_wait_s(floor_s), f"AllTick answered {status}")

    def _stay(self, link: Link, stop: threading.Event, deliver: Deliver, report: Report) -> _Parting:
        try:
            try:
                note = self._serve(link, stop, deliver, report)
            except LinkLost as lost:
                note = f"the connection was lost ({lost})"
            self._hand_over(deliver)
        finally:
            link.close()
        ending = self._protocol.ending
        if ending is not None:
            # What AllTick said before it hung up tells more than that it did.
            note = self._protocol.note
        if ending is Ending.REFUSED:
            return _Parting(None, note)
        floor_s = self._pacing.rate_limited_wait_s if ending is Ending.RATE_LIMITED else 0.0
        return _Parting(self._backoff.next_wait_s(floor_s), note)

    def _serve(self, link: Link, stop: threading.Event, deliver: Deliver, report: Report) -> str:
        protocol = self._protocol
        reader = FrameReader()
        opened_s = time.monotonic()
        n_at_open = protocol.columns.n_received
        protocol.connected(opened_s)
        while not stop.is_set():
            self._speak(link)
            self._report_at_times(report)
            if protocol.ending is not None:
                break
            data = link.read()
            now_s = time.monotonic()
            if not data:
                self._meter.observe(protocol.columns.n_received, now_s)
                continue
            clock = self.clock
            is_live = clock.speed == 1.0 and clock.exchange_start_ns == clock.wall_start_ns
            protocol.receive_all(reader.feed(data), now_s, time.time_ns(), is_live=is_live)
            for payload in reader.take_pings():
                link.pong(payload)
            self._hand_over(deliver)
            if reader.ended:
                return reader.ended
            self._meter.observe(protocol.columns.n_received, now_s)
            if now_s - opened_s > self._pacing.healthy_s and protocol.columns.n_received > n_at_open:
                self._backoff.reset()
            self._gather(len(data), now_s)
        return ""

    def _speak(self, link: Link) -> None:
        now_s = time.monotonic()
        wanted = self._wanted
        if wanted != self._protocol.wanted:
            self._protocol.want(wanted, now_s)
        for frame in self._protocol.due(now_s):
            link.send(frame)

    def _gather(self, n_bytes: int, since_s: float) -> None:
        # Sleeping here lets the next read find a batch: one wake-up, one hand-over, instead of hundreds.
        left_s = self._meter.batch_s - (time.monotonic() - since_s)
        if left_s > 0.0 and n_bytes < READ_BYTES:
            time.sleep(left_s)

    def _hand_over(self, deliver: Deliver) -> None:
        columns = self._protocol.columns
        if columns.n_received == self._n_delivered:
            return
        self._n_delivered = columns.n_received
        newest = columns.newest_ns
        if newest is not None:
            self._lag_ms = self._lag_of(*newest)
        deliver(columns.take(), columns.counts(TRADE), columns.counts(QUOTE), columns.take_depth())

    def _lag_of(self, exchange_ns: int, received_ns: int) -> float:
        clock = self.clock
        mapped_ns = clock.wall_start_ns + (exchange_ns - clock.exchange_start_ns) / clock.speed
        if clock.speed == 1.0:
            # In whole numbers: a float of 19 digits is wrong by a quarter of a microsecond.
            mapped_ns = clock.wall_start_ns + exchange_ns - clock.exchange_start_ns
        return (received_ns - mapped_ns) / NS_PER_MS

    def _report_at_times(self, report: Report) -> None:
        state = FeedState.LIVE if self._protocol.is_subscribed else FeedState.SUBSCRIBING
        note = self._protocol.note
        is_news = self._reported != (state, note)
        if is_news or time.monotonic() - self._reported_s >= _REPORT_EVERY_S:
            self._report(report, state, note)

    def _report(self, report: Report, state: FeedState, note: str) -> None:
        is_open = state in {FeedState.LIVE, FeedState.SUBSCRIBING}
        self._reported = (state, note)
        self._reported_s = time.monotonic()
        report(
            FeedStatus(
                name=self._name,
                state=state,
                n_codes=len(self._wanted),
                messages_per_s=self._meter.per_s if is_open else 0.0,
                lag_ms=self._lag_ms if is_open else float("nan"),
                silent_codes=self._protocol.columns.silent(),
                note=note,
            )
        )
