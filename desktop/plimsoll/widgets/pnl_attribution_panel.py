"""Actual, hypothetical and risk-theoretical P&L day by day, and whether the last two are one."""

import math

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QAbstractItemView, QHBoxLayout, QVBoxLayout, QWidget

from plimsoll.bridge.roles import Meaning, meaning_of_sign
from plimsoll.domain.backtest_result import BacktestResult
from plimsoll.domain.crisis_window import date_of
from plimsoll.domain.pnl_record import PnlRecord
from plimsoll.widgets import formats
from plimsoll.widgets.elided_label import ElidedLabel
from plimsoll.widgets.study_table import Cell, StudyTable
from plimsoll.widgets.theme import Theme
from plimsoll.widgets.tone import ToneLabel
from plimsoll.widgets.typeface import SMALL, TITLE, bold, face

HEADS = (
    "Day",
    "Actual",
    "Flows left out",
    "Fees added back",
    "Hypothetical",
    "Risk-theoretical",
    "Apart by",
    "VaR",
    "Beyond it",
)
CONVENTION = (
    "actual: NAV from roll to roll without flows and before fees, the book of each day; hypothetical and "
    "risk-theoretical: today's book, by the desk's own marks and by the risk model's histories (MAR32)"
)
RULE = "green from Spearman 0.80 and KS to 0.09, red below 0.70 or above 0.12"
_TONES = {"green": "", "amber": "loss", "red": "over"}


class PnlAttributionPanel(QWidget):
    """The regulator's P&L attribution test over the days the desk has seen.

    Signals
    -------
    seen(bool)
        Whether anybody looks at the panel.
    """

    seen = Signal(bool)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("P&L attribution")
        self._record, self._currency = PnlRecord(), "USD"
        self._var_of: dict[int, float] = {}
        self._var_words = "VaR: run the backtest beside this"
        self.zone = ToneLabel(bold(TITLE), self)
        self.words = ElidedLabel(face(SMALL), self)
        self.words.setProperty("tone", "muted")
        self.table = StudyTable(theme, "P&L by day", HEADS, self)
        self.foot = ElidedLabel(face(SMALL), self)
        self.foot.setProperty("tone", "muted")
        self.foot.setContentsMargins(10, 3, 10, 4)
        self.foot.say(f"{self._var_words}; {CONVENTION}")
        bar = QHBoxLayout()
        bar.setContentsMargins(12, 6, 10, 6)
        bar.setSpacing(12)
        bar.addWidget(self.zone)
        bar.addWidget(self.words, 1)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(bar)
        column.addWidget(self.table, 1)
        column.addWidget(self.foot)
        self.zone.say("P&L attribution: reading the journal…", "muted")

    def show_record(self, record: PnlRecord, currency: str) -> None:
        """Show the days, the newest first."""
        self._record, self._currency = record, currency
        if not record.zone:
            self.zone.say("P&L attribution: unknown", "muted")
            self.words.say(record.words)
        else:
            self.zone.say(f"P&L attribution: {record.zone}", _TONES[record.zone])
            figures = f"Spearman {record.spearman:.2f}, KS {record.kolmogorov_smirnov:.3f}"
            self.words.say(f"{figures} over {record.words}; {RULE}")
        self._show_days()

    @Slot(object)
    def show_backtest(self, result: BacktestResult) -> None:
        """Set the jury's best model beside the days: which of them its VaR did not cover."""
        best = next(iter(result.methods), None)
        self._var_of = {} if best is None else dict(zip(result.days.tolist(), best.var.tolist(), strict=True))
        if best is None:
            self._var_words = f"VaR: {result.refusal or 'no model'}"
        else:
            self._var_words = f"VaR {result.var_confidence:.0%} of today's book by {best.name}"
        self._show_days()

    def _show_days(self) -> None:
        record = self._record
        rows = [
            _row(record, place, self._currency, self._var_of.get(int(record.days[place]), math.nan))
            for place in reversed(range(len(record.days)))
        ]
        judged = [n for n, day in enumerate(record.days.tolist()) if day in self._var_of]
        beyond = sum(-record.actual_base[n] > self._var_of[int(record.days[n])] for n in judged)
        counted = f": {beyond} of {len(judged)} days lost more than it" if judged else ""
        self.foot.say(f"{self._var_words}{counted}; {CONVENTION}")
        self.table.show_rows(rows)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.seen.emit(True)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.seen.emit(False)


def _row(record: PnlRecord, place: int, currency: str, var: float) -> list[Cell]:
    def money(value: float) -> Cell:
        return Cell(formats.money(value, currency), meaning_of_sign(value))

    def plain(value: float) -> Cell:
        return Cell(formats.money(value, currency) if value else "", Meaning.PLAIN)

    hypothetical = float(record.hypothetical_base[place])
    theoretical = float(record.theoretical_base[place])
    apart = theoretical - hypothetical
    actual = float(record.actual_base[place])
    which = [name for name, pnl in (("actual", actual), ("hypothetical", hypothetical)) if -pnl > var]
    return [
        Cell(f"{date_of(int(record.days[place]))}", is_number=False),
        money(actual),
        plain(float(record.flows_base[place])),
        plain(float(record.fees_base[place])),
        money(hypothetical),
        money(theoretical),
        Cell(formats.money(apart, currency), Meaning.UNKNOWN if math.isnan(apart) else Meaning.PLAIN),
        Cell(formats.money(var, currency), Meaning.UNKNOWN if math.isnan(var) else Meaning.PLAIN),
        Cell(", ".join(which), Meaning.OVER, is_number=False),
    ]
