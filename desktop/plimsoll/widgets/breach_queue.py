"""The queue of breach dialogs: one at a time, none ever taking the keyboard."""

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QWidget

from plimsoll.bridge.risk_model import RiskModel
from plimsoll.domain.breach import Breach, BreachState
from plimsoll.domain.limit import Severity
from plimsoll.domain.snapshot import LimitStatus, RiskSnapshot
from plimsoll.widgets.breach_dialog import BreachDialog
from plimsoll.widgets.theme import Theme

UNDECIDED = BreachState.RAISED
URGENCY = tuple(reversed(Severity))  # the gravest first


class BreachQueue(QObject):
    """Opens a dialog for each breach raised; the rest wait, the gravest first, else as they came."""

    def __init__(self, model: RiskModel, theme: Theme, window: QWidget) -> None:
        super().__init__(window)
        self._model = model
        self._theme = theme
        self._window = window
        self._waiting: list[Breach] = []
        self._limits_when_raised: dict[str, tuple[LimitStatus, ...]] = {}
        self._dialog: BreachDialog | None = None
        self._has_ended = False
        self._has_restored = False
        model.snapshot_taken.connect(self.take_restored)
        if model.snapshot is not None:
            self.take_restored(model.snapshot)
        model.breach_raised.connect(self.take_raised)
        model.breach_changed.connect(self.take_changed)

    @property
    def dialog(self) -> BreachDialog | None:
        """The dialog that is open, or None."""
        return self._dialog

    @property
    def n_waiting(self) -> int:
        """Breaches whose dialog waits behind the open one."""
        return len(self._waiting)

    @Slot(object)
    def take_restored(self, snapshot: RiskSnapshot) -> None:
        """Open again what the first snapshot brings undecided from an earlier session; heard once."""
        if self._has_restored:
            return
        self._has_restored = True
        undecided = [breach for breach in reversed(snapshot.breaches) if breach.state is UNDECIDED]
        for breach in sorted(undecided, key=_urgency):
            self._enqueue(breach)

    @Slot(object)
    def take_raised(self, breach: Breach) -> None:
        """Open a dialog at once, or queue it; the limits of this instant are kept as evidence beside it."""
        snapshot = self._model.snapshot
        if snapshot is not None:
            self._limits_when_raised[breach.breach_id] = snapshot.limits
        self._enqueue(breach)

    @Slot(object)
    def take_changed(self, breach: Breach) -> None:
        """Close what is decided; open again what woke or worsened."""
        if breach.state is UNDECIDED:
            self._enqueue(breach)
            return
        self._waiting = [waiting for waiting in self._waiting if waiting.breach_id != breach.breach_id]
        if breach.state is BreachState.CLOSED:
            self._limits_when_raised.pop(breach.breach_id, None)
        if self._dialog is not None:
            if self._dialog.breach.breach_id == breach.breach_id:
                self._dialog.take_breach(breach)
            else:
                self._dialog.show_waiting(len(self._waiting))
            self._give_way()

    def open_breach(self, breach_id: str) -> None:
        """Open a breach because a person asked for it: before all others, and with the focus."""
        breach = self._model.breach(breach_id)
        if breach is None:
            return
        if self._dialog is not None and self._dialog.breach.breach_id != breach_id:
            put_back, self._dialog = self._dialog, None
            if put_back.breach.state is UNDECIDED:
                self._waiting.insert(0, put_back.breach)
            put_back.close()
        self._waiting = [waiting for waiting in self._waiting if waiting.breach_id != breach_id]
        if self._dialog is None:
            self._show(breach)
        if self._dialog is not None:
            self._dialog.activateWindow()

    def close_all(self) -> None:
        """Close the dialog and open none any more: the window goes."""
        self._has_ended = True
        self._waiting.clear()
        if self._dialog is not None:
            dialog, self._dialog = self._dialog, None
            dialog.close()

    def _enqueue(self, breach: Breach) -> None:
        if self._has_ended:
            return
        if self._dialog is None:
            self._show(breach)
            return
        if self._dialog.breach.breach_id == breach.breach_id:
            self._dialog.take_breach(breach)
            return
        if all(waiting.breach_id != breach.breach_id for waiting in self._waiting):
            self._waiting.append(breach)
            self._waiting.sort(key=_urgency)
        self._dialog.show_waiting(len(self._waiting))
        self._give_way()

    def _give_way(self) -> None:
        # What has eased needs nobody's decision, and must not keep what does from the screen.
        dialog = self._dialog
        if dialog is None or not self._waiting or dialog.isActiveWindow():
            return
        if dialog.breach.state is BreachState.EASED:
            dialog.close()

    def _show(self, breach: Breach) -> None:
        dialog = BreachDialog(
            self._model, self._theme, breach, self._limits_when_raised.get(breach.breach_id, ()), self._window
        )
        self._dialog = dialog
        dialog.put_aside.connect(self._show_next)
        dialog.show_waiting(len(self._waiting))
        dialog.place_beside(self._window)
        dialog.show()

    @Slot()
    def _show_next(self) -> None:
        if self.sender() is not self._dialog:
            return
        self._dialog = None
        if self._waiting:
            self._show(self._waiting.pop(0))


def _urgency(breach: Breach) -> int:
    """Return the place of a breach in the queue: the gravest first."""
    return URGENCY.index(breach.limit.severity)
