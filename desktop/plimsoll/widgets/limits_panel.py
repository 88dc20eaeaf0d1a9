"""The Limits tab: every limit against its line, filtered and sorted; `LimitDesk` adds what changes one."""

from PySide6.QtCore import QEvent, QItemSelectionModel, QModelIndex, QObject, Qt, Signal, Slot
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QLineEdit,
    QStackedWidget,
    QTableView,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from plimsoll.bridge.limit_cells import OVERDUE, RESTING, TEMPORARY, WAITING, LimitRow
from plimsoll.bridge.limit_table_model import LimitColumn, LimitFilter, LimitTableModel
from plimsoll.domain.limit import Limit, LimitState, Severity
from plimsoll.domain.snapshot import RiskSnapshot
from plimsoll.widgets.choice_button import ChoiceButton
from plimsoll.widgets.column_spread import ColumnSpread
from plimsoll.widgets.empty_state import EmptyState
from plimsoll.widgets.limit_delegate import ROW_HEIGHT, LimitDelegate
from plimsoll.widgets.theme import Theme
from plimsoll.widgets.typeface import SMALL, face

WIDTHS = {
    LimitColumn.NAME: 190,
    LimitColumn.SCOPE: 170,
    LimitColumn.MEASURE: 160,
    LimitColumn.VALUE: 98,
    LimitColumn.LINE: 98,
    LimitColumn.USE: 116,
    LimitColumn.COURSE: 80,
    LimitColumn.STATE: 136,
    LimitColumn.SEVERITY: 80,
    LimitColumn.WARNING: 80,
    LimitColumn.RESET: 100,
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
ADD, CHANGE, STAND_IN, REMOVE, HISTORY = "Add…", "Change…", "Stand in…", "Remove…", "History…"
TUNE = "Tune…"
STATES = (*(state.value for state in LimitState), WAITING, OVERDUE, TEMPORARY, RESTING)


class LimitsPanel(QWidget):
    """The table of limits with its filter; the buttons show once somebody listens to them: see LimitDesk.

    Signals
    -------
    wanted(str)
        A button was pressed: ADD, CHANGE, STAND_IN, REMOVE, HISTORY or TUNE of the chosen row.
    change_drafted(Limit)
        A limit was tried elsewhere and shall be asked for.
    shown(RiskSnapshot)
        The table follows another snapshot.
    """

    wanted = Signal(str)
    change_drafted = Signal(object)
    shown = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Limits")
        self.snapshot: RiskSnapshot | None = None
        self._known: tuple[Limit, ...] = ()
        self._is_served = False
        self._filled: frozenset[LimitColumn] = frozenset()
        self.model = LimitTableModel(self)
        self._delegate = LimitDelegate(self.model, theme)
        self.view = QTableView(self)
        self.search = QLineEdit(self)
        self.severity = ChoiceButton("Severity", lambda: tuple(Severity), self)
        self.state = ChoiceButton("State", lambda: STATES, self)
        self.buttons = {name: self._button(name) for name in (ADD, CHANGE, STAND_IN, REMOVE, HISTORY, TUNE)}
        self._empty = EmptyState(self)
        self._stack = QStackedWidget(self)
        self._column = QVBoxLayout(self)
        self._prepare_view()
        self._spread = ColumnSpread(self.view, WIDTHS.items(), ELASTIC)
        self.view.setSortingEnabled(True)
        self._lay_out()
        self._connect(theme)
        self._tell_buttons()

    def serve(self, foot: QWidget) -> None:
        """Show the buttons, and a widget beneath the table: somebody listens now."""
        self._is_served = True
        self._column.addWidget(foot)
        self._tell_buttons()

    @Slot(object)
    def take_known(self, limits: tuple[Limit, ...]) -> None:
        """Take every limit there is: those not in force stand beneath the others, and say why."""
        self._known = limits
        if self.snapshot is not None:
            self.show_snapshot(self.snapshot)

    @Slot()
    def begin_day(self) -> None:
        """Begin the courses anew."""
        self.model.course.clear()

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._choose_columns()
        return False

    def show_snapshot(self, snapshot: RiskSnapshot) -> None:
        self.snapshot = snapshot
        self._delegate.currency = snapshot.base_currency
        self.model.take_limits(
            snapshot.limits, snapshot.pending_changes, snapshot.received_time_ns, self._known
        )
        if self.model.filled != self._filled:
            self._filled = self.model.filled
            self._choose_columns()
        self._look_whether_empty()
        self.shown.emit(snapshot)

    @property
    def chosen_row(self) -> LimitRow | None:
        """All that the chosen row says."""
        index = self.view.currentIndex()
        return self.model.row(index.row()) if index.isValid() else None

    @property
    def chosen(self) -> Limit | None:
        """The limit of the chosen row."""
        row = self.chosen_row
        return row.status.limit if row is not None else None

    def choose(self, limit_id: str) -> None:
        """Choose a limit's row, if it is shown."""
        row = self.model.row_of(limit_id)
        if row >= 0:
            flags = QItemSelectionModel.SelectionFlag
            index = self.model.index(row, 0)
            self.view.selectionModel().setCurrentIndex(index, flags.ClearAndSelect | flags.Rows)

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
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._column.addLayout(tools)
        self._column.addWidget(self._stack, 1)

    def _connect(self, theme: Theme) -> None:
        self.search.textChanged.connect(self._filter)
        self.severity.chosen.connect(self._filter)
        self.state.chosen.connect(self._filter)
        self.view.selectionModel().currentRowChanged.connect(self._tell_buttons)
        self.model.modelReset.connect(self._tell_buttons)
        self.view.doubleClicked.connect(self._open_row)
        self._empty.button_pressed.connect(self._help)
        theme.changed.connect(self.view.viewport().update)
        self.view.viewport().installEventFilter(self)

    def _button(self, name: str) -> QToolButton:
        button = QToolButton(self)
        button.setText(name)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.clicked.connect(lambda: self.wanted.emit(name))
        return button

    @Slot()
    def _tell_buttons(self) -> None:
        chosen = self.chosen
        for name, button in self.buttons.items():
            button.setVisible(self._is_served)
            button.setEnabled(chosen is not None or name == ADD)
        is_temporary = chosen is not None and bool(chosen.stands_in_for)
        self.buttons[STAND_IN].setEnabled(chosen is not None and not is_temporary)

    @Slot()
    def _filter(self) -> None:
        chosen = self.chosen
        self.model.show_only(LimitFilter(self.search.text(), self.severity.value, self.state.value))
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
            self._empty.show_words("No limit is set.", "Add a limit" if self._is_served else "")
        self._stack.setCurrentWidget(self._empty)

    @Slot()
    def _help(self) -> None:
        if not self.model.n_limits:
            self.wanted.emit(ADD)
            return
        self.severity.choose("")
        self.state.choose("")
        self.search.clear()

    @Slot(QModelIndex)
    def _open_row(self, _index: QModelIndex) -> None:
        self.wanted.emit(CHANGE)

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
