"""A button with a menu of values, of which one or none is asked for."""

from collections.abc import Callable

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QToolButton, QWidget


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
