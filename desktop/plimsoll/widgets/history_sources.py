"""Where each position's history comes from: source, adjustment, span, scale, and what stands in for it."""

from PySide6.QtWidgets import QAbstractItemView, QVBoxLayout, QWidget

from plimsoll.bridge.roles import Meaning
from plimsoll.domain.crisis_window import date_of
from plimsoll.domain.market_past import MarketPast
from plimsoll.domain.series_part import SeriesPart
from plimsoll.domain.stand_in import StandIn
from plimsoll.widgets import formats
from plimsoll.widgets.elided_label import ElidedLabel
from plimsoll.widgets.study_table import Cell, StudyTable
from plimsoll.widgets.theme import Theme
from plimsoll.widgets.typeface import SMALL, face

HEADS = ("Position", "Source", "Adjustment", "From", "To", "Scaled by", "Missing days")
RANK = "own files outrank AllTick, AllTick outranks what is bundled; a source fills holes longer than a week"


class HistorySources(QWidget):
    """A line for each stretch of a position's history; a position without any says so."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Sources of the history")
        self.table = StudyTable(theme, "Sources by position", HEADS, self)
        self.foot = ElidedLabel(face(SMALL), self)
        self.foot.setProperty("tone", "muted")
        self.foot.setContentsMargins(10, 3, 10, 4)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.table, 1)
        column.addWidget(self.foot)

    def show_past(self, past: MarketPast) -> None:
        """Show what a study's history was made from."""
        stand_ins = {one.code: one for one in past.stand_ins}
        rows = []
        for code in past.codes[: past.n_held]:
            parts = [part for part in past.parts if part.code == code]
            rows += [_row(code, part, stand_ins.get(code)) for part in parts]
            if not parts:
                nothing = [Cell("", is_number=False) for _ in HEADS[2:-1]]
                none = Cell("none", Meaning.NEAR, is_number=False)
                rows.append([Cell(code, is_number=False), none, *nothing, _missing(stand_ins.get(code))])
        self.table.show_rows(rows)
        still = f"; held at today's rate: {', '.join(past.fx_still)}" if past.fx_still else ""
        shares = f"{past.proxy_fraction:.0%} of gross by proxy, {past.still_fraction:.0%} without any history"
        self.foot.say(f"{shares}{still}; {RANK}")


def _row(code: str, part: SeriesPart, stand_in: StandIn | None) -> list[Cell]:
    return [
        Cell(code, is_number=False),
        Cell(part.source, is_number=False),
        Cell(part.adjustment, is_number=False),
        Cell(f"{date_of(part.first_day)}"),
        Cell(f"{date_of(part.last_day)}"),
        Cell("" if part.scale == 1.0 else formats.number(part.scale, 4)),
        _missing(stand_in),
    ]


def _missing(stand_in: StandIn | None) -> Cell:
    if stand_in is None:
        return Cell("", is_number=False)
    meaning = Meaning.PLAIN if stand_in.is_filled else Meaning.NEAR
    return Cell(stand_in.words.removeprefix(f"{stand_in.code}: "), meaning, is_number=False)
