from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from fakes.snapshot_maker import make_breaches, make_snapshot
from fakes.web_server import running_web_server
from plimsoll.bridge.alert_channels import MAIL_PASSWORD, WEBHOOK_KEY, WEBHOOK_URL, channels_of
from plimsoll.bridge.alert_post import AlertPost
from plimsoll.bridge.risk_model import RiskModel
from plimsoll.domain.limit import Severity
from plimsoll.notify.alert_settings import AlertSettings, alert_settings_from
from plimsoll.widgets.alert_station import AlertStation
from plimsoll.widgets.theme import Theme

MAIL = {"host": "127.0.0.1", "sender": "a@b.co", "recipients": ["c@d.co"], "user": "desk", "port": 1}


def settings(**sections) -> AlertSettings:
    return alert_settings_from(sections, Path("settings.toml"))


@pytest.fixture
def station(model: RiskModel, theme: Theme, qtbot: QtBot) -> Iterator[AlertStation]:
    made = AlertStation(model, theme)
    for widget in (made.centre, made.strip_button):
        qtbot.addWidget(widget)
    made.centre.resize(1000, 400)
    made.centre.show()
    yield made
    made.end()


def test_that_a_test_alert_goes_from_the_button_to_a_server_and_its_answer_back_to_the_screen(
    station: AlertStation, model: RiskModel, qtbot: QtBot
) -> None:
    with running_web_server() as server:
        secrets = {(WEBHOOK_URL, "default"): f"http://127.0.0.1:{server.port}/secret"}
        channels = channels_of(settings(webhook={}), lambda *key: secrets.get(key))
        post = AlertPost(model, channels, source="demo 2020-02-24")
        post.start()
        station.join(post)
        qtbot.mouseClick(station.centre._trial, Qt.MouseButton.LeftButton)
        said = "The test alert went out by webhook: taken by 127.0.0.1 (200)."
        qtbot.waitUntil(lambda: station.centre._told.text() == said)
        assert post.stop()
    assert [entry.words for entry in station.book.history] == [said]
    assert "secret" not in said


@pytest.mark.logs_warnings
def test_that_a_channel_that_fails_is_a_notice_in_the_history(
    station: AlertStation, model: RiskModel, qtbot: QtBot
) -> None:
    post = AlertPost(model, channels_of(settings(mail=MAIL), lambda *_key: None), source="test")
    post.start()
    station.join(post)
    model.breach_raised.emit(make_breaches()[0])
    post.send_gathered()
    qtbot.waitUntil(lambda: len(station.book.history) == 2)
    assert "could not be reached" in station.book.history[1].words
    assert post.stop()


def test_that_the_foot_says_where_alerts_go(station: AlertStation, model: RiskModel) -> None:
    assert "no e-mail, no webhook" in station.centre._reach.text()
    assert station.centre._reach.text().endswith("no tray")
    post = AlertPost(model, channels_of(settings(mail=MAIL, webhook={}), lambda *_key: None), source="test")
    station.join(post)
    assert station.centre._reach.text().startswith("e-mail, webhook")


def test_that_without_a_tray_the_centre_says_so_once_in_words(station: AlertStation) -> None:
    assert station.centre._told.text().startswith("This desktop has no tray")
    station.centre.show_told("The test alert went out by webhook.", False)
    station.show_snapshot(make_snapshot())
    assert "tray" not in station.centre._told.text()


def test_that_the_centre_counts_what_the_snapshot_holds(station: AlertStation) -> None:
    station.show_snapshot(make_snapshot(breaches=make_breaches()))
    assert station.centre.lines.rowCount() == 4


def test_that_each_channel_asks_the_keyring_for_its_own_secret_and_only_to_send() -> None:
    asked = []

    def vault(provider: str, account: str) -> str | None:
        asked.append((provider, account))
        return None

    mail, hook = channels_of(
        settings(mail=MAIL, webhook={"from_severity": "HIGH"}),
        vault,
    )
    assert asked == []
    assert hook.route.from_severity is Severity.HIGH
    mail.channel._password()
    hook.channel._url()
    hook.channel._key()
    assert asked == [(MAIL_PASSWORD, "desk"), (WEBHOOK_URL, "default"), (WEBHOOK_KEY, "default")]
