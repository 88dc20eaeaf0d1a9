"""The fields of one kind of book event, and what was typed in them as facts."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QCompleter, QFormLayout, QLineEdit, QWidget

from plimsoll.domain.book import Book
from plimsoll.domain.errors import EventRefused
from plimsoll.domain.instrument import Instrument

FORMS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "Trade": ("trade", ("code", "quantity", "price", "fee")),
    "Deposit": ("cash", ("currency", "amount")),
    "Withdrawal": ("cash", ("currency", "amount")),
    "Dividend": ("dividend", ("code", "currency", "amount")),
    "Fee": ("fee", ("currency", "amount", "code")),
    "Funding": ("funding", ("code", "currency", "amount")),
    "Split": ("split", ("code", "new_shares", "old_shares", "is_price_adjusted")),
    "Currency exchange": ("exchange", ("sold_currency", "sold", "bought_currency", "bought")),
}
CAPTIONS = {
    "code": "Instrument",
    "quantity": "Quantity (sold below zero)",
    "price": "Price",
    "fee": "Fee",
    "currency": "Currency",
    "amount": "Amount",
    "new_shares": "New shares",
    "old_shares": "for old shares",
    "is_price_adjusted": "The feed quotes the new price already",
    "sold_currency": "Currency given",
    "sold": "Amount given",
    "bought_currency": "Currency received",
    "bought": "Amount received",
}
CAPTION_WIDTH, CAPTION_GAP = 164, 10
NEEDS_NOTHING = {"fee": "0"}
WHOLE = frozenset({"new_shares", "old_shares"})
CODES = frozenset({"code", "currency", "sold_currency", "bought_currency"})


class EventForm(QWidget):
    """The fields of one kind of event.

    Signals
    -------
    edited()
        Something was typed or chosen.
    """

    edited = Signal()

    def __init__(self, master: Mapping[str, Instrument], book: Book, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        currencies = dict.fromkeys(
            (
                book.base_currency,
                *(line.currency for line in book.cash),
                *(i.currency for i in master.values()),
            )
        )
        self._known = {"code": list(master), "currency": list(currencies)}
        self.fields: dict[str, QLineEdit | QCheckBox] = {}
        self._rows = QFormLayout(self)
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._kind = ""
        self._title = ""

    def show_kind(self, title: str) -> None:
        """Show the fields of a kind; what was typed in fields of the same name stays."""
        kept = {name: field.text() for name, field in self.fields.items() if isinstance(field, QLineEdit)}
        while self._rows.rowCount():
            self._rows.removeRow(0)
        self._title = title
        self._kind, names = FORMS[title]
        self.fields = {}
        for name in names:
            self.fields[name] = self._field(name, kept.get(name, ""))

    def body(self) -> dict[str, object]:
        """Return the event's facts as typed.

        Raises
        ------
        EventRefused
            If a field is empty or no number.
        """
        facts: dict[str, object] = {"event": self._kind}
        for name, field in self.fields.items():
            if isinstance(field, QCheckBox):
                facts[name] = field.isChecked()
                continue
            text = field.text().strip() or NEEDS_NOTHING.get(name, "")
            optional = name == "code" and self._kind == "fee"
            facts[name] = text if name in CODES else _number(name, text)
            if not text and not optional:
                raise EventRefused(f"{CAPTIONS[name]} is not filled in yet")
        if self._title == "Withdrawal":
            facts["amount"] = -Decimal(str(facts["amount"]))
        if self._kind == "cash" and (Decimal(str(facts["amount"])) > 0) != (self._title == "Deposit"):
            raise EventRefused("Amount was below zero, expected above: the kind says which way it goes")
        return facts

    def clear(self) -> None:
        """Empty every field."""
        for field in self.fields.values():
            if isinstance(field, QLineEdit):
                field.clear()

    def _field(self, name: str, text: str) -> QLineEdit | QCheckBox:
        if name == "is_price_adjusted":
            box = QCheckBox(CAPTIONS[name], self)
            box.toggled.connect(self.edited)
            self._rows.addRow("", box)
            return box
        field = QLineEdit(text, self)
        field.setAccessibleName(CAPTIONS[name])
        if name in CODES:
            completer = QCompleter(self._known["code" if name == "code" else "currency"], field)
            completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
            field.setCompleter(completer)
        field.textChanged.connect(self.edited)
        self._rows.addRow(CAPTIONS[name], field)
        line_up(self._rows, field)
        return field


def line_up(rows: QFormLayout, field: QWidget) -> None:
    """Give a field's caption the width all captions have, so that fields of several forms stand in line."""
    rows.setHorizontalSpacing(CAPTION_GAP)
    caption = rows.labelForField(field)
    if caption is not None:
        caption.setMinimumWidth(CAPTION_WIDTH)


def _number(name: str, text: str) -> object:
    if not text:
        return text
    try:
        value = Decimal(text.replace("−", "-"))
    except InvalidOperation:
        raise EventRefused(f"{CAPTIONS[name]} was {text!r}, expected a number like -1234.5") from None
    if name not in WHOLE:
        return value
    if value != value.to_integral_value():
        raise EventRefused(f"{CAPTIONS[name]} was {text!r}, expected a whole number")
    return int(value)
