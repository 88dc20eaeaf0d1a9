"""The main thread's one truth: the newest snapshot, the open breaches, the feeds, and who to ask."""

import os
import time
from collections.abc import Mapping
from types import MappingProxyType

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from plimsoll.bridge.series_ring import SeriesRing
from plimsoll.domain.book_event import BookEvent
from plimsoll.domain.breach import Breach
from plimsoll.domain.decision import Decision, DecisionKind
from plimsoll.domain.desk_request import CancelAsked, DeskRequest, TradingStateAsked
from plimsoll.domain.feed_status import FeedStatus
from plimsoll.domain.proposal_request import (
    ProposalApproved,
    ProposalAsked,
    ProposalConfirmed,
    ProposalRejected,
    Quantities,
    WhatIfAsked,
)
from plimsoll.domain.proposal_standing import ProposalStanding
from plimsoll.domain.snapshot import RiskSnapshot
from plimsoll.domain.trading_state import TradingState
from plimsoll.engine.events import (
    BreachChanged,
    BreachRaised,
    DayRolled,
    DecisionRejected,
    DecisionTaken,
    LimitsChanged,
    NoticeRaised,
    OrderSaid,
    PolicyChanged,
    ProposalChanged,
    RequestRejected,
    RequestTaken,
    TradingStateChanged,
)
from plimsoll.engine.order_event import OrderChanged, OrderDenied, OrderWanted

FRAME_MS = 16
SERIES_PERIOD_NS = 100_000_000
BEAT_MISSED_NS = 2_500_000_000
SERIES_KEYS = ("nav", "high_water_mark", "drawdown", "var", "es", "gross")


