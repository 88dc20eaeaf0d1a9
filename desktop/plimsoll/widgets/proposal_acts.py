"""The buttons that decide about a proposal: approve by a hold, confirm, reject, have it worked out again."""

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QLineEdit, QWidget

from plimsoll.bridge.risk_model import RiskModel
from plimsoll.domain.decision import SHORTEST_REASON
from plimsoll.domain.person import Right
from plimsoll.domain.proposal_request import ProposalAsked
from plimsoll.domain.proposal_standing import ProposalState
from plimsoll.widgets.deliberate_button import DeliberateButton
from plimsoll.widgets.hold_button import HoldButton
from plimsoll.widgets.proposal_card import ProposalCard
from plimsoll.widgets.proposal_words import caption_of, number_words
from plimsoll.widgets.sign_dialog import SignRequest
from plimsoll.widgets.signing import Signing
from plimsoll.widgets.theme import Theme

CONFIRM = "Hold to confirm as the second person"
NEEDS_REASON = f"a changed plan or an alternative needs a reason of at least {SHORTEST_REASON} characters"
WAITS = "it was asked for; the desk has not answered yet"


class ProposalActs(QObject):
    """Carries what a person decides about the card in front to the model, signed where PINs are asked for.

    Signals
    -------
    renamed()
        A button says something else now: it has to be seen again first.
    refused(str), taken()
        The desk did not take what was asked, or did.
    """

    renamed = Signal()
    refused = Signal(str)
    taken = Signal()

    def __init__(
        self, model: RiskModel, theme: Theme, signing: Signing, reason: QLineEdit, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._model = model
        self._signing = signing
        self._reason = reason
        self._card: ProposalCard | None = None
        self._seen: tuple[object, ...] = ()
        self._nobody = ""
        self._asked_id = ""
        self.approve = HoldButton("Hold to approve", theme, parent)
        self.approve.decided.connect(self._send_it)
        self.reject = DeliberateButton("Re&ject", parent=parent)
        self.reject.decided.connect(self._reject_it)
        self.again = DeliberateButton("&Work it out again", parent=parent)
        self.again.decided.connect(self._ask_again)
        reason.textChanged.connect(self.weigh)
        model.request_taken.connect(self._note_taken)
        model.request_rejected.connect(self._show_refusal)
        self.weigh()

    @property
    def buttons(self) -> tuple[DeliberateButton, ...]:
        """Those that have to be armed."""
        return self.reject, self.again, self.approve

    def follow(self, card: ProposalCard | None) -> None:
        """Decide about this card's proposal from now on."""
        if self._card is not None:
            self._card.changed.disconnect(self.weigh)
        self._card = card
        self._seen = ()
        if card is not None:
            card.changed.connect(self.weigh)
        self.weigh()

    def reconsider(self) -> None:
        """Look again at who may sign: other people are asked from now on."""
        self._seen = ()
        self.weigh()

    @property
    def why_not(self) -> str:
        """Return why the hold would do nothing now; empty where it would act."""
        card = self._card
        if card is None:
            return "there is no proposal"
        is_first = card.standing.state is ProposalState.OPEN
        return (
            card.why_not_sent
            or self._nobody
            or (WAITS if self._asked_id else "")
            or (NEEDS_REASON if is_first and card.draft.is_changed and not self._has_reason else "")
        )

    @property
    def _has_reason(self) -> bool:
        return len(self._reason.text().strip()) >= SHORTEST_REASON

    @Slot()
    def weigh(self) -> None:
        """Let the buttons say and do what fits what is shown."""
        card = self._card
        state = card.standing.state if card is not None else ProposalState.OUTDATED
        self._notice_changes()
        self.approve.setVisible(card is not None and not state.is_end)
        self.reject.setVisible(card is not None and not state.is_end)
        is_over = state.is_end and not state.was_executed
        self.again.setVisible(card is not None and (is_over or card.is_expired))
        if card is None:
            return
        text = self._approve_text(card)
        if text != self.approve.text():
            self.approve.setText(text)
            self.approve.let_go()
            self.renamed.emit()
        why_not = self.why_not
        self.approve.setEnabled(not why_not)
        self.approve.setToolTip(f"Not now: {why_not}" if why_not else "Hold for one second")
        self.reject.setEnabled(self._has_reason)
        self.reject.setToolTip(
            "The plan shall not go out; the breach stays open"
            if self._has_reason
            else f"Type a reason of at least {SHORTEST_REASON} characters"
        )

    def _notice_changes(self) -> None:
        """Take back what was begun for a proposal that stands otherwise by now."""
        card = self._card
        standing = card.standing if card is not None else None
        seen = (
            (standing.proposal.proposal_id, standing.state, standing.person) if standing is not None else ()
        )
        if seen == self._seen:
            return
        self._seen, self._asked_id = seen, ""
        self._signing.drop()
        self.approve.let_go()
        self._nobody = self._why_nobody()
        self.renamed.emit()

    def _why_nobody(self) -> str:
        """Return why a second person cannot be had; read once a standing, for it reads a file."""
        standing = self._card.standing if self._card is not None else None
        if standing is None or standing.state.is_end or not standing.proposal.needs_two_persons:
            return ""
        first = standing.person or self._signing.sign.account
        why = self._signing.sign.why_nobody(Right.CONFIRM, but=first)
        return f"it needs two persons. {why}" if why else ""

    @property
    def two_persons_words(self) -> str:
        """Return what the two-person rule asks here; empty where it does not apply."""
        standing = self._card.standing if self._card is not None else None
        if standing is None or standing.state.is_end or not standing.proposal.needs_two_persons:
            return ""
        if self._nobody:
            return f"Cannot be approved: {self._nobody}"
        if standing.state is ProposalState.AWAITS_SECOND:
            return f"{standing.person} approved it; somebody else has to confirm it."
        return "Two persons: after the approval somebody else has to confirm it."

    def _approve_text(self, card: ProposalCard) -> str:
        if card.standing.state is ProposalState.AWAITS_SECOND:
            return CONFIRM
        n_later = len(card.draft.shown.plan.later)
        later = f" + {n_later} later" if n_later else ""
        return f"Hold to approve {number_words(card.draft.n_orders, 'order')}{later}"

    @Slot()
    def _send_it(self) -> None:
        if self._card is None or self.why_not:
            return
        if self._card.standing.state is ProposalState.AWAITS_SECOND:
            self._confirm(self._card)
        else:
            self._approve(self._card)

    def _approve(self, card: ProposalCard) -> None:
        draft = card.draft
        proposal_id, option, quantities = draft.proposal.proposal_id, draft.option, draft.quantities
        reason = self._reason.text().strip()

        def approve(person: str) -> None:
            self._asked_id = proposal_id
            self._model.approve(
                proposal_id, person=person, option=option, quantities=quantities, reason=reason
            )
            self.weigh()

        words = f"{caption_of(draft.shown.plan)}: {number_words(draft.n_orders, 'order')} go out."
        self._signing.ask(SignRequest("Approve a proposal", words, "Approve it", Right.APPROVE), approve)

    def _confirm(self, card: ProposalCard) -> None:
        standing = card.standing
        proposal_id, decision_id = standing.proposal.proposal_id, standing.decision_id

        def confirm(person: str) -> None:
            self._asked_id = proposal_id
            self._model.confirm(proposal_id, decision_id, person)
            self.weigh()

        words = (
            f"{standing.person} approved {number_words(card.draft.n_orders, 'order')} "
            f"({caption_of(standing.decided)}). Signed by a second person they go out."
        )
        request = SignRequest(
            "Confirm as the second person", words, "Confirm it", Right.CONFIRM, but=standing.person
        )
        self._signing.ask(request, confirm, always=True)

    @Slot()
    def _reject_it(self) -> None:
        if self._card is None or not self._has_reason:
            return
        proposal_id, reason = self._card.standing.proposal.proposal_id, self._reason.text().strip()

        def reject(person: str) -> None:
            self._model.reject(proposal_id, person, reason)

        words = "The plan does not go out. The breach stays open and counted."
        self._signing.ask(SignRequest("Reject a proposal", words, "Reject it", Right.APPROVE), reject)

    @Slot()
    def _ask_again(self) -> None:
        if self._card is not None:
            self._model.ask_for_plan(self._card.standing.proposal.breach_id)

    def _is_mine(self, request: object) -> bool:
        """Tell whether a request is about the proposal in front, or asks for one in its place."""
        if self._card is None:
            return False
        proposal = self._card.standing.proposal
        return getattr(request, "proposal_id", None) == proposal.proposal_id or (
            isinstance(request, ProposalAsked) and request.breach_id == proposal.breach_id
        )

    @Slot(object)
    def _note_taken(self, request: object) -> None:
        if self._is_mine(request):
            self._asked_id = ""
            self.weigh()
            self.taken.emit()

    @Slot(object, str)
    def _show_refusal(self, request: object, reason: str) -> None:
        if self._is_mine(request):
            self._asked_id = ""
            self.weigh()
            self.refused.emit(f"Not done: {reason}")
