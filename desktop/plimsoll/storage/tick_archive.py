"""Every accepted tick in the order applied, numbered, in flat binary segments that are only ever appended to.

A segment is a file ``ticks-000001.plt``: the line ``PLIMSOLL TICKS 1``, a line of JSON (dtype, codes, source,
the number of its first tick, blanks up to a multiple of 64 bytes), then rows of `TICK_DTYPE` and no more, so
that `numpy.fromfile` and `numpy.memmap` read it. A record torn by a power cut is left out by the reader.
Beside it ``ticks-000001.batches`` says how the ticks were taken: a row of `BATCH_DTYPE` for each batch.
"""

import json
import re
import struct
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import numpy as np
from numpy.typing import NDArray

from plimsoll.domain.tick import TICK_DTYPE

if TYPE_CHECKING:
    import pandas as pd

MAGIC = b"PLIMSOLL TICKS 1\n"
LARGEST_SEGMENT = 256 * 1024 * 1024
FLUSH_BYTES = 1024 * 1024
FLUSH_S = 1.0
_LONGEST_HEADER = 4 * 1024 * 1024
_ROWS_AT_ONCE = 1 << 16
_NAME = re.compile(r"ticks-(\d{6,})\.plt")
_ALIGNMENT = 64
BATCH_DTYPE = np.dtype(
    [
        ("first_number", np.int64),  # of the batch's first tick
        ("applied_ns", np.int64),  # when the batch was applied, on the desk's clock
    ]
)
_BATCH = struct.Struct("=qq")


class ArchiveUnavailable(OSError):
    """Ticks could not be kept; those of the failed write are lost and counted."""


class ArchiveUnreadable(ValueError):
    """A segment's header is not one this program wrote."""


@dataclass(frozen=True, slots=True)
class ArchivedTicks:
    """Ticks read back, in the order applied.

    Attributes
    ----------
    first_number : int
        The number of the first of them; ticks count from 1 over the archive's life.
    codes : tuple of str
        What the rows' ``instrument`` counts into.
    source : str
        From which feed they came.
    rows : ndarray of TICK_DTYPE, shape (n_ticks,)
        The ticks.
    """

    first_number: int
    codes: tuple[str, ...]
    source: str
    rows: NDArray[np.void]


@dataclass(frozen=True, slots=True)
class Segment:
    """One file; `goes_on` where it continues the session of the file before."""

    path: Path
    first_number: int
    codes: tuple[str, ...]
    source: str
    offset: int
    n_rows: int
    goes_on: bool = False

    @property
    def batches_path(self) -> Path:
        """Where the batches of its ticks lie."""
        return self.path.with_suffix(".batches")


