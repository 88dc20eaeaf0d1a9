"""The right column: a card for each cause of open breaches, newest first, and the orders in flight."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, Qt, Signal, Slot
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from plimsoll.bridge.breach_list_model import BreachListModel
from plimsoll.bridge.people_sign import PeopleSign, sign_of_one
from plimsoll.bridge.proposal_orders import shelf_of
from plimsoll.bridge.risk_model import RiskModel
from plimsoll.domain.breach import Breach
from plimsoll.domain.breach_group import BreachGroup
from plimsoll.domain.proposal_standing import ProposalStanding
from plimsoll.domain.snapshot import RiskSnapshot
from plimsoll.widgets.empty_state import EmptyState
from plimsoll.widgets.order_list import OrderList
from plimsoll.widgets.signing import Signing, acknowledgement, snooze
from plimsoll.widgets.theme import Theme
from plimsoll.widgets.tone import ToneLabel
from plimsoll.widgets.typeface import SMALL, face

if TYPE_CHECKING:
    from plimsoll.widgets.breach_card import BreachCard

LEAST_WIDTH = 300
MOST_CARDS = 60  # beyond which nobody reads; the limits tab names the rest


class BreachColumn(QWidget):
    """Cards of the open breaches, and beneath them the action in flight.

    Signals
    -------
    review_wanted(str)
        A breach's dialog was asked for.
    """

    review_wanted = Signal(str)

    def __init__(self, model: RiskModel, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._theme = theme
        self._currency = ""
        self._cards: list[BreachCard] = []
        self._signing = Signing(sign_of_one(model.person), self)
        self.orders = OrderList(shelf_of(model), theme, self)
        self.breaches = BreachListModel(self)
        self.breaches.rowsInserted.connect(self._insert_cards)
        self.breaches.rowsRemoved.connect(self._remove_cards)
        self.breaches.dataChanged.connect(self._change_cards)
        self._empty = EmptyState(self)
        self._empty.show_words("No limit has been judged yet.", "")
        self._more = ToneLabel(face(SMALL), self, tone="muted")
        self._more.setContentsMargins(14, 6, 14, 6)
        inner = QWidget(self)
        self._list = QVBoxLayout(inner)
        self._list.setContentsMargins(0, 0, 0, 0)
        self._list.setSpacing(0)
        self._list.addWidget(self.orders)
        self._list.addStretch(1)
        self._scroll = QScrollArea(self)
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setWidget(inner)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._scroll, 1)
        column.addWidget(self._empty, 1)
        column.addWidget(self._more)
        self.orders.shown.connect(self._tell)
        model.proposal_changed.connect(self._show_proposal)
        self.setMinimumWidth(LEAST_WIDTH)
        self._tell()

    @property
    def cards(self) -> "tuple[BreachCard, ...]":
        """The cards, the newest cause first."""
        return tuple(self._cards)

    def join(self, sign: PeopleSign) -> None:
        """Have what the cards decide signed by these people from now on."""
        self._signing.sign = sign

    def show_snapshot(self, snapshot: RiskSnapshot) -> None:
        self._currency = snapshot.base_currency
        self._empty.show_words(calm(snapshot), "")
        if snapshot.breaches or self.breaches.rowCount():
            self.breaches.take_breaches(snapshot.breaches)

    @Slot(QModelIndex, int, int)
    def _insert_cards(self, _parent: QModelIndex, first: int, last: int) -> None:
        from plimsoll.widgets.breach_card import BreachCard  # noqa: PLC0415  the window loads it once painted

        for row in range(first, last + 1):
            card = BreachCard(self._group(row), self._currency, self._theme, self)
            card.review_wanted.connect(self.review_wanted)
            card.acknowledged.connect(self._acknowledge)
            card.snoozed.connect(self._snooze)
            self._tell_proposals(card)
            self._cards.insert(row, card)
            self._list.insertWidget(row, card)
        self._tell()

    @Slot(QModelIndex, int, int)
    def _remove_cards(self, _parent: QModelIndex, first: int, last: int) -> None:
        for row in range(last, first - 1, -1):
            card = self._cards.pop(row)
            self._list.removeWidget(card)
            card.hide()
            card.deleteLater()
        self._tell()

    @Slot(QModelIndex, QModelIndex)
    def _change_cards(self, first: QModelIndex, last: QModelIndex) -> None:
        for row in range(first.row(), last.row() + 1):
            self._cards[row].show_group(self._group(row))
            self._tell_proposals(self._cards[row])

    @Slot(object)
    def _show_proposal(self, standing: ProposalStanding) -> None:
        breach_id = standing.proposal.breach_id
        for card in self._cards:
            if any(breach.breach_id == breach_id for breach in card.group.breaches):
                self._tell_proposals(card)

    def _tell_proposals(self, card: "BreachCard") -> None:
        proposals = self._model.proposals
        ids = [breach.breach_id for breach in card.group.breaches if breach.breach_id in proposals]
        card.show_proposals(proposals[breach_id] for breach_id in ids)

    @Slot(object)
    def _acknowledge(self, breaches: tuple[Breach, ...]) -> None:
        self._signing.ask(*acknowledgement(self._model, breaches))

    @Slot(object, float)
    def _snooze(self, breaches: tuple[Breach, ...], seconds: float) -> None:
        self._signing.ask(*snooze(self._model, breaches, seconds))

    def _group(self, row: int) -> BreachGroup:
        return self.breaches.groups[row]

    @Slot()
    def _tell(self) -> None:
        n = len(self._cards)
        self._empty.setVisible(n == 0 and not self.orders.rows.rows)
        self._scroll.setVisible(n > 0 or bool(self.orders.rows.rows))
        for row, card in enumerate(self._cards):
            card.setVisible(row < MOST_CARDS)
        self._more.setVisible(n > MOST_CARDS)
        self._more.say(f"and {n - MOST_CARDS} more, on the Limits tab")


def calm(snapshot: RiskSnapshot) -> str:
    """Return what may be said when no limit is broken: what cannot be computed is never taken for fine."""
    if not snapshot.limits:
        return "No limits are set."
    if snapshot.n_unknown_limits:
        return f"No limit is known to be broken; {snapshot.n_unknown_limits} cannot be computed."
    return "No limit is broken."
