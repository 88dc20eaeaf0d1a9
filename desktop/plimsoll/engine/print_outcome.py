"""What the print filter decides about one batch: which rows go on, and what goes just before which."""

import numpy as np
from numpy.typing import NDArray

from plimsoll.domain.held_print import DiscardedPrint, HeldPrint

Rows = NDArray[np.void]


class PrintOutcome:
    """Collects the verdicts on one batch.

    Attributes
    ----------
    released, discarded : list
        Prints held for a while: those that go on now, and those that were contradicted.
    place : int
        Of the row under judgement.
    """

    def __init__(self, rows: Rows) -> None:
        self.released: list[HeldPrint] = []
        self.discarded: list[DiscardedPrint] = []
        self.place = 0
        self._rows = rows
        self._goes_on = np.ones(len(rows), dtype=np.bool_)
        self._joined: list[tuple[int, Rows]] = []

    def keep_back(self) -> None:
        """Let the row under judgement not go on."""
        self._goes_on[self.place] = False

    def join(self, row: Rows, held: HeldPrint) -> None:
        """Let a released row go just before the one under judgement."""
        self.released.append(held)
        self._joined.append((self.place, row))

    def kept(self) -> Rows:
        """Return what goes on, in order; the batch itself if nothing was touched."""
        if self._goes_on.all() and not self._joined:
            return self._rows
        own = np.flatnonzero(self._goes_on)
        # Copied into an array of the type: concatenating asks numpy to promote every field of every piece.
        kept = np.empty(len(own) + len(self._joined), dtype=self._rows.dtype)
        place = np.searchsorted(own, [before for before, _ in self._joined]) + np.arange(len(self._joined))
        is_own = np.ones(len(kept), dtype=np.bool_)
        is_own[place] = False
        kept[is_own] = self._rows[own]
        for number, (_, row) in zip(place.tolist(), self._joined, strict=True):
            kept[number] = row[0]
        kept.flags.writeable = False
        return kept
