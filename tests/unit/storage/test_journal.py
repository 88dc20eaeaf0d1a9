import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from plimsoll.engine.ports import Journal, JournalRow, JournalUnavailable
from plimsoll.storage import journal as module
from plimsoll.storage.journal import SqliteJournal, codes_entered, verify


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.sqlite"


@pytest.fixture
def journal(path: Path) -> Iterator[SqliteJournal]:
    journal = SqliteJournal(path, source="demo 2020-02-24")
    yield journal
    journal.close()


def fill(journal: SqliteJournal, n_rows: int = 3) -> None:
    for number in range(n_rows):
        journal.append(
            "day_roll", {"nav_base": 25e6 + number}, exchange_time_ns=number, received_time_ns=10 + number
        )


def tamper(path: Path, *statements: str) -> None:
    with sqlite3.connect(path) as connection:
        for name in ("entry_never_changes", "entry_never_goes", "entry_comes_last"):
            connection.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            connection.execute(statement)
        for trigger in module._TRIGGERS:
            connection.execute(trigger)
    connection.close()


def test_that_it_keeps_the_engine_s_promise(journal: SqliteJournal) -> None:
    promised: Journal = journal
    number = promised.append("flow", {"amount": 3}, exchange_time_ns=1, received_time_ns=2, person="Ada")
    assert (number, promised.n_rows) == (1, 1)
    assert list(promised.rows()) == [JournalRow(1, "flow", {"amount": 3}, "Ada", "demo 2020-02-24", 1, 2)]


def test_that_rows_come_back_oldest_first_and_by_kind(journal: SqliteJournal) -> None:
    for kind in ("breach_raised", "decision", "breach_raised"):
        journal.append(kind, {"kind": kind}, exchange_time_ns=0, received_time_ns=0)
    assert [row.number for row in journal.rows()] == [1, 2, 3]
    assert [row.number for row in journal.rows(["breach_raised"])] == [1, 3]
    assert [row.number for row in journal.rows(["decision", "breach_raised"])] == [1, 2, 3]
    assert list(journal.rows(["'; DROP TABLE entry; --"])) == []


def test_that_rows_may_be_written_while_old_ones_are_read(journal: SqliteJournal) -> None:
    fill(journal)
    numbers = []
    for row in journal.rows():
        numbers.append(row.number)
        journal.append("echo", {"of": row.number}, exchange_time_ns=0, received_time_ns=0)
    assert numbers == [1, 2, 3]
    assert journal.n_rows == 6


def test_that_what_was_written_is_there_after_a_new_start_and_the_chain_goes_on(path: Path) -> None:
    for source in ("live", "live again"):
        journal = SqliteJournal(path, source=source)
        fill(journal)
        head = journal.head
        journal.close()
    report = verify(path)
    assert (report.n_rows, report.head, report.faults) == (6, head, ())
    journal = SqliteJournal(path, source="third")
    assert [row.source for row in journal.rows()] == ["live"] * 3 + ["live again"] * 3
    journal.close()


def test_that_a_row_survives_a_program_that_never_closes(path: Path) -> None:
    journal = SqliteJournal(path, source="live")
    fill(journal)
    copy = path.with_name("copy.sqlite")
    for suffix in ("", "-wal"):
        copy.with_name(copy.name + suffix).write_bytes(path.with_name(path.name + suffix).read_bytes())
    assert verify(copy).n_rows == 3
    journal.close()


def test_that_the_file_forces_each_commit_to_the_disk(journal: SqliteJournal, path: Path) -> None:
    assert journal._connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert journal._connection.execute("PRAGMA synchronous").fetchone() == (2,)
    assert path.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE entry SET body = '{}' WHERE number = 2",
        "DELETE FROM entry WHERE number = 3",
        "INSERT OR REPLACE INTO entry SELECT * FROM entry WHERE number = 2",
        "INSERT INTO entry SELECT 5, kind, body, person, source, 0, 0, hash, hash FROM entry LIMIT 1",
        "INSERT INTO entry SELECT -number, kind, body, person, source, 0, 0, hash, hash FROM entry",
    ],
)
def test_that_the_file_itself_refuses_changes(journal: SqliteJournal, statement: str) -> None:
    fill(journal)
    with pytest.raises(sqlite3.Error, match="append-only"):
        journal._connection.execute(statement)
    assert verify(journal.path).is_intact


