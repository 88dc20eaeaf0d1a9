"""The orders of a plan, one a row, with quantities that can be changed and what is wrong said beside them."""

import math
from collections.abc import Mapping

from PySide6.QtCore import QRect, QRectF, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QFrame, QLineEdit, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from plimsoll.bridge.proposal_quantity import quantity_text
from plimsoll.bridge.roles import Meaning
from plimsoll.domain.instrument import Instrument
from plimsoll.domain.proposal import Plan, PlanLeg
from plimsoll.widgets import formats
from plimsoll.widgets.theme import Theme
from plimsoll.widgets.typeface import BODY, SMALL, bold, face

ROW, HEAD = 31, 26
ROWS_IN_SIGHT = 4
ROWS_AT_ONCE = 40  # made in one turn; a plan over five hundred positions comes in without a pause
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
TITLES = ("Order", "Side", "Quantity", "Limit price", "Notional", "Est. cost", "Of 1-day volume")
EDGES = (0.0, 0.165, 0.235, 0.385, 0.52, 0.665, 0.79, 0.99)  # of the width; each column ends at the next


class LegTable(QWidget):
    """A table of legs; those of later stand beneath those of now and cannot be changed.

    Signals
    -------
    edited(str, str)
        A person typed in the field of a code.
    """

    edited = Signal(str, str)

    def __init__(self, theme: Theme, currency: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._currency = currency
        self._master: dict[str, Instrument] = {}
        self._plan = Plan("")
        self._may_edit = True
        self.rows: list[LegRow] = []
        inner = QWidget(self)
        self._column = QVBoxLayout(inner)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._column.addStretch(1)
        self._scroll = QScrollArea(self)
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setWidget(inner)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, HEAD, 0, 0)
        column.addWidget(self._scroll)
        self._coming = QTimer(self)
        self._coming.setInterval(0)
        self._coming.timeout.connect(self._make_more)
        self.setAccessibleName("Orders of the plan")
        theme.changed.connect(self.update)

    def know(self, instruments: tuple[Instrument, ...]) -> None:
        """Learn with how many digits prices are written."""
        if len(instruments) != len(self._master):
            self._master = {item.code: item for item in instruments}

    def show_plan(self, plan: Plan, *, may_edit: bool) -> None:
        """Show a plan as the desk made it; what was typed before is gone."""
        for row in self.rows:
            self._column.removeWidget(row)
            row.hide()
            row.deleteLater()
        self.rows = []
        self._plan, self._may_edit = plan, may_edit
        n_rows = max(min(len(plan.all_legs), ROWS_IN_SIGHT), 1)
        self.setFixedHeight(HEAD + ROW * n_rows)
        self._make_more()
        if len(self.rows) < len(plan.all_legs):
            self._coming.start()
        self.update()

    def show_figures(self, plan: Plan, complaints: Mapping[str, str]) -> None:
        """Show what the shown quantities cost, and what is wrong with those that are wrong."""
        now = {leg.code: leg for leg in plan.legs}
        for row in self.rows:
            if not row.is_later:
                row.show_figures(now.get(row.leg.code), complaints.get(row.leg.code, ""))

    def row_of(self, code: str) -> "LegRow":
        """Return the row of a leg of now."""
        return next(row for row in self.rows if row.leg.code == code and not row.is_later)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setFont(face(SMALL))
        painter.setPen(QColor(self._theme.colours.muted))
        for title, box in zip(TITLES, boxes(self._inner_width, HEAD), strict=True):
            painter.drawText(box, LEFT if title in TITLES[:2] else RIGHT, title)
        if not self._plan.all_legs:
            painter.drawText(QRectF(8, HEAD, self.width() - 16, ROW), LEFT, "This plan sends no order.")
        painter.end()

    @property
    def _inner_width(self) -> int:
        return self._scroll.viewport().width()

    @Slot()
    def _make_more(self) -> None:
        legs, n_now = self._plan.all_legs, len(self._plan.legs)
        for number in range(len(self.rows), min(len(self.rows) + ROWS_AT_ONCE, len(legs))):
            leg = legs[number]
            is_later = number >= n_now
            row = LegRow(
                self._theme,
                leg,
                self._currency,
                self._master.get(leg.code),
                is_later=is_later,
                may_edit=self._may_edit and not is_later,
                parent=self,
            )
            row.edited.connect(self.edited)
            self.rows.append(row)
            self._column.insertWidget(number, row)
        if len(self.rows) == len(legs):
            self._coming.stop()


