"""Changes the response policy: its responses, its rules, and live to which response each limit leads."""

from collections.abc import Callable

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QListWidget, QPushButton, QVBoxLayout, QWidget

from plimsoll.bridge.people_sign import PeopleSign
from plimsoll.bridge.policy_draft import (
    PolicyDraft,
    changes_of,
    outcome_words,
    policy_draft_of,
    routes_of,
    texts_of_response,
    texts_of_rule,
)
from plimsoll.bridge.resting_limit import minute_words
from plimsoll.domain.limit import Limit
from plimsoll.domain.limit_change import LOOSENING_DELAY_S
from plimsoll.domain.policy_change import PolicyChangeAsked, loosenings
from plimsoll.domain.response_policy import ResponsePolicy
from plimsoll.domain.units import NS_PER_S
from plimsoll.widgets.asking_dialog import AskingDialog
from plimsoll.widgets.deliberate_button import DeliberateButton
from plimsoll.widgets.policy_form import PolicyForm
from plimsoll.widgets.policy_rules import PolicyRules
from plimsoll.widgets.study_table import Cell, StudyTable
from plimsoll.widgets.theme import Theme
from plimsoll.widgets.tone import ToneLabel
from plimsoll.widgets.typeface import BODY, bold, face

CHANGE, TO_LOOSEN = "Change the policy", "Ask for it: it waits"
HEADS = ("Limit", "Response", "By", "What it does")
UNSAVED, WRONG = " •", " – not right yet"


