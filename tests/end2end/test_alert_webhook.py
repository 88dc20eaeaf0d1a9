import hashlib
import hmac
import json
import socket
from pathlib import Path

import pytest

from fakes.certificate import make_pair
from fakes.web_server import running_web_server
from plimsoll.notify.alert import trial_alert
from plimsoll.notify.channel import NotDelivered
from plimsoll.notify.webhook import Webhook

ALERT = trial_alert(person="ana", now_ns=5, source="test")
SECRET_PATH = "/services/T0/B0/hunter2"  # noqa: S105  a test's own


def hook(port: int, *, scheme: str = "http", key: str | None = None, **options) -> Webhook:
    return Webhook(
        lambda: f"{scheme}://127.0.0.1:{port}{SECRET_PATH}",
        lambda: key,
        timeout_s=options.pop("timeout_s", 5.0),
        clock=lambda: 17.9,
        **options,
    )


def test_that_an_alert_arrives_over_https_signed_so_that_the_receiver_can_check_it(tmp_path: Path) -> None:
    pair = make_pair(tmp_path)
    with running_web_server(context=pair.server) as server:
        said = hook(server.port, scheme="https", key="k", context=pair.client).send(ALERT)
        (posted,) = server.posted
    assert said == "taken by 127.0.0.1 (200)"
    assert posted.path == SECRET_PATH
    assert json.loads(posted.body)["title"] == ALERT.title
    assert posted.headers["content-type"] == "application/json"
    assert posted.headers["x-plimsoll-timestamp"] == "17"
    expected = hmac.new(b"k", b"17." + posted.body, hashlib.sha256).hexdigest()
    assert posted.headers["x-plimsoll-signature"] == f"v1={expected}"


def test_that_without_a_key_nothing_pretends_to_be_signed() -> None:
    with running_web_server() as server:
        hook(server.port).send(ALERT)
        assert "x-plimsoll-signature" not in server.posted[0].headers


def test_that_a_certificate_nobody_vouches_for_gets_nothing(tmp_path: Path) -> None:
    pair = make_pair(tmp_path)
    with running_web_server(context=pair.server) as server:
        with pytest.raises(NotDelivered, match="cannot be trusted") as failure:
            hook(server.port, scheme="https").send(ALERT)
        assert server.posted == []
    assert not failure.value.may_pass


@pytest.mark.parametrize(
    ("status", "may_pass"),
    [(400, False), (401, False), (404, False), (408, True), (429, True), (500, True), (503, True)],
)
def test_that_a_refusal_is_told_and_tried_again_only_where_that_may_help(
    status: int, *, may_pass: bool
) -> None:
    with (
        running_web_server(answer=lambda _posted: (status, {})) as server,
        pytest.raises(NotDelivered, match=str(status)) as failure,
    ):
        hook(server.port).send(ALERT)
    assert failure.value.may_pass == may_pass
    assert SECRET_PATH not in failure.value.reason


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_that_a_redirect_is_not_followed(status: int) -> None:
    with running_web_server() as other:
        where = {"Location": f"http://127.0.0.1:{other.port}/elsewhere"}
        with (
            running_web_server(answer=lambda _posted: (status, where)) as server,
            pytest.raises(NotDelivered, match=str(status)),
        ):
            hook(server.port).send(ALERT)
        assert other.posted == []


def test_that_nobody_listening_is_told_and_may_pass() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(NotDelivered, match="could not be reached") as failure:
        hook(port).send(ALERT)
    assert failure.value.may_pass
    assert "hunter2" not in failure.value.reason


def test_that_a_silent_server_is_given_up_in_time() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        with pytest.raises(NotDelivered, match="did not answer in time") as failure:
            hook(port, timeout_s=0.1).send(ALERT)
    assert failure.value.may_pass


def test_that_an_answer_that_is_no_http_is_a_failure_that_may_pass() -> None:
    import threading

    def babble(listening: socket.socket) -> None:
        connection, _ = listening.accept()
        with connection:
            connection.recv(65_536)
            connection.sendall(b"hello\r\n\r\n")

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=babble, args=(listening,))
        thread.start()
        with pytest.raises(NotDelivered, match="could not be reached") as failure:
            hook(listening.getsockname()[1]).send(ALERT)
        thread.join()
    assert failure.value.may_pass
