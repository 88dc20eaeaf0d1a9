"""Alarm sounds: one a severity, louder as a breach climbs unanswered, by whatever player the system has."""

import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, QProcess, Signal, Slot
from PySide6.QtWidgets import QApplication

from plimsoll import assets
from plimsoll.bridge.alert_mute import AlertMute
from plimsoll.bridge.risk_model import RiskModel
from plimsoll.domain.breach import Breach, BreachState
from plimsoll.domain.breach_group import GRAVITY, group_id_of
from plimsoll.domain.limit import Severity

PLAYERS: tuple[tuple[str, ...], ...] = (("pw-play",), ("paplay",), ("aplay", "-q"), ("afplay",))
"""PipeWire, PulseAudio, ALSA, macOS; Windows plays by itself."""
MOST_CAUSES = 512
"""Causes remembered as heard."""


class Player(QObject):
    """Plays one file at a time without waiting for it; beeps where nothing can play.

    Signals
    -------
    failed(str)
        Said once: sounds cannot be heard, and why.
    """

    failed = Signal(str)

    def __init__(self, commands: Sequence[Sequence[str]] = PLAYERS, parent: QObject | None = None) -> None:
        super().__init__(parent)
        found = (command for command in commands if shutil.which(command[0]))
        self._command = tuple(next(found, ()))
        self._process = QProcess(self)
        self._process.setStandardOutputFile(QProcess.nullDevice())
        self._process.setStandardErrorFile(QProcess.nullDevice())
        self._process.finished.connect(self._look_how_it_ended)
        self._process.errorOccurred.connect(self._give_up)
        self._has_failed = False

    @property
    def name(self) -> str:
        """What plays: a program of the system, "Windows", or "the system's beep"."""
        if sys.platform == "win32":
            return "Windows"
        return self._command[0] if self._command and not self._has_failed else "the system's beep"

    @property
    def is_playing(self) -> bool:
        """Whether a file is being played."""
        return self._process.state() is not QProcess.ProcessState.NotRunning

    def play(self, path: Path) -> None:
        """Begin to play; a file still playing is cut off."""
        if sys.platform == "win32":
            self._play_on_windows(path)
        elif self._command and not self._has_failed:
            self.stop()
            self._process.start(self._command[0], [*self._command[1:], str(path)])
        else:
            QApplication.beep()

    def stop(self) -> None:
        """Fall silent."""
        if self.is_playing:
            self._process.blockSignals(True)
            self._process.kill()
            self._process.waitForFinished(200)
            self._process.blockSignals(False)

    def _play_on_windows(self, path: Path) -> None:
        # Only Windows has the module; its flags are asked of it there.
        import winsound  # noqa: PLC0415

        winsound.PlaySound(str(path), winsound.SND_FILENAME | winsound.SND_ASYNC)  # type: ignore[attr-defined]

    @Slot(int)
    def _look_how_it_ended(self, code: int) -> None:
        if code != 0:
            self._give_up()

    @Slot()
    def _give_up(self) -> None:
        if not self._has_failed:
            name = self.name
            self._has_failed = True
            self.failed.emit(f"Alarm sounds cannot be played by {name}; the system beeps instead.")
        QApplication.beep()


class Sound(QObject):
    """Plays for each cause raised and for each level it climbs; a storm is heard once."""

    def __init__(
        self, model: RiskModel, mute: AlertMute, player: Player, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._mute = mute
        self._player = player
        self._heard: dict[str, tuple[int, int]] = {}
        model.breach_raised.connect(self.take_breach)
        model.breach_changed.connect(self.take_change)
        mute.mute_changed.connect(self.follow_mute)

    @Slot(object)
    def take_breach(self, breach: Breach) -> None:
        """Sound the breach's cause, unless it was heard this loud already."""
        cause_id = group_id_of(breach)
        level, gravity = self._heard.get(cause_id, (-1, -1))
        its_gravity = GRAVITY[breach.limit.severity]
        if breach.escalation <= level and its_gravity <= gravity:
            return
        self._heard[cause_id] = (max(level, breach.escalation), max(gravity, its_gravity))
        if len(self._heard) > MOST_CAUSES:
            del self._heard[next(iter(self._heard))]
        self.play(breach.limit.severity, is_loud=breach.escalation > 0)

    @Slot(object)
    def take_change(self, breach: Breach) -> None:
        """Sound again, louder, what nobody has answered."""
        if breach.state is BreachState.ESCALATED:
            self.take_breach(breach)

    @Slot()
    def follow_mute(self) -> None:
        if self._mute.is_muted:
            self._player.stop()

    def play(self, severity: Severity, *, is_loud: bool = False) -> None:
        """Play a severity's sound unless muted."""
        if not self._mute.is_muted:
            self._player.play(file_of(severity, is_loud=is_loud))


def file_of(severity: Severity, *, is_loud: bool) -> Path:
    """Return the file of a severity's sound."""
    return assets.path(f"sounds/{severity.value.lower()}{'-loud' if is_loud else ''}.wav")
