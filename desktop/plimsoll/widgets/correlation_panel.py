"""How the book moves together: heat map, absorption ratio, turbulence, and the pairs that broke."""

import math
from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from plimsoll.bridge.roles import Meaning
from plimsoll.domain.market_figures import BrokenPair, CorrelationFigures
from plimsoll.domain.snapshot import RiskSnapshot
from plimsoll.widgets import formats
from plimsoll.widgets.correlation_case import CorrelationCase, ordered_case, short_code
from plimsoll.widgets.correlation_map import CorrelationMap
from plimsoll.widgets.headline_figures import Headline, HeadlineFigures
from plimsoll.widgets.market_page import MarketPage
from plimsoll.widgets.row_list import SIDE, RowList
from plimsoll.widgets.theme import Theme
from plimsoll.widgets.typeface import SMALL, bold, face

ALARM_SHIFT = 1.0  # Kritzman, Li, Page and Rigobon 2011: above one deviation
TALL = 1.2  # times as high as wide: then the figures stand under the map
PAIR_ROW = 37
CHANGE_WIDTH, ROOM_FOR_CHANCE = 92, 150
NOTE_PIXELS = 11
LEAST_FIGURES, MOST_FIGURES = 100, 140  # pixels beside the map
FIGURES_SHARE = 0.35  # of the width, between these two
LABELS_WIDTH = 24  # the labels left of the map less the foot under it
NO_BOUND = 16_777_215  # Qt's own QWIDGETSIZE_MAX


@dataclass(frozen=True, slots=True)
class PairRow:
    """One broken pair as it is drawn."""

    pair: str
    change: str
    chance: str
    spoken: str


class PairList(RowList[PairRow]):
    """The pairs that broke, the clearest first."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, "Broken pairs", "Not known yet.", parent)

    def row_height(self) -> int:
        return PAIR_ROW

    def spoken(self, row: PairRow) -> str:
        return row.spoken

    def paint_row(self, painter: QPainter, box: QRectF, row: PairRow) -> None:
        inner = box.adjusted(SIDE, 0, -6, 0)
        painter.setFont(bold(SMALL))
        self.write(painter, QRectF(inner.left(), inner.top() + 2, inner.width(), 17), row.pair, self._ink)
        painter.setFont(face(NOTE_PIXELS))
        muted = self.theme.colours.muted
        under = QRectF(inner.left(), inner.top() + 18, inner.width(), 15)
        self.write(painter, under, row.change, muted)
        if inner.width() >= ROOM_FOR_CHANCE:
            self.write(painter, under.adjusted(CHANGE_WIDTH, 0, 0, 0), row.chance, muted)

    @property
    def _ink(self) -> str:
        return self.theme.colours.text


class CorrelationPanel(MarketPage):
    """The heat map with its figures and broken pairs beside it, or under it where the panel is tall."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, "Correlation", parent)
        self._drawn: tuple[object, ...] = ()
        self.heat_map = CorrelationMap(theme, self)
        self.figures = HeadlineFigures(theme, "Correlation figures", self)
        self.pairs = PairList(theme, self)
        self._side = QWidget(self)
        column = QVBoxLayout(self._side)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.figures)
        column.addWidget(self.pairs, 1)
        self._row = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(0)
        for part in (self.heat_map, self._side):
            # Shared out by the shape of the panel alone, not by what each would like.
            part.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Expanding)
            self._row.addWidget(part)
        self.body.addLayout(self._row, 1)
        self.finish()

    def sizeHint(self) -> QSize:
        return QSize(440, 280)

    def minimumSizeHint(self) -> QSize:
        return QSize(280, 190)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        is_tall = self.height() > self.width() * TALL
        down, across = QBoxLayout.Direction.TopToBottom, QBoxLayout.Direction.LeftToRight
        self._row.setDirection(down if is_tall else across)
        # As wide as it is high, with its labels; what is left is for the figures.
        figures = min(max(int(self.width() * FIGURES_SHARE), LEAST_FIGURES), MOST_FIGURES)
        square = min(self.width() - figures, self.height() + LABELS_WIDTH)
        self._row.setStretch(0, 5 if is_tall else max(square, 1))
        self._row.setStretch(1, 3 if is_tall else max(self.width() - square, 1))
        self.heat_map.setMaximumHeight(self.width() if is_tall else NO_BOUND)

    def why_empty(self, snapshot: RiskSnapshot) -> str:
        figures = snapshot.market.correlation
        if figures.codes or figures.n_broken_pairs >= 0 or not math.isnan(figures.turbulence):
            return ""
        if snapshot.market.as_of_ns and figures.words != CorrelationFigures().words:
            return f"Correlation is unknown: {figures.words}"
        note = snapshot.var_note
        return f"Correlation needs price history: {note}." if note else "Correlation is not measured yet."

    def draw(self, snapshot: RiskSnapshot) -> None:
        figures = snapshot.market.correlation
        drawn = (figures.matrix, figures.broken_pairs, snapshot.table.instruments)
        if not self._drawn or any(one is not other for one, other in zip(drawn, self._drawn, strict=True)):
            self._drawn = drawn
            self.heat_map.show_case(case_of(snapshot))
            self.pairs.show_rows(
                tuple(map(pair_row, figures.broken_pairs)),
                "unknown" if figures.n_broken_pairs < 0 else "No pair moves otherwise than it used to.",
            )
        self.figures.show_headlines(headlines(figures))

    def words(self, snapshot: RiskSnapshot) -> str:
        return snapshot.market.correlation.words

    def dim(self, is_dim: bool) -> None:  # noqa: FBT001  says what it is by its name
        self.heat_map.dim(is_dim)
        self.figures.dim(is_dim)
        self.pairs.dim(is_dim)


