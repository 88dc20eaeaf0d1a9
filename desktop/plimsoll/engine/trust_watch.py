"""Tells once when prices no longer vouch for the book's totals, and once when they do again."""

import math

from plimsoll.engine.book_path import PRICING_GRACE_NS
from plimsoll.engine.events import NoticeRaised
from plimsoll.engine.measurement import Measurement

FRESH_AGAIN = "Prices are fresh again: limits on the book are judged as before."


class TrustWatch:
    """One alert an episode, however long it lasts; one owner, the risk thread."""

    def __init__(self) -> None:
        self._is_trusted: bool | None = None
        self._first_ns = 0

    def notice(self, measured: Measurement, now_ns: int) -> NoticeRaised | None:
        """Return what is to be told now; None where nothing has changed, or a start is not over yet."""
        self._first_ns = self._first_ns or now_ns
        if not math.isfinite(measured.nav) or measured.is_trusted is self._is_trusted:
            return None
        is_first = self._is_trusted is None
        if is_first and not measured.is_trusted and now_ns - self._first_ns < PRICING_GRACE_NS:
            return None  # the connections come up one after the other
        self._is_trusted = measured.is_trusted
        if measured.is_trusted:
            return None if is_first else NoticeRaised(FRESH_AGAIN)
        stale = 1.0 - measured.coverage.fresh_fraction
        words = "figures stand still, and limits that rest on them are unknown until prices come again"
        return NoticeRaised(f"{stale:.0%} of what is held has no fresh price: {words}.", is_alarm=True)
