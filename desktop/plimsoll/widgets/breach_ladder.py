"""What breaks first: every limit by the smallest plausible move that breaks it, the nearest at the top."""

from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPointF,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QListView,
    QStackedLayout,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from plimsoll.bridge.roles import Meaning, Role
from plimsoll.domain.distance import MOST_SIGMAS, Distance, Exactness, Mover, Reach
from plimsoll.domain.limit import Severity
from plimsoll.widgets import formats
from plimsoll.widgets.empty_state import EmptyState
from plimsoll.widgets.theme import Theme
from plimsoll.widgets.typeface import BODY, SMALL, bold, face

Index = QModelIndex | QPersistentModelIndex
NOWHERE = QModelIndex()

ROW = 60
MARGIN = 14
TRACK = 64  # pixels of the track on which the water rises towards the line
CLOSE_SIGMAS, NEAR_SIGMAS = 1.0, 2.0  # what an ordinary day may do, and a bad one
MARKS = {Severity.MEDIUM: 1, Severity.HIGH: 2, Severity.CRITICAL: 3}
SURELY_NOT = 0.0005  # below it a chance is written as none
ROUGHLY = {Exactness.FIRST_ORDER: "≈", Exactness.STEEPEST: "≤"}
LEFT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
RIGHT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight


class BreachLadder(QFrame):
    """The ladder, or a sentence while there is none."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("surface", "body")
        self.rungs = LadderModel(self)
        self._empty = EmptyState(self)
        self._empty.show_words("No distance has been measured yet.", "")
        self.view = QListView(self)
        self.view.setModel(self.rungs)
        self.view.setItemDelegate(RungPainter(theme, self.view))
        self.view.setUniformItemSizes(True)
        self.view.setFrameShape(QFrame.Shape.NoFrame)
        self.view.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.view.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.view.setAccessibleName("What breaks first")
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self.view)
        theme.changed.connect(self.view.viewport().update)

    def show_ladder(self, ladder: tuple[Distance, ...]) -> None:
        """Show these distances in their order; told the same ones again, nothing is painted."""
        if ladder is self.rungs.ladder:
            return
        self.rungs.take_ladder(ladder)
        if not ladder:
            self._empty.show_words("No limits are set.", "")
        self._stack.setCurrentWidget(self.view if ladder else self._empty)
        self.view.setAccessibleDescription(spoken(ladder[0]) if ladder else "No limits are set.")

    def minimumSizeHint(self) -> QSize:
        return QSize(260, ROW * 2)

    def sizeHint(self) -> QSize:
        return QSize(360, ROW * 6)


class LadderModel(QAbstractListModel):
    """One row a limit; each answers with its distance, its meaning and one spoken sentence."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.ladder: tuple[Distance, ...] = ()

    def take_ladder(self, ladder: tuple[Distance, ...]) -> None:
        """Show these distances."""
        if len(ladder) != len(self.ladder):
            self.beginResetModel()
            self.ladder = ladder
            self.endResetModel()
            return
        self.ladder = ladder
        if ladder:
            self.dataChanged.emit(self.index(0), self.index(len(ladder) - 1))

    def rowCount(self, parent: Index = NOWHERE) -> int:
        return 0 if parent.isValid() else len(self.ladder)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or not 0 <= index.row() < len(self.ladder):
            return None
        distance = self.ladder[index.row()]
        if role == Role.VALUE:
            return distance
        if role == Role.MEANING:
            return meaning_of(distance)
        if role == Qt.ItemDataRole.DisplayRole:
            return titled(distance)
        if role in {Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.ToolTipRole}:
            return spoken(distance)
        return None


class RungPainter(QStyledItemDelegate):
    """Paints one rung: name and sigmas, the water below the line, the movers, what it costs and when."""

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, _index: Index) -> QSize:
        return QSize(option.rect.width(), ROW)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        distance = index.data(Role.VALUE)
        if not isinstance(distance, Distance):
            return
        colours, meaning = self._theme.colours, meaning_of(distance)
        box = QRectF(option.rect)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(box, QColor(colours.panel))
        if option.state & QStyle.StateFlag.State_HasFocus:
            painter.fillRect(QRectF(box.left(), box.top(), 2, box.height()), QColor(colours.accent))
        self._paint_severity(painter, box, distance.limit.severity, meaning)
        left, width = box.left() + MARGIN + 10, box.width() - 2 * MARGIN - 10
        is_known = meaning is not Meaning.UNKNOWN
        ink = colours.text if is_known else colours.muted
        figure = figure_of(distance)
        painter.setFont(bold(BODY))
        room = QFontMetricsF(painter.font()).horizontalAdvance(figure) + 10.0
        painter.setPen(QColor(colours.ink(meaning) if is_known else colours.muted))
        painter.drawText(QRectF(left, box.top() + 4, width, 18), RIGHT, figure)
        painter.setFont(face(BODY))
        self._write(painter, QRectF(left, box.top() + 4, width - room, 18), titled(distance), ink)
        painter.setFont(face(SMALL))
        second = QRectF(left, box.top() + 22, width, 17)
        if is_known:
            self._paint_track(painter, second, distance, meaning)
            second.setLeft(left + TRACK + 14)
        self._write(painter, second, way_of(distance), ink)
        third = QRectF(left, box.top() + 39, width, 17)
        self._write(painter, third, outlook_of(distance), colours.muted)
        painter.setPen(QPen(QColor(colours.rule), 1))
        painter.drawLine(QPointF(left, box.bottom() - 0.5), QPointF(box.right() - MARGIN, box.bottom() - 0.5))
        painter.restore()

    @staticmethod
    def _write(painter: QPainter, box: QRectF, text: str, colour: str) -> None:
        painter.setPen(QColor(colour))
        shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, int(box.width()))
        painter.drawText(box, LEFT, shown)

    def _paint_severity(self, painter: QPainter, box: QRectF, severity: Severity, meaning: Meaning) -> None:
        """Paint one to three bars, as many as the severity weighs: a mark that needs no colour."""
        colours = self._theme.colours
        painter.setPen(Qt.PenStyle.NoPen)
        for step in range(3):
            is_set = step < MARKS[severity]
            painter.setBrush(QColor(colours.fill(meaning) if is_set else colours.rule))
            painter.drawRect(QRectF(box.left() + MARGIN - 4, box.top() + 17 - 5 * step, 7, 3))

    def _paint_track(self, painter: QPainter, box: QRectF, distance: Distance, meaning: Meaning) -> None:
        """Paint the water rising to the right, and the load line where it would break."""
        colours = self._theme.colours
        middle = box.center().y()
        line_at = box.left() + TRACK
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colours.rule))
        painter.drawRoundedRect(QRectF(box.left(), middle - 3, TRACK, 6), 3, 3)
        painter.setBrush(QColor(colours.fill(meaning)))
        if distance.reach in {Reach.BROKEN, Reach.MOVE}:
            level = 1.0 - min(distance.sigma / MOST_SIGMAS, 1.0)
            painter.drawRoundedRect(QRectF(box.left(), middle - 3, max(TRACK * level, 3.0), 6), 3, 3)
        painter.setPen(QPen(QColor(colours.text), 1.5))
        painter.drawLine(QPointF(line_at, middle - 7), QPointF(line_at, middle + 7))
        painter.setBrush(QColor(colours.panel))
        painter.drawEllipse(QPointF(line_at, middle), 3.0, 3.0)


