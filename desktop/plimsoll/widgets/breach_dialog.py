"""What broke, on what evidence, and how it stands now: shown without taking the keyboard from anybody."""

from PySide6.QtCore import QPoint, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QCloseEvent, QKeyEvent, QPaintEvent
from PySide6.QtWidgets import QDialog, QFrame, QHBoxLayout, QLineEdit, QMainWindow, QVBoxLayout, QWidget

from plimsoll.bridge.breach_filing import file_incidents
from plimsoll.bridge.risk_model import RiskModel
from plimsoll.domain.breach import Breach, BreachState
from plimsoll.domain.breach_group import GRAVITY, BreachGroup, group_of
from plimsoll.domain.decision import SHORTEST_REASON, Decision
from plimsoll.domain.incident import IncidentCause, Resolution
from plimsoll.domain.snapshot import LimitStatus, RiskSnapshot
from plimsoll.widgets import formats
from plimsoll.widgets.badge import SeverityBadge
from plimsoll.widgets.breach_evidence import BreachEvidence, section
from plimsoll.widgets.breach_roll import BreachRoll
from plimsoll.widgets.breach_words import group_headline, group_standing, story
from plimsoll.widgets.deliberate_button import Arming, DeliberateButton
from plimsoll.widgets.elided_label import ElidedLabel
from plimsoll.widgets.incident_form import IncidentForm
from plimsoll.widgets.limits_now import LimitsNow
from plimsoll.widgets.snooze_menu import SnoozeMenu
from plimsoll.widgets.theme import Theme
from plimsoll.widgets.tone import ToneLabel
from plimsoll.widgets.typeface import TITLE, bold, face

_S = BreachState
DECIDED = frozenset({_S.ACKNOWLEDGED, _S.SNOOZED, _S.OVERRIDDEN, _S.CLOSED})
ACKNOWLEDGEABLE = frozenset({_S.RAISED, _S.ESCALATED, _S.SNOOZED})
HIDEABLE = frozenset({_S.RAISED, _S.ESCALATED, _S.ACKNOWLEDGED, _S.SNOOZED})
LIVE_MS = 100
ROWS_IN_SIGHT = 6
TITLE_BAR = 28  # pixels the window manager adds on top, which would lie over the gauges


