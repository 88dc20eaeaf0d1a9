"""Paints a line of the alert centre: severity and state in their colour and always in words."""

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from plimsoll.bridge.alert_entry import ALARM, AlertEntry
from plimsoll.bridge.alert_table_model import NUMBERS, AlertColumn
from plimsoll.bridge.roles import Meaning, Role
from plimsoll.domain.breach import OPEN_STATES, BreachState
from plimsoll.widgets.badge import MEANING_OF_SEVERITY
from plimsoll.widgets.theme import Theme
from plimsoll.widgets.typeface import BODY, bold, face

ROW_HEIGHT = 26
MARK_WIDTH = 3  # of the stripe before an incident that is over and not filed
_OPEN = frozenset(state.value for state in OPEN_STATES)


class AlertPainter(QStyledItemDelegate):
    """The delegate of the alert table."""

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme

    def sizeHint(self, _option: QStyleOptionViewItem, _index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(80, ROW_HEIGHT)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        colours = self._theme.colours
        entry: AlertEntry = index.data(Role.VALUE)
        column = AlertColumn(index.column())
        rect = option.rect
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, option.palette.highlight())
        painter.setPen(QPen(QColor(colours.rule), 1))
        painter.drawLine(rect.left(), rect.bottom(), rect.right(), rect.bottom())
        if column is AlertColumn.TIME and entry.is_unfiled:
            painter.fillRect(rect.left(), rect.top(), MARK_WIDTH, rect.height(), QColor(colours.near))
        meaning = meaning_of(entry, column)
        is_strong = column in (AlertColumn.SEVERITY, AlertColumn.LIMIT) or (
            column is AlertColumn.STATE and meaning is not Meaning.PLAIN
        )
        painter.setFont(bold(BODY) if is_strong else face(BODY))
        painter.setPen(QColor(self._ink(meaning, column)))
        inner = QRectF(rect).adjusted(8, 0, -8, -1)
        side = Qt.AlignmentFlag.AlignRight if column in NUMBERS else Qt.AlignmentFlag.AlignLeft
        shown = painter.fontMetrics().elidedText(
            str(index.data()), Qt.TextElideMode.ElideRight, int(inner.width())
        )
        painter.drawText(inner, side | Qt.AlignmentFlag.AlignVCenter, shown)

    def _ink(self, meaning: Meaning, column: AlertColumn) -> str:
        colours = self._theme.colours
        if meaning is not Meaning.PLAIN:
            return colours.ink(meaning)
        is_read = column in (AlertColumn.LIMIT, AlertColumn.WORDS, AlertColumn.STATE)
        return colours.text if is_read else colours.muted


def meaning_of(entry: AlertEntry, column: AlertColumn) -> Meaning:
    """Return what a cell says by its colour, beside its words."""
    if column is AlertColumn.SEVERITY and entry.severity is not None:
        return MEANING_OF_SEVERITY[entry.severity]
    if column is AlertColumn.LEVEL and entry.level:
        return Meaning.OVER
    if column is not AlertColumn.STATE:
        return Meaning.PLAIN
    if entry.is_unfiled:
        return Meaning.NEAR
    if entry.state in (BreachState.RAISED.value, BreachState.ESCALATED.value, ALARM):
        return Meaning.OVER
    return Meaning.CLOSE if entry.state in _OPEN else Meaning.PLAIN
