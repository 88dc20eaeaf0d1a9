"""Changes the response policy from the menu: opens the editor, has it signed, tells the desk's answer."""

import os
import time
from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QWidget

from plimsoll.bridge.people_sign import PeopleSign
from plimsoll.bridge.policy_draft import changes_of
from plimsoll.bridge.resting_limit import minute_words
from plimsoll.domain.limit import Limit
from plimsoll.domain.person import Right
from plimsoll.domain.policy_change import PolicyChange, PolicyChangeConfirmed, PolicyChangeWithdrawn
from plimsoll.domain.response_policy import ResponsePolicy
from plimsoll.widgets.elided_label import ElidedLabel
from plimsoll.widgets.policy_editor import PolicyEditor
from plimsoll.widgets.sign_dialog import SignDialog, SignRequest
from plimsoll.widgets.theme import Theme
from plimsoll.widgets.typeface import BODY, face


class PolicyDesk(QObject):
    """One editor and one signature are open at a time: what is typed in them is not lost.

    Signals
    -------
    asked(PolicyRequest)
        A person asks for something; the answer comes to `show_taken` or `show_refusal`.

    Parameters
    ----------
    window : QWidget
        Over which the editor opens.
    theme : Theme
        The look.
    sign : PeopleSign
        Who signs.
    policy : ResponsePolicy
        In force, until `take_policy` says otherwise.
    """

    asked = Signal(object)

    def __init__(self, window: QWidget, theme: Theme, sign: PeopleSign, policy: ResponsePolicy) -> None:
        super().__init__(window)
        self._window, self._theme, self._sign = window, theme, sign
        self._policy = policy
        self._pending: PolicyChange | None = None
        self._limits: tuple[Limit, ...] = ()
        self._signed: PolicyChangeConfirmed | PolicyChangeWithdrawn | None = None
        self.editor: PolicyEditor | None = None
        self.waiting: WaitingPolicy | None = None
        self.signing: SignDialog | None = None

    @Slot(object)
    def take_limits(self, limits: tuple[Limit, ...]) -> None:
        """Keep the limits, for the table of where each leads; an open editor keeps those it has."""
        self._limits = limits

    @Slot(object, object)
    def take_policy(self, policy: ResponsePolicy, pending: PolicyChange | None) -> None:
        """Take the policy in force, and the change that waits if one does."""
        self._policy, self._pending = policy, pending
        if self.editor is not None:
            self.editor.take_policy(policy)
        if self.waiting is not None:
            self.waiting.show_change(pending)

    @Slot()
    def open(self) -> None:
        """Open the editor, or bring it to the front."""
        if self.editor is None:
            self.editor = PolicyEditor(
                self._theme,
                self._policy,
                self._limits,
                self._sign,
                make_id=_make_id,
                now_ns=time.time_ns,
                parent=self._window,
            )
            self.waiting = WaitingPolicy(self._confirm, self._withdraw, self.editor)
            self.waiting.show_change(self._pending)
            self.editor.show_above(self.waiting)
            self.editor.asked.connect(self.asked)
            self.editor.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            self.editor.destroyed.connect(self._forget_editor)
        self.editor.show()
        self.editor.raise_()

    @Slot(object)
    def show_taken(self, request: object) -> None:
        """Close what asked for this: the desk took it."""
        if self.editor is not None:
            self.editor.show_taken(request)
        if self.signing is not None and request == self._signed:
            self.signing.close()

    @Slot(object, str)
    def show_refusal(self, request: object, reason: str) -> None:
        """Show in the window that asked why the desk refused; nothing typed is lost."""
        if self.editor is not None:
            self.editor.show_refusal(request, reason)
        if self.signing is not None and request == self._signed:
            self.signing.show_refusal(reason)

    @Slot()
    def _confirm(self) -> None:
        change = self._pending
        if change is None:
            return
        words = f"{waiting_words(change)}\n\nSigned by a second person it acts at once."
        request = SignRequest("Confirm a policy", words, "Confirm it", Right.CONFIRM, change.person)

        def ask(person: str, _reason: str) -> None:
            self._ask_signed(PolicyChangeConfirmed(change.change_id, person))

        self._ask_to_sign(request, ask)

    @Slot()
    def _withdraw(self) -> None:
        change = self._pending
        if change is None:
            return
        words = f"{waiting_words(change)}\n\nWithdrawn it does not come."
        request = SignRequest("Withdraw a policy", words, "Withdraw it", needs_reason=True)

        def ask(person: str, reason: str) -> None:
            self._ask_signed(PolicyChangeWithdrawn(change.change_id, person, reason))

        self._ask_to_sign(request, ask)

    def _ask_to_sign(self, request: SignRequest, ask: Callable[[str, str], None]) -> None:
        if self.signing is not None:
            self.signing.raise_()
            return
        self.signing = SignDialog(self._sign, request, self.editor or self._window)
        self.signing.signed.connect(ask)
        self.signing.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.signing.destroyed.connect(self._forget_signing)
        self.signing.show()

    def _ask_signed(self, request: PolicyChangeConfirmed | PolicyChangeWithdrawn) -> None:
        self._signed = request
        self.asked.emit(request)

    @Slot()
    def _forget_editor(self) -> None:
        self.editor = self.waiting = None

    @Slot()
    def _forget_signing(self) -> None:
        self.signing = None


class WaitingPolicy(QFrame):
    """The policy that waits, in a line with the two buttons that decide it; hidden while none does."""

    def __init__(
        self, confirm: Callable[[], None], withdraw: Callable[[], None], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setProperty("surface", "notice")
        self.setAccessibleName("The policy that waits")
        self.words = ElidedLabel(face(BODY), self)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 4, 8, 4)
        row.addWidget(self.words, 1)
        for text, act in (("Confirm…", confirm), ("Withdraw…", withdraw)):
            button = QPushButton(text, self)
            button.setAutoDefault(False)
            button.clicked.connect(act)
            row.addWidget(button)

    def show_change(self, change: PolicyChange | None) -> None:
        """Show what waits now."""
        self.setVisible(change is not None)
        self.words.say(waiting_words(change) if change is not None else "")


def waiting_words(change: PolicyChange) -> str:
    """Return a waiting change in a sentence: what, when, who and why."""
    what = ", ".join(changes_of(change.before, change.after))
    return f"Waits until {minute_words(change.acts_ns)}: {what}, asked by {change.person}: {change.reason}"


def _make_id() -> str:
    return os.urandom(16).hex()
