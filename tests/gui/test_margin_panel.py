from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from fakes.measured_market import measured
from fakes.snapshot_maker import Recipe, make_snapshot
from plimsoll.bridge.figure_table_model import FigureTableModel
from plimsoll.bridge.roles import Meaning, Role
from plimsoll.domain.snapshot import RiskSnapshot
from plimsoll.widgets import formats
from plimsoll.widgets.headline_figures import Headline
from plimsoll.widgets.margin_panel import CLASS_COLUMNS, COLUMNS, MarginPanel
from plimsoll.widgets.theme import Theme

NAN = float("nan")


@pytest.fixture
def panel(qtbot: QtBot, theme: Theme) -> MarginPanel:
    shown = MarginPanel(theme)
    qtbot.addWidget(shown)
    shown.resize(640, 320)
    shown.show()
    return shown


def plain(text: object) -> str:
    return str(text).replace(formats.THIN, " ")


def cells(model: FigureTableModel, name: str, role: int = Qt.ItemDataRole.DisplayRole) -> list[object]:
    row = next(r for r in range(model.rowCount()) if model.index(r, 0).data() == name)
    return [model.index(row, column).data(role) for column in range(model.columnCount())]


def headline(panel: MarginPanel, caption: str) -> Headline:
    return next(one for one in panel.figures.headlines if one.caption == caption)


def having(snapshot: RiskSnapshot, **changes: Any) -> RiskSnapshot:
    margin = replace(snapshot.market.margin, **changes)
    return replace(snapshot, market=replace(snapshot.market, margin=margin))


def test_that_use_and_cushion_are_the_snapshot_s_in_the_colour_of_their_use(panel: MarginPanel) -> None:
    panel.show_snapshot(measured())
    use, cushion = headline(panel, "In use"), headline(panel, "Cushion")
    assert (plain(use.figure), use.meaning) == ("89.0 %", Meaning.NEAR)
    assert (plain(cushion.figure), cushion.meaning) == ("11.0 %", Meaning.NEAR)


def test_that_the_three_requirements_are_the_snapshot_s(panel: MarginPanel) -> None:
    snapshot = measured()
    panel.show_snapshot(snapshot)
    margin = snapshot.market.margin
    for caption, value in (
        ("To keep", margin.total_base),
        ("To open", margin.initial_base),
        ("By scan", margin.scan_base),
    ):
        assert headline(panel, caption).figure == formats.short_money(value, "USD")
        assert formats.money(value, "USD") in headline(panel, caption).tip


def test_that_every_figure_is_called_an_estimate(panel: MarginPanel) -> None:
    panel.show_snapshot(measured())
    assert all("An estimate: your broker's own figure rules." in h.tip for h in panel.figures.headlines)
    assert all("An estimate" in column.explanation for column in (*COLUMNS[3:], *CLASS_COLUMNS[3:]))
    assert panel.switch.words.text() == "estimate, rates built in"
    assert panel.foot.text().startswith("an estimate, your broker's figure rules")


def test_that_what_is_not_known_is_unknown_never_nought(panel: MarginPanel) -> None:
    panel.show_snapshot(
        having(
            measured(),
            total_base=NAN,
            use_fraction=NAN,
            cushion_fraction=NAN,
            initial_base=NAN,
            scan_base=NAN,
        )
    )
    assert {one.figure for one in panel.figures.headlines} == {"unknown"}
    assert {one.meaning for one in panel.figures.headlines} == {Meaning.UNKNOWN}
    assert cells(panel.model, "AAPL.US")[5] == "unknown"


def test_that_each_position_has_its_requirement_and_what_share_it_is(panel: MarginPanel) -> None:
    snapshot = measured()
    panel.show_snapshot(snapshot)
    margin = snapshot.market.margin
    needed = float(margin.requirement_base[1])
    assert cells(panel.model, "MSFT.US", Role.VALUE) == [
        "MSFT.US",
        "Equity",
        snapshot.table.value_base[1],
        needed,
        pytest.approx(0.25),
        pytest.approx(needed / margin.total_base),
    ]
    assert cells(panel.model, "VIX")[2:] == ["unknown"] * 4


def test_that_the_largest_requirement_leads(panel: MarginPanel) -> None:
    snapshot = measured()
    panel.show_snapshot(snapshot)
    largest = int(np.nanargmax(snapshot.market.margin.requirement_base))
    assert panel.model.source_row(0) == largest


def test_that_a_class_is_the_sum_of_its_positions_and_unknown_with_one_of_them(panel: MarginPanel) -> None:
    snapshot = measured()
    panel.show_snapshot(snapshot)
    classes = np.array([str(item.asset_class) for item in snapshot.table.instruments])
    is_fx = classes == "fx"
    found = cells(panel.class_model, "FX", Role.VALUE)
    assert found[1] == 2.0
    assert found[2] == pytest.approx(float(np.abs(snapshot.table.value_base[is_fx]).sum()))
    assert found[3] == pytest.approx(float(snapshot.market.margin.requirement_base[is_fx].sum()))
    # VIX has no price, and it is an index.
    assert cells(panel.class_model, "Index")[1:4] == ["2", "unknown", "unknown"]


def test_that_the_switch_turns_from_positions_to_classes(panel: MarginPanel) -> None:
    panel.show_snapshot(measured())
    assert panel.table.isVisible()
    panel.switch.choose(1)
    assert panel.class_table.isVisible()
    assert not panel.table.isVisible()


def test_that_figures_of_another_book_are_not_shown(panel: MarginPanel) -> None:
    panel.show_snapshot(replace(make_snapshot(), market=measured(12).market))
    assert panel.accessibleDescription() == "Margin is not measured yet."


def test_that_an_empty_book_says_so(panel: MarginPanel) -> None:
    panel.show_snapshot(make_snapshot(Recipe(n_positions=0)))
    assert panel.accessibleDescription() == "No positions are held."


def test_that_ten_thousand_positions_are_shown_by_class_too(panel: MarginPanel) -> None:
    panel.show_snapshot(measured(10_000))
    assert panel.model.rowCount() == 10_000
    assert panel.class_model.rowCount() == 5
    assert not panel.grab().isNull()
