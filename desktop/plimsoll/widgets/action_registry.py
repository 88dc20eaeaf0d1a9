"""Every action of the program: in the menu, in the palette, under its shortcut."""

from collections.abc import Callable

from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QWidget


class ActionRegistry:
    """Makes actions and remembers them in the order they were made; `menu` holds them all."""

    def __init__(self, window: QWidget) -> None:
        self._window = window
        self._menus: dict[str, QMenu] = {}
        self.actions: list[QAction] = []
        self.menu = QMenu("Menu", window)

    def section(self, title: str) -> QMenu:
        """Return the sub-menu of a title, making it where it is new."""
        if title not in self._menus:
            self._menus[title] = self.menu.addMenu(title)
        return self._menus[title]

    def add(self, section: str, text: str, shortcut: str, act: Callable[[], object]) -> QAction:
        """Make an action; `act` must be a slot of an object that lives on the main thread."""
        action = QAction(text, self._window)
        if shortcut:
            action.setShortcut(QKeySequence(shortcut))
        action.triggered.connect(act)
        return self.adopt(section, action)

    def adopt(self, section: str, action: QAction) -> QAction:
        """Take in an action made elsewhere, such as a dock's own switch."""
        self.section(section).addAction(action)
        self._window.addAction(action)
        self.actions.append(action)
        return action