class BreachDialog(QDialog):
    """One cause; no key but a button's own chord acts, and no button before it was seen for a second.

    Signals
    -------
    put_aside()
        The dialog has gone, decided or not.
    painted()
        What the dialog was last given stands on the screen.
    """

    put_aside = Signal()
    painted = Signal()

    def __init__(
        self,
        model: RiskModel,
        theme: Theme,
        group: BreachGroup,
        limits_when_raised: tuple[LimitStatus, ...],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._model = model
        self._theme = theme
        self.group_id = group.group_id
        self._breaches = {breach.breach_id: breach for breach in group.breaches}
        self._lead_id = group.lead.breach_id
        self._currency = model.snapshot.base_currency if model.snapshot is not None else ""
        self._has_news = True
        self._has_chosen = False
        self._limits_when_raised = limits_when_raised
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setModal(False)
        self.setWindowTitle(f"{group.lead.limit.severity.value}: {group.lead.title}")
        self.setAccessibleName("Breach")
        self.resize(1060, 600)
        self.setMinimumSize(960, 540)
        self._evidence = BreachEvidence(theme, group.lead, self._currency, self)
        self._limits_now = LimitsNow(theme, group.lead, limits_when_raised, self)
        self._make_controls()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._head())
        self._middle = QHBoxLayout()
        self._middle.setSpacing(0)
        self._middle.addWidget(self._evidence)
        self._right = QVBoxLayout()
        self._right.setSpacing(0)
        self._right.addWidget(self._storm())
        self._right.addWidget(self._limits_now, 1)
        self._middle.addLayout(self._right, 1)
        column.addLayout(self._middle, 1)
        column.addWidget(self._foot())
        # A storm brings a thousand breaches within a frame: they are drawn together.
        self._redraw = QTimer(self)
        self._redraw.setSingleShot(True)
        self._redraw.setInterval(0)
        self._redraw.timeout.connect(self._show_group)
        self._show_group()
        self._live = QTimer(self)
        self._live.setInterval(LIVE_MS)
        self._live.timeout.connect(self._show_live)
        self._live.start()
        self._show_live()
        model.decision_rejected.connect(self._show_rejection)

    @property
    def breach(self) -> Breach:
        """The breach whose evidence stands here: the worst when it opened, or the one chosen since."""
        return self._breaches[self._lead_id]

    @property
    def group(self) -> BreachGroup:
        """Every breach of the cause, as it stands."""
        return group_of(self.group_id, self._breaches.values())

    @property
    def reason_field(self) -> QLineEdit:
        """Where the reason of an override is typed."""
        return self._reason

    @property
    def form(self) -> IncidentForm:
        """Where the incident is filed once its limits hold again."""
        return self._form

    def take_breach(self, breach: Breach) -> None:
        """Take a breach of this cause as it stands; once all are decided the dialog goes."""
        is_new = breach.breach_id not in self._breaches
        self._breaches[breach.breach_id] = breach
        self._has_news = True
        if is_new or len(self._breaches) > 1:
            self._redraw.start()
        else:
            self._show_group()
        self._go_if_decided(breach)

    def _go_if_decided(self, breach: Breach) -> None:
        is_asked = breach.is_unanswered or not self.isVisible()
        if is_asked or any(each.is_unanswered for each in self._breaches.values()):
            return
        if breach.state in DECIDED or any(each.state in DECIDED for each in self._breaches.values()):
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

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self._has_news and not self._redraw.isActive():
            self._has_news = False
            # After this round of the event loop what was painted has gone to the screen.
            QTimer.singleShot(0, self.painted.emit)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        # QDialog would close on Esc and press a default button on Enter.
        event.accept()

    def reject(self) -> None:
        """Do nothing: Esc never acts on a breach."""

    def closeEvent(self, event: QCloseEvent) -> None:
        self._live.stop()
        self._redraw.stop()
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
        self._form = IncidentForm(self)
        self._form.filed.connect(self._file_it)
        self._filed = ToneLabel(face(), self, tone="muted")
        self._filed.say("Back under its line, and filed: nothing is left to do.")
        self._roll = BreachRoll(self._theme, self._currency, self)
        self._roll.chosen.connect(self.show_breach)
        self._arming = Arming(self, (self._snooze, self._override, self._acknowledge, self._form.button))
        self._weigh_reason()

    def _head(self) -> QFrame:
        head = self._head_frame = QFrame(self)
        head.setProperty("surface", f"alarm-{self.breach.limit.severity.value.lower()}")
        self._title = ElidedLabel(bold(TITLE), head)
        self._badge = SeverityBadge(self._theme, self.breach.limit.severity, head)
        lines = QVBoxLayout()
        lines.setSpacing(2)
        lines.addWidget(self._title)
        lines.addWidget(self._subtitle)
        row = QHBoxLayout(head)
        row.setContentsMargins(20, 12, 18, 12)
        row.setSpacing(14)
        row.addWidget(self._badge)
        row.addLayout(lines, 1)
        right = QVBoxLayout()
        right.setSpacing(2)
        right.addWidget(self._standing, 0, Qt.AlignmentFlag.AlignRight)
        right.addWidget(self._waiting, 0, Qt.AlignmentFlag.AlignRight)
        row.addLayout(right)
        return head

    def _storm(self) -> QFrame:
        self._storm_frame = QFrame(self)
        self._storm_frame.setProperty("surface", "live")
        self._storm_title = section("One cause", self._storm_frame)
        column = QVBoxLayout(self._storm_frame)
        column.setContentsMargins(18, 14, 18, 0)
        column.setSpacing(6)
        column.addWidget(self._storm_title)
        column.addWidget(self._roll)
        return self._storm_frame

    def _foot(self) -> QFrame:
        foot = QFrame(self)
        foot.setProperty("surface", "foot")
        column = QVBoxLayout(foot)
        column.setContentsMargins(18, 12, 18, 12)
        column.setSpacing(8)
        column.addWidget(self._rejection)
        row = QHBoxLayout()
        row.setSpacing(10)
        row.addWidget(self._form, 1)
        row.addWidget(self._filed, 1)
        row.addWidget(self._snooze)
        row.addWidget(self._reason, 1)
        row.addWidget(self._override)
        row.addWidget(self._acknowledge)
        column.addLayout(row)
        return foot

    @Slot()
    def _show_group(self) -> None:
        """Show what stands now; a button that would decide something else has to be seen again first."""
        group = self.group
        is_graver = GRAVITY[group.lead.limit.severity] > GRAVITY[self.breach.limit.severity]
        if is_graver and not self._has_chosen:
            self._turn_to(group.lead.breach_id)
        self._title.say(group_headline(group, self._currency))
        self._standing.say(group_standing(group), "over" if group.escalation else "muted")
        self._badge.show_severity(group.lead.limit.severity)
        self._storm_frame.setVisible(group.is_storm)
        if group.is_storm:
            self._storm_title.setText(f"ONE CAUSE, {len(group.breaches)} LIMITS")
            self._roll.show_breaches(group.breaches)
            self._roll.mark(self._lead_id)
            self._roll.setFixedHeight(self._roll.height_of(min(len(group.breaches), ROWS_IN_SIGHT)))
        self._paint_alarm(group)
        self._offer(group)

    def _paint_alarm(self, group: BreachGroup) -> None:
        surface = f"alarm-{group.lead.limit.severity.value.lower()}"
        if self._head_frame.property("surface") != surface:
            self._head_frame.setProperty("surface", surface)
            self._head_frame.style().unpolish(self._head_frame)
            self._head_frame.style().polish(self._head_frame)

    def _offer(self, group: BreachGroup) -> None:
        n_acknowledgeable, n_hideable = len(self._in(ACKNOWLEDGEABLE)), len(self._in(HIDEABLE))
        has_eased = all(breach.state is BreachState.EASED for breach in group.breaches)
        unfiled = self._unfiled()
        for control in (self._snooze, self._reason, self._override, self._acknowledge):
            control.setVisible(not has_eased)
        self._form.setVisible(has_eased and bool(unfiled))
        self._filed.setVisible(has_eased and not unfiled)
        self._form.show_number(len(unfiled))
        words = (
            (self._acknowledge, f"&Acknowledge{_all(n_acknowledgeable)}"),
            (self._snooze, f"&Snooze{_all(n_hideable)} ▾"),
            (self._override, f"&Override{_all(n_hideable)} until the day roll"),
        )
        for button, text in words:
            if button.text() != text:
                button.setText(text)
                self._arming.restart()

    def _in(self, states: frozenset[BreachState]) -> list[Breach]:
        return [breach for breach in self._breaches.values() if breach.state in states]

    def _unfiled(self) -> list[Breach]:
        return [
            breach
            for breach in self._breaches.values()
            if breach.state is BreachState.EASED and breach.resolution is None
        ]

    @Slot(str)
    def show_breach(self, breach_id: str) -> None:
        """Show the evidence of another breach of the cause, because a person asked for it."""
        self._has_chosen = True
        if breach_id in self._breaches:
            self._turn_to(breach_id)

    def _turn_to(self, breach_id: str) -> None:
        self._roll.mark(breach_id)
        if breach_id == self._lead_id:
            return
        self._lead_id = breach_id
        evidence = BreachEvidence(self._theme, self.breach, self._currency, self)
        limits_now = LimitsNow(self._theme, self.breach, self._limits_when_raised, self)
        self._middle.replaceWidget(self._evidence, evidence)
        self._right.replaceWidget(self._limits_now, limits_now)
        for gone in (self._evidence, self._limits_now):
            gone.hide()
            gone.deleteLater()
        self._evidence, self._limits_now = evidence, limits_now
        self._show_live()

    @Slot()
    def _show_live(self) -> None:
        snapshot: RiskSnapshot | None = self._model.snapshot
        if snapshot is None:
            return
        breach = self.breach
        lasted_s = max(snapshot.received_time_ns - breach.raised_received_ns, 0) / 1e9
        about = f"{breach.title}: " if len(self._breaches) > 1 else ""
        raised = f"Raised {formats.time_utc(breach.raised_received_ns)} UTC, {formats.age(lasted_s)} ago"
        self._subtitle.say(f"{about}{story(breach, self._currency)} {raised} · breach {breach.breach_id}")
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
        for breach in self._in(ACKNOWLEDGEABLE):
            self._model.acknowledge(breach.breach_id)

    @Slot()
    def _override_it(self) -> None:
        self._rejection.hide()
        for breach in self._in(HIDEABLE):
            self._model.override(breach.breach_id, self._reason.text().strip())

    @Slot()
    def _open_snooze(self) -> None:
        self._snooze_menu.popup(self._snooze.mapToGlobal(QPoint(0, -self._snooze_menu.sizeHint().height())))

    @Slot(float)
    def _snooze_it(self, seconds: float) -> None:
        self._rejection.hide()
        for breach in self._in(HIDEABLE):
            self._model.snooze(breach.breach_id, seconds)

    @Slot(object, object, str)
    def _file_it(self, cause: IncidentCause, resolution: Resolution, comment: str) -> None:
        self._rejection.hide()
        file_incidents(self._model, self._unfiled(), cause, resolution, comment)

    @Slot(object, str)
    def _show_rejection(self, decision: Decision, reason: str) -> None:
        if decision.breach_id not in self._breaches:
            return
        self._rejection.say(f"Not done ({decision.kind.value.replace('_', ' ')}): {reason}")
        self._rejection.show()
        self._arming.restart()


def _all(n_breaches: int) -> str:
    return f" all {n_breaches}" if n_breaches > 1 else ""
