"""The alert centre: what is open, what is snoozed, what was, and which rules live."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QModelIndex, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QAction, QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QPushButton,
    QStackedWidget,
    QTableView,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from plimsoll.bridge.alert_book import AlertBook
from plimsoll.bridge.alert_entry import AlertEntry
from plimsoll.bridge.alert_export import write_export
from plimsoll.bridge.alert_latency import latency_words
from plimsoll.bridge.alert_mute import AlertMute
from plimsoll.bridge.alert_rule_model import AlertRuleModel, RuleColumn, Standing
from plimsoll.bridge.alert_table_model import AlertColumn, AlertTableModel
from plimsoll.domain.breach import BreachState
from plimsoll.domain.snapshot import RiskSnapshot
from plimsoll.widgets.alert_filter_bar import AlertFilterBar
from plimsoll.widgets.alert_mute_button import AlertMuteButton
from plimsoll.widgets.alert_painter import ROW_HEIGHT, AlertPainter
from plimsoll.widgets.column_spread import ColumnSpread
from plimsoll.widgets.elided_label import ElidedLabel
from plimsoll.widgets.empty_state import EmptyState
from plimsoll.widgets.panel import TabHeader
from plimsoll.widgets.theme import Theme
from plimsoll.widgets.typeface import SMALL, face

OPEN, SNOOZED, HISTORY, RULES = range(4)
TITLES = ("Open", "Snoozed", "History", "Rules")
CALM = {
    OPEN: "No breach is open.",
    SNOOZED: "No breach is snoozed.",
    HISTORY: "Nothing has happened yet: breaches, decisions and notices will stand here.",
}
FILTERED = "No line fits the filter."
GATHER_MS = 200  # a storm of lines is shown five times a second at most
WIDTHS = {
    AlertColumn.TIME: 166,
    AlertColumn.SEVERITY: 82,
    AlertColumn.STATE: 130,
    AlertColumn.LIMIT: 210,
    AlertColumn.WORDS: 330,
    AlertColumn.PERSON: 80,
    AlertColumn.LEVEL: 54,
    AlertColumn.BREACH: 74,
}
RULE_WIDTHS = {
    RuleColumn.NAME: 300,
    RuleColumn.EVALUATED: 170,
    RuleColumn.FIRED: 170,
    RuleColumn.PER_WEEK: 120,
    RuleColumn.EVER: 100,
}


class AlertCentre(QFrame):
    """Lists with search, filter, order and export; sound, channels and latency at the foot.

    Signals
    -------
    review_wanted(str)
        A breach's dialog was asked for.
    rewind_wanted(str)
        The desk around a breach is to be played again.
    trial_wanted()
        A test alert was asked for.
    """

    review_wanted = Signal(str)
    rewind_wanted = Signal(str)
    trial_wanted = Signal()

    def __init__(
        self,
        book: AlertBook,
        mute: AlertMute,
        theme: Theme,
        *,
        latencies_ms: Callable[[], Sequence[float]] = tuple,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._book = book
        self._latencies_ms = latencies_ms
        self._snapshot: RiskSnapshot | None = None
        self._n_history = 0
        self._dialog: QFileDialog | None = None
        self.setAccessibleName("Alerts")
        self.lines = AlertTableModel(self)
        self.history = AlertTableModel(self)
        self.rules = AlertRuleModel(self)
        self._make_views(theme)
        self._make_bars(mute)
        self._lay_out()
        self._gathering = QTimer(self)
        self._gathering.setSingleShot(True)
        self._gathering.setInterval(GATHER_MS)
        self._gathering.timeout.connect(self._take_history)
        book.history_grew.connect(self._gather)
        book.history_changed.connect(self._take_all_history)
        theme.changed.connect(self.view.viewport().update)
        self.header.choose(OPEN)

    @property
    def page(self) -> int:
        """The list in front: OPEN, SNOOZED, HISTORY or RULES."""
        return self.header.chosen

    def show_snapshot(self, snapshot: RiskSnapshot) -> None:
        """Show the breaches of now; while hidden only the counts are kept."""
        self._snapshot = snapshot
        n_snoozed = sum(breach.state is BreachState.SNOOZED for breach in snapshot.breaches)
        self.header.rename(OPEN, f"Open ({len(snapshot.breaches) - n_snoozed})")
        self.header.rename(SNOOZED, f"Snoozed ({n_snoozed})")
        self._book.currency = snapshot.base_currency
        if self.isVisible():
            self._show_standing()
            self._latency.say(latency_words(self._latencies_ms()))

    def show_rules(self, standings: Sequence[Standing]) -> None:
        """Show the rule table; names come from the newest snapshot's limits."""
        limits = self._snapshot.limits if self._snapshot is not None else ()
        self.rules.take(standings, {status.limit.limit_id: status.limit.name for status in limits})
        self._look_whether_empty()

    def say_reach(self, words: str) -> None:
        """Say where alerts go besides this window, or why not; said once, here."""
        self._reach.say(words)

    @Slot(str, bool)
    def show_told(self, text: str, _is_alarm: bool) -> None:  # noqa: FBT001  a slot of told(str, bool)
        """Show what became of an alert sent out."""
        self._say(text)

    def open_search(self) -> None:
        """Give the search the keyboard."""
        self.filter_bar.search.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def export_to(self, path: Path) -> None:
        """Write the lines as they are shown; a failure is said."""
        entries = self._front().shown
        try:
            write_export(path, entries)
        except OSError as error:
            self._say(f"{path} could not be written: {error.strerror or error}")
        else:
            self._say(f"{len(entries):,} lines are in {path}")

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._take_history()
        self._show_standing()

    def _make_views(self, theme: Theme) -> None:
        self.view = _table("Alerts", self)
        self.view.setItemDelegate(AlertPainter(theme, self))
        self.view.doubleClicked.connect(self._review)
        self.view.activated.connect(self._review)
        self.rewind_action = QAction("Rewind to this breach", self.view)
        self.rewind_action.setToolTip("Play the desk again from two minutes before, in a window of its own")
        self.rewind_action.triggered.connect(self._rewind)
        self.view.addAction(self.rewind_action)
        self.view.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        self.rule_view = _table("Rules", self)
        self.rule_view.setModel(self.rules)
        self.rule_view.setStyleSheet("QTableView::item { padding: 0 5px; border: none; }")
        self._rule_spread = ColumnSpread(self.rule_view, RULE_WIDTHS.items(), frozenset({RuleColumn.NAME}))
        self.rule_view.setSortingEnabled(True)
        self.rule_view.sortByColumn(-1, Qt.SortOrder.AscendingOrder)
        self.view.setModel(self.lines)
        words = frozenset({AlertColumn.LIMIT, AlertColumn.WORDS})
        self._spread = ColumnSpread(self.view, WIDTHS.items(), words)
        self.view.setSortingEnabled(True)
        self.view.sortByColumn(AlertColumn.TIME, Qt.SortOrder.DescendingOrder)
        self._empty = EmptyState(self)
        self._empty.button_pressed.connect(self._clear_filter)
        self._stack = QStackedWidget(self)
        for widget in (self.view, self.rule_view, self._empty):
            self._stack.addWidget(widget)

    def _make_bars(self, mute: AlertMute) -> None:
        self.header = TabHeader(TITLES, self)
        self.header.setProperty("surface", "")
        self.header.tab_chosen.connect(self.bring_to_front)
        self.mute_button = AlertMuteButton(mute, self)
        self._export = QToolButton(self)
        self._export.setText("Export…")
        self._export.setToolTip("Write the lines shown as CSV or JSON")
        self._export.clicked.connect(self._ask_where)
        self._rewinder = QToolButton(self)
        self._rewinder.setDefaultAction(self.rewind_action)
        self.header.row.addWidget(self._rewinder)
        self.header.row.addWidget(self._export)
        self.header.row.addWidget(self.mute_button)
        self.filter_bar = AlertFilterBar(self.history, self)
        self.filter_bar.changed.connect(self._filter)
        self._latency = ElidedLabel(face(SMALL), self)
        self._reach = ElidedLabel(face(SMALL), self)
        self._told = ElidedLabel(face(SMALL), self)
        for label in (self._latency, self._reach):
            label.setProperty("tone", "muted")
        self._latency.say(latency_words(()))
        self._told.hide()
        self._trial = QPushButton("Send a test alert", self)
        self._trial.setAutoDefault(False)
        self._trial.clicked.connect(self.trial_wanted)

    def _lay_out(self) -> None:
        foot = QFrame(self)
        foot.setProperty("surface", "foot")
        row = QHBoxLayout(foot)
        row.setContentsMargins(10, 4, 8, 4)
        row.setSpacing(12)
        words = QVBoxLayout()
        words.setSpacing(2)
        upper = QHBoxLayout()
        upper.addWidget(self._latency, 2)
        upper.addWidget(self._reach, 3)
        words.addLayout(upper)
        words.addWidget(self._told)
        row.addLayout(words, 1)
        row.addWidget(self._trial)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.header)
        column.addWidget(self.filter_bar)
        column.addWidget(self._stack, 1)
        column.addWidget(foot)

    @Slot(int)
    def bring_to_front(self, page: int) -> None:
        """Show a list."""
        self.filter_bar.setVisible(page != RULES)
        self._export.setVisible(page != RULES)
        self._rewinder.setVisible(page != RULES)
        if page != RULES and self.view.model() is not self._front():
            header = self.view.horizontalHeader()
            column, order = header.sortIndicatorSection(), header.sortIndicatorOrder()
            self.view.setModel(self._front())
            self.view.sortByColumn(column, order)
            self._spread.spread()
        self._filter()
        self._show_standing()

    def _front(self) -> AlertTableModel:
        return self.history if self.page == HISTORY else self.lines

    def _show_standing(self) -> None:
        if self._snapshot is not None and self.page in (OPEN, SNOOZED):
            is_snoozed = self.page == SNOOZED
            self.lines.take(
                entry
                for entry in self._book.standing(self._snapshot)
                if (entry.state == BreachState.SNOOZED.value) == is_snoozed
            )
        self._look_whether_empty()

    def _say(self, text: str) -> None:
        self._told.say(text)
        self._told.setVisible(bool(text))

    @Slot()
    def _filter(self) -> None:
        self._front().show_only(self.filter_bar.wanted(time.time_ns()))
        self._look_whether_empty()

    @Slot()
    def _clear_filter(self) -> None:
        self.filter_bar.clear()

    @Slot()
    def _gather(self) -> None:
        if not self._gathering.isActive():
            self._gathering.start()

    @Slot()
    def _take_history(self) -> None:
        fresh: list[AlertEntry] = self._book.history[self._n_history :]
        if fresh:
            self._n_history += len(fresh)
            self.history.extend(fresh)
        self._count_history()

    @Slot()
    def _take_all_history(self) -> None:
        self._n_history = len(self._book.history)
        self.history.take(self._book.history)
        self._count_history()

    def _count_history(self) -> None:
        unfiled = f", {self._book.n_unfiled} not filed" if self._book.n_unfiled else ""
        self.header.rename(HISTORY, f"History ({self._n_history:,}{unfiled})")
        self._look_whether_empty()

    def _look_whether_empty(self) -> None:
        if self.page == RULES:
            has_rules = self.rules.rowCount() > 0
            self._empty.show_words("No rule has been evaluated yet.", "")
            self._stack.setCurrentWidget(self.rule_view if has_rules else self._empty)
            return
        front = self._front()
        if front.rowCount():
            self._stack.setCurrentWidget(self.view)
            return
        is_filtered = front.n_entries > 0
        self._empty.show_words(
            FILTERED if is_filtered else CALM[self.page], "Clear the filter" if is_filtered else ""
        )
        self._stack.setCurrentWidget(self._empty)

    @Slot(QModelIndex)
    def _review(self, index: QModelIndex) -> None:
        breach_id = self._front().entry(index.row()).breach_id
        if breach_id:
            self.review_wanted.emit(breach_id)

    @Slot()
    def _rewind(self) -> None:
        row = self.view.currentIndex().row()
        breach_id = self._front().entry(row).breach_id if row >= 0 else ""
        if breach_id:
            self.rewind_wanted.emit(breach_id)
        else:
            self._say("Choose the line of a breach first: the desk is played again from before it.")

    @Slot()
    def _ask_where(self) -> None:
        self._dialog = QFileDialog(self, "Export the lines shown", "plimsoll-alerts.csv")
        self._dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        self._dialog.setNameFilters(["CSV (*.csv)", "JSON (*.json)"])
        self._dialog.fileSelected.connect(self._export_selected)
        self._dialog.open()

    @Slot(str)
    def _export_selected(self, name: str) -> None:
        is_json = self._dialog is not None and "json" in self._dialog.selectedNameFilter()
        path = Path(name)
        self.export_to(path if path.suffix else path.with_suffix(".json" if is_json else ".csv"))


def _table(name: str, parent: QWidget) -> QTableView:
    """Return a quiet table of whole rows."""
    view = QTableView(parent)
    view.setAccessibleName(name)
    view.setShowGrid(False)
    view.setTabKeyNavigation(False)
    view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
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
    return view
