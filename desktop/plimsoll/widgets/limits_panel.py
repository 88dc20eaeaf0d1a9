"""The Limits tab: every limit against its line, what waits, and the way to change one."""

import os

from PySide6.QtCore import QEvent, QItemSelectionModel, QModelIndex, QObject, Qt, Signal, Slot
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHBoxLayout,
    QLineEdit,
    QStackedWidget,
    QTableView,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from plimsoll.bridge.limit_cells import OVERDUE, TEMPORARY, WAITING
from plimsoll.bridge.limit_past import LimitPast
from plimsoll.bridge.limit_table_model import LimitColumn, LimitFilter, LimitTableModel
from plimsoll.bridge.people_sign import PeopleSign
from plimsoll.domain.desk_request import LimitChangeAsked, LimitChangeConfirmed, LimitChangeWithdrawn
from plimsoll.domain.limit import Limit, LimitState, Severity
from plimsoll.domain.limit_change import LOOSENING_DELAY_S, LimitChange
from plimsoll.domain.person import Right
from plimsoll.domain.snapshot import RiskSnapshot
from plimsoll.widgets.alert_filter_bar import ChoiceButton
from plimsoll.widgets.column_spread import ColumnSpread
from plimsoll.widgets.empty_state import EmptyState
from plimsoll.widgets.limit_delegate import ROW_HEIGHT, LimitDelegate
from plimsoll.widgets.limit_editor import LimitEditor, Task
from plimsoll.widgets.limit_history import LimitHistory
from plimsoll.widgets.pending_changes import PendingChanges, pending_words
from plimsoll.widgets.sign_dialog import SignDialog, SignRequest
from plimsoll.widgets.theme import Theme
from plimsoll.widgets.typeface import SMALL, face

WIDTHS = {
    LimitColumn.NAME: 190,
    LimitColumn.SCOPE: 170,
    LimitColumn.MEASURE: 160,
    LimitColumn.VALUE: 84,
    LimitColumn.LINE: 84,
    LimitColumn.USE: 116,
    LimitColumn.COURSE: 80,
    LimitColumn.STATE: 110,
    LimitColumn.SEVERITY: 80,
    LimitColumn.WARNING: 80,
    LimitColumn.RESET: 90,
    LimitColumn.CHANGE: 230,
    LimitColumn.REVIEW: 152,
    LimitColumn.UNTIL: 160,
    LimitColumn.OWNER: 90,
    LimitColumn.RESPONSE: 90,
    LimitColumn.PURPOSE: 230,
}
ELASTIC = frozenset({LimitColumn.SCOPE, LimitColumn.MEASURE, LimitColumn.STATE, LimitColumn.PURPOSE})
IN_TURN = (
    LimitColumn.CHANGE,
    LimitColumn.REVIEW,
    LimitColumn.OWNER,
    LimitColumn.WARNING,
    LimitColumn.RESET,
    LimitColumn.UNTIL,
    LimitColumn.PURPOSE,
    LimitColumn.RESPONSE,
)
"""Columns that show where they say anything and there is room, the most wanted first; History… has all."""
ROOMY_FRACTION = 0.8  # of the width of a column of words: what it gives up for another column
STATES = (*(state.value for state in LimitState), WAITING, OVERDUE, TEMPORARY)


