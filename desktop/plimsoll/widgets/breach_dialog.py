"""What broke, on what evidence, and how it stands now: shown without taking the keyboard from anybody."""

import time
from collections.abc import Callable

from PySide6.QtCore import QPoint, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QCloseEvent, QKeyEvent, QPaintEvent
from PySide6.QtWidgets import QDialog, QFrame, QHBoxLayout, QLineEdit, QMainWindow, QVBoxLayout, QWidget

from plimsoll.bridge.people_sign import PeopleSign, sign_of_one
from plimsoll.bridge.risk_model import RiskModel
from plimsoll.domain.breach import Breach, BreachState
from plimsoll.domain.breach_group import GRAVITY, BreachGroup, group_of
from plimsoll.domain.proposal_standing import ProposalStanding
from plimsoll.domain.snapshot import LimitStatus, RiskSnapshot
from plimsoll.widgets import formats
from plimsoll.widgets.badge import SeverityBadge
from plimsoll.widgets.breach_evidence import BreachEvidence, section
from plimsoll.widgets.breach_foot import SETTLED, BreachFoot
from plimsoll.widgets.breach_roll import BreachRoll
from plimsoll.widgets.breach_words import group_headline, group_standing, story
from plimsoll.widgets.elided_label import ElidedLabel
from plimsoll.widgets.incident_form import IncidentForm
from plimsoll.widgets.limits_now import LimitsNow
from plimsoll.widgets.proposal_card import ProposalCard
from plimsoll.widgets.proposal_clock import ProposalClock
from plimsoll.widgets.theme import Theme
from plimsoll.widgets.tone import ToneLabel
from plimsoll.widgets.typeface import TITLE, bold, face

_S = BreachState
DECIDED = frozenset({_S.ACKNOWLEDGED, _S.SNOOZED, _S.OVERRIDDEN, _S.CLOSED})
LIVE_MS = 100
ROWS_IN_SIGHT, ROWS_ABOVE_A_PROPOSAL = 6, 3
SIZE, SIZE_WITH_PROPOSAL = (1060, 600), (1060, 700)
TITLE_BAR = 28  # pixels the window manager adds on top, which would lie over the gauges

