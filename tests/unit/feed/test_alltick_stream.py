import json
import socket
import threading
from collections.abc import Callable, Iterator

import pytest

from fakes.bare_websocket import BareWebsocket, unmasked
from plimsoll.domain.feed_status import FeedState, FeedStatus
from plimsoll.domain.tick import TickCounts
from plimsoll.feed.address import Address, Door
from plimsoll.feed.alltick_stream import AllTickStream
from plimsoll.feed.gate import Gate
from plimsoll.feed.pacing import PROFESSIONAL, Pacing

CODES = ("AAPL.US", "EURUSD")
TRADE = json.dumps(
    {"cmd_id": 22998, "data": {"code": "AAPL.US", "seq": 1, "tick_time": 1751068801000, "price": "201.187"}}
).encode()


class Heard:
    def __init__(self) -> None:
        self.n_rows = 0
        self.trades = TickCounts()
        self.statuses: list[FeedStatus] = []


@pytest.fixture
def bare() -> Iterator[BareWebsocket]:
    made = BareWebsocket()
    yield made
    made.end()


def text(payload: bytes) -> bytes:
    return bytes((0x81, 126)) + len(payload).to_bytes(2, "big") + payload


def run_until_parted(bare: BareWebsocket, script: Callable[[socket.socket], None]) -> Heard:
    """Run a stream against the script until its first connection is over."""
    bare.play(script)
    factor = 1 / 20
    stream = AllTickStream(
        Door.STOCKS,
        CODES,
        CODES[:1],
        Gate(Pacing().scaled(factor), PROFESSIONAL.paced(factor)),
        lambda: "secret-4711",
        address=Address("127.0.0.1", bare.listener.getsockname()[1], is_secure=False),
    )
    heard, stop = Heard(), threading.Event()

    def deliver(rows: object, trades: TickCounts, *_: object) -> None:
        heard.n_rows += len(rows)  # type: ignore[arg-type]
        heard.trades = trades

    def report(status: FeedStatus) -> None:
        heard.statuses.append(status)
        if status.state is FeedState.WAITING:
            stop.set()

    stream.run(stop, deliver, report)
    return heard


def test_that_a_ping_is_answered_while_ticks_come_in(bare: BareWebsocket) -> None:
    answers: list[tuple[int, bytes]] = []

    def script(client: socket.socket) -> None:
        frame = client.recv(4096)  # the subscription
        client.sendall(text(TRADE) + b"\x89\x04beat" + text(TRADE))
        while (frame := client.recv(4096))[:1] != b"\x8a":
            pass
        answers.append(unmasked(frame))

    heard = run_until_parted(bare, script)
    assert answers == [(0xA, b"beat")]
    assert (heard.n_rows, heard.trades.received, heard.trades.repeated) == (1, 2, 1)


@pytest.mark.parametrize(
    ("ending", "note"),
    [
        (b"\x88\x02\x03\xe8", "closed by the server with 1000"),
        (b"\x81\x81\x00\x00\x00\x00a", "a frame was masked"),
        (b"\x81\x7f\xff\xff\xff\xff\xff\xff\xff\xff", "a message of 18446744073709551615 bytes"),
        (b"", "the connection was lost (the server hung up)"),
    ],
)
def test_that_what_ends_a_connection_is_said_and_the_ticks_before_it_are_kept(
    bare: BareWebsocket, ending: bytes, note: str
) -> None:
    def say_and_part(client: socket.socket) -> None:
        client.sendall(text(TRADE) + ending)
        bare.hang_up(client)

    heard = run_until_parted(bare, say_and_part)
    assert heard.n_rows == 1
    waiting = [status for status in heard.statuses if status.state is FeedState.WAITING]
    assert waiting[0].note.startswith(f"{note}; next try in ")
    assert heard.statuses[-1].state is FeedState.STOPPED


def test_that_bytes_without_sense_are_counted_and_cost_nothing_else(bare: BareWebsocket) -> None:
    heard = run_until_parted(
        bare, lambda client: client.sendall(text(b"\xff" * 200) + text(b"[" * 5000) + text(TRADE))
    )
    assert heard.n_rows == 1


def test_that_the_handshake_names_the_door_and_carries_the_token(bare: BareWebsocket) -> None:
    run_until_parted(bare, lambda client: None)
    assert bare.request.startswith(b"GET /quote-stock-b-ws-api?token=secret-4711 HTTP/1.1\r\n")
    assert b"Origin" not in bare.request
