"""What every door in looks like to the thread that stands in it."""

import threading
from collections.abc import Callable
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from plimsoll.domain.feed_status import FeedStatus
from plimsoll.domain.tick import DepthBook, TickCounts

Deliver: TypeAlias = Callable[[NDArray[np.void], TickCounts, TickCounts, tuple[DepthBook, ...]], None]
Report: TypeAlias = Callable[[FeedStatus], None]


class TickSource(Protocol):
    """Where ticks come from: AllTick, or a script in a test."""

    def run(self, stop: threading.Event, deliver: Deliver, report: Report) -> None:
        """Hand over ticks until `stop` is set or there is nothing more to hope for.

        Parameters
        ----------
        stop : Event
            Ends the loop within a quarter of a second.
        deliver : callable
            Takes (rows of TICK_DTYPE, counts of trades, counts of books, newest whole books). The rows are
            read-only and may be none, when all that arrived was refused, repeated or late. The counts are
            totals since the source was made, as if the rows were applied.
        report : callable
            Takes a FeedStatus at each change and once a second.
        """
