"""What the engine writes down: rows of the journal and ticks; each failure of either is told once."""

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from plimsoll.engine.events import Event, NoticeRaised
from plimsoll.engine.ports import Journal, JournalUnavailable, TickArchive


class DeskMemory:
    """The journal and the tick archive of one desk; one owner, the risk thread.

    Parameters
    ----------
    journal : Journal
    archive : TickArchive
    exchange_ns : callable
        The market's clock, for every row.
    """

    def __init__(self, journal: Journal, archive: TickArchive, exchange_ns: Callable[[], int]) -> None:
        self._journal = journal
        self._archive = archive
        self._exchange_ns = exchange_ns
        self._journal_is_down = False
        self._archive_is_down = False

    def append(self, kind: str, body: Mapping[str, object], now_ns: int, person: str = "") -> int:
        """Write a row and return its number.

        Raises
        ------
        JournalUnavailable
            If it could not be; nothing that rests on it may be done.
        """
        number = self._journal.append(
            kind, body, exchange_time_ns=self._exchange_ns(), received_time_ns=now_ns, person=person
        )
        self._journal_is_down = False
        return number

    def note_written(self) -> None:
        """Hear that somebody else has written rows: the next failure is told anew."""
        self._journal_is_down = False

    def alarm(self, failure: JournalUnavailable) -> list[Event]:
        """Return one notice each time the journal fails, not one a batch while it stays so."""
        if self._journal_is_down:
            return []
        self._journal_is_down = True
        text = (
            f"The journal cannot be written ({failure}): breaches are not recorded, nothing may be decided."
        )
        return [NoticeRaised(text, is_alarm=True)]

    def keep_ticks(self, rows: NDArray[np.void]) -> list[Event]:
        """Keep ticks; a full disk is told once and stops no figure."""
        return self._kept(lambda: self._archive.append(rows))

    def flush_ticks(self) -> list[Event]:
        """Let the ticks given reach the disk."""
        return self._kept(self._archive.flush)

    def _kept(self, keep: Callable[[], None]) -> list[Event]:
        try:
            keep()
        except OSError as failure:
            if self._archive_is_down:
                return []
            self._archive_is_down = True
            text = f"Ticks can no longer be kept ({failure}): forensics will miss them; figures go on."
            return [NoticeRaised(text, is_alarm=True)]
        self._archive_is_down = False
        return []
