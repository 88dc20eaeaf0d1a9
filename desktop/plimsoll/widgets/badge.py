"""A severity as a word in a frame of its colour."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from plimsoll.bridge.roles import Meaning
from plimsoll.domain.limit import Severity
from plimsoll.widgets.theme import Theme
from plimsoll.widgets.typeface import bold

MEANING_OF_SEVERITY = {
    Severity.CRITICAL: Meaning.OVER,
    Severity.HIGH: Meaning.CLOSE,
    Severity.MEDIUM: Meaning.NEAR,
}
PIXELS = 11


class SeverityBadge(QWidget):
    """CRITICAL, HIGH or MEDIUM, framed."""

    def __init__(self, theme: Theme, severity: Severity, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._severity = severity
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(f"Severity {severity.value}")
        theme.changed.connect(self.update)

    def show_severity(self, severity: Severity) -> None:
        """Show another severity."""
        self._severity = severity
        self.setAccessibleName(f"Severity {severity.value}")
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(QFontMetrics(bold(PIXELS)).horizontalAdvance(self._severity.value) + 14, 19)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        meaning = MEANING_OF_SEVERITY[self._severity]
        colours = self._theme.colours
        painter.setPen(QPen(QColor(colours.fill(meaning)), 1))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 3, 3)
        painter.setFont(bold(PIXELS))
        painter.setPen(QColor(colours.ink(meaning)))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self._severity.value)
        painter.end()
