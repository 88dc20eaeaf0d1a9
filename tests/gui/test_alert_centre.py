import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from fakes.memory_journal import MemoryJournal
from fakes.snapshot_maker import make_breaches, make_snapshot
from plimsoll.bridge.alert_book import AlertBook
from plimsoll.bridge.alert_entry import AlertEntry, entries_of_rows, entry_of_breach
from plimsoll.bridge.alert_mute import AlertMute
from plimsoll.bridge.alert_rule_model import AlertRuleModel, RuleColumn
from plimsoll.bridge.alert_table_model import NOT_FILED, AlertColumn, AlertFilter, AlertTableModel
from plimsoll.bridge.risk_model import RiskModel
from plimsoll.domain.breach import BreachState
from plimsoll.domain.decision import Decision, DecisionKind
from plimsoll.domain.incident import IncidentCause, Resolution
from plimsoll.domain.limit import Severity
from plimsoll.domain.rule_standing import RuleStanding
from plimsoll.engine.breach_record import body_of
from plimsoll.widgets.alert_centre import HISTORY, OPEN, RULES, SNOOZED, AlertCentre
from plimsoll.widgets.theme import Theme

SEVERITIES = (*Severity, None)
BREACHES = make_breaches()


def many(n: int) -> list[AlertEntry]:
    return [
        AlertEntry(
            number * 10**9,
            SEVERITIES[number % 4],
            "raised" if number % 2 else "closed",
            f"limit-{number % 7}",
            f"Limit {number % 7} · {number % 100}.HK",
            f"line {number}",
            ("", "ana", "bo")[number % 3],
            number % 3,
            f"B-{number:05d}",
        )
        for number in range(n)
    ]


@pytest.fixture
def lines(qapp) -> Iterator[AlertTableModel]:
    model = AlertTableModel()
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    yield model
    del tester


@pytest.fixture
def book(model: RiskModel) -> AlertBook:
    return AlertBook(model)


@pytest.fixture
def centre(book: AlertBook, theme: Theme, qtbot: QtBot) -> AlertCentre:
    shown = AlertCentre(book, AlertMute(), theme, latencies_ms=lambda: [40.0])
    qtbot.addWidget(shown)
    shown.resize(1000, 400)
    shown.show()
    return shown


def give(centre: AlertCentre, *breaches) -> None:
    centre.show_snapshot(make_snapshot(breaches=breaches))


class TestLines:
    def test_that_the_newest_comes_first(self, lines: AlertTableModel) -> None:
        lines.take(many(50))
        assert [entry.breach_id for entry in lines.shown][:2] == ["B-00049", "B-00048"]

    @pytest.mark.parametrize("column", list(AlertColumn))
    @pytest.mark.parametrize("descending", [False, True])
    def test_that_each_column_sorts_by_value_with_the_unknown_last(
        self, lines: AlertTableModel, column: AlertColumn, descending: bool
    ) -> None:
        lines.take(many(60))
        order = Qt.SortOrder.DescendingOrder if descending else Qt.SortOrder.AscendingOrder
        lines.sort(column, order)
        keys = {
            AlertColumn.TIME: lambda entry: entry.time_ns,
            AlertColumn.SEVERITY: lambda entry: entry.severity and list(Severity).index(entry.severity),
            AlertColumn.STATE: lambda entry: entry.state,
            AlertColumn.LIMIT: lambda entry: entry.title.casefold(),
            AlertColumn.WORDS: lambda entry: entry.words.casefold(),
            AlertColumn.PERSON: lambda entry: entry.person or None,
            AlertColumn.LEVEL: lambda entry: entry.level,
            AlertColumn.BREACH: lambda entry: entry.breach_id,
        }
        values = [keys[column](entry) for entry in lines.shown]
        known = [value for value in values if value is not None]
        assert values[: len(known)] == sorted(known, reverse=descending)
        assert len(values) == 60

    def test_that_filters_narrow_down_together(self, lines: AlertTableModel) -> None:
        lines.take(many(600))
        wanted = AlertFilter("LIMIT 3 line", "HIGH", "raised", "Limit 3", "ana", 100 * 10**9)
        lines.show_only(wanted)
        assert lines.shown == [
            entry
            for entry in reversed(many(600))
            if entry.severity is Severity.HIGH
            and entry.state == "raised"
            and entry.limit_id == "limit-3"
            and entry.person == "ana"
            and entry.time_ns >= wanted.since_ns
        ]
        assert lines.rowCount() > 0

    def test_that_what_is_not_filed_can_be_asked_for(self, lines: AlertTableModel) -> None:
        entries = many(4)
        entries[2] = replace(entries[2], is_unfiled=True)
        lines.take(entries)
        lines.show_only(AlertFilter(state=NOT_FILED))
        assert [entry.breach_id for entry in lines.shown] == ["B-00002"]
        assert lines.index(0, AlertColumn.STATE).data() == "closed · not filed"

    def test_that_new_lines_come_in_above_without_a_reset(self, lines: AlertTableModel, qtbot: QtBot) -> None:
        entries = many(30)
        lines.take(entries[:20])
        inserted = []
        lines.rowsInserted.connect(lambda _parent, first, last: inserted.append((first, last)))
        lines.extend(entries[20:])
        assert inserted == [(0, 9)]
        assert lines.shown == list(reversed(entries))

    def test_that_new_lines_find_their_place_in_another_order(self, lines: AlertTableModel) -> None:
        entries = many(30)
        lines.take(entries[:20])
        lines.sort(AlertColumn.PERSON, Qt.SortOrder.AscendingOrder)
        lines.extend(entries[20:])
        grown = lines.shown
        lines.take([])
        lines.take(entries)
        assert lines.shown == grown

    def test_that_ten_thousand_lines_are_filtered_and_sorted_within_a_blink(
        self, lines: AlertTableModel
    ) -> None:
        lines.take(many(10_000))
        began_s = time.perf_counter()
        lines.show_only(AlertFilter(text="limit 3 ana"))
        lines.sort(AlertColumn.LIMIT, Qt.SortOrder.AscendingOrder)
        lines.extend(many(10))
        assert lines.rowCount() > 400
        assert (
            time.perf_counter() - began_s < 2.0
        )  # a guard against a proxy's quadratic cost, not a benchmark


