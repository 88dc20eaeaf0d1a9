"""Reports of a running desk: one a day, at its time, with the figures of that day, and told when missed."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from fakes.snapshot_maker import START_NS, make_snapshot
from plimsoll.bridge import report_station as module
from plimsoll.bridge.report_station import ReportStation, ReportTerms
from plimsoll.bridge.risk_model import RiskModel
from plimsoll.domain.report import ReportKind
from plimsoll.domain.snapshot import RiskSnapshot
from plimsoll.storage.folders import folders_for
from plimsoll.storage.settings import ReportSchedule
from plimsoll.widgets.action_registry import ActionRegistry
from plimsoll.widgets.report_menu import ReportMenu

HOUR_NS = 3_600_000_000_000
DAY_NS = 24 * HOUR_NS
CLOSE_NS = START_NS + 6 * HOUR_NS  # 15:30 New York


class Child(QObject):
    """Stands where a child process would: it keeps what it was asked."""

    line_read = Signal(object)
    died = Signal(str)
    refused = Signal(str)
    made: list["Child"] = []  # noqa: RUF012  emptied before each test

    def __init__(self, words: Sequence[str], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.words = list(words)
        self.first_line = ""
        self.is_stopped = False
        Child.made.append(self)

    def start(self, first_line: str) -> None:
        self.first_line = first_line

    def stop(self) -> None:
        self.is_stopped = True

    def word(self, name: str) -> str:
        return self.words[self.words.index(name) + 1]


@pytest.fixture
def children(monkeypatch: pytest.MonkeyPatch) -> list[Child]:
    monkeypatch.setattr(module, "ChildProcess", Child)
    Child.made.clear()
    return Child.made


@pytest.fixture
def model(qtbot: QtBot) -> RiskModel:
    return RiskModel("ana", is_demo=True)


def station_of(model: RiskModel, folder: Path, at: str = "17:05") -> ReportStation:
    schedule = ReportSchedule(at, folder / "reports", ("pdf", "html")) if at else ReportSchedule()
    terms = ReportTerms(folders_for(is_demo=True, data_dir=folder), schedule=schedule)
    return ReportStation(model, terms, model)


def at(exchange_ns: int, nav: float) -> RiskSnapshot:
    return replace(make_snapshot(), exchange_time_ns=exchange_ns, nav=nav)


def test_that_a_days_report_is_written_once_with_the_figures_before_its_roll(
    model: RiskModel, tmp_path: Path, children: list[Child]
) -> None:
    station = station_of(model, tmp_path)
    station.follow(at(CLOSE_NS, 1.0))
    station.follow(at(CLOSE_NS + HOUR_NS, 2.0))
    station.follow(at(CLOSE_NS + HOUR_NS + HOUR_NS // 2 + 1, 3.0))
    assert children == [], "17:00:00, the roll: the report is due at 17:05"
    for step in range(3):
        station.follow(at(CLOSE_NS + 2 * HOUR_NS + step, 4.0))
    assert [Path(child.word("--out")).name for child in children] == [
        "end-of-day-2020-02-24.pdf",
        "end-of-day-2020-02-24.html",
    ]
    assert all(child.word("--day") == "2020-02-24" for child in children)
    assert all(json.loads(child.first_line)["nav"] == 2.0 for child in children)
    assert children[0].word("--data-dir") == str(tmp_path)
    station.follow(at(START_NS + DAY_NS, 5.0))
    station.follow(at(START_NS + DAY_NS + 8 * HOUR_NS, 6.0))
    assert children[-1].word("--day") == "2020-02-25"
    assert json.loads(children[-1].first_line)["nav"] == 5.0


def test_that_a_report_that_is_there_is_not_written_again(
    model: RiskModel, tmp_path: Path, children: list[Child]
) -> None:
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports" / "end-of-day-2020-02-24.pdf").touch()
    station = station_of(model, tmp_path)
    station.follow(at(CLOSE_NS, 1.0))
    station.follow(at(CLOSE_NS + 2 * HOUR_NS, 2.0))
    assert [Path(child.word("--out")).suffix for child in children] == [".html"]


def test_that_a_report_missed_while_shut_is_told(
    model: RiskModel, tmp_path: Path, children: list[Child], qtbot: QtBot
) -> None:
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports" / "end-of-day-2020-02-20.pdf").touch()
    station = station_of(model, tmp_path)
    with qtbot.waitSignal(model.notice_raised) as told:
        station.follow(at(START_NS, 1.0))
    words, is_alarm = told.args
    assert "2020-02-21 was not written" in words, "the day before a Monday is a Friday"
    assert "plimsoll report" in words
    assert is_alarm
    assert children == []


@pytest.mark.parametrize("is_first", [True, False])
def test_that_a_first_session_has_missed_nothing(
    model: RiskModel, tmp_path: Path, children: list[Child], qtbot: QtBot, is_first: bool
) -> None:
    station = station_of(model, tmp_path, "17:05" if is_first else "")
    with qtbot.assertNotEmitted(model.notice_raised):
        station.follow(at(0, 0.0))
        station.follow(at(START_NS, 1.0))
    assert children == []


def test_that_a_desk_opened_between_roll_and_report_still_writes_it(
    model: RiskModel, tmp_path: Path, children: list[Child]
) -> None:
    station = station_of(model, tmp_path)
    station.follow(at(CLOSE_NS + HOUR_NS + HOUR_NS // 2 + 1, 1.0))
    station.follow(at(CLOSE_NS + 2 * HOUR_NS, 2.0))
    assert children[0].word("--day") == "2020-02-24"
    assert children[0].first_line == "", "the journal knows that day, this session does not"


def test_that_what_became_of_a_report_is_told(
    model: RiskModel, tmp_path: Path, children: list[Child], qtbot: QtBot
) -> None:
    station = station_of(model, tmp_path, "")
    model.take_snapshot(at(START_NS, 1.0))
    station.write(ReportKind.REVIEW, tmp_path / "r.xlsx")
    with qtbot.waitSignals([station.written, model.notice_raised]):
        children[0].line_read.emit({"written": "r.xlsx", "what": "a day"})
    with qtbot.assertNotEmitted(model.notice_raised):
        children[0].died.emit("report ended with code 0: it said nothing")
    station.export_journal(tmp_path / "j.csv")
    assert children[1].words[0] == "export-journal"
    with qtbot.waitSignal(model.notice_raised) as told:
        children[1].refused.emit("no journal")
    assert told.args == ["j.csv was not written: no journal", True]
    station.write(ReportKind.END_OF_DAY, tmp_path / "r.pdf")
    station.end()
    assert children[2].is_stopped


def test_that_a_folder_that_cannot_be_made_is_told(
    model: RiskModel, tmp_path: Path, children: list[Child], qtbot: QtBot
) -> None:
    (tmp_path / "file").touch()
    with qtbot.waitSignal(model.notice_raised):
        station_of(model, tmp_path, "").write(ReportKind.REVIEW, tmp_path / "file" / "r.pdf")
    assert children == []


def test_that_the_menu_asks_where_to_and_hands_it_on(qtbot: QtBot, tmp_path: Path) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    asked: list[object] = []
    menu = ReportMenu(
        ActionRegistry(window), lambda kind, path: asked.append((kind, path)), asked.append, window
    )
    for ask, name, taken in (
        (menu.ask_for_day, "d.pdf", (ReportKind.END_OF_DAY, tmp_path / "d.pdf")),
        (menu.ask_for_review, "r.html", (ReportKind.REVIEW, tmp_path / "r.html")),
        (menu.ask_for_export, "j.csv", tmp_path / "j.csv"),
    ):
        ask()
        assert menu.dialog is not None
        menu.dialog.fileSelected.emit(str(tmp_path / name))
        assert asked[-1] == taken
        menu.dialog.close()
