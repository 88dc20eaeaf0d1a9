from dataclasses import replace

import pytest
from pytestqt.qtbot import QtBot

from fakes.measured_market import measured
from fakes.snapshot_maker import Recipe, make_snapshot
from plimsoll.bridge.roles import Meaning
from plimsoll.domain.market_figures import METHOD_NAMES
from plimsoll.domain.units import NS_PER_S
from plimsoll.widgets import formats
from plimsoll.widgets.method_panel import CAPTIONS, MethodPanel, MethodRow
from plimsoll.widgets.theme import Theme


@pytest.fixture
def panel(qtbot: QtBot, theme: Theme) -> MethodPanel:
    shown = MethodPanel(theme)
    qtbot.addWidget(shown)
    shown.resize(640, 320)
    shown.show()
    return shown


def row_of(panel: MethodPanel, method: str) -> MethodRow:
    return next(row for row in panel.methods.rows if row.name == CAPTIONS[method])


def test_that_every_method_has_a_caption() -> None:
    assert set(CAPTIONS) == {"historical", *METHOD_NAMES}


def test_that_all_methods_stand_beside_the_headline_one_with_the_snapshot_s_figures(
    panel: MethodPanel,
) -> None:
    snapshot = measured()
    panel.show_snapshot(snapshot)
    assert [row.name for row in panel.methods.rows] == list(CAPTIONS.values())
    headline = panel.methods.rows[0]
    assert (headline.var, headline.es, headline.days) == (
        formats.short_money(snapshot.var, "USD"),
        formats.short_money(snapshot.es, "USD"),
        "500",
    )
    for figure in snapshot.market.var_methods[:-1]:
        row = row_of(panel, figure.name)
        assert row.var == formats.short_money(figure.var, "USD")
        assert row.es == formats.short_money(figure.es, "USD")
        assert (row.days, row.words) == ("499", figure.words)


def test_that_a_method_half_as_large_again_is_marked_and_a_tenth_is_not(panel: MethodPanel) -> None:
    panel.show_snapshot(measured())
    apart, near = row_of(panel, "ewma"), row_of(panel, "cornish-fisher")
    assert (apart.meaning, apart.shift.replace(formats.THIN, " ")) == (Meaning.NEAR, "▲ +50 %")
    assert (near.meaning, near.shift.replace(formats.THIN, " ")) == (Meaning.PLAIN, "+10 %")
    assert "disagrees" in panel.methods.spoken(apart)
    assert "disagrees" not in panel.methods.spoken(near)
    assert panel.foot.text().replace(formats.THIN, " ") == (
        "1 of 5 others differ from historical by more than 25 %; 1 unknown"
    )


def test_that_a_method_that_cannot_be_told_is_unknown_with_its_reason(panel: MethodPanel) -> None:
    panel.show_snapshot(measured())
    row = row_of(panel, "monte carlo t")
    assert (row.var, row.es, row.shift, row.meaning) == ("unknown", "unknown", "", Meaning.UNKNOWN)
    assert panel.methods.spoken(row) == "Monte Carlo t: unknown, by monte carlo t"


def test_that_without_a_headline_figure_nothing_is_said_to_disagree(panel: MethodPanel) -> None:
    panel.show_snapshot(replace(measured(), var=float("nan")))
    assert {row.meaning for row in panel.methods.rows} == {Meaning.UNKNOWN, Meaning.PLAIN}
    assert panel.foot.text() == "nothing to compare with: historical VaR is unknown"


def test_that_the_columns_name_the_confidence_of_the_desk(panel: MethodPanel) -> None:
    panel.show_snapshot(measured())
    assert panel.methods.captions == ("VaR 95 %", "ES 97.5 %")


def test_that_while_history_loads_it_says_how_far(panel: MethodPanel) -> None:
    panel.show_snapshot(make_snapshot(Recipe(loaded=3)))
    assert panel.accessibleDescription() == "VaR needs price history: loading 3 of 24."


def test_that_methods_never_measured_are_unknown_but_not_old(panel: MethodPanel) -> None:
    panel.show_snapshot(make_snapshot())
    assert not panel.is_old
    assert panel.foot.text() == "nothing to compare with: the other methods are unknown"


def test_that_figures_not_renewed_turn_grey_with_their_age(panel: MethodPanel) -> None:
    snapshot = measured()
    panel.show_snapshot(replace(snapshot, received_time_ns=snapshot.received_time_ns + 12 * NS_PER_S))
    assert panel.methods.is_dim
    assert panel.foot.text().startswith(f"stale, 12{formats.THIN}s old; ")
    panel.show_snapshot(snapshot)
    assert not panel.methods.is_dim


def test_that_a_silent_engine_greys_them_too(panel: MethodPanel) -> None:
    panel.show_snapshot(measured())
    panel.grey_out(True)
    assert panel.methods.is_dim
    assert panel.foot.text().startswith("the engine is silent; ")


@pytest.mark.parametrize(
    ("height", "row_height", "scrolls"), [(150, 25, True), (260, 30, False), (600, 40, False)]
)
def test_that_rows_share_the_height_there_is_and_scroll_only_below_it(
    panel: MethodPanel, height: int, row_height: int, scrolls: bool
) -> None:
    panel.resize(400, height)
    panel.show_snapshot(measured())
    panel.grab()
    assert panel.methods.row_height() == row_height
    assert (panel.methods.verticalScrollBar().maximum() > 0) is scrolls
