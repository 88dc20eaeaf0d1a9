"""What broke, on what evidence, and how it stands now: shown without taking the keyboard from anybody."""

from PySide6.QtCore import QPoint, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QCloseEvent, QKeyEvent
from PySide6.QtWidgets import QDialog, QFrame, QHBoxLayout, QLineEdit, QMainWindow, QVBoxLayout, QWidget

from plimsoll.bridge.risk_model import RiskModel
from plimsoll.domain.breach import Breach, BreachState
from plimsoll.domain.decision import SHORTEST_REASON, Decision
from plimsoll.domain.snapshot import LimitStatus, RiskSnapshot
from plimsoll.widgets import formats
from plimsoll.widgets.badge import SeverityBadge
from plimsoll.widgets.breach_evidence import BreachEvidence
from plimsoll.widgets.breach_words import headline, standing, story
from plimsoll.widgets.deliberate_button import Arming, DeliberateButton
from plimsoll.widgets.elided_label import ElidedLabel
from plimsoll.widgets.limits_now import LimitsNow
from plimsoll.widgets.snooze_menu import SnoozeMenu
from plimsoll.widgets.theme import Theme
from plimsoll.widgets.tone import ToneLabel
from plimsoll.widgets.typeface import TITLE, bold, face

DECIDED = frozenset(
    {BreachState.ACKNOWLEDGED, BreachState.SNOOZED, BreachState.OVERRIDDEN, BreachState.CLOSED}
)
LIVE_MS = 100
TITLE_BAR = 28  # pixels the window manager adds on top, which would lie over the gauges


