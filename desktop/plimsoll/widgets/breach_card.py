"""One open breach in the right column: what happened, and the three things a card may do."""

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from plimsoll.domain.breach import Breach, BreachState
from plimsoll.widgets import formats
from plimsoll.widgets.badge import MEANING_OF_SEVERITY, SeverityBadge
from plimsoll.widgets.breach_words import standing, story
from plimsoll.widgets.deliberate_button import Arming, DeliberateButton
from plimsoll.widgets.elided_label import ElidedLabel
from plimsoll.widgets.snooze_menu import SnoozeMenu
from plimsoll.widgets.theme import Theme
from plimsoll.widgets.tone import ToneLabel
from plimsoll.widgets.typeface import SMALL, bold, face

STRIPE = 4


class BreachCard(QFrame):
    """A breach at a glance; deciding more than acknowledge or snooze happens in the dialog.

    Signals
    -------
    review_wanted(str), acknowledged(str)
        With the breach's id.
    snoozed(str, float)
        With the breach's id and for how many seconds.
    """

    review_wanted = Signal(str)
    acknowledged = Signal(str)
    snoozed = Signal(str, float)

    def __init__(self, breach: Breach, currency: str, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._currency = currency
        self.breach = breach
        self.setProperty("surface", "card")
        self._badge = SeverityBadge(theme, breach.limit.severity, self)
        self._title = ElidedLabel(bold(), self)
        self._time = ToneLabel(face(SMALL), self, tone="muted")
        self._story = QLabel(self)
        self._story.setWordWrap(True)
        self._story.setFont(face(SMALL))
        self._story.setProperty("tone", "muted")
        self._standing = ToneLabel(face(SMALL), self, tone="muted")
        self._review = QToolButton(self)
        self._review.setText("Review…")
        self._review.setProperty("tone", "primary")
        self._review.clicked.connect(self._review_it)
        self._acknowledge = DeliberateButton("Acknowledge", parent=self)
        self._acknowledge.decided.connect(self._acknowledge_it)
        self._snooze = DeliberateButton("Snooze", parent=self)
        self._menu = SnoozeMenu(self)
        self._menu.chosen.connect(self._snooze_it)
        self._snooze.decided.connect(self._open_snooze)
        self._arming = Arming(self, (self._acknowledge, self._snooze))
        self._lay_out()
        self.show_breach(breach)
        theme.changed.connect(self.update)

    def show_breach(self, breach: Breach) -> None:
        """Show the breach as it stands now."""
        self.breach = breach
        self._title.say(breach.title)
        self._time.say(formats.time_utc(breach.raised_received_ns))
        self._time.setToolTip(f"Raised {formats.instant_utc(breach.raised_received_ns)}")
        self._story.setText(story(breach, self._currency))
        self._standing.say(standing(breach))
        is_open = breach.state in (BreachState.RAISED, BreachState.ACKNOWLEDGED, BreachState.SNOOZED)
        self._acknowledge.setVisible(breach.state in (BreachState.RAISED, BreachState.SNOOZED))
        self._snooze.setVisible(is_open and breach.state is not BreachState.SNOOZED)
        self.setAccessibleName(f"{breach.limit.severity.value} breach: {breach.title}")
        self.setAccessibleDescription(f"{story(breach, self._currency)} {standing(breach)}")

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        colour = self._theme.colours.fill(MEANING_OF_SEVERITY[self.breach.limit.severity])
        painter.fillRect(0, 0, STRIPE, self.height(), QColor(colour))
        painter.end()

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(8)
        top.addWidget(self._badge)
        top.addWidget(self._title, 1)
        top.addWidget(self._time)
        buttons = QHBoxLayout()
        buttons.setSpacing(6)
        buttons.addWidget(self._review)
        buttons.addWidget(self._acknowledge)
        buttons.addWidget(self._snooze)
        buttons.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(STRIPE + 9, 10, 10, 11)
        column.setSpacing(6)
        column.addLayout(top)
        column.addWidget(self._story)
        column.addWidget(self._standing)
        column.addLayout(buttons)

    @Slot()
    def _review_it(self) -> None:
        self.review_wanted.emit(self.breach.breach_id)

    @Slot()
    def _acknowledge_it(self) -> None:
        self.acknowledged.emit(self.breach.breach_id)

    @Slot()
    def _open_snooze(self) -> None:
        self._menu.popup(self._snooze.mapToGlobal(self._snooze.rect().bottomLeft()))

    @Slot(float)
    def _snooze_it(self, seconds: float) -> None:
        self.snoozed.emit(self.breach.breach_id, seconds)
