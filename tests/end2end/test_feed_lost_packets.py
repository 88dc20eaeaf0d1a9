"""Packets vanish on an open connection, as in a tunnel: found by the kernel, not by waiting for ever."""

import shutil
import subprocess
import time
from collections.abc import Iterator

import pytest

from fakes.running_feed import RunningFeed
from plimsoll.alltick_server.running_server import ServeOptions
from plimsoll.alltick_server.server_thread import ServerThread
from plimsoll.domain.feed_status import FeedState
from plimsoll.feed.address import Door

STOCKS = {Door.STOCKS: ("AAPL.US", "MSFT.US")}


class Tunnel:
    """Drops every packet of one port on loopback while it is dark."""

    def __init__(self, port: int) -> None:
        self._rules = [
            ["-p", "tcp", "-i", "lo", end, str(port), "-j", "DROP"] for end in ("--sport", "--dport")
        ]
        self._is_dark = False

    def darken(self) -> None:
        for rule in self._rules:
            subprocess.run(["iptables", "-I", "INPUT", *rule], check=True, capture_output=True)
        self._is_dark = True

    def clear(self) -> None:
        if self._is_dark:
            for rule in self._rules:
                subprocess.run(["iptables", "-D", "INPUT", *rule], check=True, capture_output=True)
        self._is_dark = False


@pytest.fixture
def server() -> Iterator[ServerThread]:
    with ServerThread(ServeOptions(day_seconds=60.0, rate=20.0)) as made:
        yield made


@pytest.fixture
def tunnel(server: ServerThread) -> Iterator[Tunnel]:
    if shutil.which("iptables") is None:
        pytest.skip("iptables is not installed")
    tried = subprocess.run(["iptables", "-S", "INPUT"], check=False, capture_output=True, text=True)
    if tried.returncode:
        pytest.skip(f"iptables is not permitted here: {tried.stderr.strip()}")
    made = Tunnel(int(server.url.rsplit(":", 1)[1]))
    yield made
    made.clear()


@pytest.mark.true_pacing
@pytest.mark.parametrize("is_silent", [False, True])
def test_that_lost_packets_are_found_within_eight_seconds(
    server: ServerThread, tunnel: Tunnel, is_silent: bool
) -> None:
    with RunningFeed(int(server.url.rsplit(":", 1)[1]), STOCKS, factor=1.0) as feed:
        feed.until_live()
        if is_silent:
            server.fault("silence")
        tunnel.darken()
        since_s = time.monotonic()
        feed.until(lambda: feed.states(Door.STOCKS)[-1] is FeedState.WAITING)
        found_s = time.monotonic() - since_s
        tunnel.clear()
        assert found_s < 8.0
        assert "ETIMEDOUT" in feed.statuses[Door.STOCKS][-1].note
        server.clear_faults()
        n_then = feed.n_rows(Door.STOCKS)
        feed.until(lambda: feed.n_rows(Door.STOCKS) > n_then, within_s=25.0)
