from collections.abc import Iterator
from pathlib import Path

import pytest
import shiboken6
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QPushButton
from pytestqt.qtbot import QtBot

from plimsoll.bridge.instrument_table_model import InstrumentTableModel
from plimsoll.feed.alltick_rest import ShareFacts
from plimsoll.storage.instruments_file import COLUMNS, instruments_from_file
from plimsoll.widgets.instrument_editor import InstrumentEditor
from plimsoll.widgets.theme import Theme

TEXT = """\
# kept by hand
code,name,asset_class,currency,settlement,sector,country,x_desk
AAPL.US,Apple,equity,USD,funded,Technology,US,ny
SPIN.US,SPIN.US,equity,USD,funded,,,ldn
GOLD,Gold,commodity,USD,unfunded,Metals,,ldn
"""
NAN = float("nan")
FACTS = [
    ShareFacts("SPIN.US", "Spin-off Inc.", "NASD", "USD", "", 100.0, NAN, NAN),
    ShareFacts("AAPL.US", "Apple Inc.", "NASD", "HKD", "", NAN, NAN, NAN),
    ShareFacts("GHOST.US", "Ghost", "", "USD", "", 1.0, NAN, NAN),
]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "instruments.csv"
    path.write_text(TEXT)
    return path


@pytest.fixture
def asked() -> list[tuple[str, ...]]:
    return []


@pytest.fixture
def editor(qapp: QApplication, theme: Theme, path: Path, asked: list) -> Iterator[InstrumentEditor]:
    def fetch(codes):
        asked.append(tuple(codes))
        if len(asked) > 1:
            raise OSError("no route")
        return FACTS

    editor = InstrumentEditor(theme, instruments_from_file(path).values(), path, fetch=fetch)
    editor.show()
    yield editor
    editor._may_lose = True
    editor.close()
    shiboken6.delete(editor)


def cell(editor: InstrumentEditor, row: int, column: str) -> QModelIndex:
    return editor.model.index(row, COLUMNS.index(column))


def type_into(editor: InstrumentEditor, row: int, column: str, text: str) -> None:
    """Edit a cell the way hands do: F2, type over, Enter."""
    editor.view.setFocus()
    editor.view.setCurrentIndex(cell(editor, row, column))
    QTest.keyClick(editor.view, Qt.Key.Key_F2)
    finish_edit(editor, text)


def finish_edit(editor: InstrumentEditor, text: str) -> None:
    field = next(each for each in editor.view.findChildren(QLineEdit) if each.isVisible())
    field.selectAll()
    QTest.keyClicks(field, text)
    QTest.keyClick(field, Qt.Key.Key_Return)
    QApplication.processEvents()  # the delegate commits through the event loop


def button(editor: InstrumentEditor, word: str) -> QPushButton:
    return next(each for each in editor.findChildren(QPushButton) if word in each.text().replace("&", ""))


def words(editor: InstrumentEditor) -> str:
    return editor._words.text()


def test_that_the_model_keeps_the_rules_of_qt(qapp: QApplication, path: Path) -> None:
    model = InstrumentTableModel()
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    model.show(instruments_from_file(path).values())
    model.setData(model.index(model.add(), 0), "NEW.US")
    model.remove([0, 2])
    assert tester.model() is model
    assert model.codes == ["SPIN.US", "NEW.US"]


def test_that_a_cell_typed_by_keyboard_is_saved_and_the_rest_of_the_file_stays(
    editor: InstrumentEditor, path: Path
) -> None:
    type_into(editor, 1, "sector", "Media")
    assert editor.windowTitle().startswith("Instruments *")
    QTest.mouseClick(button(editor, "Save"), Qt.MouseButton.LeftButton)
    assert path.read_text() == TEXT.replace("funded,,,ldn", "funded,Media,,ldn")
    assert "takes effect at the next start" in words(editor)
    assert not editor.model.is_changed


def test_that_a_wrong_cell_keeps_what_was_typed_says_what_is_expected_and_is_not_saved(
    editor: InstrumentEditor, path: Path
) -> None:
    type_into(editor, 0, "currency", "dollars")
    wrong = cell(editor, 0, "currency")
    assert wrong.data() == "dollars"
    assert "expected a currency in capitals" in wrong.data(Qt.ItemDataRole.ToolTipRole)
    assert "1 cell is wrong" in words(editor)
    editor.view.setCurrentIndex(cell(editor, 2, "name"))
    editor.save()
    assert path.read_text() == TEXT
    assert editor.view.currentIndex() == wrong
    type_into(editor, 0, "currency", "USD")
    assert not editor.model.is_changed


def test_that_escape_with_changes_asks_and_without_closes(editor: InstrumentEditor) -> None:
    type_into(editor, 0, "name", "Apple Computer")
    QTest.keyClick(editor, Qt.Key.Key_Escape)
    assert editor.isVisible()
    assert button(editor, "Close without").isVisible()
    QTest.mouseClick(button(editor, "Keep editing"), Qt.MouseButton.LeftButton)
    assert not button(editor, "Close without").isVisible()
    type_into(editor, 0, "name", "Apple")
    QTest.keyClick(editor, Qt.Key.Key_Escape)
    assert not editor.isVisible()