class TickArchiveWriter:
    """Appends ticks; it belongs to one thread.

    Ticks reach the operating system a second after they were given at the latest if `flush` is called at
    least that often, and whenever a megabyte has gathered; no more than that is held in memory.

    Parameters
    ----------
    directory : Path
        Made where there is none. Each start begins a segment of its own.
    codes : tuple of str
        What the rows' ``instrument`` counts into.
    source : str
        From which feed the ticks come.
    clock : callable
        Seconds, rising; for tests.
    now_ns : callable
        The desk's clock, at which batches are noted as applied.

    Raises
    ------
    ArchiveUnreadable
        If the newest segment there cannot be understood, so that the numbers could not go on.
    """

    def __init__(
        self,
        directory: Path,
        codes: tuple[str, ...],
        *,
        source: str = "",
        largest_segment: int = LARGEST_SEGMENT,
        clock: Callable[[], float] = time.monotonic,
        now_ns: Callable[[], int] = time.time_ns,
    ) -> None:
        self.n_lost = 0
        self._directory = directory
        self._codes = codes
        self._source = source
        self._largest = largest_segment
        self._clock = clock
        self._now_ns = now_ns
        self._flushed_s = clock()
        self._pending = bytearray()
        self._batches = bytearray()
        self._file: BinaryIO | None = None
        self._batch_file: BinaryIO | None = None
        self._n_bytes = 0
        self._has_begun = False
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._n_segments, self._n_ticks = _end_of(directory)

    @property
    def n_ticks(self) -> int:
        """Return the number of the newest tick given, over the archive's life."""
        return self._n_ticks

    def append(self, rows: NDArray[np.void]) -> None:
        """Keep rows of TICK_DTYPE behind those already kept.

        Raises
        ------
        ArchiveUnavailable
            If they could not be written; they are counted in `n_lost`, and the numbers show the gap.
        """
        if rows.dtype != TICK_DTYPE:
            raise TypeError(f"rows were of {rows.dtype}, expected TICK_DTYPE")
        if len(rows):
            self._batches += _BATCH.pack(self._n_ticks + 1, self._now_ns())
        self._pending += rows.tobytes()
        self._n_ticks += len(rows)
        if len(self._pending) >= FLUSH_BYTES or self._clock() - self._flushed_s >= FLUSH_S:
            self.flush()

    def use_codes(self, codes: tuple[str, ...]) -> None:
        """Count instruments into another tuple from now on; a new segment begins."""
        if codes != self._codes:
            self._end_segment()
            self._codes = codes

    def flush(self) -> None:
        """Hand what has gathered to the operating system.

        Raises
        ------
        ArchiveUnavailable
            If it could not be written.
        """
        self._flushed_s = self._clock()
        if not self._pending:
            return
        batch, self._pending = bytes(self._pending), bytearray()
        batches, self._batches = bytes(self._batches), bytearray()
        try:
            if self._file is None or self._n_bytes >= self._largest:
                self._begin_segment(self._n_ticks - len(batch) // TICK_DTYPE.itemsize + 1)
            self._write(batch)
            if self._batch_file is not None:
                self._batch_file.write(batches)
        except OSError as error:
            self.n_lost += len(batch) // TICK_DTYPE.itemsize
            self._abandon_segment()
            raise ArchiveUnavailable(f"ticks could not be kept in {self._directory}: {error}") from error

    def close(self) -> None:
        """Write what has gathered and close the file."""
        self._end_segment()

    def _begin_segment(self, first_number: int) -> None:
        self._close_files()
        self._n_segments += 1
        path = self._directory / f"ticks-{self._n_segments:06d}.plt"
        # Unbuffered: what `flush` wrote is with the operating system, and a failed write can be cut off.
        self._file = path.open("xb", buffering=0)
        self._n_bytes = 0
        self._write(_header(self._codes, self._source, first_number, goes_on=self._has_begun))
        self._batch_file = path.with_suffix(".batches").open("xb", buffering=0)
        self._has_begun = True

    def _write(self, data: bytes) -> None:
        file = self._file
        assert file is not None, "a segment was begun"  # noqa: S101  tells mypy
        view = memoryview(data)
        while view:
            view = view[file.write(view) :]
        self._n_bytes += len(data)

    def _abandon_segment(self) -> None:
        """Cut a half-written batch off, so that the segment ends with a whole record."""
        file, self._file = self._file, None
        self._close_files()
        if file is None:
            return
        try:
            file.truncate(self._n_bytes)
        except OSError:
            pass  # A torn end is left out by the reader as well.
        finally:
            file.close()

    def _end_segment(self) -> None:
        try:
            self.flush()
        finally:
            self._close_files()

    def _close_files(self) -> None:
        for file in (self._file, self._batch_file):
            if file is not None:
                file.close()
        self._file = self._batch_file = None


def read_archive(directory: Path) -> Iterator[ArchivedTicks]:
    """Yield the ticks of an archive in the order applied, some tens of thousands at a time.

    Raises
    ------
    ArchiveUnreadable
        If a segment's header cannot be understood.
    """
    for segment in segments_of(directory):
        with segment.path.open("rb") as file:
            file.seek(segment.offset)
            for start in range(0, segment.n_rows, _ROWS_AT_ONCE):
                count = min(_ROWS_AT_ONCE, segment.n_rows - start)
                rows = np.fromfile(file, TICK_DTYPE, count)
                yield ArchivedTicks(segment.first_number + start, segment.codes, segment.source, rows)


def segments_of(directory: Path) -> list[Segment]:
    """Return the files of an archive, oldest first.

    Raises
    ------
    ArchiveUnreadable
        If a segment's header cannot be understood.
    """
    found = (_segment(path) for path in _paths(directory))
    return [segment for segment in found if segment is not None]


def frame_of(directory: Path) -> "pd.DataFrame":
    """Return a whole archive as a table: one row a tick, its number as the index, the code as a column.

    Raises
    ------
    ArchiveUnreadable
        If a segment's header cannot be understood.
    """
    import pandas as pd

    parts = []
    for ticks in read_archive(directory):
        numbers = np.arange(ticks.first_number, ticks.first_number + len(ticks.rows))
        columns = {name: ticks.rows[name] for name in TICK_DTYPE.names or ()}
        part = pd.DataFrame(columns, index=pd.Index(numbers, name="number"))
        part.insert(0, "code", np.array(ticks.codes, dtype=object)[ticks.rows["instrument"]])
        parts.append(part.drop(columns="instrument"))
    if not parts:
        names = [name for name in TICK_DTYPE.names or () if name != "instrument"]
        return pd.DataFrame(columns=["code", *names], index=pd.Index([], name="number"))
    return pd.concat(parts)


def _header(codes: tuple[str, ...], source: str, first_number: int, *, goes_on: bool) -> bytes:
    told = {
        "codes": codes,
        "dtype": TICK_DTYPE.descr,
        "first_number": first_number,
        "goes_on": goes_on,
        "source": source,
    }
    line = json.dumps(told, ensure_ascii=True).encode()
    blanks = -(len(MAGIC) + len(line) + 1) % _ALIGNMENT
    return MAGIC + line + b" " * blanks + b"\n"


def _segment(path: Path) -> Segment | None:
    """Return what a segment says of itself, or None where not even its header was written whole."""
    with path.open("rb") as file:
        magic = file.read(len(MAGIC))
        line = file.readline(_LONGEST_HEADER)
        offset = file.tell()
    if not line.endswith(b"\n") and MAGIC.startswith(magic) and len(line) < _LONGEST_HEADER:
        return None
    try:
        told = json.loads(line)
        dtype = np.dtype([(str(name), str(kind)) for name, kind in told["dtype"]])
        codes = tuple(str(code) for code in told["codes"])
        segment = Segment(path, int(told["first_number"]), codes, str(told["source"]), offset, 0)
    except (ValueError, TypeError, KeyError) as error:
        raise ArchiveUnreadable(f"the header of {path} was not understood: {error}") from error
    if magic != MAGIC or dtype != TICK_DTYPE:
        raise ArchiveUnreadable(f"{path} was written in another form, expected {MAGIC.decode().strip()}")
    n_rows = (path.stat().st_size - offset) // TICK_DTYPE.itemsize
    goes_on = bool(told.get("goes_on", False))
    return Segment(path, segment.first_number, codes, segment.source, offset, n_rows, goes_on)


def _paths(directory: Path) -> list[Path]:
    found = [
        (int(match[1]), path) for path in directory.glob("ticks-*") if (match := _NAME.fullmatch(path.name))
    ]
    return [path for _, path in sorted(found)]


def _end_of(directory: Path) -> tuple[int, int]:
    """Return the newest segment's place and the newest tick's number; zeros in an empty archive."""
    paths = _paths(directory)
    place = int(paths[-1].stem.removeprefix("ticks-")) if paths else 0
    for path in reversed(paths):
        segment = _segment(path)
        if segment is not None:
            return place, segment.first_number + segment.n_rows - 1
    return place, 0
