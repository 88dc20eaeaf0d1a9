from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPersistentModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from plimsoll.bridge.figure_table_model import FigureColumn, FigureRows, FigureTableModel
from plimsoll.bridge.roles import Meaning, Role

NAN = float("nan")
DOWN, UP = Qt.SortOrder.DescendingOrder, Qt.SortOrder.AscendingOrder
CODES = ["b", "A", "c", "d"]


def rows(*figures: float, identity: object = CODES) -> FigureRows:
    return FigureRows(identity, (CODES[: len(figures)], np.array(figures)))


@pytest.fixture
def model(qtbot: QtBot) -> FigureTableModel:
    made = FigureTableModel(
        (FigureColumn("Code"), FigureColumn("Figure", lambda value: f"{value:g} d", explanation="why"))
    )
    QAbstractItemModelTester(made, QAbstractItemModelTester.FailureReportingMode.Fatal, made)
    made.take_rows(rows(2.0, NAN, 1.0, float("inf")))
    return made


def column(model: FigureTableModel, which: int, role: int = Qt.ItemDataRole.DisplayRole) -> list[Any]:
    return [model.index(row, which).data(role) for row in range(model.rowCount())]


@pytest.mark.parametrize(
    ("order", "codes"), [(DOWN, ["d", "b", "c", "A"]), (UP, ["c", "b", "d", "A"])], ids=["down", "up"]
)
def test_that_figures_sort_by_value_the_endless_as_largest_the_unknown_last(
    model: FigureTableModel, order: Qt.SortOrder, codes: list[str]
) -> None:
    model.sort(1, order)
    assert column(model, 0) == codes


def test_that_texts_sort_without_regard_to_case(model: FigureTableModel) -> None:
    model.sort(0, UP)
    assert column(model, 0) == ["A", "b", "c", "d"]


def test_that_the_sorted_column_says_so_in_its_header(model: FigureTableModel) -> None:
    model.sort(1, DOWN)
    across = Qt.Orientation.Horizontal
    assert [model.headerData(k, across) for k in range(2)] == ["Code", "▼ Figure"]
    assert model.headerData(1, across, Qt.ItemDataRole.ToolTipRole) == "why"


def test_that_new_figures_leave_the_rows_where_they_are_until_told(model: FigureTableModel) -> None:
    model.sort(1, DOWN)
    model.take_rows(rows(2.0, 9.0, 1.0, 0.0))
    assert column(model, 0) == ["d", "b", "c", "A"]
    model.resort()
    assert column(model, 0) == ["A", "b", "c", "d"]


def test_that_a_selection_follows_its_row(model: FigureTableModel) -> None:
    kept = QPersistentModelIndex(model.index(0, 0))
    model.sort(1, DOWN)
    assert kept.data() == "b"


def test_that_only_rows_that_changed_are_announced(model: FigureTableModel) -> None:
    told: list[tuple[int, int]] = []
    model.dataChanged.connect(lambda first, last: told.append((first.row(), last.row())))
    model.take_rows(rows(2.0, NAN, 1.0, float("inf")))
    assert told == []
    model.take_rows(rows(2.0, 5.0, 1.0, float("inf")))
    assert told == [(1, 1)]


def test_that_other_things_in_the_rows_begin_anew(qtbot: QtBot, model: FigureTableModel) -> None:
    with qtbot.waitSignal(model.modelReset, timeout=1000):
        model.take_rows(rows(1.0, 2.0, identity=object()))
    assert column(model, 1) == ["1 d", "2 d"]


def test_that_an_unknown_figure_means_unknown(model: FigureTableModel) -> None:
    assert column(model, 1, Role.MEANING)[:2] == [Meaning.PLAIN, Meaning.UNKNOWN]


def test_that_ten_thousand_rows_sort_by_value(model: FigureTableModel) -> None:
    figures = np.random.default_rng(1).permutation(10_000).astype(float)
    model.take_rows(FigureRows(object(), ([str(k) for k in range(10_000)], figures)))
    model.sort(1, DOWN)
    assert column(model, 1, Role.VALUE)[:3] == [9999.0, 9998.0, 9997.0]
    assert model.source_row(0) == int(figures.argmax())
