"""The lines under the status strip: DEMO, what is loading, and what a trader should know."""

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from plimsoll.bridge.risk_model import RiskModel
from plimsoll.domain.feed_status import FeedState, FeedStatus
from plimsoll.domain.snapshot import RiskSnapshot
from plimsoll.widgets import formats
from plimsoll.widgets.elided_label import ElidedLabel
from plimsoll.widgets.tone import ToneLabel
from plimsoll.widgets.typeface import SMALL, bold, face

NOTICE_MS = 12_000
BROKEN = frozenset({FeedState.WAITING, FeedState.REFUSED, FeedState.STOPPED})
SILENT_WORDS = (
    "The risk engine has not answered for more than two seconds: all figures stand still and are grey."
)


class _Line(QFrame):
    """A sentence with a button at its end."""

    pressed = Signal()

    def __init__(self, surface: str, button: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("surface", surface)
        self.words = ElidedLabel(face(), self)
        self._button = QPushButton(button, self)
        self._button.setAutoDefault(False)
        self._button.setVisible(bool(button))
        self._button.clicked.connect(self.pressed)
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 3, 10, 3)
        row.addWidget(self.words, 1)
        row.addWidget(self._button)
        self.hide()

    def say(self, text: str) -> None:
        self.words.say(text)
        self.setAccessibleName(text)
        self.setVisible(bool(text))


class NoticeBar(QWidget):
    """Stacked lines, each there only while it has something to say."""

    def __init__(self, model: RiskModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._demo = QFrame(self)
        self._demo.setProperty("surface", "demo")
        self._demo_mark = ToneLabel(bold(SMALL), self._demo)
        self._demo_mark.say("DEMO")
        self._demo_words = ToneLabel(face(SMALL), self._demo)
        row = QHBoxLayout(self._demo)
        row.setContentsMargins(14, 2, 10, 2)
        row.setSpacing(10)
        row.addWidget(self._demo_mark)
        row.addWidget(self._demo_words)
        row.addStretch(1)
        self._demo.setVisible(model.is_demo)
        self._alarm = _Line("alarm", "Dismiss", self)
        self._silence = _Line("alarm", "", self)
        self._outage = _Line("alarm", "", self)
        self._broken: dict[str, FeedStatus] = {}
        self._history = _Line("notice", "Cancel", self)
        self._notice = _Line("notice", "", self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for line in (self._demo, self._silence, self._outage, self._alarm, self._history, self._notice):
            column.addWidget(line)
        column.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._alarm.pressed.connect(self._dismiss_alarm)
        self._history.pressed.connect(self._cancel_history)
        self._fading = QTimer(self)
        self._fading.setSingleShot(True)
        self._fading.setInterval(NOTICE_MS)
        self._fading.timeout.connect(self._drop_notice)
        model.notice_raised.connect(self.show_notice)
        model.history_progressed.connect(self.show_history)
        model.engine_silent_changed.connect(self.show_silence)
        model.feed_changed.connect(self.show_feed)
        self._tell_demo(0)

    def show_snapshot(self, snapshot: RiskSnapshot) -> None:
        self._tell_demo(snapshot.exchange_time_ns)

    @Slot(str, bool)
    def show_notice(self, text: str, is_alarm: bool) -> None:  # noqa: FBT001  a slot of notice_raised(str, bool)
        """Show a sentence; an alarm stays until it is dismissed."""
        if is_alarm:
            self._alarm.say(text)
            return
        self._notice.say(text)
        self._fading.start()

    @Slot(int, int, str)
    def show_history(self, loaded: int, wanted: int, code: str) -> None:
        """Show how far the loading of price history is."""
        is_done = loaded >= wanted
        now = f" ({code})" if code else ""
        self._history.say(
            "" if is_done else f"Price history: loading {loaded} of {wanted}{now}. VaR follows."
        )

    @Slot(bool)
    def show_silence(self, silent: bool) -> None:  # noqa: FBT001  a slot of engine_silent_changed(bool)
        self._silence.say(SILENT_WORDS if silent else "")

    @Slot(object)
    def show_feed(self, status: FeedStatus) -> None:
        """Say what a broken connection means for the figures; nothing while all are well."""
        self._broken.pop(status.name, None)
        if status.state in BROKEN:
            self._broken[status.name] = status
        self._outage.say(" ".join(outage(broken) for broken in self._broken.values()))

    def _tell_demo(self, exchange_time_ns: int) -> None:
        if not self._model.is_demo:
            return
        when = f"{formats.market_instant(exchange_time_ns)} New York" if exchange_time_ns else "not started"
        self._demo_words.say(f"{when} · simulated between real closes · no order and no money is real")

    @Slot()
    def _dismiss_alarm(self) -> None:
        self._alarm.say("")

    @Slot()
    def _cancel_history(self) -> None:
        self._model.cancel_history()
        self._history.say("")

    @Slot()
    def _drop_notice(self) -> None:
        self._notice.say("")


def outage(status: FeedStatus) -> str:
    """Return what happened to a connection, what it means for the figures, and what comes next."""
    what_next = f" {status.note[0].upper()}{status.note[1:].rstrip('.')}." if status.note else ""
    codes = "code" if status.n_codes == 1 else "codes"
    return (
        f"No prices from {status.name} ({status.state.value}): its {status.n_codes} {codes} turn stale, and "
        f"figures resting on them are marked.{what_next}"
    )
