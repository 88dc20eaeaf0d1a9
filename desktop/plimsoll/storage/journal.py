"""The journal: an append-only SQLite file whose rows are chained by hashes from the first one on.

A row is on the disk when `append` returns (WAL, synchronous=FULL). Each row's hash is the SHA-256 of the
previous row's hash and of its own canonical text, so that a changed, missing or swapped row is found. Rows
cut off at the end are found only by someone who remembers the newest hash: `JournalReport.head` is there to
be kept elsewhere.
"""

import hashlib
import json
import os
import sqlite3
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from plimsoll.engine.ports import JournalRow, JournalUnavailable

SCHEMA_VERSION = 1
APPLICATION_ID = 0x504C4D31
"""The letters PLM1: what ``file`` and SQLite call the file's kind."""
FIRST_HASH = bytes(32)
_BUSY_S = 2.0
_READER_LOOKS, _READER_S = 20, 0.05
"""How often and how long the end of a reader is waited for when the journal is closed."""
_TABLE = """\
CREATE TABLE entry (
  number INTEGER PRIMARY KEY,
  kind TEXT NOT NULL,
  body TEXT NOT NULL,
  person TEXT NOT NULL,
  source TEXT NOT NULL,
  exchange_time_ns INTEGER NOT NULL,
  received_time_ns INTEGER NOT NULL,
  previous_hash BLOB NOT NULL,
  hash BLOB NOT NULL
) STRICT"""
_INDEX = "CREATE INDEX entry_by_kind ON entry (kind)"
_REFUSE = "BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END"
_LAST = (
    "CREATE TRIGGER entry_comes_last BEFORE INSERT ON entry "
    "WHEN NEW.number IS NOT (SELECT coalesce(max(number), 0) + 1 FROM entry) "
)
_TRIGGERS = (
    f"CREATE TRIGGER entry_never_changes BEFORE UPDATE ON entry {_REFUSE}",
    f"CREATE TRIGGER entry_never_goes BEFORE DELETE ON entry {_REFUSE}",
    # INSERT OR REPLACE would delete without asking the trigger above.
    _LAST + _REFUSE,
)
_SCHEMA = (_TABLE, _INDEX, *_TRIGGERS)
_FACTS = "number, kind, body, person, source, exchange_time_ns, received_time_ns"
_COLUMNS = f"{_FACTS}, previous_hash, hash"


@dataclass(frozen=True, slots=True)
class JournalReport:
    """What a look at every row of a journal found.

    Attributes
    ----------
    n_rows : int
        Rows read.
    head : str
        The newest row's hash in hexadecimal; zeros in an empty journal.
    faults : tuple of str
        What is wrong, in words; empty where every row is as it was written.
    """

    n_rows: int
    head: str
    faults: tuple[str, ...]

    @property
    def is_intact(self) -> bool:
        """Whether every row is as it was written."""
        return not self.faults


