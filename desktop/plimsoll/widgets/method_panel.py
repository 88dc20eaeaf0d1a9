"""VaR and ES of every method beside the headline ones, those that disagree marked."""

import math
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QWidget

from plimsoll.bridge.roles import Meaning
from plimsoll.domain.market_figures import METHOD_NAMES, MethodFigure
from plimsoll.domain.snapshot import RiskSnapshot
from plimsoll.widgets import formats
from plimsoll.widgets.market_page import MarketPage, known
from plimsoll.widgets.row_list import SIDE, RowList
from plimsoll.widgets.theme import Theme
from plimsoll.widgets.typeface import SMALL, bold, face

HEADLINE = "historical"
CAPTIONS = {
    HEADLINE: "Historical",
    "ewma": "EWMA normal",
    "cornish-fisher": "Cornish-Fisher",
    "volatility-scaled": "Volatility-scaled",
    "filtered historical": "Filtered historical",
    "monte carlo normal": "Monte Carlo normal",
    "monte carlo t": "Monte Carlo t",
}
DISAGREES_ABOVE = 0.25
"""Share of the headline VaR: two standard errors of the 95 % quantile of 500 days, some 12 % each."""
HEAD = 24
LOW_ROW, HIGH_ROW = 25, 40
NAME_WIDTH, MONEY_WIDTH, SHIFT_WIDTH, DAYS_WIDTH = 128, 66, 62, 62
MARK_WIDTH, ROOM_FOR_SHIFT = 18, 350
ROOM_FOR_DAYS = 520  # pixels from which the observations have a column of their own
NOTE_PIXELS = 11


@dataclass(frozen=True, slots=True)
class MethodRow:
    """One method as it is drawn.

    Attributes
    ----------
    name, var, es, days, shift, words : str
        What is written; `shift` is the difference from the headline VaR.
    var_bar, es_bar : int
        In thousandths of the largest figure; 0 unknown.
    meaning : Meaning
        Plain, near where it disagrees, or unknown.
    """

    name: str
    var: str
    es: str
    days: str
    shift: str
    words: str
    var_bar: int
    es_bar: int
    meaning: Meaning


