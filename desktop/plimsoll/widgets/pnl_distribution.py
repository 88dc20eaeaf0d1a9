"""The scenarios' profits and losses as a histogram, with the lines of VaR and ES."""

import math
from typing import Any

import numpy as np
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QVBoxLayout, QWidget

from plimsoll.domain.snapshot import RiskSnapshot
from plimsoll.widgets import formats
from plimsoll.widgets.elided_label import ElidedLabel
from plimsoll.widgets.plot import axis, plot_widget, restyle
from plimsoll.widgets.theme import Theme
from plimsoll.widgets.typeface import SMALL, face

N_BINS = 41


class PnlDistribution(QWidget):
    """Losses lie to the left; the lines stand at minus VaR and minus ES."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._plot: Any = None
        self._currency = ""
        self._latest: RiskSnapshot | None = None
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
        self.setAccessibleName("Distribution of scenario profit and loss")
        theme.changed.connect(self._restyle)

    def load(self) -> None:
        """Build the plot; pyqtgraph is imported here, after the window has been painted."""
        if self._plot is not None:
            return
        import pyqtgraph as pg

        self._column.takeAt(1)
        self._plot = plot_widget(left=axis("left", self._count, 34), bottom=axis("bottom", self._money, 18))
        self._bars = pg.BarGraphItem(x0=[0.0], x1=[1.0], height=[0.0])
        self._plot.addItem(self._bars)
        self._var_line = self._plot.addLine(
            x=0.0, label="", labelOpts={"position": 0.92, "rotateAxis": (0, 0)}
        )
        self._es_line = self._plot.addLine(x=0.0, label="", labelOpts={"position": 0.74})
        self._column.addWidget(self._plot, 1)
        self._plot.hide()
        self._restyle()
        if self._latest is not None:
            self.show_snapshot(self._latest)

    def show_snapshot(self, snapshot: RiskSnapshot) -> None:
        self._latest = snapshot
        self._currency = snapshot.base_currency
        known = len(snapshot.scenario_pnl) > 1 and not math.isnan(snapshot.var)
        var = formats.money(snapshot.var, self._currency)
        es = formats.money(snapshot.es, self._currency)
        words = f"{len(snapshot.scenario_pnl)} daily scenarios of today's book"
        if not known:
            words = f"Not known yet: {snapshot.var_note}" if snapshot.var_note else "Not known yet."
        self._words.say(words)
        self.setAccessibleDescription(f"VaR {var}, ES {es}. {words}")
        if self._plot is None or not self.isVisible():
            return
        self._plot.setVisible(known)
        if not known:
            return
        reach = float(np.max(np.abs(snapshot.scenario_pnl))) * 1.05 or 1.0
        heights, edges = np.histogram(snapshot.scenario_pnl, bins=N_BINS, range=(-reach, reach))
        self._bars.setOpts(x0=edges[:-1], x1=edges[1:], height=heights)
        self._plot.setXRange(-reach, reach, padding=0)
        self._plot.setYRange(0.0, float(heights.max()) * 1.25, padding=0)
        self._var_line.setValue(-snapshot.var)
        self._es_line.setValue(-snapshot.es)
        self._var_line.label.setFormat(f"VaR {var}")
        self._es_line.label.setFormat(f"ES {es}")

    def _money(self, value: float) -> str:
        return formats.short_money(value, self._currency)

    @staticmethod
    def _count(value: float) -> str:
        return formats.number(value) if value == int(value) else ""

    def _restyle(self) -> None:
        if self._plot is None:
            return
        import pyqtgraph as pg

        colours = self._theme.colours
        restyle((self._plot,), colours)
        bar = QColor(colours.accent)
        bar.setAlphaF(0.55)
        self._bars.setOpts(brush=bar, pen=pg.mkPen(colours.panel, width=1))
        for line, colour in ((self._var_line, colours.loss), (self._es_line, colours.over)):
            line.setPen(pg.mkPen(colour, width=1))
            line.label.setColor(colour)
            line.label.setFont(face(SMALL))
