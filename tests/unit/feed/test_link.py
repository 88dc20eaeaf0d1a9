"""The link against bare sockets on loopback, which say what no well-behaved server would."""

import base64
import hashlib
import shutil
import socket
import ssl
import struct
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from plimsoll.feed.link import Link, LinkLost, LinkRefused, socket_options
from plimsoll.feed.pacing import Pacing

SWIFT = Pacing().scaled(1 / 20)
GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
Script = Callable[[socket.socket], None]


class Bare:
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

    def _accept(self) -> bytes:
        line = next(
            line for line in self.request.split(b"\r\n") if line.lower().startswith(b"sec-websocket-key:")
        )
        digest = base64.b64encode(hashlib.sha1(line.split(b":", 1)[1].strip() + GUID).digest())  # noqa: S324  RFC 6455
        return (
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Accept: " + digest + b"\r\n\r\n"
        )


@pytest.fixture
def bare() -> Iterator[Bare]:
    made = Bare()
    yield made
    made.end()


def read_until(link: Link, n_bytes: int) -> bytes:
    data = b""
    for _ in range(100):
        data += link.read()
        if len(data) >= n_bytes:
            break
    return data


def unmasked(frame: bytes) -> tuple[int, bytes]:
    length = frame[1] & 0x7F
    key, payload = frame[2:6], frame[6 : 6 + length]
    return frame[0] & 0x0F, bytes(byte ^ key[index % 4] for index, byte in enumerate(payload))


def test_that_bytes_come_as_they_arrive_and_frames_go_out_masked(bare: Bare) -> None:
    def script(client: socket.socket) -> None:
        client.sendall(b"\x81\x02{}")
        bare.hear(client, 10)

    bare.play(script)
    link = Link(bare.url, SWIFT)
    assert read_until(link, 4) == b"\x81\x02{}"
    link.send("beat")
    bare._thread.join()  # type: ignore[union-attr]
    link.close()
    assert unmasked(bare.heard) == (0x1, b"beat")


def test_that_what_comes_with_the_handshake_s_answer_is_not_lost(bare: Bare) -> None:
    bare._accept, accept = (lambda: accept() + b"\x81\x05early"), bare._accept  # type: ignore[method-assign]
    bare.play(lambda client: bare.hear(client, 8))
    link = Link(bare.url, SWIFT)
    assert read_until(link, 7) == b"\x81\x05early"
    link.close()


def test_that_nothing_is_no_bytes_and_takes_the_read_wait_at_most(bare: Bare) -> None:
    done = threading.Event()
    bare.play(lambda client: (done.wait(5.0), None)[1])
    link = Link(bare.url, SWIFT)
    assert link.read() == b""
    done.set()
    link.close()


def test_that_a_ping_is_answered_with_its_own_payload(bare: Bare) -> None:
    bare.play(lambda client: bare.hear(client, 10))
    link = Link(bare.url, SWIFT)
    link.pong(b"beat")
    bare._thread.join()  # type: ignore[union-attr]
    link.close()
    assert unmasked(bare.heard) == (0xA, b"beat")


def test_that_hanging_up_sends_a_close_frame_that_arrives_though_bytes_lie_unread(bare: Bare) -> None:
    def script(client: socket.socket) -> None:
        client.sendall(b"\x81\x02{}" * 1000)
        bare.hear(client, 8)

    bare.play(script)
    link = Link(bare.url, SWIFT)
    link.read()
    link.close()
    bare._thread.join()  # type: ignore[union-attr]
    assert unmasked(bare.heard) == (0x8, struct.pack("!H", 1000))


def test_that_a_link_hung_up_upon_is_lost(bare: Bare) -> None:
    bare.play(lambda client: None)
    link = Link(bare.url, SWIFT)
    with pytest.raises(LinkLost, match="the server hung up"):
        read_until(link, 1)
    link.close()


def test_that_a_link_reset_is_lost_and_says_how(bare: Bare) -> None:
    def script(client: socket.socket) -> None:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    bare.play(script)
    link = Link(bare.url, SWIFT)
    bare._thread.join()  # type: ignore[union-attr]
    with pytest.raises(LinkLost, match="ECONNRESET"):
        read_until(link, 1)
    with pytest.raises(LinkLost, match=r"EPIPE|ECONNRESET"):
        link.send("beat")
    link.close()


