"""The Limits tab: every limit with its line, its use and its state."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from plimsoll.bridge.limit_table_model import NUMBERS, LimitColumn, LimitTableModel, meaning_of_status
from plimsoll.bridge.roles import Meaning
from plimsoll.domain.snapshot import LimitStatus, RiskSnapshot
from plimsoll.widgets import formats
from plimsoll.widgets.column_spread import ColumnSpread
from plimsoll.widgets.theme import Theme
from plimsoll.widgets.typeface import BODY, SMALL, bold, face

ROW_HEIGHT = 28
WIDTHS = {
    LimitColumn.NAME: 190,
    LimitColumn.SCOPE: 180,
    LimitColumn.MEASURE: 160,
    LimitColumn.VALUE: 90,
    LimitColumn.LINE: 90,
    LimitColumn.USE: 150,
    LimitColumn.STATE: 110,
    LimitColumn.SEVERITY: 80,
    LimitColumn.PURPOSE: 230,
}
ELASTIC = frozenset({LimitColumn.NAME, LimitColumn.SCOPE, LimitColumn.MEASURE, LimitColumn.PURPOSE})
BAR_WIDTH = 84
ROOM_FOR_PURPOSE = 1200  # pixels below which the purposes would starve the other columns


class LimitDelegate(QStyledItemDelegate):
    """Paints a limit's row: figures in their unit, the use as a bar with its word."""

    def __init__(self, model: LimitTableModel, theme: Theme) -> None:
        super().__init__(model)
        self._model = model
        self._theme = theme
        self.currency = ""

    def sizeHint(self, _option: QStyleOptionViewItem, _index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(80, ROW_HEIGHT)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        colours = self._theme.colours
        status = self._model.status(index.row())
        column = LimitColumn(index.column())
        meaning = meaning_of_status(status)
        rect = option.rect
        painter.setPen(QPen(QColor(colours.rule), 1))
        painter.drawLine(rect.left(), rect.bottom(), rect.right(), rect.bottom())
        inner = QRectF(rect).adjusted(8, 0, -8, -1)
        if column is LimitColumn.USE and meaning is not Meaning.UNKNOWN:
            self._paint_bar(painter, inner, status.use_fraction, meaning)
        painter.setFont(bold(BODY) if column is LimitColumn.NAME else face(BODY))
        painter.setPen(QColor(self._ink(column, meaning)))
        side = Qt.AlignmentFlag.AlignRight if column in NUMBERS else Qt.AlignmentFlag.AlignLeft
        text = self.written(status, column, str(index.data()))
        shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, int(inner.width()))
        painter.drawText(inner, side | Qt.AlignmentFlag.AlignVCenter, shown)

    def written(self, status: LimitStatus, column: LimitColumn, plain: str) -> str:
        """Return a cell as it stands on the screen."""
        match column:
            case LimitColumn.VALUE:
                return formats.in_unit(status.value, status.limit.measure.unit, self.currency)
            case LimitColumn.LINE:
                return formats.in_unit(status.limit.line, status.limit.measure.unit, self.currency)
            case LimitColumn.USE:
                return formats.use(status.use_fraction)
            case _:
                return plain

    def _ink(self, column: LimitColumn, meaning: Meaning) -> str:
        if column in (LimitColumn.VALUE, LimitColumn.USE, LimitColumn.STATE):
            return self._theme.colours.ink(meaning)
        if column is LimitColumn.NAME:
            return self._theme.colours.text
        return self._theme.colours.muted

    def _paint_bar(self, painter: QPainter, box: QRectF, use: float, meaning: Meaning) -> None:
        colours = self._theme.colours
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colours.rule))
        painter.drawRoundedRect(QRectF(box.left(), box.center().y() - 3, BAR_WIDTH, 6), 3, 3)
        painter.setBrush(QColor(colours.fill(meaning)))
        width = max(BAR_WIDTH * min(use, 1.0), 3.0)
        painter.drawRoundedRect(QRectF(box.left(), box.center().y() - 3, width, 6), 3, 3)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)


class LimitsPanel(QWidget):
    """The table of limits."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = LimitTableModel(self)
        self._delegate = LimitDelegate(self.model, theme)
        self.view = QTableView(self)
        view = self.view
        view.setModel(self.model)
        view.setItemDelegate(self._delegate)
        view.setAccessibleName("Limits")
        view.setShowGrid(False)
        view.setTabKeyNavigation(False)
        view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        view.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        view.verticalHeader().hide()
        view.verticalHeader().setDefaultSectionSize(ROW_HEIGHT)
        header = view.horizontalHeader()
        header.setAccessibleName("Columns")
        header.setHighlightSections(False)
        header.setFixedHeight(28)
        header.setFont(face(SMALL))
        header.setSortIndicatorClearable(True)
        header.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        self._spread = ColumnSpread(view, WIDTHS.items(), ELASTIC)
        view.setSortingEnabled(True)
        column_box = QVBoxLayout(self)
        column_box.setContentsMargins(0, 0, 0, 0)
        column_box.addWidget(view)
        theme.changed.connect(view.viewport().update)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        # The tooltip of every cell has it too.
        self.view.setColumnHidden(LimitColumn.PURPOSE, self.width() < ROOM_FOR_PURPOSE)
        self._spread.spread()

    def show_snapshot(self, snapshot: RiskSnapshot) -> None:
        self._delegate.currency = snapshot.base_currency
        self.model.take_limits(snapshot.limits)
