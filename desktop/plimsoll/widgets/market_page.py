"""A page of slow figures: asleep while nobody looks, honest while there is nothing, grey when old."""

from PySide6.QtCore import Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QStackedLayout, QVBoxLayout, QWidget

from plimsoll.domain.snapshot import RiskSnapshot
from plimsoll.domain.units import NS_PER_S
from plimsoll.widgets import formats
from plimsoll.widgets.elided_label import ElidedLabel
from plimsoll.widgets.empty_state import EmptyState
from plimsoll.widgets.theme import Theme
from plimsoll.widgets.typeface import SMALL, face

STALE_AFTER_S = 5.0
"""Market figures are worked out once a second; five rounds missed are no hiccup."""


class MarketPage(QFrame):
    """What the pages have in common; a subclass says why it is empty, draws, and names its convention.

    Attributes
    ----------
    body : QVBoxLayout
        Where a subclass puts what it draws in.
    foot : ElidedLabel
        The convention in words, after the age where the figures are old.
    """

    def __init__(self, theme: Theme, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.is_old = False
        self._snapshot: RiskSnapshot | None = None
        self._is_silent = False
        self.setAccessibleName(name)
        self._empty = EmptyState(self)
        self._empty.show_words("No figures yet.", "")
        self._full = QWidget(self)
        self.body = QVBoxLayout(self._full)
        self.body.setContentsMargins(0, 2, 0, 0)
        self.body.setSpacing(0)
        self.foot = ElidedLabel(face(SMALL), self)
        self.foot.setProperty("tone", "muted")
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self._full)

    def finish(self) -> None:
        """Put the foot under what the subclass has laid out."""
        row = QHBoxLayout()
        row.setContentsMargins(14, 3, 14, 4)
        row.addWidget(self.foot)
        self.body.addLayout(row)

    @Slot(object)
    def show_snapshot(self, snapshot: RiskSnapshot) -> None:
        """Show the page's part of a snapshot; while the page is out of sight, keep it."""
        self._snapshot = snapshot
        if self.isVisible():
            self._show_kept()

    @Slot(bool)
    def grey_out(self, silent: bool) -> None:  # noqa: FBT001  a slot of engine_silent_changed(bool)
        """Show that the figures stand still."""
        self._is_silent = silent
        if self.isVisible():
            self._show_kept()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._show_kept()

    def why_empty(self, snapshot: RiskSnapshot) -> str:
        """Return why there is nothing to draw; empty where there is."""
        raise NotImplementedError

    def draw(self, snapshot: RiskSnapshot) -> None:
        """Draw the page's part of a snapshot."""
        raise NotImplementedError

    def words(self, snapshot: RiskSnapshot) -> str:
        """Return the convention in words."""
        raise NotImplementedError

    def dim(self, is_dim: bool) -> None:  # noqa: FBT001  says what it is by its name
        """Grey what is drawn, or not."""
        raise NotImplementedError

    def age_s(self, snapshot: RiskSnapshot) -> float:
        """Return how old the figures are, by the desk's clock; what was never measured is not old."""
        if not snapshot.market.as_of_ns:
            return 0.0
        return max(snapshot.received_time_ns - snapshot.market.as_of_ns, 0) / NS_PER_S

    def _show_kept(self) -> None:
        snapshot = self._snapshot
        if snapshot is None:
            return
        why_empty = self.why_empty(snapshot)
        if why_empty:
            self._empty.show_words(why_empty, "")
            self.setAccessibleDescription(why_empty)
            self._stack.setCurrentWidget(self._empty)
            return
        age_s = self.age_s(snapshot)
        self.is_old = self._is_silent or age_s > STALE_AFTER_S
        self.dim(self.is_old)
        self.draw(snapshot)
        words = self.words(snapshot)
        if self._is_silent:
            words = f"the engine is silent; {words}"
        elif self.is_old:
            # Whole seconds: tenths would write the line anew with every snapshot.
            words = f"stale, {formats.age(float(int(age_s)))} old; {words}"
        self.foot.say(words)
        if self.accessibleDescription() != words:
            self.setAccessibleDescription(words)
        self._stack.setCurrentWidget(self._full)


def known(text: str) -> str:
    """Return a written figure; the word where tables write a dash: here is the room for it."""
    return "unknown" if text == formats.UNKNOWN else text


def market_is_of_book(n_held: int, snapshot: RiskSnapshot) -> bool:
    """Tell whether a column of held positions belongs to the book of the snapshot."""
    return n_held == len(snapshot.table)