def test_that_a_reader_who_leaves_a_moment_later_leaves_no_write_ahead_log(path: Path) -> None:
    journal = SqliteJournal(path, source="x")
    fill(journal)
    reader = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, check_same_thread=False)
    reader.execute("SELECT count(*) FROM entry").fetchone()
    leaving = threading.Timer(0.1, reader.close)
    leaving.start()
    journal.close()
    leaving.join()
    assert [name.name for name in path.parent.iterdir()] == [path.name]


def test_that_an_empty_journal_is_intact(journal: SqliteJournal, path: Path) -> None:
    assert verify(path) == module.JournalReport(0, "0" * 64, ())


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ("UPDATE entry SET body = '{\"nav_base\":1}' WHERE number = 2", "row 2 is not as it was written"),
        ("UPDATE entry SET person = 'Eve' WHERE number = 1", "row 1 is not as it was written"),
        ("UPDATE entry SET kind = CAST('day_roll' AS TEXT) || x'00' WHERE number = 3", "row 3 is not as"),
        ("UPDATE entry SET exchange_time_ns = 7 WHERE number = 3", "row 3 is not as it was written"),
        ("UPDATE entry SET kind = CAST(x'ff' AS TEXT) WHERE number = 2", "row 2 is not text"),
        ("UPDATE entry SET hash = x'00' WHERE number = 3", "row 3 is not as it was written"),
        ("UPDATE entry SET previous_hash = x'00' WHERE number = 2", "row 2 does not follow"),
        ("DELETE FROM entry WHERE number = 2", "row 2 is missing: row 3 stands in its place"),
        ("UPDATE entry SET number = 9 WHERE number = 3", "row 3 is missing: row 9 stands in its place"),
    ],
)
def test_that_verify_names_the_row_that_was_changed(
    journal: SqliteJournal, path: Path, statement: str, fault: str
) -> None:
    fill(journal)
    journal.close()
    tamper(path, statement)
    report = verify(path)
    assert not report.is_intact
    assert fault in report.faults[-1]


def test_that_rows_cut_off_at_the_end_show_in_the_head(journal: SqliteJournal, path: Path) -> None:
    fill(journal)
    head = journal.head
    journal.close()
    tamper(path, "DELETE FROM entry WHERE number = 3")
    report = verify(path)
    assert report.is_intact
    assert report.head != head


def test_that_verify_misses_no_trigger(journal: SqliteJournal, path: Path) -> None:
    fill(journal)
    with sqlite3.connect(path) as connection:
        connection.execute("DROP TRIGGER entry_never_changes")
    connection.close()
    assert verify(path).faults == ("the tables and triggers are not those of a journal",)


def test_that_verify_reads_a_journal_in_use(journal: SqliteJournal, path: Path) -> None:
    fill(journal)
    assert verify(path).n_rows == 3


def test_that_verify_tells_a_file_that_is_not_there_or_no_journal(path: Path) -> None:
    assert "was not there" in verify(path).faults[0]
    path.write_bytes(b"no database at all, but long enough to be read as one" * 100)
    assert "could not be read" in verify(path).faults[0]
    assert not path.with_name(path.name + "-wal").exists()


def test_that_a_changed_last_row_keeps_the_journal_from_opening(journal: SqliteJournal, path: Path) -> None:
    fill(journal)
    journal.close()
    tamper(path, "UPDATE entry SET person = 'Eve' WHERE number = 3")
    with pytest.raises(JournalUnavailable, match="its last row 3 does not match"):
        SqliteJournal(path, source="live")


def test_that_a_newer_file_is_refused(journal: SqliteJournal, path: Path) -> None:
    journal.close()
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 2")
    connection.close()
    with pytest.raises(JournalUnavailable, match=r"newer Plimsoll .form 2, this one knows 1.: update"):
        SqliteJournal(path, source="live")
    assert "newer" in verify(path).faults[0]


