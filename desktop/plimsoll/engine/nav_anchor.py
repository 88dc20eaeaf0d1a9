"""NAVs from which a fall may be measured: the day's, the month's, the start's, and the highest of some days.

External flows, and positions that enter the priced part of the book, scale them as they scale the high-water
mark: neither is a gain or a loss.
"""

import math
from collections import deque
from collections.abc import Mapping

import numpy as np

from plimsoll.domain.limit_detail import MOST_TRAILING_DAYS, high_of

NAN = float("nan")
_DAYS_OF = {high_of(days): days for days in range(1, MOST_TRAILING_DAYS + 1)}


class NavAnchors:
    """Follows the book's worth from the first that is known; one owner, the risk thread."""

    def __init__(self) -> None:
        self._high = self._day = self._month = self._start = NAN
        self._highs: deque[float] = deque(maxlen=MOST_TRAILING_DAYS - 1)

    def follow(self, nav: float, high: float) -> None:
        """Take NAV now, and the highest seen since the last call; the first above zero begins everything."""
        if not nav > 0.0:
            return
        if not self._start > 0.0:
            self._start = self._month = self._day = nav
        self._high = float(np.fmax(self._high, high))

    def count_start(self, nav: float) -> None:
        """Take the worth at the closes before the first day, heard of only now."""
        self._start = self._day = self._month = nav
        self._high = float(np.fmax(self._high, nav))

    def flow(self, scale: float) -> None:
        """Scale everything with money or positions that came or went."""
        self._high, self._day = self._high * scale, self._day * scale
        self._month, self._start = self._month * scale, self._start * scale
        self._highs = deque((high * scale for high in self._highs), self._highs.maxlen)

    def row(self) -> dict[str, object]:
        """Return what the journal keeps, beside NAV itself; nothing before there is an anchor."""
        if not self._start > 0.0:
            return {}
        return {"high_nav": self._high, "start_nav": self._start, "month_nav": self._month}

    def end_day(self, nav: float, *, is_new_month: bool) -> None:
        """Begin the next trading day at this NAV."""
        self._highs.append(self._high)
        self._day = self._high = nav
        if is_new_month:
            self._month = nav

    def restore(self, body: Mapping[str, object]) -> None:
        """Take a row of an earlier session, oldest first; rows of before anchors were kept know nothing.

        A row with `is_new_month` ends its day, one without was written in the midst of it.
        """
        if "high_nav" not in body:
            return
        self._high, self._start = float(str(body["high_nav"])), float(str(body["start_nav"]))
        self._month = float(str(body["month_nav"]))
        if "is_new_month" in body:
            self.end_day(float(str(body["nav"])), is_new_month=bool(body["is_new_month"]))

    def known(self, wanted: frozenset[str]) -> Mapping[str, float]:
        """Return the wanted anchors that are known: "day", "month", "start", and `high_of(days)`."""
        found = {"day": self._day, "month": self._month, "start": self._start}
        for name in wanted & _DAYS_OF.keys():
            n_before = _DAYS_OF[name] - 1
            recent = list(self._highs)[-n_before:] if n_before else []
            found[name] = float(np.fmax.reduce([self._high, *recent]))
        return {name: nav for name, nav in found.items() if name in wanted and math.isfinite(nav)}
