"""The one stateful heart: ticks, decisions and time in; events and snapshots out; `now` is an argument.

Live, in the demo and in the protocol backtest it is the same object.
"""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from plimsoll.domain.book import Book
from plimsoll.domain.book_event import BookEvent
from plimsoll.domain.book_import import ImportPreview
from plimsoll.domain.book_preview import BookPreview
from plimsoll.domain.book_record import BookRecord
from plimsoll.domain.broker_event import BrokerEvent
from plimsoll.domain.decision import Decision
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
from plimsoll.engine.action_desk import ActionDesk, acknowledgements_of
from plimsoll.engine.book_entry import BOOK_EVENT, entry_body
from plimsoll.engine.book_keeper import BookKeeper, holdings_moved, moved_by_hand, trade_of
from plimsoll.engine.book_path import BookPath
from plimsoll.engine.day_course import DayCourse
from plimsoll.engine.desk_memory import DeskMemory
from plimsoll.engine.desk_rules import DeskRules
from plimsoll.engine.events import (
    DayRolled,
    DecisionRejected,
    DecisionTaken,
    Event,
    LimitsChanged,
    RequestRejected,
    RequestTaken,
)
from plimsoll.engine.evidence import EvidenceBook
from plimsoll.engine.figure_record import DAY_FIGURES, body_of_figures, figures_of
from plimsoll.engine.import_preview import ImportAsked
from plimsoll.engine.instant import Instant
from plimsoll.engine.judge import Judge
from plimsoll.engine.limit_hand import LimitHand
from plimsoll.engine.limit_keeper import ROW_KINDS as LIMIT_ROWS
from plimsoll.engine.limit_keeper import LimitKeeper
from plimsoll.engine.limit_watch import LimitWatch
from plimsoll.engine.measurement import groups_of
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
        self._path = BookPath(universe, book, rules.method)
        self._memory = DeskMemory(journal, archive, lambda: self._path.exchange_ns)
        self._board, self._ledger = self._path.board, self._path.ledger
        self._equity, self._day = self._path.equity, self._path.day
        self._risk = ScenarioRisk(universe, rules.method)
        groups = groups_of(universe)
        self._limits = LimitKeeper(rules.limits, rules.people, self._memory.append)
        self._watch = LimitWatch(rules.limits, groups, journal, rules.people)
        evidence = EvidenceBook(universe.codes[: universe.n_held], rules.limits)
        self._snapshots = SnapshotMaker(universe, groups, rules)
        self._second = SecondHand(universe, groups, rules, self._path, self._risk)
        self._gate = TickGate(universe, self._board, rules.print_rule)
        self._measurer = Measurer(universe, self._path, self._risk, self._gate, rules)
        self._course = DayCourse(universe, self._path, rules.day_roll)
        self._books = BookKeeper(book, universe, self._path, self._course, self._gate)
        self._sight = Sight(universe, rules, self._path, self._risk, self._gate, self._second, book)
        orders = OrderKeeper(journal, self._sight, self.take_fill, lambda: self._books.record.event_ids)
        self._actions = ActionDesk(
            universe, groups, rules, self._sight, orders, self._memory.append, self._memory.alarm
        )
        self._judge = Judge(
            self._path,
            self._course,
            self._measurer,
            self._watch,
            evidence,
            self._second,
            self._sight,
            self._memory,
        )
        takers = (self._watch, evidence, self._measurer, self._snapshots, self._actions)
        self._limit_hand = LimitHand(self._limits, self._memory, takers, self._judge.forget)
        self._newest_batch = TickBatch(np.empty(0, dtype=TICK_DTYPE))
        self._restored = Restored(book)
        self._begun: list[Event] = []

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
            restored.book_row = self._memory.append("book", body, now_ns)
        self._restored = restored
        self._path.take_up(restored.high_water_mark, restored.unpriced, restored.anchors)
        self._books.record = restored.record
        self._path.hold(restored.book)
        self._hold(restored.book)
        self._day.open_with(restored.book)
        self._limit_hand.begin(now_ns)

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
        events += self._judge.judge(now_ns, heard_ns=_heard(rows), at_once=at_once)
        return self._followed(events, now_ns)

    def pursue(self, now_ns: int) -> None:
        """Work on what changes slowly for a few milliseconds: the market's figures, then the second's."""
        self._judge.pursue(now_ns)

    def beat(self, now_ns: int) -> list[Event]:
        """Let time pass: quotes lapse, prices turn stale, held prints are believed, snoozes end."""
        events, self._begun = self._begun + self._memory.flush_ticks(), []
        self._path.lapse(now_ns)
        events += self._limit_hand.follow(now_ns)
        rows, told = self._gate.release(now_ns)
        events += told + self._take_ticks(rows, now_ns) + self._gate.look_for_halts(now_ns)
        events += self._judge.judge(now_ns, heard_ns=_heard(rows)) + self._judge.tell_of_trust(now_ns)
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
                    moved = holdings_moved(event.event_id, before, self.book)
                    return [RequestTaken(request), *([moved] if moved.moved else [])]
                case LimitChangeAsked() | LimitChangeConfirmed() | LimitChangeWithdrawn():
                    return self._limit_hand.take(request, now_ns)
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
        moved = moved_by_hand(self._restored.changes)
        events = self._actions.resume(kill_rows, self._watch.breaches, self._instant(now_ns))
        limits = LimitsChanged(self._limits.written(now_ns))  # those of no file too: temporary, scheduled
        self._begun = [limits, *moved, *events]

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
        self._memory.append(BOOK_EVENT, entry_body(planned.entry), now_ns, event.person)
        self._books.take(planned)
        self._hold(planned.after.book)

    def take_fill(self, fill: Fill, now_ns: int) -> None:
        """Change the book by a fill of an order.

        Raises
        ------
        EventRefused, UnknownInstrument, JournalUnavailable
            Nothing has changed then.
        """
        self.take_event(trade_of(fill), now_ns)

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
        self._judge.forget()

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
        return self._snapshots.take(
            measured=self._judge.look(now_ns),
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

    def _instant(self, now_ns: int) -> Instant:
        return Instant(self._path.exchange_ns, now_ns)

    def _followed(self, events: list[Event], now_ns: int) -> list[Event]:
        """Return events and what follows from them for those who act."""
        return events + self._actions.follow(events, self._instant(now_ns)) if events else events

    def _acknowledged(self, events: list[Event], now_ns: int) -> list[Event]:
        """Let who approved a plan also have acknowledged its breach, where nobody has."""
        heard = [self.decide(decision, now_ns) for decision in acknowledgements_of(events, now_ns)]
        return [event for told in heard if isinstance(told[0], DecisionTaken) for event in told]

    def _take_ticks(self, rows: NDArray[np.void], now_ns: int) -> list[Event]:
        """Keep and apply what passed the gate, day by day."""
        if not len(rows):
            return []
        events = self._memory.keep_ticks(rows)
        if not self._course.next_roll_ns:
            first_ns = int(rows["exchange_time_ns"][0])
            self._judge.overrides_are_due = self._course.begin(first_ns, self._restored)
        for number, part in enumerate(self._course.split_at_rolls(rows)):
            if number:  # the day's last extremes are judged by its own anchor
                events += self._judge.judge(now_ns, heard_ns=_heard(rows))
            events += self._roll_if_due(int(part["exchange_time_ns"][0]), now_ns)
            self._path.follow(part, now_ns)
        return events

    def _roll_if_due(self, exchange_ns: int, now_ns: int) -> list[Event]:
        if not self._course.is_over(exchange_ns):
            return []
        day, row = self._course.end_row(exchange_ns)
        nav = self._ledger.nav()
        try:
            if self.rules.keeps_day_figures:
                figures = body_of_figures(figures_of(self.snapshot(now_ns)))
                self._memory.append(DAY_FIGURES, figures, now_ns)
            self._memory.append("day_roll", row, now_ns)
        except JournalUnavailable as failure:
            return self._memory.alarm(failure)  # the old day goes on until the roll can be written
        self._course.begin_next(exchange_ns, self.book)
        self._risk.finish_day(day, self._board.mark)
        self._judge.overrides_are_due = True
        return [DayRolled(exchange_ns, nav)]

    def _hold(self, book: Book) -> None:
        """Take another state of the same book into every array."""
        self.book = self._sight.book = book
        self._judge.forget_book()


def _heard(rows: NDArray[np.void]) -> int:
    """Return when the oldest of some ticks was received; 0 of none."""
    return int(rows["received_time_ns"].min()) if len(rows) else 0
