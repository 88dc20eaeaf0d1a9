"""What the engine asks of the world; others keep these promises."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


class JournalUnavailable(RuntimeError):
    """A row could not be written; nothing that rests on it may be done."""


@dataclass(frozen=True, slots=True)
class JournalRow:
    """One row as read back.

    Attributes
    ----------
    number : int
        Counts from 1 without a gap.
    kind : str
        What happened: "breach_raised", "decision", "high_water_mark", "day_roll", "flow", …
    body : Mapping
        JSON-able facts.
    person, source : str
        Who, and from which feed or file the facts come.
    exchange_time_ns, received_time_ns : int
        Both clocks.
    """

    number: int
    kind: str
    body: Mapping[str, object]
    person: str
    source: str
    exchange_time_ns: int
    received_time_ns: int


class Journal(Protocol):
    """An append-only memory; a row is on the disk when `append` returns."""

    @property
    def n_rows(self) -> int:
        """Return how many rows there are."""

    def append(
        self,
        kind: str,
        body: Mapping[str, object],
        *,
        exchange_time_ns: int,
        received_time_ns: int,
        person: str = "",
    ) -> int:
        """Write one row and return its number.

        Raises
        ------
        JournalUnavailable
            If it could not be written.
        """

    def rows(self, kinds: Iterable[str] = ()) -> Iterable[JournalRow]:
        """Return the rows of these kinds, or all, oldest first."""


class TickArchive(Protocol):
    """Every accepted tick, in the order applied."""

    def append(self, rows: NDArray[np.void]) -> None:
        """Keep rows of domain.tick.TICK_DTYPE behind those already kept.

        Raises
        ------
        OSError
            If they could not be kept; risk goes on without them.
        """

    def flush(self) -> None:
        """Let what was given reach the disk.

        Raises
        ------
        OSError
            If it could not.
        """
