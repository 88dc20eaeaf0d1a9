"""Which limits come next: the most used ones, each with its bar."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from plimsoll.bridge.limit_table_model import meaning_of_status
from plimsoll.bridge.roles import Meaning
from plimsoll.domain.snapshot import LimitStatus, RiskSnapshot
from plimsoll.widgets import formats
from plimsoll.widgets.theme import Theme
from plimsoll.widgets.typeface import SMALL, face

ROW = 24
USE_WIDTH = 50
BAR_WIDTH = 66


class NearestLimits(QWidget):
    """The limits by use, the worst first; those that cannot be computed stand at the top."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._limits: list[LimitStatus] = []
        self._shown: tuple[object, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Limits by use")
        theme.changed.connect(self.update)

    def show_snapshot(self, snapshot: RiskSnapshot) -> None:
        def place(status: LimitStatus) -> float:
            return -status.use_fraction if status.use_fraction == status.use_fraction else float("-inf")

        self._limits = sorted(snapshot.limits, key=place)
        told = "; ".join(f"{named(status)} {formats.use(status.use_fraction)}" for status in self._limits)
        states = tuple(status.state for status in self._limits)
        if (told, states) != self._shown:  # a bar has fewer pixels than its figure has percents
            self._shown = (told, states)
            self.setAccessibleDescription(told)
            self.update()

    def minimumSizeHint(self) -> QSize:
        return QSize(220, ROW * 3)

    def sizeHint(self) -> QSize:
        return QSize(300, ROW * 9 + 10)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(face(SMALL))
        colours = self._theme.colours
        if not self._limits:
            painter.setPen(QColor(colours.muted))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, "No limits are set.")
        for row, status in enumerate(self._limits[: max((self.height() - 8) // ROW, 1)]):
            top = 4 + row * ROW
            meaning = meaning_of_status(status)
            bar_left = self.width() - USE_WIDTH - BAR_WIDTH - 14
            name = painter.fontMetrics().elidedText(
                named(status), Qt.TextElideMode.ElideRight, int(bar_left - 26)
            )
            painter.setPen(QColor(colours.text))
            painter.drawText(QRectF(14, top, bar_left - 22, ROW), Qt.AlignmentFlag.AlignVCenter, name)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(colours.rule))
            right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            if meaning is not Meaning.UNKNOWN:
                painter.drawRoundedRect(QRectF(bar_left, top + ROW / 2 - 3, BAR_WIDTH, 6), 3, 3)
                painter.setBrush(QColor(colours.fill(meaning)))
                width = max(BAR_WIDTH * min(status.use_fraction, 1.0), 3.0)
                painter.drawRoundedRect(QRectF(bar_left, top + ROW / 2 - 3, width, 6), 3, 3)
            words = "unknown" if meaning is Meaning.UNKNOWN else formats.use(status.use_fraction)
            painter.setPen(QColor(colours.ink(meaning)))
            painter.drawText(QRectF(bar_left, top, self.width() - bar_left - 14, ROW), right, words)
        painter.end()


def named(status: LimitStatus) -> str:
    """Return a limit's name with its worst member."""
    return f"{status.limit.name} · {status.member}" if status.member else status.limit.name