class BreachDialog(QDialog):
    """One breach; no key but a button's own chord acts, and no button before it was seen for a second.

    Signals
    -------
    put_aside()
        The dialog has gone, decided or not.
    """

    put_aside = Signal()

    def __init__(
        self,
        model: RiskModel,
        theme: Theme,
        breach: Breach,
        limits_when_raised: tuple[LimitStatus, ...],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._model = model
        self._theme = theme
        self.breach = breach
        self._currency = model.snapshot.base_currency if model.snapshot is not None else ""
        self._sent = ""
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setModal(False)
        self.setWindowTitle(f"{breach.limit.severity.value}: {breach.title}")
        self.setAccessibleName("Breach")
        self.resize(1060, 600)
        self.setMinimumSize(960, 540)
        self._evidence = BreachEvidence(theme, breach, self._currency, self)
        self._limits_now = LimitsNow(theme, breach, limits_when_raised, self)
        self._make_controls()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._head())
        middle = QHBoxLayout()
        middle.setSpacing(0)
        middle.addWidget(self._evidence)
        middle.addWidget(self._limits_now, 1)
        column.addLayout(middle, 1)
        column.addWidget(self._foot())
        self.take_breach(breach)
        self._live = QTimer(self)
        self._live.setInterval(LIVE_MS)
        self._live.timeout.connect(self._show_live)
        self._live.start()
        self._show_live()
        model.decision_rejected.connect(self._show_rejection)

    @property
    def reason_field(self) -> QLineEdit:
        """Where the reason of an override is typed."""
        return self._reason

    def take_breach(self, breach: Breach) -> None:
        """Show the breach as it stands; once it is decided the dialog goes."""
        self.breach = breach
        self._standing.say(standing(breach))
        is_eased = breach.state is BreachState.EASED
        for control in (self._snooze, self._reason, self._override, self._acknowledge):
            control.setVisible(not is_eased)
        self._eased.setVisible(is_eased)
        if breach.state in DECIDED and self.isVisible():
            self.close()

    def show_waiting(self, n_waiting: int) -> None:
        """Say how many breaches wait behind this one."""
        self._waiting.say(f"{n_waiting} more waiting" if n_waiting else "")

    def place_beside(self, window: QWidget) -> None:
        """Put the dialog over the middle of the window's centre, so that gauges and cards stay in sight."""
        screen = window.screen().availableGeometry()
        size = self.size().boundedTo(screen.size())
        covered = (window.centralWidget() if isinstance(window, QMainWindow) else None) or window
        top = covered.mapToGlobal(QPoint(covered.width() // 2 - size.width() // 2, 0))
        room = screen.bottom() - top.y() - TITLE_BAR
        size.setHeight(max(min(size.height(), room), self.minimumHeight()))
        self.resize(size)
        x = min(max(top.x(), screen.left()), screen.right() - size.width())
        y = min(max(top.y() + TITLE_BAR, screen.top()), screen.bottom() - size.height())
        self.move(x, y)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        # QDialog would close on Esc and press a default button on Enter.
        event.accept()

    def reject(self) -> None:
        """Do nothing: Esc never acts on a breach."""

    def closeEvent(self, event: QCloseEvent) -> None:
        self._live.stop()
        # QDialog's own would ask reject(), which refuses on purpose, and would then stay open.
        event.accept()
        self.put_aside.emit()

    def _make_controls(self) -> None:
        self._waiting = ToneLabel(face(), self, tone="muted")
        self._standing = ToneLabel(face(), self, tone="muted")
        self._subtitle = ElidedLabel(face(), self)
        self._subtitle.setProperty("tone", "muted")
        self._rejection = ToneLabel(face(), self, tone="over")
        self._rejection.hide()
        self._snooze = DeliberateButton("&Snooze ▾", parent=self)
        self._snooze_menu = SnoozeMenu(self)
        self._snooze_menu.chosen.connect(self._snooze_it)
        self._snooze.decided.connect(self._open_snooze)
        self._reason = QLineEdit(self)
        self._reason.setPlaceholderText(
            f"Reason (at least {SHORTEST_REASON} characters, required to override)"
        )
        self._reason.setAccessibleName("Reason")
        self._reason.textChanged.connect(self._weigh_reason)
        self._override = DeliberateButton("&Override until the day roll", "grave", self)
        self._override.decided.connect(self._override_it)
        self._acknowledge = DeliberateButton("&Acknowledge", "primary", self)
        self._acknowledge.decided.connect(self._acknowledge_it)
        self._eased = ToneLabel(face(), self, tone="muted")
        self._eased.say(
            "Back under its line: nothing is left to decide. Close the window when you have seen it."
        )
        self._arming = Arming(self, (self._snooze, self._override, self._acknowledge))
        self._weigh_reason()

    def _head(self) -> QFrame:
        head = QFrame(self)
        head.setProperty("surface", f"alarm-{self.breach.limit.severity.value.lower()}")
        title = ElidedLabel(bold(TITLE), head)
        title.say(headline(self.breach, self._currency))
        lines = QVBoxLayout()
        lines.setSpacing(2)
        lines.addWidget(title)
        lines.addWidget(self._subtitle)
        row = QHBoxLayout(head)
        row.setContentsMargins(20, 12, 18, 12)
        row.setSpacing(14)
        row.addWidget(SeverityBadge(self._theme, self.breach.limit.severity, head))
        row.addLayout(lines, 1)
        right = QVBoxLayout()
        right.setSpacing(2)
        right.addWidget(self._standing, 0, Qt.AlignmentFlag.AlignRight)
        right.addWidget(self._waiting, 0, Qt.AlignmentFlag.AlignRight)
        row.addLayout(right)
        return head

    def _foot(self) -> QFrame:
        foot = QFrame(self)
        foot.setProperty("surface", "foot")
        column = QVBoxLayout(foot)
        column.setContentsMargins(18, 12, 18, 12)
        column.setSpacing(8)
        column.addWidget(self._rejection)
        row = QHBoxLayout()
        row.setSpacing(10)
        row.addWidget(self._eased, 1)
        row.addWidget(self._snooze)
        row.addWidget(self._reason, 1)
        row.addWidget(self._override)
        row.addWidget(self._acknowledge)
        column.addLayout(row)
        return foot

    @Slot()
    def _show_live(self) -> None:
        snapshot: RiskSnapshot | None = self._model.snapshot
        if snapshot is None:
            return
        breach = self.breach
        lasted_s = max(snapshot.received_time_ns - breach.raised_received_ns, 0) / 1e9
        self._subtitle.say(
            f"{story(breach, self._currency)} Raised {formats.time_utc(breach.raised_received_ns)} UTC, "
            f"{formats.age(lasted_s)} ago · breach {breach.breach_id}"
        )
        self._limits_now.show_snapshot(snapshot)

    @Slot()
    def _weigh_reason(self) -> None:
        is_enough = len(self._reason.text().strip()) >= SHORTEST_REASON
        self._override.setEnabled(is_enough)
        self._override.setToolTip(
            "" if is_enough else f"Type a reason of at least {SHORTEST_REASON} characters"
        )

    @Slot()
    def _acknowledge_it(self) -> None:
        self._rejection.hide()
        self._sent = self._model.acknowledge(self.breach.breach_id)

    @Slot()
    def _override_it(self) -> None:
        self._rejection.hide()
        self._sent = self._model.override(self.breach.breach_id, self._reason.text().strip())

    @Slot()
    def _open_snooze(self) -> None:
        self._snooze_menu.popup(self._snooze.mapToGlobal(QPoint(0, -self._snooze_menu.sizeHint().height())))

    @Slot(float)
    def _snooze_it(self, seconds: float) -> None:
        self._rejection.hide()
        self._sent = self._model.snooze(self.breach.breach_id, seconds)

    @Slot(object, str)
    def _show_rejection(self, decision: Decision, reason: str) -> None:
        if decision.breach_id != self.breach.breach_id:
            return
        self._rejection.say(f"Not done ({decision.kind.value}): {reason}")
        self._rejection.show()
        self._arming.restart()
