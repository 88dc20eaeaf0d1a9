"""The action in flight: the orders of each decision, as the broker tells of them."""

from PySide6.QtCore import QRectF, Signal, Slot
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QVBoxLayout, QWidget

from plimsoll.bridge.proposal_orders import OrderShelf, have_ended
from plimsoll.bridge.proposal_quantity import quantity_text
from plimsoll.bridge.roles import Meaning
from plimsoll.domain.order import Order, OrderState
from plimsoll.widgets.breach_evidence import section
from plimsoll.widgets.row_list import SIDE, RowList
from plimsoll.widgets.theme import Theme
from plimsoll.widgets.tone import ToneLabel
from plimsoll.widgets.typeface import SMALL, bold, face

ROW = 26
ROWS_IN_SIGHT = 6
STATE_WORDS = {
    OrderState.PLANNED: "about to be sent",
    OrderState.SENT: "sent, not yet accepted",
    OrderState.WORKING: "working",
    OrderState.CANCELLING: "being cancelled",
    OrderState.IN_DOUBT: "in doubt: asking the broker",
    OrderState.FILLED: "filled",
    OrderState.CANCELLED: "cancelled",
    OrderState.REJECTED: "rejected",
    OrderState.LOST: "lost: the broker knows nothing of it",
}
_MEANINGS = {
    OrderState.IN_DOUBT: Meaning.NEAR,
    OrderState.REJECTED: Meaning.OVER,
    OrderState.LOST: Meaning.OVER,
}


def side_of(order: Order) -> str:
    """Return BUY or SELL."""
    return "SELL" if order.quantity < 0 else "BUY"


def order_words(order: Order) -> str:
    """Return where an order stands: its state, how much is filled, and why it failed."""
    words = STATE_WORDS[order.state]
    if order.filled and order.remaining:
        words += f", {quantity_text(order.filled)} filled, {quantity_text(order.remaining)} to go"
    return f"{words}: {order.reason}" if order.reason else words


def count_words(orders: tuple[Order, ...]) -> str:
    """Return how many orders came to what: 2 filled, 1 rejected."""
    counts: dict[str, int] = {}
    for order in orders:
        word = order.state.value.replace("_", " ")
        counts[word] = counts.get(word, 0) + 1
    return ", ".join(f"{n} {word}" for word, n in counts.items())


class OrderRows(RowList[Order]):
    """Orders, one a row: code, side and quantity, and where it stands."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, "Orders", "No order has been heard of yet.", parent)

    def row_height(self) -> int:
        return ROW

    def height_of(self, n_rows: int, most: int) -> int:
        """Return how high the list is with so many rows, of which at most some are in sight."""
        return ROW * max(min(n_rows, most), 1) + 2

    def paint_row(self, painter: QPainter, box: QRectF, row: Order) -> None:
        colours = self.theme.colours
        left, width = box.left() + SIDE, box.width() - 2 * SIDE
        painter.setFont(bold(SMALL))
        self.write(painter, QRectF(left, box.top(), width * 0.23, ROW), row.code, colours.text)
        painter.setFont(face(SMALL))
        what = f"{side_of(row)} {quantity_text(row.quantity)}"
        self.write(painter, QRectF(left + width * 0.25, box.top(), width * 0.34, ROW), what, colours.text)
        ink = colours.ink(_MEANINGS.get(row.state, Meaning.PLAIN))
        room = QRectF(left + width * 0.61, box.top(), width * 0.39, ROW)
        self.write(painter, room, order_words(row), ink)

    def spoken(self, row: Order) -> str:
        return f"{side_of(row)} {quantity_text(row.quantity)} {row.code}: {order_words(row)}"


class OrderList(QWidget):
    """The decisions whose orders have not all ended, the newest first; it hides when there is none.

    Signals
    -------
    shown()
        Other orders stand here.
    """

    shown = Signal()

    def __init__(self, shelf: OrderShelf, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shelf = shelf
        self.rows = OrderRows(theme, self)
        self._title = section("Action in flight", self)
        self._title.setContentsMargins(SIDE, 0, SIDE, 0)
        self._words = ToneLabel(face(SMALL), self, tone="muted")
        self._words.setContentsMargins(SIDE, 0, SIDE, 0)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 8, 0, 8)
        column.setSpacing(4)
        column.addWidget(self._title)
        column.addWidget(self._words)
        column.addWidget(self.rows)
        shelf.changed.connect(self.follow)
        self.follow()

    @Slot()
    def follow(self) -> None:
        """Show what is in flight now."""
        decisions = self._shelf.in_flight
        orders = tuple(order for _, part in decisions for order in part)
        self.setVisible(bool(orders))
        n_live = sum(not have_ended((order,)) for order in orders)
        decided = f", of {len(decisions)} decisions" if len(decisions) > 1 else ""
        self._words.say(f"{n_live} of {len(orders)} orders have not ended{decided}")
        self.rows.show_rows(orders)
        self.rows.setFixedHeight(self.rows.height_of(len(orders), ROWS_IN_SIGHT))
        self.shown.emit()
