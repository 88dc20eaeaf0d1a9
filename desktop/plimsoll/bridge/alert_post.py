"""Leads breaches to the channels: one message a cause and level, and no failure unsaid."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from plimsoll.bridge.risk_model import RiskModel
from plimsoll.domain.breach import Breach, BreachState
from plimsoll.domain.breach_group import group_id_of
from plimsoll.notify.alert import Alert, alert_about, trial_alert
from plimsoll.notify.alert_settings import Route
from plimsoll.notify.cause_group import GATHER_NS, CauseGroups
from plimsoll.notify.channel import Channel
from plimsoll.notify.outbox import STOP_DEADLINE_S, Outbox, Receipt, ReceiptState

_GATHER_MS = GATHER_NS // 1_000_000


@dataclass(frozen=True, slots=True)
class RoutedChannel:
    """A channel and which alerts it carries."""

    channel: Channel
    route: Route


class AlertPost(QObject):
    """The outboxes of a session, on the main thread; each sends on a thread of its own.

    Signals
    -------
    settled(Receipt)
        What became of an alert on a channel, by the outbox's thread.
    told(str, bool)
        A sentence about it for the centre, and whether it is an alarm.
    """

    settled = Signal(object)
    told = Signal(str, bool)

    def __init__(
        self,
        model: RiskModel,
        channels: Sequence[RoutedChannel],
        *,
        source: str,
        now_ns: Callable[[], int] = time.time_ns,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._model = model
        self._source = source
        self._now_ns = now_ns
        self._groups = CauseGroups(gather_ns=0)
        self._routes = tuple(routed.route for routed in channels)
        self._outboxes = tuple(Outbox(routed.channel, self.settled.emit) for routed in channels)
        self._gathering = QTimer(self)
        self._gathering.setSingleShot(True)
        self._gathering.setInterval(_GATHER_MS)
        self._gathering.timeout.connect(self.send_gathered)
        self.settled.connect(self._tell)
        model.breach_raised.connect(self.take_breach)
        model.breach_changed.connect(self.take_change)

    @property
    def names(self) -> tuple[str, ...]:
        """The channels."""
        return tuple(outbox.name for outbox in self._outboxes)

    def start(self) -> None:
        """Start the threads."""
        for outbox in self._outboxes:
            outbox.start()

    def stop(self, deadline_s: float = STOP_DEADLINE_S) -> bool:
        """Send what is gathered, stop the threads, and tell whether all ended in time."""
        self.send_gathered()
        endings = [outbox.stop(deadline_s) for outbox in self._outboxes]
        return all(endings)

    @Slot(object)
    def take_breach(self, breach: Breach) -> None:
        """Gather a breach with its cause; what comes within a second is one message."""
        self._groups.add(group_id_of(breach), breach.escalation, breach, self._now_ns())
        if not self._gathering.isActive():
            self._gathering.start()

    @Slot(object)
    def take_change(self, breach: Breach) -> None:
        """Send again, and further, what nobody has answered."""
        if breach.state is BreachState.ESCALATED:
            self.take_breach(breach)

    @Slot()
    def send_gathered(self) -> None:
        """Put each cause that is due into the outboxes of its routes."""
        snapshot = self._model.snapshot
        currency = snapshot.base_currency if snapshot is not None else ""
        for group in self._groups.take_due(self._now_ns()):
            alert = alert_about(
                group.breaches,
                cause_id=group.cause_id,
                level=group.level,
                currency=currency,
                source=self._source,
            )
            self._put(alert)

    @Slot()
    def send_trial(self) -> None:
        """Send a test alert by every channel, whatever its route."""
        alert = trial_alert(person=self._model.person, now_ns=self._now_ns(), source=self._source)
        if not self._outboxes:
            self.told.emit("No e-mail and no webhook is set up: see [alerts] in the settings file.", False)
        for outbox in self._outboxes:
            outbox.put(alert)

    def _put(self, alert: Alert) -> None:
        for outbox, route in zip(self._outboxes, self._routes, strict=True):
            if route.takes(alert.severity, alert.level):
                outbox.put(alert)

    @Slot(object)
    def _tell(self, receipt: Receipt) -> None:
        """Say what matters: each end that is not well, the first trouble, and every answer to a test."""
        what = "test alert" if receipt.alert.is_test else f"alert {receipt.alert.alert_id}"
        if receipt.state is ReceiptState.SENT:
            if receipt.alert.is_test or receipt.n_tries > 1:
                self.told.emit(f"The {what} went out by {receipt.channel}: {receipt.words}.", False)
            return
        is_alarm = receipt.is_final and not receipt.alert.is_test
        if receipt.is_final or receipt.n_tries == 1:
            self.told.emit(f"The {what} did not go out by {receipt.channel}: {receipt.words}.", is_alarm)
