"""The foot of the breach dialog: every decision about a breach and its proposal, none by a stray key."""

from PySide6.QtCore import QPoint, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from plimsoll.bridge.breach_filing import file_incidents
from plimsoll.bridge.people_sign import PeopleSign
from plimsoll.bridge.risk_model import RiskModel
from plimsoll.domain.breach import Breach, BreachState
from plimsoll.domain.breach_group import BreachGroup
from plimsoll.domain.decision import SHORTEST_REASON, Decision
from plimsoll.domain.incident import IncidentCause, Resolution
from plimsoll.widgets.deliberate_button import Arming, DeliberateButton
from plimsoll.widgets.incident_form import IncidentForm
from plimsoll.widgets.proposal_acts import ProposalActs
from plimsoll.widgets.proposal_card import ProposalCard
from plimsoll.widgets.signing import Signing, acknowledgement, overriding, snooze
from plimsoll.widgets.snooze_menu import SnoozeMenu
from plimsoll.widgets.theme import Theme
from plimsoll.widgets.tone import ToneLabel
from plimsoll.widgets.typeface import SMALL, face

_S = BreachState
ACKNOWLEDGEABLE = frozenset({_S.RAISED, _S.ESCALATED, _S.SNOOZED})
HIDEABLE = frozenset({_S.RAISED, _S.ESCALATED, _S.ACKNOWLEDGED, _S.SNOOZED})
SETTLED = frozenset({_S.EASED, _S.SUPERSEDED})
FILED = "Back under its line, and filed: nothing is left to do."
PLAIN_REASON = f"Reason (at least {SHORTEST_REASON} characters, required to override)"
PROPOSAL_REASON = "Reason (to override, reject or change the plan)…"
OVERRIDES = "The limit may stay broken until the next day roll; it stays visible and counted"


