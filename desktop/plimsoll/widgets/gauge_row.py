"""The row of load-line gauges: what is near its line, at one glance."""

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from plimsoll.bridge.risk_model import SERIES_KEYS, RiskModel
from plimsoll.domain.snapshot import RiskSnapshot
from plimsoll.widgets.empty_state import EmptyState
from plimsoll.widgets.load_line_gauge import HEIGHT, LoadLineGauge
from plimsoll.widgets.panel import GAP
from plimsoll.widgets.theme import Theme

BEATS_PER_COURSE = 10  # a sparkline of a whole day needs no more than one look a second


class GaugeRow(QFrame):
    """One gauge for each reading of the snapshot, in its order."""

    def __init__(self, model: RiskModel, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._theme = theme
        self._gauges: dict[str, LoadLineGauge] = {}
        self._beat = 0
        self._empty = EmptyState(self)
        self._empty.show_words("The gauges follow with the first figures.", "")
        self.setAccessibleName("Gauges")
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(GAP, GAP + 2, GAP, GAP)
        self._row.setSpacing(2 * GAP)
        self.setFixedHeight(HEIGHT + 2 * GAP + 2)
        self._row.addWidget(self._empty)
        model.engine_silent_changed.connect(self.grey_out)

    @property
    def gauges(self) -> dict[str, LoadLineGauge]:
        """The gauges by the key of their reading."""
        return self._gauges

    def show_snapshot(self, snapshot: RiskSnapshot) -> None:
        if tuple(self._gauges) != tuple(reading.key for reading in snapshot.gauges):
            self._rebuild(snapshot)
        wants_course = self._beat % BEATS_PER_COURSE == 0
        self._beat += 1
        for reading in snapshot.gauges:
            gauge = self._gauges[reading.key]
            gauge.show_reading(reading, snapshot.base_currency)
            if wants_course and reading.key in SERIES_KEYS:
                gauge.show_course(self._model.series(reading.key))

    @Slot(bool)
    def grey_out(self, silent: bool) -> None:  # noqa: FBT001  a slot of engine_silent_changed(bool)
        for gauge in self._gauges.values():
            gauge.grey_out(silent)

    def _rebuild(self, snapshot: RiskSnapshot) -> None:
        self._empty.setVisible(not snapshot.gauges)
        for gauge in self._gauges.values():
            self._row.removeWidget(gauge)
            gauge.deleteLater()
        self._gauges = {reading.key: LoadLineGauge(self._theme, self) for reading in snapshot.gauges}
        for gauge in self._gauges.values():
            self._row.addWidget(gauge)
        self._beat = 0
