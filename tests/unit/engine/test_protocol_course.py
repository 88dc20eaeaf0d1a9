"""A rehearsal obeys its laws: nothing done changes nothing, and what is done is what the live engine does."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

import numpy as np
import pytest

from fakes.memory_archive import MemoryArchive
from fakes.memory_journal import MemoryJournal
from fakes.protocol_case import (
    AT_ONCE,
    DRAWDOWN,
    case_of,
    fall_and_rise,
    halve,
    paper,
    rules_of,
    terms_of,
)
from fakes.study_case import walk
from plimsoll.domain.limit import Limit, Measure, Severity
from plimsoll.domain.protocol_result import ProtocolCourse
from plimsoll.domain.protocol_terms import CostModel, HumanModel
from plimsoll.domain.response_policy import Autonomy
from plimsoll.domain.tick import TickBatch
from plimsoll.engine import protocol_course
from plimsoll.engine.figure_record import DAY_FIGURES
from plimsoll.engine.protocol_course import daily_course, figures_of, tick_course
from plimsoll.engine.protocol_market import ProtocolCase
from plimsoll.engine.quote_shelf import QuoteShelf
from plimsoll.engine.risk_engine import RiskEngine

VAR = Limit("var", "VaR", Measure.VAR_FRACTION, 0.008, Severity.HIGH)
MODEL = HumanModel(
    median_s=400.0, spread=1.0, absent_fraction=0.2, override_fraction=0.2, reject_fraction=0.1
)
COSTS = CostModel(0.002, 0.0003)


def one_share(low: float = 60.0) -> ProtocolCase:
    return case_of({"A.US": fall_and_rise(low=low)}, {"A.US": 500_000.0}, n_before=61, nav=500_000.0)


def mixed(n: int = 110) -> ProtocolCase:
    closes = {code: walk(seed, n, 0.012).tolist() for seed, code in enumerate(("A.US", "B.US", "US500"))}
    exposure = {"A.US": 400_000.0, "B.US": 500_000.0, "US500": -200_000.0}
    return case_of(closes, exposure, n_before=61)


def run(case: ProtocolCase, *limits: Limit, seed: int = 1, **given: object) -> ProtocolCourse:
    terms = terms_of(given.get("human", AT_ONCE), given.get("costs", terms_of().costs))
    rules = rules_of(*limits, policy=given.get("policy", halve()))
    return daily_course(case, rules, terms, paper(terms), policy="p", seed=seed)


def test_that_without_limits_the_book_is_the_untouched_one_to_the_cent() -> None:
    course = run(mixed(), costs=COSTS, human=MODEL)
    assert course.equity.round(2).tolist() == course.untouched.round(2).tolist()
    assert course.episodes == ()
    assert course.figures.gain_base == 0.0


def test_that_absence_lets_nothing_be_done() -> None:
    gone = replace(MODEL, absent_fraction=1.0)
    course = run(mixed(), VAR, replace(DRAWDOWN, line=0.02), human=gone, costs=COSTS)
    assert course.episodes
    assert course.figures.n_acted == 0
    assert all(each.n_orders == 0 for each in course.episodes)
    assert course.equity.round(2).tolist() == course.untouched.round(2).tolist()


def test_that_what_executes_at_once_needs_nobody() -> None:
    gone = replace(MODEL, absent_fraction=1.0)
    course = run(one_share(), DRAWDOWN, human=gone, policy=halve(Autonomy.EXECUTE_AT_ONCE))
    assert [each.state for each in course.episodes if each.n_orders] == ["executed_alone"]
    after = halve(Autonomy.PROPOSE_AND_EXECUTE_AFTER, countdown_s=60.0)
    assert run(one_share(), DRAWDOWN, human=gone, policy=after).equity.tolist() == course.equity.tolist()


def test_that_an_approval_at_once_without_cost_is_the_case_worked_out_by_hand() -> None:
    # 5 000 shares at 100; the second fall, to 84, is 16 % from the high: half is sold at 84. The book is then
    # 210 000 of cash and 2 500 shares: 360 000 at 60, where the untouched one is 300 000, and 460 000 at 100.
    course = run(one_share(), DRAWDOWN)
    start = 500_000.0
    falls = np.array([1.0, 0.92, 0.84, 0.76, 0.68, 0.60])
    assert course.untouched[:5].tolist() == pytest.approx((start * falls[1:]).tolist(), abs=0.005)
    by_hand = [460_000.0, 420_000.0, 400_000.0, 380_000.0, 360_000.0]
    assert course.equity[:5].tolist() == pytest.approx(by_hand, abs=0.005)
    assert course.equity[-1] == pytest.approx(460_000.0, abs=0.005)
    first = course.episodes[0]
    assert (first.planner, first.state, first.n_orders, first.n_fills) == (
        "uniform reduction",
        "approved",
        1,
        1,
    )
    assert first.turnover_base == pytest.approx(210_000.0, abs=0.005)
    assert first.cost_base == pytest.approx(0.0, abs=0.005)
    assert first.is_false_alarm is False
    figures = course.figures
    assert figures.drawdown_fraction == pytest.approx(1.0 - 360_000.0 / 460_000.0)
    assert figures.untouched_drawdown_fraction == pytest.approx(1.0 - 300_000.0 / 460_000.0)
    assert figures.gain_base == pytest.approx(460_000.0 - 500_000.0)


def test_that_costs_are_what_the_spread_and_the_fee_say() -> None:
    free, dear = run(one_share(), DRAWDOWN), run(one_share(), DRAWDOWN, costs=COSTS)
    # 2 500 shares at 84: half of 20 bp, and 3 bp on the price received.
    slippage = 2_500 * 84.0 * 0.001
    fee = 2_500 * 84.0 * 0.999 * 0.0003
    assert dear.episodes[0].cost_base == pytest.approx(slippage + fee, abs=0.01)
    assert free.equity[-1] - dear.equity[-1] == pytest.approx(slippage + fee, abs=0.01)


def test_that_the_same_seed_gives_the_same_run_and_another_seed_another() -> None:
    limits = (VAR, replace(DRAWDOWN, line=0.02))
    first, again = (run(mixed(), *limits, human=MODEL, costs=COSTS) for _ in range(2))
    assert first.seal == again.seal
    assert first.equity.tobytes() == again.equity.tobytes()
    assert first.episodes == again.episodes
    others = [run(mixed(), *limits, human=MODEL, costs=COSTS, seed=seed) for seed in (2, 3)]
    assert {other.seal for other in others} - {first.seal}


def test_that_overriding_and_rejecting_send_nothing() -> None:
    for shares, state in (((1.0, 0.0), "overridden"), ((0.0, 1.0), "rejected")):
        human = HumanModel(60.0, 0.5, 0.0, *shares)
        course = run(one_share(), DRAWDOWN, human=human)
        assert course.episodes[0].state == state
        assert course.figures.n_acted == 0


def test_that_two_persons_confirm_one_after_the_other() -> None:
    human = HumanModel(30.0, 0.0, 0.0, 0.0, 0.0, second_look_s=15.0)
    course = run(one_share(), DRAWDOWN, human=human, policy=halve(two_persons=True))
    first = course.episodes[0]
    assert first.state == "approved"
    assert (first.decided_ns - first.raised_ns) / 1e9 == pytest.approx(45.0, abs=0.1)


def test_that_an_answer_that_takes_longer_than_the_hour_comes_at_the_next_closes() -> None:
    slow = HumanModel(4_000.0, 0.0, 0.0, 0.0, 0.0, second_look_s=10.0)
    course = run(one_share(), DRAWDOWN, human=slow)
    first = course.episodes[0]
    assert first.decided_ns - first.raised_ns > 86_000 * 10**9
    # Half of what was held is sold at 76 instead of 84.
    assert course.equity[-1] == pytest.approx(2_500 * 76.0 + 250_000.0, abs=0.01)


@dataclass
class _Told:
    """What a live engine was told in a run, in order."""

    engine: RiskEngine
    calls: list[tuple[str, tuple[object, ...]]] = field(default_factory=list)

    def __getattr__(self, name: str) -> Callable[..., object]:
        work = getattr(self.engine, name)
        if name not in {"apply", "beat", "decide", "ask", "take_plan", "take_broker"}:
            return work

        def noted(*given: object) -> object:
            self.calls.append((name, given))
            return work(*given)

        return noted


def test_that_the_live_engine_decides_the_same_when_told_the_same(monkeypatch) -> None:
    made: list[_Told] = []

    def keep(*given: object) -> _Told:
        made.append(_Told(RiskEngine(*given)))
        return made[-1]

    monkeypatch.setattr(protocol_course, "RiskEngine", keep)
    case, limits = mixed(), (VAR, replace(DRAWDOWN, line=0.02))
    course = run(case, *limits, human=MODEL, costs=COSTS)
    told = made[0]
    assert course.figures.n_acted

    journal = MemoryJournal()  # each of its bodies goes through JSON, as on the disk
    live = RiskEngine(case.book, case.universe, rules_of(*limits), journal, MemoryArchive())
    live.restore(told.calls[0][1][-1])
    live.use_window(case.market.window)
    plans: list[object] = []
    for name, given in told.calls:
        # It plans by itself; only when the plan arrives is told.
        own = (plans.pop(0).make(), given[-1]) if name == "take_plan" else given
        events = getattr(live, name)(*own)
        plans += [event.job for event in events if type(event).__name__ == "PlanWanted"]

    rehearsed = MemoryJournal()
    for row in told.engine._journal.rows():
        rehearsed.append(
            row.kind, row.body, exchange_time_ns=row.exchange_time_ns, received_time_ns=row.received_time_ns
        )
    # A rehearsal keeps no figures of its days for reports; everything that is decided and done is the same.
    rows = [row for row in journal.rows() if row.kind != DAY_FIGURES]
    assert [row.kind for row in rows] == rehearsed.kinds()
    assert [row.body for row in rows] == [row.body for row in rehearsed.rows()]
    assert live.book.positions == told.engine.book.positions


def batches_of(case: ProtocolCase, prices: Iterable[float]) -> list[TickBatch]:
    """Return a tick every ten seconds from Monday's opening on."""
    shelf = QuoteShelf(case.universe.codes, 0.0)
    out = []
    for number, price in enumerate(prices):
        shelf.take(np.array([price]))
        day = int(case.market.days[case.market.n_before])
        out.append(replace(shelf.batch((day * 86_400 + 54_000 + 10 * number) * 10**9), depths=()))
    return out


