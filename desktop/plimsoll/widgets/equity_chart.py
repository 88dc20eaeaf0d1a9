"""NAV with its high-water mark over the drawdown with its limit."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QVBoxLayout, QWidget

from plimsoll.bridge.risk_model import RiskModel
from plimsoll.domain.limit import Measure
from plimsoll.domain.snapshot import RiskSnapshot
from plimsoll.widgets import formats
from plimsoll.widgets.chart_range import ChartRange
from plimsoll.widgets.elided_label import ElidedLabel
from plimsoll.widgets.plot import axis, plot_widget, restyle
from plimsoll.widgets.theme import Theme
from plimsoll.widgets.typeface import SMALL, face

FloatArray = NDArray[np.float64]

ROOM_FRACTION = 0.04  # of the time axis, for points to come
LEAST_FILLED_FRACTION = 0.9


class EquityChart(QWidget):
    """Two plots on one axis of points: each is one moment, so nights and weekends take no room."""

    def __init__(self, model: RiskModel, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._theme = theme
        self._nav_plot: Any = None
        self._drawdown_plot: Any = None
        self._nav_range = ChartRange()
        self._drawdown_range = ChartRange(floor=0.0)
        self._shown_limit = math.nan
        self._n_places = 0
        self._currency = ""
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(4, 4, 8, 4)
        self._column.setSpacing(0)
        self._words = ElidedLabel(face(SMALL), self)
        self._words.setProperty("tone", "muted")
        self._words.setContentsMargins(8, 0, 0, 0)
        self._column.addWidget(self._words)
        self._column.addStretch(1)
        self._words.say("Waiting for the first figures.")
        self.setMinimumSize(240, 120)
        self.setAccessibleName("Equity and drawdown")
        theme.changed.connect(self._restyle)

    def load(self) -> None:
        """Build the plots; pyqtgraph is imported here, after the window has been painted."""
        if self._nav_plot is not None:
            return
        self._column.takeAt(1)
        self._nav_plot = plot_widget(
            left=axis("left", self._money, 56), bottom=axis("bottom", self._no_words, 0)
        )
        self._drawdown_plot = plot_widget(
            left=axis("left", self._share, 56), bottom=axis("bottom", self._time, 18)
        )
        self._nav_line = self._nav_plot.plot(clipToView=True, autoDownsample=True, downsampleMethod="peak")
        self._mark_line = self._nav_plot.plot(clipToView=True, autoDownsample=True, downsampleMethod="peak")
        self._drawdown_line = self._drawdown_plot.plot(
            clipToView=True, autoDownsample=True, downsampleMethod="peak", fillLevel=0.0
        )
        self._limit_line = self._drawdown_plot.addLine(y=0.0)
        self._limit_line.hide()
        self._drawdown_plot.getViewBox().invertY(True)
        self._column.addWidget(self._nav_plot, 3)
        self._column.addWidget(self._drawdown_plot, 2)
        for plot in (self._nav_plot, self._drawdown_plot):
            plot.hide()
        self._restyle()
        if self._model.snapshot is not None:
            self.show_snapshot(self._model.snapshot)

    def show_snapshot(self, snapshot: RiskSnapshot) -> None:
        self._currency = snapshot.base_currency
        drawdown = (
            f"drawdown {formats.fraction(snapshot.drawdown)}, worst {formats.fraction(snapshot.max_drawdown)}"
        )
        mark = formats.money(snapshot.high_water_mark, self._currency)
        self._words.say(f"NAV, high-water mark {mark} · {drawdown}")
        nav = formats.money(snapshot.nav, self._currency)
        self.setAccessibleDescription(f"NAV {nav}, high-water mark {mark}, {drawdown}")
        if self._nav_plot is None or not self.isVisible():
            return
        # Copies of one length: the rings thin themselves in place, and pyqtgraph keeps what it is given.
        rings = [self._model.series(key).values for key in ("nav", "high_water_mark", "drawdown")]
        n = min(len(values) for values in rings)
        nav_values, marks, drawdowns = (values[:n].copy() for values in rings)
        for plot in (self._nav_plot, self._drawdown_plot):
            plot.setVisible(len(nav_values) > 1)
        if len(nav_values) < 2:
            return
        places = np.arange(len(nav_values), dtype=np.float64)
        self._nav_line.setData(places, nav_values)
        self._mark_line.setData(places, marks)
        self._drawdown_line.setData(places, drawdowns)
        span = self._nav_range.covering(nav_values, marks)
        if span is not None:
            self._nav_plot.setYRange(*span, padding=0)
        self._show_limit(self._drawdown_limit(snapshot), drawdowns)
        self._make_room(len(nav_values))
        for plot in (self._nav_plot, self._drawdown_plot):
            # Else it moves its items while it paints, and so paints twice.
            plot.scene().prepareForPaint()

    def _show_limit(self, line: float, drawdowns: FloatArray) -> None:
        is_known = not math.isnan(line)
        known = np.array([0.0, line * 1.08]) if is_known else np.array([0.0])
        span = self._drawdown_range.covering(drawdowns, known)
        if span is not None:
            self._drawdown_plot.setYRange(-0.12 * span[1], span[1], padding=0)
        if line == self._shown_limit:
            return
        self._shown_limit = line
        self._limit_line.setVisible(is_known)
        if is_known:
            self._limit_line.setValue(line)
            ends = [(0.0, formats.fraction(0.0, 1)), (line, formats.fraction(line, 1))]
            self._drawdown_plot.getAxis("left").setTicks([ends])
            self._limit_line.label.setFormat(f"drawdown limit {formats.fraction(line)}")

    def _make_room(self, n_points: int) -> None:
        """Let the time axis grow by steps: moved by each point, all would be laid out anew."""
        last = max(n_points - 1, 1)
        if self._n_places * LEAST_FILLED_FRACTION <= last <= self._n_places:
            return
        self._n_places = math.ceil(last * (1.0 + ROOM_FRACTION))
        for plot in (self._nav_plot, self._drawdown_plot):
            plot.setXRange(0.0, self._n_places, padding=0.01)

    @staticmethod
    def _drawdown_limit(snapshot: RiskSnapshot) -> float:
        lines = [s.limit.line for s in snapshot.limits if s.limit.measure is Measure.DRAWDOWN]
        return min(lines, default=math.nan)

    def _money(self, value: float) -> str:
        return formats.short_money(value, self._currency)

    @staticmethod
    def _share(value: float) -> str:
        return formats.fraction(value, 1)

    @staticmethod
    def _no_words(_value: float) -> str:
        return ""

    def _time(self, place: float) -> str:
        times = self._model.series("nav").times_ns
        number = round(place)
        return formats.market_time(int(times[number])) if 0 <= number < len(times) else ""

    def _restyle(self) -> None:
        if self._nav_plot is None:
            return
        import pyqtgraph as pg

        colours = self._theme.colours
        restyle((self._nav_plot, self._drawdown_plot), colours)
        self._nav_line.setPen(pg.mkPen(colours.accent, width=1))
        self._mark_line.setPen(pg.mkPen(colours.muted, width=1, style=Qt.PenStyle.DashLine))
        self._drawdown_line.setPen(pg.mkPen(colours.loss, width=1))
        water = QColor(colours.loss)
        water.setAlphaF(0.28)
        self._drawdown_line.setBrush(water)
        self._limit_line.setPen(pg.mkPen(colours.over, width=1, style=Qt.PenStyle.DashLine))
        if not hasattr(self._limit_line, "label"):
            self._limit_line.label = pg.InfLineLabel(
                self._limit_line, "", position=0.02, anchors=[(0, 1), (0, 1)]
            )
        self._limit_line.label.setColor(colours.over)
        self._limit_line.label.setFont(face(SMALL))