@pytest.mark.parametrize("status", [401, 403, 429, 503])
def test_that_a_handshake_refused_tells_its_status_and_no_word_of_the_server(bare: Bare, status: int) -> None:
    body = b"token secret-4711 invalid"
    bare.play(
        lambda client: None,
        answer=b"HTTP/1.1 %d No\r\nContent-Length: %d\r\n\r\n%s" % (status, len(body), body),
    )
    with pytest.raises(LinkRefused) as raised:
        Link(bare.url, SWIFT)
    assert raised.value.status == status
    assert "4711" not in f"{raised.value} {raised.value.__cause__!r}"
    assert raised.value.__suppress_context__


def test_that_a_redirect_is_not_followed_with_the_token(bare: Bare) -> None:
    bare.play(
        lambda client: None,
        answer=b"HTTP/1.1 302 Found\r\nLocation: ws://127.0.0.1:1/?token=secret-4711\r\n\r\n",
    )
    with pytest.raises((LinkRefused, LinkLost)) as raised:
        Link(bare.url, SWIFT)
    assert "4711" not in str(raised.value)


@pytest.mark.parametrize(
    "answer", [b"", b"garbage\r\n\r\n", b"HTTP/1.1 101 Ok\r\n\r\n", b"\xff" * 100 + b"\r\n\r\n"]
)
def test_that_a_handshake_answered_with_nonsense_is_a_link_lost(bare: Bare, answer: bytes) -> None:
    bare.play(lambda client: None, answer=answer)
    with pytest.raises((LinkLost, LinkRefused)):
        Link(bare.url, SWIFT)


def test_that_a_handshake_never_answered_is_given_up(bare: Bare) -> None:
    done = threading.Event()
    bare.play(lambda client: (done.wait(5.0), None)[1], answer=b"HTTP/1.1 ")
    with pytest.raises(LinkLost):
        Link(bare.url, SWIFT)
    done.set()


def test_that_nobody_listening_is_a_link_lost_and_says_how(bare: Bare) -> None:
    bare.listener.close()
    with pytest.raises(LinkLost, match="ECONNREFUSED"):
        Link("ws://127.0.0.1:1/?token=secret-4711", SWIFT)


def test_that_the_kernel_is_told_to_notice_lost_packets() -> None:
    options = {(level, name): value for level, name, value in socket_options()}
    assert options[socket.SOL_SOCKET, socket.SO_KEEPALIVE] == 1
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        assert options[socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT] == 4000


def test_that_a_platform_without_the_options_still_has_keepalive(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TCP_USER_TIMEOUT", "TCP_KEEPIDLE", "TCP_KEEPINTVL", "TCP_KEEPCNT"):
        monkeypatch.delattr(socket, name, raising=False)
    assert (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1) in socket_options()


@pytest.fixture
def certificate(bare: Bare, tmp_path: Path) -> Path:
    """A certificate for this machine, signed by nobody but itself, which the bare server then shows."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    made, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "1"]
    files = ["-keyout", str(key), "-out", str(made)]
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", *subject, *files],
        check=True,
        capture_output=True,
    )
    bare.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    bare.tls.load_cert_chain(made, key)
    return made


def test_that_over_tls_all_that_has_arrived_is_read_at_once(
    bare: Bare, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    frames = b"\x81\x02{}" * 20_000

    def script(client: socket.socket) -> None:
        client.sendall(frames)
        bare.hear(client, 8)

    bare.play(script)
    link = Link(bare.url.replace("ws:", "wss:"), SWIFT)
    assert read_until(link, len(frames)) == frames
    assert link.read() == b""
    link.close()


def test_that_a_server_nobody_vouches_for_never_sees_the_token(bare: Bare, certificate: Path) -> None:
    bare.play(lambda client: None)
    with pytest.raises(LinkLost, match="SSLCertVerificationError") as raised:
        Link(bare.url.replace("ws:", "wss:"), SWIFT)
    assert bare.request == b""
    assert "4711" not in str(raised.value)
