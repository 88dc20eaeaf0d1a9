"""The lamps of a report without a desk: the book of the journal, at the marks of its last roll."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from fakes.memory_journal import MemoryJournal
from plimsoll import assets
from plimsoll.bridge.report_backtest import report_backtest
from plimsoll.engine.ports import JournalRow
from plimsoll.engine.restoration import fingerprint
from plimsoll.engine.var_forecast import FORECAST_METHODS
from plimsoll.storage.portfolio_file import book_from_files
from plimsoll.storage.settings import Settings

DAY = 18_316
BOOK, MASTER = book_from_files(
    assets.path("samples/instruments.csv"), assets.path("samples/positions.csv"), "USD"
)


def rows_of(*, of_book: str = "", source: str = "demo 2020-02-24") -> Callable[[], Iterable[JournalRow]]:
    journal = MemoryJournal(source)
    marks = {position.code: float(position.cost) for position in BOOK.positions}
    for kind, body in (
        ("book", {"fingerprint": of_book or fingerprint(BOOK), "name": "positions"}),
        ("day_roll", {"nav": 2.5e7, "day": DAY, "marks": marks, "next_roll_ns": 0}),
    ):
        journal.append(kind, body, exchange_time_ns=1, received_time_ns=1)
    return journal.rows


def test_that_every_model_is_judged_up_to_the_last_day_of_the_journal(tmp_path: Path) -> None:
    result = report_backtest(rows_of(), Settings(), tmp_path / "none.sqlite")
    assert result.refusal == ""
    assert {record.name for record in result.methods} == set(FORECAST_METHODS)
    assert int(result.days[-1]) <= DAY
    assert np.isfinite(result.pnl_base).all()


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (lambda: (), "no day has ended"),
        (rows_of(of_book="another"), "another book"),
        (rows_of(source="live quote.alltick.co"), "no positions file"),
    ],
)
def test_that_without_a_book_the_reason_is_told(
    rows: Callable[[], Iterable[JournalRow]], words: str, tmp_path: Path
) -> None:
    assert words in report_backtest(rows, Settings(), tmp_path / "none.sqlite").refusal


def test_that_a_positions_file_that_is_gone_is_a_reason_and_no_traceback(tmp_path: Path) -> None:
    settings = replace(Settings(), positions=tmp_path / "none.csv")
    assert report_backtest(rows_of(), settings, tmp_path / "none.sqlite").refusal
