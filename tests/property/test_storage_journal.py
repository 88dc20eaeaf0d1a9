import functools
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from plimsoll.engine.ports import JournalUnavailable
from plimsoll.storage.journal import SqliteJournal, verify

WORDS = st.text(st.characters(codec="utf-8"), max_size=12)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | WORDS
BODIES = st.dictionaries(WORDS, SCALARS | st.lists(SCALARS, max_size=3))
TIMES = st.integers(-(2**63), 2**63 - 1)


@functools.cache
def journal_of_six() -> bytes:
    """Return the bytes of a closed journal, so that all rows lie in the one file."""
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "journal.sqlite"
        journal = SqliteJournal(path, source="demo 2020-02-24")
        for number in range(6):
            journal.append(
                ["breach_raised", "decision", "day_roll"][number % 3],
                {"nav_base": 24_965_000.5 - number, "reason": "the desk knows"},
                exchange_time_ns=1_582_554_600_000_000_000 + number,
                received_time_ns=1_792_000_000_000_000_000 + number,
                person="Ada",
            )
        journal.close()
        return path.read_bytes()


def rows_of(path: Path) -> list[object] | None:
    try:
        journal = SqliteJournal(path, source="reader")
    except JournalUnavailable:
        return None
    try:
        return list(journal.rows())
    except JournalUnavailable:
        return None
    finally:
        journal.close()


@given(st.lists(st.tuples(WORDS, BODIES, TIMES, TIMES, WORDS), max_size=6))
@settings(deadline=None, max_examples=30)
def test_that_whatever_is_written_comes_back_and_the_chain_holds(
    facts: list[tuple[str, dict[str, object], int, int, str]],
) -> None:
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "journal.sqlite"
        journal = SqliteJournal(path, source="test")
        for kind, body, exchange_ns, received_ns, person in facts:
            journal.append(
                kind, body, exchange_time_ns=exchange_ns, received_time_ns=received_ns, person=person
            )
        told = [
            (row.kind, row.body, row.exchange_time_ns, row.received_time_ns, row.person)
            for row in journal.rows()
        ]
        journal.close()
        assert told == facts
        assert verify(path).is_intact
        assert verify(path).n_rows == len(facts)


@given(place=st.floats(0, 1, exclude_max=True), mask=st.integers(1, 255))
@settings(deadline=None, max_examples=150)
def test_that_one_flipped_byte_in_the_file_is_found_or_changed_no_row(place: float, mask: int) -> None:
    whole = journal_of_six()
    at = int(place * len(whole))
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "journal.sqlite"
        path.write_bytes(whole)
        before = rows_of(path)
        path.write_bytes(whole[:at] + bytes([whole[at] ^ mask]) + whole[at + 1 :])
        report = verify(path)
        assert not report.is_intact or (report.n_rows == 6 and rows_of(path) == before)


def test_that_one_flipped_byte_anywhere_in_a_row_is_found() -> None:
    whole = journal_of_six()
    # SQLite fills a page from its end: the newest row comes first, and each begins with its header.
    begin = whole.index(b'day_roll{"nav_base"')
    end = whole.rindex(b"breach_raised{") + 300
    row_bytes = [at for at in range(begin, end) if any(whole[at : at + 40])]
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "journal.sqlite"
        missed = []
        for at in row_bytes:
            path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
            if verify(path).is_intact:
                missed.append(at)
    assert len(row_bytes) > 1000
    assert missed == []
