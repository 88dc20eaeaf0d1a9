from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPersistentModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from fakes.snapshot_maker import Recipe, make_snapshot
from plimsoll.bridge.position_table_model import PositionColumn, PositionTableModel
from plimsoll.bridge.roles import Meaning, Role
from plimsoll.domain.snapshot import PositionTable
from plimsoll.widgets.position_cells import captions, write_cell

PNL = PositionColumn.DAY_PNL
DOWN = Qt.SortOrder.DescendingOrder


def table_of(recipe: Recipe | None = None, step: int = 0) -> PositionTable:
    return make_snapshot(recipe or Recipe(), step=step).table


@pytest.fixture
def grid(qapp: QApplication) -> Iterator[PositionTableModel]:
    model = PositionTableModel(captions("USD"), write_cell)
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    model.take_table(table_of())
    yield model
    del tester


def column(model: PositionTableModel, which: PositionColumn, role: int = Role.VALUE) -> list[Any]:
    return [model.index(row, which).data(role) for row in range(model.rowCount())]


def changed_rows(model: PositionTableModel, table: PositionTable) -> list[int]:
    told = []
    model.dataChanged.connect(lambda first, last: told.extend(range(first.row(), last.row() + 1)))
    model.take_table(table)
    return told


def test_that_rows_stand_in_the_order_of_the_book_until_they_are_sorted(grid: PositionTableModel) -> None:
    assert column(grid, PositionColumn.SYMBOL)[:3] == ["AAPL.US", "MSFT.US", "IBM.US"]


@pytest.mark.parametrize("order", list(Qt.SortOrder))
def test_that_figures_sort_by_value_with_the_unknown_last_either_way(
    grid: PositionTableModel, order: Qt.SortOrder
) -> None:
    grid.sort(PNL, order)
    values = np.array(column(grid, PNL))
    known = values[~np.isnan(values)]
    assert np.isnan(values[len(known) :]).all()
    assert len(known) < len(values)
    assert list(known) == sorted(known, reverse=order == DOWN)


def test_that_texts_sort_by_the_alphabet(grid: PositionTableModel) -> None:
    grid.sort(PositionColumn.SYMBOL)
    symbols = column(grid, PositionColumn.SYMBOL)
    assert symbols == sorted(symbols, key=str.casefold)


@pytest.mark.parametrize("order", list(Qt.SortOrder))
def test_that_equal_values_keep_the_order_of_the_book(grid: PositionTableModel, order: Qt.SortOrder) -> None:
    grid.sort(PositionColumn.CURRENCY, order)
    dollars = [
        symbol
        for symbol, currency in zip(
            column(grid, PositionColumn.SYMBOL), column(grid, PositionColumn.CURRENCY), strict=True
        )
        if currency == "USD"
    ]
    book = [item.code for item in grid.table.instruments if item.currency == "USD"]
    assert dollars == book


def test_that_clearing_the_sort_brings_the_order_of_the_book_back(grid: PositionTableModel) -> None:
    grid.sort(PNL, DOWN)
    grid.sort(-1)
    assert list(grid.rows) == list(range(24))


def test_that_a_selected_position_stays_selected_when_rows_change_places(grid: PositionTableModel) -> None:
    kept = QPersistentModelIndex(grid.index(5, 0))
    code = kept.data()
    grid.sort(PNL, DOWN)
    assert kept.isValid()
    assert kept.data() == code


def test_that_live_figures_move_no_row_until_rows_are_resorted(grid: PositionTableModel) -> None:
    grid.sort(PNL, DOWN)
    before = list(grid.rows)
    moved = table_of(step=40)
    grid.take_table(moved)
    assert list(grid.rows) == before
    grid.resort()
    values = np.array(column(grid, PNL))
    known = values[~np.isnan(values)]
    assert list(known) == sorted(known, reverse=True)


def test_that_only_rows_that_are_watched_and_changed_are_announced(grid: PositionTableModel) -> None:
    table = grid.table
    mark = table.mark.copy()
    mark[[2, 3, 9, 20]] += 1.0
    grid.watch_rows(0, 9)
    assert changed_rows(grid, replace(table, mark=mark)) == [2, 3, 9]


def test_that_an_unchanged_table_announces_nothing_though_it_holds_unknowns(grid: PositionTableModel) -> None:
    grid.watch_rows(0, 23)
    copied = replace(grid.table, mark=grid.table.mark.copy(), value_base=grid.table.value_base.copy())
    assert changed_rows(grid, copied) == []


def test_that_a_change_to_unknown_is_announced(grid: PositionTableModel) -> None:
    grid.watch_rows(0, 23)
    mark = grid.table.mark.copy()
    mark[4] = np.nan
    assert changed_rows(grid, replace(grid.table, mark=mark)) == [4]


