"""A job's thread: loads price history with progress, and can be cancelled."""

import logging
import threading
from collections.abc import Callable

from PySide6.QtCore import QObject, Signal, Slot

from plimsoll.domain.session import SessionTable
from plimsoll.engine.scenario_window import PriceWindow

log = logging.getLogger("plimsoll.history")

Progress = Callable[[int, int, str], None]
Ready = Callable[[PriceWindow], None]
LoadHistory = Callable[[threading.Event, Progress, Ready], None]


class HistoryWorker(QObject):
    """Runs one load on its own QThread.

    Signals
    -------
    progressed(int, int, str)
        Instruments done, wanted, and the one being loaded.
    counted(int, int)
        The same without the name, for the engine.
    window_ready(PriceWindow)
        What the cache had, at once, and then what could be loaded, also after Cancel.
    sessions_ready(SessionTable)
        When the markets are open; told once, after the cache's window or the first instrument loaded.
    failed(str)
        Nothing could be loaded, and why.
    finished()
        The job has ended.
    """

    progressed = Signal(int, int, str)
    counted = Signal(int, int)
    window_ready = Signal(object)
    sessions_ready = Signal(object)
    failed = Signal(str)
    finished = Signal()

    def __init__(self, load: LoadHistory, make_sessions: Callable[[], SessionTable] | None = None) -> None:
        super().__init__()
        self._load = load
        self._make_sessions = make_sessions
        self.stop_asked = threading.Event()

    @Slot()
    def run(self) -> None:
        """Load; whatever happens the desk goes on, with VaR unknown and the reason told."""
        try:
            self._load(self.stop_asked, self._progress, self._ready)
        except Exception as fault:  # told in the banner; prices and limits on prices go on
            log.exception("price history could not be loaded")
            self.failed.emit(f"Price history could not be loaded, so VaR stays unknown: {fault}")
        finally:
            self._tell_sessions()
            self.finished.emit()

    @Slot()
    def cancel(self) -> None:
        """Stop after the instrument being loaded."""
        self.stop_asked.set()

    def _progress(self, loaded: int, wanted: int, code: str) -> None:
        self.progressed.emit(loaded, wanted, code)
        self.counted.emit(loaded, wanted)
        if code:
            self._tell_sessions()

    def _ready(self, window: PriceWindow) -> None:
        self.window_ready.emit(window)
        self._tell_sessions()

    def _tell_sessions(self) -> None:
        """Make the sessions, half a second of work, once the cache's VaR is on its way."""
        make, self._make_sessions = self._make_sessions, None
        if make is None:
            return
        try:
            self.sessions_ready.emit(make())
        except Exception:  # silence of a closed market then counts as stale, as before the table
            log.exception("the markets' sessions could not be worked out; silence counts as stale")
