"""The plan in front: its orders, what they do to every limit, and what there is to know beside that."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from plimsoll.bridge.proposal_draft import ProposalDraft
from plimsoll.domain.snapshot import RiskSnapshot
from plimsoll.widgets.breach_evidence import section
from plimsoll.widgets.proposal_effects import EffectList
from plimsoll.widgets.proposal_legs import LegTable
from plimsoll.widgets.proposal_words import (
    autonomy_words,
    broken_words,
    caution_words,
    cost_words,
    made_words,
    now_alone_words,
    sentence,
)
from plimsoll.widgets.theme import Theme
from plimsoll.widgets.tone import ToneLabel
from plimsoll.widgets.typeface import SMALL, face

UNBROKEN = "No limit is newly broken by this plan."
RECOMPUTING = "recomputing…"


class ProposalPage(QScrollArea):
    """Scrolls as a whole where the window is low; both tables scroll in themselves where they are long.

    Signals
    -------
    edited(str, str)
        A person typed in the field of a code.
    """

    edited = Signal(str, str)

    def __init__(self, theme: Theme, currency: str, limit_id: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._currency = currency
        self._limit_id = limit_id
        self._grade = ""
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        inner = QWidget(self)
        self._purpose = _words(inner, "muted")
        self.legs = LegTable(theme, currency, inner)
        self.legs.edited.connect(self.edited)
        self.effects = EffectList(theme, inner)
        self.state = ToneLabel(face(SMALL), inner, tone="muted")
        self.broken = _words(inner, "over")
        self._cost = _words(inner, "")
        self._caution = _words(inner, "loss")
        self._rest = _words(inner, "muted")
        head = QHBoxLayout()
        head.addWidget(section("Before → after, repriced on live prices", inner), 1)
        head.addWidget(self.state)
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 0, 6, 0)
        column.setSpacing(6)
        for widget in (self._purpose, self.legs):
            column.addWidget(widget)
        column.addSpacing(4)
        column.addLayout(head)
        column.addWidget(self.effects, 1)
        for widget in (self.broken, self._cost, self._caution, self._rest):
            column.addWidget(widget)
        self.setWidget(inner)

    def show_plan(self, draft: ProposalDraft, *, may_edit: bool) -> None:
        """Show the option in front as the desk made it."""
        self.legs.show_plan(draft.proposed.plan, may_edit=may_edit)
        self._purpose.say(sentence(draft.proposed.plan.words))
        self._purpose.setVisible(bool(draft.proposed.plan.words))
        self.show_figures(draft)

    def show_figures(self, draft: ProposalDraft) -> None:
        """Show what the quantities that stand there come to."""
        shown, proposal = draft.shown, draft.proposal
        self.legs.show_figures(shown.plan, draft.complaints)
        self.effects.show_what_if(shown.what_if, self._limit_id, self._currency)
        self.effects.dim(not draft.is_settled)
        self.state.say(*_state_words(draft))
        broken = broken_words(shown)
        self.broken.say(broken or UNBROKEN, "over" if broken else "muted")
        self._cost.say(cost_words(shown, self._currency))
        caution = " ".join(caution_words(shown.plan))
        if draft.option == 0 and not draft.is_changed:
            caution = f"{caution} {now_alone_words(proposal, self._limit_id, self._currency)}".strip()
        self._caution.say(caution)
        self._caution.setVisible(bool(caution))
        self._rest.say(" ".join(filter(None, (autonomy_words(proposal), made_words(proposal), self._grade))))

    def show_snapshot(self, snapshot: RiskSnapshot, draft: ProposalDraft) -> None:
        """Show how far the figure that broke can be trusted now."""
        self.legs.know(snapshot.table.instruments)
        status = next((each for each in snapshot.limits if each.limit.limit_id == self._limit_id), None)
        if status is None:
            return
        measure = status.limit.measure
        grade = next((gauge.grade for gauge in snapshot.gauges if gauge.measure is measure), None)
        words = f"Data behind it now: {grade.words}." if grade is not None else ""
        if words != self._grade:
            self._grade = words
            self.show_figures(draft)


def _state_words(draft: ProposalDraft) -> tuple[str, str]:
    if draft.complaints:
        n = len(draft.complaints)
        return ("a quantity is wrong" if n == 1 else f"{n} quantities are wrong"), "over"
    if draft.refusal:
        return f"cannot be worked out: {draft.refusal}", "over"
    if draft.is_recomputing:
        return RECOMPUTING, "loss"
    return ("for the changed quantities" if draft.quantities else ""), "muted"


def _words(parent: QWidget, tone: str) -> ToneLabel:
    label = ToneLabel(face(SMALL), parent, tone=tone)
    label.setWordWrap(True)
    return label
