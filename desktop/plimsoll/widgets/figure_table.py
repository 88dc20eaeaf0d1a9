"""The view of a table of figures: numbers to the right, greyed when old, the worst first."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
)

from plimsoll.bridge.figure_table_model import FigureRows, FigureTableModel
from plimsoll.bridge.roles import Role
from plimsoll.widgets.column_spread import ColumnSpread
from plimsoll.widgets.theme import Theme
from plimsoll.widgets.typeface import SMALL, bold, face

ROW_HEIGHT = 24
HEADER_HEIGHT = 24
PADDING = 7
LEFT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
RIGHT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight


class FigureDelegate(QStyledItemDelegate):
    """Paints a cell in the ink of its meaning; the first column is what the row is about."""

    def __init__(self, model: FigureTableModel, theme: Theme) -> None:
        super().__init__(model)
        self._model = model
        self._theme = theme
        self.is_dim = False

    def sizeHint(self, _option: QStyleOptionViewItem, _index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(60, ROW_HEIGHT)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        colours = self._theme.colours
        rect = option.rect
        painter.setPen(QPen(QColor(colours.rule), 1))
        painter.drawLine(rect.left(), rect.bottom(), rect.right(), rect.bottom())
        is_text = self._model.columns[index.column()].write is None
        is_quiet = self.is_dim or (is_text and index.column() > 0)
        painter.setFont(bold(SMALL) if index.column() == 0 else face(SMALL))
        painter.setPen(QColor(colours.muted if is_quiet else colours.ink(index.data(Role.MEANING))))
        inner = QRectF(rect).adjusted(PADDING, 0, -PADDING, -1)
        text = str(index.data())
        if is_text:
            text = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, int(inner.width()))
        painter.drawText(inner, LEFT if is_text else RIGHT, text)


class FigureTable(QTableView):
    """A sortable table of figures.

    The order follows the figures as they come; while the mouse rests on the table its rows stand still.
    """

    def __init__(
        self,
        theme: Theme,
        model: FigureTableModel,
        name: str,
        widths: tuple[int, ...],
        sorted_by: int,
        given_up: tuple[int, ...],
    ) -> None:
        super().__init__()
        self.figures = model
        self._delegate = FigureDelegate(model, theme)
        self.setModel(model)
        self.setItemDelegate(self._delegate)
        self.setAccessibleName(name)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(ROW_HEIGHT)
        header = self.horizontalHeader()
        header.setAccessibleName("Columns")
        header.setHighlightSections(False)
        header.setFixedHeight(HEADER_HEIGHT)
        header.setMinimumSectionSize(30)
        header.setFont(face(SMALL))
        header.setSortIndicator(sorted_by, Qt.SortOrder.DescendingOrder)
        self._given_up = given_up
        self._spread = ColumnSpread(self, enumerate(widths), frozenset())
        self.setSortingEnabled(True)
        header.setSortIndicatorShown(False)
        theme.changed.connect(self.viewport().update)

    def show_rows(self, rows: FigureRows) -> None:
        """Show these, in the order of now."""
        self.figures.take_rows(rows)
        if not self.viewport().underMouse():
            self.figures.resort()

    def dim(self, is_dim: bool) -> None:  # noqa: FBT001  says what it is by its name
        """Grey the figures: they are old."""
        if is_dim != self._delegate.is_dim:
            self._delegate.is_dim = is_dim
            self.viewport().update()

    def minimumSizeHint(self) -> QSize:
        return QSize(200, HEADER_HEIGHT + 2 * ROW_HEIGHT)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        for column in self._given_up:
            self.setColumnHidden(column, False)
        for column in self._given_up:
            if not self._spread.fits():
                self.setColumnHidden(column, True)
        self._spread.spread()
