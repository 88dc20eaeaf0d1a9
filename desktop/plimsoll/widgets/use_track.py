"""The use of a limit on a track: the line across it, a ring for what was, a dot for what is or would be."""

import math

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from plimsoll.bridge.roles import meaning_of_use
from plimsoll.widgets.colours import Colours

FULL_USE = 1.25  # use at the right end of a track: the line stands at four fifths of it
DOT, RING = 4.8, 4.4


def paint_use_track(painter: QPainter, track: QRectF, colours: Colours, was: float, now: float) -> None:
    """Paint a track with two uses of a limit; NaN has no mark, and beyond the end it stands at the end."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(colours.rule))
    painter.drawRoundedRect(track, 3, 3)
    line = _place(track, 1.0)
    painter.setPen(QPen(QColor(colours.text), 2))
    painter.drawLine(QPointF(line.x(), track.top() - 5), QPointF(line.x(), track.bottom() + 5))
    if not math.isnan(was):
        painter.setPen(QPen(QColor(colours.muted), 1.6))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawEllipse(_place(track, was), RING, RING)
    if not math.isnan(now):
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colours.fill(meaning_of_use(now))))
        painter.drawEllipse(_place(track, now), DOT, DOT)


def _place(track: QRectF, use: float) -> QPointF:
    return QPointF(track.left() + track.width() * min(use / FULL_USE, 1.0), track.center().y())