class PolicyEditor(AskingDialog):
    """Asks for a `PolicyChangeAsked`; what differs from the policy in force carries a dot.

    Parameters
    ----------
    theme : Theme
        The look.
    policy : ResponsePolicy
        In force.
    limits : tuple of Limit
        For the table of where each leads.
    sign : PeopleSign
        Who signs.
    make_id : callable
        Returns an id for a request that nobody has used.
    now_ns : callable
        The desk's clock.
    delay_s : float
        How long a loosening waits.
    """

    def __init__(
        self,
        theme: Theme,
        policy: ResponsePolicy,
        limits: tuple[Limit, ...],
        sign: PeopleSign,
        *,
        make_id: Callable[[], str],
        now_ns: Callable[[], int],
        delay_s: float = LOOSENING_DELAY_S,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__("Response policy", DeliberateButton(CHANGE, "primary"), sign, parent)
        self._before, self._limits = policy, limits
        self._make_id, self._now_ns, self._delay_ns = make_id, now_ns, round(delay_s * NS_PER_S)
        self._responses = [texts_of_response(response) for response in policy.responses]
        self._first = self._responses.copy(), [texts_of_rule(rule) for rule in policy.rules]
        self._draft = PolicyDraft(policy)
        self._loosens: tuple[str, ...] = ()
        self._chosen = 0
        self.resize(1240, 700)
        self.list = QListWidget(self)
        self.list.setAccessibleName("Responses")
        self.list.setFixedWidth(200)
        self.form = PolicyForm(self)
        self.rules = PolicyRules(self)
        self.routes = StudyTable(theme, "To which response each limit leads", HEADS, self)
        self.what_differs = ToneLabel(face(BODY), self)
        self.what_happens = ToneLabel(bold(BODY), self)
        self._lay_out()
        ids = tuple(limit.limit_id for limit in limits)
        self.rules.show_rules(self._first[1], ids, self._names)
        self._show_list()
        self.list.currentRowChanged.connect(self._choose)
        self.form.edited.connect(self._take_form)
        self.rules.edited.connect(self._weigh)
        self._choose(0)
        self._weigh()

    @property
    def _names(self) -> tuple[str, ...]:
        return tuple(texts["name"].strip() for texts in self._responses)

    def take_policy(self, policy: ResponsePolicy) -> None:
        """Compare with another policy from now on: it came into force; what is typed stays."""
        self._before = policy
        self._weigh()

    def has_edits(self) -> bool:
        return (self._responses, self.rules.texts()) != self._first

    def waits(self) -> bool:
        return bool(self._loosens)

    def fault(self) -> str:
        if self._draft.policy is None:
            return "A field is not right yet" if self._draft.complaints else "It needs a response and a rule"
        return "Nothing would change" if self._draft.policy == self._before else ""

    def button_text(self) -> str:
        return TO_LOOSEN if self.waits() else CHANGE

    def request(self, person: str, reason: str) -> PolicyChangeAsked:
        return PolicyChangeAsked(self._make_id(), self._draft.policy or self._before, person, reason)

    def _lay_out(self) -> None:
        left = self._titled(
            "Responses",
            self.list,
            self.quiet("Add a response", self.add_response),
            self.quiet("Remove it", self.remove_response),
        )
        top = QHBoxLayout()
        top.setSpacing(18)
        top.addLayout(left)
        top.addWidget(self.form, 1)
        rules = self._titled(
            "Rules: the first that fits decides; a limit's own response goes before all",
            self.rules,
            self.quiet("Add a rule", self.rules.add),
        )
        self.rules.setMinimumHeight(180)
        self.routes.setMinimumHeight(180)
        self.routes.horizontalHeader().setStretchLastSection(True)
        outlook = QFrame(self)
        outlook.setProperty("surface", "panel")
        inside = QVBoxLayout(outlook)
        inside.setContentsMargins(14, 6, 14, 6)
        inside.setSpacing(2)
        for label in (self.what_differs, self.what_happens):
            label.setWordWrap(True)
            inside.addWidget(label)
        below = QHBoxLayout()
        below.setSpacing(18)
        below.addLayout(rules, 3)
        below.addLayout(self._titled("Which limit leads to which response", self.routes), 2)
        self.lay_out(top, below, outlook)

    def _titled(self, title: str, widget: QWidget, *buttons: QPushButton) -> QVBoxLayout:
        head = ToneLabel(bold(BODY), self)
        head.say(title)
        column = QVBoxLayout()
        column.setSpacing(4)
        column.addWidget(head)
        column.addWidget(widget, 1)
        row = QHBoxLayout()
        for button in buttons:
            row.addWidget(button)
        row.addStretch(1)
        if buttons:
            column.addLayout(row)
        return column

    @Slot()
    def add_response(self) -> None:
        """Add a response, to be named."""
        self._responses = [*self._responses, texts_of_response()]
        self._follow_responses(len(self._responses) - 1)

    @Slot()
    def remove_response(self) -> None:
        """Remove the chosen one; a rule that still leads to it says that it is not right."""
        if self._responses:
            self._responses = [texts for n, texts in enumerate(self._responses) if n != self._chosen]
            self._follow_responses(max(self._chosen - 1, 0))

    def _follow_responses(self, chosen: int) -> None:
        self.rules.offer_names(self._names)
        self._show_list()
        self._choose(min(chosen, len(self._responses) - 1))
        self._weigh()

    @Slot(int)
    def _choose(self, number: int) -> None:
        if not 0 <= number < len(self._responses):
            self.form.setEnabled(bool(self._responses))
            return
        self._chosen = number
        self.form.setEnabled(True)
        self.form.show_texts(self._responses[number])
        self.list.setCurrentRow(number)
        self._show_complaints()

    @Slot()
    def _take_form(self) -> None:
        was, texts = self._responses[self._chosen], self.form.texts()
        self._responses = [texts if each is was else each for each in self._responses]
        self.rules.offer_names(self._names, was=was["name"].strip(), now=texts["name"].strip())
        self._weigh()

    @Slot()
    def _weigh(self) -> None:
        self._draft = policy_draft_of(self._responses, self.rules.texts())
        policy = self._draft.policy
        self._loosens = loosenings(self._before, policy) if policy is not None else ()
        self._show_list()
        self._show_complaints()
        self.routes.setEnabled(policy is not None)
        if policy is not None:
            self._show_routes(policy)
        self._say(policy)
        self.tell_button()

    def _show_list(self) -> None:
        self.list.blockSignals(True)
        while self.list.count() > len(self._responses):
            self.list.takeItem(self.list.count() - 1)
        while self.list.count() < len(self._responses):
            self.list.addItem("")
        wrong = {number for kind, number, _ in self._draft.complaints if kind == "response"}
        for number, texts in enumerate(self._responses):
            before = self._before.named(texts["name"].strip())
            is_changed = before is None or texts_of_response(before) != texts
            mark = WRONG if number in wrong else UNSAVED if is_changed else ""
            self.list.item(number).setText(f"{texts['name'].strip() or 'unnamed'}{mark}")
        self.list.blockSignals(False)

    def _show_complaints(self) -> None:
        found = self._draft.complaints
        own = {
            name: words
            for (kind, number, name), words in found.items()
            if kind == "response" and number == self._chosen
        }
        self.form.show_complaints(own)
        rules = {(number, name): words for (kind, number, name), words in found.items() if kind == "rule"}
        self.rules.show_complaints(rules)

    def _show_routes(self, policy: ResponsePolicy) -> None:
        rows = []
        for route in routes_of(policy, self._limits):
            is_other = self._before.response_to(route.limit) != route.response
            texts = (
                route.limit.name,
                f"{route.response.name}{UNSAVED if is_other else ''}",
                route.by,
                outcome_words(route.response),
            )
            rows.append([Cell(text, tip=text, is_number=False) for text in texts])
        self.routes.show_rows(rows)

    def _say(self, policy: ResponsePolicy | None) -> None:
        if policy is None:
            n_wrong = len(self._draft.complaints)
            self.what_differs.hide()
            self.what_happens.say(f"{n_wrong} {'field is' if n_wrong == 1 else 'fields are'} not right yet.")
            return
        changes = changes_of(self._before, policy)
        self.what_differs.setVisible(bool(changes))
        self.what_differs.say(f"Not in force yet: {', '.join(changes)}." if changes else "")
        if not changes:
            self.what_happens.say("This is the policy in force.", "muted")
        elif self._loosens:
            when = minute_words(self._now_ns() + self._delay_ns)
            words = f"It loosens ({'; '.join(self._loosens)}): acts on {when} unless a second person"
            self.what_happens.say(f"{words} with the right to confirm signs.", "over")
        else:
            self.what_happens.say("It loosens nothing: acts at once.", "")
