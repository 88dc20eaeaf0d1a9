"""The loosenings that wait: what each would do, when it acts, and the two buttons that decide it."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from plimsoll.bridge.limit_draft import differences
from plimsoll.bridge.resting_limit import minute_words
from plimsoll.domain.limit_change import LimitChange
from plimsoll.widgets.elided_label import ElidedLabel
from plimsoll.widgets.typeface import BODY, face

MOST_SHOWN = 4


class PendingChanges(QFrame):
    """One line each, the next to act first; hidden while nothing waits.

    Signals
    -------
    confirm_wanted(LimitChange), withdraw_wanted(LimitChange)
        A button was pressed; nothing is signed yet.
    """

    confirm_wanted = Signal(object)
    withdraw_wanted = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("surface", "notice")
        self.setAccessibleName("Changes that wait")
        self._changes: tuple[LimitChange, ...] = ()
        self._currency = ""
        self._lines: list[_Line] = []
        self._more = ElidedLabel(face(BODY), self)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(12, 4, 8, 4)
        self._column.setSpacing(3)
        self._column.addWidget(self._more)
        self.hide()

    def show_changes(self, changes: tuple[LimitChange, ...], currency: str) -> None:
        """Show what waits now."""
        if changes == self._changes and currency == self._currency:
            return
        self._changes, self._currency = changes, currency
        shown = changes[:MOST_SHOWN]
        while len(self._lines) < len(shown):
            line = _Line(self)
            line.confirm_wanted.connect(self.confirm_wanted)
            line.withdraw_wanted.connect(self.withdraw_wanted)
            self._column.insertWidget(len(self._lines), line)
            self._lines.append(line)
        for number, line in enumerate(self._lines):
            line.setVisible(number < len(shown))
            if number < len(shown):
                line.show_change(shown[number], currency)
        n_more = len(changes) - len(shown)
        self._more.say(f"and {n_more} more, see the column “Waiting change”" if n_more else "")
        self._more.setVisible(bool(n_more))
        self.setVisible(bool(changes))


class _Line(QWidget):
    """One change that waits."""

    confirm_wanted = Signal(object)
    withdraw_wanted = Signal(object)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._change: LimitChange | None = None
        self._words = ElidedLabel(face(BODY), self)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._words, 1)
        for text, signal in (("Confirm…", self.confirm_wanted), ("Withdraw…", self.withdraw_wanted)):
            button = QPushButton(text, self)
            button.setAutoDefault(False)
            button.clicked.connect(lambda _checked=False, signal=signal: signal.emit(self._change))
            row.addWidget(button)

    def show_change(self, change: LimitChange, currency: str) -> None:
        """Show a change."""
        self._change = change
        self._words.say(pending_words(change, currency))


def pending_words(change: LimitChange, currency: str) -> str:
    """Return a waiting change in a sentence: what, when, who and why."""
    limit = change.before or change.after
    name = limit.name if limit is not None else change.limit_id
    when = minute_words(change.acts_ns)
    return f"{name}: {_what(change, currency)}, at {when}, asked by {change.person}: {change.reason}"


def _what(change: LimitChange, currency: str) -> str:
    if change.after is None:
        return "removed"
    if change.before is None:
        return "added"
    found = differences(change.before, change.after, currency)
    return ", ".join(f"{caption} {old} → {new}" for caption, old, new in found)
