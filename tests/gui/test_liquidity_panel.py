from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from fakes.measured_market import measured
from fakes.snapshot_maker import Recipe, make_snapshot
from plimsoll.bridge.roles import Meaning, Role
from plimsoll.domain.snapshot import RiskSnapshot
from plimsoll.domain.units import NS_PER_S
from plimsoll.widgets import formats
from plimsoll.widgets.headline_figures import Headline
from plimsoll.widgets.liquidity_panel import LiquidityPanel, basis_points, days
from plimsoll.widgets.theme import Theme

NAN = float("nan")
SYMBOL, VALUE, EXIT, SPREAD, COST, COST_SHARE, WAY = range(7)


@pytest.fixture
def panel(qtbot: QtBot, theme: Theme) -> LiquidityPanel:
    shown = LiquidityPanel(theme)
    qtbot.addWidget(shown)
    shown.resize(640, 320)
    shown.show()
    return shown


def plain(text: object) -> str:
    return str(text).replace(formats.THIN, " ")


def cells(panel: LiquidityPanel, code: str, role: int = Qt.ItemDataRole.DisplayRole) -> list[object]:
    model = panel.model
    row = next(r for r in range(model.rowCount()) if model.index(r, SYMBOL).data() == code)
    return [model.index(row, column).data(role) for column in range(model.columnCount())]


def headline(panel: LiquidityPanel, caption: str) -> Headline:
    return next(one for one in panel.figures.headlines if one.caption == caption)


def having(snapshot: RiskSnapshot, **changes: Any) -> RiskSnapshot:
    liquidity = replace(snapshot.market.liquidity, **changes)
    return replace(snapshot, market=replace(snapshot.market, liquidity=liquidity))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.34, "0.3 d"),
        (12.0, "12.0 d"),
        (0.0, "0.0 d"),
        (0.01, "< 0.1 d"),
        (float("inf"), "never"),
        (NAN, "unknown"),
    ],
)
def test_that_days_to_exit_say_never_and_unknown_in_words(value: float, text: str) -> None:
    assert plain(days(value)) == text


def test_that_a_spread_is_in_basis_points() -> None:
    assert (plain(basis_points(0.00012)), basis_points(NAN)) == ("1.2 bp", "unknown")


def test_that_every_position_has_the_snapshot_s_figures(panel: LiquidityPanel) -> None:
    snapshot = measured()
    panel.show_snapshot(snapshot)
    table, liquidity = snapshot.table, snapshot.market.liquidity
    for row in (1, 5, 20):
        found = cells(panel, table.instruments[row].code, Role.VALUE)
        assert found == [
            table.instruments[row].code,
            table.value_base[row],
            liquidity.days_to_exit[row],
            liquidity.spread_fraction[row],
            liquidity.exit_cost_base[row],
            pytest.approx(0.0005),
            float(liquidity.is_by_depth[row]),
        ]
    cost = formats.number(float(liquidity.exit_cost_base[1]))
    assert [plain(cell) for cell in cells(panel, "MSFT.US")[SPREAD:]] == ["1.2 bp", cost, "5.0 bp", "rule"]


def test_that_what_is_not_known_of_a_position_is_unknown_never_nought(panel: LiquidityPanel) -> None:
    panel.show_snapshot(measured())
    assert cells(panel, "VIX")[VALUE:] == ["unknown"] * 6
    assert set(cells(panel, "VIX", Role.MEANING)[VALUE:]) == {Meaning.UNKNOWN}


def test_that_the_slowest_exit_leads_and_nobody_who_trades_is_slower_than_never(
    panel: LiquidityPanel,
) -> None:
    panel.show_snapshot(measured())
    first, last = (panel.model.index(row, SYMBOL).data() for row in (0, panel.model.rowCount() - 1))
    assert (first, last) == ("AAPL.US", "VIX")
    assert headline(panel, "Slowest").figure == "never"
    assert headline(panel, "Slowest").note == "AAPL.US"


