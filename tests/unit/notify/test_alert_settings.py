import tomllib
from pathlib import Path

import pytest

from plimsoll.domain.errors import FileRefused
from plimsoll.domain.limit import Severity
from plimsoll.notify import alert_settings
from plimsoll.notify.alert_settings import AlertSettings, Route, Security, alert_settings_from

FILE = Path("settings.toml")
MAIL = {"host": "smtp.example.com", "sender": "desk@example.com", "recipients": ["risk@example.com"]}


def complaints_of(table: dict) -> str:
    with pytest.raises(FileRefused) as refused:
        alert_settings_from(table, FILE)
    return str(refused.value)


def test_that_without_a_section_there_is_sound_and_no_message_leaves_the_house() -> None:
    assert alert_settings_from({}, FILE) == AlertSettings(True, True, None, None)


def test_that_the_example_of_the_module_is_read_as_it_says() -> None:
    example = alert_settings.__doc__.split("::")[1]
    settings = alert_settings_from(tomllib.loads(example)["alerts"], FILE)
    assert settings.mail.recipients == ("risk@example.com",)
    assert settings.mail.route == Route(Severity.HIGH, 1)
    assert settings.webhook == Route(Severity.MEDIUM, 0)


@pytest.mark.parametrize(("security", "port"), [("starttls", 587), ("tls", 465)])
def test_that_each_kind_of_encryption_has_its_usual_port(security: str, port: int) -> None:
    mail = alert_settings_from({"mail": MAIL | {"security": security}}, FILE).mail
    assert (mail.security, mail.port) == (Security(security), port)


def test_that_mail_is_encrypted_unless_the_server_is_this_machine() -> None:
    assert "for this machine only" in complaints_of({"mail": MAIL | {"security": "none"}})
    local = alert_settings_from({"mail": MAIL | {"security": "none", "host": "127.0.0.1"}}, FILE)
    assert local.mail.security is Security.NONE


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "::1"])
def test_that_this_machine_is_known_by_its_names(host: str) -> None:
    assert alert_settings.is_this_machine(host)
    assert not alert_settings.is_this_machine("localhost.example.com")


def test_that_a_password_in_the_file_is_refused_and_not_repeated() -> None:
    told = complaints_of({"mail": MAIL | {"password": "hunter2"}})
    assert "alerts.mail.password" in told
    assert "keyring" in told
    assert "hunter2" not in told


@pytest.mark.parametrize(
    ("table", "named"),
    [
        ({"sound": "loud"}, "alerts.sound"),
        ({"mail": 5}, "alerts.mail"),
        ({"mail": {"host": "smtp.example.com"}}, "alerts.mail.sender"),
        ({"mail": MAIL | {"recipients": []}}, "alerts.mail.recipients"),
        ({"mail": MAIL | {"recipients": ["a@b.c\r\nBcc: all@x.y"]}}, "alerts.mail.recipients"),
        ({"mail": MAIL | {"host": "smtp://x"}}, "alerts.mail.host"),
        ({"mail": MAIL | {"port": 0}}, "alerts.mail.port"),
        ({"mail": MAIL | {"port": True}}, "alerts.mail.port"),
        ({"mail": MAIL | {"security": "some"}}, "alerts.mail.security"),
        ({"webhook": {"from_severity": "LOUD"}}, "alerts.webhook.from_severity"),
        ({"webhook": {"from_level": 10}}, "alerts.webhook.from_level"),
        ({"webhook": {"url": "https://x"}}, "alerts.webhook.url"),
        ({"pager": {}}, "alerts.pager"),
    ],
)
def test_that_a_wrong_field_is_named(table: dict, named: str) -> None:
    assert f"key {named}:" in complaints_of(table)


def test_that_every_complaint_is_told_at_once() -> None:
    told = complaints_of({"sound": 1, "mail": MAIL | {"port": -1}})
    assert "alerts.sound" in told
    assert "alerts.mail.port" in told


@pytest.mark.parametrize("severity", list(Severity))
@pytest.mark.parametrize("level", [0, 1, 2])
def test_that_a_route_takes_what_is_grave_enough_and_old_enough(severity: Severity, level: int) -> None:
    order = [Severity.MEDIUM, Severity.HIGH, Severity.CRITICAL]
    route = Route(Severity.HIGH, 1)
    assert route.takes(severity, level) == (order.index(severity) >= 1 and level >= 1)
