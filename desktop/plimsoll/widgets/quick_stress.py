"""Quick stress: what each scenario would cost now, the worst first, repriced with every snapshot."""

import math
from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt, Slot
from PySide6.QtGui import QColor, QPainter, QShowEvent
from PySide6.QtWidgets import QWidget

from plimsoll.bridge.roles import Meaning, meaning_of_sign
from plimsoll.domain.snapshot import RiskSnapshot
from plimsoll.domain.stress_scenario import StressLine
from plimsoll.widgets import formats
from plimsoll.widgets.market_page import known
from plimsoll.widgets.row_list import SIDE, RowList
from plimsoll.widgets.theme import Theme

ROW = 25
MONEY_WIDTH = 66
SHARE_WIDTH = 54
NARROW = 340  # pixels below which the bar stands under the words
LEAST_BAR, MOST_BAR = 36, 110  # pixels
BAR_SHARE = 0.16  # of the width
BAR_HEIGHT = 6
CONVENTION = "at today's prices, every shock at once"


@dataclass(frozen=True, slots=True)
class StressRow:
    """One scenario as it is drawn.

    Attributes
    ----------
    name, money, share : str
        What is written: the change of NAV, signed, and over NAV.
    meaning : Meaning
        Loss, gain, none or unknown.
    bar : int
        Length of the bar, in thousandths of the longest.
    """

    name: str
    money: str
    share: str
    meaning: Meaning
    bar: int


class QuickStress(RowList[StressRow]):
    """Scenarios as bars, the largest loss first; those that cannot be priced lead."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, "Quick stress", "No stress scenarios are loaded.", parent)
        self._snapshot: RiskSnapshot | None = None

    @Slot(object)
    def show_snapshot(self, snapshot: RiskSnapshot) -> None:
        """Show a snapshot's scenarios; out of sight, keep it."""
        self._snapshot = snapshot
        if self.isVisible():
            self.show_rows(stress_rows(snapshot.stress, snapshot.base_currency))

    @Slot(bool)
    def grey_out(self, silent: bool) -> None:  # noqa: FBT001  a slot of engine_silent_changed(bool)
        """Show that the figures stand still."""
        self.dim(silent)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._snapshot is not None:
            self.show_snapshot(self._snapshot)

    def sizeHint(self) -> QSize:
        return QSize(300, ROW * 6 + 8)

    def row_height(self) -> int:
        return ROW

    def spoken(self, row: StressRow) -> str:
        if row.meaning is Meaning.UNKNOWN:
            return f"{row.name}: unknown, a position or a currency has no price"
        return f"{row.name}: NAV {row.money}, {row.share} of NAV, {CONVENTION}"

    def paint_row(self, painter: QPainter, box: QRectF, row: StressRow) -> None:
        colours = self.theme.colours
        inner = box.adjusted(SIDE, 0, -SIDE, 0)
        ink = colours.ink(row.meaning)
        self.write_right(painter, inner, row.share, colours.muted)
        inner.setRight(inner.right() - SHARE_WIDTH)
        self.write_right(painter, inner, row.money, ink)
        inner.setRight(inner.right() - MONEY_WIDTH - 6)
        is_narrow = box.width() < NARROW
        full = min(max(box.width() * BAR_SHARE, LEAST_BAR), MOST_BAR)
        track = QRectF(inner.right() - full, box.center().y() - BAR_HEIGHT / 2, full, BAR_HEIGHT)
        if is_narrow:  # under the words, so that a name is not starved by its bar
            full = box.width() - 2 * SIDE
            track = QRectF(SIDE, box.bottom() - 4, full, 3)
        if row.meaning is not Meaning.UNKNOWN:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(colours.rule))
            painter.drawRoundedRect(track, 3, 3)
            if row.bar:
                track.setWidth(max(full * row.bar / 1000.0, 3.0))
                painter.setBrush(self.fill(colours.fill(row.meaning)))
                painter.drawRoundedRect(track, 3, 3)
        inner.setRight(inner.right() - (0.0 if is_narrow else full + 8))
        self.write(painter, inner, row.name, colours.text)


def stress_rows(stress: tuple[StressLine, ...], currency: str) -> tuple[StressRow, ...]:
    """Return the scenarios as they are drawn: the unknown first, then by loss, the largest at the top."""
    longest = max((abs(line.loss_base) for line in stress if not math.isnan(line.loss_base)), default=0.0)

    def place(line: StressLine) -> float:
        return -math.inf if math.isnan(line.loss_base) else -line.loss_base

    return tuple(_row(line, currency, longest or 1.0) for line in sorted(stress, key=place))


def _row(line: StressLine, currency: str, longest: float) -> StressRow:
    if math.isnan(line.loss_base):
        return StressRow(line.name, "unknown", "", Meaning.UNKNOWN, 0)
    change = -line.loss_base
    money = formats.short_money(change, currency)
    return StressRow(
        line.name,
        f"+{money}" if change > 0.0 else money,
        known(formats.fraction(-line.loss_fraction, 1, plus=True)),
        meaning_of_sign(change),
        round(1000.0 * abs(change) / longest),
    )
