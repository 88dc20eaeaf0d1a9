"""Help → How each figure is made: every figure with its formula, convention, window and reference."""

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QFont, QKeyEvent, QTextCursor, QTextOption
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QSplitter,
    QTextBrowser,
    QVBoxLayout,
    QWidget,
)

from plimsoll.bridge.figure_pages import FigurePage

PAGE = Qt.ItemDataRole.UserRole
FIRST = "historical_var"
MARGIN_PX = 14


class FigureGuide(QWidget):
    """A window of its own: a list to search, and the page of the figure chosen in it.

    Attributes
    ----------
    search : QLineEdit
        Narrows the list to figures whose name, group or text holds every word.
    figures : QListWidget
        The figures, by group.
    page : QTextBrowser
        The page of the chosen one.
    """

    def __init__(self, pages: tuple[FigurePage, ...], parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("How each figure is made")
        self.resize(1040, 760)
        self.search = QLineEdit(self)
        self.search.setPlaceholderText("Search: var, drawdown, Kupiec …")
        self.search.setAccessibleName("Search the figures")
        self.search.setClearButtonEnabled(True)
        self.figures = QListWidget(self)
        self.figures.setAccessibleName("Figures")
        self.figures.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.figures.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.page = QTextBrowser(self)
        self.page.setAccessibleName("How the figure is made")
        self.page.setOpenExternalLinks(False)
        self.page.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.page.document().setDocumentMargin(MARGIN_PX)
        self._fill(pages)
        self._lay_out()
        self.search.textChanged.connect(self._narrow)
        self.figures.currentItemChanged.connect(self._show)
        self._choose_first(FIRST)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close()
            return
        super().keyPressEvent(event)

    def _fill(self, pages: tuple[FigurePage, ...]) -> None:
        group = ""
        for page in pages:
            if page.group != group:
                group = page.group
                title = QListWidgetItem(group)
                title.setFlags(Qt.ItemFlag.ItemIsEnabled)  # read, never chosen
                title.setToolTip(group)
                font = title.font()
                font.setBold(True)
                title.setFont(font)
                self.figures.addItem(title)
            item = QListWidgetItem(f"    {page.name}")
            item.setData(PAGE, page)
            item.setToolTip(page.group)
            self.figures.addItem(item)

    def _lay_out(self) -> None:
        left = QWidget(self)
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.search)
        column.addWidget(self.figures)
        split = QSplitter(self)
        split.addWidget(left)
        split.addWidget(self.page)
        split.setStretchFactor(1, 1)
        split.setSizes([340, 700])
        row = QHBoxLayout(self)
        row.addWidget(split)

    def _choose_first(self, name: str = "") -> None:
        """Choose the figure of that name, or the first that is shown."""
        for row in range(self.figures.count()):
            item = self.figures.item(row)
            page = item.data(PAGE)
            if isinstance(page, FigurePage) and not item.isHidden() and name in {"", page.name}:
                self.figures.setCurrentItem(item)
                return

    @Slot(str)
    def _narrow(self, text: str) -> None:
        words = text.lower().split()
        shown_groups = set()
        for row in range(self.figures.count()):
            item = self.figures.item(row)
            page = item.data(PAGE)
            if isinstance(page, FigurePage):
                holds = f"{page.name} {page.group} {page.markdown}".lower()
                is_shown = all(word in holds for word in words)
                item.setHidden(not is_shown)
                if is_shown:
                    shown_groups.add(page.group)
        for row in range(self.figures.count()):
            item = self.figures.item(row)
            if item.data(PAGE) is None:
                item.setHidden(item.text() not in shown_groups)
        self._choose_first()

    @Slot(QListWidgetItem, QListWidgetItem)
    def _show(self, item: QListWidgetItem | None, _before: QListWidgetItem | None) -> None:
        page = item.data(PAGE) if item is not None else None
        if isinstance(page, FigurePage):
            self.page.setMarkdown(page.markdown)
            self._air()

    def _air(self) -> None:
        """Leave room above each headline: Markdown brings none of its own."""
        block = self.page.document().begin().next()
        while block.isValid():
            if block.charFormat().fontWeight() >= QFont.Weight.Bold and block.textList() is None:
                layout = block.blockFormat()
                layout.setTopMargin(MARGIN_PX)
                QTextCursor(block).setBlockFormat(layout)
            block = block.next()
