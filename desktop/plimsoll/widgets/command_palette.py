"""Ctrl+K: every action by a few letters of its name."""

from PySide6.QtCore import QEvent, QObject, Qt, Slot
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QDialog, QLineEdit, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from plimsoll.widgets.action_registry import ActionRegistry

PASSED_ON = frozenset({Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown})


class CommandPalette(QDialog):
    """A field and the actions that match it."""

    def __init__(self, registry: ActionRegistry, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self._registry = registry
        self.setAccessibleName("Command palette")
        self.resize(520, 380)
        self._field = QLineEdit(self)
        self._field.setPlaceholderText("Type a command")
        self._field.setAccessibleName("Command")
        self._field.installEventFilter(self)
        self._list = QListWidget(self)
        self._list.setAccessibleName("Commands")
        self._list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.addWidget(self._field)
        column.addWidget(self._list, 1)
        self._field.textChanged.connect(self.narrow)
        self._field.returnPressed.connect(self.run_chosen)
        self._list.itemActivated.connect(self.run_chosen)
        self._list.itemClicked.connect(self.run_chosen)

    @property
    def shown(self) -> list[str]:
        """The commands that match, in their order."""
        return [self._list.item(row).text() for row in range(self._list.count())]

    def open_over(self, window: QWidget) -> None:
        """Show the palette in the upper middle of the window."""
        self._field.clear()
        self.narrow("")
        corner = window.mapToGlobal(window.rect().topLeft())
        self.move(corner.x() + (window.width() - self.width()) // 2, corner.y() + 90)
        self.show()
        self._field.setFocus(Qt.FocusReason.PopupFocusReason)

    @Slot(str)
    def narrow(self, text: str) -> None:
        """Show the actions whose name holds every word of `text`."""
        words = text.casefold().split()
        self._list.clear()
        for action in self._registry.actions:
            name = action.text().replace("&", "")
            if action.isEnabled() and all(word in name.casefold() for word in words):
                keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
                item = QListWidgetItem(f"{name}    {keys}" if keys else name)
                item.setData(Qt.ItemDataRole.UserRole, action)
                self._list.addItem(item)
        self._list.setCurrentRow(0)

    @Slot()
    def run_chosen(self) -> None:
        """Run the action that is chosen."""
        item = self._list.currentItem()
        self.hide()
        action = item.data(Qt.ItemDataRole.UserRole) if item is not None else None
        if isinstance(action, QAction):
            action.trigger()

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress and event.key() in PASSED_ON:
            step = 1 if event.key() in (Qt.Key.Key_Down, Qt.Key.Key_PageDown) else -1
            row = min(max(self._list.currentRow() + step, 0), self._list.count() - 1)
            self._list.setCurrentRow(row)
            return True
        return False
