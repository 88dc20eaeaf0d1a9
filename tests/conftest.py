"""What every test is held to: no screen, no network but loopback, no warning unexpected, no thread left."""

import errno
import ipaddress
import logging
import os
import socket
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ.setdefault(name, "1")  # as the program itself does, before numpy is imported
if not os.environ.get("PLIMSOLL_TEST_SCREEN"):
    os.environ["QT_QPA_PLATFORM"] = "offscreen"  # a marked test starts its own X server in a child process

settings.register_profile("quick", max_examples=50, deadline=None)
settings.register_profile(
    "ci", max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci" if os.environ.get("CI") else "quick"))

THREAD_GRACE_S = 3.0
_started_at: dict[threading.Thread, str] = {}
_strangers: list[str] = []


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", "logs_warnings: provokes warnings of the program's own log; what they say is not the point"
    )
    _watch_threads()
    _keep_to_loopback()


@pytest.fixture(autouse=True)
def loopback_only() -> Iterator[None]:
    """Fail a test that spoke to anything but this machine, whatever the program made of the refusal."""
    _strangers.clear()
    yield
    assert not _strangers, f"this test reached for the network: {', '.join(_strangers)}"


@pytest.fixture(autouse=True)
def no_thread_left() -> Iterator[None]:
    """Fail a test that leaves a thread running, naming the line that started it."""
    before = set(threading.enumerate())
    qt_before = _qt_threads()
    yield
    deadline_s = time.monotonic() + THREAD_GRACE_S
    left = [thread for thread in threading.enumerate() if thread not in before and _is_ours(thread)]
    for thread in left:
        thread.join(max(deadline_s - time.monotonic(), 0.0))
    still = [f"{thread.name}, started at {_started_at.get(thread, 'an unknown line')}" for thread in left
             if thread.is_alive()]  # fmt: skip
    while _qt_threads() - qt_before and time.monotonic() < deadline_s:
        threading.Event().wait(0.01)
    still += [f"the QThread {name}" for _, name in sorted(_qt_threads() - qt_before)]
    assert not still, "threads were left running: " + "; ".join(still)


@pytest.fixture(autouse=True)
def no_unexpected_warning(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test in which the program logs a warning that the test neither reads nor announces.

    A test that takes `caplog` reads the log; one marked `logs_warnings` provokes faults on purpose.
    """
    is_expected = "caplog" in request.fixturenames or request.node.get_closest_marker("logs_warnings")
    kept = _Kept()
    logger = logging.getLogger("plimsoll")
    logger.addHandler(kept)
    yield
    logger.removeHandler(kept)
    assert is_expected or not kept.lines, "the program warned: " + "; ".join(kept.lines)


class _Kept(logging.Handler):
    """Keeps what is logged as a warning or worse."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(f"{record.getMessage()!r} ({record.name}, {record.filename}:{record.lineno})")


def _is_ours(thread: threading.Thread) -> bool:
    """Tell whether a thread is one that a test can leave behind: Python's pools and Qt's shadows are not."""
    return not isinstance(thread, threading._DummyThread)  # type: ignore[attr-defined]


def _qt_threads() -> set[tuple[str, str]]:
    """Return the worker threads of the desk that run, by number and name, as the kernel knows them."""
    if "PySide6.QtCore" not in sys.modules or not sys.platform.startswith("linux"):
        return set()
    found = set()
    for task in Path("/proc/self/task").iterdir():
        try:
            name = (task / "comm").read_text().strip()
        except OSError:
            continue  # it ended meanwhile
        if name.startswith("plimsoll-"):
            found.add((task.name, name))
    return found


def _watch_threads() -> None:
    """Remember for each thread the line outside `threading` that started it."""
    begin = threading.Thread.start

    def start(self: threading.Thread) -> None:
        frames = traceback.extract_stack()[:-1]
        ours = [frame for frame in frames if f"{os.sep}site-packages{os.sep}" not in frame.filename
                and not frame.filename.startswith(sys.base_prefix)]  # fmt: skip
        frame = (ours or frames)[-1]
        _started_at[self] = f"{frame.filename}:{frame.lineno}"
        begin(self)

    threading.Thread.start = start  # type: ignore[method-assign]


def _keep_to_loopback() -> None:
    """Refuse every connection that would leave this machine, and remember it."""
    connect, connect_ex, look_up = socket.socket.connect, socket.socket.connect_ex, socket.getaddrinfo

    def refuse(where: object) -> OSError:
        _strangers.append(str(where))
        return OSError(errno.ENETUNREACH, f"tests keep to loopback: {where}")

    def checked(call: Callable[..., object]) -> Callable[..., object]:
        def checked_call(self: socket.socket, address: object) -> object:
            if self.family != socket.AF_UNIX and not _is_loopback(address):
                raise refuse(address)
            return call(self, address)

        return checked_call

    def checked_look_up(host: object, *rest: object, **named: object) -> object:
        if not _is_loopback((host,)):
            raise refuse(host)
        return look_up(host, *rest, **named)  # type: ignore[arg-type]

    socket.socket.connect = checked(connect)  # type: ignore[assignment, method-assign]
    socket.socket.connect_ex = checked(connect_ex)  # type: ignore[assignment, method-assign]
    socket.getaddrinfo = checked_look_up  # type: ignore[assignment]


def _is_loopback(address: object) -> bool:
    host = address[0] if isinstance(address, tuple) else address
    if host is None or host in {"", "localhost", b"localhost"}:
        return True
    try:
        return ipaddress.ip_address(host.decode() if isinstance(host, bytes) else str(host)).is_loopback
    except ValueError:
        return False
