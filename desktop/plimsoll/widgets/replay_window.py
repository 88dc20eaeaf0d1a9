"""The window of a replay: a desk beside the live one, with a transport bar and without decisions."""

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QCloseEvent

from plimsoll.bridge.replay_model import ReplayModel
from plimsoll.widgets.main_window import MainWindow
from plimsoll.widgets.replay_bar import ReplayBadge, ReplayBar


class ReplayWindow(MainWindow):
    """The panels of the desk, showing what has been; it asks nobody and makes no sound.

    Signals
    -------
    gone()
        It was closed.
    """

    gone = Signal()

    def __init__(self, model: ReplayModel, title: str, theme: str) -> None:
        super().__init__(model, workspace_path=None, theme=theme)
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_QuitOnClose, on=False)  # the program ends with the live one
        self.bar = ReplayBar(self.theme, self)
        top = self.strip.parentWidget()
        if top is not None and (column := top.layout()) is not None:
            column.addWidget(self.bar)
        self.strip.add_control(ReplayBadge(self.theme, self))
        # A replayed breach asks nobody: no dialog opens by itself, no sound, no notification.
        for signal, slot in (
            (model.breach_raised, self.queue.take_raised),
            (model.breach_changed, self.queue.take_changed),
            (model.snapshot_taken, self.queue.take_restored),
        ):
            signal.disconnect(slot)
        self.late_views_built.connect(self._fall_silent)

    def closeEvent(self, event: QCloseEvent) -> None:
        super().closeEvent(event)
        self.gone.emit()

    @Slot()
    def _fall_silent(self) -> None:
        if self.late is None:
            return
        alerts, model = self.late.alerts, self._model
        model.breach_raised.disconnect(alerts.tray.take_breach)
        alerts.tray.remove()
        if alerts.sound is not None:
            model.breach_raised.disconnect(alerts.sound.take_breach)
            model.breach_changed.disconnect(alerts.sound.take_change)
        alerts.strip_button.hide()
