"""Daily bars as they were fetched, kept in SQLite: a second start is instant and works offline."""

import math
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

SCHEMA_VERSION = 1
_BUSY_S = 5.0
_CODES_AT_ONCE = 500
_TABLE = """\
CREATE TABLE bar (
  code TEXT NOT NULL,
  day INTEGER NOT NULL,
  source TEXT NOT NULL,
  open REAL,
  high REAL,
  low REAL,
  close REAL NOT NULL,
  volume REAL,
  fetched_time_ns INTEGER NOT NULL,
  PRIMARY KEY (code, day, source)
) STRICT, WITHOUT ROWID"""
_PUT = """\
INSERT INTO bar VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (code, day, source) DO UPDATE SET
  open = excluded.open, high = excluded.high, low = excluded.low, close = excluded.close,
  volume = excluded.volume, fetched_time_ns = excluded.fetched_time_ns
WHERE excluded.fetched_time_ns >= bar.fetched_time_ns"""


class HistoryUnavailable(RuntimeError):
    """The cache of daily bars could not be read or written; the figures can be fetched again."""


@dataclass(frozen=True, slots=True)
class DailyBars:
    """Daily bars of one instrument; all columns of shape (n_days,), oldest first.

    Attributes
    ----------
    days : ndarray of int64
        Days since 1970-01-01, each once.
    open, high, low, close, volume : ndarray
        In the instrument's currency and pieces; NaN where unknown. A close is always finite.
    """

    days: IntArray
    open: FloatArray
    high: FloatArray
    low: FloatArray
    close: FloatArray
    volume: FloatArray

    def __len__(self) -> int:
        return len(self.days)


@dataclass(frozen=True, slots=True)
class CachedBars:
    """Bars as read back, with where and when each came from.

    Attributes
    ----------
    bars : DailyBars
        The bars; of several sources' bars for a day, the one fetched last.
    sources : tuple of str
        The source of each bar.
    fetched_time_ns : ndarray of int64, shape (n_days,)
        When each was fetched, by the desk's clock.
    """

    bars: DailyBars
    sources: tuple[str, ...]
    fetched_time_ns: IntArray


@dataclass(frozen=True, slots=True)
class CachedCloses:
    """Closes of many instruments in long form; all columns of shape (n_bars,), by day, then by code.

    Attributes
    ----------
    day_numbers : ndarray of int64
        Days since 1970-01-01.
    code_index : ndarray of int64
        Places in the codes that were asked for.
    closes : ndarray
        Closes, always finite.
    """

    day_numbers: IntArray
    code_index: IntArray
    closes: FloatArray


@dataclass(frozen=True, slots=True)
class CachedVolumes:
    """Volumes of many instruments in long form; all columns of shape (n_bars,), by day, then by code.

    Attributes
    ----------
    day_numbers : ndarray of int64
        Days since 1970-01-01.
    code_index : ndarray of int64
        Places in the codes that were asked for.
    volumes : ndarray
        In pieces; NaN where a bar came without one.
    """

    day_numbers: IntArray
    code_index: IntArray
    volumes: FloatArray