def meaning_of(distance: Distance) -> Meaning:
    """Return what a distance says: over, close within one sigma, near within two."""
    if distance.reach is Reach.UNKNOWN:
        return Meaning.UNKNOWN
    if distance.reach is Reach.BROKEN:
        return Meaning.OVER
    if distance.reach is Reach.MOVE and distance.sigma < NEAR_SIGMAS:
        return Meaning.CLOSE if distance.sigma < CLOSE_SIGMAS else Meaning.NEAR
    return Meaning.WITHIN


def titled(distance: Distance) -> str:
    """Return a limit's name with the member that breaks first."""
    name = distance.limit.name
    return f"{name} · {distance.member}" if distance.member else name


def figure_of(distance: Distance) -> str:
    """Return the distance in its own few characters."""
    match distance.reach:
        case Reach.BROKEN:
            return "over"
        case Reach.MOVE:
            return f"{ROUGHLY.get(distance.exactness, '')}{formats.number(distance.sigma, 1)}{formats.THIN}σ"
        case Reach.FAR:
            return f"> {MOST_SIGMAS:.0f}{formats.THIN}σ"
        case Reach.APART:
            return f"×{formats.number(distance.scale, 2)}" if distance.scale > 0.0 else ""
        case _:
            return "unknown"


def way_of(distance: Distance) -> str:
    """Return which instruments go where, or why nothing can be said."""
    if distance.reach is Reach.BROKEN:
        return "beyond its line"
    if distance.reach is Reach.MOVE:
        return ", ".join(map(moved, distance.instruments)) or "nearest move not worked out yet"
    return distance.reason


def outlook_of(distance: Distance) -> str:
    """Return what the move does to NAV, when the line comes at today's pace, and how likely today."""
    if distance.reach in {Reach.BROKEN, Reach.UNKNOWN}:
        return severity_words(distance)
    parts = []
    if distance.reach is Reach.MOVE and distance.move_fraction == distance.move_fraction:
        parts.append(f"{formats.fraction(distance.move_fraction, 1, plus=True)} NAV")
    if distance.seconds_at_pace >= 0.0:
        parts.append(f"at this pace in {formats.age(distance.seconds_at_pace)}")
    if distance.probability_today >= SURELY_NOT:
        parts.append(f"{formats.fraction(distance.probability_today, 1)} today")
    if distance.alone is not None and len(distance.instruments) != 1:
        parts.append(f"alone {moved(distance.alone)}")
    if distance.scale > 0.0 and distance.reach is not Reach.APART:
        parts.append(f"or ×{formats.number(distance.scale, 2)} exposure or volatility")
    return " · ".join(parts) or severity_words(distance)


def severity_words(distance: Distance) -> str:
    """Return how bad a breach is, in a word."""
    return distance.limit.severity.value.capitalize()


def moved(mover: Mover) -> str:
    """Return where an instrument would stand: AAPL.US 143.20 (−6.1 %)."""
    digits = 4 if abs(mover.price) < 20.0 else 2
    return f"{mover.code} {formats.number(mover.price, digits)} ({formats.fraction(mover.move_fraction, 1, plus=True)})"  # noqa: E501


def spoken(distance: Distance) -> str:
    """Return the whole rung as a sentence, for a tooltip and for assistive technology."""
    figure = {Reach.MOVE: f"{figure_of(distance)} away", Reach.FAR: "far away", Reach.BROKEN: "over its line"}
    parts = [titled(distance), severity_words(distance), figure.get(distance.reach, distance.reach.value)]
    if distance.reach is Reach.MOVE:
        parts += [", ".join(map(moved, distance.instruments)), outlook_of(distance), distance.exactness.value]
        if distance.alone is not None:
            parts.append(
                f"alone: {moved(distance.alone)}, {formats.number(distance.alone.sigma, 1)} σ of its own"
            )
    elif distance.reach is not Reach.BROKEN:
        parts += [outlook_of(distance)] if distance.reach is not Reach.UNKNOWN else []
    parts.append(distance.reason)
    return "; ".join(dict.fromkeys(part for part in parts if part))
