"""Keeps the high-water mark in the journal, before any breach that rests on it."""

from collections.abc import Callable, Iterable, Mapping

import numpy as np

from plimsoll.domain.limit import Limit
from plimsoll.domain.units import NS_PER_S
from plimsoll.engine.book_path import BookPath

PERIOD_NS = NS_PER_S
"""The mark is journalled at most once a second, and always before a breach that rests on it."""
Write = Callable[[str, Mapping[str, object], int], object]


class MarkNote:
    """What was last written of the mark; one owner, the risk thread."""

    def __init__(self, path: BookPath, codes: tuple[str, ...], write: Write) -> None:
        self._path = path
        self._codes = codes
        self._write = write
        self._mark = float("nan")
        self._at_ns = 0

    def forget(self) -> None:
        """Write the mark anew with the next look: the book has changed."""
        self._mark = float("nan")

    def write(self, limits: Iterable[Limit], now_ns: int) -> None:
        """Write the mark when it has moved.

        Raises
        ------
        JournalUnavailable
            If it could not be; no drawdown is judged by it then.
        """
        equity, ledger = self._path.equity, self._path.ledger
        mark = equity.high_water_mark
        if not equity.has_begun or mark == self._mark:
            return
        is_about_to_break = any(
            limit.measure == "drawdown" and equity.batch_drawdown > limit.line for limit in limits
        )
        if is_about_to_break or now_ns - self._at_ns >= PERIOD_NS:
            worth = ledger.net_worth(self._path.board.mark)
            unpriced = [code for code, w in zip(self._codes, worth, strict=False) if not np.isfinite(w)]
            body = {"high_water_mark": mark, "nav": ledger.nav(), "unpriced": unpriced}
            body |= equity.anchors.row()
            self._write("high_water_mark", body, now_ns)
            self._mark, self._at_ns = mark, now_ns
