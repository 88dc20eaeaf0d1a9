"""The limit tuner: slide a line, and see at once what it would have done in the months past."""

import math
from dataclasses import replace
from typing import Any

import numpy as np
from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QDialog,
    QDoubleSpinBox,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QSlider,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from plimsoll.bridge.limit_draft import unit_words
from plimsoll.bridge.roles import Meaning, meaning_of_sign
from plimsoll.bridge.tuner_job import ACTION_WORDS, DAYS_A_MONTH, MONTHS, tried
from plimsoll.domain.crisis_window import date_of
from plimsoll.domain.limit import Limit, LimitState, Unit
from plimsoll.domain.limit_change import tightened_part
from plimsoll.domain.tuning import MeasurePath, Tuning, refused_path
from plimsoll.widgets import formats
from plimsoll.widgets.empty_state import EmptyState
from plimsoll.widgets.lamp import Lamp
from plimsoll.widgets.plot import axis, plot_widget, restyle
from plimsoll.widgets.study_bar import StudyBar
from plimsoll.widgets.study_table import Cell, StudyTable
from plimsoll.widgets.theme import Theme
from plimsoll.widgets.typeface import SMALL, face

HEADS = ("", "Line", "Warnings", "Days near", "Breaches", "Actions", "Days over", "Cost", "Saved", "Net")
INVITATION = "Leads today's book through the days of its history, once."
STEPS = 1_000
LINE_WIDTH, TABLE_HEIGHT = 160, 96
ROOM_ABOVE = 1.5  # of the larger of line and worst value: the right end of the slider
DIGITS = 3  # of a line that is slid to: more would mean nothing
STATE_MEANINGS = {
    LimitState.FINE: Meaning.WITHIN,
    LimitState.NEAR: Meaning.NEAR,
    LimitState.OVER: Meaning.OVER,
    LimitState.UNKNOWN: Meaning.UNKNOWN,
}


