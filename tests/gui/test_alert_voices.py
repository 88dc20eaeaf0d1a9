import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QSystemTrayIcon
from pytestqt.qtbot import QtBot

from fakes.snapshot_maker import make_breaches, make_snapshot
from fakes.web_server import running_web_server
from plimsoll.bridge.alert_mute import LONGEST_NS, AlertMute, MuteSpan
from plimsoll.bridge.alert_post import AlertPost, RoutedChannel
from plimsoll.bridge.risk_model import RiskModel
from plimsoll.domain.breach import BreachState
from plimsoll.domain.limit import Severity
from plimsoll.notify.alert_settings import Route
from plimsoll.notify.channel import NotDelivered
from plimsoll.notify.webhook import Webhook
from plimsoll.widgets.alert_mute_button import AlertMuteButton
from plimsoll.widgets.sound import Player, Sound, file_of
from plimsoll.widgets.tray import Tray, icon_with

VAR, NAME, SECTOR, LOSS = make_breaches()
MINUTE_NS = 60 * 10**9


class Desk:
    """A clock that stands where it is put."""

    def __init__(self) -> None:
        self.now_ns = 10**18

    def __call__(self) -> int:
        return self.now_ns


class KeptPlayer(Player):
    """Keeps what it should play."""

    def __init__(self) -> None:
        super().__init__(commands=())
        self.played: list[str] = []
        self.n_stops = 0

    def play(self, path: Path) -> None:
        self.played.append(path.stem)

    def stop(self) -> None:
        self.n_stops += 1


class KeptIcon(QObject):
    """Keeps what it should show."""

    activated = Signal(QSystemTrayIcon.ActivationReason)
    messageClicked = Signal()  # noqa: N815  Qt's own name

    def __init__(self) -> None:
        super().__init__()
        self.tips: list[str] = []
        self.messages: list[tuple[str, str]] = []
        self.is_shown = False

    def setIcon(self, _icon) -> None:
        pass

    def setToolTip(self, tip: str) -> None:
        self.tips.append(tip)

    def show(self) -> None:
        self.is_shown = True

    def hide(self) -> None:
        self.is_shown = False

    def showMessage(self, title: str, msg: str, _icon, _msecs: int) -> None:
        self.messages.append((title, msg))


class KeptChannel:
    """Keeps what it should send, or fails as told."""

    def __init__(self, name: str, failure: NotDelivered | None = None) -> None:
        self.name = name
        self.sent = []
        self.threads = set()
        self._failure = failure

    def send(self, alert) -> str:
        self.threads.add(threading.get_ident())
        if self._failure is not None:
            raise self._failure
        self.sent.append(alert)
        return "taken"


@pytest.fixture
def clock() -> Desk:
    return Desk()


@pytest.fixture
def mute(clock: Desk, qapp) -> AlertMute:
    return AlertMute(now_ns=clock)


@pytest.fixture
def post(model: RiskModel) -> Iterator:
    posts = []

    def made(*channels: RoutedChannel) -> AlertPost:
        posts.append(AlertPost(model, channels, source="test"))
        posts[-1].start()
        return posts[-1]

    yield made
    for each in posts:
        assert each.stop()


def storm(n: int, **changes) -> list:
    return [replace(VAR, breach_id=f"B-{number}", cause_id="C-1", **changes) for number in range(n)]


class TestMute:
    @pytest.mark.parametrize(("span", "minutes"), [(MuteSpan.QUARTER, 15), (MuteSpan.HOUR, 60)])
    def test_that_a_mute_tells_what_is_left_and_ends(
        self, mute: AlertMute, clock: Desk, span: MuteSpan, minutes: int
    ) -> None:
        mute.mute(span)
        clock.now_ns += MINUTE_NS
        mute.look()
        assert (mute.is_muted, mute.words) == (True, f"Muted, {minutes - 1} min left")
        clock.now_ns += (minutes - 1) * MINUTE_NS
        mute.look()
        assert (mute.is_muted, mute.words) == (False, "Sound on")

    def test_that_a_mute_until_the_roll_ends_with_it_and_never_outlasts_a_day(
        self, mute: AlertMute, clock: Desk
    ) -> None:
        mute.mute(MuteSpan.DAY)
        assert mute.is_muted
        mute.end_day()
        assert not mute.is_muted
        mute.mute(MuteSpan.DAY)
        clock.now_ns += LONGEST_NS
        assert not mute.is_muted

    def test_that_the_day_roll_does_not_end_a_mute_of_an_hour(self, mute: AlertMute) -> None:
        mute.mute(MuteSpan.HOUR)
        mute.end_day()
        assert mute.is_muted

    def test_that_the_button_says_and_changes_it(self, mute: AlertMute, clock: Desk, qtbot: QtBot) -> None:
        button = AlertMuteButton(mute)
        qtbot.addWidget(button)
        assert button.text() == "Sound on"
        button._menu.actions()[0].trigger()
        assert button.text() == "Muted, 15 min left"
        clock.now_ns += 14 * MINUTE_NS + MINUTE_NS // 2
        mute.look()
        assert button.text() == "Muted, 30 s left"
        assert button.accessibleName() == "Alarm sounds: Muted, 30 s left"
        button._unmute.trigger()
        assert button.text() == "Sound on"


