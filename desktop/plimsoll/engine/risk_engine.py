"""The one stateful heart: ticks, decisions and time in; events and snapshots out; `now` is an argument.

Live, in the demo and in the protocol backtest it is the same object.
"""

from collections.abc import Mapping
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from plimsoll.domain.book import Book
from plimsoll.domain.decision import Decision
from plimsoll.domain.errors import DecisionRefused, FlowRefused
from plimsoll.domain.position import Fill
from plimsoll.domain.snapshot import PositionState, RiskSnapshot
from plimsoll.domain.tick import TickBatch, TickCounts
from plimsoll.domain.units import NS_PER_S
from plimsoll.engine.day_reference import DayReference
from plimsoll.engine.desk_rules import DeskRules
from plimsoll.engine.equity_path import EquityPath
from plimsoll.engine.events import DayRolled, DecisionRejected, DecisionTaken, Event, NoticeRaised
from plimsoll.engine.evidence import EvidenceBook
from plimsoll.engine.ledger import Ledger
from plimsoll.engine.limit_watch import Instant, LimitWatch
from plimsoll.engine.mark_board import MarkBoard
from plimsoll.engine.measurement import Measurement, coverage_of, groups_of
from plimsoll.engine.ports import Journal, JournalUnavailable, TickArchive
from plimsoll.engine.restoration import fingerprint, restored_from
from plimsoll.engine.scenario_risk import ScenarioRisk
from plimsoll.engine.scenario_window import PriceWindow
from plimsoll.engine.snapshot_maker import SnapshotMaker
from plimsoll.engine.universe import Universe

FloatArray = NDArray[np.float64]