class PriceHistory:
    """A cache of daily bars; it belongs to the thread that opened it, and several may be open on one file.

    What it has seen it keeps, so that the window grows beyond what one request can serve. A bar fetched later
    replaces one fetched earlier from the same source: that is how the forming bar becomes the finished one.

    Parameters
    ----------
    path : Path
        The file; made where there is none.

    Raises
    ------
    HistoryUnavailable
        If it cannot be opened or was written by a newer program.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._connection = sqlite3.connect(path, timeout=_BUSY_S, isolation_level=None)
        except sqlite3.Error as error:
            raise HistoryUnavailable(f"the price history {path} could not be opened: {error}") from error
        try:
            self._prepare()
        except (sqlite3.Error, HistoryUnavailable) as error:
            self._connection.close()
            raise HistoryUnavailable(f"the price history {path} could not be opened: {error}") from error

    def put(self, code: str, bars: DailyBars, *, source: str, fetched_time_ns: int) -> int:
        """Keep bars and return how many; those without a finite close are left out.

        Raises
        ------
        HistoryUnavailable
            If they could not be written; then none of them was.
        """
        usable = np.flatnonzero(np.isfinite(bars.close)).tolist()
        columns = [
            [None if np.isnan(value) else float(value) for value in column[usable]]
            for column in (bars.open, bars.high, bars.low, bars.close, bars.volume)
        ]
        days = [int(day) for day in bars.days[usable]]
        rows = [
            (code, day, source, *values, int(fetched_time_ns))
            for day, *values in zip(days, *columns, strict=True)
        ]
        try:
            with self._connection:
                self._connection.execute("BEGIN IMMEDIATE")
                self._connection.executemany(_PUT, rows)
        except sqlite3.Error as error:
            raise HistoryUnavailable(f"bars of {code} were not kept in {self.path}: {error}") from error
        return len(rows)

    def get(self, code: str, *, source: str | None = None) -> CachedBars:
        """Return what is kept of one instrument, of one source or of the newest fetch of any.

        Raises
        ------
        HistoryUnavailable
            If it could not be read.
        """
        rows = self._read(
            "SELECT day, open, high, low, close, volume, source, fetched_time_ns FROM bar "
            "WHERE code = ? AND (? IS NULL OR source = ?) ORDER BY day, fetched_time_ns, source",
            (code, source, source),
        )
        newest = list({row[0]: row for row in rows}.values())
        table = np.array([row[:6] for row in newest], dtype=np.float64).reshape(-1, 6)
        days = table[:, 0].astype(np.int64)
        bars = DailyBars(days, *(table[:, place].copy() for place in range(1, 6)))
        fetched = np.array([row[7] for row in newest], dtype=np.int64)
        return CachedBars(bars, tuple(str(row[6]) for row in newest), fetched)

    def closes(self, codes: Sequence[str], *, source: str | None = None) -> CachedCloses:
        """Return the closes of many instruments, of one source or of the newest fetch of any.

        Raises
        ------
        HistoryUnavailable
            If they could not be read.
        """
        return CachedCloses(*self._column("close", codes, source, since_day=0))

    def volumes(self, codes: Sequence[str], *, since_day: int, source: str | None = None) -> CachedVolumes:
        """Return the volumes of many instruments from a day on, of one source or of any's newest fetch.

        Raises
        ------
        HistoryUnavailable
            If they could not be read.
        """
        return CachedVolumes(*self._column("volume", codes, source, since_day=since_day))

    def newest_days(self, codes: Sequence[str], *, source: str | None = None) -> dict[str, int]:
        """Return the newest day kept of each instrument that has any, to know what is left to fetch.

        Raises
        ------
        HistoryUnavailable
            If it could not be read.
        """
        query = "SELECT max(day) FROM bar WHERE code = ? AND (? IS NULL OR source = ?)"
        found = {code: self._read(query, (code, source, source))[0][0] for code in codes}
        return {code: int(day) for code, day in found.items() if day is not None}

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def _column(
        self, name: Literal["close", "volume"], codes: Sequence[str], source: str | None, *, since_day: int
    ) -> tuple[IntArray, IntArray, FloatArray]:
        """Return (days, places in `codes`, values) of one column; NaN where it is empty."""
        place = {code: index for index, code in enumerate(codes)}
        newest: dict[tuple[int, int], float] = {}
        wanted = list(place)
        for start in range(0, len(wanted), _CODES_AT_ONCE):
            some = wanted[start : start + _CODES_AT_ONCE]
            marks = ", ".join("?" * len(some))
            query = (
                f"SELECT day, code, {name} FROM bar WHERE code IN ({marks}) "  # noqa: S608  a column's name
                "AND day >= ? AND (? IS NULL OR source = ?) ORDER BY fetched_time_ns, source"
            )
            newest.update(
                ((int(day), place[code]), math.nan if value is None else float(value))
                for day, code, value in self._read(query, (*some, since_day, source, source))
            )
        keys = np.array(sorted(newest), dtype=np.int64).reshape(-1, 2)
        values = np.array([newest[key] for key in sorted(newest)], dtype=np.float64)
        return keys[:, 0].copy(), keys[:, 1].copy(), values

    def _read(self, query: str, values: tuple[object, ...]) -> list[tuple[Any, ...]]:
        try:
            return self._connection.execute(query, values).fetchall()
        except sqlite3.Error as error:
            raise HistoryUnavailable(f"the price history {self.path} could not be read: {error}") from error

    def _prepare(self) -> None:
        connection = self._connection
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if version > SCHEMA_VERSION:
            raise HistoryUnavailable(
                f"it was written by a newer Plimsoll (form {version}, this one knows {SCHEMA_VERSION}): "
                "update Plimsoll, or move the file away; it can be fetched again"
            )
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        with connection:
            connection.execute("BEGIN IMMEDIATE")  # another opener may be making the table
            if connection.execute("PRAGMA user_version").fetchone() == (0,):
                connection.execute(_TABLE)
                connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
