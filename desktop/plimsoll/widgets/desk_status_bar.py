"""The status bar: the journal, the method behind VaR, where every tick went, how long a frame takes."""

import time

from PySide6.QtCore import QTimer, Slot
from PySide6.QtWidgets import QStatusBar, QWidget

from plimsoll.bridge.risk_model import RiskModel
from plimsoll.domain.snapshot import RiskSnapshot
from plimsoll.domain.tick import TickCounts
from plimsoll.widgets import formats
from plimsoll.widgets.tone import ToneLabel
from plimsoll.widgets.typeface import SMALL, face

CLOCK_MS = 1000


class DeskStatusBar(QStatusBar):
    """Small print that is always true."""

    def __init__(self, model: RiskModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self.setSizeGripEnabled(False)
        self.setAccessibleName("Status bar")
        self._journal = self._label()
        self._method = self._label()
        self._ticks = self._label()
        self._frame = self._label()
        self._watchdog = self._label()
        self._clock = self._label()
        self._frame.setToolTip(
            "What the window's own thread works to show and paint a frame: 99 of 100 of the last ten seconds "
            "stayed within this. A screen of 60 Hz has room for 16.7 ms."
        )
        for label in (self._journal, self._method, self._ticks, self._frame, self._watchdog):
            self.addWidget(label)
        self.addPermanentWidget(self._clock)
        self._timer = QTimer(self)
        self._timer.setInterval(CLOCK_MS)
        self._timer.timeout.connect(self._tell_time)
        self._timer.start()
        self._tell_time()

    def show_snapshot(self, snapshot: RiskSnapshot) -> None:
        self._journal.say(f"Journal: {formats.count(snapshot.n_journal_rows)} rows")
        self._journal.setToolTip(self._model.journal_words)
        words = self._model.method_words or snapshot.var_note or "method not told"
        self._method.say(f"VaR: {words}" if not snapshot.var_note else f"VaR: {snapshot.var_note}")
        total = snapshot.trades + snapshot.books
        self._ticks.say(f"{formats.count(total.received)} ticks")
        self._ticks.setToolTip(f"Trades\n{told(snapshot.trades)}\n\nQuotes and books\n{told(snapshot.books)}")

    def show_frame(self, p99_ms: float) -> None:
        """Show how long the main thread works for a frame."""
        self._frame.say(f"work per frame, p99: {formats.number(p99_ms, 1)} ms")

    def show_watchdog(self, words: str, *, is_present: bool) -> None:
        """Show whether somebody would raise an alarm if this desk hung."""
        self._watchdog.say("watchdog" if is_present else "no watchdog", "muted" if is_present else "over")
        self._watchdog.setToolTip(words)

    def _label(self) -> ToneLabel:
        label = ToneLabel(face(SMALL), self, tone="muted", steady=True)
        label.setContentsMargins(8, 1, 10, 1)
        return label

    @Slot()
    def _tell_time(self) -> None:
        self._clock.say(formats.instant_utc(time.time_ns()))


def told(counts: TickCounts) -> str:
    """Return where every tick went, line by line."""
    return "\n".join(
        f"{name.replace('_', ' ')}: {formats.count(getattr(counts, name))}"
        for name in ("received", "applied", "folded", "refused", "repeated", "late", "not_held", "waiting")
    )