class RiskModel(QObject):
    """What every view draws from and speaks to.

    Signals
    -------
    snapshot_taken(RiskSnapshot)
        At most once a frame, the newest; figures of one snapshot agree with each other.
    breach_raised(Breach), breach_changed(Breach)
        At once, each one.
    decision_taken(Decision), decision_rejected(Decision, str)
        What became of a request.
    feed_changed(FeedStatus)
        A connection has something to say.
    history_progressed(int, int, str)
        Instruments loaded, wanted, and the one being loaded.
    request_taken(DeskRequest), request_rejected(DeskRequest, str)
        What became of a request about limits or the book.
    preview_ready(BookPreview), import_previewed(ImportPreview), record_changed(BookRecord)
        What an event would change, or many together; the book after one.
    study_book_made(StudyBook)
        The book at its present prices, asked for by `study_book_asked`.
    limits_changed(tuple of Limit)
        Limits stand otherwise: all of them, as a limits file would have them.
    policy_changed(ResponsePolicy, PolicyChange or None)
        The response policy in force, and the change of it that waits.
    proposal_changed(ProposalStanding)
        A proposal was made, decided about or is outdated; `proposals` has the newest of each breach.
    what_if_answered(WhatIfAnswer)
        What a changed plan would do.
    order_changed(Order)
        An order was handed over, took a step of its life, or was denied.
    trading_state_changed(TradingState)
        Another one is in force.
    day_rolled()
        The trading day changed.
    notice_raised(str, bool)
        A sentence for the banner; whether it is an alarm.
    engine_silent_changed(bool)
        Whether the risk thread has missed its beat; then figures are grey.
    decision_made(Decision), request_made(DeskRequest), preview_asked(BookEvent), import_asked(ImportAsked),
    clock_told(MarketClock), study_book_asked(), what_if_asked(WhatIfAsked),
    scenarios_told(tuple of StressScenario), snapshot_painted(), history_cancelled()
        Requests to the workers; views call the methods instead.
    """

    snapshot_taken = Signal(object)
    breach_raised = Signal(object)
    breach_changed = Signal(object)
    decision_taken = Signal(object)
    decision_rejected = Signal(object, str)
    feed_changed = Signal(object)
    history_progressed = Signal(int, int, str)
    notice_raised = Signal(str, bool)
    engine_silent_changed = Signal(bool)
    request_taken = Signal(object)
    request_rejected = Signal(object, str)
    preview_ready = Signal(object)
    import_previewed = Signal(object)
    record_changed = Signal(object)
    proposal_changed = Signal(object)
    what_if_answered = Signal(object)
    what_if_asked = Signal(object)
    order_changed = Signal(object)
    trading_state_changed = Signal(object)
    day_rolled = Signal()
    limits_changed = Signal(object)
    policy_changed = Signal(object, object)
    decision_made = Signal(object)
    request_made = Signal(object)
    preview_asked = Signal(object)
    import_asked = Signal(object)
    clock_told = Signal(object)
    scenarios_told = Signal(object)
    study_book_asked = Signal()
    study_book_made = Signal(object)
    snapshot_painted = Signal()
    history_cancelled = Signal()

    def __init__(self, person: str, *, is_demo: bool, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.person = person
        self.is_demo = is_demo
        self.method_words = ""
        self.journal_words = ""
        self.proposals: dict[str, ProposalStanding] = {}
        self.trading_state = TradingState.ACTIVE
        self._snapshot: RiskSnapshot | None = None
        self._is_new = False
        self._has_told = False
        self._series = {key: SeriesRing() for key in SERIES_KEYS}
        self._feeds: dict[str, FeedStatus] = {}
        self._last_beat_ns = time.monotonic_ns()
        self._is_silent = False
        self._frame_timer = QTimer(self)
        self._frame_timer.setInterval(FRAME_MS)
        self._frame_timer.timeout.connect(self._begin_frame)
        self._frame_timer.start()

    @property
    def snapshot(self) -> RiskSnapshot | None:
        """The newest snapshot, or None before the first."""
        return self._snapshot

    @property
    def feeds(self) -> Mapping[str, FeedStatus]:
        """The newest word of each connection, by its name."""
        return MappingProxyType(self._feeds)

    def series(self, key: str) -> SeriesRing:
        """Return the course of a figure since the start: one of SERIES_KEYS, by exchange time."""
        return self._series[key]

    def acknowledge(self, breach_id: str, *, person: str = "") -> str:
        """Ask to acknowledge a breach, as this session's person unless told; return the decision's id."""
        return self._decide(DecisionKind.ACKNOWLEDGE, breach_id, person=person)

    def snooze(self, breach_id: str, seconds: float, *, person: str = "") -> str:
        """Ask to hide a breach's dialog for a while; return the decision's id."""
        until_ns = time.time_ns() + int(seconds * 1e9)
        return self._decide(DecisionKind.SNOOZE, breach_id, until_ns=until_ns, person=person)

    def override(
        self,
        breach_id: str,
        reason: str,
        *,
        until_ns: int = 0,
        until_value: float = float("inf"),
        person: str = "",
    ) -> str:
        """Ask that the limit may stay broken; return the decision's id.

        `until_ns` 0 asks for the default, the next day roll.
        """
        return self._decide(
            DecisionKind.OVERRIDE,
            breach_id,
            reason=reason,
            until_ns=until_ns,
            until_value=until_value,
            person=person,
        )

    def ask(self, request: DeskRequest) -> None:
        """Ask the desk to change a limit or the book."""
        self.request_made.emit(request)

    def approve(
        self,
        proposal_id: str,
        *,
        person: str = "",
        option: int = 0,
        quantities: Quantities = (),
        reason: str = "",
    ) -> str:
        """Ask to carry out a proposal, an alternative or a changed plan; return the decision's id."""
        decision_id, who = os.urandom(16).hex(), person or self.person
        self.ask(ProposalApproved(decision_id, proposal_id, who, option, quantities, reason))
        return decision_id

    def confirm(self, proposal_id: str, decision_id: str, person: str) -> None:
        """Confirm, as the second person, what the first approved under that decision."""
        self.ask(ProposalConfirmed(decision_id, proposal_id, person))

    def reject(self, proposal_id: str, person: str, reason: str) -> None:
        """Turn a proposal down; its breach stays open."""
        self.ask(ProposalRejected(os.urandom(16).hex(), proposal_id, person or self.person, reason))

    def ask_for_plan(self, breach_id: str) -> None:
        """Have a plan worked out for an open breach, again or for the first time."""
        self.ask(ProposalAsked(breach_id, self.person))

    def ask_what_if(self, asked: WhatIfAsked) -> None:
        """Ask what a changed plan would do; the answer comes by `what_if_answered`."""
        self.what_if_asked.emit(asked)

    def turn_trading(self, state: TradingState, reason: str, person: str = "") -> None:
        """Ask for another trading state."""
        self.ask(TradingStateAsked(state, person or self.person, reason))

    def cancel_orders(self, client_ids: tuple[str, ...]) -> None:
        """Ask for working orders to be cancelled."""
        self.ask(CancelAsked(client_ids, self.person))

    def ask_for_preview(self, event: BookEvent) -> None:
        """Ask what an event would change; the answer comes by `preview_ready`."""
        self.preview_asked.emit(event)

    def cancel_history(self) -> None:
        """Ask to stop loading price history; what is there stays."""
        self.history_cancelled.emit()

    @Slot(object)
    def take_snapshot(self, snapshot: RiskSnapshot) -> None:
        """Keep the newest; the views are told at once, or at the next frame if they were told in this one."""
        self._snapshot = snapshot
        self._is_new = True
        if not self._has_told:
            self._tell_the_views()

    @Slot(object)
    def take_event(self, event: object) -> None:
        """Tell what the engine says, each at once."""
        match event:
            case BreachRaised(breach=breach):
                self.breach_raised.emit(breach)
            case BreachChanged(breach=breach):
                self.breach_changed.emit(breach)
            case DecisionTaken(decision=decision):
                self.decision_taken.emit(decision)
            case DecisionRejected(decision=decision, reason=reason):
                self.decision_rejected.emit(decision, reason)
            case NoticeRaised(text=text, is_alarm=is_alarm):
                self.notice_raised.emit(text, is_alarm)
            case RequestTaken(request=request):
                self.request_taken.emit(request)
            case RequestRejected(request=request, reason=reason):
                self.request_rejected.emit(request, reason)
            case LimitsChanged(limits=limits):
                self.limits_changed.emit(limits)
            case DayRolled():
                self.day_rolled.emit()
                self.notice_raised.emit("A new trading day began; day P&L starts anew.", False)
            case _:
                self._tell_action(event)

    @Slot(object)
    def take_feed_status(self, status: FeedStatus) -> None:
        """Keep and tell what a connection reports."""
        self._feeds[status.name] = status
        self.feed_changed.emit(status)

    @Slot(str)
    def raise_alarm(self, text: str) -> None:
        """Show a sentence in the banner as an alarm."""
        self.notice_raised.emit(text, True)

    @Slot()
    def note_beat(self) -> None:
        """Hear the risk thread's beat."""
        self._last_beat_ns = time.monotonic_ns()

    def breach(self, breach_id: str) -> Breach | None:
        """Return a breach of the newest snapshot by its id."""
        if self._snapshot is None:
            return None
        return next((breach for breach in self._snapshot.breaches if breach.breach_id == breach_id), None)

    def _tell_action(self, event: object) -> None:
        match event:
            case ProposalChanged(standing=standing):
                self._keep_proposal(standing)
            case OrderSaid(said=OrderWanted() | OrderChanged() | OrderDenied() as said):
                self.order_changed.emit(said.order)
            case PolicyChanged(policy=policy, pending=pending):
                self.policy_changed.emit(policy, pending)
            case TradingStateChanged(state=state):
                self.trading_state = state
                self.trading_state_changed.emit(state)

    def _keep_proposal(self, standing: ProposalStanding) -> None:
        """Keep the newest proposal of each breach, and tell the change of any."""
        proposal = standing.proposal
        kept = self.proposals.get(proposal.breach_id)
        if kept is None or kept.proposal.made_ns <= proposal.made_ns:
            self.proposals[proposal.breach_id] = standing
        self.proposal_changed.emit(standing)

    def _decide(
        self,
        kind: DecisionKind,
        breach_id: str,
        *,
        reason: str = "",
        until_ns: int = 0,
        until_value: float = float("inf"),
        person: str = "",
    ) -> str:
        decision = Decision(
            os.urandom(16).hex(),
            kind,
            breach_id,
            person or self.person,
            reason,
            until_ns,
            until_value,
            time.time_ns(),
        )
        self.decision_made.emit(decision)
        return decision.decision_id

    @Slot()
    def _begin_frame(self) -> None:
        silent = time.monotonic_ns() - self._last_beat_ns > BEAT_MISSED_NS
        if silent != self._is_silent:
            self._is_silent = silent
            self.engine_silent_changed.emit(silent)
        if self._has_told:
            self._has_told = False
            # What the last frame told has been painted. The next snapshot is asked for now and not after
            # that paint: it would wait for this frame and be a frame old.
            self.snapshot_painted.emit()
        self._tell_the_views()

    def _tell_the_views(self) -> None:
        if not self._is_new or self._snapshot is None:
            return
        self._is_new = False
        self._has_told = True
        self._remember(self._snapshot)
        self.snapshot_taken.emit(self._snapshot)

    def _remember(self, snapshot: RiskSnapshot) -> None:
        times = self._series["nav"].times_ns
        if len(times) and snapshot.exchange_time_ns - times[-1] < SERIES_PERIOD_NS:
            return
        figures = {
            "nav": snapshot.nav,
            "high_water_mark": snapshot.high_water_mark,
            "drawdown": snapshot.drawdown,
            "var": snapshot.var,
            "es": snapshot.es,
            "gross": snapshot.leverage,
        }
        for key, value in figures.items():
            self._series[key].append(snapshot.exchange_time_ns, value)
