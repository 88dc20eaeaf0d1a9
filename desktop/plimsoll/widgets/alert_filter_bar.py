"""The alert centre's filter: words to search for, and a menu for each column that has few values."""

from collections.abc import Callable

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QMenu, QToolButton, QWidget

from plimsoll.bridge.alert_table_model import NOT_FILED, AlertColumn, AlertFilter, AlertTableModel
from plimsoll.domain.units import NS_PER_S

SPANS = {"": 0, "last hour": 3600, "last day": 86_400, "last 7 days": 604_800, "last 30 days": 2_592_000}


class ChoiceButton(QToolButton):
    """A menu of values, of which one or none is asked for.

    Signals
    -------
    chosen()
        Another value is asked for.
    """

    chosen = Signal()

    def __init__(self, title: str, values: Callable[[], tuple[str, ...]], parent: QWidget) -> None:
        super().__init__(parent)
        self._title = title
        self._values = values
        self.value = ""
        self._menu = QMenu(title, self)
        self._menu.aboutToShow.connect(self._fill)
        self.setMenu(self._menu)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.choose("")

    def choose(self, value: str) -> None:
        """Ask for a value; empty asks for any."""
        self.value = value
        shown = value if len(value) <= 24 else f"{value[:23]}…"
        self.setText(f"{self._title}: {shown or 'all'} ▾")
        self.setAccessibleName(f"{self._title}: {value or 'all'}")
        self.chosen.emit()

    @Slot()
    def _fill(self) -> None:
        self._menu.clear()
        for value in ("", *self._values()):
            action = self._menu.addAction(value.replace("&", "&&") or "all")
            action.setData(value)
            action.setCheckable(True)
            action.setChecked(value == self.value)
            action.triggered.connect(self._take)

    @Slot()
    def _take(self) -> None:
        action = self.sender()
        if isinstance(action, QAction):
            self.choose(str(action.data()))


class AlertFilterBar(QWidget):
    """Search and choices, left to right in the order of the columns.

    Signals
    -------
    changed()
        Another filter is asked for.
    """

    changed = Signal()

    def __init__(self, model: AlertTableModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.search = QLineEdit(self)
        self.search.setPlaceholderText("Search all columns")
        self.search.setAccessibleName("Search alerts")
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self.changed)

        def values(column: AlertColumn) -> Callable[[], tuple[str, ...]]:
            return lambda: model.values_of(column)

        def states() -> tuple[str, ...]:
            return (*model.values_of(AlertColumn.STATE), NOT_FILED)

        self.time = ChoiceButton("Time", lambda: tuple(filter(None, SPANS)), self)
        self.severity = ChoiceButton("Severity", values(AlertColumn.SEVERITY), self)
        self.state = ChoiceButton("State", states, self)
        self.limit = ChoiceButton("Limit", values(AlertColumn.LIMIT), self)
        self.person = ChoiceButton("Person", values(AlertColumn.PERSON), self)
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 4, 8, 4)
        row.setSpacing(6)
        row.addWidget(self.search, 1)
        for button in self._buttons:
            row.addWidget(button)
            button.chosen.connect(self.changed)

    @property
    def _buttons(self) -> tuple[ChoiceButton, ...]:
        return (self.time, self.severity, self.state, self.limit, self.person)

    def wanted(self, now_ns: int) -> AlertFilter:
        """Return what is asked for; spans of time end now."""
        span_s = SPANS[self.time.value]
        return AlertFilter(
            text=self.search.text(),
            severity=self.severity.value,
            state=self.state.value,
            limit=self.limit.value,
            person=self.person.value,
            since_ns=now_ns - span_s * NS_PER_S if span_s else 0,
        )

    def clear(self) -> None:
        """Ask for everything."""
        for button in self._buttons:
            button.choose("")
        self.search.clear()
