"""The alert centre's filter: words to search for, and a menu for each column that has few values."""

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from plimsoll.bridge.alert_table_model import NOT_FILED, AlertColumn, AlertFilter, AlertTableModel
from plimsoll.domain.units import NS_PER_S
from plimsoll.widgets.choice_button import ChoiceButton

SPANS = {"": 0, "last hour": 3600, "last day": 86_400, "last 7 days": 604_800, "last 30 days": 2_592_000}


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
