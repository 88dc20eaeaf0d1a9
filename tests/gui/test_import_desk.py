"""A file of trades: shown as a whole, entered by one click, taken once, and undone as a whole."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
import shiboken6
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from fakes.snapshot_maker import make_snapshot
from fakes.trading_desk import MASTER, MIXED, PRICES, book_of
from plimsoll.bridge.import_station import ImportStation
from plimsoll.bridge.risk_model import RiskModel
from plimsoll.domain.book_record import record_of
from plimsoll.domain.desk_request import BookEventAsked
from plimsoll.engine.book_event_desk import plan
from plimsoll.engine.events import RequestRejected, RequestTaken
from plimsoll.engine.import_preview import ImportAsked, preview_all
from plimsoll.engine.universe import universe_of
from plimsoll.widgets.book_event_dialog import BookEventDialog
from plimsoll.widgets.import_desk import ImportDesk
from plimsoll.widgets.import_dialog import HEADS, ImportDialog
from plimsoll.widgets.theme import Theme

HELD = {code: line for code, line in MIXED.items() if code != "SPIN.US"}
BOOK = book_of(HELD, {"USD": 2e6, "EUR": 120_000.0, "JPY": -5e6})
HEAD = "kind,code,quantity,price,fee,currency,amount\n"
GOOD = "trade,AAPL.US,-400,310,25,,\ndeposit,,,,,EUR,100000\ntrade,AAPL.US,-600,311,0,,\n"
BAD = "trade,AAPL.US,ten,310,0,,\n"


class Engine:
    """Stands in for the risk thread: the same planning, the same answers."""

    def __init__(self, model: RiskModel) -> None:
        self.record = record_of(BOOK)
        self._model = model
        self.refuse_from = 10**9
        self.start(universe_of(BOOK, MASTER))
        model.import_asked.connect(self.preview)
        model.request_made.connect(self.take)

    def start(self, universe) -> None:
        self.universe = universe
        marks = [PRICES.get(code, MASTER[code].fixed_price) for code in universe.codes]
        self.mark = np.array(marks, dtype=np.float64)

    def preview(self, asked: ImportAsked) -> None:
        self._model.import_previewed.emit(preview_all(asked, self.record, self.universe, self.mark, {}))

    def take(self, request: BookEventAsked) -> None:
        if len(self.record.events) >= self.refuse_from:
            self._model.take_event(RequestRejected(request, "the journal could not be written"))
            return
        self.record = plan(request.event, self.record, self.universe, self.mark).after
        self._model.take_event(RequestTaken(request))
        self._model.record_changed.emit(self.record)


class FollowingDesk:
    """Begins the engine anew with more codes, as the desk does; its prices come later."""

    def __init__(self, engine: Engine, model: RiskModel) -> None:
        self._engine, self._model = engine, model

    @property
    def followed(self) -> frozenset[str]:
        return frozenset(self._engine.universe.codes[: self._engine.universe.n_held])

    def follow(self, codes: Sequence[str]) -> None:
        self._engine.start(universe_of(BOOK, MASTER, [*self.followed, *codes]))
        self._model.record_changed.emit(self._engine.record)


@pytest.fixture
def engine(model: RiskModel) -> Engine:
    return Engine(model)


@pytest.fixture
def desk(model: RiskModel, engine: Engine, theme: Theme) -> Iterator[ImportDesk]:
    events = BookEventDialog(
        theme, MASTER, BOOK, lambda _: None, lambda _: None, person="ana", make_id=lambda: "id"
    )
    model.record_changed.connect(events.show_record)
    station = ImportStation(model, MASTER, BOOK, FollowingDesk(engine, model), events)
    yield ImportDesk(events, model, station, theme)
    shiboken6.delete(events)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "trades.csv"
    path.write_text(HEAD + GOOD)
    return path


def shown(dialog: ImportDialog, head: str) -> list[str]:
    column = next(place for place, each in enumerate(HEADS) if each.startswith(head))
    return [dialog.table.item(row, column).text() for row in range(dialog.table.rowCount())]


def click(qtbot: QtBot, dialog: ImportDialog) -> None:
    qtbot.waitUntil(lambda: dialog.enter_button.is_armed, timeout=4000)
    QTest.mouseClick(dialog.enter_button, Qt.MouseButton.LeftButton)


def test_that_the_whole_is_shown_then_entered_in_order_by_one_click_and_taken_once(
    desk: ImportDesk, engine: Engine, path: Path, qtbot: QtBot
) -> None:
    desk.open_file(path)
    assert shown(desk.dialog, "What it") == ["reduces", "moves money", "closes"]
    told = desk.dialog.totals.accessibleDescription()
    assert "AAPL.US quantity; 1,000; →; 0" in told
    assert "Cash EUR; €120,000.00; →; €220,000.00" in told
    assert not engine.record.events
    for key in (Qt.Key.Key_Return, Qt.Key.Key_Space):
        QTest.keyClick(desk.dialog, key)
    assert not engine.record.events
    click(qtbot, desk.dialog)
    assert [event.kind for event in engine.record.events] == ["trade", "cash", "trade"]
    assert {event.person for event in engine.record.events} == {"ana"}
    assert "All 3 were entered" in desk.dialog.words.text()
    desk.open_file(path)
    assert "3 in the book already" in desk.dialog.heading.text()
    assert not desk.dialog.enter_button.isEnabled()


def test_that_refused_lines_are_named_and_must_be_left_out_by_a_tick(
    desk: ImportDesk, engine: Engine, path: Path
) -> None:
    path.write_text(HEAD + BAD + GOOD)
    desk.open_file(path)
    assert "Line 2: quantity: was 'ten'" in desk.dialog.words.text()
    assert not desk.dialog.enter_button.isEnabled()
    desk.dialog.leave_out.setChecked(True)
    assert desk.dialog.enter_button.text() == "Enter 3 into the book"
    assert desk.dialog.enter_button.isEnabled()


def test_that_a_refusal_in_the_middle_says_how_far_it_came_and_goes_on_from_there(
    desk: ImportDesk, engine: Engine, path: Path
) -> None:
    engine.refuse_from = 2
    desk.open_file(path)
    desk.dialog._enter()
    assert "2 of 3 were entered; line 4 was not" in desk.dialog.words.text()
    assert "the journal could not be written" in desk.dialog.words.text()
    engine.refuse_from = 10**9
    desk.open_file(path)
    assert desk.dialog.enter_button.text() == "Enter 1 into the book"
    desk.dialog._enter()
    assert engine.record.book.position("AAPL.US").quantity == 0


def test_that_an_import_is_undone_as_a_whole_by_counter_entries(
    desk: ImportDesk, engine: Engine, path: Path
) -> None:
    desk.open_file(path)
    desk.dialog._enter()
    events = desk._events
    events.entries.setCurrentRow(1)
    assert not events.undo_import_button.isHidden()
    events.undo_import_button.click()
    assert shown(desk.dialog, "What it") == ["takes back"] * 3
    assert not desk.dialog.enter_button.isEnabled()  # no reason yet
    desk.dialog.reason.setText("the wrong file")
    desk.dialog._enter()
    assert "All 3 were taken back" in desk.dialog.words.text()
    assert events.entries.item(0).text() == "Undid: Sold 400 AAPL.US at 310"
    assert len(engine.record.events) == 6
    assert engine.record.book.positions == BOOK.positions
    assert engine.record.book.cash == BOOK.cash


def test_that_a_new_code_is_followed_and_entered_once_the_book_is_priced_again(
    desk: ImportDesk, engine: Engine, path: Path, model: RiskModel
) -> None:
    path.write_text(HEAD + "trade,SPIN.US,10,12,0,,\n")
    desk.open_file(path)
    assert "followed once entered: SPIN.US" in desk.dialog.notes.text()
    assert "new to this session" in shown(desk.dialog, "What it")[0]
    desk.dialog._enter()
    assert "SPIN.US" in engine.universe.codes
    assert not engine.record.events
    model.snapshot_taken.emit(make_snapshot())
    assert engine.record.book.position("SPIN.US").quantity == Decimal(10)


def test_that_a_file_that_cannot_be_read_says_why(desk: ImportDesk, path: Path) -> None:
    path.write_text("when;what\n")
    desk.open_file(path)
    assert "trades.csv was refused: line 1" in desk._events.words.text()
    assert desk.dialog is None
