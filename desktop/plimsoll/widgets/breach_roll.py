"""The breaches of one cause as a list, the worst first: a thousand rows cost what fits on the screen."""

from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
    Signal,
    Slot,
)
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from plimsoll.bridge.roles import Role
from plimsoll.domain.breach import Breach
from plimsoll.widgets.badge import MEANING_OF_SEVERITY
from plimsoll.widgets.breach_words import against, headline, standing
from plimsoll.widgets.theme import Theme
from plimsoll.widgets.typeface import BODY, SMALL, bold, face

Index = QModelIndex | QPersistentModelIndex
NOWHERE = QModelIndex()
ROW = 26
NARROW = 420  # pixels, under which a row leaves out how its breach stands


class _RollModel(QAbstractListModel):
    """The rows."""

    def __init__(self, currency: str, parent: QObject) -> None:
        super().__init__(parent)
        self._currency = currency
        self.breaches: tuple[Breach, ...] = ()

    def take(self, breaches: tuple[Breach, ...]) -> None:
        """Show these; the same ones in other states keep their rows, and the scroll bar its place."""
        same = [b.breach_id for b in breaches] == [b.breach_id for b in self.breaches]
        if not same:
            self.beginResetModel()
        self.breaches = breaches
        if not same:
            self.endResetModel()
        elif breaches:
            self.dataChanged.emit(self.index(0, 0), self.index(len(breaches) - 1, 0))

    def rowCount(self, parent: Index = NOWHERE) -> int:
        return 0 if parent.isValid() else len(self.breaches)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or not 0 <= index.row() < len(self.breaches):
            return None
        breach = self.breaches[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return headline(breach, self._currency)
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleDescriptionRole):
            return f"{headline(breach, self._currency)}, {standing(breach)}"
        if role == Role.VALUE:
            return breach
        return None


class _RollPainter(QStyledItemDelegate):
    """Paints one row: severity, title, value against line, and how it stands where there is room."""

    def __init__(self, theme: Theme, currency: str, parent: QObject) -> None:
        super().__init__(parent)
        self._theme = theme
        self._currency = currency

    def sizeHint(self, option: QStyleOptionViewItem, _index: Index) -> QSize:
        return QSize(option.rect.width(), ROW)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        breach = index.data(Role.VALUE)
        colours = self._theme.colours
        box: QRect = option.rect
        painter.save()
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(box, QColor(colours.rule))
        severity = QColor(colours.fill(MEANING_OF_SEVERITY[breach.limit.severity]))
        painter.fillRect(QRect(box.left(), box.top() + 5, 3, box.height() - 10), severity)
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        inner = box.adjusted(10, 0, -8, 0)
        painter.setFont(face(SMALL))
        painter.setPen(QColor(colours.text if breach.is_unanswered else colours.muted))
        if box.width() >= NARROW:
            third = inner.width() // 3
            stands = painter.fontMetrics().elidedText(standing(breach), Qt.TextElideMode.ElideRight, third)
            painter.drawText(QRect(inner.right() - third, box.top(), third, ROW), right, stands)
            inner.setRight(inner.right() - third - 12)
        words = against(breach, self._currency)
        painter.drawText(inner, right, words)
        room = inner.width() - painter.fontMetrics().horizontalAdvance(words) - 12
        painter.setFont(bold(BODY) if breach.is_unanswered else face(BODY))
        title = painter.fontMetrics().elidedText(breach.title, Qt.TextElideMode.ElideMiddle, room)
        painter.drawText(inner, Qt.AlignmentFlag.AlignVCenter, title)
        painter.restore()


class BreachRoll(QListView):
    """A scrollable list of breaches.

    Signals
    -------
    chosen(str)
        A breach was clicked, by its id.
    """

    chosen = Signal(str)

    def __init__(self, theme: Theme, currency: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows = _RollModel(currency, self)
        self.setModel(self._rows)
        self.setItemDelegate(_RollPainter(theme, currency, self))
        self.setUniformItemSizes(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName("Limits broken by one cause")
        self.clicked.connect(self._choose)
        theme.changed.connect(self.viewport().update)

    @property
    def breaches(self) -> tuple[Breach, ...]:
        """The breaches listed, the worst first."""
        return self._rows.breaches

    def show_breaches(self, breaches: tuple[Breach, ...]) -> None:
        """List these."""
        if breaches != self._rows.breaches:
            self._rows.take(breaches)

    def mark(self, breach_id: str) -> None:
        """Mark the row of the breach whose evidence is shown."""
        ids = [breach.breach_id for breach in self._rows.breaches]
        if breach_id in ids:
            self.setCurrentIndex(self._rows.index(ids.index(breach_id), 0))

    def height_of(self, n_rows: int) -> int:
        """Return how high the list is with so many rows in sight."""
        return ROW * n_rows + 2

    @Slot(QModelIndex)
    def _choose(self, index: QModelIndex) -> None:
        breach = index.data(Role.VALUE)
        if breach is not None:
            self.chosen.emit(breach.breach_id)
