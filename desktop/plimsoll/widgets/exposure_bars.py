"""Exposure by group as bars, each limit standing across its bar as a mark."""

import math

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QShowEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from plimsoll.bridge.roles import Meaning, meaning_of_use
from plimsoll.domain.snapshot import Grouping
from plimsoll.widgets import formats
from plimsoll.widgets.theme import Theme
from plimsoll.widgets.typeface import SMALL, face

ROW = 21
LABEL_FRACTION = 0.36
VALUE_WIDTH = 62
VALUE_GAP = 6  # pixels between a bar, or its mark, and the figure
LEAST_SPAN = 0.05  # of NAV, so that a book of crumbs does not fill the panel


class ExposureBars(QWidget):
    """Net weight of each group as a bar, gross weight behind it, and the tightest limit as a mark."""

    def __init__(self, theme: Theme, caption: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._grouping: Grouping | None = None
        self._shown: tuple[object, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(caption)
        theme.changed.connect(self.update)

    def show_grouping(self, grouping: Grouping) -> None:
        self._grouping = grouping
        if not self.isVisible():
            return
        # What is drawn: bars to a tenth of a percent are finer than their pixels.
        spread = (round(grouping.hhi, 3), round(grouping.effective_number, 1))
        shown = (grouping.labels, spread, *(np.round(one, 3).tobytes() for one in _columns(grouping)))
        if shown == self._shown:
            return
        self._shown = shown
        self.update()
        self.setAccessibleDescription(
            "; ".join(
                f"{label} {formats.fraction(net, 1)}"
                for label, net in zip(grouping.labels, grouping.net_weight_fraction.tolist(), strict=True)
            )
        )

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._grouping is not None:
            self.show_grouping(self._grouping)

    def minimumSizeHint(self) -> QSize:
        return QSize(220, 120)

    def paintEvent(self, _event: QPaintEvent) -> None:
        grouping = self._grouping
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(face(SMALL))
        colours = self._theme.colours
        if grouping is None or not grouping.labels:
            painter.setPen(QColor(colours.muted))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, "No exposure yet.")
            return
        shown = min(len(grouping.labels), max((self.height() - 12) // ROW - 1, 1))
        scale = self._scale(grouping, shown)
        for row in range(shown):
            self._paint_row(painter, 6 + row * ROW, grouping, row, scale)
        rest = len(grouping.labels) - shown
        painter.setPen(QColor(colours.muted))
        foot = QRectF(10, self.height() - ROW - 4, self.width() - 20, ROW)
        if rest:
            painter.drawText(foot, Qt.AlignmentFlag.AlignVCenter, f"and {rest} smaller")
        hhi, effective = formats.number(grouping.hhi, 3), formats.number(grouping.effective_number, 1)
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(foot, right, f"HHI {hhi} · effective number {effective}")
        painter.end()

    def _scale(self, grouping: Grouping, shown: int) -> tuple[float, float]:
        """Return the x of zero and the pixels a unit of weight takes."""
        net = grouping.net_weight_fraction[:shown].tolist()
        gross = grouping.gross_weight_fraction[:shown].tolist()
        lines = [line for line in grouping.line_fraction[:shown].tolist() if not math.isnan(line)]
        highest = max([*gross, *lines, LEAST_SPAN])
        lowest = min([math.copysign(g, n) for g, n in zip(gross, net, strict=True)] + [0.0])
        left = self.width() * LABEL_FRACTION
        room = self.width() - left - VALUE_WIDTH - VALUE_GAP
        unit = room / (highest - lowest)
        return left - lowest * unit, unit

    def _paint_row(
        self, painter: QPainter, top: float, grouping: Grouping, row: int, scale: tuple[float, float]
    ) -> None:
        colours = self._theme.colours
        zero, unit = scale
        net = float(grouping.net_weight_fraction[row])
        gross = float(grouping.gross_weight_fraction[row])
        line = float(grouping.line_fraction[row])
        left = self.width() * LABEL_FRACTION
        painter.setPen(QColor(colours.text))
        room = left
        label = painter.fontMetrics().elidedText(
            grouping.labels[row].replace("_", " "), Qt.TextElideMode.ElideRight, int(room) - 20
        )
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(QRectF(10, top, room - 20, ROW), right, label)
        use = math.nan if math.isnan(line) else max(abs(net), gross) / line
        meaning = meaning_of_use(use)
        colour = QColor(
            colours.accent if meaning in (Meaning.UNKNOWN, Meaning.WITHIN) else colours.fill(meaning)
        )
        faint = QColor(colour)
        faint.setAlphaF(0.30)
        middle = top + ROW / 2
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(faint)
        reach = math.copysign(gross, net) * unit
        painter.drawRoundedRect(QRectF(min(zero, zero + reach), middle - 5.5, max(abs(reach), 1.0), 11), 2, 2)
        painter.setBrush(colour)
        painter.drawRoundedRect(QRectF(min(zero, zero + net * unit), middle - 5.5, abs(net) * unit, 11), 2, 2)
        end = zero + max(reach, 0.0)
        if not math.isnan(line):
            mark = zero + line * unit
            painter.setPen(QPen(QColor(colours.text), 2))
            painter.drawLine(QPointF(mark, top + 3), QPointF(mark, top + ROW - 3))
            if end < mark < end + VALUE_WIDTH:
                end = mark
        painter.setPen(QColor(colours.ink(meaning) if meaning is not Meaning.UNKNOWN else colours.text))
        value = QRectF(min(end + VALUE_GAP, self.width() - VALUE_WIDTH), top, VALUE_WIDTH, ROW)
        painter.drawText(value, Qt.AlignmentFlag.AlignVCenter, formats.fraction(net, 1))


def _columns(grouping: Grouping) -> tuple[NDArray[np.float64], ...]:
    return (grouping.net_weight_fraction, grouping.gross_weight_fraction, grouping.line_fraction)
