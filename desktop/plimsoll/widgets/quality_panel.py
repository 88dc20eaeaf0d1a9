"""How good the data is: a grade for each headline figure, and everything that is doubted under them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Slot
from PySide6.QtGui import QColor, QPainter, QPen, QShowEvent
from PySide6.QtWidgets import QWidget

from plimsoll.bridge.roles import Meaning
from plimsoll.domain.doubt import DataDoubt
from plimsoll.domain.grade import GradeLetter
from plimsoll.domain.held_print import HeldPrint
from plimsoll.domain.instrument import Instrument
from plimsoll.domain.snapshot import GaugeReading, PositionState, PositionTable, RiskSnapshot
from plimsoll.domain.stand_in import StandIn
from plimsoll.widgets import formats
from plimsoll.widgets.row_list import SIDE, RowList
from plimsoll.widgets.theme import Theme
from plimsoll.widgets.typeface import SMALL, bold, face

ROW = 24
BADGE = 18
MARK_ROOM = 28  # pixels left of the names, wide enough for two figures
NAME_WIDTH = 128
MOST_CODES = 12  # named in one line; the rest are counted
MEANING_OF_LETTER = {
    GradeLetter.A: Meaning.WITHIN,
    GradeLetter.B: Meaning.WITHIN,
    GradeLetter.C: Meaning.NEAR,
    GradeLetter.D: Meaning.CLOSE,
    GradeLetter.UNKNOWN: Meaning.UNKNOWN,
}
STATES = (
    (PositionState.UNPRICEABLE, "without a price", Meaning.OVER),
    (PositionState.HALTED, "halted", Meaning.CLOSE),
    (PositionState.STALE, "stale", Meaning.NEAR),
    (PositionState.CLOSED, "market closed", Meaning.PLAIN),
    (PositionState.PRICED, "priced", Meaning.WITHIN),
)
GOOD = "all of it priced, fresh and with its own history"


@dataclass(frozen=True, slots=True)
class QualityRow:
    """One line as it is drawn.

    Attributes
    ----------
    name, words : str
        What it is about, and what is said of it.
    mark : str
        A letter or a count before it; empty for none.
    meaning : Meaning
        What the mark says.
    is_heading : bool
        Whether a section begins here.
    """

    name: str
    words: str = ""
    mark: str = ""
    meaning: Meaning = Meaning.PLAIN
    is_heading: bool = False


class QualityPanel(RowList[QualityRow]):
    """Grades, states, held prints, doubts, stand-ins and what nobody classified, in one list."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, "Data quality", "No figures yet.", parent)
        self._snapshot: RiskSnapshot | None = None
        self._sections: dict[str, tuple[tuple[object, ...], tuple[QualityRow, ...]]] = {}

    @Slot(object)
    def show_snapshot(self, snapshot: RiskSnapshot) -> None:
        """Show what a snapshot says of its data; out of sight, keep it."""
        self._snapshot = snapshot
        if not self.isVisible():
            return
        rows: list[QualityRow] = []
        for name, sources, make in sections_of(snapshot):
            kept = self._sections.get(name)
            # By identity: ten thousand unclassified instruments are listed once, not ten times a second.
            if kept is None or any(one is not other for one, other in zip(sources, kept[0], strict=True)):
                kept = self._sections[name] = (sources, tuple(make()))
            rows.extend(kept[1])
        self.show_rows(rows)

    @Slot(bool)
    def grey_out(self, silent: bool) -> None:  # noqa: FBT001  a slot of engine_silent_changed(bool)
        """Show that the figures stand still."""
        self.dim(silent)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._snapshot is not None:
            self.show_snapshot(self._snapshot)

    def sizeHint(self) -> QSize:
        return QSize(420, ROW * 12)

    def row_height(self) -> int:
        return ROW

    def spoken(self, row: QualityRow) -> str:
        return ": ".join(filter(None, (" ".join(filter(None, (row.mark, row.name))), row.words)))

    def paint_row(self, painter: QPainter, box: QRectF, row: QualityRow) -> None:
        colours = self.theme.colours
        inner = box.adjusted(SIDE, 0, -SIDE, 0)
        if row.is_heading:
            painter.setFont(bold(SMALL))
            self.write(painter, inner, row.name, colours.text)
            painter.setFont(face(SMALL))
            self.write_right(painter, inner, row.mark, colours.muted)
            painter.setPen(QPen(QColor(colours.rule), 1))
            painter.drawLine(
                QPointF(inner.left(), box.bottom() - 0.5), QPointF(inner.right(), box.bottom() - 0.5)
            )
            return
        if row.mark:
            self._paint_mark(painter, inner, row)
            inner.setLeft(inner.left() + max(MARK_ROOM, self._mark_width(painter, row)) + 8)
        if row.name:
            name = QRectF(inner.left(), inner.top(), min(NAME_WIDTH, inner.width()), inner.height())
            self.write(painter, name, row.name, colours.text)
            inner.setLeft(name.right() + 8)
        self.write(painter, inner, row.words, colours.muted)

    def _mark_width(self, painter: QPainter, row: QualityRow) -> int:
        return painter.fontMetrics().horizontalAdvance(row.mark) + 10

    def _paint_mark(self, painter: QPainter, inner: QRectF, row: QualityRow) -> None:
        colours = self.theme.colours
        painter.setFont(bold(SMALL))
        width = max(BADGE, self._mark_width(painter, row))
        frame = QRectF(inner.left(), inner.center().y() - BADGE / 2, width, BADGE)
        painter.setPen(QPen(self.fill(colours.fill(row.meaning)), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(frame, 3, 3)
        painter.setPen(QColor(colours.muted if self.is_dim else colours.ink(row.meaning)))
        painter.drawText(frame, Qt.AlignmentFlag.AlignCenter, row.mark)
        painter.setFont(face(SMALL))


Section = tuple[str, tuple[object, ...], Callable[[], Iterator[QualityRow]]]


def sections_of(snapshot: RiskSnapshot) -> tuple[Section, ...]:
    """Return each section's name, what it is made of, and what makes it."""
    held, table = snapshot.table.instruments, snapshot.table
    return (
        ("grades", (snapshot.gauges,), lambda: grade_rows(snapshot.gauges)),
        ("states", (snapshot,), lambda: state_rows(table, snapshot)),
        ("held prints", (snapshot.held_prints,), lambda: print_rows(snapshot.held_prints)),
        ("doubts", (snapshot.data_doubts,), lambda: doubt_rows(snapshot.data_doubts)),
        ("stand-ins", (snapshot.stand_ins, held), lambda: stand_in_rows(snapshot.stand_ins, held)),
        ("unclassified", (held,), lambda: unclassified_rows(held)),
    )


def grade_rows(gauges: tuple[GaugeReading, ...]) -> Iterator[QualityRow]:
    """Yield the grade of each headline figure with its reasons."""
    yield QualityRow("Grades of the figures", is_heading=True, mark="A best, D worst")
    for gauge in gauges:
        title = gauge.title.split(" · ")[0]
        if gauge.grade is None:
            yield QualityRow(title, f"not graded; quality {gauge.quality}", "?", Meaning.UNKNOWN)
            continue
        letter = gauge.grade.letter
        mark = "?" if letter is GradeLetter.UNKNOWN else str(letter)
        words = "; ".join(gauge.grade.reasons) or GOOD
        if letter is GradeLetter.UNKNOWN:
            words = f"unknown: {words}"
        yield QualityRow(title, words, mark, MEANING_OF_LETTER[letter])


def state_rows(table: PositionTable, snapshot: RiskSnapshot) -> Iterator[QualityRow]:
    """Yield how many positions are in each state, naming those that are in doubt."""
    coverage = snapshot.coverage
    priced, fresh = (
        formats.fraction(coverage.priced_fraction, 0),
        formats.fraction(coverage.fresh_fraction, 0),
    )
    past = formats.fraction(coverage.history_fraction, 0)
    yield QualityRow("Positions", is_heading=True, mark=f"{formats.count(len(table))} held")
    counts = np.bincount(table.state, minlength=len(PositionState))
    for state, name, meaning in STATES:
        n = int(counts[state])
        if n or state is PositionState.PRICED:
            words = (
                "" if state is PositionState.PRICED else _named(table, np.flatnonzero(table.state == state))
            )
            yield QualityRow(name, words, formats.count(n), meaning)
    n_without = int(np.count_nonzero(~table.has_history))
    if n_without:
        words = _named(table, np.flatnonzero(~table.has_history))
        yield QualityRow("without history", words, formats.count(n_without), Meaning.NEAR)
    yield QualityRow("", f"of gross value {priced} priced, {fresh} fresh, {past} with history")


def print_rows(held: tuple[HeldPrint, ...]) -> Iterator[QualityRow]:
    """Yield the prints that are held back."""
    yield _heading("Held prints", len(held), "none held back")
    for one in held:
        yield QualityRow(one.code, one.words.removeprefix(f"{one.code}: "), "!", Meaning.NEAR)


def doubt_rows(doubts: tuple[DataDoubt, ...]) -> Iterator[QualityRow]:
    """Yield what is doubted of the data."""
    yield _heading("Doubts", len(doubts), "none")
    for doubt in doubts:
        yield QualityRow(doubt.code, doubt.words.removeprefix(f"{doubt.code}: "), "!", Meaning.NEAR)


def stand_in_rows(stand_ins: tuple[StandIn, ...], held: tuple[Instrument, ...]) -> Iterator[QualityRow]:
    """Yield what stands in for a history or a price; those without one first."""
    decreed = [item for item in held if item.fixed_price is not None]
    yield _heading("Stand-ins and proxies", len(stand_ins) + len(decreed), "none needed")
    for one in sorted(stand_ins, key=lambda one: one.is_filled):
        meaning = Meaning.PLAIN if one.is_filled else Meaning.NEAR
        words = one.words.removeprefix(f"{one.code}: ")
        yield QualityRow(one.code, words, "≈" if one.is_filled else "!", meaning)
    for item in decreed:
        yield QualityRow(item.code, f"a price by decree: {item.fixed_price:g} {item.currency}", "=")


def unclassified_rows(held: tuple[Instrument, ...]) -> Iterator[QualityRow]:
    """Yield what the instrument master says too little of."""
    lacking = [item for item in held if item.unclassified]
    yield _heading("Unclassified", len(lacking), "none")
    for item in lacking:
        yield QualityRow(item.code, f"no {' and no '.join(item.unclassified)}", "!", Meaning.NEAR)


def _heading(name: str, n: int, none: str) -> QualityRow:
    return QualityRow(name, is_heading=True, mark=formats.count(n) if n else none)


def _named(table: PositionTable, rows: Sequence[int] | np.ndarray) -> str:
    codes = ", ".join(table.instruments[int(row)].code for row in rows[:MOST_CODES])
    rest = len(rows) - MOST_CODES
    return f"{codes} and {formats.count(rest)} more" if rest > 0 else codes
