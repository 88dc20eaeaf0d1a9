"""The archive's ticks around an instant, in the batches in which they were taken, for a replay."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from plimsoll.domain.tick import TICK_DTYPE, TRADE
from plimsoll.storage.tick_archive import BATCH_DTYPE, Segment, segments_of

IntArray = NDArray[np.int64]
_LOOKED_BACK = 4_000_000
"""Ticks looked through, at most, for the newest of each instrument before a window."""
_AT_ONCE = 1 << 17


class TicksMissing(LookupError):
    """No ticks of that time were kept; the message says so and what to do."""


@dataclass(frozen=True, slots=True)
class TicksAround:
    """A window of the archive.

    Attributes
    ----------
    before : ndarray of TICK_DTYPE
        The newest trade and the newest quote of each instrument before the window, in the order applied.
    rows : ndarray of TICK_DTYPE, shape (n_ticks,)
        The window's ticks in the order applied, numbered by the codes asked for.
    starts : ndarray of int64, shape (n_batches,)
        Where each batch begins in `rows`.
    applied_ns : ndarray of int64, shape (n_batches,)
        When each was applied, on the desk's clock.
    begins_session : bool
        Whether the window begins with the first tick of its session.
    session_ns, session_exchange_ns : int
        When the session's first tick was applied, on the desk's clock, and its exchange time.
    source : str
        From which feed they came.
    """

    before: NDArray[np.void]
    rows: NDArray[np.void]
    starts: IntArray
    applied_ns: IntArray
    begins_session: bool
    session_ns: int
    session_exchange_ns: int
    source: str

    def __len__(self) -> int:
        return len(self.starts)

    def batch(self, place: int) -> NDArray[np.void]:
        """Return the ticks of a batch."""
        end = self.starts[place + 1] if place + 1 < len(self.starts) else len(self.rows)
        return self.rows[self.starts[place] : end]


@dataclass(frozen=True, slots=True)
class _Batches:
    """A segment's batches: the place of each one's first row, and when it was applied."""

    segment: Segment
    starts: IntArray
    applied_ns: IntArray


def ticks_around(
    directory: Path, codes: Sequence[str], at_ns: int, *, from_ns: int, until_ns: int
) -> TicksAround:
    """Return the ticks of the session in which an instant lies, from one time on to another.

    Parameters
    ----------
    directory : Path
        The archive.
    codes : sequence of str
        What the rows' ``instrument`` is to count into; ticks of other codes are left out.
    at_ns, from_ns, until_ns : int
        Desk clock: the instant, and the window, cut to the session's own beginning and end.

    Raises
    ------
    TicksMissing
        If no session of the archive holds the instant.
    ArchiveUnreadable
        If a segment's header cannot be understood.
    """
    session = _session_of(directory, at_ns)
    rows_parts, starts_parts, applied_parts = [], [], []
    n_rows = 0
    first: tuple[int, int] | None = None
    for place, batches in enumerate(session):
        low = int(np.searchsorted(batches.applied_ns, from_ns))
        high = int(np.searchsorted(batches.applied_ns, until_ns, side="right"))
        if low == high:
            continue
        first = first or (place, int(batches.starts[low]))
        end = int(batches.starts[high]) if high < len(batches.starts) else batches.segment.n_rows
        part = _rows_of(batches.segment)[int(batches.starts[low]) : end]
        rows_parts.append(_numbered(part, batches.segment.codes, codes))
        starts_parts.append(batches.starts[low:high] - int(batches.starts[low]) + n_rows)
        applied_parts.append(batches.applied_ns[low:high])
        n_rows += len(part)
    if first is None:
        raise TicksMissing(_no_ticks(directory))
    begin = _rows_of(session[0].segment)
    kept = _held(np.concatenate(rows_parts), np.concatenate(starts_parts), np.concatenate(applied_parts))
    return TicksAround(
        _newest_before(session, first, codes),
        *kept,
        begins_session=first == (0, 0),
        session_ns=int(session[0].applied_ns[0]),
        session_exchange_ns=int(begin["exchange_time_ns"][0]),
        source=session[0].segment.source,
    )


def _session_of(directory: Path, at_ns: int) -> list[_Batches]:
    """Return the segments of the session that holds an instant, oldest first."""
    sessions: list[list[_Batches]] = []
    for segment in segments_of(directory) if directory.is_dir() else ():
        if not segment.n_rows:
            continue
        if not (segment.goes_on and sessions):
            sessions.append([])
        sessions[-1].append(_batches_of(segment))
    for session in reversed(sessions):
        if session[0].applied_ns[0] - _NOTED_AFTER_NS <= at_ns <= session[-1].applied_ns[-1] + _PATIENCE_NS:
            return session
    raise TicksMissing(_no_ticks(directory))


_NOTED_AFTER_NS = 2_000_000
"""A batch is noted this long after its judgement at most."""
_PATIENCE_NS = 10_000_000_000
"""A beat may raise a breach this long after the last tick."""


def _no_ticks(directory: Path) -> str:
    return (
        f"No ticks of that time are kept in {directory}: the breach can be read, not replayed. "
        "Put the session's ticks-*.plt and .batches files back there and try again."
    )


def _batches_of(segment: Segment) -> _Batches:
    """Return how a segment's ticks were taken; without a note, ticks heard together count as one batch."""
    path = segment.batches_path
    noted = np.fromfile(path, BATCH_DTYPE) if path.exists() else np.empty(0, BATCH_DTYPE)
    starts = noted["first_number"] - segment.first_number
    noted = noted[(starts >= 0) & (starts < segment.n_rows)]
    if len(noted):
        starts = noted["first_number"] - segment.first_number
        starts[0] = 0
        # A clock set back while the desk ran must not hide what came after.
        return _Batches(segment, starts, np.maximum.accumulate(noted["applied_ns"]))
    heard = np.maximum.accumulate(_rows_of(segment)["received_time_ns"])
    starts = np.flatnonzero(np.diff(heard, prepend=heard[0] - 1)).astype(np.int64)
    return _Batches(segment, starts, heard[starts])