class TestSound:
    def test_that_each_severity_has_a_sound_of_its_own_and_a_louder_one(self, qapp) -> None:
        files = {file_of(severity, is_loud=loud).read_bytes() for severity in Severity for loud in (0, 1)}
        assert len(files) == 6

    def test_that_a_storm_is_heard_once_and_each_escalation_louder(
        self, model: RiskModel, mute: AlertMute
    ) -> None:
        player = KeptPlayer()
        sound = Sound(model, mute, player)
        for breach in storm(1000):
            model.breach_raised.emit(breach)
        assert player.played == ["critical"]
        for breach in storm(1000, state=BreachState.ESCALATED, escalation=1):
            model.breach_changed.emit(breach)
        assert player.played == ["critical", "critical-loud"]
        model.breach_changed.emit(replace(VAR, cause_id="C-1", state=BreachState.ACKNOWLEDGED, escalation=2))
        assert player.played == ["critical", "critical-loud"]
        assert sound is not None

    def test_that_a_muted_desk_is_silent_and_cuts_off_what_plays(
        self, model: RiskModel, mute: AlertMute
    ) -> None:
        player = KeptPlayer()
        sound = Sound(model, mute, player)
        mute.mute(MuteSpan.QUARTER)
        model.breach_raised.emit(VAR)
        assert player.played == []
        assert player.n_stops == 1
        mute.unmute()
        sound.play(Severity.HIGH)
        assert player.played == ["high"]

    def test_that_the_player_starts_a_program_with_the_file_and_does_not_wait(
        self, qtbot: QtBot, tmp_path: Path
    ) -> None:
        heard = tmp_path / "heard"
        code = "import sys, pathlib; pathlib.Path(sys.argv[1]).write_text(sys.argv[2])"
        player = Player(commands=((sys.executable, "-c", code, str(heard)),))
        player.play(tmp_path / "alarm.wav")
        qtbot.waitUntil(lambda: heard.exists() and heard.read_text() != "", timeout=20_000)
        assert heard.read_text() == str(tmp_path / "alarm.wav")
        qtbot.waitUntil(lambda: not player.is_playing)

    def test_that_a_player_that_cannot_play_is_told_once_and_beeps_from_then_on(
        self, qtbot: QtBot, tmp_path: Path
    ) -> None:
        player = Player(commands=((sys.executable, "-c", "raise SystemExit(1)"),))
        told = []
        player.failed.connect(told.append)
        with qtbot.waitSignal(player.failed, timeout=20_000):
            player.play(tmp_path / "alarm.wav")
        player.play(tmp_path / "alarm.wav")
        assert len(told) == 1
        assert player.name == "the system's beep"
        qtbot.waitUntil(lambda: not player.is_playing)


class TestTray:
    def test_that_without_a_tray_nothing_fails_and_it_is_said(self, model: RiskModel) -> None:
        tray = Tray(model)  # the offscreen platform has none
        model.breach_raised.emit(VAR)
        tray.show_snapshot(make_snapshot(breaches=(VAR,)))
        tray.remove()
        assert "no tray" in tray.words

    def test_that_the_icon_counts_open_breaches_and_goes_with_the_window(self, model: RiskModel) -> None:
        icon = KeptIcon()
        tray = Tray(model, icon=icon)
        tray.show_snapshot(make_snapshot(breaches=(VAR, NAME)))
        assert icon.is_shown
        assert icon.tips == ["Plimsoll (DEMO): no limit is broken", "Plimsoll (DEMO): 2 broken"]
        tray.remove()
        assert not icon.is_shown

    def test_that_a_storm_is_one_notification_and_says_that_it_is_a_demo(self, model: RiskModel) -> None:
        icon = KeptIcon()
        tray = Tray(model, icon=icon)
        for breach in (*storm(1000), replace(NAME, cause_id="C-2")):
            model.breach_raised.emit(breach)
        assert [title for title, _ in icon.messages] == ["DEMO · CRITICAL", "DEMO · HIGH"]
        assert tray.words == ""

    def test_that_a_click_asks_for_the_window(self, model: RiskModel, qtbot: QtBot) -> None:
        icon = KeptIcon()
        tray = Tray(model, icon=icon)
        with qtbot.waitSignal(tray.window_wanted):
            icon.activated.emit(QSystemTrayIcon.ActivationReason.Trigger)
        with qtbot.waitSignal(tray.window_wanted):
            icon.messageClicked.emit()

    @pytest.mark.parametrize("pixels", [16, 22, 64])
    def test_that_the_mark_differs_with_the_count_at_every_size(self, qapp, pixels: int) -> None:
        pictures = [icon_with(n).pixmap(pixels, pixels).toImage() for n in (0, 1, 12, 250)]
        assert all(one != other for k, one in enumerate(pictures) for other in pictures[k + 1 :])


