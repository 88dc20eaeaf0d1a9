"""What became of an approved proposal: its orders live, and the measure before and after once they ended."""

from PySide6.QtWidgets import QVBoxLayout, QWidget

from plimsoll.bridge.proposal_orders import have_ended
from plimsoll.domain.order import Order
from plimsoll.domain.proposal import LimitEffect
from plimsoll.domain.snapshot import LimitStatus
from plimsoll.widgets.breach_evidence import section
from plimsoll.widgets.order_list import OrderRows, count_words
from plimsoll.widgets.proposal_words import closing_words, number_words
from plimsoll.widgets.theme import Theme
from plimsoll.widgets.tone import ToneLabel
from plimsoll.widgets.typeface import BODY, bold, face

ROWS_IN_SIGHT = 12


class ProposalOutcome(QWidget):
    """The orders of one decision; nothing here can be decided."""

    def __init__(self, theme: Theme, currency: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._currency = currency
        self.rows = OrderRows(theme, self)
        self.closing = ToneLabel(bold(BODY), self)
        self.closing.setWordWrap(True)
        self._counts = ToneLabel(face(), self, tone="muted")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(section("Orders of this decision", self))
        column.addWidget(self.rows)
        column.addWidget(self._counts)
        column.addWidget(self.closing)
        column.addStretch(1)

    def show_orders(
        self, orders: tuple[Order, ...], n_sent: int, effect: LimitEffect | None, status: LimitStatus | None
    ) -> None:
        """Show the orders as they stand; once all of those sent have ended, what the measure was and is."""
        self.rows.show_rows(orders)
        self.rows.setFixedHeight(self.rows.height_of(len(orders), ROWS_IN_SIGHT))
        self._counts.say(f"{number_words(len(orders), 'order')}: {count_words(orders)}" if orders else "")
        ended = len(orders) >= n_sent and have_ended(orders)
        self.closing.setVisible(ended)
        if ended:
            self.closing.say(
                f"All orders have ended. {closing_words(effect, status, self._currency)}".strip()
            )
