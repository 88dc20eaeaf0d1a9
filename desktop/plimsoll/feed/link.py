"""One websocket: opened by websocket-client, then read in pieces as large as they come."""

import contextlib
import errno
import socket
import ssl
import struct
import time
from typing import Any
from urllib.parse import urlsplit

import websocket

from plimsoll.feed.pacing import Pacing

READ_BYTES = 256 * 1024
# Linux only, and only until the next read: hence set after each.
_QUICKACK = getattr(socket, "TCP_QUICKACK", None)
_GOING_NORMALLY = struct.pack("!H", 1000)


class LinkRefused(ConnectionError):
    """The server answered the handshake, and not with a websocket.

    Attributes
    ----------
    status : int
        Its HTTP status; 0 when it had none.
    """

    def __init__(self, status: int) -> None:
        super().__init__(f"the handshake was answered with {status}, expected 101")
        self.status = status


class LinkLost(ConnectionError):
    """The connection could not be opened, or is gone."""


def socket_options() -> list[tuple[int, int, int]]:
    """Return what makes the kernel notice within eight seconds that packets vanish on an open connection.

    Without them a reader waits for ever. Where the platform has no TCP_USER_TIMEOUT (macOS, Windows) only
    the unanswered heartbeat tells, within fifteen.
    """
    wanted = (
        ("TCP_NODELAY", 1),
        ("TCP_USER_TIMEOUT", 4000),  # ms that sent bytes, or probes, may stay unacknowledged
        ("TCP_KEEPIDLE", 2),  # s of silence before the first probe
        ("TCP_KEEPINTVL", 1),
        ("TCP_KEEPCNT", 4),
    )
    options = [(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)]
    options += [
        (socket.IPPROTO_TCP, getattr(socket, name), value) for name, value in wanted if hasattr(socket, name)
    ]
    return options


class Link:
    """An open websocket.

    Parameters
    ----------
    url : str
        Where to; it may hold a token, so it is used once and kept nowhere.
    pacing : Pacing
        How long to wait for what.

    Raises
    ------
    LinkRefused
        If the handshake was answered with another status than 101.
    LinkLost
        If there was no answer.
    """

    def __init__(self, url: str, pacing: Pacing) -> None:
        self._pacing = pacing
        self._web = _open(url, pacing)
        self._web.settimeout(pacing.read_wait_s)
        self._socket: Any = self._web.sock
        self._is_tls = isinstance(self._socket, ssl.SSLSocket)

    def read(self) -> bytes:
        """Return all that has arrived, after `read_wait_s` at most; nothing is no bytes.

        Raises
        ------
        LinkLost
            If the connection is gone.
        """
        try:
            data = self._socket.recv(READ_BYTES)
            if data and self._is_tls:
                data += self._rest_of(READ_BYTES - len(data))
            if _QUICKACK is not None:
                # A server that gathers small writes (Nagle) waits for this acknowledgement, which the
                # kernel would hold back for 40 ms: at 10 000 ticks/s the median age fell from 29 ms to 1.
                self._socket.setsockopt(socket.IPPROTO_TCP, _QUICKACK, 1)
        except OSError as why:
            # The kernel's own verdict on lost packets is a TimeoutError too, but with a number.
            if isinstance(why, TimeoutError) and why.errno is None:
                return b""
            raise LinkLost(_reason(why)) from None
        if not data:
            raise LinkLost("the server hung up")
        return bytes(data)

    def send(self, frame: str) -> None:
        """Send one text frame.

        Raises
        ------
        LinkLost
            If the connection is gone, or takes nothing more.
        """
        self._send(frame.encode(), websocket.ABNF.OPCODE_TEXT)

    def pong(self, payload: bytes) -> None:
        """Answer a ping.

        Raises
        ------
        LinkLost
            If the connection is gone, or takes nothing more.
        """
        self._send(payload, websocket.ABNF.OPCODE_PONG)

    def close(self) -> None:
        """Hang up in good order, so that AllTick frees the token's place at once."""
        with contextlib.suppress(LinkLost, OSError):
            self._send(_GOING_NORMALLY, websocket.ABNF.OPCODE_CLOSE)
            self._socket.shutdown(socket.SHUT_WR)
            # Unread bytes at the close would make the kernel reset the connection, and the close frame
            # with it.
            deadline_s = time.monotonic() + self._pacing.read_wait_s
            while time.monotonic() < deadline_s and self._socket.recv(READ_BYTES):
                pass
        self._web.shutdown()

    def _rest_of(self, n_bytes: int) -> bytes:
        # TLS hands out one record at a time, of at most 16 KB; the other records that have arrived are
        # taken too, or at full speed every hundredth tick would wait for a batch of its own.
        pieces = []
        self._socket.settimeout(0.0)
        # Whatever ends it, an error included, the next read meets it again.
        with contextlib.suppress(OSError):
            while n_bytes > 0 and (piece := self._socket.recv(n_bytes)):
                pieces.append(piece)
                n_bytes -= len(piece)
        self._socket.settimeout(self._pacing.read_wait_s)
        return b"".join(pieces)

    def _send(self, payload: bytes, opcode: int) -> None:
        try:
            self._web.send(payload, opcode)
        except (OSError, websocket.WebSocketException) as why:
            raise LinkLost(_reason(why)) from None


def _open(url: str, pacing: Pacing) -> Any:
    # enable_multithread=False: one thread owns a link, its locks would cost a microsecond a call.
    options: dict[str, Any] = {"sockopt": socket_options(), "skip_utf8_validation": True}
    is_local = url.startswith("ws:")  # Address allows no other host without TLS
    if not is_local:
        options["sslopt"] = {"context": ssl.create_default_context()}
    web: Any = websocket.WebSocket(enable_multithread=False, **options)
    web.settimeout(pacing.connect_wait_s)
    try:
        # A redirect would carry the token to whomever it names.
        own = _local_socket(url, pacing) if is_local else None
        web.connect(url, redirect_limit=0, suppress_origin=True, socket=own)
    except websocket.WebSocketBadStatusException as why:
        # Its text quotes the answer's body, which may quote the token.
        raise LinkRefused(int(why.status_code)) from None
    except (OSError, ValueError, websocket.WebSocketException) as why:
        raise LinkLost(_reason(why)) from None
    return web


def _local_socket(url: str, pacing: Pacing) -> socket.socket:
    # websocket-client would go to this very machine by way of the environment's proxy.
    place = urlsplit(url)
    made = socket.create_connection((place.hostname or "", place.port or 80), timeout=pacing.connect_wait_s)
    for option in socket_options():
        made.setsockopt(*option)
    return made


def _reason(why: Exception) -> str:
    # Never the text of the exception: it may quote the URL or the server.
    # An SSLError's number is OpenSSL's, and would read as quite another error here.
    if isinstance(why, OSError) and why.errno is not None and not isinstance(why, ssl.SSLError):
        return errno.errorcode.get(why.errno, f"error {why.errno}")
    return type(why).__name__
