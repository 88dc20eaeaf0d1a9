"""The scoreboard says what each decision was worth, what is not known yet, and how few a mean is made of."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import shiboken6
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor

from fakes.score_case import ScoreCase, plan_of
from plimsoll.bridge.lone_job import LoneJob
from plimsoll.bridge.roles import Meaning
from plimsoll.bridge.score_job import ScoreRecipe
from plimsoll.domain.score import Scoreboard
from plimsoll.engine.score_book import scoreboard
from plimsoll.widgets.rule_history import recorded_words, rule_history
from plimsoll.widgets.score_station import FIRST_MS, ScoreStation
from plimsoll.widgets.scoreboard_panel import NOTHING_FITS, NOTHING_YET, ScoreboardPanel
from plimsoll.widgets.theme import Theme

S_NS = 1_000_000_000
MONDAY = 1_582_554_600 * S_NS  # 2020-02-24 09:30 New York
HOUR = 3600 * S_NS
NOW = MONDAY + 51 * HOUR // 2


def made(now_ns: int = NOW) -> Scoreboard:
    """Return a board of an approved plan, a rejected one and one that ran out."""
    case = ScoreCase()
    for number, (state, person) in enumerate(
        (("approved", "A. Roth"), ("rejected", "M. Kurz"), ("outdated", ""))
    ):
        breach_id, proposal_id = f"B-{number}", f"P-{number}"
        begin = MONDAY + number * HOUR
        case.breach(breach_id, begin - 60 * S_NS, eased_ns=begin + 180 * S_NS)
        case.propose(proposal_id, begin - 30 * S_NS, breach_id=breach_id)
        decided = plan_of() if state == "approved" else None
        case.decide(proposal_id, state, begin, breach_id=breach_id, person=person, decided=decided)
    case.fill("P-0", "F-0", -100, "9.9", MONDAY)

    def falling(_: str, exchange_ns: int) -> float:
        return 10.0 - (exchange_ns - MONDAY) / HOUR / 10.0

    return scoreboard(case.journal.rows(), falling, now_ns, {"A.US": 1.0}, "USD")


@pytest.fixture
def panel(qtbot, theme: Theme) -> Iterator[ScoreboardPanel]:
    shown = ScoreboardPanel(theme)
    shown.resize(1200, 640)
    shown.show()
    qtbot.waitExposed(shown)
    yield shown
    shiboken6.delete(shown)


def texts(panel: ScoreboardPanel, column: int) -> list[str]:
    return [panel.table.item(row, column).text() for row in range(panel.table.rowCount())]


def test_that_each_decision_has_its_row_the_newest_first(panel: ScoreboardPanel, theme: Theme) -> None:
    panel.show_board(made())
    assert texts(panel, 2) == ["ran out", "rejected", "approved"]
    assert texts(panel, 3) == ["nobody", "M. Kurz", "A. Roth"]
    approved = [panel.table.item(2, column).text() for column in range(4, 11)]
    # Sold at 9.9: 9.9 an hour later, 7.6 a day later; the plan at the mark of 10, less its cost of 4.
    assert approved == ["$0", "−$6", "+$230", "−$6", "not yet", "not yet", "$10"]
    assert texts(panel, 6)[:2] == ["not yet", "$0"]
    assert panel.table.item(2, 6).foreground().color() == QColor(theme.colours.ink(Meaning.GAIN))
    assert "1 fills: slippage $10" in panel.table.item(2, 10).toolTip()
    assert "due" in panel.table.item(0, 8).toolTip()
    assert "3 decisions" in panel.bar.accessibleDescription()


def test_that_rows_are_sorted_by_value_with_the_unknown_at_one_end(panel: ScoreboardPanel) -> None:
    panel.show_board(made())
    panel.table.horizontalHeader().setSortIndicator(5, Qt.SortOrder.AscendingOrder)
    assert texts(panel, 5) == ["−$6", "−$6", "−$6"]
    panel.table.horizontalHeader().setSortIndicator(6, Qt.SortOrder.DescendingOrder)
    assert texts(panel, 6) == ["+$230", "$0", "not yet"]
    panel.table.horizontalHeader().setSortIndicator(1, Qt.SortOrder.AscendingOrder)
    assert len(texts(panel, 1)) == 3


def test_that_rule_and_person_filter_both_the_rows_and_the_summary(panel: ScoreboardPanel) -> None:
    panel.show_board(made())
    assert panel.rules.rowCount() == 1
    assert panel.persons.rowCount() == 3
    panel.person.choose("A. Roth")
    assert texts(panel, 3) == ["A. Roth"]
    summary = [panel.persons.item(0, column).text() for column in range(7)]
    assert summary == ["A. Roth", "1", "1", "100\N{NO-BREAK SPACE}%, few", "+$230", "+$230", "−$6"]
    panel.rule.choose("another")
    assert panel._empty.findChild(type(panel.words)).text() == NOTHING_FITS


def test_that_an_empty_board_says_what_will_stand_here(qtbot, panel: ScoreboardPanel) -> None:
    assert panel._empty.isVisible()
    assert panel._empty.findChild(type(panel.words)).text() == NOTHING_YET
    with qtbot.waitSignal(panel.wanted):
        panel.hide()
        panel.show()


def test_that_the_chosen_decision_is_told_in_words(panel: ScoreboardPanel) -> None:
    panel.show_board(made())
    panel.table.selectRow(1)
    assert panel.words.text().startswith("VaR of the book, cheapest cut: rejected by M. Kurz")


def test_that_the_history_of_a_rule_says_how_often_how_and_what_it_was_worth() -> None:
    board = made()
    first, second = rule_history(board, "var", besides="B-2")
    assert first == (
        "Breached 2 times in 30 days. Last: Feb 24, rejected cheapest cut (M. Kurz), VaR back under in "
        "4\N{NO-BREAK SPACE}min, lost $236 against the plan after 1 d."
    )
    assert second.startswith(
        "2 decisions about it: after a day 1 of 2 paid, on average they lost $3, too few"
    )
    assert recorded_words(board, "var").startswith("The journal has it broken 3 times, first on Feb 24")
    assert recorded_words(board, "es") == "The journal has no breach of this limit."
    assert recorded_words(Scoreboard(), "var") == ""
    (alone,) = rule_history(board, "es")
    assert "not been broken before" in alone
    early = rule_history(made(MONDAY + HOUR // 2), "var", besides="B-2")
    assert "worth not known (not yet)" in early[0]


def test_that_the_history_says_what_is_missing_from_it() -> None:
    case = ScoreCase()
    case.breach("B-0", MONDAY)
    bare = scoreboard(case.journal.rows(), lambda *_: 10.0, MONDAY + 40 * 24 * HOUR, {}, "USD")
    (told,) = rule_history(bare, "var")
    assert told == (
        "Not breached in 30 days. Last: Feb 24, nothing was decided about a plan, not back under yet."
    )
    case.propose("P-0", MONDAY, breach_id="B-0")
    case.decide("P-0", "approved", MONDAY, breach_id="B-0", decided=plan_of())
    done = scoreboard(case.journal.rows(), lambda *_: 10.0, NOW, {"A.US": 1.0}, "USD")
    (once,) = rule_history(done, "var")
    assert once == (
        "Breached once in 30 days. Last: Feb 24, approved cheapest cut (M. Kurz), not back under yet, "
        "neither saved nor cost anything against doing nothing after 1 d."
    )
    case.breach("B-1", MONDAY)
    case.propose("P-1", MONDAY, breach_id="B-1")
    case.decide("P-1", "outdated", MONDAY, breach_id="B-1", person="")
    young = scoreboard(case.journal.rows(), lambda *_: 10.0, MONDAY + 2 * HOUR, {"A.US": 1.0}, "USD")
    assert rule_history(young, "var")[1] == "2 decisions about it; none is a day old."
    assert (
        "cheapest cut ran out, not back under yet, saved $4 against the plan" in rule_history(young, "var")[0]
    )


def test_that_a_storm_of_news_makes_newer_scores_once(qtbot, panel: ScoreboardPanel) -> None:
    nowhere = Path("/nowhere")
    recipe = ScoreRecipe(nowhere, nowhere, nowhere, "test", {}, NOW, "USD")
    n_made: list[ScoreRecipe] = []
    with ThreadPoolExecutor(1) as pool:
        station = ScoreStation(
            LoneJob(pool, lambda given: n_made.append(given) or made()), panel, lambda: recipe
        )
        for _ in range(100):
            station.expect()
        with qtbot.waitSignal(station.board_made, timeout=FIRST_MS + 4_000):
            pass
        assert len(n_made) == 1
        assert station.board is panel.board
        assert panel.table.rowCount() == 3
        station.expect()
        station.end()
        silent = ScoreStation(LoneJob(pool, lambda given: given), panel, lambda: None)
        silent.refresh()  # before the market has a time there is nothing to score
    assert len(n_made) == 1
