"""Which positions carry the expected shortfall, and which lean against it."""

import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from plimsoll.domain.snapshot import RiskSnapshot
from plimsoll.widgets import formats
from plimsoll.widgets.theme import Theme
from plimsoll.widgets.typeface import SMALL, bold, face

ROW = 21
LABEL_WIDTH = 92
VALUE_WIDTH = 78


class RiskContribution(QWidget):
    """The largest contributions to ES as bars from zero; to the left they diversify."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._names: tuple[str, ...] = ()
        self._values: list[float] = []
        self._currency = ""
        self._note = "Risk is not known yet."
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Risk contribution")
        theme.changed.connect(self.update)

    def show_snapshot(self, snapshot: RiskSnapshot) -> None:
        shares = np.nan_to_num(snapshot.table.es_contribution_base)
        if snapshot.es != snapshot.es or not len(shares):
            self._values, self._names = [], ()
            self._note = snapshot.var_note or "Risk is not known yet."
        else:
            most = max(self.height() // ROW - 1, 1)
            size = np.abs(shares)
            largest = np.sort(np.argpartition(-size, most - 1)[:most]) if most < len(size) else slice(None)
            largest = np.arange(len(size))[largest]
            largest = largest[np.argsort(-shares[largest], kind="stable")]
            self._names = tuple(snapshot.table.instruments[int(row)].code for row in largest)
            self._values = [float(value) for value in shares[largest]]
        self._currency = snapshot.base_currency
        told = "; ".join(
            f"{name} {formats.money(value, self._currency)}"
            for name, value in zip(self._names, self._values, strict=True)
        )
        if (told or self._note) != self.accessibleDescription():
            self.setAccessibleDescription(told or self._note)
            self.update()

    def minimumSizeHint(self) -> QSize:
        return QSize(220, 120)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colours = self._theme.colours
        painter.setFont(face(SMALL))
        if not self._values:
            painter.setPen(QColor(colours.muted))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self._note)
            return
        highest, lowest = max([*self._values, 0.0]), min([*self._values, 0.0])
        room = self.width() - LABEL_WIDTH - VALUE_WIDTH - 24
        unit = room / ((highest - lowest) or 1.0)
        zero = LABEL_WIDTH + 14 - lowest * unit
        for row, (name, value) in enumerate(zip(self._names, self._values, strict=True)):
            top = 6 + row * ROW
            painter.setFont(bold(SMALL))
            painter.setPen(QColor(colours.text))
            painter.drawText(QRectF(10, top, LABEL_WIDTH, ROW), Qt.AlignmentFlag.AlignVCenter, name)
            bar = QRectF(min(zero, zero + value * unit), top + ROW / 2 - 5.5, max(abs(value) * unit, 1.0), 11)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(colours.loss if value > 0 else colours.gain))
            painter.drawRoundedRect(bar, 2, 2)
            painter.setFont(face(SMALL))
            painter.setPen(QColor(colours.text))
            right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            box = QRectF(self.width() - VALUE_WIDTH - 10, top, VALUE_WIDTH, ROW)
            painter.drawText(box, right, formats.money(value, self._currency))
        painter.end()
