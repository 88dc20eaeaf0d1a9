"""The canary: a token that must never be seen anywhere but in the URL of a request."""

import io
import logging
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from fakes.running_feed import SWIFT, RunningFeed
from plimsoll.alltick_server.pacing import Pacing as ServerPacing
from plimsoll.alltick_server.running_server import ServeOptions
from plimsoll.alltick_server.server_thread import ServerThread
from plimsoll.domain.feed_status import FeedState
from plimsoll.feed.address import Address, Door
from plimsoll.feed.alltick_rest import AllTickRest
from plimsoll.feed.gate import Gate
from plimsoll.feed.pacing import PROFESSIONAL, Pacing

CANARY = "canary-4711-\u00e9 &?"
MARK = "4711"
STOCKS = {Door.STOCKS: ("AAPL.US", "MSFT.US")}


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Everything any logger says at DEBUG, and everything websocket-client would print of itself."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    root = logging.getLogger()
    before = {name: logging.getLogger(name).level for name in ("", "websocket", "urllib3", "plimsoll")}
    root.addHandler(handler)
    for name in before:
        logging.getLogger(name).setLevel(logging.DEBUG)
    yield written
    root.removeHandler(handler)
    for name, level in before.items():
        logging.getLogger(name).setLevel(level)


@pytest.fixture
def server() -> Iterator[ServerThread]:
    options = ServeOptions(pacing=ServerPacing().scaled(SWIFT), day_seconds=5.0, rate=40.0)
    with ServerThread(options, token=CANARY) as made:
        yield made


def port_of(server: ServerThread) -> int:
    return int(server.url.rsplit(":", 1)[1])


def everything_said(feed: RunningFeed) -> str:
    statuses = [repr(status) for statuses in feed.statuses.values() for status in statuses]
    parts = [repr(stream) + repr(vars(stream)) for stream in feed.streams.values()]
    names = [thread.name for thread in threading.enumerate()]
    return "\n".join([*statuses, *parts, *names, repr(feed.gate), repr(vars(feed.gate))])


def test_that_the_token_opens_the_door_and_shows_nowhere(
    server: ServerThread, log: io.StringIO, capfd: pytest.CaptureFixture[str]
) -> None:
    with RunningFeed(port_of(server), STOCKS, token=lambda: CANARY) as feed:
        feed.until_live()
        for fault in ("cut", "refuse_429", "answer_606", "refuse_401"):
            server.fault(fault)
        server.fault("cut")
        feed.until(lambda: feed.has_ended(Door.STOCKS) or FeedState.WAITING in feed.states(Door.STOCKS))
        said = everything_said(feed)
    assert MARK not in said
    assert MARK not in log.getvalue()
    assert MARK not in "".join(capfd.readouterr())


def raised_by(deed: Callable[[], object]) -> str:
    try:
        deed()
    except Exception:  # noqa: BLE001  whatever it is, it must not quote the token
        kind, failure, trace = sys.exc_info()
        text = "".join(traceback.format_exception(kind, failure, trace))
        return text + repr(vars(failure)) + repr(failure.__cause__) if failure else text
    raise AssertionError("nothing was raised")


@pytest.mark.parametrize("fault", ["rest_stall", "rest_605", "wrong door", "nobody"])
def test_that_no_failed_call_quotes_the_token(server: ServerThread, log: io.StringIO, fault: str) -> None:
    port = 1 if fault == "nobody" else port_of(server)
    if fault.startswith("rest"):
        server.fault(fault, times=100)
    pacing = replace(Pacing().scaled(1 / 1000), connect_wait_s=0.3)
    gate = Gate(pacing, PROFESSIONAL.paced(1 / 1000))
    rest = AllTickRest(
        gate, lambda: CANARY, threading.Event(), address=Address("127.0.0.1", port, is_secure=False)
    )
    code = "nosuch" if fault == "wrong door" else "AAPL.US"
    said = raised_by(lambda: rest.kline(code, 8, 2))
    server.clear_faults()
    assert MARK not in said + repr(rest) + repr(vars(rest)) + log.getvalue()