def test_that_another_book_resets_the_rows(qtbot: QtBot, grid: PositionTableModel) -> None:
    with qtbot.waitSignal(grid.modelReset):
        grid.take_table(table_of(Recipe(n_positions=3)))
    assert grid.rowCount() == 3


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("tech", {"AAPL.US", "MSFT.US", "IBM.US"}),
        ("coca", {"KO.US"}),
        ("USDT", {"BTCUSDT", "ETHUSDT"}),
        ("equity energy", {"XOM.US", "CVX.US"}),
        ("no such thing", set()),
    ],
)
def test_that_the_filter_finds_code_name_sector_and_class(
    grid: PositionTableModel, text: str, codes: set[str]
) -> None:
    grid.filter_rows(text)
    assert set(column(grid, PositionColumn.SYMBOL)) == codes


def test_that_the_filter_can_show_only_prices_in_doubt(grid: PositionTableModel) -> None:
    grid.filter_rows("", doubted_only=True)
    meanings = {grid.index(row, PositionColumn.MARK).data(Role.MEANING) for row in range(grid.rowCount())}
    assert meanings == {Meaning.STALE, Meaning.UNKNOWN}
    grid.filter_rows("")
    assert grid.rowCount() == 24


def test_that_a_price_that_cannot_be_known_is_a_dash_and_not_nought(grid: PositionTableModel) -> None:
    row = grid.row_of_code("VIX")
    assert grid.index(row, PositionColumn.MARK).data() == "—"
    assert grid.index(row, PositionColumn.VALUE).data() == "—"
    assert grid.index(row, PositionColumn.AGE).data() == "no price"


def test_that_an_unknown_figure_tells_why(grid: PositionTableModel) -> None:
    row = grid.row_of_code("VIX")
    assert "no usable price" in grid.index(row, PositionColumn.MARK).data(Qt.ItemDataRole.ToolTipRole)
    assert grid.index(0, PositionColumn.MARK).data(Qt.ItemDataRole.ToolTipRole) == ""


def test_that_a_stale_price_says_so_with_its_age(grid: PositionTableModel) -> None:
    row = next(r for r in range(24) if grid.index(r, PositionColumn.MARK).data(Role.MEANING) == Meaning.STALE)
    assert grid.index(row, PositionColumn.AGE).data().replace("\u00a0", " ") == "stale 38 s"
    assert grid.index(row, PositionColumn.AGE).data(Role.AGE) == pytest.approx(38.0)


def test_that_direction_is_told_by_arrow_and_sign(grid: PositionTableModel) -> None:
    fractions, texts = (
        column(grid, PositionColumn.DAY_CHANGE),
        column(grid, PositionColumn.DAY_CHANGE, Qt.ItemDataRole.DisplayRole),
    )
    for fraction, text in zip(fractions, texts, strict=True):
        if not np.isnan(fraction):
            assert text.startswith("▲ +" if fraction > 0 else "▼ −")


def test_that_the_base_currency_is_named_once_over_the_values(grid: PositionTableModel) -> None:
    heads = [grid.headerData(c, Qt.Orientation.Horizontal) for c in PositionColumn]
    assert [head for head in heads if "USD" in head] == ["Value (USD)"]


def test_that_ten_thousand_rows_sort_and_announce_only_the_screenful(qapp: QApplication) -> None:
    model = PositionTableModel(captions("USD"), write_cell)
    model.take_table(table_of(Recipe(n_positions=10_000)))
    model.sort(PNL, DOWN)
    model.watch_rows(100, 127)
    told = changed_rows(model, table_of(Recipe(n_positions=10_000), step=1))
    assert set(told) <= set(range(100, 128))
    assert len(told) > 20


def test_that_between_beats_an_age_alone_repaints_nothing(grid: PositionTableModel) -> None:
    grid.watch_rows(0, 23)
    older = replace(grid.table, age_s=grid.table.age_s + 0.05)
    told = []
    grid.dataChanged.connect(lambda first, _last: told.append(first.row()))
    grid.take_table(older, with_ages=False)
    assert told == []
    grid.take_table(replace(older, age_s=older.age_s + 0.05))
    assert told


def test_that_what_changes_beyond_the_digits_shown_repaints_nothing(grid: PositionTableModel) -> None:
    grid.watch_rows(0, 23)
    table = replace(grid.table, weight_fraction=np.round(grid.table.weight_fraction, 3))
    grid.take_table(table)
    assert changed_rows(grid, replace(table, weight_fraction=table.weight_fraction + 1e-5)) == []
    moved = table.weight_fraction.copy()
    moved[4] += 0.002
    assert changed_rows(grid, replace(table, weight_fraction=moved)) == [4]
