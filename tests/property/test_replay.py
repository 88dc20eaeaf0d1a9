"""A replay from the archive and the journal raises what the desk raised: the same limit, time and value."""

from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from fakes.memory_journal import MemoryJournal
from fakes.trading_desk import MIXED, PRICES, Desk, S, book_of, random_window
from plimsoll.domain.book_event import TradeEntered
from plimsoll.domain.breach import Breach
from plimsoll.domain.decision import Decision, DecisionKind
from plimsoll.domain.desk_request import LimitChangeAsked
from plimsoll.domain.limit import Limit, Measure, Severity
from plimsoll.engine.breach_record import breach_from
from plimsoll.engine.events import BreachRaised
from plimsoll.engine.replay import Replay
from plimsoll.engine.replay_engine import SAME_BATCH_NS, PatientHand, ReplayRecipe, exact_start, window_at
from plimsoll.engine.scenario_window import PriceWindow
from plimsoll.storage.tick_archive import TickArchiveWriter
from plimsoll.storage.tick_reading import TicksMissing, ticks_around

LIMITS = (
    *(Limit(f"dd{n}", "Drawdown", Measure.DRAWDOWN, 0.01 * n, Severity.CRITICAL) for n in range(1, 4)),
    *(
        Limit(f"es{n}", "ES", Measure.ES, 150_000.0 + 5_000.0 * n, Severity.HIGH, cool_down_s=1.0)
        for n in range(8)
    ),
    *(
        Limit(f"gross{n}", "Gross", Measure.GROSS_LEVERAGE, 5.0 + 0.1 * n, Severity.HIGH, cool_down_s=1.0)
        for n in range(8)
    ),
)
CASH = {"USD": 900_000.0, "EUR": 120_000.0}
N_STEPS = 360


class ArchivedDesk:
    """A desk over a real archive, led through a random walk with a trade, a decision and a changed limit."""

    def __init__(self, folder: Path, seed: int, limits: tuple[Limit, ...]) -> None:
        self.desk = Desk(book_of(MIXED, CASH), limits)
        self.folder = folder
        self.writer = TickArchiveWriter(
            folder, self.desk.universe.codes, now_ns=lambda: self.desk.now_ns + 40_000
        )
        self.desk.engine._memory._archive = self.writer  # the fake desk makes its own
        prices = {n: PRICES[code] for n, code in enumerate(self.desk.universe.codes) if code in PRICES}
        self.window = random_window(len(self.desk.universe.codes), 260, 5, prices)
        self.desk.engine.use_window(self.window)
        self.desk.engine._second = PatientHand(self.desk.engine._second)
        self.desk.engine._second.is_hurried = True  # what breaks first is not asked here
        self.raised: list[Breach] = []
        self.desk.pass_time(1.0)
        self._walk(seed)
        self.writer.close()

    def _walk(self, seed: int) -> None:
        rng = np.random.default_rng(seed)
        prices = {code: PRICES[code] for code in self.desk.universe.codes if code in PRICES}
        next_beat_ns = self.desk.now_ns
        for step in range(N_STEPS):
            rows = []
            for code in rng.choice(list(prices), size=rng.integers(1, 5)):
                prices[code] *= float(np.exp(rng.normal(0.0, 0.0012)))
                spread = float(rng.uniform(0.0, 0.0004)) * prices[code]
                is_quote = bool(rng.random() < 0.6)
                rows.append(self.desk.row(code, prices[code], prices[code] + spread if is_quote else None))
            self._hear(self.desk.apply(rows))
            self.desk.pass_time(0.001)
            self._act(step)
            self.desk.pass_time(float(rng.uniform(0.02, 0.6)))
            while next_beat_ns <= self.desk.now_ns:
                self._hear(self.desk.engine.beat(next_beat_ns))
                next_beat_ns += S // 4

    def _act(self, step: int) -> None:
        desk = self.desk
        if step == N_STEPS // 2:
            trade = TradeEntered(
                event_id="t1", person="Ada", code="AAPL.US", quantity=Decimal(-400), price=Decimal(300)
            )
            desk.engine.take_event(trade, desk.now_ns)
        if step == N_STEPS * 2 // 3:
            tighter = Limit("net", "Net", Measure.NET_LEVERAGE, 0.9, Severity.HIGH)
            asked = LimitChangeAsked("c1", "net", tighter, "Ada", "to be on the safe side")
            self._hear(desk.engine.ask(asked, desk.now_ns))
        if step % 97 == 0 and self.raised:
            breach_id = self.raised[-1].breach_id
            decision = Decision(
                f"d{step}", DecisionKind.ACKNOWLEDGE, breach_id, "Ada", decided_ns=desk.now_ns
            )
            self._hear(desk.engine.decide(decision, desk.now_ns))

    def _hear(self, events: list[object]) -> None:
        self.raised += [event.breach for event in events if isinstance(event, BreachRaised)]

    def recipe(self, breach: Breach, before_s: float) -> ReplayRecipe:
        rows = self.desk.journal.kept
        at_ns = breach.raised_received_ns
        from_ns = exact_start(rows, at_ns - int(before_s * S))
        ticks = ticks_around(
            self.folder, self.desk.universe.codes, at_ns, from_ns=from_ns + SAME_BATCH_NS, until_ns=1 << 62
        )
        until_ns = ticks.applied_ns[0] - SAME_BATCH_NS if ticks.begins_session else from_ns
        earlier = tuple(row for row in rows if row.received_time_ns <= until_ns)
        days = self.desk.method.window_days
        return ReplayRecipe(
            book=self.desk.book,
            universe=self.desk.universe,
            rules=self.desk.engine.rules,
            window=window_at(self.window, earlier, self.desk.universe, days),
            earlier=earlier,
            later=tuple(rows[len(earlier) :]),
            before=ticks.before,
            rows=ticks.rows,
            starts=ticks.starts,
            applied_ns=ticks.applied_ns,
        )


