"""One study holds past, crises and P&L, from files alone, and any process can be sent it."""

import pickle
from datetime import date
from pathlib import Path

import pytest

from fakes.study_case import MASTER, book_of
from plimsoll.bridge.market_study import MarketRecipe, market_study
from plimsoll.bridge.study_job import StudyRecipe
from plimsoll.domain.crisis_window import day_number
from plimsoll.domain.errors import FileRefused
from plimsoll.domain.method import RiskMethod
from plimsoll.storage.crisis_file import crisis_windows_from_folder
from plimsoll.storage.journal import SqliteJournal

RESOURCES = Path(__file__).parents[3] / "resources"
UNTIL = day_number(date(2020, 2, 21))


def recipe(**given: object) -> StudyRecipe:
    values: dict[str, object] = {
        "book": book_of({"US500": 100_000.0, "EURUSD": 20_000.0}),
        "method": RiskMethod(),
        "windows": crisis_windows_from_folder(RESOURCES / "stress"),
        "codes": ("US500", "EURUSD"),
        "master": MASTER,
        "bundled_path": RESOURCES / "market" / "closes.npz",
        "until_day": UNTIL,
    }
    return StudyRecipe(**{**values, **given})


def test_that_a_study_is_made_from_files_and_survives_the_way_between_processes(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    journal = SqliteJournal(path, source="test")
    journal.append("book", {"fingerprint": "a"}, exchange_time_ns=0, received_time_ns=0)
    for number, nav in enumerate((100.0, 130.0)):
        marks = {"US500": 3000.0 + number, "EURUSD": 1.1}
        body = {"day": UNTIL - 1 + number, "nav": nav, "marks": marks}
        journal.append("day_roll", body, exchange_time_ns=0, received_time_ns=0)
    journal.close()
    made = market_study(pickle.loads(pickle.dumps(MarketRecipe(recipe(), path))))  # noqa: S301  our own
    study = pickle.loads(pickle.dumps(made))  # noqa: S301  our own
    assert int(study.past.days[-1]) == UNTIL
    assert len(study.past.days) == 1_000
    assert sum(result.is_known for result in study.crises) == len(study.crises) == 23
    assert study.pnl.actual_base.tolist() == [30.0]
    assert study.pnl.hypothetical_base[0] == pytest.approx(100_000.0 / 3000.0)
    assert {part.source for part in study.past.parts} == {"bundled"}


def test_that_own_files_outrank_what_is_bundled_and_a_fault_in_one_is_told(tmp_path: Path) -> None:
    own = tmp_path / "own.csv"
    own.write_text("date,code,close\n2020-02-20,US500,1\n2020-02-21,US500,2\n")
    study = market_study(MarketRecipe(recipe(own_files=(own,))))
    assert {part.source for part in study.past.parts if part.code == "US500"} == {"own.csv", "bundled"}
    assert study.past.moves[-1, 0] == pytest.approx(1.0)
    assert study.pnl.days.size == 0
    own.write_text("date,code,close\n2020-02-20,US500,\n")
    with pytest.raises(FileRefused, match="line 2, column close"):
        market_study(MarketRecipe(recipe(own_files=(own,))))
