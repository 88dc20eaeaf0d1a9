"""The ticks a desk has kept, in batches numbered for another book, as a rehearsal hears them."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from plimsoll.domain.tick import TickBatch
from plimsoll.domain.units import NS_PER_S
from plimsoll.storage.tick_archive import read_archive, segments_of

BATCH_NS = NS_PER_S // 4
"""Ticks heard within so long are taken together, as a busy desk takes them."""

Told = Callable[[int, int], None]


class NoTicksKept(LookupError):
    """The desk has kept no ticks yet."""


def first_exchange_ns(directory: Path) -> int:
    """Return the exchange time of the first tick kept.

    Raises
    ------
    NoTicksKept
        If there is none.
    ArchiveUnreadable
        If a segment's header cannot be understood.
    """
    for part in read_archive(directory) if directory.is_dir() else ():
        if len(part.rows):
            return int(part.rows["exchange_time_ns"][0])
    raise NoTicksKept("no ticks have been kept yet: let the desk run, or choose a period of days")


def recorded_batches(directory: Path, codes: tuple[str, ...], told: Told) -> Iterator[TickBatch]:
    """Yield the ticks of an archive, oldest first, numbered by `codes`; those of other codes are left out.

    Parameters
    ----------
    directory : Path
        The archive.
    codes : tuple of str
        What `instrument` is to count into.
    told : callable
        Hears how many ticks were given out, of how many.
    """
    total = sum(segment.n_rows for segment in segments_of(directory))
    number = {code: place for place, code in enumerate(codes)}
    done = 0
    for part in read_archive(directory):
        places = np.array([number.get(code, -1) for code in part.codes], dtype=np.int64)
        rows = part.rows.copy()
        mine = places[rows["instrument"]]
        rows["instrument"] = np.maximum(mine, 0)
        rows = rows[mine >= 0]
        slot = rows["received_time_ns"] // BATCH_NS
        for batch in np.split(rows, np.flatnonzero(np.diff(slot)) + 1):
            if len(batch):
                batch.flags.writeable = False
                yield TickBatch(batch)
                told(min(done + len(batch), total), total)
                done += len(batch)
    told(total, total)