class QuantityField(QLineEdit):
    """Esc, Enter and every chord go past it: it takes text and nothing else."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape):
            event.accept()
            return
        super().keyPressEvent(event)


class LegRow(QWidget):
    """One leg: painted, with a field for its quantity.

    Signals
    -------
    edited(str, str)
        The code, and what its field says now.
    """

    edited = Signal(str, str)

    def __init__(
        self,
        theme: Theme,
        leg: PlanLeg,
        currency: str,
        instrument: Instrument | None,
        *,
        is_later: bool,
        may_edit: bool,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self.leg = leg
        self.is_later = is_later
        self._currency = currency
        self._instrument = instrument
        self._shown: PlanLeg | None = leg
        self.complaint = ""
        self.setFixedHeight(ROW)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.field: QuantityField | None = None
        if may_edit:
            self.field = QuantityField(quantity_text(leg.quantity), self)
            self.field.setAlignment(Qt.AlignmentFlag.AlignRight)
            self.field.setFont(face(BODY))
            self.field.setAccessibleName(f"Quantity of {leg.code} to {self.side.lower()}")
            self.field.textEdited.connect(self._tell)
        self._say()

    @property
    def side(self) -> str:
        """BUY or SELL."""
        return "SELL" if self.leg.quantity < 0 else "BUY"

    def sizeHint(self) -> QSize:
        return QSize(600, ROW)

    def show_figures(self, leg: PlanLeg | None, complaint: str) -> None:
        """Show what the quantity in the field comes to; None for a leg that is out."""
        if (leg, complaint) != (self._shown, self.complaint):
            self._shown, self.complaint = leg, complaint
            self._say()
            self.update()

    def cells(self) -> tuple[str, str, str, str]:
        """Return limit price, notional, cost and share of volume as they are written."""
        leg = self._shown
        if leg is None:
            return formats.UNKNOWN, "taken out", formats.UNKNOWN, formats.UNKNOWN
        digits = 0 if leg.cost_base >= 10.0 else 2
        return (
            price_words(leg, self._instrument),
            formats.money(leg.value_base, self._currency),
            formats.money(leg.cost_base, self._currency, digits=digits),
            formats.fraction(leg.volume_share, 1),
        )

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self.field is not None:
            box = boxes(self.width(), ROW)[2]
            self.field.setGeometry(QRect(int(box.left()) + 4, 3, int(box.width()) - 4, ROW - 6))

    def paintEvent(self, _event: QPaintEvent) -> None:
        colours = self._theme.colours
        painter = QPainter(self)
        painter.setPen(QPen(QColor(colours.rule), 1))
        painter.drawLine(0, 0, self.width(), 0)
        order, side, quantity, *figures = boxes(self.width(), ROW)
        ink = colours.muted if self.is_later else colours.text
        painter.setFont(bold(BODY))
        painter.setPen(QColor(ink))
        painter.drawText(order, LEFT, self.leg.code)
        painter.setFont(face(BODY))
        meaning = Meaning.LOSS if self.leg.quantity < 0 else Meaning.GAIN
        painter.setPen(QColor(colours.ink(meaning)))
        painter.drawText(side, LEFT, self.side)
        painter.setPen(QColor(ink))
        if self.field is None:
            painter.drawText(quantity, RIGHT, quantity_text(self.leg.quantity))
        if self.complaint or self.is_later:
            box = figures[0].united(figures[-1]).adjusted(12, 0, 0, 0)
            words = self.complaint or later_words(self.leg)
            painter.setPen(QColor(colours.ink(Meaning.OVER) if self.complaint else colours.muted))
            shown = painter.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, int(box.width()))
            painter.drawText(box, LEFT, shown)
        else:
            for box, text in zip(figures, self.cells(), strict=True):
                painter.drawText(box, RIGHT, text)
        painter.end()

    def _say(self) -> None:
        words = self.complaint or (later_words(self.leg) if self.is_later else self.leg.words)
        said = ", ".join(filter(None, (*self.cells(), words)))
        self.setToolTip(words)
        self.setAccessibleName(f"{self.side} {quantity_text(self.leg.quantity)} {self.leg.code}")
        self.setAccessibleDescription(said)
        if self.field is not None:
            self.field.setAccessibleDescription(self.complaint)
            self.field.setToolTip(self.complaint)

    @Slot(str)
    def _tell(self, text: str) -> None:
        self.edited.emit(self.leg.code, text)


def boxes(width: int, height: int) -> tuple[QRectF, ...]:
    """Return the columns of a row; the first two are written to the left."""
    places = [share * width for share in EDGES]
    starts = (8.0, *places[1:-1])
    return tuple(QRectF(start, 0, end - start, height) for start, end in zip(starts, places[1:], strict=True))


def price_words(leg: PlanLeg, instrument: Instrument | None) -> str:
    """Return the worst price a leg accepts."""
    if leg.limit_price is None:
        return "market"
    if instrument is None:
        return f"{leg.limit_price:,f}"
    return formats.price(float(leg.limit_price), instrument)


def later_words(leg: PlanLeg) -> str:
    """Return when a leg of later goes out, how much it is, and why it waits."""
    when = f"from {formats.market_instant(leg.not_before_ns)} New York" if leg.not_before_ns else "later"
    share = "" if math.isnan(leg.volume_share) else f"{formats.fraction(leg.volume_share, 1)} of a day"
    return " · ".join(filter(None, (when, share, leg.words)))
