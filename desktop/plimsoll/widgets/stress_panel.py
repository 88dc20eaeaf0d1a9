"""The crises of the past over today's book: a table, the path through the chosen one, and who caused it."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from PySide6.QtWidgets import QWidget

from plimsoll.bridge.roles import Meaning, meaning_of_sign
from plimsoll.domain.stress_result import StressResult
from plimsoll.widgets import formats
from plimsoll.widgets.colours import Colours
from plimsoll.widgets.study_page import StudyPage, day_text
from plimsoll.widgets.study_table import Cell, StudyTable
from plimsoll.widgets.theme import Theme

HEADS = (
    "Crisis",
    "Drawdown",
    "of NAV",
    "Peak",
    "Trough",
    "Recovered",
    "Worst day",
    "on",
    "At the end",
    "1-day VaR",
    "1-day ES",
    "By proxy",
    "Held still",
)
PART_HEADS = ("Part", "Sector", "Lost to the trough", "At the end", "By")
HEADLINE_METHOD = "historical"
INVITATION = "Leads today's book through the library of crises: press Run."


class StressPanel(StudyPage):
    """Shows finished results; what runs them listens to `bar`."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        self._results: tuple[StressResult, ...] = ()
        super().__init__(
            theme,
            name="Stress by past crises",
            invitation=INVITATION,
            table=StudyTable(theme, "Crises", HEADS),
            details=StudyTable(theme, "Parts of the drawdown", PART_HEADS),
            parent=parent,
        )

    @property
    def parts(self) -> StudyTable:
        """The parts of the crisis chosen."""
        return self.details

    def show_results(self, results: Sequence[StressResult], currency: str) -> None:
        """Show a study's results, money in the base currency."""
        self._results, self._currency = tuple(results), currency
        self._reveal()
        n_known = sum(result.is_known for result in self._results)
        self.bar.show_end(f"{n_known} of {len(self._results)} crises replayed with today's book, held still")
        self.table.show_rows([self._row(result) for result in self._results])

    def _row(self, result: StressResult) -> list[Cell]:
        tip = f"{result.window.source}. {result.window.note}".strip()
        name = Cell(result.window.name, tip=tip, is_number=False)
        if not result.is_known:
            return [name, Cell(result.refusal, Meaning.UNKNOWN, is_number=False)]
        back = result.recovery_day
        figure = result.method(HEADLINE_METHOD)
        methods = "\n".join(
            f"{one.name}: VaR {self._full(one.var)}, ES {self._full(one.es)} ({one.words})"
            for one in result.methods
        )
        residual = f"± {self._full(result.residual_base)} at the trough, one deviation"
        recovered = day_text(back) if back is not None else f"not by {day_text(result.searched_until_day)}"
        return [
            name,
            Cell(self._full(-result.drawdown_base), meaning_of_sign(-result.drawdown_base)),
            Cell(formats.fraction(result.drawdown_fraction, 1)),
            Cell(day_text(result.peak_day)),
            Cell(day_text(result.trough_day)),
            Cell(recovered, Meaning.PLAIN if back is not None else Meaning.NEAR),
            Cell(self._full(result.worst_day_pnl_base), meaning_of_sign(result.worst_day_pnl_base)),
            Cell(day_text(result.worst_day)),
            Cell(self._full(result.pnl_end_base), meaning_of_sign(result.pnl_end_base)),
            Cell(self._full(figure.var), tip=methods),
            Cell(self._full(figure.es), tip=methods),
            Cell(formats.fraction(result.proxy_fraction, 0), tip=residual),
            Cell(
                formats.fraction(result.still_fraction, 0),
                Meaning.NEAR if result.still_fraction > 0.0 else Meaning.PLAIN,
            ),
        ]

    def _show_row(self, row: int) -> None:
        if not 0 <= row < len(self._results):
            return
        result = self._results[row]
        self.parts.show_rows(self._part_rows(result))
        said = result.words
        shown = "; ".join(said[:3]) + (f"; and {len(said) - 3} more" if len(said) > 3 else "")
        self.words.setText(f"{result.window.note} {shown}".strip())
        self.words.setToolTip("\n".join(said))
        if self._plot is not None:
            self._draw(result)

    def _part_rows(self, result: StressResult) -> list[list[Cell]]:
        rows = [
            self._part(f"Sector: {part.name}", "", part.drawdown_part_base, part.pnl_base, Cell(""))
            for part in result.sectors
        ]
        rows += [
            self._part(f"Cash {part.name}", "", part.drawdown_part_base, part.pnl_base, Cell(""))
            for part in result.cash
        ]
        for part in sorted(result.positions, key=lambda one: -one.drawdown_part_base):
            tip = part.stand_in.words if part.stand_in is not None else ""
            road = Cell(str(part.road), tip=tip, is_number=False)
            rows.append(self._part(part.code, part.sector, part.drawdown_part_base, part.pnl_base, road))
        return rows

    def _part(self, name: str, sector: str, lost: float, at_end: float, road: Cell) -> list[Cell]:
        return [
            Cell(name, is_number=False),
            Cell(sector, is_number=False),
            Cell(self._full(-lost), meaning_of_sign(-lost)),
            Cell(self._full(at_end), meaning_of_sign(at_end)),
            road,
        ]

    def _draw(self, result: StressResult) -> None:
        days, pnl, inside = result.days.astype(np.float64), result.pnl_base, result.n_window
        self._plot.setVisible(result.is_known)
        if not result.is_known:
            return
        self._path.setData(days[:inside], pnl[:inside])
        self._after.setData(days[max(inside - 1, 0) :], pnl[max(inside - 1, 0) :])
        marked = np.isin(result.days, [result.peak_day, result.trough_day, result.recovery_day or -1])
        self._marks.setData(days[marked], pnl[marked])
        self._plot.setXRange(float(days[0]), float(days[-1]), padding=0.02)
        low, high = float(pnl.min()), float(pnl.max())
        self._plot.setYRange(low, max(high, low + 1.0), padding=0.08)
        fall = formats.short_money(-result.drawdown_base, self._currency)
        self._plot.setAccessibleDescription(f"{result.window.name}: {fall} from the high to the trough")

    def _add_curves(self, pg: Any) -> None:
        self._path = self._plot.plot([], [])
        self._after = self._plot.plot([], [])
        self._zero = self._plot.addLine(y=0.0)
        self._marks = pg.ScatterPlotItem(size=8)
        self._plot.addItem(self._marks)

    def _paint_curves(self, pg: Any, colours: Colours) -> None:
        self._path.setPen(pg.mkPen(colours.accent, width=2))
        self._after.setPen(pg.mkPen(colours.muted, width=1))
        self._zero.setPen(pg.mkPen(colours.rule, width=1))
        self._marks.setBrush(pg.mkBrush(colours.over))
        self._marks.setPen(pg.mkPen(None))