class MethodList(RowList[MethodRow]):
    """The methods on one scale; the headline VaR stands across all of them as a line."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, "VaR and ES by method", "No method has been measured yet.", parent)
        self.captions = ("VaR", "ES")

    def row_height(self) -> int:
        room = self.viewport().height() - self.head_height()
        return min(max(room // max(len(self.rows), 1), LOW_ROW), HIGH_ROW)

    def head_height(self) -> int:
        return HEAD

    def spoken(self, row: MethodRow) -> str:
        if row.meaning is Meaning.UNKNOWN:
            return f"{row.name}: unknown, {row.words}"
        disagrees = ", disagrees" if row.meaning is Meaning.NEAR else ""
        shift = f", {row.shift} against historical{disagrees}" if row.shift else ""
        return f"{row.name}: VaR {row.var}, ES {row.es}{shift}; {row.days} observations; {row.words}"

    def paint_head(self, painter: QPainter, box: QRectF) -> None:
        muted = self.theme.colours.muted
        inner = box.adjusted(SIDE, 0, -SIDE, 0)
        self.write(painter, inner, "Method", muted)
        for width, text in self._columns():
            self.write_right(painter, inner, text, muted)
            inner.setRight(inner.right() - width)
        painter.setPen(QPen(QColor(self.theme.colours.rule), 1))
        painter.drawLine(QPointF(0, box.bottom() - 0.5), QPointF(box.right(), box.bottom() - 0.5))

    def paint_row(self, painter: QPainter, box: QRectF, row: MethodRow) -> None:
        colours = self.theme.colours
        is_high = box.height() >= HIGH_ROW - 4
        line = QRectF(SIDE, box.top() + (3 if is_high else 0), box.width() - 2 * SIDE, 18)
        if not is_high:
            line.setHeight(box.height())
        is_apart = row.meaning is Meaning.NEAR
        ink = colours.ink(row.meaning)
        figure_ink = colours.muted if row.meaning is Meaning.UNKNOWN else colours.text
        texts = (row.shift if self._is_wide else row.shift[:1] * is_apart, row.es, row.var, row.days)
        inks = (ink, figure_ink, figure_ink, figure_ink)
        right = QRectF(line)
        for (width, _), text, colour in zip(self._columns(), texts, inks, strict=False):
            self.write_right(painter, right, text, colour)
            right.setRight(right.right() - width)
        self._paint_bars(painter, QRectF(line.left() + NAME_WIDTH, line.top(), 0, line.height()), right, row)
        painter.setFont(bold(SMALL))
        room = min(NAME_WIDTH, right.width()) - 6
        self.write(painter, QRectF(line.left(), line.top(), room, line.height()), row.name, colours.text)
        painter.setFont(face(SMALL))
        if is_high:
            painter.setFont(face(NOTE_PIXELS))
            under = QRectF(line.left(), box.top() + 20, line.width(), 16)
            self.write(painter, under, row.words, colours.muted)
            painter.setFont(face(SMALL))

    def _paint_bars(self, painter: QPainter, box: QRectF, right: QRectF, row: MethodRow) -> None:
        colours = self.theme.colours
        full = right.right() - box.left() - 10
        if full < 20 or row.meaning is Meaning.UNKNOWN:
            return
        plain = colours.fill(row.meaning) if row.meaning is Meaning.NEAR else colours.accent
        strong = self.fill(plain)
        faint = QColor(strong)
        faint.setAlphaF(0.32)
        painter.setPen(Qt.PenStyle.NoPen)
        middle = box.center().y()
        for length, brush in ((row.es_bar, faint), (row.var_bar, strong)):
            painter.setBrush(brush)
            painter.drawRoundedRect(QRectF(box.left(), middle - 4, full * length / 1000.0, 8), 2, 2)
        headline = self.rows[0].var_bar
        if headline:
            mark = box.left() + full * headline / 1000.0
            painter.setPen(QPen(self.fill(colours.text), 1.5))
            painter.drawLine(QPointF(mark, middle - 8), QPointF(mark, middle + 8))

    @property
    def _is_wide(self) -> bool:
        """Whether there is room for the difference, and not for its mark alone."""
        return self.viewport().width() >= ROOM_FOR_SHIFT

    def _columns(self) -> tuple[tuple[int, str], ...]:
        """Return width and header of the figures, from the right."""
        var, es = self.captions
        shift = (SHIFT_WIDTH, "vs hist.") if self._is_wide else (MARK_WIDTH, "")
        columns = (shift, (MONEY_WIDTH, es), (MONEY_WIDTH, var))
        has_days = self.viewport().width() >= ROOM_FOR_DAYS
        return (*columns, (DAYS_WIDTH, "obs.")) if has_days else columns


class MethodPanel(MarketPage):
    """The jury of methods."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, "VaR by method", parent)
        self.methods = MethodList(theme, self)
        self.body.addWidget(self.methods, 1)
        self.finish()

    def why_empty(self, snapshot: RiskSnapshot) -> str:
        if snapshot.market.var_methods or not math.isnan(snapshot.var):
            return ""
        note = snapshot.var_note
        return f"VaR needs price history: {note}." if note else "No method has been measured yet."

    def draw(self, snapshot: RiskSnapshot) -> None:
        titles = {gauge.key: gauge.title.split(" · ")[0] for gauge in snapshot.gauges}
        captions = (titles.get("var", "VaR"), titles.get("es", "ES"))
        if captions != self.methods.captions:
            self.methods.captions = captions
            self.methods.viewport().update()
        self.methods.show_rows(method_rows(snapshot))

    def words(self, snapshot: RiskSnapshot) -> str:
        rows = self.methods.rows[1:]
        n_apart = sum(row.meaning is Meaning.NEAR for row in rows)
        n_unknown = sum(row.meaning is Meaning.UNKNOWN for row in rows)
        if math.isnan(snapshot.var):
            return "nothing to compare with: historical VaR is unknown"
        if n_unknown == len(rows):
            return "nothing to compare with: the other methods are unknown"
        percent = formats.fraction(DISAGREES_ABOVE, 0)
        said = f"{n_apart} of {len(rows) - n_unknown} others differ from historical by more than {percent}"
        return f"{said}; {n_unknown} unknown" if n_unknown else said

    def dim(self, is_dim: bool) -> None:  # noqa: FBT001  says what it is by its name
        self.methods.dim(is_dim)

    def sizeHint(self) -> QSize:
        return QSize(420, HEAD + 7 * HIGH_ROW + 24)


def method_rows(snapshot: RiskSnapshot) -> tuple[MethodRow, ...]:
    """Return the headline method and every other in its order, as they are drawn."""
    words = next((gauge.note for gauge in snapshot.gauges if gauge.key == "var"), "") or snapshot.var_note
    market = snapshot.market
    figures = (
        MethodFigure(HEADLINE, snapshot.var, snapshot.es, snapshot.n_scenarios, words),
        *(market.method(name) for name in METHOD_NAMES),
    )
    sizes = [size for figure in figures for size in (figure.var, figure.es) if math.isfinite(size)]
    largest = max([*sizes, 0.0]) or 1.0
    return tuple(_row(figure, snapshot.var, largest, snapshot.base_currency) for figure in figures)


def _row(figure: MethodFigure, headline: float, largest: float, currency: str) -> MethodRow:
    shift = figure.var / headline - 1.0 if headline > 0.0 else math.nan
    is_headline = figure.name == HEADLINE
    meaning = Meaning.PLAIN
    if math.isnan(figure.var):
        meaning = Meaning.UNKNOWN
    elif not is_headline and abs(shift) > DISAGREES_ABOVE:
        meaning = Meaning.NEAR
    written = "" if math.isnan(shift) or is_headline else formats.fraction(shift, 0, plus=True)
    if meaning is Meaning.NEAR:
        written = f"{formats.arrow(shift)} {written}"
    return MethodRow(
        name=CAPTIONS.get(figure.name, figure.name),
        var=known(formats.short_money(figure.var, currency)),
        es=known(formats.short_money(figure.es, currency)),
        days=formats.count(figure.n_observations) if figure.n_observations else "unknown",
        shift=written,
        words=figure.words,
        var_bar=_thousandths(figure.var, largest),
        es_bar=_thousandths(figure.es, largest),
        meaning=meaning,
    )


def _thousandths(value: float, largest: float) -> int:
    return 0 if math.isnan(value) else round(1000.0 * max(value, 0.0) / largest)
