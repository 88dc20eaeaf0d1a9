"""What the alert centre shows: the history of earlier sessions and everything heard in this one."""

import time
from collections.abc import Callable, Iterable
from dataclasses import replace

from PySide6.QtCore import QObject, Signal, Slot

from plimsoll.bridge.alert_entry import (
    AlertEntry,
    entry_of_breach,
    entry_of_decision,
    entry_of_notice,
)
from plimsoll.bridge.risk_model import RiskModel
from plimsoll.domain.breach import Breach
from plimsoll.domain.decision import Decision
from plimsoll.domain.snapshot import RiskSnapshot

MOST_EVENTS = 50_000
"""Lines of history held; older ones stand in the journal."""


class AlertBook(QObject):
    """Keeps the lines; views ask for them.

    Signals
    -------
    history_grew(int)
        So many lines were added at the end.
    history_changed()
        Lines came before the others or are others now.
    """

    history_grew = Signal(int)
    history_changed = Signal()

    def __init__(
        self,
        model: RiskModel,
        *,
        now_ns: Callable[[], int] = time.time_ns,
        most_events: int = MOST_EVENTS,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._now_ns = now_ns
        self._most_events = most_events
        self._began_ns = now_ns()
        self._history: list[AlertEntry] = []
        self._newest: dict[str, AlertEntry] = {}
        self._unfiled: set[str] = set()
        self._standing: dict[str, tuple[Breach, AlertEntry]] = {}
        self.currency = ""
        model.breach_raised.connect(self.take_breach)
        model.breach_changed.connect(self.take_breach)
        model.decision_taken.connect(self.take_decision)
        model.notice_raised.connect(self.take_notice)

    @property
    def history(self) -> list[AlertEntry]:
        """Every line, oldest first; not to be changed."""
        return self._history

    @property
    def n_unfiled(self) -> int:
        """Incidents that are over and lack their cause and resolution."""
        return len(self._unfiled)

    def standing(self, snapshot: RiskSnapshot) -> list[AlertEntry]:
        """Return the breaches that are not closed, as the snapshot has them."""
        self.currency = snapshot.base_currency
        before, self._standing = self._standing, {}
        for breach in snapshot.breaches:
            kept = before.get(breach.breach_id)
            if kept is None or kept[0] is not breach:
                kept = breach, entry_of_breach(breach, breach.raised_received_ns, self.currency)
            self._standing[breach.breach_id] = kept
        return [entry for _, entry in self._standing.values()]

    @Slot(object)
    def take_history(self, entries: Iterable[AlertEntry]) -> None:
        """Put what the journal holds from before this session in front; once.

        Rows become entries by `entries_of_rows` on the thread that reads them: here it would cost frames.
        """
        earlier = [entry for entry in entries if entry.time_ns < self._began_ns]
        heard, self._history = self._history, []
        self._unfiled.clear()
        for entry in (*earlier, *heard):
            self._keep(entry)
        self.history_changed.emit()

    @Slot(object)
    def take_breach(self, breach: Breach) -> None:
        self._add(entry_of_breach(breach, self._now_ns(), self.currency))

    @Slot(object)
    def take_decision(self, decision: Decision) -> None:
        self._add(entry_of_decision(decision, self._newest.get(decision.breach_id), self._now_ns()))

    @Slot(str, bool)
    def take_notice(self, text: str, is_alarm: bool) -> None:  # noqa: FBT001  a slot of notice_raised(str, bool)
        self._add(entry_of_notice(text, self._now_ns(), is_alarm=is_alarm))

    def _add(self, entry: AlertEntry) -> None:
        n_before = len(self._history)
        if self._keep(entry) or len(self._history) != n_before + 1:
            self.history_changed.emit()
        else:
            self.history_grew.emit(1)

    def _keep(self, entry: AlertEntry) -> bool:
        """Append a line; tell whether an earlier one changed by it."""
        self._history.append(entry)
        if len(self._history) > self._most_events:
            del self._history[: self._most_events // 10]
        if not entry.breach_id or entry.severity is None:
            return False
        self._newest[entry.breach_id] = entry
        if entry.is_unfiled:
            self._unfiled.add(entry.breach_id)
            return False
        if entry.breach_id not in self._unfiled or entry.state == "decision":
            return False
        self._unfiled.discard(entry.breach_id)
        for place, earlier in enumerate(self._history):
            if earlier.breach_id == entry.breach_id and earlier.is_unfiled:
                self._history[place] = replace(earlier, is_unfiled=False)
        return True
