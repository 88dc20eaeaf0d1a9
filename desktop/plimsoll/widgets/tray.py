"""The tray icon: the Plimsoll mark with the number of open breaches, and the desktop's own notifications."""

from typing import Protocol

from PySide6.QtCore import QObject, QRectF, Qt, Signal, SignalInstance, Slot
from PySide6.QtGui import QColor, QIcon, QPainter, QPen, QPixmap
from PySide6.QtWidgets import QSystemTrayIcon

from plimsoll.bridge.risk_model import RiskModel
from plimsoll.domain.breach import Breach
from plimsoll.domain.breach_group import group_id_of
from plimsoll.domain.snapshot import RiskSnapshot
from plimsoll.widgets.breach_words import headline
from plimsoll.widgets.colours import NIGHT
from plimsoll.widgets.typeface import bold

SIZES = (16, 22, 32, 48, 64)  # pixels: what panels of 100 to 200 % ask for
SHOWN_MS = 10_000
MOST_CAUSES = 512
NO_TRAY = (
    "This desktop has no tray: no icon with the count, no notification beside the window; "
    "all else alerts as usual."
)


class Icon(Protocol):
    """What the tray is spoken to by; QSystemTrayIcon is one."""

    activated: SignalInstance
    messageClicked: SignalInstance  # noqa: N815  Qt's own name

    def setIcon(self, icon: QIcon, /) -> None: ...
    def setToolTip(self, tip: str, /) -> None: ...
    def show(self) -> None: ...
    def hide(self) -> None: ...
    def showMessage(self, title: str, msg: str, icon: QSystemTrayIcon.MessageIcon, msecs: int, /) -> None: ...


class Tray(QObject):
    """Shows the count and one notification a cause; without a tray it does nothing and says so.

    Signals
    -------
    window_wanted()
        The icon or a notification was clicked.
    """

    window_wanted = Signal()

    def __init__(
        self,
        model: RiskModel,
        *,
        icon: Icon | None = None,
        has_notifications: bool = True,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._model = model
        self._has_notifications = has_notifications
        self._n_open = -1
        self._told: dict[str, None] = {}
        self._icon = icon
        if icon is None and QSystemTrayIcon.isSystemTrayAvailable():
            self._icon = QSystemTrayIcon(self)
        model.breach_raised.connect(self.take_breach)
        if self._icon is not None:
            self._icon.activated.connect(self._ask_for_window)
            self._icon.messageClicked.connect(self.window_wanted)
            self._count(0)
            self._icon.show()

    @property
    def words(self) -> str:
        """Why there is no tray; empty where there is one."""
        return "" if self._icon is not None else NO_TRAY

    def show_snapshot(self, snapshot: RiskSnapshot) -> None:
        self._count(snapshot.n_open_breaches)

    @Slot(object)
    def take_breach(self, breach: Breach) -> None:
        """Notify of a cause when its first breach is raised; the count tells the others."""
        if self._icon is None or not self._has_notifications:
            return
        cause_id = group_id_of(breach)
        if cause_id in self._told:
            return
        self._told[cause_id] = None
        if len(self._told) > MOST_CAUSES:
            del self._told[next(iter(self._told))]
        snapshot = self._model.snapshot
        currency = snapshot.base_currency if snapshot is not None else ""
        self._icon.showMessage(
            f"{'DEMO · ' if self._model.is_demo else ''}{breach.limit.severity.value}",
            headline(breach, currency),
            QSystemTrayIcon.MessageIcon.Critical,
            SHOWN_MS,
        )

    def remove(self) -> None:
        """Take the icon away: the window goes."""
        if self._icon is not None:
            self._icon.hide()

    def _count(self, n_open: int) -> None:
        if self._icon is None or n_open == self._n_open:
            return
        self._n_open = n_open
        self._icon.setIcon(icon_with(n_open))
        words = "no limit is broken" if n_open == 0 else f"{n_open} broken"
        self._icon.setToolTip(f"Plimsoll{' (DEMO)' if self._model.is_demo else ''}: {words}")

    @Slot(QSystemTrayIcon.ActivationReason)
    def _ask_for_window(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        if reason is not QSystemTrayIcon.ActivationReason.Context:
            self.window_wanted.emit()


def icon_with(n_open: int) -> QIcon:
    """Return the mark; with breaches open it is red and carries their number."""
    icon = QIcon()
    for pixels in SIZES:
        icon.addPixmap(_drawn(n_open, pixels))
    return icon


def _drawn(n_open: int, pixels: int) -> QPixmap:
    picture = QPixmap(pixels, pixels)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.scale(pixels / 64.0, pixels / 64.0)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(NIGHT.panel))
    painter.drawRoundedRect(QRectF(0, 0, 64, 64), 14, 14)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(QColor(NIGHT.over if n_open else NIGHT.accent), 6))
    painter.drawEllipse(QRectF(16, 16, 32, 32))
    painter.setPen(QPen(QColor(NIGHT.text), 6, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    painter.drawLine(8, 32, 56, 32)
    if n_open:
        _draw_count(painter, n_open)
    painter.end()
    return picture


def _draw_count(painter: QPainter, n_open: int) -> None:
    text = str(n_open) if n_open < 100 else "99+"
    badge = QRectF(64 - 22 - 10 * len(text), 30, 22 + 10 * len(text), 34)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(NIGHT.over))
    painter.drawRoundedRect(badge, 12, 12)
    painter.setFont(bold(28 if len(text) < 3 else 22))
    painter.setPen(QColor(NIGHT.background))
    painter.drawText(badge, Qt.AlignmentFlag.AlignCenter, text)
