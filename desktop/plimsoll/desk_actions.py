"""What stands around a desk that acts: the kill switch, the trading state, and the watchdog."""

from PySide6.QtCore import QObject, Slot

from plimsoll import assets
from plimsoll.bridge.people_sign import PeopleSign
from plimsoll.bridge.risk_model import RiskModel
from plimsoll.bridge.watchdog_link import WatchdogLink, watchdog_command
from plimsoll.desk import Desk
from plimsoll.storage.folders import Folders
from plimsoll.widgets.kill_switch import KillDialog, KillSwitch
from plimsoll.widgets.main_window import MainWindow
from plimsoll.widgets.trading_state_button import TradingStateButton


class DeskActions(QObject):
    """Joins the controls that stop things to the broker's own way, past the risk thread."""

    def __init__(
        self, window: MainWindow, model: RiskModel, desk: Desk, sign: PeopleSign, folders: Folders
    ) -> None:
        super().__init__(window)
        self._window = window
        self._model = model
        self._broker = desk.broker_model
        self._dialog: KillDialog | None = None
        self._link = WatchdogLink(
            watchdog_command(folders.data, assets.path("sounds/critical-loud.wav")), parent=self
        )
        self._link.presence_changed.connect(self._tell_watchdog)
        desk.beaten.connect(self._link.note_risk_beat)
        window.registry.add("Actions", "Kill switch", "Ctrl+Shift+K", self.open_kill)
        self._link.start()
        strip = window.strip
        strip.add_control(TradingStateButton(model, sign, strip))
        switch = KillSwitch(desk.broker_model, strip)
        switch.dialog_wanted.connect(self.open_kill)
        strip.add_control(switch)

    def end(self) -> None:
        """Say goodbye to the watchdog, so that the end is no alarm."""
        self._link.stop()

    @Slot()
    def open_kill(self) -> None:
        """Open the dialog where a typed word halts, cancels and flattens."""
        if self._dialog is None:
            self._dialog = KillDialog(self._broker, self._window)
            self._dialog.put_aside.connect(self._forget)
            self._model.snapshot_taken.connect(self._dialog.show_snapshot)
        if self._model.snapshot is not None:
            self._dialog.show_snapshot(self._model.snapshot)
        self._dialog.show()
        self._dialog.raise_()
        self._dialog.activateWindow()

    @Slot()
    def _forget(self) -> None:
        if self._dialog is not None:
            self._dialog.deleteLater()
        self._dialog = None

    @Slot(bool, str)
    def _tell_watchdog(self, present: bool, words: str) -> None:  # noqa: FBT001  a slot of presence_changed
        self._window.status_bar.show_watchdog(words, is_present=present)
        if not present:
            self._model.raise_alarm(words)
