"""Changes limits from the Limits tab: opens what is asked for, has it signed, and tells the desk's answer."""

import os

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtWidgets import QDialog

from plimsoll.bridge.limit_past import LimitPast
from plimsoll.bridge.people_sign import PeopleSign
from plimsoll.domain.desk_request import LimitChangeAsked, LimitChangeConfirmed, LimitChangeWithdrawn
from plimsoll.domain.limit import Limit
from plimsoll.domain.limit_change import LOOSENING_DELAY_S, LimitChange
from plimsoll.domain.person import Right
from plimsoll.domain.snapshot import RiskSnapshot
from plimsoll.widgets.limit_editor import LimitEditor, Task
from plimsoll.widgets.limit_history import LimitHistory
from plimsoll.widgets.limits_panel import ADD, CHANGE, HISTORY, REMOVE, STAND_IN, LimitsPanel
from plimsoll.widgets.pending_changes import PendingChanges, pending_words
from plimsoll.widgets.sign_dialog import SignDialog, SignRequest
from plimsoll.widgets.theme import Theme

TASKS = {ADD: Task.ADD, CHANGE: Task.CHANGE, STAND_IN: Task.STAND_IN, REMOVE: Task.REMOVE}


class LimitDesk(QObject):
    """One editor and one signature are open at a time: what is typed in them is not lost.

    Signals
    -------
    asked(DeskRequest)
        A person asks for something; the answer comes to `show_taken` or `show_refusal`.

    Parameters
    ----------
    panel : LimitsPanel
        The tab; its buttons show from now on.
    theme : Theme
        The look.
    sign : PeopleSign
        Who signs.
    delay_s : float
        How long a loosening waits.
    """

    asked = Signal(object)

    def __init__(
        self, panel: LimitsPanel, theme: Theme, sign: PeopleSign, delay_s: float = LOOSENING_DELAY_S
    ) -> None:
        super().__init__(panel)
        self._panel, self._theme, self._sign, self._delay_s = panel, theme, sign, delay_s
        self._known: dict[str, Limit] = {}
        self._past = LimitPast()
        self.editor: LimitEditor | None = None
        self.signing: SignDialog | None = None
        self._signed: LimitChangeConfirmed | LimitChangeWithdrawn | None = None
        self.pending = PendingChanges(panel)
        self.pending.confirm_wanted.connect(self._confirm)
        self.pending.withdraw_wanted.connect(self._withdraw)
        panel.wanted.connect(self.open)
        panel.change_drafted.connect(self.open_draft)
        panel.shown.connect(self.follow)
        panel.serve(self.pending)
        if panel.snapshot is not None:
            self.follow(panel.snapshot)

    @Slot(object)
    def take_known(self, limits: tuple[Limit, ...]) -> None:
        """Keep every limit there is, also those that are not in force now."""
        self._known = {limit.limit_id: limit for limit in limits}
        self._panel.take_known(limits)

    @Slot(object)
    def take_changes(self, changes: tuple[LimitChange, ...]) -> None:
        """Keep changes of earlier sessions for the history of their limits."""
        self._past.take(changes)

    @Slot(object)
    def follow(self, snapshot: RiskSnapshot) -> None:
        """Follow the figures."""
        self._known |= {status.limit.limit_id: status.limit for status in snapshot.limits}
        if snapshot.pending_changes:
            self._past.take(snapshot.pending_changes)
        self.pending.show_changes(snapshot.pending_changes, snapshot.base_currency)
        if self.editor is not None:
            self.editor.show_snapshot(snapshot)

    @Slot(object)
    def show_taken(self, request: object) -> None:
        """Close what asked for this: the desk took it."""
        if self._panel.snapshot is not None:
            self._past.note_taken(request, self._panel.snapshot.received_time_ns)
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

    @Slot(str)
    def open(self, wanted: str) -> None:
        """Open what a button of the tab stands for, for the chosen limit."""
        chosen = self._panel.chosen
        if wanted == HISTORY:
            self._show_history()
        elif wanted == ADD:
            self._edit(Task.ADD, None)
        elif wanted in TASKS and chosen is not None and not (wanted == STAND_IN and chosen.stands_in_for):
            self._edit(TASKS[wanted], chosen)

    @Slot(object)
    def open_draft(self, draft: Limit) -> None:
        """Open the editor with a limit changed already; it is asked for there, with a reason."""
        standing = self._known.get(draft.limit_id)
        if standing is not None and self.editor is None:
            self._edit(Task.CHANGE, standing)
        if self.editor is not None:
            self.editor.form.show_limit(draft)

    def _show_history(self) -> None:
        snapshot, row = self._panel.snapshot, self._panel.chosen_row
        if snapshot is None or row is None:
            return
        history = LimitHistory(row, snapshot.base_currency, self._panel)
        history.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        waiting = frozenset(change.change_id for change in snapshot.pending_changes)
        history.show_changes(self._past.of(history.limit_id), waiting)
        history.show()

    def _edit(self, task: Task, limit: Limit | None) -> None:
        snapshot = self._panel.snapshot
        if snapshot is None:
            return
        if self.editor is not None:
            self.editor.raise_()
            self.editor.activateWindow()
            return
        self.editor = LimitEditor(
            self._theme,
            snapshot,
            self._known,
            self._sign,
            task=task,
            limit=limit,
            make_id=_make_id,
            delay_s=self._delay_s,
            parent=self._panel,
        )
        self.editor.asked.connect(self._ask_change)
        self._open(self.editor, self._forget_editor)

    @Slot(object)
    def _ask_change(self, request: LimitChangeAsked) -> None:
        self._past.note_asked(request, self._known.get(request.limit_id))
        self.asked.emit(request)

    @Slot(object)
    def _confirm(self, change: LimitChange) -> None:
        words = f"{self._in_words(change)}.\n\nSigned by a second person it acts at once."
        request = SignRequest("Confirm a loosening", words, "Confirm it", Right.CONFIRM, change.person)

        def ask(person: str, _reason: str) -> None:
            self._ask_signed(LimitChangeConfirmed(change.change_id, person))

        self._ask_to_sign(request, ask)

    @Slot(object)
    def _withdraw(self, change: LimitChange) -> None:
        words = f"{self._in_words(change)}.\n\nWithdrawn it does not come; what tightened at once stays."
        request = SignRequest("Withdraw a loosening", words, "Withdraw it", needs_reason=True)

        def ask(person: str, reason: str) -> None:
            self._ask_signed(LimitChangeWithdrawn(change.change_id, person, reason))

        self._ask_to_sign(request, ask)

    def _in_words(self, change: LimitChange) -> str:
        snapshot = self._panel.snapshot
        return pending_words(change, snapshot.base_currency if snapshot is not None else "")

    def _ask_to_sign(self, request: SignRequest, ask: object) -> None:
        if self.signing is not None:
            self.signing.raise_()
            self.signing.activateWindow()
            return
        self.signing = SignDialog(self._sign, request, self._panel)
        self.signing.signed.connect(ask)
        self._open(self.signing, self._forget_signing)

    def _ask_signed(self, request: LimitChangeConfirmed | LimitChangeWithdrawn) -> None:
        self._signed = request
        self.asked.emit(request)

    def _open(self, dialog: QDialog, forget: object) -> None:
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.destroyed.connect(forget)
        dialog.show()

    @Slot()
    def _forget_editor(self) -> None:
        self.editor = None

    @Slot()
    def _forget_signing(self) -> None:
        self.signing = None


def _make_id() -> str:
    return os.urandom(16).hex()
