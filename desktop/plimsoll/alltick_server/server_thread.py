"""The server in a thread of its own, for tests that are not asynchronous."""

import asyncio
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self, TypeVar

from plimsoll.alltick_server.running_server import RunningServer
from plimsoll.alltick_server.serve_options import ServeOptions

_T = TypeVar("_T")


class ServerThread:
    """A running server as a context manager; every method may be called from any thread.

    Attributes
    ----------
    url, http
        Where it listens, e.g. ``ws://127.0.0.1:40123``.
    token
        The token it accepts.
    """

    def __init__(self, options: ServeOptions | None = None, *, token: str = "test-token") -> None:  # noqa: S107  for tests, on loopback
        self.token = token
        self._options = options or ServeOptions()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._server: RunningServer | None = None
        self._ended: asyncio.Event | None = None
        self._ready = threading.Event()
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="alltick server", daemon=True)

    def __enter__(self) -> Self:
        self.begin()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, failure: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def begin(self) -> None:
        """Start listening; returns when clients may connect, raises what kept it from starting."""
        self._thread.start()
        self._ready.wait()
        if self._failure is not None:
            self._thread.join()
            raise self._failure

    def stop(self) -> None:
        """Close every connection and end the thread."""
        if self._thread.is_alive() and self._loop is not None and self._ended is not None:
            self._loop.call_soon_threadsafe(self._ended.set)
        self._thread.join()

    @property
    def url(self) -> str:
        """Return where websockets are opened."""
        return self._running.url

    @property
    def http(self) -> str:
        """Return where REST is called."""
        return self._running.http

    def ready_line(self) -> dict[str, object]:
        """Return what the process would have printed."""
        return self._running.ready_line()

    def started_line(self) -> dict[str, object] | None:
        """Return how exchange time maps to wall time, None while the market has not started."""
        return self._running.started_line()

    def fault(self, name: str, *, share: float = 1.0, on: bool = True, times: int = 1) -> None:
        """Switch one fault; `plimsoll.alltick_server.fault` lists them."""
        self._within(lambda: self._running.fault(name, share=share, on=on, times=times))

    def clear_faults(self) -> None:
        """Turn all faults off."""
        self._within(self._running.clear_faults)

    def counts(self) -> list[dict[str, object]]:
        """Return what each connection was sent, to the tick."""
        return self._within(self._running.counts)

    @property
    def has_ended(self) -> bool:
        """Say whether every open connection has been sent the market's last tick."""
        return self._within(lambda: self._running.has_ended)

    @property
    def _running(self) -> RunningServer:
        if self._server is None:
            raise RuntimeError("the server was not started, expected begin() or a with statement first")
        return self._server

    def _within(self, call: Callable[[], _T]) -> _T:
        if self._loop is None:
            raise RuntimeError("the server was not started, expected begin() or a with statement first")

        async def called() -> _T:
            return call()

        return asyncio.run_coroutine_threadsafe(called(), self._loop).result(timeout=10.0)

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except BaseException as failure:  # noqa: BLE001  handed to the thread that waits in begin()
            self._failure = failure
        finally:
            self._ready.set()

    async def _serve(self) -> None:
        self._loop, self._ended = asyncio.get_running_loop(), asyncio.Event()
        server = RunningServer(self._options, self.token)
        await server.open()
        self._server = server
        self._ready.set()
        try:
            await server.run_until(self._ended)
        finally:
            await server.close()