History = Callable[[Breach], tuple[str, ...]]


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
        *,
        sign: PeopleSign | None = None,
        history_of: History | None = None,
    ) -> None:
        super().__init__(parent)
        self._model = model
        self._theme = theme
        self._history_of = history_of
        self._card: ProposalCard | None = None
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
        self.resize(*SIZE)
        self.setMinimumSize(960, 540)
        self.foot = BreachFoot(model, theme, sign or sign_of_one(model.person), self)
        self._make_controls()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._head())
        self._evidence = BreachEvidence(theme, group.lead, self._currency, self)
        self._side: QWidget = QWidget(self)
        self._middle = QHBoxLayout()
        self._middle.setSpacing(0)
        self._middle.addWidget(self._evidence)
        self._right = QVBoxLayout()
        self._right.setSpacing(0)
        self._right.addWidget(self._storm())
        self._right.addWidget(self._side, 1)
        self._middle.addLayout(self._right, 1)
        column.addLayout(self._middle, 1)
        column.addWidget(self.foot)
        self._show_breach()
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
        model.proposal_changed.connect(self.take_proposal)

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
        """Where the reason of an override, a rejection or a change is typed."""
        return self.foot.reason

    @property
    def form(self) -> IncidentForm:
        """Where the incident is filed once its limits hold again."""
        return self.foot.form

    @property
    def card(self) -> ProposalCard | None:
        """The proposal about the breach in front; None where the policy proposes nothing."""
        return self._card

    @property
    def may_give_way(self) -> bool:
        """Whether nothing here asks for anybody's decision."""
        if all(breach.state in SETTLED for breach in self._breaches.values()):
            return True
        is_under_way = self._card is not None and self._card.is_under_way
        return is_under_way and not self.group.unanswered

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
        if self._card is not None and self._card.is_under_way and breach.state is not BreachState.CLOSED:
            return  # its orders, or a second person, are still to be seen
        if is_asked or any(each.is_unanswered for each in self._breaches.values()):
            return
        if breach.state in DECIDED or any(each.state in DECIDED for each in self._breaches.values()):
            self.close()

    def tell_history(self, history_of: History) -> None:
        """Tell the history of the rule in front, of this breach and of those chosen later."""
        self._history_of = history_of
        self._evidence.show_history(history_of(self.breach))

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
        if self._card is not None:
            self._grow()

    def _grow(self) -> None:
        """Have room for a proposal, over the gauges where the screen is low: what is decided is in sight."""
        screen = self.screen().availableGeometry()
        wanted = QSize(*SIZE_WITH_PROPOSAL).expandedTo(self.size())
        size = wanted.boundedTo(screen.size() - QSize(0, TITLE_BAR))
        self.resize(size)
        over = self.y() + size.height() - screen.bottom()
        if over > 0:
            self.move(self.x(), max(self.y() - over, screen.top() + TITLE_BAR))

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
        self._clock = ProposalClock(self._theme, self)
        self._roll = BreachRoll(self._theme, self._currency, self)
        self._roll.chosen.connect(self.show_breach)

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
        row.addWidget(self._clock)
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
            most = ROWS_IN_SIGHT if self._card is None else ROWS_ABOVE_A_PROPOSAL
            self._roll.setFixedHeight(self._roll.height_of(min(len(group.breaches), most)))
        self._paint_alarm(group)
        self.foot.show_group(group)

    def _paint_alarm(self, group: BreachGroup) -> None:
        surface = f"alarm-{group.lead.limit.severity.value.lower()}"
        if self._head_frame.property("surface") != surface:
            self._head_frame.setProperty("surface", surface)
            self._head_frame.style().unpolish(self._head_frame)
            self._head_frame.style().polish(self._head_frame)

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
        self._show_breach()
        self._show_live()

    def _show_breach(self) -> None:
        """Show the evidence of the breach in front, and its proposal or the limits beside it."""
        evidence = BreachEvidence(self._theme, self.breach, self._currency, self)
        if self._history_of is not None:
            evidence.show_history(self._history_of(self.breach))
        self._middle.replaceWidget(self._evidence, evidence)
        _drop(self._evidence)
        self._evidence = evidence
        standing = self._model.proposals.get(self._lead_id)
        breach, when_raised = self.breach, self._limits_when_raised
        self.foot.follow(None)
        side: ProposalCard | LimitsNow
        if standing is None:
            self._card = None
            side = self._limits_now = LimitsNow(self._theme, breach, when_raised, self)
        else:
            side = self._card = ProposalCard(self._model, self._theme, standing, breach, when_raised, self)
            self._limits_now = side.limits_now
        self._right.replaceWidget(self._side, side)
        _drop(self._side)
        self._side = side
        self.foot.follow(self._card)

    @Slot(object)
    def take_proposal(self, standing: ProposalStanding) -> None:
        """Show what is proposed about the breach in front, and how that stands."""
        if standing.proposal.breach_id != self._lead_id:
            return
        if self._card is None:
            self._show_breach()
            self._show_group()
            self._show_live()
            self._grow()
        else:
            self._card.show_standing(self._model.proposals.get(self._lead_id, standing))

    @Slot()
    def _show_live(self) -> None:
        self._clock.show_at(self._card.standing if self._card is not None else None, time.time_ns())
        snapshot: RiskSnapshot | None = self._model.snapshot
        if snapshot is None:
            return
        breach = self.breach
        lasted_s = max(snapshot.received_time_ns - breach.raised_received_ns, 0) / 1e9
        about = f"{breach.title}: " if len(self._breaches) > 1 else ""
        raised = f"Raised {formats.time_utc(breach.raised_received_ns)} UTC, {formats.age(lasted_s)} ago"
        self._subtitle.say(f"{about}{story(breach, self._currency)} {raised} · breach {breach.breach_id}")
        if self._card is not None:
            self._card.show_snapshot(snapshot)
        else:
            self._limits_now.show_snapshot(snapshot)


def _drop(widget: QWidget) -> None:
    widget.hide()
    widget.deleteLater()
