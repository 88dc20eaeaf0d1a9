from dataclasses import replace

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from fakes.snapshot_maker import Recipe, make_snapshot
from plimsoll.bridge.roles import Meaning
from plimsoll.domain.doubt import DataDoubt, DoubtKind
from plimsoll.domain.grade import FigureGrade, GradeLetter
from plimsoll.domain.held_print import HeldPrint
from plimsoll.domain.snapshot import PositionState, RiskSnapshot
from plimsoll.domain.stand_in import StandIn
from plimsoll.widgets.quality_panel import QualityPanel, QualityRow
from plimsoll.widgets.theme import Theme

NAN = float("nan")


@pytest.fixture
def panel(qtbot: QtBot, theme: Theme) -> QualityPanel:
    shown = QualityPanel(theme)
    qtbot.addWidget(shown)
    shown.resize(400, 400)
    shown.show()
    return shown


def section(panel: QualityPanel, heading: str) -> tuple[QualityRow, list[QualityRow]]:
    rows = list(panel.rows)
    start = next(k for k, row in enumerate(rows) if row.is_heading and row.name == heading)
    end = next((k for k in range(start + 1, len(rows)) if rows[k].is_heading), len(rows))
    return rows[start], rows[start + 1 : end]


def graded(*letters: str, reasons: tuple[str, ...] = ()) -> RiskSnapshot:
    snapshot = make_snapshot()
    grades = [FigureGrade(GradeLetter(one), 0.97, 0.95, 1.0, 0.02, 499, NAN, reasons) for one in letters]
    gauges = tuple(replace(g, grade=grade) for g, grade in zip(snapshot.gauges, grades, strict=False))
    return replace(snapshot, gauges=gauges)


def test_that_each_headline_figure_has_its_letter_and_its_reasons(panel: QualityPanel) -> None:
    panel.show_snapshot(graded("C", "A", reasons=("97 % is priced", "two splits")))
    _, rows = section(panel, "Grades of the figures")
    assert [(row.mark, row.name, row.words, row.meaning) for row in rows] == [
        ("C", "VaR 95 %", "97 % is priced; two splits", Meaning.NEAR),
        ("A", "ES 97.5 %", "97 % is priced; two splits", Meaning.WITHIN),
    ]
    assert "C VaR 95 %: 97 % is priced; two splits" in panel.accessibleDescription()


def test_that_an_unknown_grade_says_unknown_and_none_is_not_called_good(panel: QualityPanel) -> None:
    panel.show_snapshot(graded("unknown", reasons=("the figure itself is not known",)))
    _, rows = section(panel, "Grades of the figures")
    assert (rows[0].words, rows[0].meaning) == ("unknown: the figure itself is not known", Meaning.UNKNOWN)
    panel.show_snapshot(make_snapshot())
    _, rows = section(panel, "Grades of the figures")
    assert (rows[0].words, rows[0].meaning) == ("not graded; quality good", Meaning.UNKNOWN)


def test_that_every_state_is_counted_and_its_positions_named(panel: QualityPanel) -> None:
    snapshot = make_snapshot(Recipe(n_stale=2, n_unpriceable=1))
    state = np.array(snapshot.table.state)
    state[:3] = PositionState.CLOSED
    state[3] = PositionState.HALTED
    panel.show_snapshot(replace(snapshot, table=replace(snapshot.table, state=state)))
    heading, rows = section(panel, "Positions")
    assert heading.mark == "24 held"
    assert [(row.mark, row.name) for row in rows if row.mark] == [
        ("1", "without a price"),
        ("1", "halted"),
        ("2", "stale"),
        ("3", "market closed"),
        ("17", "priced"),
    ]
    assert next(row.words for row in rows if row.name == "market closed") == "AAPL.US, MSFT.US, IBM.US"


def test_that_positions_without_history_are_counted(panel: QualityPanel) -> None:
    panel.show_snapshot(make_snapshot(Recipe(loaded=22)))
    _, rows = section(panel, "Positions")
    assert next((row.mark, row.words) for row in rows if row.name == "without history") == (
        "2",
        "SPX500, VIX",
    )


def test_that_held_prints_and_doubts_are_listed_in_their_own_words(panel: QualityPanel) -> None:
    held = HeldPrint(0, "AAPL.US", False, 114.1, 228.2, 0, 0)
    doubt = DataDoubt("CAT.US", DoubtKind.SPLIT_AT_OPEN, "opened at half its close")
    panel.show_snapshot(replace(make_snapshot(), held_prints=(held,), data_doubts=(doubt,)))
    heading, rows = section(panel, "Held prints")
    assert (heading.mark, rows[0].name) == ("1", "AAPL.US")
    assert rows[0].words == "trade at 114.1 after 228.2 (−50.0%)"
    heading, rows = section(panel, "Doubts")
    assert (heading.mark, rows[0].name, rows[0].words) == ("1", "CAT.US", "opened at half its close")


def test_that_stand_ins_stand_with_their_beta_those_without_any_first(panel: QualityPanel) -> None:
    filled = StandIn("UNH.US", "SPX500", 0.92, 0.41, 0.011, 180, 319)
    none = StandIn("ETHUSDT", reason="no common days")
    snapshot = make_snapshot()
    instruments = (replace(snapshot.table.instruments[0], fixed_price=1.0), *snapshot.table.instruments[1:])
    table = replace(snapshot.table, instruments=instruments)
    panel.show_snapshot(replace(snapshot, table=table, stand_ins=(filled, none)))
    heading, rows = section(panel, "Stand-ins and proxies")
    assert heading.mark == "3"
    assert [(row.name, row.mark) for row in rows] == [("ETHUSDT", "!"), ("UNH.US", "≈"), ("AAPL.US", "=")]
    assert rows[0].words == "no proxy, no common days"
    assert rows[1].words.startswith("319 days by SPX500 × 0.92")
    assert rows[2].words == "a price by decree: 1 USD"


def test_that_the_unclassified_are_listed_by_name(panel: QualityPanel) -> None:
    panel.show_snapshot(make_snapshot())
    heading, rows = section(panel, "Unclassified")
    assert heading.mark == "1"
    assert [(row.name, row.words) for row in rows] == [("VIX", "no sector")]


def test_that_where_nothing_is_wrong_it_says_none(panel: QualityPanel) -> None:
    panel.show_snapshot(make_snapshot(Recipe(n_positions=20)))
    names = ("Held prints", "Doubts", "Stand-ins and proxies", "Unclassified")
    assert [section(panel, name)[0].mark for name in names] == [
        "none held back",
        "none",
        "none needed",
        "none",
    ]


def test_that_the_same_quality_again_is_not_painted_again(panel: QualityPanel) -> None:
    panel.show_snapshot(make_snapshot())
    first = panel.rows
    panel.show_snapshot(replace(make_snapshot(), number=8))
    assert panel.rows is first


def test_that_ten_thousand_unclassified_are_listed_once_and_scroll(panel: QualityPanel) -> None:
    snapshot = make_snapshot(Recipe(n_positions=10_000))
    bare = tuple(replace(item, sector=None) for item in snapshot.table.instruments)
    snapshot = replace(snapshot, table=replace(snapshot.table, instruments=bare))
    panel.show_snapshot(snapshot)
    heading, rows = section(panel, "Unclassified")
    assert (heading.mark, len(rows)) == ("10,000", 10_000)
    panel.show_snapshot(replace(snapshot, number=2))
    assert section(panel, "Unclassified")[1][0] is rows[0]
    assert "more" in panel.accessibleDescription()
    bar = panel.verticalScrollBar()
    bar.setValue(bar.maximum())
    assert not panel.grab().isNull()