def test_that_another_database_is_refused(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE something (x)")
    connection.close()
    with pytest.raises(JournalUnavailable, match="another SQLite database"):
        SqliteJournal(path, source="live")


@pytest.mark.parametrize("content", [b"not a database" * 100, None])
def test_that_a_file_that_is_no_database_is_refused(path: Path, content: str | bytes) -> None:
    if content is None:
        path.mkdir()
    else:
        path.write_bytes(content)
    with pytest.raises(JournalUnavailable, match="could not be opened"):
        SqliteJournal(path, source="live")


def test_that_a_full_disk_is_told_and_the_chain_goes_on_when_there_is_room(
    journal: SqliteJournal, path: Path
) -> None:
    fill(journal)
    (n_pages,) = journal._connection.execute("PRAGMA page_count").fetchone()
    journal._connection.execute(f"PRAGMA max_page_count = {n_pages}")
    with pytest.raises(JournalUnavailable, match=r"row 4 .note. .* was not written: .*full"):
        journal.append("note", {"text": "x" * 100_000}, exchange_time_ns=0, received_time_ns=0)
    assert journal.n_rows == 3
    journal._connection.execute("PRAGMA max_page_count = 1000000")
    assert journal.append("note", {"text": "x" * 100_000}, exchange_time_ns=0, received_time_ns=0) == 4
    assert verify(path).is_intact


def test_that_a_locked_file_is_told(
    journal: SqliteJournal, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal._connection.execute("PRAGMA busy_timeout = 1")
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(JournalUnavailable, match="locked"):
        fill(journal)
    other.execute("ROLLBACK")
    other.close()
    fill(journal)
    assert verify(path).n_rows == 3


def test_that_a_second_writer_cannot_fork_the_chain(journal: SqliteJournal, path: Path) -> None:
    other = SqliteJournal(path, source="other")
    fill(journal)
    with pytest.raises(JournalUnavailable, match="append-only"):
        fill(other)
    other.close()
    assert verify(path).n_rows == 3


@pytest.mark.parametrize("body", [{"x": object()}, {"x": "\ud800"}])
def test_that_a_body_that_cannot_be_written_is_told(journal: SqliteJournal, body: dict[str, object]) -> None:
    with pytest.raises(JournalUnavailable, match=r"row 1 .odd. .* was not written"):
        journal.append("odd", body, exchange_time_ns=0, received_time_ns=0)
    assert journal.n_rows == 0


def test_that_a_time_no_file_can_hold_is_told(journal: SqliteJournal) -> None:
    with pytest.raises(JournalUnavailable, match="was not written"):
        journal.append("odd", {}, exchange_time_ns=2**70, received_time_ns=0)


def test_that_unknown_and_unbounded_figures_come_back_as_they_were(journal: SqliteJournal) -> None:
    journal.append(
        "breach_raised",
        {"until": float("inf"), "nav": float("nan"), "n": np.int64(3), "values": np.array([1.5, 2.5])},
        exchange_time_ns=0,
        received_time_ns=0,
    )
    (row,) = journal.rows()
    assert row.body["until"] == float("inf")
    assert row.body["nav"] != row.body["nav"]
    assert (row.body["n"], row.body["values"]) == (3, [1.5, 2.5])


def test_that_it_belongs_to_the_thread_that_opened_it(journal: SqliteJournal) -> None:
    told: list[str] = []

    def write() -> None:
        try:
            fill(journal)
        except JournalUnavailable as refusal:
            told.append(str(refusal))

    other = threading.Thread(target=write)
    other.start()
    other.join()
    assert "thread" in told[0]


def test_that_a_closed_journal_says_so(journal: SqliteJournal) -> None:
    journal.close()
    with pytest.raises(JournalUnavailable):
        fill(journal)
    with pytest.raises(JournalUnavailable, match="could not be read"):
        list(journal.rows())


WRITE_FOR_EVER = """
import sys
from pathlib import Path
from plimsoll.storage.journal import SqliteJournal
journal = SqliteJournal(Path(sys.argv[1]), source="child")
while True:
    print(journal.append("flow", {"amount": 1}, exchange_time_ns=0, received_time_ns=0), flush=True)
"""


@pytest.mark.parametrize("n_rows", [1, 40, 300])
def test_that_no_row_that_was_acknowledged_is_lost_when_the_program_is_killed(
    path: Path, n_rows: int
) -> None:
    with subprocess.Popen([sys.executable, "-c", WRITE_FOR_EVER, str(path)], stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        acknowledged = [int(child.stdout.readline()) for _ in range(n_rows)]
        child.kill()
        acknowledged += [int(line) for line in child.stdout if line.endswith(b"\n")]
    report = verify(path)
    assert report.is_intact
    assert report.n_rows >= acknowledged[-1]
    journal = SqliteJournal(path, source="parent")
    assert journal.append("flow", {}, exchange_time_ns=0, received_time_ns=0) == report.n_rows + 1
    journal.close()


def test_that_the_codes_of_book_events_are_found_once_each_in_a_journal_in_use(
    journal: SqliteJournal, path: Path
) -> None:
    assert codes_entered(path.with_name("none.sqlite")) == ()
    for code in ("GOLD", "AAPL.US", "GOLD", ""):
        journal.append("book_event", {"code": code}, exchange_time_ns=1, received_time_ns=1)
    journal.append("order", {"code": "XOM.US"}, exchange_time_ns=1, received_time_ns=1)
    assert codes_entered(path) == ("GOLD", "AAPL.US")
