"""The part of the window that alerts: centre, sounds, mute and tray, joined to each other."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, Signal, Slot

from plimsoll.bridge.alert_book import AlertBook
from plimsoll.bridge.alert_mute import AlertMute
from plimsoll.bridge.alert_post import AlertPost
from plimsoll.bridge.risk_model import RiskModel
from plimsoll.domain.snapshot import RiskSnapshot
from plimsoll.widgets.alert_centre import AlertCentre
from plimsoll.widgets.alert_mute_button import AlertMuteButton
from plimsoll.widgets.sound import Player, Sound
from plimsoll.widgets.theme import Theme
from plimsoll.widgets.tray import Tray


class AlertStation(QObject):
    """Made with the window; the channels join when the desk stands.

    Signals
    -------
    review_wanted(str)
        A breach's dialog was asked for.
    window_wanted()
        The tray was clicked.
    """

    review_wanted = Signal(str)
    window_wanted = Signal()

    def __init__(
        self,
        model: RiskModel,
        theme: Theme,
        *,
        latencies_ms: Callable[[], Sequence[float]] = tuple,
        next_roll_ns: Callable[[], int] | None = None,
        has_sound: bool = True,
        has_notifications: bool = True,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._model = model
        self._has_sound = has_sound
        self._channels: tuple[str, ...] = ()
        self.book = AlertBook(model, parent=self)
        self.mute = AlertMute(next_roll_ns=next_roll_ns, parent=self)
        self.player = Player(parent=self)
        self.sound = Sound(model, self.mute, self.player, self) if has_sound else None
        self.tray = Tray(model, has_notifications=has_notifications, parent=self)
        self.centre = AlertCentre(self.book, self.mute, theme, latencies_ms=latencies_ms)
        self.strip_button = AlertMuteButton(self.mute)
        self.player.failed.connect(self._tell_of_sound)
        self.tray.window_wanted.connect(self.window_wanted)
        self.centre.review_wanted.connect(self.review_wanted)
        self._say_reach()
        if self.tray.words:
            self.centre.show_told(self.tray.words, False)

    def show_snapshot(self, snapshot: RiskSnapshot) -> None:
        self.tray.show_snapshot(snapshot)
        self.centre.show_snapshot(snapshot)

    def join(self, post: AlertPost) -> None:
        """Join the channels: their news is shown as notices and kept as history, a test is a button away."""
        post.told.connect(self._model.notice_raised)
        post.told.connect(self.centre.show_told)
        self.centre.trial_wanted.connect(post.send_trial)
        self._channels = post.names
        self._say_reach()

    def end(self) -> None:
        """Fall silent and leave the tray."""
        self.player.stop()
        self.tray.remove()

    @Slot(str)
    def _tell_of_sound(self, words: str) -> None:
        self._model.notice_raised.emit(words, False)
        self._say_reach()

    def _say_reach(self) -> None:
        sound = f"sound by {self.player.name}" if self._has_sound else "no sound, by the settings"
        channels = ", ".join(self._channels) or "no e-mail, no webhook"
        self.centre.say_reach(" · ".join((channels, sound, "no tray" if self.tray.words else "tray")))
