"""One cause in the right column: what broke, and the three things a card may do."""

from collections.abc import Iterable

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from plimsoll.domain.breach import Breach, BreachState
from plimsoll.domain.breach_group import BreachGroup
from plimsoll.domain.proposal_standing import ProposalStanding
from plimsoll.widgets import formats
from plimsoll.widgets.badge import MEANING_OF_SEVERITY, SeverityBadge
from plimsoll.widgets.breach_roll import BreachRoll
from plimsoll.widgets.breach_words import group_headline, group_standing, story
from plimsoll.widgets.deliberate_button import Arming, DeliberateButton
from plimsoll.widgets.elided_label import ElidedLabel
from plimsoll.widgets.proposal_words import pending_words
from plimsoll.widgets.snooze_menu import SnoozeMenu
from plimsoll.widgets.theme import Theme
from plimsoll.widgets.tone import ToneLabel
from plimsoll.widgets.typeface import SMALL, bold, face

STRIPE = 4
ROWS_IN_SIGHT = 5
_SNOOZABLE = frozenset({BreachState.RAISED, BreachState.ESCALATED, BreachState.ACKNOWLEDGED})
_ACKNOWLEDGEABLE = frozenset({BreachState.RAISED, BreachState.ESCALATED, BreachState.SNOOZED})


class BreachCard(QFrame):
    """A cause at a glance, with one breach or a thousand; more than acknowledge or snooze is for the dialog.

    Signals
    -------
    review_wanted(str)
        With the id of the worst breach.
    acknowledged(tuple of Breach), snoozed(tuple of Breach, float)
        A person meant it, for all of these at once; and for how many seconds.
    """

    review_wanted = Signal(str)
    acknowledged = Signal(object)
    snoozed = Signal(object, float)

    def __init__(
        self, group: BreachGroup, currency: str, theme: Theme, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._currency = currency
        self.group = group
        self.setProperty("surface", "card")
        self._badge = SeverityBadge(theme, group.lead.limit.severity, self)
        self._title = ElidedLabel(bold(), self)
        self._time = ToneLabel(face(SMALL), self, tone="muted")
        self._story = QLabel(self)
        self._story.setWordWrap(True)
        self._story.setFont(face(SMALL))
        self._story.setProperty("tone", "muted")
        self._roll = BreachRoll(theme, currency, self)
        self._roll.chosen.connect(self.review_wanted)
        self._standing = ToneLabel(face(SMALL), self, tone="muted")
        self._proposal = ToneLabel(face(SMALL), self)
        self._proposal.setWordWrap(True)
        self._proposal.hide()
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
        self.show_group(group)
        theme.changed.connect(self.update)

    @property
    def breach(self) -> Breach:
        """The worst breach of the cause."""
        return self.group.lead

    def show_group(self, group: BreachGroup) -> None:
        """Show the breaches of the cause as they stand now."""
        self.group = group
        lead = group.lead
        self._badge.show_severity(lead.limit.severity)
        n_broken = len(group.breaches)
        self._title.say(f"{n_broken} limits broken at once" if group.is_storm else lead.title)
        self._time.say(formats.time_utc(lead.raised_received_ns))
        self._time.setToolTip(f"Raised {formats.instant_utc(lead.raised_received_ns)}")
        self._story.setText(story(lead, self._currency))
        self._story.setVisible(not group.is_storm)
        self._roll.setVisible(group.is_storm)
        if group.is_storm:
            self._roll.show_breaches(group.breaches)
            self._roll.setFixedHeight(self._roll.height_of(min(n_broken, ROWS_IN_SIGHT)))
        self._standing.say(group_standing(group), "over" if group.escalation else "muted")
        n_acknowledgeable = len(self._in(_ACKNOWLEDGEABLE))
        self._offer(self._acknowledge, "Acknowledge", n_acknowledgeable)
        self._offer(self._snooze, "Snooze", len(self._in(_SNOOZABLE)))
        self.setAccessibleName(f"{lead.limit.severity.value} breach: {self._title.text()}")
        words = group_headline(group, self._currency) if group.is_storm else story(lead, self._currency)
        self.setAccessibleDescription(f"{words} {group_standing(group)}")
        self.update()

    def show_proposals(self, standings: Iterable[ProposalStanding]) -> None:
        """Say what is proposed about these breaches, and whether somebody has to decide."""
        words, is_urgent = pending_words(tuple(standings))
        self._proposal.say(words, "over" if is_urgent else "")
        self._proposal.setVisible(bool(words))

    def _in(self, states: frozenset[BreachState]) -> list[Breach]:
        return [breach for breach in self.group.breaches if breach.state in states]

    def _offer(self, button: DeliberateButton, word: str, n_breaches: int) -> None:
        """Let a button say for how many it decides; what it says anew has to be seen again first."""
        button.setVisible(n_breaches > 0)
        text = f"{word} all {n_breaches}" if n_breaches > 1 else word
        if button.text() != text:
            button.setText(text)
            self._arming.restart()

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
        column.addWidget(self._roll)
        column.addWidget(self._standing)
        column.addWidget(self._proposal)
        column.addLayout(buttons)

    @Slot()
    def _review_it(self) -> None:
        self.review_wanted.emit(self.breach.breach_id)

    @Slot()
    def _acknowledge_it(self) -> None:
        self.acknowledged.emit(tuple(self._in(_ACKNOWLEDGEABLE)))

    @Slot()
    def _open_snooze(self) -> None:
        self._menu.popup(self._snooze.mapToGlobal(self._snooze.rect().bottomLeft()))

    @Slot(float)
    def _snooze_it(self, seconds: float) -> None:
        self.snoozed.emit(tuple(self._in(_SNOOZABLE)), seconds)
