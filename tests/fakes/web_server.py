"""A web server on loopback that takes what is posted, with or without encryption, and answers as told."""

import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Answer = tuple[int, dict[str, str]]


@dataclass(frozen=True, slots=True)
class Posted:
    """One request.

    Attributes
    ----------
    path : str
        With its query.
    headers : dict
        By name in small letters.
    body : bytes
        As it came.
    """

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass(slots=True)
class WebServer:
    """A running server.

    Attributes
    ----------
    port : int
        Where it listens.
    posted : list of Posted
        What came, in order.
    """

    port: int
    posted: list[Posted] = field(default_factory=list)


@contextmanager
def running_web_server(
    *, context: ssl.SSLContext | None = None, answer: Callable[[Posted], Answer] = lambda _posted: (200, {})
) -> Iterator[WebServer]:
    """Run a server until the end of the block."""
    kept: list[WebServer] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            headers = {name.lower(): value for name, value in self.headers.items()}
            posted = Posted(self.path, headers, self.rfile.read(length))
            kept[0].posted.append(posted)
            self._answer(posted)

        def do_GET(self) -> None:
            posted = Posted(f"GET {self.path}", {}, b"")
            kept[0].posted.append(posted)
            self._answer(posted)

        def _answer(self, posted: Posted) -> None:
            status, headers = answer(posted)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_words: object) -> None:
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        daemon_threads = False

        def handle_error(self, *_request: object) -> None:
            """Say nothing: a client that refuses our certificate hangs up."""

    with Server(("127.0.0.1", 0), Handler) as server:
        if context is not None:
            server.socket = context.wrap_socket(server.socket, server_side=True)
        kept.append(WebServer(server.server_address[1]))
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), name="web-server")
        thread.start()
        try:
            yield kept[0]
        finally:
            server.shutdown()
            thread.join()