class LimitsPanel(QWidget):
    """The table of limits, with a filter, what waits beneath it, and buttons once `sign_with` was called.

    Signals
    -------
    asked(DeskRequest)
        A person asks for something; the answer comes to `show_taken` or `show_refusal`.
    """

    asked = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._snapshot: RiskSnapshot | None = None
        self._sign: PeopleSign | None = None
        self._delay_s = LOOSENING_DELAY_S
        self._known: dict[str, Limit] = {}
        self._past = LimitPast()
        self._filled: frozenset[LimitColumn] = frozenset()
        self._editor: LimitEditor | None = None
        self._signing: SignDialog | None = None
        self._signed: LimitChangeConfirmed | LimitChangeWithdrawn | None = None
        self.model = LimitTableModel(self)
        self._delegate = LimitDelegate(self.model, theme)
        self.view = QTableView(self)
        self.search = QLineEdit(self)
        self.severity = ChoiceButton("Severity", lambda: tuple(Severity), self)
        self.state = ChoiceButton("State", lambda: STATES, self)
        self.buttons = {
            "Add…": self._button("Add…", self.add),
            "Change…": self._button("Change…", self.change),
            "Stand in…": self._button("Stand in…", self.stand_in),
            "Remove…": self._button("Remove…", self.remove),
            "History…": self._button("History…", self.show_history),
        }
        self.pending = PendingChanges(self)
        self._empty = EmptyState(self)
        self._stack = QStackedWidget(self)
        self._prepare_view()
        self._spread = ColumnSpread(self.view, WIDTHS.items(), ELASTIC)
        self.view.setSortingEnabled(True)
        self._lay_out()
        self._connect(theme)
        self._tell_buttons()

    def sign_with(self, sign: PeopleSign, delay_s: float = LOOSENING_DELAY_S) -> None:
        """Let limits be changed, signed by the people of this desk."""
        self._sign, self._delay_s = sign, delay_s
        self._tell_buttons()

    def take_known(self, limits: tuple[Limit, ...]) -> None:
        """Keep every limit there is, also those that are not in force now."""
        self._known = {limit.limit_id: limit for limit in limits}

    @Slot(object)
    def take_changes(self, changes: tuple[LimitChange, ...]) -> None:
        """Keep changes of limits for their history; a newer word about one replaces the older."""
        self._past.take(changes)

    @Slot()
    def begin_day(self) -> None:
        """Begin the courses anew."""
        self.model.course.clear()

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._choose_columns()
        return False

    def show_snapshot(self, snapshot: RiskSnapshot) -> None:
        self._snapshot = snapshot
        self._delegate.currency = snapshot.base_currency
        self._known |= {status.limit.limit_id: status.limit for status in snapshot.limits}
        if snapshot.pending_changes:
            self._past.take(snapshot.pending_changes)
        self.model.take_limits(snapshot.limits, snapshot.pending_changes, snapshot.received_time_ns)
        if self.model.filled != self._filled:
            self._filled = self.model.filled
            self._choose_columns()
        self.pending.show_changes(snapshot.pending_changes, snapshot.base_currency)
        self._look_whether_empty()
        if self._editor is not None:
            self._editor.show_snapshot(snapshot)

    @Slot(object)
    def show_taken(self, request: object) -> None:
        """Close what asked for this: the desk took it."""
        if self._snapshot is not None:
            self._past.note_taken(request, self._snapshot.received_time_ns)
        if self._editor is not None:
            self._editor.show_taken(request)
        if self._signing is not None and request == self._signed:
            self._signing.close()

    @Slot(object, str)
    def show_refusal(self, request: object, reason: str) -> None:
        """Show in the window that asked why the desk refused; nothing typed is lost."""
        if self._editor is not None:
            self._editor.show_refusal(request, reason)
        if self._signing is not None and request == self._signed:
            self._signing.show_refusal(reason)

    @property
    def chosen(self) -> Limit | None:
        """The limit of the chosen row."""
        index = self.view.currentIndex()
        return self.model.status(index.row()).limit if index.isValid() else None

    def choose(self, limit_id: str) -> None:
        """Choose a limit's row, if it is shown."""
        row = self.model.row_of(limit_id)
        if row >= 0:
            flags = QItemSelectionModel.SelectionFlag
            index = self.model.index(row, 0)
            self.view.selectionModel().setCurrentIndex(index, flags.ClearAndSelect | flags.Rows)

    @Slot()
    def add(self) -> None:
        """Open the editor for a new limit."""
        self._edit(Task.ADD, None)

    @Slot()
    def change(self) -> None:
        """Open the editor for the chosen limit."""
        if self.chosen is not None:
            self._edit(Task.CHANGE, self.chosen)

    @Slot()
    def stand_in(self) -> None:
        """Open the editor for a temporary limit in the place of the chosen one."""
        if self.chosen is not None and not self.chosen.stands_in_for:
            self._edit(Task.STAND_IN, self.chosen)

    @Slot()
    def remove(self) -> None:
        """Open the editor to remove the chosen limit."""
        if self.chosen is not None:
            self._edit(Task.REMOVE, self.chosen)

    @Slot()
    def show_history(self) -> None:
        """Show everything about the chosen limit, and its changes."""
        index = self.view.currentIndex()
        if self._snapshot is None or not index.isValid():
            return
        history = LimitHistory(self.model.row(index.row()), self._snapshot.base_currency, self)
        history.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        waiting = frozenset(change.change_id for change in self._snapshot.pending_changes)
        history.show_changes(self._past.of(history.limit_id), waiting)
        history.show()

    def _edit(self, task: Task, limit: Limit | None) -> None:
        if self._snapshot is None or self._sign is None:
            return
        if self._editor is not None:  # one at a time: what is typed there is not lost
            self._editor.raise_()
            self._editor.activateWindow()
            return
        self._editor = LimitEditor(
            self._theme,
            self._snapshot,
            self._known,
            self._sign,
            task=task,
            limit=limit,
            make_id=_make_id,
            delay_s=self._delay_s,
            parent=self,
        )
        self._editor.asked.connect(self._ask_change)
        self._open(self._editor, self._forget_editor)

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
        return pending_words(change, self._snapshot.base_currency if self._snapshot is not None else "")

    def _ask_to_sign(self, request: SignRequest, ask: object) -> None:
        if self._sign is None or self._signing is not None:
            return
        self._signing = SignDialog(self._sign, request, self)
        self._signing.signed.connect(ask)
        self._open(self._signing, self._forget_signing)

    def _ask_signed(self, request: LimitChangeConfirmed | LimitChangeWithdrawn) -> None:
        self._signed = request
        self.asked.emit(request)

    def _open(self, dialog: QDialog, forget: object) -> None:
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.destroyed.connect(forget)
        dialog.show()

    @Slot()
    def _forget_editor(self) -> None:
        self._editor = None

    @Slot()
    def _forget_signing(self) -> None:
        self._signing = None

    def _prepare_view(self) -> None:
        view = self.view
        view.setModel(self.model)
        view.setItemDelegate(self._delegate)
        view.setAccessibleName("Limits")
        view.setShowGrid(False)
        view.setTabKeyNavigation(False)
        view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        view.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        view.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        view.verticalHeader().hide()
        view.verticalHeader().setDefaultSectionSize(ROW_HEIGHT)
        header = view.horizontalHeader()
        header.setAccessibleName("Columns")
        header.setHighlightSections(False)
        header.setFixedHeight(28)
        header.setFont(face(SMALL))
        header.setSortIndicatorClearable(True)
        header.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)

    def _lay_out(self) -> None:
        self.search.setPlaceholderText("Filter by name, scope, measure, owner …")
        self.search.setAccessibleName("Filter limits")
        self.search.setClearButtonEnabled(True)
        tools = QHBoxLayout()
        tools.setContentsMargins(8, 5, 8, 5)
        tools.setSpacing(6)
        tools.addWidget(self.search, 1)
        for button in (self.severity, self.state, *self.buttons.values()):
            tools.addWidget(button)
        self._stack.addWidget(self.view)
        self._stack.addWidget(self._empty)
        column_box = QVBoxLayout(self)
        column_box.setContentsMargins(0, 0, 0, 0)
        column_box.setSpacing(0)
        column_box.addLayout(tools)
        column_box.addWidget(self._stack, 1)
        column_box.addWidget(self.pending)

    def _connect(self, theme: Theme) -> None:
        self.search.textChanged.connect(self._filter)
        self.severity.chosen.connect(self._filter)
        self.state.chosen.connect(self._filter)
        self.view.selectionModel().currentRowChanged.connect(self._tell_buttons)
        self.model.modelReset.connect(self._tell_buttons)
        self.view.doubleClicked.connect(self._open_row)
        self.pending.confirm_wanted.connect(self._confirm)
        self.pending.withdraw_wanted.connect(self._withdraw)
        self._empty.button_pressed.connect(self._help)
        theme.changed.connect(self.view.viewport().update)
        self.view.viewport().installEventFilter(self)

    def _button(self, text: str, act: object) -> QToolButton:
        button = QToolButton(self)
        button.setText(text)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.clicked.connect(act)
        return button

    @Slot()
    def _tell_buttons(self) -> None:
        chosen = self.chosen
        for name, button in self.buttons.items():
            button.setVisible(self._sign is not None or name == "History…")
            button.setEnabled(chosen is not None or name == "Add…")
        is_temporary = chosen is not None and bool(chosen.stands_in_for)
        self.buttons["Stand in…"].setEnabled(chosen is not None and not is_temporary)

    @Slot()
    def _filter(self) -> None:
        chosen = self.chosen
        wanted = LimitFilter(self.search.text(), self.severity.value, self.state.value)
        self.model.show_only(wanted)
        if chosen is not None:
            self.choose(chosen.limit_id)
        self._look_whether_empty()

    def _look_whether_empty(self) -> None:
        if self.model.rowCount():
            self._stack.setCurrentWidget(self.view)
            return
        if self.model.n_limits:
            self._empty.show_words("No limit fits the filter.", "Show all")
        else:
            self._empty.show_words("No limit is set.", "Add a limit" if self._sign is not None else "")
        self._stack.setCurrentWidget(self._empty)

    @Slot()
    def _help(self) -> None:
        if not self.model.n_limits:
            self.add()
            return
        self.severity.choose("")
        self.state.choose("")
        self.search.clear()

    @Slot(QModelIndex)
    def _open_row(self, _index: QModelIndex) -> None:
        if self._sign is not None:
            self.change()
        else:
            self.show_history()

    def _choose_columns(self) -> None:
        """Show what has something to say while there is room, without starving the words of the others."""
        room = self.view.viewport().width()
        wanted = sum(_wanted_width(column) for column in WIDTHS if column not in IN_TURN)
        for column in IN_TURN:
            is_shown = column in self._filled and wanted + _wanted_width(column) <= room
            wanted += _wanted_width(column) if is_shown else 0.0
            self.view.setColumnHidden(column, not is_shown)
        self._spread.spread()


def _wanted_width(column: LimitColumn) -> float:
    return WIDTHS[column] * (ROOMY_FRACTION if column in ELASTIC else 1.0)


def _make_id() -> str:
    return os.urandom(16).hex()
