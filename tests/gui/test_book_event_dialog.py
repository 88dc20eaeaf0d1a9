from collections.abc import Iterator
from decimal import Decimal

import numpy as np
import pytest
import shiboken6
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from fakes.trading_desk import MASTER, MIXED, PRICES, book_of
from plimsoll.domain.book_difference import differences
from plimsoll.domain.book_event import BookEvent, CashMoved, TradeEntered
from plimsoll.domain.book_record import record_of
from plimsoll.domain.errors import EventRefused
from plimsoll.engine.book_event_desk import plan, preview
from plimsoll.engine.universe import universe_of
from plimsoll.widgets.book_event_dialog import BookEventDialog
from plimsoll.widgets.event_form import FORMS
from plimsoll.widgets.event_words import event_words
from plimsoll.widgets.portfolio_change_dialog import PortfolioChangeDialog
from plimsoll.widgets.theme import Theme

BOOK = book_of(MIXED, {"USD": 2e6, "EUR": 120_000.0})
UNIVERSE = universe_of(BOOK, MASTER)
MARK = np.array([PRICES.get(code, MASTER[code].fixed_price) for code in UNIVERSE.codes], dtype=np.float64)
DEPOSIT = CashMoved(event_id="c", currency="EUR", amount=Decimal(100))


class Book:
    """Answers a dialog as the engine does."""

    def __init__(self) -> None:
        self.record = record_of(BOOK)
        self.asked: list[BookEvent] = []
        self.dialog: BookEventDialog | None = None
        self.n = 0

    def preview(self, event: BookEvent) -> None:
        self.asked.append(event)
        self.dialog.show_preview(preview(event, self.record, UNIVERSE, MARK))

    def submit(self, event: BookEvent) -> None:
        try:
            self.record = plan(event, self.record, UNIVERSE, MARK).after
        except EventRefused as refusal:
            self.dialog.show_outcome(event, str(refusal))
            return
        self.dialog.show_outcome(event, "")
        self.dialog.show_record(self.record)

    def make_id(self) -> str:
        self.n += 1
        return f"E{self.n}"


@pytest.fixture
def book() -> Book:
    return Book()


@pytest.fixture
def dialog(qapp: QApplication, theme: Theme, book: Book) -> Iterator[BookEventDialog]:
    dialog = BookEventDialog(
        theme,
        MASTER,
        BOOK,
        book.preview,
        book.submit,
        person="ana",
        make_id=book.make_id,
    )
    book.dialog = dialog
    dialog.show()
    yield dialog
    dialog.close()
    shiboken6.delete(dialog)


def type_form(dialog: BookEventDialog, kind: str, reason: str = "told by the broker", **texts: str) -> None:
    dialog.kind.setCurrentText(kind)
    for name, text in texts.items():
        QTest.keyClicks(dialog.form.fields[name], text)
    QTest.keyClicks(dialog.reason, reason)


def click(qtbot: QtBot, button) -> None:
    qtbot.waitUntil(lambda: button.is_armed, timeout=4000)
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def test_that_the_preview_follows_what_is_typed_and_the_click_enters_it(
    dialog: BookEventDialog, book: Book, qtbot: QtBot
) -> None:
    type_form(dialog, "Trade", code="AAPL.US", quantity="-400", price="310", fee="25")
    qtbot.waitUntil(dialog.enter_button.isEnabled)
    assert "AAPL.US quantity; 1,000; →; 600" in dialog.preview_box.accessibleDescription()
    click(qtbot, dialog.enter_button)
    trade = book.record.events[0]
    assert isinstance(trade, TradeEntered)
    assert (trade.quantity, trade.price, trade.fee) == (Decimal(-400), Decimal(310), Decimal(25))
    assert (trade.person, trade.reason, trade.source) == ("ana", "told by the broker", "entered")
    assert dialog.entries.item(0).text() == "Sold 400 AAPL.US at 310"


