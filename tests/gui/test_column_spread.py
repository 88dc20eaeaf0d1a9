from collections.abc import Callable

import pytest
from PySide6.QtGui import QStandardItemModel
from PySide6.QtWidgets import QTableView
from pytestqt.qtbot import QtBot

from fakes.snapshot_maker import make_breaches, make_snapshot
from plimsoll.bridge.limit_table_model import LimitColumn
from plimsoll.bridge.risk_model import RiskModel
from plimsoll.widgets.column_spread import LEAST_FRACTION, ColumnSpread
from plimsoll.widgets.main_window import MainWindow

WIDTHS = {0: 100, 1: 50, 2: 150}


@pytest.fixture
def view(qtbot: QtBot) -> QTableView:
    view = QTableView()
    qtbot.addWidget(view)
    view.setModel(QStandardItemModel(1, len(WIDTHS), view))
    view.verticalHeader().hide()
    view.horizontalHeader().setMinimumSectionSize(10)
    return view


def widths(view: QTableView) -> list[int]:
    return [view.columnWidth(column) for column in WIDTHS]


@pytest.mark.parametrize("width", [301, 640, 1001])
def test_that_the_columns_fill_the_view_to_the_pixel(view: QTableView, width: int) -> None:
    spread = ColumnSpread(view, WIDTHS.items(), frozenset())
    view.resize(width, 200)
    view.show()
    spread.spread()
    assert sum(widths(view)) == view.viewport().width()
    assert widths(view)[0] == pytest.approx(2 * widths(view)[1], abs=2)


def test_that_only_columns_of_words_give_way(view: QTableView) -> None:
    view.resize(282, 200)
    view.show()
    ColumnSpread(view, WIDTHS.items(), frozenset({2}))
    assert widths(view)[:2] == [100, 50]
    assert sum(widths(view)) == view.viewport().width()


def test_that_words_stay_readable_and_the_table_scrolls_at_last(view: QTableView) -> None:
    view.resize(120, 200)
    view.show()
    ColumnSpread(view, WIDTHS.items(), frozenset({2}))
    assert widths(view) == [100, 50, int(150 * LEAST_FRACTION)]


def test_that_a_width_chosen_by_hand_is_kept_in_proportion(view: QTableView) -> None:
    view.resize(302, 200)
    view.show()
    spread = ColumnSpread(view, WIDTHS.items(), frozenset())
    view.horizontalHeader().resizeSection(1, 3 * view.columnWidth(1))
    view.resize(902, 200)
    spread.spread()
    assert sum(widths(view)) == view.viewport().width()
    assert widths(view)[1] > widths(view)[0]


def test_that_the_limits_need_no_sideways_scroll_on_a_small_screen(
    open_desk: Callable[..., MainWindow], model: RiskModel
) -> None:
    desk = open_desk((1366, 768))
    model.take_snapshot(make_snapshot(breaches=make_breaches()))
    desk._show_newest()
    desk.centre.show_limits()
    desk.grab()
    view = desk.centre.limits.view
    assert view.horizontalScrollBar().maximum() == 0
    assert view.isColumnHidden(LimitColumn.PURPOSE)
    assert view.columnWidth(LimitColumn.NAME) > 170
