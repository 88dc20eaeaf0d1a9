"""A panel: a dock with a quiet header of tabs, movable, floatable and closable."""

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QFont
from PySide6.QtWidgets import (
    QButtonGroup,
    QDockWidget,
    QFrame,
    QHBoxLayout,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from plimsoll.widgets.elided_label import ElidedLabel
from plimsoll.widgets.typeface import BODY, SMALL, bold, face

GAP = 4  # pixels around each panel


class TabHeader(QFrame):
    """A row of tab titles, and room for words and buttons at its right end.

    Signals
    -------
    tab_chosen(int)
        Another tab was chosen.
    """

    tab_chosen = Signal(int)

    def __init__(self, titles: tuple[str, ...], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("surface", "header")
        self.row = QHBoxLayout(self)
        self.row.setContentsMargins(8, 1, 6, 0)
        self.row.setSpacing(2)
        self._group = QButtonGroup(self)
        for number, title in enumerate(titles):
            button = self._button(title, bold(BODY) if number == 0 else face(BODY))
            self._group.addButton(button, number)
            self.row.addWidget(button)
        self.words = ElidedLabel(face(SMALL), self)
        self.words.setProperty("tone", "muted")
        self.words.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.row.addWidget(self.words, 1)
        self._group.idClicked.connect(self.choose)
        self._group.button(0).setChecked(True)

    def add(self, title: str) -> int:
        """Add a tab behind the others and return its number."""
        number = len(self._group.buttons())
        button = self._button(title, face(BODY))
        self._group.addButton(button, number)
        self.row.insertWidget(number, button)
        return number

    def _button(self, title: str, font: QFont) -> QToolButton:
        button = QToolButton(self)
        button.setText(title.replace("&", "&&"))
        button.setProperty("flat", "true")
        button.setCheckable(True)
        button.setFont(font)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        return button

    @property
    def chosen(self) -> int:
        """The tab in front."""
        return self._group.checkedId()

    @Slot(int)
    def choose(self, number: int) -> None:
        """Bring a tab to the front."""
        for button in self._group.buttons():
            is_front = self._group.id(button) == number
            button.setChecked(is_front)
            button.setFont(bold(BODY) if is_front else face(BODY))
        self.tab_chosen.emit(number)

    def rename(self, number: int, title: str) -> None:
        """Give a tab another title."""
        written = title.replace("&", "&&")
        if self._group.button(number).text() != written:
            self._group.button(number).setText(written)


class Pages(QFrame):
    """The pages a header chooses from."""

    def __init__(self, pages: tuple[QWidget, ...], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("surface", "body")
        self._stack = QStackedWidget(self)
        for page in pages:
            self._stack.addWidget(page)
        column = QVBoxLayout(self)
        column.setContentsMargins(1, 0, 1, 1)
        column.addWidget(self._stack)

    @property
    def front(self) -> QWidget | None:
        """The page in sight."""
        return self._stack.currentWidget()

    def add(self, page: QWidget) -> None:
        """Add a page behind the others."""
        self._stack.addWidget(page)

    @Slot(int)
    def bring_to_front(self, number: int) -> None:
        """Show a page."""
        self._stack.setCurrentIndex(number)


class Panel(QDockWidget):
    """A dock whose title bar is a row of tabs; drag it by the bar, float and close it by its buttons."""

    def __init__(
        self, name: str, pages: tuple[tuple[str, QWidget], ...], parent: QWidget | None = None
    ) -> None:
        super().__init__(name, parent)
        self.setObjectName(name)
        self.setAccessibleName(name)
        self.header = TabHeader(tuple(title for title, _ in pages), self)
        self.pages = Pages(tuple(page for _, page in pages), self)
        self.header.tab_chosen.connect(self.pages.bring_to_front)
        for text, tip, act in (("↗", "Float", self.turn_floating), ("×", "Close", self.close)):
            button = QToolButton(self.header)
            button.setText(text)
            button.setProperty("flat", "true")
            button.setAccessibleName(f"{tip} {name}")
            button.setToolTip(tip)
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            button.setFixedWidth(24)
            button.clicked.connect(act)
            self.header.row.addWidget(button)
        self.setTitleBarWidget(_spaced(self.header, (GAP, GAP, GAP, 0)))
        self.setWidget(_spaced(self.pages, (GAP, 0, GAP, GAP)))

    def add_page(self, title: str, page: QWidget) -> int:
        """Add a tab with its page behind the others and return its number."""
        self.pages.add(page)
        return self.header.add(title)

    @Slot()
    def turn_floating(self) -> None:
        """Float the panel, or put it back."""
        self.setFloating(not self.isFloating())


def _spaced(widget: QWidget, margins: tuple[int, int, int, int]) -> QWidget:
    """Return a widget that keeps `widget` off its neighbours."""
    outer = QWidget()
    column = QVBoxLayout(outer)
    column.setContentsMargins(*margins)
    column.addWidget(widget)
    return outer