class SqliteJournal:
    """A journal in a file; it belongs to the thread that opened it.

    Parameters
    ----------
    path : Path
        The file; made where there is none, readable by its owner only.
    source : str
        From which feed the facts come, written into each row: ``"live alltick"``, ``"demo 2020-02-24"``.

    Raises
    ------
    JournalUnavailable
        If the file cannot be opened, is no journal, was written by a newer program, or its last row does not
        follow from the one before.
    """

    def __init__(self, path: Path, *, source: str) -> None:
        self.path = path
        self.source = source
        self._head = FIRST_HASH
        self._n_rows = 0
        try:
            # SQLite would make the file readable by all that the umask lets.
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
            self._connection = sqlite3.connect(path, timeout=_BUSY_S, isolation_level=None)
        except (OSError, sqlite3.Error) as error:
            raise JournalUnavailable(f"the journal {path} could not be opened: {error}") from error
        try:
            self._prepare()
        except (sqlite3.Error, ValueError) as error:  # a damaged schema's message may not even be text
            self._connection.close()
            raise JournalUnavailable(f"the journal {path} could not be opened: {error}") from error
        except JournalUnavailable:
            self._connection.close()
            raise

    @property
    def n_rows(self) -> int:
        """Return how many rows there are."""
        return self._n_rows

    @property
    def head(self) -> str:
        """Return the newest row's hash in hexadecimal."""
        return self._head.hex()

    def append(
        self,
        kind: str,
        body: Mapping[str, object],
        *,
        exchange_time_ns: int,
        received_time_ns: int,
        person: str = "",
    ) -> int:
        """Write one row; it is on the disk when this returns.

        Parameters
        ----------
        kind : str
            What happened.
        body : Mapping
            JSON-able facts. NaN and infinities are kept as Python's json writes them.
        exchange_time_ns, received_time_ns : int
            Both clocks.
        person : str
            Who.

        Returns
        -------
        int
            The row's number, from 1.

        Raises
        ------
        JournalUnavailable
            If it could not be written (disk full, file locked, not JSON-able); the journal is then as before.
        """
        number = self._n_rows + 1
        try:
            text = json.dumps(
                dict(body), ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=_plain
            )
            row = (number, kind, text, person, self.source, int(exchange_time_ns), int(received_time_ns))
            digest = row_hash(self._head, row)
            self._connection.execute(
                f"INSERT INTO entry ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608  constants only
                (*row, self._head, digest),
            )
        except (sqlite3.Error, TypeError, ValueError, OverflowError) as error:
            raise JournalUnavailable(
                f"row {number} ({kind}) of {self.path} was not written: {error}"
            ) from error
        self._head, self._n_rows = digest, number
        return number

    def rows(self, kinds: Iterable[str] = ()) -> Iterator[JournalRow]:
        """Yield the rows of these kinds, or all, oldest first.

        Raises
        ------
        JournalUnavailable
            If they could not be read.
        """
        wanted = tuple(kinds)
        where = f"AND kind IN ({', '.join('?' * len(wanted))})" if wanted else ""
        # Rows written while these are read are not among them.
        query = f"SELECT {_FACTS} FROM entry WHERE number <= ? {where} ORDER BY number"  # noqa: S608  constants
        try:
            for number, kind, body, *rest in self._connection.execute(query, (self._n_rows, *wanted)):
                yield JournalRow(number, kind, json.loads(body), *rest)
        except (sqlite3.Error, ValueError) as error:
            raise JournalUnavailable(f"the journal {self.path} could not be read: {error}") from error

    def close(self) -> None:
        """Close the file; what was appended is on the disk already.

        Who still reads keeps the write-ahead log in place, and only a writer that closes last folds it into
        the file: so a reader is waited for, a moment.
        """
        self._connection.close()
        log = self.path.with_name(f"{self.path.name}-wal")
        for _ in range(_READER_LOOKS):
            if not log.exists():
                return
            time.sleep(_READER_S)
            with closing(sqlite3.connect(self.path)) as connection:
                connection.execute("SELECT count(*) FROM sqlite_schema")

    def _prepare(self) -> None:
        connection = self._connection
        _check_version(connection, self.path)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute("PRAGMA cell_size_check = ON")
        if _version(connection) == 0:
            connection.execute("BEGIN IMMEDIATE")
            for statement in _SCHEMA:
                connection.execute(statement)
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
            connection.execute("COMMIT")
        last = connection.execute(f"SELECT {_COLUMNS} FROM entry ORDER BY number DESC LIMIT 1").fetchone()  # noqa: S608
        if last is not None:
            if row_hash(last[7], last[:7]) != last[8]:
                raise JournalUnavailable(
                    f"the journal {self.path} was changed: its last row {last[0]} does not match its hash; "
                    "keep the file as evidence and start with a new one"
                )
            self._n_rows, self._head = last[0], last[8]


def verify(path: Path) -> JournalReport:
    """Return whether every row of a journal is as it was written; it may be in use.

    Parameters
    ----------
    path : Path
        The file; it is only read.

    Returns
    -------
    JournalReport
        Never raises for what the file holds: what cannot be read is a fault.
    """
    if not path.is_file():
        return JournalReport(0, FIRST_HASH.hex(), (f"{path} was not there, expected a journal",))
    n_rows, head = 0, FIRST_HASH
    faults: list[str] = []
    try:
        with closing(_opened_to_read(path)) as connection:
            connection.text_factory = bytes
            faults.extend(_faults_of_file(connection, path))
            for row in connection.execute(f"SELECT {_COLUMNS} FROM entry NOT INDEXED ORDER BY number"):  # noqa: S608
                n_rows += 1
                fault = _fault_of_row(n_rows, head, row)
                if fault:
                    faults.append(fault)
                    break
                head = row[8]
    except (sqlite3.Error, ValueError, OverflowError, JournalUnavailable) as error:
        faults.append(f"the file could not be read beyond row {n_rows}: {error}")
    return JournalReport(n_rows, head.hex(), tuple(faults))