class TestBook:
    def test_that_what_is_heard_becomes_history(self, model: RiskModel, book: AlertBook) -> None:
        model.breach_raised.emit(BREACHES[0])
        model.decision_taken.emit(Decision("d", DecisionKind.ACKNOWLEDGE, BREACHES[0].breach_id, "ana"))
        model.notice_raised.emit("The feed is back.", False)
        states = [(entry.state, entry.person) for entry in book.history]
        assert states == [("raised", ""), ("decision", "ana"), ("notice", "")]
        assert book.history[1].title == BREACHES[0].title

    def test_that_earlier_sessions_come_before_this_one_and_nothing_twice(
        self, model: RiskModel, book: AlertBook
    ) -> None:
        journal = MemoryJournal()
        for at_ns in (5, time.time_ns() + 10**9):  # the second was written in this session, and heard
            journal.append("breach_raised", body_of(BREACHES[1]), exchange_time_ns=0, received_time_ns=at_ns)
        model.breach_raised.emit(BREACHES[0])
        book.take_history(entries_of_rows(journal.rows(), "USD"))
        assert [entry.breach_id for entry in book.history] == [BREACHES[1].breach_id, BREACHES[0].breach_id]

    def test_that_filing_an_incident_takes_its_mark_away(self, model: RiskModel, book: AlertBook) -> None:
        over = replace(BREACHES[0], state=BreachState.CLOSED, cause_id="C-1")
        model.breach_changed.emit(over)
        assert book.n_unfiled == 1
        model.breach_changed.emit(
            replace(over, cause=IncidentCause.MODEL, resolution=Resolution.REVERSED, comment="none")
        )
        assert book.n_unfiled == 0
        assert not any(entry.is_unfiled for entry in book.history)

    def test_that_memory_ends_and_the_newest_stay(self, model: RiskModel) -> None:
        book = AlertBook(model, most_events=100)
        for number in range(250):
            model.notice_raised.emit(str(number), False)
        assert len(book.history) <= 100
        assert book.history[-1].words == "249"


