"""The centre of the window: the tabs that are alive, over the figures they show."""

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QFrame, QToolButton, QVBoxLayout, QWidget

from plimsoll.domain.snapshot import RiskSnapshot
from plimsoll.widgets.limits_panel import LimitsPanel
from plimsoll.widgets.panel import GAP, Pages, TabHeader
from plimsoll.widgets.position_grid import PositionGrid
from plimsoll.widgets.tabbed_page import TabbedPage
from plimsoll.widgets.theme import Theme

POSITIONS, LIMITS = 0, 1


class Centre(QFrame):
    """Positions and Limits, with the grid's filter and column chooser at the right of the tabs."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.positions = PositionGrid(theme)
        self.limits = LimitsPanel(theme)
        self.header = TabHeader(("Positions", "Limits"), self)
        self._pages = Pages((self.positions, self.limits), self)
        self._filter = self._button("Filter  Ctrl+F", self.open_filter)
        self._columns = self._button("Columns ▾", self._open_columns)
        self.header.tab_chosen.connect(self._pages.bring_to_front)
        self.header.tab_chosen.connect(self._show_buttons)
        column = QVBoxLayout(self)
        column.setContentsMargins(GAP, GAP, GAP, GAP)
        column.setSpacing(0)
        column.addWidget(self.header)
        column.addWidget(self._pages, 1)

    def show_snapshot(self, snapshot: RiskSnapshot) -> None:
        self.positions.show_snapshot(snapshot)
        self.limits.show_snapshot(snapshot)
        n_limits = len(snapshot.limits)
        unknown = f", {snapshot.n_unknown_limits} unknown" if snapshot.n_unknown_limits else ""
        self.header.rename(LIMITS, f"Limits ({n_limits}{unknown})")

    @property
    def front(self) -> QWidget | None:
        """The page in sight, where pages stand within a page the innermost."""
        page = self._pages.front
        return page.front if isinstance(page, TabbedPage) else page

    def add_page(self, title: str, page: QWidget) -> int:
        """Add a tab with its page behind the others and return its number."""
        self._pages.add(page)
        return self.header.add(title)

    @Slot()
    def show_positions(self) -> None:
        self.header.choose(POSITIONS)
        self.positions.view.setFocus(Qt.FocusReason.ShortcutFocusReason)

    @Slot()
    def show_limits(self) -> None:
        self.header.choose(LIMITS)
        self.limits.view.setFocus(Qt.FocusReason.ShortcutFocusReason)

    @Slot()
    def open_filter(self) -> None:
        self.header.choose(POSITIONS)
        self.positions.open_filter()

    @Slot()
    def show_doubted(self) -> None:
        """Show the stale and unpriceable positions alone."""
        self.header.choose(POSITIONS)
        self.positions.show_doubted()

    def _button(self, text: str, act: object) -> QToolButton:
        button = QToolButton(self)
        button.setText(text)
        button.setProperty("flat", "true")
        button.clicked.connect(act)
        self.header.row.addWidget(button)
        return button

    @Slot()
    def _open_columns(self) -> None:
        menu = self.positions.column_menu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(self._columns.mapToGlobal(self._columns.rect().bottomLeft()))

    @Slot(int)
    def _show_buttons(self, number: int) -> None:
        for button in (self._filter, self._columns):
            button.setVisible(number == POSITIONS)
