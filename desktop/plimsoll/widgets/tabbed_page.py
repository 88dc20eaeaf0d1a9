"""A page of several pages: a quiet header of tabs within one tab of the centre."""

from collections.abc import Sequence

from PySide6.QtWidgets import QVBoxLayout, QWidget

from plimsoll.widgets.panel import Pages, TabHeader


class TabbedPage(QWidget):
    """Pages under a header of their titles.

    Attributes
    ----------
    header : TabHeader
        Its `words` are free for whoever owns the page.
    """

    def __init__(
        self, name: str, pages: Sequence[tuple[str, QWidget]], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.header = TabHeader(tuple(title for title, _ in pages), self)
        self._pages = Pages(tuple(page for _, page in pages), self)
        self.header.tab_chosen.connect(self._pages.bring_to_front)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.header)
        column.addWidget(self._pages, 1)

    @property
    def front(self) -> QWidget | None:
        """The page in sight."""
        return self._pages.front