def _rows_of(segment: Segment) -> NDArray[np.void]:
    return np.memmap(segment.path, TICK_DTYPE, "r", segment.offset, (segment.n_rows,))


def _numbered(rows: NDArray[np.void], theirs: Sequence[str], ours: Sequence[str]) -> NDArray[np.void]:
    """Return a copy of rows that counts into other codes; an unknown one counts beyond them all."""
    place = {code: number for number, code in enumerate(ours)}
    number_of = np.array([place.get(code, len(ours)) for code in theirs], dtype=np.uint16)
    copied = np.array(rows)
    copied["instrument"] = number_of[rows["instrument"]]
    copied["kind"][copied["instrument"] == len(ours)] = _UNKNOWN
    return copied


_UNKNOWN = 255


def _held(
    rows: NDArray[np.void], starts: IntArray, applied_ns: IntArray
) -> tuple[NDArray[np.void], IntArray, IntArray]:
    """Leave out the ticks of unknown codes, and batches that held no others."""
    is_known = rows["kind"] != _UNKNOWN
    if is_known.all():
        return rows, starts, applied_ns
    n_before = np.concatenate([[0], np.cumsum(is_known)])
    begins, ends = n_before[starts], n_before[np.append(starts[1:], len(rows))]
    has_any = ends > begins
    return rows[is_known], begins[has_any], applied_ns[has_any]


def _newest_before(
    session: Sequence[_Batches], first: tuple[int, int], codes: Sequence[str]
) -> NDArray[np.void]:
    """Return the newest trade and quote of each instrument before a row of the session."""
    wanted = 2 * len(codes)
    found: dict[tuple[int, bool], NDArray[np.void]] = {}
    looked = 0
    place, end = first
    while place >= 0 and looked < _LOOKED_BACK and len(found) < wanted:
        segment = session[place].segment
        start = max(end - _AT_ONCE, 0)
        part = _numbered(_rows_of(segment)[start:end], segment.codes, codes)
        _keep_newest(found, part[part["kind"] != _UNKNOWN])
        looked += end - start
        end = start
        if not end:
            place -= 1
            end = session[place].segment.n_rows if place >= 0 else 0
    rows = [row for _, row in reversed(found.items())]
    return np.concatenate(rows) if rows else np.empty(0, dtype=TICK_DTYPE)


def _keep_newest(found: dict[tuple[int, bool], NDArray[np.void]], part: NDArray[np.void]) -> None:
    keys = part["instrument"].astype(np.int64) * 2 + (part["kind"] == TRADE)
    newest_first = keys[::-1]
    unique, place = np.unique(newest_first, return_index=True)
    for key, back in sorted(zip(unique.tolist(), place.tolist(), strict=True), key=lambda pair: pair[1]):
        row = len(part) - 1 - back
        found.setdefault((key // 2, bool(key % 2)), part[row : row + 1].copy())
