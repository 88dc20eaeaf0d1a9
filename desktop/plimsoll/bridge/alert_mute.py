"""A silence of the alarm sounds that always ends: after a quarter, an hour, or with the trading day."""

import time
from collections.abc import Callable
from enum import StrEnum

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from plimsoll.domain.units import NS_PER_S

TELL_MS = 1000


class MuteSpan(StrEnum):
    """For how long."""

    QUARTER = "15 minutes"
    HOUR = "1 hour"
    DAY = "until the day roll"


_SECONDS = {MuteSpan.QUARTER: 900, MuteSpan.HOUR: 3600}
LONGEST_NS = 24 * 3600 * NS_PER_S
"""What ends even a mute whose day roll is never heard."""


class AlertMute(QObject):
    """Whether sounds are muted, and for how long still.

    Signals
    -------
    mute_changed()
        It began, ended, or its remaining time reads otherwise.
    """

    mute_changed = Signal()

    def __init__(
        self,
        *,
        now_ns: Callable[[], int] = time.time_ns,
        next_roll_ns: Callable[[], int] | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._now_ns = now_ns
        self._next_roll_ns = next_roll_ns
        self._until_ns = 0
        self._ends_at_roll = False
        self._timer = QTimer(self)
        self._timer.setInterval(TELL_MS)
        self._timer.timeout.connect(self.look)

    @property
    def is_muted(self) -> bool:
        """Whether sounds are muted now."""
        return self._now_ns() < self._until_ns

    @property
    def words(self) -> str:
        """What the screen says of it: "Muted, 12 min left"."""
        left_s = (self._until_ns - self._now_ns()) / NS_PER_S
        if left_s <= 0:
            return "Sound on"
        left = f"{left_s:.0f} s" if left_s < 60 else f"{_rounded_up(left_s, 60)} min"
        if left_s > 5400:
            left = f"{left_s / 3600:.1f} h"
        return f"Muted until the day roll, at most {left}" if self._ends_at_roll else f"Muted, {left} left"

    def mute(self, span: MuteSpan) -> None:
        """Mute; a span asked for anew begins anew."""
        now_ns = self._now_ns()
        self._ends_at_roll = span is MuteSpan.DAY
        if not self._ends_at_roll:
            self._until_ns = now_ns + _SECONDS[span] * NS_PER_S
        else:
            roll_ns = self._next_roll_ns() if self._next_roll_ns is not None else now_ns + LONGEST_NS
            self._until_ns = min(max(roll_ns, now_ns), now_ns + LONGEST_NS)
        self._timer.start()
        self.mute_changed.emit()

    @Slot()
    def unmute(self) -> None:
        """Let sounds be heard again."""
        self._until_ns = 0
        self._timer.stop()
        self.mute_changed.emit()

    @Slot()
    def end_day(self) -> None:
        """End a mute that was meant to last until the day roll: it has happened."""
        if self._ends_at_roll:
            self.unmute()

    @Slot()
    def look(self) -> None:
        """Tell how long is left; end what has run out."""
        if self.is_muted:
            self.mute_changed.emit()
        else:
            self.unmute()


def _rounded_up(seconds: float, step: int) -> int:
    return int(-(-seconds // step))