def test_that_the_share_out_in_a_day_is_the_snapshot_s_or_unknown(panel: LiquidityPanel) -> None:
    panel.show_snapshot(measured())
    assert plain(headline(panel, "Out in a day").figure) == "92.1 %"
    panel.show_snapshot(having(measured(), exit_share_1d=NAN))
    assert headline(panel, "Out in a day").figure == "unknown"
    assert headline(panel, "Out in a day").meaning is Meaning.UNKNOWN


def test_that_a_total_that_lacks_a_position_is_a_least_and_says_what_it_lacks(panel: LiquidityPanel) -> None:
    snapshot = measured()
    panel.show_snapshot(snapshot)
    total = float(np.nansum(snapshot.market.liquidity.exit_cost_base))
    cost = headline(panel, "Exit cost")
    assert cost.figure == f"≥ {formats.short_money(total, 'USD')}"
    assert cost.note == "1 of 24 unknown"
    assert f"At least {formats.money(total, 'USD')}" in cost.tip


def test_that_a_whole_total_stands_beside_its_share_of_nav(panel: LiquidityPanel) -> None:
    snapshot = having(measured(), exit_cost_base=np.full(24, 1000.0))
    panel.show_snapshot(snapshot)
    cost = headline(panel, "Exit cost")
    assert (cost.figure, plain(cost.note)) == ("$24k", "0.10 % NAV")


def test_that_nothing_known_of_the_cost_is_unknown(panel: LiquidityPanel) -> None:
    panel.show_snapshot(having(measured(), exit_cost_base=np.full(24, NAN)))
    assert headline(panel, "Exit cost").figure == "unknown"


def test_that_figures_of_another_book_are_not_shown(panel: LiquidityPanel) -> None:
    panel.show_snapshot(replace(make_snapshot(), market=measured(12).market))
    assert panel.accessibleDescription() == "Liquidity is not measured yet."


def test_that_an_empty_book_says_so(panel: LiquidityPanel) -> None:
    panel.show_snapshot(make_snapshot(Recipe(n_positions=0)))
    assert panel.accessibleDescription() == "No positions are held."


def test_that_the_base_currency_is_named_once(panel: LiquidityPanel) -> None:
    panel.show_snapshot(measured())
    across = Qt.Orientation.Horizontal
    headers = [str(panel.model.headerData(column, across)) for column in range(7)]
    assert headers == ["Symbol", "Value (USD)", "▼ Exit", "Spread", "Cost", "of value", "Cost by"]


def test_that_a_narrow_panel_gives_up_columns_before_it_scrolls_sideways(panel: LiquidityPanel) -> None:
    panel.show_snapshot(measured())
    panel.resize(400, 320)
    panel.grab()
    assert [panel.table.isColumnHidden(column) for column in (COST, COST_SHARE, WAY)] == [False, True, True]
    assert panel.table.horizontalScrollBar().maximum() == 0
    panel.resize(640, 320)
    panel.grab()
    assert not any(panel.table.isColumnHidden(column) for column in range(7))


def test_that_within_a_second_the_table_is_not_touched(panel: LiquidityPanel) -> None:
    snapshot = measured()
    panel.show_snapshot(snapshot)
    told: list[object] = []
    for signal in (panel.model.dataChanged, panel.model.layoutChanged, panel.model.modelReset):
        signal.connect(lambda *_: told.append(1))
    panel.show_snapshot(replace(snapshot, number=9, nav=1.0))
    assert told == []


def test_that_old_figures_are_grey_with_their_age(panel: LiquidityPanel) -> None:
    snapshot = measured()
    panel.show_snapshot(replace(snapshot, received_time_ns=snapshot.received_time_ns + 60 * NS_PER_S))
    assert panel.is_old
    assert plain(panel.foot.text()) == "stale, 60 s old; days at 10% of the volume"


def test_that_ten_thousand_positions_are_shown_slowest_first(panel: LiquidityPanel) -> None:
    panel.show_snapshot(measured(10_000))
    assert panel.model.rowCount() == 10_000
    assert panel.model.index(0, EXIT).data() == "never"
    assert not panel.grab().isNull()
