"""A few figures side by side: caption, figure, note."""

from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QHelpEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from plimsoll.bridge.roles import Meaning
from plimsoll.widgets.theme import Theme
from plimsoll.widgets.typeface import SMALL, bold, face

FIGURE_PIXELS = 16
NOTE_PIXELS = 11
HEIGHT = 57
LEAST_WIDTH = 76
SIDE = 14
HEADLINE_SHARE = 0.4  # of a page whose table matters as much
LEFT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft


@dataclass(frozen=True, slots=True)
class Headline:
    """One figure.

    Attributes
    ----------
    caption, figure, note : str
        What it is, the figure with its unit or "unknown", and what to compare it with.
    tip : str
        The convention in words.
    meaning : Meaning
        What the figure says.
    """

    caption: str
    figure: str
    note: str = ""
    tip: str = ""
    meaning: Meaning = Meaning.PLAIN


class HeadlineFigures(QWidget):
    """Figures in a row, in as many rows as the width asks for; of the page no more than `most_share`.

    What has no room is not cut in half: it is left to assistive technology and to a larger page.
    """

    def __init__(
        self, theme: Theme, name: str, parent: QWidget | None = None, *, most_share: float = 1.0
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._most_share = most_share
        self._is_dim = False
        self.headlines: tuple[Headline, ...] = ()
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)
        theme.changed.connect(self.update)

    def show_headlines(self, headlines: tuple[Headline, ...]) -> None:
        """Show these; told the same ones again, nothing is painted."""
        if headlines == self.headlines:
            return
        has_other_length = len(headlines) != len(self.headlines)
        self.headlines = headlines
        self.setAccessibleDescription(
            "; ".join(" ".join(filter(None, (h.caption, h.figure, h.note))) for h in headlines)
        )
        if has_other_length:
            self.updateGeometry()
        self.update()

    def dim(self, is_dim: bool) -> None:  # noqa: FBT001  says what it is by its name
        """Grey the figures: they are old."""
        if is_dim != self._is_dim:
            self._is_dim = is_dim
            self.update()

    def sizeHint(self) -> QSize:
        # Not Qt's height-for-width: that would demand of a page the height its least width asks for.
        n_rows = -(-max(len(self.headlines), 1) // self._columns(self.width()))
        page = self.parentWidget()
        if self._most_share < 1.0 and page is not None:
            n_rows = min(n_rows, max(int(page.height() * self._most_share) // HEIGHT, 1))
        return QSize(LEAST_WIDTH * 3, n_rows * HEIGHT)

    def minimumSizeHint(self) -> QSize:
        return QSize(LEAST_WIDTH, HEIGHT)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.updateGeometry()

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            hit = (h for k, h in enumerate(self.headlines) if self._box(k).contains(QPointF(event.pos())))
            found = next(hit, None)
            QToolTip.showText(event.globalPos(), spoken(found) if found is not None else "", self)
            return True
        return super().event(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        colours = self._theme.colours
        for number, headline in enumerate(self.headlines):
            box = self._box(number)
            if box.bottom() > self.height():
                break
            is_grey = self._is_dim or headline.meaning is Meaning.UNKNOWN
            ink = colours.muted if is_grey else colours.ink(headline.meaning)
            for font, top, height, text, colour in (
                (face(SMALL), 2, 16, headline.caption, colours.muted),
                (bold(FIGURE_PIXELS), 17, 21, headline.figure, ink),
                (face(NOTE_PIXELS), 37, 15, headline.note, colours.muted),
            ):
                painter.setFont(font)
                painter.setPen(QColor(colour))
                line = QRectF(box.left(), box.top() + top, box.width(), height)
                wide = int(line.width())
                shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, wide)
                painter.drawText(line, LEFT, shown)
        painter.end()

    def _columns(self, width: int) -> int:
        most = max(min((width - SIDE) // LEAST_WIDTH, len(self.headlines)), 1)
        n_rows = -(-max(len(self.headlines), 1) // most)
        return -(
            -max(len(self.headlines), 1) // n_rows
        )  # five in two rows are three and two, not four and one

    def _box(self, number: int) -> QRectF:
        columns = self._columns(self.width())
        wide = (self.width() - SIDE) / columns
        row, column = divmod(number, columns)
        return QRectF(SIDE + column * wide, row * HEIGHT, wide - 8, HEIGHT)


def spoken(headline: Headline) -> str:
    """Return a figure with its convention, as its tooltip says it."""
    said = " ".join(filter(None, (f"{headline.caption}: {headline.figure}", headline.note)))
    return f"{said}\n{headline.tip}" if headline.tip else said
