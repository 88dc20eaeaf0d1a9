"""The proposal card: plan and alternatives side by side, how the proposal stands, and what became of it."""

import time

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from plimsoll.bridge.proposal_draft import ProposalDraft, options_of
from plimsoll.bridge.proposal_orders import shelf_of
from plimsoll.bridge.risk_model import RiskModel
from plimsoll.domain.breach import Breach
from plimsoll.domain.proposal import LimitEffect
from plimsoll.domain.proposal_standing import ProposalStanding, ProposalState
from plimsoll.domain.snapshot import LimitStatus, RiskSnapshot
from plimsoll.widgets.breach_evidence import section
from plimsoll.widgets.limits_now import LimitsNow
from plimsoll.widgets.proposal_outcome import ProposalOutcome
from plimsoll.widgets.proposal_page import ProposalPage
from plimsoll.widgets.proposal_words import again_words, caption_of, standing_words
from plimsoll.widgets.theme import Theme
from plimsoll.widgets.tone import ToneLabel
from plimsoll.widgets.typeface import bold, face

LIMITS, ORDERS = "Limits now", "Orders"
EXPIRED = "it has expired: have it worked out again"


class ProposalCard(QFrame):
    """What is shown here is what an approval would send; the buttons stand in the dialog's foot.

    Signals
    -------
    changed()
        What an approval would do, or whether it may be given, is another.
    """

    changed = Signal()

    def __init__(
        self,
        model: RiskModel,
        theme: Theme,
        standing: ProposalStanding,
        breach: Breach,
        when_raised: tuple[LimitStatus, ...],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setProperty("surface", "live")
        self._model = model
        currency = model.snapshot.base_currency if model.snapshot is not None else ""
        self._limit_id = breach.limit.limit_id
        self._expected: LimitEffect | None = None
        self._sent: ProposalStanding | None = None
        self._was_expired = False
        self._drawn: tuple[object, ...] = ()
        self.draft = ProposalDraft(model, standing, self)
        self.page = ProposalPage(theme, currency, self._limit_id, self)
        self.outcome = ProposalOutcome(theme, currency, self)
        self.limits_now = LimitsNow(theme, breach, when_raised, self)
        self.tabs = QButtonGroup(self)
        self.standing_line = _notice(self, "")
        self.notice = _notice(self, "over")
        self._lay_out()
        self.page.edited.connect(self.draft.write)
        self.draft.changed.connect(self._follow_draft)
        self.tabs.idClicked.connect(self._choose)
        self._orders = shelf_of(model)
        self._orders.changed.connect(self._follow_orders)
        self.show_standing(standing)
        if model.snapshot is not None:
            self.show_snapshot(model.snapshot)

    @property
    def standing(self) -> ProposalStanding:
        """The proposal and how it stands."""
        return self.draft.standing

    @property
    def is_under_way(self) -> bool:
        """Whether orders went out on it, or a second person is waited for."""
        return self.standing.state.was_executed or self.standing.state is ProposalState.AWAITS_SECOND

    @property
    def why_not_sent(self) -> str:
        """Return why what is in front cannot be approved or confirmed now; empty where it can."""
        draft = self.draft
        reasons = (
            (draft.standing.state.is_end, "nothing can be decided about this proposal any more"),
            (self._stack.currentWidget() is not self.page, "choose a plan first: no plan is in front"),
            (bool(draft.complaints), "a quantity is wrong"),
            (bool(draft.refusal), draft.refusal),
            (draft.is_recomputing, "what the changed quantities do is still being worked out"),
            (not draft.n_orders and not draft.shown.plan.later, "it sends no order"),
            (self.is_expired, EXPIRED),
        )
        return next((words for is_so, words in reasons if is_so), "")

    def show_standing(self, standing: ProposalStanding) -> None:
        """Follow the proposal; where another one took its place say why, and what is lost."""
        before = self.standing
        is_other = standing.proposal.proposal_id != before.proposal.proposal_id
        if standing.state.was_executed:
            self._note_sent(standing)
        had_changes = self.draft.take(standing)
        if is_other:
            self._say_notice(again_words(before, had_changes=had_changes))
        self._redraw()
        self._follow_sent()

    def show_snapshot(self, snapshot: RiskSnapshot) -> None:
        """Follow the figures."""
        if self._stack.currentWidget() is self.limits_now:
            self.limits_now.show_snapshot(snapshot)
        self.page.show_snapshot(snapshot, self.draft)
        self._follow_sent()
        is_expired = self.is_expired
        if is_expired != self._was_expired:
            self._was_expired = is_expired
            self.changed.emit()

    def _lay_out(self) -> None:
        self._tab_row = QHBoxLayout()
        self._tab_row.setSpacing(4)
        self._tab_row.addWidget(section("Proposed action", self))
        self._tab_row.addSpacing(8)
        self._tab_row.addStretch(1)
        self._stack = QStackedWidget(self)
        for page in (self.page, self.outcome, self.limits_now):
            self._stack.addWidget(page)
        column = QVBoxLayout(self)
        column.setContentsMargins(18, 10, 12, 8)
        column.setSpacing(6)
        column.addLayout(self._tab_row)
        column.addWidget(self.standing_line)
        column.addWidget(self.notice)
        column.addWidget(self._stack, 1)

    @property
    def is_expired(self) -> bool:
        """Whether an open proposal has outlived its time."""
        return not self.standing.state.is_end and time.time_ns() >= self.standing.proposal.expires_ns

    def _redraw(self) -> None:
        """Show tabs and pages as the state asks for; a live figure alone changes none of them."""
        standing = self.standing
        is_waiting = standing.state is ProposalState.AWAITS_SECOND
        self.standing_line.say(standing_words(standing), "loss" if is_waiting else "")
        self.standing_line.setVisible(bool(self.standing_line.text()))
        drawn = (standing.proposal.proposal_id, standing.state, self.draft.option)
        if drawn != self._drawn:
            self._drawn = drawn
            self._make_tabs()
            self._show_front()
        self.changed.emit()

    def _make_tabs(self) -> None:
        for button in self.tabs.buttons():
            self.tabs.removeButton(button)
            self._tab_row.removeWidget(button)
            button.hide()
            button.deleteLater()
        standing = self.standing
        options = options_of(standing.proposal)
        titles = {number: caption_of(option.plan) for number, option in enumerate(options)}
        if standing.state is ProposalState.AWAITS_SECOND:
            titles = {self.draft.option: titles[self.draft.option]}
        elif standing.state.was_executed:
            titles = {}
        if self._sent is not None:
            titles[len(options)] = ORDERS
        titles[len(options) + 1] = LIMITS
        for place, (number, title) in enumerate(titles.items()):
            button = QToolButton(self)
            button.setText(title.replace("&", "&&"))
            button.setProperty("flat", "true")
            button.setCheckable(True)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            self.tabs.addButton(button, number)
            self._tab_row.insertWidget(2 + place, button)
        self._check(len(options) if standing.state.was_executed else self.draft.option)

    def _check(self, number: int) -> None:
        for button in self.tabs.buttons():
            is_front = self.tabs.id(button) == number
            button.setChecked(is_front)
            button.setFont(bold() if is_front else face())

    def _show_front(self) -> None:
        """Show what the chosen tab stands for."""
        n_options = len(options_of(self.standing.proposal))
        number = self.tabs.checkedId()
        if number > n_options:
            self._stack.setCurrentWidget(self.limits_now)
            if self._model.snapshot is not None:
                self.limits_now.show_snapshot(self._model.snapshot)
        elif number == n_options:
            self._stack.setCurrentWidget(self.outcome)
        else:
            self.page.show_plan(self.draft, may_edit=self.standing.state is ProposalState.OPEN)
            self._stack.setCurrentWidget(self.page)

    @Slot(int)
    def _choose(self, number: int) -> None:
        self._check(number)
        if number < len(options_of(self.standing.proposal)) and number != self.draft.option:
            self._say_notice("")
            self.draft.choose(number)
            self._drawn = (self.standing.proposal.proposal_id, self.standing.state, number)
            self._show_front()
        elif self._stack.currentWidget() is self.page and number == self.draft.option:
            return
        elif number == self.draft.option:
            self._stack.setCurrentWidget(self.page)  # back to it: what was typed is still there
        else:
            self._show_front()
        self.changed.emit()

    @Slot()
    def _follow_draft(self) -> None:
        self.page.show_figures(self.draft)
        self.changed.emit()

    def _note_sent(self, standing: ProposalStanding) -> None:
        """Remember what the plan was to do, as it stood when it went out; a further plan does not hide it."""
        if self._sent is None or self._sent.decision_id != standing.decision_id:
            shown = self.draft.shown if standing.proposal is self.standing.proposal else None
            what_if = shown.what_if if shown is not None else standing.proposal.what_if
            self._expected = what_if.effect(self._limit_id)
            self._say_notice("")
        self._sent = standing

    @Slot(str)
    def _follow_orders(self, decision_id: str) -> None:
        if self._sent is not None and decision_id == self._sent.decision_id:
            self._follow_sent()

    def _follow_sent(self) -> None:
        """Show the orders that went out, and what became of the measure."""
        if self._sent is None:
            return
        snapshot = self._model.snapshot
        limits = snapshot.limits if snapshot is not None else ()
        status = next((each for each in limits if each.limit.limit_id == self._limit_id), None)
        orders, n_sent = self._orders.of(self._sent.decision_id), len(self._sent.decided.legs)
        self.outcome.show_orders(orders, n_sent, self._expected, status)

    def _say_notice(self, words: str) -> None:
        self.notice.say(words)
        self.notice.setVisible(bool(words))


def _notice(parent: QWidget, tone: str) -> ToneLabel:
    label = ToneLabel(face(), parent, tone=tone)
    label.setWordWrap(True)
    label.hide()
    return label
