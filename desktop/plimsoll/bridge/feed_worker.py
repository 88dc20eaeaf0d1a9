"""A feed's thread: runs one tick source until told to stop, and puts what it hears into the tick buffer."""

import logging
import threading
from collections.abc import Callable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal, Slot

from plimsoll.bridge.depth_shelf import DepthShelf
from plimsoll.bridge.tick_buffer import TickBuffer
from plimsoll.domain.feed_status import FeedState, FeedStatus
from plimsoll.domain.tick import DepthBook, TickCounts

log = logging.getLogger("plimsoll.feed")

Deliver = Callable[[NDArray[np.void], TickCounts, TickCounts, tuple[DepthBook, ...]], None]
Report = Callable[[FeedStatus], None]

# A refused token is final, and without a screen standard error is the one place to say so.
_LEVELS = {FeedState.REFUSED: logging.ERROR, FeedState.WAITING: logging.WARNING}


class TickSource(Protocol):
    """A connection that is born, lives and dies on the feed's thread."""

    def run(self, stop: threading.Event, deliver: Deliver, report: Report) -> None:
        """Deliver ticks until `stop` is set; block a quarter of a second at most at a time."""


class FeedWorker(QObject):
    """Owns one source on its own QThread.

    Signals
    -------
    ticks_arrived(TickBatch)
        When no batch is in flight.
    feed_changed(FeedStatus)
        What the connection reports of itself.
    finished()
        The source has ended.
    failed(str)
        It ended by a fault of ours; the text is for the banner.
    """

    ticks_arrived = Signal(object)
    feed_changed = Signal(object)
    finished = Signal()
    failed = Signal(str)

    def __init__(
        self,
        name: str,
        make_source: Callable[[], TickSource],
        buffer: TickBuffer,
        shelf: DepthShelf | None = None,
    ) -> None:
        super().__init__()
        self.name = name
        self._make_source = make_source
        self._buffer = buffer
        self._shelf = shelf
        self.stop_asked = threading.Event()
        self._logged: tuple[FeedState, str] | None = None

    @Slot()
    def run(self) -> None:
        """Run the source; a looping worker is stopped by its event, never by a queued slot."""
        try:
            self._make_source().run(self.stop_asked, self._deliver, self._report)
        except Exception as fault:  # the thread's last net: a dead feed is told, never hidden
            log.exception("the feed %s ended by a fault", self.name)
            note = f"stopped by a fault: {type(fault).__name__}"
            self._report(FeedStatus(self.name, FeedState.STOPPED, note=note))
            self.failed.emit(
                f"The feed “{self.name}” stopped by a fault; its prices no longer move. Restart."
            )
        finally:
            self.finished.emit()

    def _deliver(
        self,
        rows: NDArray[np.void],
        trades: TickCounts,
        books: TickCounts,
        depths: tuple[DepthBook, ...],
    ) -> None:
        if self._shelf is not None and depths:  # before the batch: what fills an order has been seen here
            self._shelf.put(depths)
        batch = self._buffer.put(self.name, rows, trades, books, depths)
        if batch is not None:
            self.ticks_arrived.emit(batch)

    def _report(self, status: FeedStatus) -> None:
        if self._logged != (status.state, status.note):  # it reports its rates every second
            self._logged = (status.state, status.note)
            level = _LEVELS.get(status.state, logging.INFO)
            log.log(level, "%s: %s", self.name, f"{status.state} {status.note}".strip())
        self.feed_changed.emit(status)