class BreachFoot(QFrame):
    """Buttons that live once they were seen for a second; PINs are asked for where the desk has them.

    Attributes
    ----------
    reason : QLineEdit
        Why something is overridden, rejected or changed.
    form : IncidentForm
        Where the incident is filed once its limits hold again.
    acts : ProposalActs
        What decides about the proposal in front.
    """

    def __init__(self, model: RiskModel, theme: Theme, sign: PeopleSign, dialog: QWidget) -> None:
        super().__init__(dialog)
        self.setProperty("surface", "foot")
        self._model = model
        self._breaches: tuple[Breach, ...] = ()
        self._has_proposal = False
        self.signing = Signing(sign, dialog)
        self.rejection = ToneLabel(face(), self, tone="over")
        self.rejection.setWordWrap(True)
        self.rejection.hide()
        self._two_persons = ToneLabel(face(SMALL), self, tone="muted")
        self._two_persons.setWordWrap(True)
        self.reason = QLineEdit(self)
        self.reason.setAccessibleName("Reason")
        self.snooze = DeliberateButton("&Snooze ▾", parent=self)
        self.snooze_menu = SnoozeMenu(self)
        self.override = DeliberateButton("", "grave", self)
        self.acknowledge = DeliberateButton("", parent=self)
        self.form = IncidentForm(self)
        self._nothing_left = ToneLabel(face(), self, tone="muted")
        self._nothing_left.setWordWrap(True)
        self.acts = ProposalActs(model, theme, self.signing, self.reason, self)
        own = (self.snooze, self.override, self.acknowledge, self.form.button)
        self.arming = Arming(dialog, (*own, *self.acts.buttons))
        self._lay_out()
        self._connect()
        self._weigh_reason()

    def show_group(self, group: BreachGroup) -> None:
        """Offer what can be decided about these breaches."""
        self._breaches = group.breaches
        is_settled = all(breach.state in SETTLED for breach in group.breaches)
        unfiled = self._unfiled()
        for control in (self.snooze, self.reason, self.override, self.acknowledge):
            control.setVisible(not is_settled)
        self.form.setVisible(is_settled and bool(unfiled))
        self._nothing_left.setVisible(is_settled and not unfiled)
        self._nothing_left.say(self._rest_words())
        self.form.show_number(len(unfiled))
        self._name_buttons()

    def follow(self, card: ProposalCard | None) -> None:
        """Decide about the proposal of this card from now on, if there is one."""
        self._has_proposal = card is not None
        self.reason.setPlaceholderText(PROPOSAL_REASON if card is not None else PLAIN_REASON)
        self.acts.follow(card)
        if card is not None:
            card.changed.connect(self._follow_card)
        self._follow_card()
        self._name_buttons()

    def join(self, sign: PeopleSign) -> None:
        """Have decisions signed by these people from now on."""
        self.signing.sign = sign
        self.acts.reconsider()

    def _lay_out(self) -> None:
        self.reason.setPlaceholderText(PLAIN_REASON)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.form, 1)
        row.addWidget(self._nothing_left, 1)
        row.addWidget(self.snooze)
        row.addWidget(self.reason, 1)
        for button in (self.override, self.acknowledge, *self.acts.buttons):
            row.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(18, 10, 18, 12)
        column.setSpacing(7)
        column.addWidget(self.rejection)
        column.addWidget(self._two_persons)
        column.addLayout(row)

    def _connect(self) -> None:
        self.snooze.decided.connect(self._open_snooze)
        self.snooze_menu.chosen.connect(self._snooze_it)
        self.reason.textChanged.connect(self._weigh_reason)
        self.override.decided.connect(self._override_it)
        self.acknowledge.decided.connect(self._acknowledge_it)
        self.form.filed.connect(self._file_it)
        self.acts.renamed.connect(self.arming.restart)
        self.acts.renamed.connect(self._follow_card)
        self.acts.refused.connect(self._show_words)
        self.acts.taken.connect(self.rejection.hide)
        self.acts.taken.connect(self.reason.clear)  # it was the reason of that, and of nothing else
        self._model.decision_rejected.connect(self._show_rejection)

    def _name_buttons(self) -> None:
        n_seen, n_hidden = len(self._in(ACKNOWLEDGEABLE)), len(self._in(HIDEABLE))
        override = f"&Override{_all(n_hidden)}"
        texts = (
            (self.acknowledge, f"&Acknowledge{_all(n_seen)}{' only' if self._has_proposal else ''}"),
            (self.snooze, f"&Snooze{_all(n_hidden)} ▾"),
            (
                self.override,
                f"{override}: do nothing" if self._has_proposal else f"{override} until the day roll",
            ),
        )
        self.acknowledge.setEnabled(n_seen > 0)
        tone = "" if self._has_proposal else "primary"
        if self.acknowledge.property("tone") != tone:
            self.acknowledge.setProperty("tone", tone)
            self.acknowledge.style().unpolish(self.acknowledge)
            self.acknowledge.style().polish(self.acknowledge)
        for button, text in texts:
            if button.text() != text:
                button.setText(text)
                self.arming.restart()

    def _in(self, states: frozenset[BreachState]) -> list[Breach]:
        return [breach for breach in self._breaches if breach.state in states]

    def _unfiled(self) -> list[Breach]:
        return [each for each in self._in(frozenset({BreachState.EASED})) if each.resolution is None]

    def _rest_words(self) -> str:
        """Say why nothing is to be decided now: filed, or laid aside for a temporary limit."""
        aside = self._in(frozenset({BreachState.SUPERSEDED}))
        if not aside:
            return FILED
        reasons = "; ".join(dict.fromkeys(breach.reason for breach in aside if breach.reason))
        return f"Laid aside: {reasons}. Nothing is to be decided until it ends."

    @Slot()
    def _follow_card(self) -> None:
        words = self.acts.two_persons_words
        self._two_persons.say(words)
        self._two_persons.setVisible(bool(words))

    @Slot()
    def _weigh_reason(self) -> None:
        is_enough = len(self.reason.text().strip()) >= SHORTEST_REASON
        self.override.setEnabled(is_enough)
        needed = f"Type a reason of at least {SHORTEST_REASON} characters"
        self.override.setToolTip(OVERRIDES if is_enough else needed)

    @Slot()
    def _acknowledge_it(self) -> None:
        self.rejection.hide()
        self.signing.ask(*acknowledgement(self._model, self._in(ACKNOWLEDGEABLE)))

    @Slot()
    def _override_it(self) -> None:
        self.rejection.hide()
        self.signing.ask(*overriding(self._model, self._in(HIDEABLE), self.reason.text().strip()))

    @Slot()
    def _open_snooze(self) -> None:
        height = self.snooze_menu.sizeHint().height()
        self.snooze_menu.popup(self.snooze.mapToGlobal(QPoint(0, -height)))

    @Slot(float)
    def _snooze_it(self, seconds: float) -> None:
        self.rejection.hide()
        self.signing.ask(*snooze(self._model, self._in(HIDEABLE), seconds))

    @Slot(object, object, str)
    def _file_it(self, cause: IncidentCause, resolution: Resolution, comment: str) -> None:
        self.rejection.hide()
        file_incidents(self._model, self._unfiled(), cause, resolution, comment)

    @Slot(object, str)
    def _show_rejection(self, decision: Decision, reason: str) -> None:
        if any(decision.breach_id == breach.breach_id for breach in self._breaches):
            self._show_words(f"Not done ({decision.kind.value.replace('_', ' ')}): {reason}")

    @Slot(str)
    def _show_words(self, words: str) -> None:
        self.rejection.say(words)
        self.rejection.show()
        self.arming.restart()


def _all(n_breaches: int) -> str:
    return f" all {n_breaches}" if n_breaches > 1 else ""
