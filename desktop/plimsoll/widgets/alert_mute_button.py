"""The mute button: says whether alarms are heard, for how long not, and changes it."""

from PySide6.QtCore import Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from plimsoll.bridge.alert_mute import AlertMute, MuteSpan


class AlertMuteButton(QToolButton):
    """A button with a menu of spans; used in the centre and in the status strip."""

    def __init__(self, mute: AlertMute, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._mute = mute
        self._menu = QMenu("Mute alarm sounds", self)
        for span in MuteSpan:
            action = self._menu.addAction(
                f"Mute for {span.value}" if span is not MuteSpan.DAY else f"Mute {span.value}"
            )
            action.setData(span.value)
            action.triggered.connect(self._choose)
        self._menu.addSeparator()
        self._unmute = self._menu.addAction("Sound on")
        self._unmute.triggered.connect(mute.unmute)
        self.setMenu(self._menu)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setToolTip("Mute alarm sounds for a while; dialogs and messages still come")
        mute.mute_changed.connect(self.show_mute)
        self.show_mute()

    @Slot()
    def show_mute(self) -> None:
        words = self._mute.words
        if words != self.text():
            self.setText(words)
            self.setAccessibleName(f"Alarm sounds: {words}")
        self._unmute.setEnabled(self._mute.is_muted)

    @Slot()
    def _choose(self) -> None:
        action = self.sender()
        if isinstance(action, QAction):
            self._mute.mute(MuteSpan(str(action.data())))