def case_of(snapshot: RiskSnapshot) -> CorrelationCase:
    """Return a snapshot's matrix in the order it is drawn."""
    figures = snapshot.market.correlation
    classes = {item.code: str(item.asset_class) for item in snapshot.table.instruments}
    return ordered_case(figures.codes, classes, figures.matrix, figures.broken_pairs)


def headlines(figures: CorrelationFigures) -> tuple[Headline, ...]:
    """Return absorption ratio, turbulence and the number of broken pairs."""
    return (
        Headline(
            "Absorption",
            _figure(figures.absorption_ratio),
            "shift unknown" if math.isnan(figures.shift) else f"{_signed(figures.shift)} σ vs 1 y",
            "Share of the variance that the first fifth of the eigenvectors explains. The shift compares 15 "
            "days with the year; above 1 σ its authors take alarm.",
            _meaning(figures.absorption_ratio, is_alarm=figures.shift > ALARM_SHIFT),
        ),
        Headline(
            "Turbulence",
            _figure(figures.turbulence),
            "1 is ordinary",
            "Squared Mahalanobis distance of today's moves so far from the usual, over their number.",
            _meaning(figures.turbulence),
        ),
        Headline(
            "Broken pairs",
            formats.count(figures.n_broken_pairs) if figures.n_broken_pairs >= 0 else "unknown",
            _out_of(len(figures.codes)),
            "Pairs whose correlation changed, false discoveries held to 5 % (Benjamini and Hochberg). The "
            "clearest twenty are listed, and framed in the map.",
            _meaning(math.nan if figures.n_broken_pairs < 0 else 0.0, is_alarm=figures.n_broken_pairs > 0),
        ),
    )


def pair_row(pair: BrokenPair) -> PairRow:
    """Return a broken pair as it is drawn."""
    was, now = formats.number(pair.long_run, 2), formats.number(pair.recent, 2)
    chance = "p < 0.001" if pair.adjusted_p < 0.001 else f"p {formats.number(pair.adjusted_p, 3)}"
    return PairRow(
        f"{short_code(pair.first)} · {short_code(pair.second)}",
        f"{was} → {now}",
        chance,
        f"{pair.first} and {pair.second}: correlation {was} before, {now} in the newest weeks; adjusted "
        f"{chance}",
    )


def _figure(value: float) -> str:
    return "unknown" if math.isnan(value) else formats.number(value, 2)


def _signed(value: float) -> str:
    return formats.number(value, 1, plus=True)


def _out_of(n_codes: int) -> str:
    return f"of {n_codes * (n_codes - 1) // 2:,}, framed" if n_codes > 1 else ""


def _meaning(value: float, *, is_alarm: bool = False) -> Meaning:
    if math.isnan(value):
        return Meaning.UNKNOWN
    return Meaning.NEAR if is_alarm else Meaning.PLAIN