def test_that_the_chord_enters_it_by_keyboard_alone_once_it_is_armed(
    dialog: BookEventDialog, book: Book, qtbot: QtBot
) -> None:
    type_form(dialog, "Deposit", currency="EUR", amount="100")
    qtbot.waitUntil(dialog.enter_button.isEnabled)
    if not dialog.enter_button.is_armed:
        QTest.keyClick(dialog.reason, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
        assert not book.record.events
    qtbot.waitUntil(lambda: dialog.enter_button.is_armed, timeout=4000)
    QTest.keyClick(dialog.reason, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert [event.kind for event in book.record.events] == ["cash"]


def test_that_an_entry_chosen_in_the_list_is_undone_and_taken_up_again(
    dialog: BookEventDialog, book: Book, qtbot: QtBot
) -> None:
    book.submit(DEPOSIT)
    dialog.entries.setCurrentRow(0)
    click(qtbot, dialog.undo_button)
    assert book.record.book.cash == BOOK.cash
    assert "(undone)" in dialog.entries.item(1).text()
    dialog.entries.setCurrentRow(1)
    assert not dialog.undo_button.isEnabled()
    dialog.entries.setCurrentRow(0)
    assert dialog.undo_button.text() == "Take up again"
    click(qtbot, dialog.undo_button)
    assert book.record.book.cash_in("EUR") == BOOK.cash_in("EUR") + 100


def test_that_no_stray_key_enters_anything(dialog: BookEventDialog, book: Book, qtbot: QtBot) -> None:
    type_form(dialog, "Deposit", currency="EUR", amount="100")
    qtbot.waitUntil(lambda: dialog.enter_button.isEnabled() and dialog.enter_button.is_armed, timeout=4000)
    for widget in (dialog, dialog.reason, dialog.form.fields["amount"], dialog.enter_button, dialog.entries):
        for key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            QTest.keyClick(widget, key)
    assert not book.record.events
    assert dialog.isVisible()
    assert not [
        each.text() for each in dialog.findChildren(QPushButton) if each.isDefault() or each.autoDefault()
    ]


def test_that_without_a_reason_nothing_can_be_entered(
    dialog: BookEventDialog, book: Book, qtbot: QtBot
) -> None:
    type_form(dialog, "Fee", reason="", currency="USD", amount="90")
    qtbot.waitUntil(lambda: bool(book.asked) and bool(dialog.words.text()))
    assert not dialog.enter_button.isEnabled()


@pytest.mark.parametrize(
    ("kind", "texts", "words"),
    [
        ("Trade", {"code": "AAPL.US", "quantity": "4"}, "Price is not filled in yet"),
        ("Trade", {"code": "AAPL.US", "quantity": "4", "price": "1,5"}, "expected a number like"),
        ("Trade", {"code": "VOD.L", "quantity": "4", "price": "1"}, "is not followed in this session"),
        ("Deposit", {"currency": "EUR", "amount": "-4"}, "the kind says which way"),
        ("Split", {"code": "AAPL.US", "new_shares": "1.5", "old_shares": "1"}, "expected a whole number"),
        ("Split", {"code": "AAPL.US", "new_shares": "1", "old_shares": "3"}, "no exact quantity"),
    ],
)
def test_that_what_is_wrong_is_said_and_kept(
    dialog: BookEventDialog, qtbot: QtBot, kind: str, texts: dict[str, str], words: str
) -> None:
    type_form(dialog, kind, **texts)
    qtbot.waitUntil(lambda: words in dialog.words.text())
    assert not dialog.enter_button.isEnabled()
    assert {name: dialog.form.fields[name].text() for name in texts} == texts


@pytest.mark.parametrize(
    ("kind", "texts"),
    [
        ("Withdrawal", {"currency": "EUR", "amount": "4"}),
        ("Dividend", {"code": "AAPL.US", "currency": "USD", "amount": "240"}),
        ("Fee", {"currency": "USD", "amount": "9"}),
        ("Funding", {"code": "GOLD", "currency": "USD", "amount": "-9"}),
        ("Split", {"code": "AAPL.US", "new_shares": "4", "old_shares": "1"}),
        (
            "Currency exchange",
            {"sold_currency": "USD", "sold": "110", "bought_currency": "EUR", "bought": "100"},
        ),
    ],
)
def test_that_each_kind_can_be_entered_by_its_form(
    dialog: BookEventDialog, book: Book, qtbot: QtBot, kind: str, texts: dict[str, str]
) -> None:
    type_form(dialog, kind, **texts)
    qtbot.waitUntil(dialog.enter_button.isEnabled)
    dialog._enter()
    assert [event.kind for event in book.record.events] == [FORMS[kind][0]]
    assert event_words(book.record.events[0]) in dialog.words.text()


def test_that_an_answer_to_an_older_question_is_passed_over(dialog: BookEventDialog, book: Book) -> None:
    dialog.show_preview(preview(DEPOSIT, book.record, UNIVERSE, MARK))
    assert not dialog.enter_button.isEnabled()
    assert not dialog.preview_box.accessibleDescription()


def test_that_a_changed_file_is_offered_with_its_differences_and_accepted_by_a_click(
    qapp: QApplication, theme: Theme, qtbot: QtBot
) -> None:
    lines = differences(BOOK, book_of({"AAPL.US": (900, 280.0), "SPIN.US": (5, 12.0)}, {"USD": 2e6}))
    dialog = PortfolioChangeDialog("positions.csv", lines)
    qtbot.addWidget(dialog)
    said: list[str] = []
    dialog.accepted_file.connect(lambda: said.append("accepted"))
    dialog.ignored_file.connect(lambda: said.append("ignored"))
    dialog.show()
    for key in (Qt.Key.Key_Return, Qt.Key.Key_Space):
        QTest.keyClick(dialog, key)
    assert not said
    table = dialog.table
    rows = [[table.item(row, column).text() for column in range(4)] for row in range(table.rowCount())]
    assert ["AAPL.US", "changed", "1,000", "900"] in rows
    assert ["SPIN.US", "added", "0", "5"] in rows
    assert ["Cash EUR", "removed", "120,000", "0"] in rows
    click(qtbot, dialog.accept_button)
    assert said == ["accepted"]
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert said == ["accepted", "ignored"]


def test_that_a_file_that_cannot_be_followed_says_why_and_is_not_to_be_accepted(
    qapp: QApplication, theme: Theme, qtbot: QtBot
) -> None:
    dialog = PortfolioChangeDialog("positions.csv", differences(BOOK, BOOK), "SPIN.US is not followed")
    qtbot.addWidget(dialog)
    dialog.show()
    assert dialog.words.isVisible()
    assert not dialog.accept_button.isEnabled()
