"""The server as a process of its own: options in, one ready line out, faults by the side channel."""

import asyncio
import contextlib
import json
import signal
import sys
from collections.abc import AsyncIterator, Callable

from plimsoll.alltick_server.close_series import BadMarketFile
from plimsoll.alltick_server.running_server import RunningServer
from plimsoll.alltick_server.serve_options import BadOption, ServeOptions
from plimsoll.alltick_server.server_thread import ServerThread
from plimsoll.alltick_server.side_channel import SideChannel

__all__ = ["RunningServer", "ServeOptions", "ServerThread", "main", "running_server"]

EXIT_BAD_START = 2


@contextlib.asynccontextmanager
async def running_server(
    options: ServeOptions,
    *,
    token: str = "test-token",  # noqa: S107  the default is for tests, on loopback
) -> AsyncIterator[RunningServer]:
    """Run a server inside the caller's event loop."""
    server = RunningServer(options, token)
    await server.open()
    try:
        yield server
    finally:
        await server.close()


def main(options: ServeOptions) -> int:
    """Serve until standard input closes or Ctrl-C; return the process's exit code.

    The first line of standard input is the token, each later one a command of the side channel, a JSON
    object such as ``{"fault": "repeats", "share": 0.1}`` or ``{"command": "counts"}``, answered by one JSON
    line. The first line of standard output says where the server listens.
    """
    if sys.stdin.isatty():
        sys.stderr.write("any token, then Enter: ")
        sys.stderr.flush()
    try:
        channel = SideChannel(sys.stdin.fileno())
        token = channel.first_line()
        if not token:
            return _refused("no token was given, expected it as the first line of standard input")
        return asyncio.run(_serve(options, token, channel))
    except KeyboardInterrupt:
        return 0
    except (BadMarketFile, BadOption) as bad:
        return _refused(str(bad))


def _refused(reason: str) -> int:
    sys.stderr.write(f"plimsoll serve: {reason}\n")
    return EXIT_BAD_START


def _say(line: dict[str, object]) -> None:
    with contextlib.suppress(BrokenPipeError):  # whoever started us is gone; standard input says so too
        sys.stdout.write(json.dumps(line) + "\n")
        sys.stdout.flush()


async def _serve(options: ServeOptions, token: str, channel: SideChannel) -> int:
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()
    with contextlib.suppress(NotImplementedError):  # Windows: Ctrl-C arrives as KeyboardInterrupt
        loop.add_signal_handler(signal.SIGINT, ended.set)
        loop.add_signal_handler(signal.SIGTERM, ended.set)
    server = RunningServer(options, token, _say)
    await server.open()
    _say(server.ready_line())

    def soon(call: Callable[[], None]) -> None:
        with contextlib.suppress(RuntimeError):  # the loop ended before the thread did
            loop.call_soon_threadsafe(call)

    channel.listen(lambda line: soon(lambda: _say(server.control_text(line))), lambda: soon(ended.set))
    try:
        await server.run_until(ended)
    finally:
        await server.close()
    return 0
