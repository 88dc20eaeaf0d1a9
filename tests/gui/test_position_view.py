from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication
from pytestqt.qtbot import QtBot

from fakes.snapshot_maker import Recipe, make_snapshot
from plimsoll.bridge.position_table_model import PositionColumn
from plimsoll.domain.snapshot import RiskSnapshot
from plimsoll.widgets.position_grid import PositionGrid
from plimsoll.widgets.position_painter import CellPlace
from plimsoll.widgets.theme import Theme

SIZE = (1500, 500)


@pytest.fixture
def grid(qtbot: QtBot, theme: Theme) -> PositionGrid:
    grid = PositionGrid(theme)
    qtbot.addWidget(grid)
    grid.resize(*SIZE)
    grid.show()
    return grid


def on_screen(grid: PositionGrid) -> bytes:
    """What stands on the screen, painted bit by bit; a grab would paint it anew."""
    picture = grid.screen().grabWindow(grid.winId()).toImage()
    return bytes(picture.constBits())


def at_rest(qtbot: QtBot, grid: PositionGrid) -> None:
    qtbot.waitUntil(lambda: not grid._painter.restless and not grid._rest_timer.isActive())


def moved(snapshot: RiskSnapshot, row: int, by: float) -> RiskSnapshot:
    mark = snapshot.table.mark.copy()
    mark[row] += by
    return replace(snapshot, table=replace(snapshot.table, mark=mark))


def test_that_only_the_cell_that_looks_different_is_painted(
    qtbot: QtBot, grid: PositionGrid, monkeypatch: pytest.MonkeyPatch
) -> None:
    snapshot = make_snapshot(Recipe(n_positions=500))
    grid.show_snapshot(snapshot)
    at_rest(qtbot, grid)
    asked: list[CellPlace] = []
    update = grid.view.update_cells
    monkeypatch.setattr(grid.view, "update_cells", lambda cells: (asked.extend(cells), update(cells)))
    grid.show_snapshot(moved(snapshot, 3, 1.0))
    assert asked == [(3, PositionColumn.MARK)]


def test_that_the_grid_painted_bit_by_bit_is_the_grid_painted_whole(qtbot: QtBot, grid: PositionGrid) -> None:
    random = np.random.default_rng(7)
    snapshot = make_snapshot(Recipe(n_positions=500))
    grid.show_snapshot(snapshot)
    at_rest(qtbot, grid)
    for step in range(1, 12):
        snapshot = moved(snapshot, int(random.integers(0, 12)), float(random.normal()))
        grid.show_snapshot(snapshot, with_ages=False)
        if step % 4 == 0:
            grid.show_snapshot(make_snapshot(Recipe(n_positions=500), step=step))
        if step == 6:
            grid.view.selectRow(2)
            grid.view.verticalScrollBar().setValue(1)
        QCoreApplication.processEvents()
    at_rest(qtbot, grid)
    bit_by_bit = on_screen(grid)
    assert len(set(bit_by_bit)) > 16  # something stands there
    grid.view.viewport().update()
    grid.view.viewport().repaint()
    assert bit_by_bit == on_screen(grid)


def test_that_a_book_of_other_positions_is_painted_whole(qtbot: QtBot, grid: PositionGrid) -> None:
    show: Callable[..., None] = grid.show_snapshot
    show(make_snapshot(Recipe(n_positions=40)))
    at_rest(qtbot, grid)
    show(make_snapshot(Recipe(n_positions=7)))
    at_rest(qtbot, grid)
    seen = on_screen(grid)
    grid.view.viewport().repaint()
    assert seen == on_screen(grid)