class TestCentre:
    def test_that_open_and_snoozed_breaches_have_a_list_each(self, centre: AlertCentre) -> None:
        snoozed = replace(BREACHES[1], state=BreachState.SNOOZED)
        give(centre, BREACHES[0], snoozed)
        assert [entry.breach_id for entry in centre.lines.shown] == [BREACHES[0].breach_id]
        centre.header.choose(SNOOZED)
        assert [entry.breach_id for entry in centre.lines.shown] == [snoozed.breach_id]

    def test_that_each_list_says_so_while_it_is_empty(self, centre: AlertCentre) -> None:
        give(centre)
        for page, words in (
            (OPEN, "No breach is open."),
            (SNOOZED, "No breach is snoozed."),
            (HISTORY, "Nothing has happened yet"),
            (RULES, "No rule has been evaluated yet."),
        ):
            centre.header.choose(page)
            assert centre._empty.isVisible()
            assert words in centre._empty._words.text()

    def test_that_a_filter_that_fits_nothing_can_be_cleared(self, centre: AlertCentre) -> None:
        give(centre, *BREACHES)
        centre.filter_bar.search.setText("nothing like this")
        assert centre._empty._words.text() == "No line fits the filter."
        centre._empty.button_pressed.emit()
        assert centre.view.isVisible()
        assert centre.filter_bar.search.text() == ""

    def test_that_history_appears_as_it_happens(
        self, centre: AlertCentre, model: RiskModel, qtbot: QtBot
    ) -> None:
        centre.header.choose(HISTORY)
        model.notice_raised.emit("The feed is back.", False)
        qtbot.waitUntil(lambda: centre.history.rowCount() == 1)
        assert centre.view.isVisible()

    def test_that_a_storm_in_this_session_is_counted_whole(
        self, centre: AlertCentre, book: AlertBook, model: RiskModel, qtbot: QtBot
    ) -> None:
        for number in range(1000):
            model.breach_raised.emit(replace(BREACHES[0], breach_id=f"B-{number}"))
        qtbot.waitUntil(lambda: centre.history.n_entries == 1000)

    def test_that_a_line_opens_its_breach(self, centre: AlertCentre, qtbot: QtBot) -> None:
        give(centre, BREACHES[0])
        with qtbot.waitSignal(centre.review_wanted) as asked:
            centre.view.activated.emit(centre.lines.index(0, 0))
        assert asked.args == [BREACHES[0].breach_id]

    def test_that_a_test_alert_is_a_button_away_and_its_result_is_in_words(
        self, centre: AlertCentre, qtbot: QtBot
    ) -> None:
        with qtbot.waitSignal(centre.trial_wanted):
            qtbot.mouseClick(centre._trial, Qt.MouseButton.LeftButton)
        centre.show_told("The test alert went out by webhook.", False)
        assert centre._told.text() == "The test alert went out by webhook."

    def test_that_the_latency_stands_at_the_foot(self, centre: AlertCentre) -> None:
        give(centre)
        assert "p99 40 ms" in centre._latency.text()

    def test_that_what_is_shown_is_exported_and_a_failure_is_said(
        self, centre: AlertCentre, tmp_path: Path
    ) -> None:
        give(centre, *BREACHES)
        centre.filter_bar.severity.choose("CRITICAL")
        centre.export_to(tmp_path / "out.csv")
        assert len((tmp_path / "out.csv").read_text("utf-8").splitlines()) == 2
        assert "1 lines are in" in centre._told.text()
        centre.export_to(tmp_path / "missing" / "out.csv")
        assert "could not be written" in centre._told.text()

    def test_that_the_filter_offers_what_the_history_holds(
        self, centre: AlertCentre, book: AlertBook
    ) -> None:
        centre.history.take(many(20))
        centre.filter_bar.person._fill()
        offered = [action.text() for action in centre.filter_bar.person._menu.actions()]
        assert offered == ["all", "ana", "bo"]


def test_that_the_rule_table_sorts_by_value_and_says_never(qapp, qtbot: QtBot) -> None:
    model = AlertRuleModel()
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    model.take((RuleStanding("a", 0, 0, 0, 0), RuleStanding("b", 9, 10**9, 3, 1200)), {"a": "A", "b": "B"})
    assert model.index(0, RuleColumn.EVALUATED).data() == "never"
    model.sort(RuleColumn.PER_WEEK, Qt.SortOrder.DescendingOrder)
    assert [model.index(row, RuleColumn.NAME).data() for row in range(2)] == ["B", "A"]
    assert model.index(0, RuleColumn.EVER).data() == "1,200"
    assert model.rowCount(QModelIndex()) == 2
    del tester


def test_that_a_line_of_a_breach_shows_its_worst_value(qapp) -> None:
    worse = replace(BREACHES[0], worst_value=450_000.0)
    assert "450,000 USD, limit 400,000 USD" in entry_of_breach(worse, 0, "USD").words


def test_that_the_desk_can_be_rewound_to_the_breach_of_a_line(centre: AlertCentre, qtbot: QtBot) -> None:
    give(centre, *BREACHES[:1])
    with qtbot.assertNotEmitted(centre.rewind_wanted):
        centre.rewind_action.trigger()
    centre.view.selectRow(0)
    with qtbot.waitSignal(centre.rewind_wanted) as told:
        centre.rewind_action.trigger()
    assert told.args == [BREACHES[0].breach_id]
