"""The status strip: whose book, what it is worth, whether the feeds live, what cannot be priced."""

import math

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QMenu, QToolButton, QWidget

from plimsoll import assets
from plimsoll.bridge.risk_model import RiskModel
from plimsoll.bridge.roles import Meaning, meaning_of_sign
from plimsoll.domain.feed_status import FeedState, FeedStatus
from plimsoll.domain.snapshot import RiskSnapshot
from plimsoll.widgets import formats
from plimsoll.widgets.lamp import Lamp
from plimsoll.widgets.theme import Theme
from plimsoll.widgets.tone import TONES, ToneLabel
from plimsoll.widgets.typeface import TITLE, bold, face

FEED_MEANINGS = {
    FeedState.LIVE: Meaning.WITHIN,
    FeedState.CONNECTING: Meaning.NEAR,
    FeedState.SUBSCRIBING: Meaning.NEAR,
    FeedState.WAITING: Meaning.OVER,
    FeedState.REFUSED: Meaning.OVER,
    FeedState.STOPPED: Meaning.OVER,
    FeedState.IDLE: Meaning.UNKNOWN,
}
NARROW = 1500  # pixels below which a lamp keeps its rate and lag to its tooltip


class StatusStrip(QFrame):
    """One line over everything else.

    Signals
    -------
    doubted_wanted()
        The list of stale and unpriceable positions was asked for.
    """

    doubted_wanted = Signal()

    def __init__(self, model: RiskModel, theme: Theme, menu: QMenu, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._feeds: dict[str, Lamp] = {}
        self._statuses: dict[str, FeedStatus] = {}
        self.setProperty("surface", "strip")
        self.setAccessibleName("Status")
        self._book = ToneLabel(bold(), self)
        self._nav = ToneLabel(bold(), self, steady=True)
        self._day_pnl = ToneLabel(bold(), self, steady=True)
        self._stale = Lamp(theme, self)
        self._unpriceable = Lamp(theme, self)
        for lamp in (self._stale, self._unpriceable):
            lamp.hide()
            lamp.looked_into.connect(self.doubted_wanted)
            lamp.setToolTip("Show them in the position grid")
        self._menu_button = QToolButton(self)
        self._menu_button.setText("Menu")
        self._menu_button.setAccessibleName("Menu")
        self._menu_button.setToolTip("All actions (F10)")
        self._menu_button.setMenu(menu)
        self._menu_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._row = QHBoxLayout(self)
        self._lay_out()
        for status in model.feeds.values():
            self.show_feed(status)
        model.feed_changed.connect(self.show_feed)

    def show_snapshot(self, snapshot: RiskSnapshot) -> None:
        base = snapshot.base_currency
        self._book.say(snapshot.book_name)
        self._nav.say(formats.money(snapshot.nav, base))
        pnl = formats.money(snapshot.day_pnl, base, plus=True)
        share = formats.fraction(snapshot.day_pnl_fraction, plus=True)
        told = pnl if share == formats.UNKNOWN else f"{pnl} ({share})"
        words = f"{formats.arrow(snapshot.day_pnl)} {told}".strip()
        self._day_pnl.say(words, TONES.get(meaning_of_sign(snapshot.day_pnl), ""))
        self._day_pnl.setToolTip(f"of which currency: {formats.money(snapshot.day_pnl_fx, base, plus=True)}")
        coverage = snapshot.coverage
        self._stale.setVisible(coverage.n_stale > 0)
        self._stale.say(Meaning.STALE, "", f"{coverage.n_stale} stale")
        self._unpriceable.setVisible(coverage.n_unpriceable > 0)
        self._unpriceable.say(Meaning.OVER, "", f"{coverage.n_unpriceable} without a price")

    @Slot(object)
    def show_feed(self, status: FeedStatus) -> None:
        """Show what a connection reports; each has a lamp of its own."""
        lamp = self._feeds.get(status.name)
        if lamp is None:
            lamp = self._feeds[status.name] = Lamp(self._theme, self)
            self._feed_row.addWidget(lamp)
        self._statuses[status.name] = status
        rate = f"{formats.number(status.messages_per_s)} ticks/s"
        lag = "" if math.isnan(status.lag_ms) else f" · lag {formats.number(status.lag_ms)} ms"
        detail = rate + lag if status.state is FeedState.LIVE and self.width() >= NARROW else ""
        lamp.say(FEED_MEANINGS[status.state], feed_caption(status.name), status.state.value, detail)
        silent = ", ".join(status.silent_codes)
        lines = [f"{status.name}: {status.state.value}", f"{status.n_codes} codes · {rate}{lag}"]
        lines += [status.note] if status.note else []
        lines += [f"asked for, never heard: {silent}"] if silent else []
        lamp.setToolTip("\n".join(lines))

    def add_control(self, control: QWidget) -> None:
        """Put a control before the menu."""
        self._row.insertWidget(self._row.count() - 1, control)

    def open_menu(self) -> None:
        """Open the menu by key."""
        self._menu_button.showMenu()

    def _lay_out(self) -> None:
        row = self._row
        row.setContentsMargins(14, 5, 10, 5)
        row.setSpacing(7)
        mark = QLabel(self)
        mark.setPixmap(QIcon(str(assets.path("icons/plimsoll.svg"))).pixmap(22, 22))
        name = ToneLabel(bold(TITLE), self)
        name.say("Plimsoll")
        row.addWidget(mark)
        row.addWidget(name)
        for caption, figure in (("Book", self._book), ("NAV", self._nav), ("Day P&L", self._day_pnl)):
            row.addSpacing(12)
            label = ToneLabel(face(), self, tone="muted")
            label.say(caption)
            figure.setAccessibleDescription(caption)
            row.addWidget(label)
            figure.say(formats.UNKNOWN)
            row.addWidget(figure)
        row.addSpacing(12)
        self._feed_row = QHBoxLayout()
        self._feed_row.setSpacing(14)
        row.addLayout(self._feed_row)
        row.addSpacing(8)
        row.addWidget(self._stale)
        row.addWidget(self._unpriceable)
        row.addStretch(1)
        row.addWidget(self._menu_button)


def feed_caption(name: str) -> str:
    """Return a connection's name with a capital, as the lamp shows it."""
    return name.replace("fx", "FX", 1) if name.startswith("fx") else name[:1].upper() + name[1:]
