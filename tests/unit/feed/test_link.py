"""The link against bare sockets on loopback, which say what no well-behaved server would."""

import shutil
import socket
import ssl
import struct
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from fakes.bare_websocket import BareWebsocket, unmasked
from plimsoll.feed.link import Link, LinkLost, LinkRefused, socket_options
from plimsoll.feed.pacing import Pacing

SWIFT = Pacing().scaled(1 / 20)


@pytest.fixture
def bare() -> Iterator[BareWebsocket]:
    made = BareWebsocket()
    yield made
    made.end()


def read_until(link: Link, n_bytes: int) -> bytes:
    data = b""
    for _ in range(100):
        data += link.read()
        if len(data) >= n_bytes:
            break
    return data


def test_that_bytes_come_as_they_arrive_and_frames_go_out_masked(bare: BareWebsocket) -> None:
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


def test_that_what_comes_with_the_handshake_s_answer_is_not_lost(bare: BareWebsocket) -> None:
    bare._accept, accept = (lambda: accept() + b"\x81\x05early"), bare._accept  # type: ignore[method-assign]
    bare.play(lambda client: bare.hear(client, 8))
    link = Link(bare.url, SWIFT)
    assert read_until(link, 7) == b"\x81\x05early"
    link.close()


def test_that_nothing_is_no_bytes_and_takes_the_read_wait_at_most(bare: BareWebsocket) -> None:
    done = threading.Event()
    bare.play(lambda client: (done.wait(5.0), None)[1])
    link = Link(bare.url, SWIFT)
    assert link.read() == b""
    done.set()
    link.close()


def test_that_a_ping_is_answered_with_its_own_payload(bare: BareWebsocket) -> None:
    bare.play(lambda client: bare.hear(client, 10))
    link = Link(bare.url, SWIFT)
    link.pong(b"beat")
    bare._thread.join()  # type: ignore[union-attr]
    link.close()
    assert unmasked(bare.heard) == (0xA, b"beat")


def test_that_hanging_up_sends_a_close_frame_that_arrives_though_bytes_lie_unread(
    bare: BareWebsocket,
) -> None:
    def script(client: socket.socket) -> None:
        client.sendall(b"\x81\x02{}" * 1000)
        bare.hear(client, 8)

    bare.play(script)
    link = Link(bare.url, SWIFT)
    link.read()
    link.close()
    bare._thread.join()  # type: ignore[union-attr]
    assert unmasked(bare.heard) == (0x8, struct.pack("!H", 1000))


def test_that_a_link_hung_up_upon_is_lost(bare: BareWebsocket) -> None:
    bare.play(lambda client: None)
    link = Link(bare.url, SWIFT)
    with pytest.raises(LinkLost, match="the server hung up"):
        read_until(link, 1)
    link.close()


def test_that_a_link_reset_is_lost_and_says_how(bare: BareWebsocket) -> None:
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
def test_that_a_handshake_refused_tells_its_status_and_no_word_of_the_server(
    bare: BareWebsocket, status: int
) -> None:
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


def test_that_a_redirect_is_not_followed_with_the_token(bare: BareWebsocket) -> None:
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
def test_that_a_handshake_answered_with_nonsense_is_a_link_lost(bare: BareWebsocket, answer: bytes) -> None:
    bare.play(lambda client: None, answer=answer)
    with pytest.raises((LinkLost, LinkRefused)):
        Link(bare.url, SWIFT)


def test_that_a_handshake_never_answered_is_given_up(bare: BareWebsocket) -> None:
    done = threading.Event()
    bare.play(lambda client: (done.wait(5.0), None)[1], answer=b"HTTP/1.1 ")
    with pytest.raises(LinkLost):
        Link(bare.url, SWIFT)
    done.set()


def test_that_nobody_listening_is_a_link_lost_and_says_how(bare: BareWebsocket) -> None:
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
def certificate(bare: BareWebsocket, tmp_path: Path) -> Path:
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
    bare: BareWebsocket, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    frames = b"\x81\x02{}" * 50_000
    sent = threading.Event()

    def script(client: socket.socket) -> None:
        client.sendall(frames)
        sent.set()
        bare.hear(client, 8)

    bare.play(script)
    link = Link(bare.url.replace("ws:", "wss:"), SWIFT)
    assert sent.wait(5.0)
    first = link.read()
    assert len(first) > 16_384
    assert first + read_until(link, len(frames) - len(first)) == frames
    assert link.read() == b""
    link.close()


def test_that_a_server_nobody_vouches_for_never_sees_the_token(
    bare: BareWebsocket, certificate: Path
) -> None:
    bare.play(lambda client: None)
    with pytest.raises(LinkLost, match="SSLCertVerificationError") as raised:
        Link(bare.url.replace("ws:", "wss:"), SWIFT)
    assert bare.request == b""
    assert "4711" not in str(raised.value)


def test_that_a_local_server_is_reached_past_any_proxy(
    bare: BareWebsocket, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    monkeypatch.setenv("no_proxy", "example.org")
    bare.play(lambda client: client.sendall(b"\x81\x02{}"))
    link = Link(bare.url, SWIFT)
    assert read_until(link, 4) == b"\x81\x02{}"
    link.close()
