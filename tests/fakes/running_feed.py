"""Both connections of a feed on threads of their own, against a server, with everything they say kept."""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from plimsoll.domain.feed_status import FeedState, FeedStatus
from plimsoll.domain.tick import DepthBook, TickCounts
from plimsoll.feed.address import Address, Door
from plimsoll.feed.alltick_stream import AllTickStream
from plimsoll.feed.gate import Gate
from plimsoll.feed.pacing import PROFESSIONAL, Pacing

SWIFT = 1 / 20


class RunningFeed:
    """Streams on threads; what they deliver and report is kept, and waited for with a deadline.

    `wanted` maps each door to its codes; all doors share one gate and one numbering of codes.
    """

    def __init__(
        self,
        port: int,
        wanted: Mapping[Door, Sequence[str]],
        *,
        token: Callable[[], str] = lambda: "test-token",
        factor: float = SWIFT,
        has_depth: bool = True,
        gate: Gate | None = None,
    ) -> None:
        self.codes = tuple(code for codes in wanted.values() for code in codes)
        self.gate = gate or Gate(Pacing().scaled(factor), PROFESSIONAL.paced(factor))
        self.streams = {
            door: AllTickStream(
                door,
                self.codes,
                codes,
                self.gate,
                token,
                address=Address("127.0.0.1", port, is_secure=False),
                has_depth=has_depth,
            )
            for door, codes in wanted.items()
        }
        self.rows: dict[Door, list[NDArray[np.void]]] = {door: [] for door in wanted}
        self.counts: dict[Door, tuple[TickCounts, TickCounts]] = {
            door: (TickCounts(), TickCounts()) for door in wanted
        }
        self.books: dict[str, DepthBook] = {}
        self.statuses: dict[Door, list[FeedStatus]] = {door: [] for door in wanted}
        self.stop = threading.Event()
        self._news = threading.Condition()
        self._threads = {
            door: threading.Thread(target=self._run, args=(door,), name=f"feed {door.value}")
            for door in wanted
        }

    def __enter__(self) -> Self:
        for thread in self._threads.values():
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, failure: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self.end() < 10.0

    def end(self) -> float:
        """Stop every stream and return how many seconds the slowest took."""
        self.stop.set()
        since_s = time.monotonic()
        for thread in self._threads.values():
            thread.join(timeout=10.0)
        return time.monotonic() - since_s

    def until(self, condition: Callable[[], bool], *, within_s: float = 15.0) -> None:
        """Wait until the condition holds; it is looked at after each piece of news."""
        with self._news:
            if not self._news.wait_for(condition, timeout=within_s):
                notes = {door.value: each[-1:] for door, each in self.statuses.items()}
                raise AssertionError(f"the condition did not hold within {within_s} s; {notes}")

    def until_live(self) -> None:
        """Wait until every connection has ticked."""
        self.until(lambda: all(self.n_rows(door) for door in self.rows))

    def states(self, door: Door) -> list[FeedState]:
        """Return the states a connection went through, each once in a row."""
        states: list[FeedState] = []
        for status in self.statuses[door]:
            if not states or states[-1] is not status.state:
                states.append(status.state)
        return states

    def n_rows(self, door: Door) -> int:
        """Return how many rows came through a door."""
        return sum(len(rows) for rows in self.rows[door])

    def has_ended(self, door: Door) -> bool:
        """Tell whether a connection's thread has returned."""
        return not self._threads[door].is_alive()

    def _run(self, door: Door) -> None:
        def deliver(
            rows: NDArray[np.void], trades: TickCounts, books: TickCounts, depth: tuple[DepthBook, ...]
        ) -> None:
            with self._news:
                self.rows[door].append(rows)
                self.counts[door] = (trades, books)
                self.books.update({book.code: book for book in depth})
                self._news.notify_all()

        def report(status: FeedStatus) -> None:
            with self._news:
                self.statuses[door].append(status)
                self._news.notify_all()

        self.streams[door].run(self.stop, deliver, report)
        with self._news:
            self._news.notify_all()