@pytest.fixture(scope="module")
def archived(tmp_path_factory: pytest.TempPathFactory) -> ArchivedDesk:
    return ArchivedDesk(tmp_path_factory.mktemp("archive") / "ticks", 1, LIMITS)


@pytest.mark.parametrize("is_hurried", [False, True])
def test_that_a_replay_from_anywhere_raises_the_journalled_breaches(
    archived: ArchivedDesk, is_hurried: bool
) -> None:
    assert len(archived.raised) > 10, "the walk should break limits often"
    for breach in archived.raised[4::9]:
        recipe = archived.recipe(breach, before_s=30.0)
        replay = Replay(recipe)
        replay.is_hurried = is_hurried
        told = replay.advance(recipe.end_ns)
        again = [event.breach for event in told if isinstance(event, BreachRaised)]
        rows = [row for row in recipe.later if row.kind == "breach_raised"]
        then = [breach_from(row.body) for row in rows]
        assert breach.breach_id in {each.breach_id for each in then}
        assert [_facts(each) for each in again] == [_facts(each) for each in then]
        assert [each.value for each in again] == pytest.approx([each.value for each in then], rel=1e-9)


def test_that_the_end_of_a_replay_is_where_the_desk_was(archived: ArchivedDesk) -> None:
    recipe = archived.recipe(archived.raised[len(archived.raised) // 2], before_s=60.0)
    replay = Replay(recipe)
    replay.advance(recipe.end_ns)
    then, now = archived.desk.engine.snapshot(recipe.end_ns), replay.snapshot()
    for name in ("nav", "var", "es", "high_water_mark", "drawdown", "day_pnl", "leverage"):
        assert getattr(now, name) == pytest.approx(getattr(then, name), rel=1e-9), name
    assert now.table.quantity.tolist() == then.table.quantity.tolist()
    assert [status.limit for status in now.limits] == [status.limit for status in then.limits]
    assert [each.breach_id for each in now.breaches] == [each.breach_id for each in then.breaches]


def test_that_a_breach_without_ticks_is_said_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(TicksMissing, match=r"No ticks of that time are kept .* Put the session's"):
        ticks_around(tmp_path, ("AAPL.US",), 5, from_ns=0, until_ns=10)


def test_that_day_rolls_of_the_session_join_the_window() -> None:
    desk = Desk(book_of({"AAPL.US": (10, 300.0)}))
    window = PriceWindow(np.array([1, 2]), np.full((2, len(desk.universe.codes)), 300.0))
    journal = MemoryJournal()
    journal.append(
        "day_roll", {"day": 3, "marks": {"AAPL.US": 310.0}}, exchange_time_ns=1, received_time_ns=1
    )
    grown = window_at(window, journal.kept, desk.universe, 250)
    assert grown.days.tolist() == [1, 2, 3]
    assert grown.closes[-1][desk.universe.codes.index("AAPL.US")] == 310.0


def _facts(breach: Breach) -> tuple[str, str, str, int]:
    return breach.breach_id, breach.limit.limit_id, breach.member, breach.raised_exchange_ns
