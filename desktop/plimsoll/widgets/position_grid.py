"""The position grid: sorted, filtered and copied by value, painted from arrays."""

from PySide6.QtCore import QItemSelectionModel, QPoint, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QAction, QGuiApplication, QKeySequence, QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QMenu,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from plimsoll.bridge.position_table_model import PositionColumn, PositionTableModel
from plimsoll.domain.snapshot import RiskSnapshot
from plimsoll.widgets.column_spread import ColumnSpread
from plimsoll.widgets.empty_state import EmptyState
from plimsoll.widgets.position_cells import (
    COLUMN_WIDTHS,
    ELASTIC,
    GIVEN_UP_WHEN_NARROW,
    HIDDEN_AT_FIRST,
    NARROW_SECTOR_WIDTH,
    captions,
    write_cell,
)
from plimsoll.widgets.position_painter import ROW_HEIGHT, PositionPainter
from plimsoll.widgets.position_view import PositionView
from plimsoll.widgets.theme import Theme
from plimsoll.widgets.typeface import SMALL, face

REST_STEP_MS, STEPS_A_FADE = 16, 3  # a frame: figures held back would else wait for three of them
RESORT_MS = 1000  # rows that change places more often than this cannot be read


class PositionGrid(QWidget):
    """The grid with its filter line.

    Signals
    -------
    help_wanted()
        The button of the empty state was pressed.
    """

    help_wanted = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Positions")
        self._base_currency = ""
        self._may_give_up = False
        self.model = PositionTableModel(captions(""), write_cell, self)
        self._painter = PositionPainter(self.model, theme)
        self.view = PositionView(self._painter, self)
        self._prepare_view()
        self.filter_field = QLineEdit(self)
        self.filter_field.setPlaceholderText("Filter by symbol, name, sector or class")
        self.filter_field.setAccessibleName("Filter positions")
        self.filter_field.setClearButtonEnabled(True)
        self.filter_field.textChanged.connect(self._filter)
        self._count = QLabel("", self)
        self._count.setProperty("tone", "muted")
        self._doubted_only = QAction("Only stale or without a price", self, checkable=True)
        self._doubted_only.toggled.connect(self._filter)
        self._empty = EmptyState(self)
        self._empty.button_pressed.connect(self.help_wanted)
        self._pages = QStackedWidget(self)
        self._pages.addWidget(self._empty)
        self._pages.addWidget(self.view)
        self._lay_out()
        self._n_rest_steps = 0
        self._rest_timer = QTimer(self)
        self._rest_timer.setInterval(REST_STEP_MS)
        self._rest_timer.timeout.connect(self._paint_restless)
        self._sort_timer = QTimer(self)
        self._sort_timer.setInterval(RESORT_MS)
        self._sort_timer.timeout.connect(self._resort)
        self._sort_timer.start()
        theme.changed.connect(self.view.viewport().update)
        self._empty.show_words("Waiting for the first figures.", "")

    @property
    def doubted_action(self) -> QAction:
        """Shows only positions that are stale, halted or without a price."""
        return self._doubted_only

    def show_snapshot(self, snapshot: RiskSnapshot, *, with_ages: bool = True) -> None:
        """Show the newest figures; without their ages only rows whose figures moved are painted."""
        if snapshot.base_currency != self._base_currency:
            self._base_currency = snapshot.base_currency
            self.model.caption_columns(captions(snapshot.base_currency))
        was_new = self.model.table is None or self.model.table.instruments is not snapshot.table.instruments
        self._watch()
        self.model.take_table(snapshot.table, with_ages=with_ages)
        self.view.show_changes()
        self._painter.forget_surplus()
        if was_new:
            self._painter.forget()
            self._watch()
        self._tell_count()
        if not len(snapshot.table):
            self._empty.show_words("This book holds no positions.", "How to bring your own book")
        self._pages.setCurrentWidget(self.view if len(snapshot.table) else self._empty)
        if self._may_give_up and self.view.isVisible():
            self._give_up_columns()
        if not self._rest_timer.isActive():
            self._rest_timer.start()

    def grey_out(self, silent: bool) -> None:  # noqa: FBT001  a slot of engine_silent_changed(bool)
        self._painter.is_silent = silent
        self.view.viewport().update()

    def give_up_columns(self) -> None:
        """Hide columns until there is room, once the view has a width; the chooser brings them back."""
        self._may_give_up = True

    def _give_up_columns(self) -> None:
        self._may_give_up = False
        for column in GIVEN_UP_WHEN_NARROW:
            if self.spread.fits():
                break
            self.view.setColumnHidden(column, True)
            self.spread.mean(PositionColumn.SECTOR, NARROW_SECTOR_WIDTH)
        self.spread.spread()

    def show_doubted(self) -> None:
        """Show the list of stale and unpriceable positions."""
        self.filter_field.clear()
        self._doubted_only.setChecked(True)

    def select_code(self, code: str) -> None:
        """Select a position and bring it into sight."""
        row = self.model.row_of_code(code)
        if row >= 0:
            self.view.selectRow(row)
            self.view.scrollTo(self.model.index(row, 0))

    def column_menu(self, parent: QWidget) -> QMenu:
        """Return the column chooser."""
        menu = QMenu("Columns", parent)
        names = captions(self._base_currency)
        for column in PositionColumn:
            action = menu.addAction(names[column])
            action.setCheckable(True)
            action.setChecked(not self.view.isColumnHidden(column))
            action.setData(int(column))
            action.setEnabled(column is not PositionColumn.SYMBOL)
            action.toggled.connect(self._show_column)
        return menu

    @Slot()
    def copy_selection(self) -> None:
        """Copy the selected rows (all, if none is) as tab-separated text, as shown."""
        selected = sorted({index.row() for index in self.view.selectionModel().selectedRows()})
        rows = selected or range(self.model.rowCount())
        columns = [column for column in PositionColumn if not self.view.isColumnHidden(column)]
        names = captions(self._base_currency)
        lines = ["\t".join(names[column] for column in columns)]
        lines += ["\t".join(self.model.index(row, column).data() for column in columns) for row in rows]
        QGuiApplication.clipboard().setText("\n".join(lines))

    @Slot(QPoint)
    def open_menu(self, place: QPoint) -> None:
        """Open the menu of a position at `place` in the view."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        copy = menu.addAction("Copy rows")
        copy.setShortcut(QKeySequence.StandardKey.Copy)
        copy.triggered.connect(self.copy_selection)
        index = self.view.indexAt(place)
        if index.isValid():
            sector = self.model.index(index.row(), PositionColumn.SECTOR).data()
            if sector:
                action = menu.addAction(f"Show only {sector}")
                action.setData(sector)
                action.triggered.connect(self._filter_by_action)
        menu.addAction(self._doubted_only)
        menu.addMenu(self.column_menu(menu))
        menu.popup(self.view.viewport().mapToGlobal(place))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._watch()

    def _prepare_view(self) -> None:
        view = self.view
        view.setModel(self.model)
        view.setAccessibleName("Positions")
        view.setShowGrid(False)
        view.setWordWrap(False)
        view.setTabKeyNavigation(False)
        view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        view.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        view.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        view.customContextMenuRequested.connect(self.open_menu)
        rows = view.verticalHeader()
        rows.hide()
        rows.setMinimumSectionSize(ROW_HEIGHT)
        rows.setDefaultSectionSize(ROW_HEIGHT)
        header = view.horizontalHeader()
        header.setAccessibleName("Columns")
        header.setHighlightSections(False)
        header.setSectionsMovable(True)
        header.setFixedHeight(28)
        header.setFont(face(SMALL))
        header.setMinimumSectionSize(44)
        for column in PositionColumn:
            view.setColumnHidden(column, column in HIDDEN_AT_FIRST)
        self.spread = ColumnSpread(view, COLUMN_WIDTHS.items(), ELASTIC)
        header.sectionResized.connect(self._painter.forget)
        header.setSortIndicatorClearable(True)
        header.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        view.setSortingEnabled(True)
        view.verticalScrollBar().valueChanged.connect(self._scrolled)

    def _lay_out(self) -> None:
        self._filter_line = QWidget(self)
        row = QHBoxLayout(self._filter_line)
        row.setContentsMargins(8, 4, 8, 4)
        row.addWidget(self.filter_field, 1)
        row.addWidget(self._count)
        self._filter_line.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._filter_line)
        column.addWidget(self._pages, 1)

    @Slot()
    def open_filter(self) -> None:
        """Show the filter line and type into it."""
        self._filter_line.show()
        self.filter_field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.filter_field.selectAll()

    @Slot()
    def close_filter(self) -> None:
        """Empty and hide the filter line."""
        self.filter_field.clear()
        self._doubted_only.setChecked(False)
        self._filter_line.hide()
        self.view.setFocus(Qt.FocusReason.ShortcutFocusReason)

    @Slot()
    def _filter(self) -> None:
        chosen = {self.model.index(i.row(), 0).data() for i in self.view.selectionModel().selectedRows()}
        self.model.filter_rows(self.filter_field.text(), doubted_only=self._doubted_only.isChecked())
        flags = QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows
        for code in chosen:
            row = self.model.row_of_code(code)
            if row >= 0:
                self.view.selectionModel().select(self.model.index(row, 0), flags)
        if self.filter_field.text() or self._doubted_only.isChecked():
            self._filter_line.show()
        self._painter.forget()
        self._watch()
        self._tell_count()

    @Slot()
    def _filter_by_action(self) -> None:
        action = self.sender()
        if isinstance(action, QAction):
            self.filter_field.setText(str(action.data()))

    @Slot(bool)
    def _show_column(self, shown: bool) -> None:  # noqa: FBT001  a slot of toggled(bool)
        action = self.sender()
        if isinstance(action, QAction):
            self.view.setColumnHidden(int(action.data()), not shown)
            self.spread.spread()

    @Slot()
    def _scrolled(self) -> None:
        self._painter.forget()
        self._watch()

    @Slot()
    def _resort(self) -> None:
        if self.view.horizontalHeader().sortIndicatorSection() >= 0 and self.view.isVisible():
            self.model.resort()

    @Slot()
    def _paint_restless(self) -> None:
        """Show what was held back as soon as it may be shown; what fades takes longer steps."""
        self._n_rest_steps += 1
        cells = self._painter.rested()
        if self._n_rest_steps % STEPS_A_FADE == 0:
            cells |= self._painter.restless
            self._painter.restless = set()
        if cells:
            self.view.update_cells(cells)
        elif not self._painter.restless:
            self._rest_timer.stop()

    def _watch(self) -> None:
        first = max(self.view.rowAt(0), 0)
        last = self.view.rowAt(self.view.viewport().height() - 1)
        self.model.watch_rows(first, last if last >= 0 else self.model.rowCount() - 1)

    def _tell_count(self) -> None:
        table = self.model.table
        if table is not None:
            text = f"{self.model.rowCount():,} of {len(table):,}"
            if text != self._count.text():
                self._count.setText(text)
