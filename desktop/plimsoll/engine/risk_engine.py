"""The one stateful heart: ticks, decisions and time in; events and snapshots out; `now` is an argument.

Live, in the demo and in the protocol backtest it is the same object.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from plimsoll.domain.book import Book
from plimsoll.domain.book_event import BY_ORDER, BookEvent, TradeEntered
from plimsoll.domain.book_import import ImportPreview
from plimsoll.domain.book_preview import BookPreview
from plimsoll.domain.book_record import BookRecord
from plimsoll.domain.broker_event import BrokerEvent
from plimsoll.domain.decision import Decision, DecisionKind
from plimsoll.domain.desk_request import (
    BookEventAsked,
    DeskRequest,
    LimitChangeAsked,
    LimitChangeConfirmed,
    LimitChangeWithdrawn,
)
from plimsoll.domain.errors import DecisionRefused, EventRefused, FlowRefused, UnknownInstrument
from plimsoll.domain.feed_status import MarketClock
from plimsoll.domain.kill import KillRow
from plimsoll.domain.position import Fill
from plimsoll.domain.proposal_request import WhatIfAsked
from plimsoll.domain.session import SessionTable
from plimsoll.domain.snapshot import RiskSnapshot
from plimsoll.domain.stress_scenario import StressScenario
from plimsoll.domain.tick import TICK_DTYPE, TickBatch
from plimsoll.engine.action_desk import ROW_KINDS as ACTION_ROWS
from plimsoll.engine.action_desk import ActionDesk
from plimsoll.engine.book_entry import BOOK_EVENT, entry_body
from plimsoll.engine.book_keeper import BookKeeper
from plimsoll.engine.book_path import BookPath
from plimsoll.engine.day_course import DayCourse
from plimsoll.engine.desk_rules import DeskRules
from plimsoll.engine.events import (
    DayRolled,
    DecisionRejected,
    DecisionTaken,
    Event,
    LimitsChanged,
    NoticeRaised,
    ProposalChanged,
    RequestRejected,
    RequestTaken,
)
from plimsoll.engine.evidence import EvidenceBook
from plimsoll.engine.figure_record import DAY_FIGURES, body_of_figures, figures_of
from plimsoll.engine.import_preview import ImportAsked
from plimsoll.engine.instant import Instant
from plimsoll.engine.limit_keeper import ROW_KINDS as LIMIT_ROWS
from plimsoll.engine.limit_keeper import LimitKeeper, LimitRequest
from plimsoll.engine.limit_watch import LimitWatch
from plimsoll.engine.mark_note import MarkNote
from plimsoll.engine.measurement import Measurement, groups_of
from plimsoll.engine.measurer import Measurer
from plimsoll.engine.order_keeper import OrderKeeper
from plimsoll.engine.plan_job import PlanMade
from plimsoll.engine.ports import Journal, JournalUnavailable, TickArchive
from plimsoll.engine.restoration import Restored, fingerprint, restored_from
from plimsoll.engine.scenario_risk import ScenarioRisk
from plimsoll.engine.scenario_window import PriceWindow
from plimsoll.engine.second_hand import SecondHand
from plimsoll.engine.sight import Sight
from plimsoll.engine.snapshot_maker import SnapshotMaker
from plimsoll.engine.study_book import StudyBook, study_book
from plimsoll.engine.tick_gate import TickGate
from plimsoll.engine.trust_watch import TrustWatch
from plimsoll.engine.universe import Universe

FloatArray = NDArray[np.float64]


class RiskEngine:
    """Follows a book through ticks and keeps every figure and limit on it.

    Attributes
    ----------
    book : Book
        As it stands.
    universe : Universe
        The instruments by number; the feed's numbering is the same.
    """

    def __init__(
        self, book: Book, universe: Universe, rules: DeskRules, journal: Journal, archive: TickArchive
    ) -> None:
        self.book = book
        self.universe = universe
        self.rules = rules
        self._journal = journal
        self._archive = archive
        self._path = BookPath(universe, book, rules.method)
        self._board, self._ledger = self._path.board, self._path.ledger
        self._equity, self._day = self._path.equity, self._path.day
        self._risk = ScenarioRisk(universe, rules.method)
        held_codes = universe.codes[: universe.n_held]
        groups = groups_of(universe)
        self._limits = LimitKeeper(rules.limits, rules.people, self._append)
        self._watch = LimitWatch(rules.limits, groups, journal, rules.people)
        self._evidence = EvidenceBook(held_codes, rules.limits)
        self._snapshots = SnapshotMaker(universe, groups, rules)
        self._second = SecondHand(universe, groups, rules, self._path, self._risk)
        self._gate = TickGate(universe, self._board, rules.print_rule)
        self._measurer = Measurer(universe, self._path, self._risk, self._gate, rules)
        self._course = DayCourse(universe, self._path, rules.day_roll)
        self._books = BookKeeper(book, universe, self._path, self._course, self._gate)
        self._sight = Sight(universe, rules, self._path, self._risk, self._gate, self._second, book)
        orders = OrderKeeper(journal, self._sight, self.take_fill, lambda: self._books.record.event_ids)
        self._actions = ActionDesk(universe, groups, rules, self._sight, orders, self._append, self._alarm)
        self._measured: Measurement | None = None
        self._newest_batch = TickBatch(np.empty(0, dtype=TICK_DTYPE))
        self._restored = Restored(book)
        self._refused_of_file: list[str] = []
        self._overrides_are_due = False
        self._begun: list[Event] = []
        self._trust = TrustWatch()
        self._mark_note = MarkNote(self._path, held_codes, self._append)
        self._journal_is_down = False
        self._archive_is_down = False

    def restore(self, now_ns: int) -> None:
        """Rebuild book, breaches, decisions, high-water mark and the day's anchor from the journal.

        Fills and flows are replayed only onto the book they were made on: another positions file starts anew.

        Raises
        ------
        JournalUnavailable
            If it cannot be read, or a new book not be noted in it.
        """
        restored = restored_from(self._journal, self.book, self.universe)
        for row in self._journal.rows(LIMIT_ROWS):
            self._limits.restore(row.kind, row.body)
        for kind, body in restored.breach_rows:
            self._watch.restore(kind, body)
        for row in self._journal.rows(ACTION_ROWS):
            self._actions.restore(row.kind, row.body)
        if restored.is_new_book:
            body = {"fingerprint": fingerprint(self.book), "name": self.book.name}
            restored.book_row = self._append("book", body, now_ns)
        self._restored = restored
        self._path.take_up(restored.high_water_mark, restored.unpriced, restored.anchors)
        self._books.record = restored.record
        self._path.hold(restored.book)
        self._hold(restored.book)
        self._day.open_with(restored.book)
        self._refused_of_file = self._limits.begin(now_ns)
        self._use_limits()

    def apply(self, batch: TickBatch, now_ns: int, *, at_once: bool = True) -> list[Event]:
        """Take a batch of ticks in the order applied; every one of them is seen.

        Unless `at_once`, figures that change slowly stand still: no tick waits for them, but `pursue` must be
        called when none is waiting.
        """
        rows, events = self._gate.admit(batch.rows, now_ns)
        self._newest_batch = batch
        self._measurer.market.take_depth(batch.depths)
        self._measurer.note_ticks(batch.rows)
        events += self._take_ticks(rows, now_ns)
        events += self._judge(now_ns, heard_ns=_heard(rows), at_once=at_once)
        return self._followed(events, now_ns)

    def pursue(self, now_ns: int) -> None:
        """Work on what changes slowly for a few milliseconds: the market's figures, then the second's."""
        if self._measured is not None and not self._measurer.pursue(self._measured, now_ns):
            self._second.go(self._measured, self._watch, self._instant(now_ns), self._course.next_roll_ns)

    def beat(self, now_ns: int) -> list[Event]:
        """Let time pass: quotes lapse, prices turn stale, held prints are believed, snoozes end."""
        events, self._begun = self._begun + self._kept(self._archive.flush), []
        self._path.lapse(now_ns)
        events += self._follow_limits(now_ns)
        rows, told = self._gate.release(now_ns)
        events += told + self._take_ticks(rows, now_ns) + self._gate.look_for_halts(now_ns)
        events += self._judge(now_ns, heard_ns=_heard(rows)) + self._tell_of_trust(now_ns)
        events = self._followed(events, now_ns)
        self._measurer.mismatch_count = self._actions.mismatch_count(now_ns)
        return events + self._actions.beat(self._instant(now_ns))

    def decide(self, decision: Decision, now_ns: int) -> list[Event]:
        """Carry out a person's decision, or say why not."""
        try:
            events = self._watch.decide(decision, self._instant(now_ns))
        except DecisionRefused as refusal:
            return [DecisionRejected(decision, str(refusal))]
        except JournalUnavailable as failure:
            why = "a decision about its breach could not be written"
            self._actions.distrust_countdowns(why, decision.breach_id)
            return [DecisionRejected(decision, f"the journal could not be written: {failure}")]
        return self._followed([DecisionTaken(decision), *events], now_ns)

    def ask(self, request: DeskRequest, now_ns: int) -> list[Event]:
        """Carry out what a person asks of the desk, or say why not."""
        try:
            match request:
                case BookEventAsked(event=event):
                    before = self.book
                    self.take_event(event, now_ns)
                    moved = self._books.moved(event.event_id, before, self.book)
                    return [RequestTaken(request), *([moved] if moved.moved else [])]
                case LimitChangeAsked() | LimitChangeConfirmed() | LimitChangeWithdrawn():
                    return self._change_limits(request, now_ns)
                case _:
                    events = self._actions.ask(request, self._instant(now_ns))
                    return [RequestTaken(request), *events, *self._acknowledged(events, now_ns)]
        except (DecisionRefused, EventRefused, UnknownInstrument) as refusal:
            return [RequestRejected(request, str(refusal))]
        except JournalUnavailable as failure:
            return [RequestRejected(request, f"the journal could not be written: {failure}")]

    def what_if(self, asked: WhatIfAsked, now_ns: int) -> list[Event]:
        """Return the job that answers what a changed plan would do."""
        return self._actions.what_if(asked, self._instant(now_ns))

    def take_plan(self, made: PlanMade, now_ns: int) -> list[Event]:
        """Take the plan that a PlanWanted asked for."""
        return self._actions.take_plan(made, self._instant(now_ns))

    def take_broker(self, said: BrokerEvent | KillRow, now_ns: int) -> list[Event]:
        """Take a word of the broker, or a step of a kill."""
        return self._actions.take_broker(said, self._instant(now_ns))

    def note_gap(self) -> None:
        """Hear that the clock jumped, or that nothing ran for a while: what counts down begins anew."""
        self._actions.distrust_countdowns("the desk stood still while it counted down")

    def resume_actions(self, kill_rows: Iterable[KillRow], now_ns: int) -> None:
        """Go on with what an earlier session left under way, once, after `restore`; the first beat tells it.

        Raises
        ------
        JournalUnavailable
            If a row could not be written.
        """
        entered = [each for each in self._restored.changes if each.entry.event.source != BY_ORDER]
        moved = [self._books.moved(each.entry.event.event_id, each.before, each.after) for each in entered]
        events = self._actions.resume(kill_rows, self._watch.breaches, self._instant(now_ns))
        limits = LimitsChanged(self._limits.written(now_ns))  # those of no file too: temporary, scheduled
        self._begun = [limits, *(each for each in moved if each.moved), *events]

    def take_event(self, event: BookEvent, now_ns: int) -> None:
        """Change the book by an event: the one path, journalled first.

        Raises
        ------
        EventRefused, UnknownInstrument, JournalUnavailable
            Nothing has changed then.
        """
        planned = self._books.plan(event)
        is_waiting = self._restored.high_water_mark is not None and not self._equity.has_begun
        if planned.entry.is_flow and is_waiting:
            raise FlowRefused("the worth of the book is not known yet: wait for its prices")
        self._append(BOOK_EVENT, entry_body(planned.entry), now_ns, event.person)
        self._books.take(planned)
        self._hold(planned.after.book)

    def take_fill(self, fill: Fill, now_ns: int) -> None:
        """Change the book by a fill of an order.

        Raises
        ------
        EventRefused, UnknownInstrument, JournalUnavailable
            Nothing has changed then.
        """
        trade = TradeEntered(
            event_id=fill.fill_id,
            code=fill.code,
            quantity=fill.quantity,
            price=fill.price,
            fee=fill.fee,
            time_ns=fill.exchange_time_ns,
            source=BY_ORDER,
        )
        self.take_event(trade, now_ns)

    def preview_event(self, event: BookEvent) -> BookPreview:
        """Return the figures an event would change, or why it would be refused."""
        return self._books.preview(event)

    def preview_events(self, asked: ImportAsked) -> ImportPreview:
        """Return what many events would do together, each on what the ones before it leave."""
        return self._books.preview_all(asked)

    def study_book(self) -> StudyBook:
        """Return the book at its present prices, copied, for studies elsewhere."""
        return study_book(self.universe, self._ledger, self._board.mark)

    @property
    def record(self) -> BookRecord:
        """The file's book and everything entered into it."""
        return self._books.record

    @property
    def book_row(self) -> int:
        """Number of the journal's row that began this book: what tells its accounts from another book's."""
        return self._restored.book_row

    def use_window(self, window: PriceWindow) -> None:
        """Take price history; VaR, ES and the references of the day rest on it from now on."""
        self._risk.use_window(window)
        self._measurer.market.use_window(window)
        self._second.use_window(window)
        if not window.n_scenarios:
            return
        closes = {
            number: float(close) for number, close in enumerate(window.closes[-1]) if np.isfinite(close)
        }
        self._day.learn({number: close for number, close in closes.items() if number not in window.stale})
        self._gate.believe(closes)
        self._path.enter(closes)
        self._measured = None

    def use_scenarios(self, scenarios: tuple[StressScenario, ...]) -> None:
        """Reprice the book under these scenarios from now on; a limit on one that is gone is unknown."""
        self.rules = replace(self.rules, scenarios=scenarios)
        self._measurer.take_scenarios(scenarios)
        self._snapshots.take_rules(self.rules)
        self._actions.take_scenarios(scenarios)

    def use_sessions(self, table: SessionTable) -> None:
        """Take when the markets are open: silence in a closed one is no staleness."""
        self._gate.sessions.use(table)
        self._sight.use_sessions(table)

    def follow_clock(self, clock: MarketClock) -> None:
        """Take how exchange time maps to the desk's clock: live they are the same, a replay runs faster."""
        self._gate.sessions.follow_clock(clock)
        self._measurer.follow_clock(clock)

    def note_history(self, loaded: int, wanted: int) -> None:
        """Note how far the loading of price history has come."""
        self._risk.loaded, self._risk.wanted = loaded, wanted

    def snapshot(self, now_ns: int) -> RiskSnapshot:
        """Return every figure of this instant; they agree with each other."""
        if self._measured is None:  # nothing judged yet, or the book has changed since
            self._measured = self._measurer.measure(now_ns)
            self._watch.read(self._measured)
        return self._snapshots.take(
            measured=self._measured,
            book=self.book,
            ledger=self._ledger,
            board=self._board,
            day=self._day,
            equity=self._equity,
            risk=self._risk,
            watch=self._watch,
            counts=self._gate.counted(self._newest_batch),
            instant=self._instant(now_ns),
            n_journal_rows=self._journal.n_rows,
            slow=self._second.figures,
            held_prints=self._gate.held,
            pending_changes=self._limits.pending,
        )

    def _change_limits(self, request: LimitRequest, now_ns: int) -> list[Event]:
        self._limits.take(request, now_ns)
        self._use_limits()
        return [RequestTaken(request), LimitsChanged(self._limits.written(now_ns))]

    def _instant(self, now_ns: int) -> Instant:
        return Instant(self._path.exchange_ns, now_ns)

    def _followed(self, events: list[Event], now_ns: int) -> list[Event]:
        """Return events and what follows from them for those who act."""
        return events + self._actions.follow(events, self._instant(now_ns)) if events else events

    def _acknowledged(self, events: list[Event], now_ns: int) -> list[Event]:
        """Let who approved a plan also have acknowledged its breach, where nobody has."""
        newest = {
            event.standing.proposal.proposal_id: event.standing
            for event in events
            if isinstance(event, ProposalChanged)
        }
        told: list[Event] = []
        for standing in newest.values():
            if not standing.state.was_executed or not standing.person:
                continue
            decision = Decision(
                f"{standing.decision_id}-seen",
                DecisionKind.ACKNOWLEDGE,
                standing.proposal.breach_id,
                standing.person,
                decided_ns=now_ns,
            )
            heard = self.decide(decision, now_ns)
            told += heard if isinstance(heard[0], DecisionTaken) else []
        return told

    def _follow_limits(self, now_ns: int) -> list[Event]:
        """Let loosenings act and temporary limits begin and end."""
        told: list[Event] = [
            NoticeRaised(f"A change of the limits file was refused: {words}.", is_alarm=True)
            for words in self._refused_of_file
        ]
        self._refused_of_file = []
        try:
            due = self._limits.follow(now_ns)
        except JournalUnavailable as failure:
            return told + self._alarm(failure)
        if self._limits.limits is not self._watch.limits:
            self._use_limits()
        if due:
            names = ", ".join(change.limit_id for change in due)
            told.append(NoticeRaised(f"What was loosened acts from now on: {names}."))
            told.append(LimitsChanged(self._limits.written(now_ns)))
        return told

    def _tell_of_trust(self, now_ns: int) -> list[Event]:
        """Tell when prices no longer vouch for the book, or do so again; in the journal first."""
        notice = self._trust.notice(self._measured, now_ns) if self._measured is not None else None
        if notice is None:
            return []
        try:
            self._append("notice", {"text": notice.text, "is_alarm": notice.is_alarm}, now_ns)
        except JournalUnavailable as failure:
            return [notice, *self._alarm(failure)]
        return [notice]

    def _use_limits(self) -> None:
        """Let everything that judges or draws take the limits in force."""
        limits = self._limits.limits
        self._watch.take_limits(limits)
        self._evidence.take_limits(limits)
        self._measurer.take_limits(limits)
        self._snapshots.take_limits(limits)
        self._actions.take_limits(limits)
        self._measured = None

    def _take_ticks(self, rows: NDArray[np.void], now_ns: int) -> list[Event]:
        """Keep and apply what passed the gate, day by day."""
        if not len(rows):
            return []
        events = self._kept(lambda: self._archive.append(rows))
        if not self._course.next_roll_ns:
            first_ns = int(rows["exchange_time_ns"][0])
            self._overrides_are_due = self._course.begin(first_ns, self._restored)
        for number, part in enumerate(self._course.split_at_rolls(rows)):
            if number:  # the day's last extremes are judged by its own anchor
                events += self._judge(now_ns, heard_ns=_heard(rows))
            events += self._roll_if_due(int(part["exchange_time_ns"][0]), now_ns)
            self._path.follow(part, now_ns)
        return events

    def _roll_if_due(self, exchange_ns: int, now_ns: int) -> list[Event]:
        if not self._course.is_over(exchange_ns):
            return []
        day, row = self._course.end_row(exchange_ns)
        nav = self._ledger.nav()
        try:
            self._append(DAY_FIGURES, body_of_figures(figures_of(self.snapshot(now_ns))), now_ns)
            self._append("day_roll", row, now_ns)
        except JournalUnavailable as failure:
            return self._alarm(failure)  # the old day goes on until the roll can be written
        self._course.begin_next(exchange_ns, self.book)
        self._risk.finish_day(day, self._board.mark)
        self._overrides_are_due = True
        return [DayRolled(exchange_ns, nav)]

    def _judge(self, now_ns: int, *, heard_ns: int, at_once: bool = True) -> list[Event]:
        """Measure and judge; `heard_ns` is when the oldest tick judged was received, 0 of none."""
        measured = self._measurer.measure(now_ns, at_once=at_once)
        self._measured = self._sight.measured = measured
        instant = Instant(self._path.exchange_ns, now_ns, heard_ns)
        n_held = self.universe.n_held
        marks = self._board.mark[:n_held]
        with np.errstate(divide="ignore", invalid="ignore"):
            day_change = marks / self._day.mark[:n_held] - 1.0
        if measured.position_day_pnl is not None and measured.es_contribution is not None:
            self._evidence.note_figures(
                measured, measured.position_day_pnl, day_change, measured.es_contribution
            )
        self._watch.read(measured)
        if at_once:
            self._second.go(measured, self._watch, instant, self._course.next_roll_ns)
        events: list[Event] = []
        try:
            self._mark_note.write(self._limits.limits, now_ns)
            if self._overrides_are_due:
                self._watch.day_rolled(instant, events.append)
                self._overrides_are_due = False
            self._watch.judge(instant, self._evidence, events.append, has_ticks=heard_ns > 0)
        except JournalUnavailable as failure:
            # The extremes stay until they can be judged: their breach is raised once rows can be written.
            events += self._alarm(failure)
        else:
            self._journal_is_down &= not events
            self._path.settle(measured.nav)
        self._evidence.note_course(self._path.exchange_ns, now_ns, self._watch.limits, self._watch.readings)
        return events

    def _hold(self, book: Book) -> None:
        """Take another state of the same book into every array."""
        self.book = self._sight.book = book
        self._sight.measured = None  # of the book before: nothing is planned or approved on it
        self._mark_note.forget()
        self._measured = None

    def _append(self, kind: str, body: Mapping[str, object], now_ns: int, person: str = "") -> int:
        number = self._journal.append(
            kind,
            body,
            exchange_time_ns=self._path.exchange_ns,
            received_time_ns=now_ns,
            person=person,
        )
        self._journal_is_down = False
        return number

    def _kept(self, keep: Callable[[], None]) -> list[Event]:
        """Keep ticks; a full disk is told once and stops no figure."""
        try:
            keep()
        except OSError as failure:
            if self._archive_is_down:
                return []
            self._archive_is_down = True
            text = f"Ticks can no longer be kept ({failure}): forensics will miss them; figures go on."
            return [NoticeRaised(text, is_alarm=True)]
        self._archive_is_down = False
        return []

    def _alarm(self, failure: JournalUnavailable) -> list[Event]:
        """Return one notice each time the journal fails, not one a batch while it stays so."""
        if self._journal_is_down:
            return []
        self._journal_is_down = True
        text = (
            f"The journal cannot be written ({failure}): breaches are not recorded, nothing may be decided."
        )
        return [NoticeRaised(text, is_alarm=True)]


def _heard(rows: NDArray[np.void]) -> int:
    """Return when the oldest of some ticks was received; 0 of none."""
    return int(rows["received_time_ns"].min()) if len(rows) else 0
