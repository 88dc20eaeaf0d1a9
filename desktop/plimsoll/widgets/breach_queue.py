"""The queue of breach dialogs: one a cause, one at a time, none ever taking the keyboard."""

import time
from collections import deque
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QWidget

from plimsoll.bridge.people_sign import PeopleSign, sign_of_one
from plimsoll.bridge.risk_model import RiskModel
from plimsoll.domain.breach import Breach, BreachState
from plimsoll.domain.breach_group import GRAVITY, BreachGroup, group_id_of, group_of, groups_of
from plimsoll.domain.snapshot import LimitStatus, RiskSnapshot
from plimsoll.widgets.theme import Theme

if TYPE_CHECKING:
    from plimsoll.widgets.breach_dialog import BreachDialog, History

KEPT_LATENCIES = 1000


class BreachQueue(QObject):
    """Opens a dialog for each cause of breaches; the rest wait, the gravest first, else as they came.

    Attributes
    ----------
    latencies_ms : deque of float
        From the reception of the crossing tick to the painted dialog, newest last: of each breach whose
        dialog opened or grew at once, not of those that waited behind another one.
    """

    def __init__(self, model: RiskModel, theme: Theme, window: QWidget) -> None:
        super().__init__(window)
        self._model = model
        self._theme = theme
        self._window = window
        self.latencies_ms: deque[float] = deque(maxlen=KEPT_LATENCIES)
        self._known: dict[str, dict[str, Breach]] = {}
        self._waiting: list[str] = []
        self._limits_when_raised: dict[str, tuple[LimitStatus, ...]] = {}
        self._unpainted_ns: list[int] = []
        self._dialog: BreachDialog | None = None
        self._sign = sign_of_one(model.person)
        self._history_of: History | None = None
        self._has_ended = False
        self._has_restored = False
        model.snapshot_taken.connect(self.take_restored)
        if model.snapshot is not None:
            self.take_restored(model.snapshot)
        model.breach_raised.connect(self.take_raised)
        model.breach_changed.connect(self.take_changed)

    @property
    def dialog(self) -> "BreachDialog | None":
        """The dialog that is open, or None."""
        return self._dialog

    @property
    def n_waiting(self) -> int:
        """Causes whose dialog waits behind the open one."""
        return len(self._waiting)

    @property
    def waiting(self) -> tuple[BreachGroup, ...]:
        """The causes that wait, in the order in which they will be shown."""
        return tuple(self._group(group_id) for group_id in self._waiting)

    def join(self, sign: PeopleSign) -> None:
        """Have decisions signed by these people from now on."""
        self._sign = sign
        if self._dialog is not None:
            self._dialog.foot.join(sign)

    def tell_history(self, history_of: "History") -> None:
        """Tell the history of a rule beside its breach, by whoever knows it."""
        self._history_of = history_of
        self.refresh_history()

    @Slot()
    def refresh_history(self) -> None:
        """Tell it anew in the open dialog: more is known now."""
        if self._dialog is not None and self._history_of is not None:
            self._dialog.tell_history(self._history_of)

    @Slot(object)
    def take_restored(self, snapshot: RiskSnapshot) -> None:
        """Open again what the first snapshot brings undecided from an earlier session; heard once."""
        if self._has_restored:
            return
        self._has_restored = True
        for breach in snapshot.breaches:
            self._know(breach)
        groups = [group for group in groups_of(reversed(snapshot.breaches)) if group.unanswered]
        for group in sorted(groups, key=_urgency):
            self._enqueue(group.group_id)

    @Slot(object)
    def take_raised(self, breach: Breach) -> None:
        """Open a dialog at once, add to the open one, or queue it; the limits of this instant are kept."""
        group_id = self._know(breach)
        snapshot = self._model.snapshot
        if snapshot is not None:
            self._limits_when_raised.setdefault(group_id, snapshot.limits)
        is_shown = self._enqueue(group_id, breach)
        if is_shown and breach.heard_ns:
            self._unpainted_ns.append(breach.heard_ns)

    @Slot(object)
    def take_changed(self, breach: Breach) -> None:
        """Close what is decided; open again what woke, worsened or grew louder unanswered."""
        group_id = self._know(breach)
        if breach.is_unanswered:
            self._enqueue(group_id, breach)
            if breach.escalation and self._dialog is not None and self._dialog.group_id == group_id:
                self._dialog.raise_()  # louder, but never with the keyboard
            return
        members = self._known.get(group_id, {})
        if group_id in self._waiting and not any(each.is_unanswered for each in members.values()):
            self._waiting.remove(group_id)
        if self._dialog is not None:
            if self._dialog.group_id == group_id:
                self._dialog.take_breach(breach)
            else:
                self._dialog.show_waiting(len(self._waiting))
            self._give_way()

    def open_breach(self, breach_id: str) -> None:
        """Open a breach because a person asked for it: before all others, and with the focus."""
        breach = self._model.breach(breach_id)
        if breach is None:
            return
        group_id = self._know(breach)
        if self._dialog is not None and self._dialog.group_id != group_id:
            put_back, self._dialog = self._dialog, None
            if put_back.group.unanswered:
                self._waiting.insert(0, put_back.group_id)
            put_back.close()
        self._waiting = [waiting for waiting in self._waiting if waiting != group_id]
        if self._dialog is None:
            self._show(self._group(group_id))
        if self._dialog is not None:
            self._dialog.show_breach(breach_id)
            self._dialog.activateWindow()

    def close_all(self) -> None:
        """Close the dialog and open none any more: the window goes."""
        self._has_ended = True
        self._waiting.clear()
        if self._dialog is not None:
            dialog, self._dialog = self._dialog, None
            dialog.close()

    def _know(self, breach: Breach) -> str:
        """Keep the breach with its cause; return the cause."""
        group_id = group_id_of(breach)
        members = self._known.setdefault(group_id, {})
        if breach.state is BreachState.CLOSED:
            members.pop(breach.breach_id, None)
        else:
            members[breach.breach_id] = breach
        if not members:
            del self._known[group_id]
            self._limits_when_raised.pop(group_id, None)
        return group_id

    def _group(self, group_id: str) -> BreachGroup:
        return group_of(group_id, self._known[group_id].values())

    def _enqueue(self, group_id: str, breach: Breach | None = None) -> bool:
        """Show a cause or let it wait; tell whether it stands on the screen."""
        if self._has_ended:
            return False
        if self._dialog is None:
            self._show(self._group(group_id))
            return True
        if self._dialog.group_id == group_id:
            if breach is not None:
                self._dialog.take_breach(breach)
            return True
        if group_id not in self._waiting:
            self._waiting.append(group_id)
        if len(self._waiting) > 1:
            self._waiting.sort(key=self._gravity)
        self._dialog.show_waiting(len(self._waiting))
        self._give_way()
        return False

    def _gravity(self, group_id: str) -> int:
        # Cheaper than sorting a storm's members to ask its worst.
        return min(-GRAVITY[breach.limit.severity] for breach in self._known[group_id].values())

    def _give_way(self) -> None:
        # What has eased needs nobody's decision, and must not keep what does from the screen.
        dialog = self._dialog
        if dialog is None or not self._waiting or dialog.isActiveWindow():
            return
        if dialog.may_give_way:
            dialog.close()

    def _show(self, group: BreachGroup) -> None:
        from plimsoll.widgets.breach_dialog import BreachDialog  # noqa: PLC0415  the window loads it once painted

        dialog = BreachDialog(
            self._model,
            self._theme,
            group,
            self._limits_when_raised.get(group.group_id, ()),
            self._window,
            sign=self._sign,
            history_of=self._history_of,
        )
        self._dialog = dialog
        dialog.put_aside.connect(self._show_next)
        dialog.painted.connect(self._note_painted)
        dialog.show_waiting(len(self._waiting))
        dialog.place_beside(self._window)
        dialog.show()

    @Slot()
    def _note_painted(self) -> None:
        now_ns = time.time_ns()
        self.latencies_ms.extend((now_ns - heard_ns) / 1e6 for heard_ns in self._unpainted_ns)
        self._unpainted_ns.clear()

    @Slot()
    def _show_next(self) -> None:
        if self.sender() is not self._dialog:
            return
        self._dialog = None
        self._unpainted_ns.clear()  # decided before it was painted
        while self._waiting and self._dialog is None:
            group_id = self._waiting.pop(0)
            if group_id in self._known:
                self._show(self._group(group_id))


def _urgency(group: BreachGroup) -> int:
    """Return the place of a cause in the queue: the gravest first."""
    return -GRAVITY[group.lead.limit.severity]
