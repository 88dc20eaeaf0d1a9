"""A websocket server made of a bare socket, which says what no well-behaved server would."""

import base64
import hashlib
import socket
import ssl
import threading
from collections.abc import Callable

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
Script = Callable[[socket.socket], None]


class BareWebsocket:
    """A listening socket that answers one handshake, then does what the script says."""

    def __init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.listener.settimeout(5.0)
        self.request = b""
        self.heard = b""
        self.tls: ssl.SSLContext | None = None
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.listener.getsockname()[1]}/quote-b-ws-api?token=secret-4711"

    def play(self, script: Script, *, answer: bytes | None = None) -> None:
        def run() -> None:
            client, _ = self.listener.accept()
            client.settimeout(5.0)
            if self.tls is not None:
                try:
                    client = self.tls.wrap_socket(client, server_side=True)
                except OSError:
                    client.close()
                    return
            with client:
                client.settimeout(5.0)
                while b"\r\n\r\n" not in self.request:
                    self.request += client.recv(4096)
                client.sendall(answer if answer is not None else self._accept())
                script(client)

        self._thread = threading.Thread(target=run)
        self._thread.start()

    def hear(self, client: socket.socket, n_bytes: int) -> None:
        while len(self.heard) < n_bytes and (data := client.recv(4096)):
            self.heard += data

    def end(self) -> None:
        if self._thread is not None:
            self._thread.join()
        self.listener.close()

    @staticmethod
    def hang_up(client: socket.socket) -> None:
        """Say that nothing more comes, and hear the rest: with words unread a socket is reset, not closed."""
        try:
            client.shutdown(socket.SHUT_WR)
            while client.recv(4096):
                pass
        except OSError:
            return

    def _accept(self) -> bytes:
        line = next(
            line for line in self.request.split(b"\r\n") if line.lower().startswith(b"sec-websocket-key:")
        )
        digest = base64.b64encode(hashlib.sha1(line.split(b":", 1)[1].strip() + GUID).digest())  # noqa: S324  RFC 6455
        return (
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Accept: " + digest + b"\r\n\r\n"
        )


def unmasked(frame: bytes) -> tuple[int, bytes]:
    """Return the opcode and payload of one short frame of a client."""
    length = frame[1] & 0x7F
    key, payload = frame[2:6], frame[6 : 6 + length]
    return frame[0] & 0x0F, bytes(byte ^ key[index % 4] for index, byte in enumerate(payload))
