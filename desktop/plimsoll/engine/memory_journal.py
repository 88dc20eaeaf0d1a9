"""A journal in memory and an archive that keeps nothing, for replays and backtests: no history is written."""

from collections.abc import Iterable, Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from plimsoll.engine.ports import JournalRow


class MemoryJournal:
    """An append-only list of rows; nothing of it reaches a disk.

    Parameters
    ----------
    rows : iterable of JournalRow
        What is written already, oldest first: the state an engine restores itself from.
    source : str
        From which feed the facts come, written into each new row.

    Attributes
    ----------
    kept : list of JournalRow
        Oldest first.
    """

    def __init__(self, rows: Iterable[JournalRow] = (), *, source: str = "memory") -> None:
        self.kept = list(rows)
        self.source = source

    @property
    def n_rows(self) -> int:
        """Return how many rows there are."""
        return len(self.kept)

    def append(
        self,
        kind: str,
        body: Mapping[str, object],
        *,
        exchange_time_ns: int,
        received_time_ns: int,
        person: str = "",
    ) -> int:
        """Keep one row and return its number."""
        number = len(self.kept) + 1
        self.kept.append(
            JournalRow(number, kind, dict(body), person, self.source, exchange_time_ns, received_time_ns)
        )
        return number

    def rows(self, kinds: Iterable[str] = ()) -> Iterator[JournalRow]:
        """Return the rows of these kinds, or all, oldest first; rows written meanwhile are not among them."""
        wanted = frozenset(kinds)
        return iter([row for row in self.kept if not wanted or row.kind in wanted])


class NoArchive:
    """A tick archive for ticks that are kept elsewhere already."""

    def append(self, rows: NDArray[np.void]) -> None:
        """Keep nothing."""

    def flush(self) -> None:
        """Nothing waits."""