PRICING_GRACE_NS = 30 * NS_PER_S
"""How long the equity path waits for the last first price before it begins without it."""
MARK_PERIOD_NS = NS_PER_S
"""The high-water mark is journalled at most once a second, and always before a breach that rests on it."""


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
        self._ledger = Ledger(universe, book)
        method = rules.method
        self._board = MarkBoard(
            universe.instruments, self._ledger.quantity, method.mark_policy, method.quote_fresh_s
        )
        self._ledger.revalue(self._board.mark)
        self._equity = EquityPath()
        self._day = DayReference(len(universe.instruments))
        self._day.mark[self._board.is_fixed] = self._board.mark[self._board.is_fixed]
        self._risk = ScenarioRisk(universe, method)
        held_codes = universe.codes[: universe.n_held]
        groups = groups_of(universe)
        self._watch = LimitWatch(rules.limits, groups, journal)
        self._evidence = EvidenceBook(held_codes, rules.limits)
        self._snapshots = SnapshotMaker(universe, groups, rules)
        self._stale_ns = np.array([item.stale_after_s for item in universe.instruments]) * NS_PER_S
        self._worst_mark: FloatArray = self._board.mark.copy()
        self._state: NDArray[np.uint8] = np.full(len(held_codes), PositionState.UNPRICEABLE, dtype=np.uint8)
        self._measured: Measurement | None = None
        self._trades, self._books = TickCounts(), TickCounts()
        self._exchange_ns = 0
        self._first_heard_ns = 0
        self._next_roll_ns = 0
        self._restored_mark: float | None = None
        self._restored_day: Mapping[str, object] = {}
        self._journalled_mark = float("nan")
        self._journalled_at_ns = 0
        self._journal_is_down = False

    def restore(self, now_ns: int) -> None:
        """Rebuild book, breaches, decisions, high-water mark and the day's anchor from the journal.

        Fills and flows are replayed only onto the book they were made on: another positions file starts anew.
        """
        restored = restored_from(self._journal, self.book, self.universe)
        for kind, body in restored.breach_rows:
            self._watch.restore(kind, body)
        self._restored_mark = restored.high_water_mark
        self._restored_day = restored.day
        if restored.is_new_book:
            self._append("book", {"fingerprint": fingerprint(self.book), "name": self.book.name}, now_ns)
        self._hold(restored.book)

    def apply(self, batch: TickBatch, now_ns: int) -> list[Event]:
        """Take a batch of ticks in the order applied; every one of them is seen."""
        self._trades, self._books = batch.trades, batch.books
        events: list[Event] = []
        rows = batch.rows
        if len(rows):
            self._archive.append(rows)
            self._first_heard_ns = self._first_heard_ns or int(rows["received_time_ns"][0])
            for part in self._split_at_rolls(rows):
                events += self._roll_if_due(int(part["exchange_time_ns"][0]), now_ns)
                self._follow(part, now_ns)
        return events + self._judge(now_ns, has_ticks=bool(len(rows)))

    def beat(self, now_ns: int) -> list[Event]:
        """Let time pass: quotes lapse, prices turn stale, snoozes and overrides end."""
        changed = self._board.lapse(now_ns)
        if len(changed):
            self._worst_mark[changed] = self._board.mark[changed]
            self._ledger.revalue(self._board.mark)
            self._equity.follow(np.array([self._ledger.nav()]))
        return self._judge(now_ns, has_ticks=False)

    def decide(self, decision: Decision, now_ns: int) -> list[Event]:
        """Carry out a person's decision, or say why not."""
        try:
            events = self._watch.decide(decision, Instant(self._exchange_ns, now_ns))
        except DecisionRefused as refusal:
            return [DecisionRejected(decision, str(refusal))]
        except JournalUnavailable as failure:
            return [DecisionRejected(decision, f"the journal could not be written: {failure}")]
        return [DecisionTaken(decision), *events]

    def take_fill(self, fill: Fill, now_ns: int) -> None:
        """Change the book by a fill: the one path, journalled first.

        Raises
        ------
        FillRefused, UnknownInstrument, JournalUnavailable
            Nothing has changed then.
        """
        master = {item.code: item for item in self.universe.instruments}
        after = self.book.after_fill(fill, master)
        body = {
            "fill_id": fill.fill_id,
            "code": fill.code,
            "quantity": str(fill.quantity),
            "price": str(fill.price),
            "fee": str(fill.fee),
        }
        self._append("fill", body, now_ns)
        number = self.universe.codes.index(fill.code)
        self._day.trade(self._ledger, self._board.mark, lambda: self._hold(after), number)

    def take_flow(self, currency: str, amount: Decimal, now_ns: int) -> None:
        """Take a deposit (above zero) or a withdrawal; drawdown and day P&L leave it out.

        Raises
        ------
        FlowRefused
            If the book keeps no such currency.
        JournalUnavailable
            If it could not be written; nothing has changed then.
        """
        if currency not in self.universe.currencies:
            known = ", ".join(self.universe.currencies)
            raise FlowRefused(f"the currency was {currency!r}, expected one of {known}")
        self._append("flow", {"currency": currency, "amount": str(amount)}, now_ns)
        before = self._ledger.nav()
        after = self.book.after_flow(currency, amount)
        self._day.trade(self._ledger, self._board.mark, lambda: self._hold(after))
        self._equity.flow(before, self._ledger.nav())

    def use_window(self, window: PriceWindow) -> None:
        """Take price history; VaR, ES and the references of the day rest on it from now on."""
        self._risk.use_window(window)
        if not window.n_scenarios:
            return
        for number, close in enumerate(window.closes[-1]):
            if np.isfinite(close):
                self._day.learn(number, float(close), self._ledger)
                self._enter(number, float(close))

    def note_history(self, loaded: int, wanted: int) -> None:
        """Note how far the loading of price history has come."""
        self._risk.loaded, self._risk.wanted = loaded, wanted

    def snapshot(self, now_ns: int) -> RiskSnapshot:
        """Return every figure of this instant; they agree with each other."""
        measured = self._measured or self._measure(now_ns)
        return self._snapshots.take(
            measured=measured,
            book=self.book,
            ledger=self._ledger,
            board=self._board,
            day=self._day,
            equity=self._equity,
            risk=self._risk,
            watch=self._watch,
            counts=(self._trades, self._books),
            instant=Instant(self._exchange_ns, now_ns),
            n_journal_rows=self._journal.n_rows,
        )

    def _split_at_rolls(self, rows: NDArray[np.void]) -> list[NDArray[np.void]]:
        """Cut a batch where its exchange time first passes a day roll."""
        newest = np.maximum.accumulate(rows["exchange_time_ns"])
        if not self._next_roll_ns:
            self._begin_day(int(newest[0]))
        parts = []
        start, roll_ns = 0, self._next_roll_ns
        while newest[-1] >= roll_ns:
            cut = int(np.searchsorted(newest, roll_ns))
            if cut > start:
                parts.append(rows[start:cut])
            start = cut
            roll_ns = self.rules.day_roll.next_after(int(newest[cut]))
        parts.append(rows[start:])
        return parts

    def _begin_day(self, exchange_ns: int) -> None:
        """Take the first tick's day, and its anchors from the journal where they are of the same day."""
        self._next_roll_ns = self.rules.day_roll.next_after(exchange_ns)
        if self._restored_day.get("next_roll_ns") != self._next_roll_ns:
            return
        marks = self._restored_day["marks"]
        if isinstance(marks, Mapping):
            for number, code in enumerate(self.universe.codes):
                if code in marks:
                    self._day.learn(number, float(marks[code]), self._ledger)

    def _roll_if_due(self, exchange_ns: int, now_ns: int) -> list[Event]:
        if exchange_ns < self._next_roll_ns:
            return []
        day = self.rules.day_roll.trading_day(self._next_roll_ns - 1)
        self._next_roll_ns = self.rules.day_roll.next_after(exchange_ns)
        nav = self._ledger.nav()
        marks = zip(self.universe.codes, self._board.mark.tolist(), strict=True)
        known = {code: price for code, price in marks if np.isfinite(price)}
        self._append(
            "day_roll", {"nav": nav, "day": day, "next_roll_ns": self._next_roll_ns, "marks": known}, now_ns
        )
        self._day.begin(self._board.mark, self._ledger)
        self._risk.finish_day(day, self._board.mark)
        events: list[Event] = [DayRolled(exchange_ns, nav)]
        return events + self._watch.day_rolled(Instant(exchange_ns, now_ns))

    def _follow(self, rows: NDArray[np.void], now_ns: int) -> None:
        self._enter_first_prices(rows)
        path = self._board.follow(rows)
        nav = self._ledger.follow(path, self._board.mark)
        self._exchange_ns = max(self._exchange_ns, int(rows["exchange_time_ns"].max()))
        self._day.see(path.touched, path.low, path.high)
        long = self._ledger.quantity[path.touched] >= 0
        self._worst_mark[path.touched] = np.where(long, path.low, path.high)
        if self._equity.has_begun:
            self._equity.follow(nav)
        else:
            self._begin_equity(now_ns)

    def _begin_equity(self, now_ns: int) -> None:
        n_held = self.universe.n_held
        priced = np.isfinite(self._ledger.net_worth(self._board.mark)[:n_held]).all()
        if priced or now_ns - self._first_heard_ns > PRICING_GRACE_NS:
            self._equity.begin(self._ledger.nav(), self._restored_mark)

    def _enter_first_prices(self, rows: NDArray[np.void]) -> None:
        """Give instruments their first price as an entry into the priced book, not as a profit."""
        numbers = rows["instrument"]
        new = ~np.isfinite(self._board.mark[numbers])
        for number in np.unique(numbers[new]).tolist():
            mine = rows[numbers == number]
            prices = np.where(np.isnan(mine["ask"]), mine["price"], (mine["price"] + mine["ask"]) / 2)
            known = prices[np.isfinite(prices)]
            if len(known):
                self._enter(number, float(known[0]))

    def _enter(self, number: int, price: float) -> None:
        before = self._ledger.nav()
        self._board.assume(number, price)
        self._ledger.revalue(self._board.mark)
        self._worst_mark[number] = self._board.mark[number]
        self._equity.flow(before, self._ledger.nav())

    def _judge(self, now_ns: int, *, has_ticks: bool) -> list[Event]:
        measured = self._measure(now_ns)
        self._measured = measured
        instant = Instant(self._exchange_ns, now_ns)
        n_held = self.universe.n_held
        marks = self._board.mark[:n_held]
        day_pnl = self._day.position_pnl(self._ledger, self._board.mark)[:n_held]
        with np.errstate(divide="ignore", invalid="ignore"):
            day_change = marks / self._day.mark[:n_held] - 1.0
        self._evidence.note_figures(measured, day_pnl, day_change, self._risk.es_contributions())
        try:
            self._journal_mark(now_ns)
            events = self._watch.judge(measured, instant, self._evidence, has_ticks=has_ticks)
            self._journal_is_down = False
        except JournalUnavailable as failure:
            events = [] if self._journal_is_down else [_journal_alarm(failure)]
            self._journal_is_down = True
        self._evidence.note_course(self._exchange_ns, now_ns, self._watch.limits, self._watch.readings)
        self._worst_mark[:] = self._board.mark
        self._equity.batch_drawdown = self._equity.drawdown
        self._equity.batch_low = measured.nav
        return events

    def _measure(self, now_ns: int) -> Measurement:
        n_held = self.universe.n_held
        mark = self._board.mark
        exposure = self._ledger.exposure(mark)
        value = exposure[:n_held]
        self._state = self._states(value, now_ns)
        has_history = self._risk.has_history[:n_held]
        coverage = coverage_of(value, self._state, has_history, self._board.is_fixed[:n_held])
        self._risk.update(self._ledger, mark, coverage)
        known_day = self._day.is_known_for(self._ledger.quantity != 0)
        day_pnl, day_fx = self._day.pnl(self._ledger) if known_day else (float("nan"), float("nan"))
        priced = coverage.priced_fraction > 0.0
        nav = self._ledger.nav() if priced else float("nan")
        return Measurement(
            nav=nav,
            day_pnl=day_pnl if priced else float("nan"),
            day_pnl_fx=day_fx if priced else float("nan"),
            day_nav=self._day.nav() if known_day else float("nan"),
            batch_low_nav=min(self._equity.batch_low, nav) if self._equity.has_begun else nav,
            var=self._risk.var,
            es=self._risk.es,
            drawdown=self._equity.drawdown,
            batch_drawdown=self._equity.batch_drawdown,
            value=value,
            unrealised=self._ledger.unrealised(mark)[:n_held],
            worst_unrealised=self._ledger.unrealised(self._worst_mark)[:n_held],
            state=self._state,
            coverage=coverage,
        )

    def _states(self, value: FloatArray, now_ns: int) -> NDArray[np.uint8]:
        n_held = len(value)
        age_ns = now_ns - self._board.heard_ns[:n_held]
        stale = (age_ns > self._stale_ns[:n_held]) & ~self._board.is_fixed[:n_held]
        state = np.where(stale, PositionState.STALE, PositionState.PRICED)
        return np.where(np.isfinite(value), state, PositionState.UNPRICEABLE).astype(np.uint8)

    def _hold(self, book: Book) -> None:
        """Take another state of the same book into every array."""
        self.book = book
        self._ledger.hold(self.universe, book)
        self._board.hold(self._ledger.quantity)
        self._ledger.revalue(self._board.mark)
        self._journalled_mark = float("nan")  # the mark is written anew with the changed book

    def _journal_mark(self, now_ns: int) -> None:
        """Write the high-water mark when it has moved; a breach of drawdown is judged after it is safe."""
        mark = self._equity.high_water_mark
        if not self._equity.has_begun or mark == self._journalled_mark:
            return
        about_to_break = any(
            limit.measure == "drawdown" and self._equity.batch_drawdown > limit.line
            for limit in self.rules.limits
        )
        if about_to_break or now_ns - self._journalled_at_ns >= MARK_PERIOD_NS:
            body = {"high_water_mark": mark, "nav": self._ledger.nav(), "book": fingerprint(self.book)}
            self._append("high_water_mark", body, now_ns)
            self._journalled_mark, self._journalled_at_ns = mark, now_ns

    def _append(self, kind: str, body: Mapping[str, object], now_ns: int) -> None:
        self._journal.append(kind, body, exchange_time_ns=self._exchange_ns, received_time_ns=now_ns)


def _journal_alarm(failure: JournalUnavailable) -> Event:
    return NoticeRaised(
        f"The journal cannot be written ({failure}): breaches are not recorded and nothing may be decided.",
        is_alarm=True,
    )