@dataclass(frozen=True, slots=True)
class SealedRow:
    """A row as it lies in the file.

    Attributes
    ----------
    number, kind, body, person, source, exchange_time_ns, received_time_ns
        As in JournalRow, but for the body: the text that was sealed, not yet read.
    previous_hash, hash : bytes
        The seal of the row before, and its own.
    """

    number: int
    kind: str
    body: str
    person: str
    source: str
    exchange_time_ns: int
    received_time_ns: int
    previous_hash: bytes
    hash: bytes

    @property
    def row(self) -> JournalRow:
        """The row with its body read."""
        return JournalRow(
            self.number,
            self.kind,
            json.loads(self.body),
            self.person,
            self.source,
            self.exchange_time_ns,
            self.received_time_ns,
        )


def sealed_rows(path: Path) -> Iterator[SealedRow]:
    """Yield every row of a journal, oldest first; it may be in use, and is only read.

    Raises
    ------
    JournalUnavailable
        If the file is not there, is no journal, or cannot be read.
    """
    if not path.is_file():
        raise JournalUnavailable(f"{path} was not there, expected a journal")
    try:
        with closing(_opened_to_read(path)) as connection:
            _check_version(connection, path)
            for row in connection.execute(f"SELECT {_COLUMNS} FROM entry NOT INDEXED ORDER BY number"):  # noqa: S608
                yield SealedRow(*row)
    except (sqlite3.Error, ValueError) as error:
        raise JournalUnavailable(f"the journal {path} could not be read: {error}") from error


def codes_entered(path: Path) -> tuple[str, ...]:
    """Return the codes that a journal's book events name, oldest first; none where there is no journal.

    Raises
    ------
    JournalUnavailable
        If it is no journal, or cannot be read.
    """
    if not path.is_file():
        return ()
    try:
        with closing(_opened_to_read(path)) as connection:
            _check_version(connection, path)
            found = connection.execute(
                "SELECT json_extract(body, '$.code') FROM entry WHERE kind = 'book_event' ORDER BY number"
            )
            return tuple(dict.fromkeys(code for (code,) in found if isinstance(code, str) and code))
    except sqlite3.Error as error:
        raise JournalUnavailable(f"the journal {path} could not be read: {error}") from error


def _opened_to_read(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)


def _faults_of_file(connection: sqlite3.Connection, path: Path) -> Iterator[str]:
    connection.execute("PRAGMA cell_size_check = ON")
    _check_version(connection, path)
    told = {
        bytes(sql).decode(errors="replace") for (sql,) in connection.execute("SELECT sql FROM sqlite_schema")
    }
    if told != set(_SCHEMA):
        yield "the tables and triggers are not those of a journal"
    for (line,) in connection.execute("PRAGMA integrity_check(10)"):
        if line != b"ok":
            yield f"SQLite finds: {bytes(line).decode(errors='replace')}"


def _fault_of_row(expected_number: int, previous: bytes, row: tuple[object, ...]) -> str:
    number, *texts, exchange_ns, received_ns, told_previous, told_hash = row
    if number != expected_number:
        return f"row {expected_number} is missing: row {number!r} stands in its place"
    if told_previous != previous:
        return f"row {number} does not follow from the row before it"
    try:
        words = [text.decode() if isinstance(text, bytes) else text for text in texts]
    except UnicodeDecodeError:
        return f"row {number} is not text"
    if row_hash(previous, (number, *words, exchange_ns, received_ns)) != told_hash:
        return f"row {number} is not as it was written"
    return ""


def _plain(value: object) -> object:
    """Return numpy's numbers and arrays as Python's own, so that a fact is never lost for its type."""
    if isinstance(value, np.generic | np.ndarray):
        return value.tolist()
    raise TypeError(f"{type(value).__name__} is not JSON-able")


def row_hash(previous: bytes, row: tuple[object, ...]) -> bytes:
    """Return a row's hash: of the previous hash and the row's canonical text, a JSON list without spaces.

    Parameters
    ----------
    previous : bytes
        The hash of the row before; FIRST_HASH for the first.
    row : tuple
        Number, kind, body as it was written, person, source, exchange and received time.
    """
    canonical = json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode()
    return hashlib.sha256(previous + canonical).digest()


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _check_version(connection: sqlite3.Connection, path: Path) -> None:
    version = _version(connection)
    n_tables = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
    if version > SCHEMA_VERSION:
        raise JournalUnavailable(
            f"the journal {path} was written by a newer Plimsoll (form {version}, this one knows "
            f"{SCHEMA_VERSION}): update Plimsoll"
        )
    if (version == 0) != (n_tables == 0):
        raise JournalUnavailable(f"{path} was another SQLite database, expected a journal of Plimsoll")
