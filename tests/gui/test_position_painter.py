from dataclasses import replace

import pytest
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtWidgets import QApplication

from fakes.snapshot_maker import make_snapshot
from plimsoll.bridge.position_table_model import PositionColumn, PositionTableModel
from plimsoll.widgets import position_painter
from plimsoll.widgets.position_cells import captions, write_cell
from plimsoll.widgets.position_painter import REST_NS, ColumnPlace, PositionPainter, RowPlace
from plimsoll.widgets.theme import Theme

MARK = PositionColumn.MARK


class Bench:
    """A painter over one row and one column, with a clock of its own."""

    def __init__(self, theme: Theme, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now_ns = 10 * REST_NS
        monkeypatch.setattr(position_painter.time, "monotonic_ns", lambda: self.now_ns)
        self.model = PositionTableModel(captions("USD"), write_cell)
        self.model.take_table(make_snapshot().table)
        self.painter = PositionPainter(self.model, theme)
        self.surface = QPixmap(200, 60)

    def paint(self, column: PositionColumn = MARK) -> str:
        """Paint, and return what stands in the first row."""
        painter = QPainter(self.surface)
        self.painter.paint(painter, [RowPlace(0, 0, is_selected=False)], [ColumnPlace(column, 0, 120)], 200)
        painter.end()
        return self.painter._cells[column][0].text

    def move_mark(self, by: float) -> None:
        table = self.model.table
        self.model.take_table(replace(table, mark=table.mark + by))


@pytest.fixture
def bench(qapp: QApplication, theme: Theme, monkeypatch: pytest.MonkeyPatch) -> Bench:
    return Bench(theme, monkeypatch)


def test_that_a_cell_that_stood_still_changes_in_the_very_next_frame(bench: Bench) -> None:
    before = bench.paint()
    bench.move_mark(1.0)
    assert bench.paint() != before


def test_that_no_cell_changes_its_text_more_than_ten_times_a_second(bench: Bench) -> None:
    bench.paint()
    texts = []
    for _ in range(60):
        bench.now_ns += 1_000_000_000 // 60
        bench.move_mark(1.0)
        texts.append(bench.paint())
    assert 8 <= len(set(texts)) <= 10


def test_that_a_cell_held_back_is_asked_for_again(bench: Bench) -> None:
    bench.paint()
    bench.move_mark(1.0)
    bench.paint()
    bench.painter.restless.clear()
    bench.move_mark(1.0)
    held = bench.paint()
    assert bench.painter.restless == {(0, MARK)}
    bench.now_ns += REST_NS
    assert bench.paint() != held


def test_that_a_long_text_ends_in_an_ellipsis(bench: Bench) -> None:
    table = bench.model.table
    named = replace(table.instruments[0], name="A very long name that no column has room for")
    bench.model.take_table(replace(table, instruments=(named, *table.instruments[1:])))
    assert bench.paint(PositionColumn.NAME).endswith("…")
