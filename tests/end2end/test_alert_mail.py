import smtplib
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from fakes.certificate import TestPair, make_pair
from fakes.smtp_server import MailServer, Manners, running_mail_server
from plimsoll.notify.alert import trial_alert
from plimsoll.notify.alert_settings import MailSettings, Security
from plimsoll.notify.channel import NotDelivered
from plimsoll.notify.mail import Mail

ALERT = trial_alert(person="ana", now_ns=1_763_821_885_000_000_000, source="test")
PASSWORD = "correct-horse"  # noqa: S105  a test's own
TO = ("a@example.com", "b@example.com")


@pytest.fixture
def pair(tmp_path: Path) -> TestPair:
    return make_pair(tmp_path)


def mail(server: MailServer, pair: TestPair | None, security: Security, **options) -> Mail:
    settings = MailSettings(
        "127.0.0.1", server.port, security, "desk@example.com", TO, options.pop("user", "desk")
    )
    context = pair.client if pair is not None else None
    password = options.pop("password", PASSWORD)
    return Mail(settings, lambda: password, context=context, timeout_s=options.pop("timeout_s", 5.0))


@contextmanager
def failing(part: str, *, may_pass: bool) -> Iterator[None]:
    with pytest.raises(NotDelivered, match=part) as failure:
        yield
    assert failure.value.may_pass == may_pass
    assert PASSWORD not in failure.value.reason


@pytest.mark.parametrize("security", [Security.STARTTLS, Security.TLS])
def test_that_a_mail_arrives_encrypted_and_logged_in(pair: TestPair, security: Security) -> None:
    manners = Manners(pair.server, is_tls_first=security is Security.TLS)
    with running_mail_server(manners) as server:
        assert mail(server, pair, security).send(ALERT) == "taken by 127.0.0.1 for 2 recipients"
        (taken,) = server.delivered
    assert taken.is_encrypted
    assert (taken.user, taken.password) == ("desk", PASSWORD)
    assert (taken.sender, tuple(taken.recipients)) == ("desk@example.com", TO)
    assert taken.message["Subject"] == "[Plimsoll] Test: no limit is broken"
    assert taken.message.get_content().splitlines() == ALERT.text.splitlines()


def test_that_a_server_on_this_machine_may_do_without_encryption_and_log_in() -> None:
    with running_mail_server(Manners()) as server:
        mail(server, None, Security.NONE, user="").send(ALERT)
        assert [taken.user for taken in server.delivered] == [""]


@pytest.mark.parametrize("security", [Security.STARTTLS, Security.TLS])
def test_that_a_certificate_nobody_vouches_for_gets_neither_mail_nor_password(
    pair: TestPair, security: Security
) -> None:
    manners = Manners(pair.server, is_tls_first=security is Security.TLS)
    with running_mail_server(manners) as server:
        with failing("cannot be trusted", may_pass=False):
            mail(server, None, security).send(ALERT)
        assert server.delivered == []
        assert not any(line.startswith("AUTH") for line in server.lines)


def test_that_a_certificate_for_another_machine_is_refused(tmp_path: Path) -> None:
    other = make_pair(tmp_path, host="127.0.0.2")
    with (
        running_mail_server(Manners(other.server)) as server,
        failing("cannot be trusted", may_pass=False),
    ):
        mail(server, other, Security.STARTTLS).send(ALERT)


def test_that_a_server_without_encryption_gets_neither_mail_nor_password(pair: TestPair) -> None:
    with running_mail_server(Manners()) as server:
        with failing("offers no encryption", may_pass=False):
            mail(server, pair, Security.STARTTLS).send(ALERT)
        assert server.delivered == []
        assert not any(line.startswith(("AUTH", "MAIL")) for line in server.lines)


def test_that_a_missing_password_is_named_and_nothing_is_sent(pair: TestPair) -> None:
    with running_mail_server(Manners(pair.server)) as server:
        with failing("keyring holds no password for desk", may_pass=False):
            mail(server, pair, Security.STARTTLS, password=None).send(ALERT)
        assert server.delivered == []


@pytest.mark.parametrize(
    ("at", "answer", "told", "may_pass"),
    [
        ("AUTH", "535 no: correct-horse is wrong", "refused the user name or password", False),
        ("CONNECT", "421 too many", "answered 421", True),
        ("MAIL", "451 later", "answered 451 later", True),
        ("MAIL", "552 full", "answered 552 full", False),
        ("RCPT", "450 later", r"refused every recipient \(450\)", True),
        ("RCPT", "550 nobody", r"refused every recipient \(550\)", False),
        ("RCPT TO:<b@example.com>", "550 nobody", "took it, but not for b@example.com", False),
        ("DATA", "", "stopped answering", True),
    ],
)
def test_that_a_refusal_is_told_and_tried_again_only_where_that_may_help(
    pair: TestPair, at: str, answer: str, told: str, *, may_pass: bool
) -> None:
    manners = Manners(pair.server, answer=lambda line: answer if line.startswith(at) else None)
    with running_mail_server(manners) as server, failing(told, may_pass=may_pass):
        mail(server, pair, Security.STARTTLS).send(ALERT)


def test_that_a_rude_goodbye_does_not_make_a_mail_that_was_taken_unsent(pair: TestPair) -> None:
    manners = Manners(pair.server, answer=lambda line: "500 what" if line.startswith("QUIT") else None)
    with running_mail_server(manners) as server:
        assert mail(server, pair, Security.STARTTLS).send(ALERT).startswith("taken by")


def test_that_nobody_listening_is_told_and_may_pass(pair: TestPair) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with failing("could not be reached", may_pass=True):
        mail(MailServer(port), pair, Security.STARTTLS).send(ALERT)


def test_that_a_silent_server_is_given_up_in_time(pair: TestPair) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        server = MailServer(silent.getsockname()[1])
        with failing("stopped answering|did not answer in time", may_pass=True):
            mail(server, pair, Security.STARTTLS, timeout_s=0.1).send(ALERT)


def test_that_the_tests_server_speaks_what_pythons_own_client_understands(pair: TestPair) -> None:
    with running_mail_server(Manners(pair.server)) as server:
        with smtplib.SMTP("127.0.0.1", server.port, "[127.0.0.1]") as client:
            client.starttls(context=pair.client)
            client.login("u", "p")
            client.sendmail("x@example.com", ["y@example.com"], b"Subject: s\r\n\r\n.dot\r\n")
        (taken,) = server.delivered
    assert taken.message.get_content().splitlines() == [".dot"]