def test_that_close_without_saving_closes_and_writes_nothing(editor: InstrumentEditor, path: Path) -> None:
    type_into(editor, 0, "name", "Apple Computer")
    editor.close()
    QTest.mouseClick(button(editor, "Close without"), Qt.MouseButton.LeftButton)
    assert not editor.isVisible()
    assert path.read_text() == TEXT


def test_that_enter_by_itself_saves_and_closes_nothing(editor: InstrumentEditor, path: Path) -> None:
    type_into(editor, 0, "name", "Apple Computer")
    for _ in range(5):
        QTest.keyClick(editor, Qt.Key.Key_Return)
    assert editor.isVisible()
    assert path.read_text() == TEXT
    assert not [
        each.text() for each in editor.findChildren(QPushButton) if each.isDefault() or each.autoDefault()
    ]


def test_that_a_line_is_added_and_another_removed(editor: InstrumentEditor, path: Path) -> None:
    editor.add()
    finish_edit(editor, "VOD.L")
    type_into(editor, 3, "currency", "GBP")
    editor.view.selectRow(2)
    QTest.mouseClick(button(editor, "Remove"), Qt.MouseButton.LeftButton)
    editor.save()
    assert list(instruments_from_file(path)) == ["AAPL.US", "SPIN.US", "VOD.L"]


def test_that_a_code_twice_and_a_proxy_of_nobody_are_wrong(editor: InstrumentEditor) -> None:
    type_into(editor, 1, "code", "AAPL.US")
    assert editor.model.n_wrong == 2
    type_into(editor, 1, "code", "SPIN.US")
    type_into(editor, 1, "proxy", "GHOST")
    assert "another line" in cell(editor, 1, "proxy").data(Qt.ItemDataRole.ToolTipRole)


def test_that_the_unclassified_are_named_and_can_be_shown_alone(editor: InstrumentEditor) -> None:
    assert "SPIN.US" in editor._banner.text()
    editor._only.setChecked(True)
    assert [editor.view.isRowHidden(row) for row in range(3)] == [True, False, True]
    editor._only.setChecked(False)
    QTest.keyClicks(editor._find, "gold metals")
    assert [editor.view.isRowHidden(row) for row in range(3)] == [True, True, False]
    editor._find.clear()
    type_into(editor, 1, "sector", "Media")
    type_into(editor, 1, "country", "US")
    assert not editor._notice.isVisible()


def test_that_share_facts_fill_what_is_empty_and_tell_what_differs(
    editor: InstrumentEditor, qtbot: QtBot, asked: list
) -> None:
    QTest.mouseClick(editor.fill_button, Qt.MouseButton.LeftButton)
    assert not editor.fill_button.isEnabled()
    qtbot.waitUntil(lambda: "cells filled" in words(editor))
    assert asked == [("AAPL.US", "SPIN.US")]
    filled = [cell(editor, 1, column).data() for column in ("name", "lot", "exchange")]
    assert filled == ["Spin-off Inc.", "100", "NASD"]
    assert (cell(editor, 0, "name").data(), cell(editor, 0, "currency").data()) == ("Apple", "USD")
    assert "AAPL.US currency USD, AllTick says HKD" in words(editor)


@pytest.mark.logs_warnings
def test_that_a_failure_to_ask_is_told_and_may_be_tried_again(
    editor: InstrumentEditor, qtbot: QtBot, asked: list
) -> None:
    asked.append(())
    editor.fill()
    qtbot.waitUntil(lambda: "could not be asked: no route" in words(editor))
    assert editor.fill_button.isEnabled()


def test_that_a_file_is_imported_unsaved_and_a_bad_one_changes_nothing(
    editor: InstrumentEditor, tmp_path: Path, path: Path
) -> None:
    other = tmp_path / "other.csv"
    other.write_text(TEXT.replace("Metals", "Bullion"))
    editor.import_from(other)
    assert cell(editor, 2, "sector").data() == "Bullion"
    assert editor.model.is_changed
    other.write_text("code\n")
    editor.import_from(other)
    assert "was refused" in words(editor)
    assert cell(editor, 2, "sector").data() == "Bullion"
    assert path.read_text() == TEXT


def test_that_an_export_keeps_the_remarks_and_saves_nothing(editor: InstrumentEditor, tmp_path: Path) -> None:
    type_into(editor, 0, "name", "Apple Computer")
    target = tmp_path / "copy.csv"
    editor.export_to(target)
    assert target.read_text() == TEXT.replace("Apple", "Apple Computer", 1)
    assert editor.model.is_changed


def test_that_a_file_that_cannot_be_written_is_told(editor: InstrumentEditor, tmp_path: Path) -> None:
    editor.export_to(tmp_path / "nowhere" / "copy.csv")
    assert "was not written" in words(editor)
