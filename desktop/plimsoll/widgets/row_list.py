"""A list whose rows are painted by its owner: only those in sight, only when something drawn is another."""

from collections.abc import Sequence
from typing import Generic, TypeVar

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QHelpEvent, QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QToolTip, QWidget

from plimsoll.widgets.theme import Theme
from plimsoll.widgets.typeface import SMALL, face

Row = TypeVar("Row")
MOST_SPOKEN = 40  # rows told to assistive technology at once; the rest are counted
SIDE = 14  # pixels kept free at the left and the right
LEFT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
RIGHT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight


class RowList(QAbstractScrollArea, Generic[Row]):
    """Rows of one height; a subclass paints a row and speaks it.

    Attributes
    ----------
    rows : sequence
        What is shown, compared as a whole with what comes next.
    """

    def __init__(self, theme: Theme, name: str, empty: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.rows: Sequence[Row] = ()
        self.is_dim = False
        self._empty = empty
        self.setAccessibleName(name)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.viewport().setAutoFillBackground(False)
        theme.changed.connect(self.viewport().update)

    def show_rows(self, rows: Sequence[Row], empty: str = "") -> None:
        """Show these; told the same ones again, nothing is painted."""
        empty = empty or self._empty
        if rows == self.rows and empty == self._empty:
            return
        self._empty = empty
        has_other_length = len(rows) != len(self.rows)
        self.rows = rows
        if has_other_length:
            self.measure()
        spoken = [self.spoken(row) for row in rows[:MOST_SPOKEN]]
        spoken += [f"and {len(rows) - MOST_SPOKEN:,} more"] * (len(rows) > MOST_SPOKEN)
        self.setAccessibleDescription("; ".join(spoken) or empty)
        self.viewport().update()

    def dim(self, is_dim: bool) -> None:  # noqa: FBT001  says what it is by its name
        """Grey the rows: they are old."""
        if is_dim != self.is_dim:
            self.is_dim = is_dim
            self.viewport().update()

    def row_height(self) -> int:
        """Return the height of a row in pixels."""
        raise NotImplementedError

    def head_height(self) -> int:
        """Return the height of what stands above the rows and does not scroll."""
        return 0

    def paint_head(self, painter: QPainter, box: QRectF) -> None:
        """Paint what stands above the rows."""

    def paint_row(self, painter: QPainter, box: QRectF, row: Row) -> None:
        """Paint one row."""
        raise NotImplementedError

    def spoken(self, row: Row) -> str:
        """Return a row as a sentence, for its tooltip and for assistive technology."""
        raise NotImplementedError

    def measure(self) -> None:
        """Fit the scroll bar to the rows."""
        room = self.viewport().height() - self.head_height()
        bar = self.verticalScrollBar()
        bar.setSingleStep(self.row_height())
        bar.setPageStep(max(room, 1))
        bar.setRange(0, max(len(self.rows) * self.row_height() - room, 0))

    def row_at(self, y: float) -> int:
        """Return the row at a height of the viewport, or −1."""
        place = int(y - self.head_height() + self.verticalScrollBar().value()) // self.row_height()
        return place if y >= self.head_height() and 0 <= place < len(self.rows) else -1

    def write(self, painter: QPainter, box: QRectF, text: str, colour: str) -> None:
        """Write a text to the left of a box, shortened to its width."""
        painter.setPen(QColor(self.theme.colours.muted if self.is_dim else colour))
        shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, int(box.width()))
        painter.drawText(box, LEFT, shown)

    def write_right(self, painter: QPainter, box: QRectF, text: str, colour: str) -> None:
        """Write a figure to the right of a box; a figure is never shortened."""
        painter.setPen(QColor(self.theme.colours.muted if self.is_dim else colour))
        painter.drawText(box, RIGHT, text)

    def fill(self, colour: str) -> QColor:
        """Return the colour of a mark, greyed where the rows are old."""
        return QColor(self.theme.colours.muted if self.is_dim else colour)

    def minimumSizeHint(self) -> QSize:
        return QSize(120, self.head_height() + 2 * 24)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.measure()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        bar = self.verticalScrollBar()
        if event.key() == Qt.Key.Key_Home:
            bar.setValue(bar.minimum())
        elif event.key() == Qt.Key.Key_End:
            bar.setValue(bar.maximum())
        else:
            super().keyPressEvent(event)

    def viewportEvent(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            place = self.row_at(event.pos().y())
            QToolTip.showText(event.globalPos(), self.spoken(self.rows[place]) if place >= 0 else "", self)
            return True
        return super().viewportEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(face(SMALL))
        area = QRectF(self.viewport().rect())
        if not self.rows:
            painter.setPen(QColor(self.theme.colours.muted))
            centred = int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap)
            painter.drawText(area.adjusted(SIDE, 0, -SIDE, 0), centred, self._empty)
            return
        head, height = self.head_height(), self.row_height()
        if head:
            self.paint_head(painter, QRectF(0, 0, area.width(), head))
            painter.setClipRect(area.adjusted(0, head, 0, 0))
        offset = self.verticalScrollBar().value()
        first = offset // height
        last = min(-(-(offset + int(area.height()) - head) // height), len(self.rows))
        for place in range(first, last):
            box = QRectF(0, head + place * height - offset, area.width(), height)
            self.paint_row(painter, box, self.rows[place])
        painter.end()
