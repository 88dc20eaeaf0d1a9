"""The server as a process of its own: options in, one ready line out, faults by the side channel."""

import asyncio
import contextlib
import json
import signal
import sys
import threading
from collections.abc import AsyncIterator
from typing import TextIO

from plimsoll.alltick_server.close_series import BadMarketFile
from plimsoll.alltick_server.running_server import RunningServer, ServeOptions
from plimsoll.alltick_server.server_thread import ServerThread

__all__ = ["RunningServer", "ServeOptions", "ServerThread", "main", "running_server"]

EXIT_BAD_START = 2


@contextlib.asynccontextmanager
async def running_server(options: ServeOptions, *, token: str = "test-token") -> AsyncIterator[RunningServer]:  # noqa: S107  the default is for tests, on loopback
    """Run a server inside the caller's event loop."""
    server = RunningServer(options, token)
    await server.open()
    try:
        yield server
    finally:
        await server.close()


def main(
    options: ServeOptions, *, token_and_control: TextIO | None = None, answers: TextIO | None = None
) -> int:
    """Serve until standard input closes or Ctrl-C; return the process's exit code.

    The first line of standard input is the token, each later one a command of the side channel, a JSON
    object such as ``{"fault": "repeats", "share": 0.1}`` or ``{"command": "counts"}``, answered by one JSON
    line. The first line of standard output says where the server listens.
    """
    source, out = token_and_control or sys.stdin, answers or sys.stdout
    if source.isatty():
        sys.stderr.write("any token, then Enter: ")
        sys.stderr.flush()
    try:
        token = source.readline().strip()
        if not token:
            return _refused("no token was given, expected it as the first line of standard input")
        return asyncio.run(_serve(options, token, source, out))
    except KeyboardInterrupt:
        return 0
    except (BadMarketFile, OSError) as bad:
        return _refused(str(bad))


def _refused(reason: str) -> int:
    sys.stderr.write(f"plimsoll serve: {reason}\n")
    return EXIT_BAD_START


async def _serve(options: ServeOptions, token: str, source: TextIO, out: TextIO) -> int:
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()
    with contextlib.suppress(NotImplementedError):  # Windows: Ctrl-C arrives as KeyboardInterrupt
        loop.add_signal_handler(signal.SIGINT, ended.set)
        loop.add_signal_handler(signal.SIGTERM, ended.set)

    def say(line: dict[str, object]) -> None:
        with contextlib.suppress(BrokenPipeError):  # whoever started us is gone; stdin says so too
            out.write(json.dumps(line) + "\n")
            out.flush()

    server = RunningServer(options, token, say)
    await server.open()
    say(server.ready_line())

    def obey(line: str) -> None:
        say(server.control_text(line))

    def listen() -> None:
        with contextlib.suppress(RuntimeError, ValueError):  # the loop, or the stream, closed under us
            for line in source:
                if line.strip():
                    loop.call_soon_threadsafe(obey, line)
            loop.call_soon_threadsafe(ended.set)

    threading.Thread(target=listen, name="side channel", daemon=True).start()
    await ended.wait()
    await server.close()
    return 0
