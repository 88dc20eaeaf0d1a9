"""Asks for what the market knows of shares, on a thread of its own, so that no window waits."""

import logging
from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, QRunnable, QThreadPool, Signal

log = logging.getLogger("plimsoll.instruments")

FetchFacts = Callable[[Sequence[str]], Sequence[object]]
"""Returns what is known of these codes; it may block."""


class ShareFactsJob(QObject):
    """One question at a time.

    Signals
    -------
    answered(object)
        The facts, a sequence.
    failed(str)
        None came, and why.
    """

    answered = Signal(object)
    failed = Signal(str)

    def __init__(self, fetch: FetchFacts, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._fetch = fetch
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(1)
        self._pool.setObjectName("plimsoll-share-facts")

    def ask(self, codes: Sequence[str]) -> None:
        """Ask for these codes; the answer comes as a signal."""
        wanted = tuple(codes)
        self._pool.start(QRunnable.create(lambda: self._run(wanted)))

    def wait(self, most_ms: int = 5000) -> bool:
        """Wait for a question that is under way; whether it has ended."""
        return self._pool.waitForDone(most_ms)

    def _run(self, codes: tuple[str, ...]) -> None:
        try:
            facts = self._fetch(codes)
        except Exception as fault:  # told in the window; nothing else rests on it
            log.exception("no share facts")
            self.failed.emit(f"AllTick could not be asked: {fault}")
            return
        self.answered.emit(facts)