def test_that_ticks_are_answered_within_the_day() -> None:
    case = one_share()
    human = HumanModel(25.0, 0.0, 0.0, 0.0, 0.0, second_look_s=5.0)
    terms = terms_of(human)
    prices = [100.0, 95.0, 89.0, 88.0, 87.0, 86.0, 80.0, 80.0]
    course = tick_course(
        case, rules_of(DRAWDOWN), terms, paper(terms), batches_of(case, prices), policy="p", seed=1
    )
    first = course.episodes[0]
    assert first.state == "approved"
    assert 25.0 <= (first.decided_ns - first.raised_ns) / 1e9 <= 27.0
    # The book of the last price before: 87, two ticks after the breach at 89.
    assert course.equity.tolist() == pytest.approx([2_500 * 80.0 + 2_500 * 87.0], abs=0.01)
    assert course.untouched.tolist() == pytest.approx([400_000.0], abs=0.01)
    without = tick_course(case, rules_of(), terms, paper(terms), batches_of(case, prices), policy="p", seed=1)
    assert without.equity.round(2).tolist() == without.untouched.round(2).tolist()


def test_that_no_ticks_give_no_days() -> None:
    terms = terms_of()
    course = tick_course(one_share(), rules_of(), terms, paper(terms), [], policy="p", seed=1)
    assert len(course.days) == 0


