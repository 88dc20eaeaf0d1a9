"""A fake that lies is worse than none: each keeps the promises of what it stands for."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from fakes.memory_archive import MemoryArchive
from fakes.memory_journal import MemoryJournal
from plimsoll.domain.tick import TICK_DTYPE
from plimsoll.engine.ports import Journal, JournalUnavailable
from plimsoll.storage.journal import SqliteJournal


@pytest.fixture(params=["memory", "sqlite"])
def journal(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Journal]:
    if request.param == "memory":
        yield MemoryJournal("test")
        return
    opened = SqliteJournal(tmp_path / "journal.sqlite", source="test")
    yield opened
    opened.close()


def write(journal: Journal, kind: str, body: dict[str, object], person: str = "") -> int:
    return journal.append(kind, body, exchange_time_ns=1, received_time_ns=2, person=person)


def test_that_rows_count_from_one_without_a_gap(journal: Journal) -> None:
    assert [write(journal, "flow", {"n": n}) for n in range(3)] == [1, 2, 3]
    assert journal.n_rows == 3


def test_that_rows_come_back_as_they_were_written(journal: Journal) -> None:
    write(journal, "flow", {"amount": "1.10", "nested": {"a": [1, 2.5, None]}}, person="M. Kurz")
    (row,) = journal.rows()
    assert (row.number, row.kind, row.person, row.source) == (1, "flow", "M. Kurz", "test")
    assert row.body == {"amount": "1.10", "nested": {"a": [1, 2.5, None]}}
    assert (row.exchange_time_ns, row.received_time_ns) == (1, 2)


def test_that_a_tuple_comes_back_as_a_list_and_nan_as_nan(journal: Journal) -> None:
    write(journal, "x", {"pair": (1, 2), "unknown": float("nan"), "endless": float("inf")})
    (row,) = journal.rows()
    assert row.body["pair"] == [1, 2]
    assert np.isnan(row.body["unknown"])
    assert row.body["endless"] == float("inf")


def test_that_rows_can_be_asked_for_by_kind(journal: Journal) -> None:
    for kind in ("a", "b", "a"):
        write(journal, kind, {})
    assert [row.number for row in journal.rows(("a",))] == [1, 3]


def test_that_rows_written_while_reading_are_not_read(journal: Journal) -> None:
    write(journal, "a", {})
    seen = [write(journal, "a", {}) and row.number for row in journal.rows()]
    assert seen == [1]


def test_that_a_body_which_is_no_json_is_refused(journal: Journal) -> None:
    with pytest.raises((JournalUnavailable, TypeError)):
        write(journal, "a", {"what": object()})
    assert journal.n_rows == 0


def test_that_a_memory_journal_told_to_fail_writes_nothing() -> None:
    journal = MemoryJournal()
    never: Callable[[str], bool] = lambda kind: kind == "a"  # noqa: E731  a rule in one line
    journal.fails = never
    with pytest.raises(JournalUnavailable, match="told to fail"):
        write(journal, "a", {})
    write(journal, "b", {})
    assert journal.kinds() == ["b"]


def test_that_a_memory_archive_keeps_ticks_in_order_and_apart_from_the_caller() -> None:
    archive, rows = MemoryArchive(), np.zeros(2, dtype=TICK_DTYPE)
    rows["price"] = [1.0, 2.0]
    archive.append(rows)
    rows["price"] = 9.0
    archive.append(rows[:1])
    assert archive.rows["price"].tolist() == [1.0, 2.0, 9.0]


def test_that_a_memory_archive_refuses_rows_of_another_kind() -> None:
    with pytest.raises(TypeError, match="TICK_DTYPE"):
        MemoryArchive().append(np.zeros(1))
