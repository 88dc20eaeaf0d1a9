import pytest
from PySide6.QtCore import QPoint, QRectF, Qt
from PySide6.QtGui import QHelpEvent, QPainter
from PySide6.QtWidgets import QApplication, QToolTip
from pytestqt.qtbot import QtBot

from plimsoll.widgets.row_list import MOST_SPOKEN, RowList
from plimsoll.widgets.theme import Theme

ROW, HEAD = 20, 10


class Numbers(RowList[int]):
    """Rows that are numbers, with a note of those that were painted."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "Numbers", "No numbers.")
        self.painted: list[int] = []

    def row_height(self) -> int:
        return ROW

    def head_height(self) -> int:
        return HEAD

    def spoken(self, row: int) -> str:
        return f"number {row}"

    def paint_row(self, painter: QPainter, box: QRectF, row: int) -> None:
        self.painted.append(row)


@pytest.fixture
def numbers(qtbot: QtBot, theme: Theme) -> Numbers:
    shown = Numbers(theme)
    qtbot.addWidget(shown)
    shown.resize(200, HEAD + 5 * ROW)
    shown.show()
    shown.show_rows(range(10_000))
    return shown


def painted(numbers: Numbers) -> list[int]:
    numbers.painted.clear()
    numbers.viewport().grab()
    return numbers.painted


def test_that_of_ten_thousand_rows_only_those_in_sight_are_painted(numbers: Numbers) -> None:
    assert painted(numbers) == [0, 1, 2, 3, 4]


def test_that_keys_reach_both_ends(numbers: Numbers, qtbot: QtBot) -> None:
    qtbot.keyClick(numbers, Qt.Key.Key_End)
    assert painted(numbers)[-1] == 9_999
    qtbot.keyClick(numbers, Qt.Key.Key_Up)
    assert painted(numbers)[-1] == 9_998
    qtbot.keyClick(numbers, Qt.Key.Key_Home)
    assert painted(numbers)[0] == 0


def test_that_a_row_is_found_where_it_is_painted_and_the_head_is_none(numbers: Numbers) -> None:
    assert [numbers.row_at(y) for y in (HEAD - 1, HEAD, HEAD + ROW)] == [-1, 0, 1]
    numbers.verticalScrollBar().setValue(ROW)
    assert numbers.row_at(HEAD) == 1
    numbers.show_rows((7,))
    assert numbers.row_at(HEAD + ROW) == -1


def test_that_a_row_speaks_in_its_tooltip(numbers: Numbers) -> None:
    spot = QPoint(5, HEAD + 2 * ROW + 3)
    ask = QHelpEvent(QHelpEvent.Type.ToolTip, spot, numbers.viewport().mapToGlobal(spot))
    QApplication.sendEvent(numbers.viewport(), ask)
    assert QToolTip.text() == "number 2"
    QToolTip.hideText()


def test_that_assistive_technology_hears_some_rows_and_how_many_are_left(numbers: Numbers) -> None:
    told = numbers.accessibleDescription().split("; ")
    assert told[0] == "number 0"
    assert told[-1] == f"and {10_000 - MOST_SPOKEN:,} more"
    assert len(told) == MOST_SPOKEN + 1


def test_that_without_rows_it_says_why(numbers: Numbers) -> None:
    numbers.show_rows(())
    assert numbers.accessibleDescription() == "No numbers."
    numbers.show_rows((), "Not loaded yet.")
    assert numbers.accessibleDescription() == "Not loaded yet."
    assert painted(numbers) == []