def test_that_progress_counts_days_and_may_end_the_run() -> None:
    case, terms, told = mixed(), terms_of(), []

    def hear(done: int, of: int) -> None:
        told.append((done, of))
        if done == 5:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        daily_course(case, rules_of(), terms, paper(terms), policy="p", seed=1, told=hear)
    assert told == [(k, case.market.n_run) for k in range(1, 6)]


def test_that_a_book_that_only_rose_never_fell() -> None:
    rising = np.array([1.0, 2.0, 3.0])
    figures = figures_of(rising, rising, ())
    assert figures.drawdown_fraction == 0.0
    assert np.isnan(figures.under_after_s)


def test_that_a_limit_that_asks_to_be_broken_for_a_while_is_given_the_time() -> None:
    course = run(one_share(), replace(DRAWDOWN, confirm_s=45.0))
    at_once = run(one_share(), DRAWDOWN)
    waited_s = (course.episodes[0].raised_ns - at_once.episodes[0].raised_ns) / 1e9
    assert waited_s == pytest.approx(45.0, abs=0.1)
    # It may as well be that nothing waits to be confirmed, and nothing is then looked for.
    lag = Limit("lag", "Lag", Measure.FEED_LAG_S, 5.0, Severity.MEDIUM, confirm_s=30.0)
    assert run(one_share(), lag).episodes == ()