class LimitTuner(QDialog):
    """Tries lines on a path; nothing is changed until the editor has asked for it.

    Signals
    -------
    limit_wanted(Limit)
        The limit as it was tried shall be asked for.

    Attributes
    ----------
    bar : StudyBar
        Whoever works paths out listens to it.
    limit, trial : Limit
        As it stands, and as it is tried.
    """

    limit_wanted = Signal(object)

    def __init__(self, theme: Theme, limit: Limit, currency: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.limit = self.trial = limit
        self._theme, self._currency = theme, currency
        self._path = refused_path(limit, "not worked out yet")
        self._top = limit.line * ROOM_ABOVE
        self._low = self._high = limit.line
        self._is_filling = False
        self._plot: Any = None
        self.setModal(False)
        self.setWindowTitle(f"Tune the limit: {limit.name}")
        self.setAccessibleName(self.windowTitle())
        self.resize(1060, 640)
        self.bar = StudyBar(INVITATION, self)
        self.slider = QSlider(Qt.Orientation.Horizontal, self)
        self.line = QDoubleSpinBox(self)
        self.warning = QDoubleSpinBox(self)
        self.confirm_updates, self.confirm_of = QSpinBox(self), QSpinBox(self)
        self.months = QComboBox(self)
        self.newest, self.change = Lamp(theme, self), Lamp(theme, self)
        self.table = StudyTable(theme, "What the limit would have done", HEADS, self)
        self.words = QLabel(ACTION_WORDS, self)
        self.ask = QPushButton("Ask for this limit…", self)
        self._empty = EmptyState(self)
        self._chart = QWidget(self)
        self._chart_column = QVBoxLayout(self._chart)
        self._prepare()
        self._lay_out()
        self._fill()
        self._connect()
        self._try()

    def load(self) -> None:
        """Build the plot; pyqtgraph is imported here, when the dialog is first seen."""
        if self._plot is not None:
            return
        import pyqtgraph as pg

        left = axis("left", lambda value: formats.in_unit(value, self.limit.measure.unit, self._currency), 74)
        self._plot = plot_widget(
            left=left, bottom=axis("bottom", lambda day: date_of(int(day)).isoformat(), 18)
        )
        self._course = self._plot.plot([], [])
        self._load_line = self._plot.addLine(y=0.0)
        self._near_line = self._plot.addLine(y=0.0)
        self._old_line = self._plot.addLine(y=self.limit.line)
        self._raised = pg.ScatterPlotItem(size=8)
        self._plot.addItem(self._raised)
        self._chart_column.addWidget(self._plot)
        self._restyle()
        self._draw_course()
        self._try()

    def show_recorded(self, words: str) -> None:
        """Say what the journal has of this limit, beside what is worked out."""
        self.words.setText(f"{ACTION_WORDS} {words}".strip())

    @Slot(object)
    def show_path(self, path: MeasurePath) -> None:
        """Take the measure's past."""
        if not path.fits(self.limit):
            return
        self._path = path
        worst = path.worst()
        if path.is_known and np.isfinite(worst).any():
            self._top = max(self.limit.line, float(np.nanmax(worst))) * ROOM_ABOVE
        self.bar.show_end("; ".join(path.words) if path.is_known else f"Not known: {path.refusal}")
        self._fill()
        self._draw_course()
        self._try()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            event.accept()  # Enter ends an edit; by itself it asks for nothing
            return
        super().keyPressEvent(event)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.load()

    def _prepare(self) -> None:
        unit = self.limit.measure.unit
        self.slider.setRange(1, STEPS)
        self.slider.setAccessibleName("Line")
        self.line.setDecimals(self._decimals())
        self.line.setRange(10.0 ** -self.line.decimals(), 1e12)
        self.line.setGroupSeparatorShown(True)
        self.line.setAccessibleName("Line")
        self.line.setSuffix(f" {unit_words(unit, self._currency)}")
        self.line.setMaximumWidth(LINE_WIDTH)
        self.warning.setMaximumWidth(LINE_WIDTH)
        self.warning.setRange(1.0, 100.0)
        self.warning.setDecimals(1)
        self.warning.setSuffix(" % of the line")
        self.warning.setAccessibleName("Near from")
        for box, name in ((self.confirm_updates, "Closes beyond"), (self.confirm_of, "Of the last closes")):
            box.setRange(1, 20)
            box.setAccessibleName(name)
        for number in MONTHS:
            self.months.addItem(f"last {number} months", number)
        self.months.setCurrentIndex(MONTHS.index(12))
        self.months.setAccessibleName("How far back")
        self.words.setFont(face(SMALL))
        self.words.setProperty("tone", "muted")
        self.words.setWordWrap(True)
        self.ask.setAutoDefault(False)
        self._chart_column.setContentsMargins(0, 0, 0, 0)
        # Two rows that are read, not chosen; columns that fit their texts would be laid out at each step.
        self.table.setFixedHeight(TABLE_HEIGHT)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.table.fit = QHeaderView.ResizeMode.Stretch

    def _decimals(self) -> int:
        """Return how many digits behind the point a line is written with: as many as it has, two at least."""
        unit, line = self.limit.measure.unit, self.limit.line * self._scale
        if unit in (Unit.MONEY, Unit.COUNT):
            return 0
        return next((n for n in range(2, 6) if math.isclose(round(line, n), line, rel_tol=1e-9)), 6)

    def _lay_out(self) -> None:
        knobs = QHBoxLayout()
        knobs.setSpacing(8)
        for caption, *widgets in (
            ("Line", self.slider, self.line),
            ("Near from", self.warning),
            ("Confirmed by", self.confirm_updates),
            ("of", self.confirm_of),
        ):
            name = QLabel(caption, self)
            name.setProperty("tone", "muted")
            knobs.addWidget(name)
            for widget in widgets:
                knobs.addWidget(widget, 1 if widget is self.slider else 0)
        top = QHBoxLayout()
        top.addWidget(self.bar, 1)
        top.addWidget(self.months)
        lamps = QHBoxLayout()
        lamps.setSpacing(18)
        lamps.addWidget(self.newest)
        lamps.addWidget(self.change)
        lamps.addStretch(1)
        body = QVBoxLayout()
        body.setContentsMargins(14, 8, 14, 10)
        body.setSpacing(8)
        body.addLayout(top)
        body.addLayout(knobs)
        body.addWidget(self._empty, 1)
        body.addWidget(self._chart, 1)
        body.addLayout(lamps)
        body.addWidget(self.table)
        body.addWidget(self.words)
        close = QPushButton("Close", self)
        close.setAutoDefault(False)
        close.clicked.connect(self.close)
        foot = QFrame(self)
        foot.setProperty("surface", "foot")
        row = QHBoxLayout(foot)
        row.setContentsMargins(14, 8, 14, 8)
        row.addStretch(1)
        row.addWidget(close)
        row.addWidget(self.ask)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(body, 1)
        column.addWidget(foot)

    def _connect(self) -> None:
        self.slider.valueChanged.connect(self._slide)
        for box in (self.line, self.warning, self.confirm_updates, self.confirm_of):
            box.valueChanged.connect(self._type)
        self.months.currentIndexChanged.connect(self._look_back)
        self.ask.clicked.connect(self._ask)
        self._theme.changed.connect(self._restyle)

    def _fill(self) -> None:
        """Let every knob show the limit as it is tried."""
        self._is_filling = True
        self.line.setValue(self.trial.line * self._scale)
        self.slider.setValue(round(self.trial.line / self._top * STEPS))
        self.warning.setValue(self.trial.warning_fraction * 100.0)
        self.confirm_updates.setValue(self.trial.confirm_updates)
        self.confirm_of.setValue(max(self.trial.confirm_of, self.trial.confirm_updates))
        self._is_filling = False

    @property
    def _scale(self) -> float:
        """What a line is multiplied by to be written: shares stand in per cent."""
        return 100.0 if self.limit.measure.unit is Unit.FRACTION else 1.0

    @Slot(int)
    def _slide(self, step: int) -> None:
        if self._is_filling:
            return
        self._is_filling = True
        self.line.setValue(float(f"{step / STEPS * self._top * self._scale:.{DIGITS}g}"))
        self._is_filling = False
        self._take_knobs()

    @Slot()
    def _type(self) -> None:
        if not self._is_filling:
            self._take_knobs()
            self._fill()

    def _take_knobs(self) -> None:
        """Try the limit that the knobs say; the line as it stands is taken to its last digit."""
        typed = self.line.value() / self._scale
        is_same = abs(typed - self.limit.line) * self._scale < 0.5 * 10.0 ** -self.line.decimals()
        n_updates = self.confirm_updates.value()
        n_of = max(self.confirm_of.value(), n_updates)
        if n_updates == self.limit.confirm_updates and n_of == max(self.limit.confirm_of, n_updates):
            n_of = self.limit.confirm_of
        self.trial = replace(
            self.trial,
            line=self.limit.line if is_same else float(f"{typed:.12g}"),
            warning_fraction=round(self.warning.value() / 100.0, 6),
            confirm_updates=n_updates,
            confirm_of=n_of,
        )
        self._try()

    @Slot()
    def _look_back(self) -> None:
        self._draw_course()
        self._try()

    @Slot()
    def _ask(self) -> None:
        self.limit_wanted.emit(self.trial)

    def _try(self) -> None:
        """Count, and show what was counted."""
        is_known = self._path.is_known
        self._empty.setVisible(not is_known)
        self._chart.setVisible(is_known)
        self.table.setVisible(is_known)
        self.ask.setEnabled(self.trial != self.limit)
        self._say_lamps()
        if not is_known:
            self._empty.show_words(self._path.refusal[:1].upper() + self._path.refusal[1:] + ".", "")
            self.table.show_rows([])
            return
        n_months = int(self.months.currentData())
        before, after = (tried(self._path, limit, n_months) for limit in (self.limit, self.trial))
        self.table.show_rows(
            [self._row("As it stands", self.limit, before), self._row("As tried", self.trial, after)]
        )
        if self._plot is not None:
            self._draw_lines(after)

    def _row(self, name: str, limit: Limit, found: Tuning) -> list[Cell]:
        unit, currency = limit.measure.unit, self._currency
        longest = f"the longest took {found.longest_days} days"
        return [
            Cell(name, is_number=False),
            Cell(formats.in_unit(limit.line, unit, currency)),
            Cell(formats.count(found.n_warnings)),
            Cell(formats.count(found.n_warning_days), tip=f"of {found.n_days} closes"),
            Cell(
                formats.count(found.n_breaches), Meaning.OVER if found.n_breaches else Meaning.WITHIN, longest
            ),
            Cell(formats.count(found.n_breaches), tip="each breach is acted on once"),
            Cell(formats.count(found.n_over_days), tip=f"of {found.n_days} closes"),
            Cell(formats.money(found.cost_base, currency), tip="estimate"),
            Cell(formats.money(found.saved_base, currency, plus=True), tip="estimate, before cost"),
            Cell(
                formats.money(found.net_base, currency, plus=True),
                meaning_of_sign(found.net_base),
                "estimate",
            ),
        ]

    def _say_lamps(self) -> None:
        worst = self._path.worst() if self._path.is_known else np.empty(0)
        value = float(worst[-1]) if len(worst) else math.nan
        state = self.trial.state_of(value)
        shown = formats.in_unit(value, self.limit.measure.unit, self._currency)
        self.newest.say(STATE_MEANINGS[state], "newest close", str(state), shown if len(worst) else "")
        if self.trial == self.limit:
            self.change.say(Meaning.PLAIN, "as it stands", "", "")
        elif tightened_part(self.limit, self.trial) == self.trial:
            self.change.say(Meaning.WITHIN, "the change", "tightens", "it would act at once")
        else:
            self.change.say(Meaning.NEAR, "the change", "loosens", "it would wait, or need a second person")

    def _draw_course(self) -> None:
        if self._plot is None or not self._path.is_known:
            return
        shown = self._path.last(int(self.months.currentData()) * DAYS_A_MONTH)
        days, worst = shown.days.astype(np.float64), shown.worst()
        self._course.setData(days, worst)
        self._plot.setXRange(float(days[0]), float(days[-1]), padding=0.02)
        self._low, self._high = float(np.nanmin(worst)), float(np.nanmax(worst))

    def _draw_lines(self, found: Tuning) -> None:
        trial = self.trial
        self._load_line.setPos(trial.line)
        is_floor = trial.measure.is_floor
        self._near_line.setPos(
            trial.line / trial.warning_fraction if is_floor else trial.line * trial.warning_fraction
        )
        lines = (trial.line, self.limit.line, self._low, self._high)
        self._plot.setYRange(min(lines), max(lines), padding=0.08)
        raised = found.crossings.raised_day
        rows = np.searchsorted(self._path.days, raised)
        self._raised.setData(raised.astype(np.float64), self._path.values[rows, found.crossings.member])
        self._plot.setAccessibleDescription(
            f"{found.n_breaches} breaches in {found.n_days} days, {found.n_warnings} times near"
        )

    @Slot()
    def _restyle(self) -> None:
        if self._plot is None:
            return
        import pyqtgraph as pg

        colours = self._theme.colours
        restyle((self._plot,), colours)
        self._course.setPen(pg.mkPen(colours.accent, width=2))
        self._load_line.setPen(pg.mkPen(colours.over, width=2))
        self._near_line.setPen(pg.mkPen(colours.near, width=1, style=Qt.PenStyle.DashLine))
        self._old_line.setPen(pg.mkPen(colours.muted, width=1, style=Qt.PenStyle.DotLine))
        self._raised.setBrush(pg.mkBrush(colours.over))
        self._raised.setPen(pg.mkPen(None))