class TestPost:
    def test_that_a_storm_is_one_message_on_each_channel_sent_off_the_main_thread(
        self, post, model: RiskModel, qtbot: QtBot
    ) -> None:
        mail, hook = KeptChannel("e-mail"), KeptChannel("webhook")
        post(RoutedChannel(mail, Route()), RoutedChannel(hook, Route()))
        for breach in storm(1000):
            model.breach_raised.emit(breach)
        qtbot.waitUntil(lambda: len(mail.sent) == len(hook.sent) == 1)
        assert len(mail.sent[0].breach_ids) == 1000
        assert threading.get_ident() not in mail.threads | hook.threads
        assert mail.threads != hook.threads

    def test_that_an_unanswered_breach_goes_on_to_the_next_channel(
        self, post, model: RiskModel, qtbot: QtBot
    ) -> None:
        near, far = KeptChannel("near"), KeptChannel("far")
        made = post(RoutedChannel(near, Route()), RoutedChannel(far, Route(Severity.HIGH, 1)))
        model.breach_raised.emit(VAR)
        made.send_gathered()
        model.breach_changed.emit(replace(VAR, state=BreachState.ESCALATED, escalation=1))
        made.send_gathered()
        qtbot.waitUntil(lambda: len(near.sent) == 2 and len(far.sent) == 1)
        assert "not acknowledged" in far.sent[0].title

    def test_that_a_mild_breach_does_not_wake_a_channel_for_grave_ones(
        self, post, model: RiskModel, qtbot: QtBot
    ) -> None:
        every, grave = KeptChannel("every"), KeptChannel("grave")
        made = post(RoutedChannel(every, Route()), RoutedChannel(grave, Route(Severity.CRITICAL, 0)))
        model.breach_raised.emit(SECTOR)
        made.send_gathered()
        qtbot.waitUntil(lambda: len(every.sent) == 1)
        assert grave.sent == []

    @pytest.mark.logs_warnings
    def test_that_a_failure_is_an_alarm_and_never_lost_silently(
        self, post, model: RiskModel, qtbot: QtBot
    ) -> None:
        made = post(RoutedChannel(KeptChannel("e-mail", NotDelivered("no", may_pass=False)), Route()))
        model.breach_raised.emit(VAR)
        with qtbot.waitSignal(made.told) as told:
            made.send_gathered()
        assert told.args == ["The alert B-2291-0 did not go out by e-mail: no.", True]

    def test_that_a_test_alert_arrives_at_a_real_server_and_the_answer_is_told(
        self, post, qtbot: QtBot
    ) -> None:
        with running_web_server() as server:
            hook = Webhook(lambda: f"http://127.0.0.1:{server.port}/x", lambda: "key")
            made = post(RoutedChannel(hook, Route(Severity.CRITICAL, 3)))
            with qtbot.waitSignal(made.told) as told:
                made.send_trial()
            assert len(server.posted) == 1
        assert told.args == ["The test alert went out by webhook: taken by 127.0.0.1 (200).", False]

    def test_that_without_a_channel_a_test_says_where_one_is_set_up(self, post, qtbot: QtBot) -> None:
        made = post()
        with qtbot.waitSignal(made.told) as told:
            made.send_trial()
        assert "[alerts]" in told.args[0]
        assert made.names == ()

    def test_that_a_breach_raised_as_the_desk_closes_still_goes_out(self, post, model: RiskModel) -> None:
        channel = KeptChannel("webhook")
        made = post(RoutedChannel(channel, Route()))
        model.breach_raised.emit(VAR)
        assert made.stop()
        assert len(channel.sent) == 1
