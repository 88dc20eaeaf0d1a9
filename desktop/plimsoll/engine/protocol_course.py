"""One run of the protocol over a history, day by day or tick by tick, and its figures."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from plimsoll.domain.book import Book
from plimsoll.domain.limit import LimitState, Measure
from plimsoll.domain.protocol_result import (
    FALSE_ALARM_DAYS,
    UNKNOWN,
    ProtocolCourse,
    ProtocolEpisode,
    ProtocolFigures,
)
from plimsoll.domain.protocol_terms import ProtocolTerms
from plimsoll.domain.tick import DepthBook, TickBatch
from plimsoll.domain.units import NS_PER_S
from plimsoll.engine.day_roll import DayRoll
from plimsoll.engine.desk_rules import DeskRules
from plimsoll.engine.human_desk import HumanDesk
from plimsoll.engine.protocol_market import ProtocolCase
from plimsoll.engine.protocol_run import ProtocolRun, RehearsalBroker
from plimsoll.engine.quote_shelf import QuoteShelf
from plimsoll.engine.rehearsal_memory import RehearsalJournal, UntouchedBook
from plimsoll.engine.risk_engine import RiskEngine
from plimsoll.engine.universe import Universe

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
Told = Callable[[int, int], None]
"""Hears how many days are done, of how many; what it raises ends the run."""
MakeBroker = Callable[[QuoteShelf, Book], RehearsalBroker]
"""Returns who fills the orders of a book by the quotes of a shelf."""

QUOTED_NS = 3_600 * NS_PER_S
"""A day's closes are quoted for the last hour before the day roll: what is decided then is done at them."""
OF_THE_DATA = frozenset({Measure.FEED_LAG_S, Measure.STALE_FRACTION, Measure.MISMATCH_COUNT})
"""Rehearsed data is neither late nor stale."""
BEAT_NS = NS_PER_S
"""Between ticks the engine looks at the clock so often."""


@dataclass(frozen=True, slots=True, eq=False)
class Rehearsal:
    """Everything of one run, joined and ready to be driven.

    Attributes
    ----------
    engine : RiskEngine
        As live, over a journal in memory.
    untouched : UntouchedBook
        The same book held still.
    quotes : QuoteShelf
        What the market quotes.
    run : ProtocolRun
        Drives them.
    journal : RehearsalJournal
        What the engine wrote.
    """

    engine: RiskEngine
    untouched: UntouchedBook
    quotes: QuoteShelf
    run: ProtocolRun
    journal: RehearsalJournal


def rehearsal(
    case: ProtocolCase,
    rules: DeskRules,
    terms: ProtocolTerms,
    make_broker: MakeBroker,
    *,
    seed: int,
    now_ns: int,
) -> Rehearsal:
    """Return a run ready for its first tick.

    Parameters
    ----------
    case : ProtocolCase
        Book and market.
    rules : DeskRules
        Limits, method, policy and people, as live.
    terms : ProtocolTerms
        Human and costs.
    make_broker : callable
        Returns who fills orders.
    seed : int
        Of the human's draws.
    now_ns : int
        Before the first tick.
    """
    universe = case.universe
    untouched = UntouchedBook(universe, case.book, rules.method)
    journal = RehearsalJournal()
    engine = RiskEngine(case.book, universe, rules, journal, untouched)
    engine.restore(now_ns)
    engine.use_window(case.market.window)
    quotes = QuoteShelf(universe.codes, terms.costs.spread_fraction)
    run = ProtocolRun(engine, untouched, make_broker(quotes, case.book), HumanDesk(terms.human, seed))
    run.begin(now_ns)
    return Rehearsal(engine, untouched, quotes, run, journal)


def daily_course(
    case: ProtocolCase,
    rules: DeskRules,
    terms: ProtocolTerms,
    make_broker: MakeBroker,
    *,
    policy: str,
    seed: int,
    told: Told = lambda _done, _all: None,
) -> ProtocolCourse:
    """Return the run over daily closes, quoted for the last hour before each day roll.

    A price is believed at once: between two closes nothing could confirm it. Somebody whose answer takes
    longer than that hour gives it at the next day's closes.

    Parameters
    ----------
    case, rules, terms, make_broker, seed
        As in `rehearsal`; the rules' filter of bad prints is set aside.
    policy : str
        Name of the rules' policy, for the result.
    told : callable
        Hears how far it is, after each day.
    """
    market, roll = case.market, rules.day_roll
    days = market.days[market.n_before :]
    rolls = [_roll_of(int(day), roll) for day in days]
    rules = replace(rules, print_rule=None, keeps_day_figures=False)
    made = rehearsal(case, rules, terms, make_broker, seed=seed, now_ns=rolls[0] - QUOTED_NS - NS_PER_S)
    equity, untouched = np.empty(len(days)), np.empty(len(days))
    for number, (day, roll_ns) in enumerate(zip(days.tolist(), rolls, strict=True)):
        made.quotes.take(market.closes[market.n_before + number])
        _live_day(made, day, roll_ns)
        equity[number], untouched[number] = made.engine.study_book().nav, made.untouched.nav
        told(number + 1, len(days))
    return _course(policy, made, days.copy(), equity, untouched)


def _live_day(made: Rehearsal, day: int, roll_ns: int) -> None:
    run, quotes, close_ns = made.run, made.quotes.batch, roll_ns - QUOTED_NS
    last_ns = roll_ns - NS_PER_S
    run.begin_day(day, close_ns)
    run.hear(quotes(close_ns), close_ns)
    for at_ns in _confirmations(made, close_ns):
        if at_ns < last_ns:
            run.hear(quotes(at_ns), at_ns)
    if run.is_unsettled:
        run.beat(max(close_ns, run.now_ns))
        run.pass_until(last_ns, quotes)


def _confirmations(made: Rehearsal, close_ns: int) -> list[int]:
    """Return when limits that ask to be broken for a while, and are beyond their line now, have been."""
    asks = {each.limit_id for each in made.engine.rules.limits if each.confirm_s > 0.0} - {
        each.limit_id for each in made.engine.rules.limits if each.measure in OF_THE_DATA
    }
    if not asks:
        return []
    beyond = [each.limit for each in made.engine.snapshot(close_ns).limits if each.state is LimitState.OVER]
    return sorted({close_ns + int(limit.confirm_s * NS_PER_S) for limit in beyond if limit.limit_id in asks})


def tick_course(
    case: ProtocolCase,
    rules: DeskRules,
    terms: ProtocolTerms,
    make_broker: MakeBroker,
    batches: Iterable[TickBatch],
    *,
    policy: str,
    seed: int,
) -> ProtocolCourse:
    """Return the run over ticks as they were heard, a point of equity at the end of each trading day.

    Parameters
    ----------
    case, rules, terms, make_broker, policy, seed
        As in `daily_course`; the market of `case` gives the price history alone.
    batches : iterable of TickBatch
        Oldest first, numbered by `case.universe`; the desk's clock is their `received_time_ns`.
    """
    made: Rehearsal | None = None
    next_roll_ns = beaten_ns = 0
    days: list[int] = []
    worth: list[tuple[float, float]] = []
    for batch in batches:
        if not len(batch):
            continue
        now_ns = int(batch.rows["received_time_ns"][-1])
        exchange_ns = int(batch.rows["exchange_time_ns"][-1])
        if made is None:
            made = rehearsal(case, rules, terms, make_broker, seed=seed, now_ns=now_ns)
            beaten_ns = now_ns
        if exchange_ns >= next_roll_ns:
            next_roll_ns = rules.day_roll.next_after(exchange_ns)
            days.append(rules.day_roll.trading_day(exchange_ns))
            worth.append((UNKNOWN, UNKNOWN))
            made.run.begin_day(days[-1], now_ns)
        while beaten_ns + BEAT_NS <= now_ns:
            beaten_ns += BEAT_NS
            made.run.pass_until(beaten_ns)
            made.run.beat(beaten_ns)
            if now_ns - beaten_ns > 60 * BEAT_NS:  # a night: whatever waited has been looked at
                beaten_ns = now_ns - BEAT_NS
        made.quotes.take_ticks(batch)
        made.run.hear(_with_depths(batch, made.quotes, case.universe), now_ns)
        worth[-1] = (made.engine.study_book().nav, made.untouched.nav)
    if made is None:
        return _nothing(policy)
    equity, untouched = np.array(worth).T
    return _course(policy, made, np.array(days, dtype=np.int64), equity, untouched)


def _with_depths(batch: TickBatch, quotes: QuoteShelf, universe: Universe) -> TickBatch:
    """Return ticks with the books that the rehearsed market quotes beside them, where they bring none."""
    if batch.depths:
        return batch
    codes = {universe.codes[number] for number in np.unique(batch.rows["instrument"]).tolist()}
    depths: list[DepthBook] = [book for code in sorted(codes) if (book := quotes.depth_of(code)) is not None]
    return replace(batch, depths=tuple(depths))


def _roll_of(day: int, roll: DayRoll) -> int:
    """Return the roll that ends a trading day."""
    roll_ns = roll.next_after(day * 86_400 * NS_PER_S)
    while roll.trading_day(roll_ns - 1) < day:
        roll_ns = roll.next_after(roll_ns)
    return roll_ns


def _course(
    policy: str, made: Rehearsal, days: IntArray, equity: FloatArray, untouched: FloatArray
) -> ProtocolCourse:
    episodes = tuple(_judged(each, days, untouched) for each in made.run.log.episodes)
    return ProtocolCourse(
        policy, days, equity, untouched, episodes, figures_of(equity, untouched, episodes), made.journal.seal
    )


def _nothing(policy: str) -> ProtocolCourse:
    none = np.empty(0)
    figures = ProtocolFigures(UNKNOWN, UNKNOWN, 0.0, 0.0, 0.0, 0.0, 0, 0, 0, 0, 0, UNKNOWN)
    return ProtocolCourse(policy, np.empty(0, dtype=np.int64), none, none, (), figures, "")


def _judged(episode: ProtocolEpisode, days: IntArray, untouched: FloatArray) -> ProtocolEpisode:
    """Return an episode with the answer to whether the untouched book would have come back by itself."""
    place = int(np.searchsorted(days, episode.raised_ns // (86_400 * NS_PER_S), side="right")) - 1
    if place < 0 or place + FALSE_ALARM_DAYS >= len(days):
        return episode
    return replace(episode, is_false_alarm=bool(untouched[place + FALSE_ALARM_DAYS] >= untouched[place]))


def figures_of(
    equity: FloatArray, untouched: FloatArray, episodes: Sequence[ProtocolEpisode]
) -> ProtocolFigures:
    """Return a run in figures; equity and the untouched book's worth at the days' ends, shape (n_days,)."""
    judged = [each.is_false_alarm for each in episodes if each.is_false_alarm is not None]
    came_back = [each.under_after_s for each in episodes if each.under_ns]
    return ProtocolFigures(
        final_base=float(equity[-1]),
        untouched_base=float(untouched[-1]),
        drawdown_fraction=_deepest(equity),
        untouched_drawdown_fraction=_deepest(untouched),
        cost_base=float(sum(each.cost_base for each in episodes)),
        turnover_base=float(sum(each.turnover_base for each in episodes)),
        n_breaches=len(episodes),
        n_acted=sum(each.decided_ns > 0 for each in episodes),
        n_false_alarms=sum(judged),
        n_judged=len(judged),
        never_under=sum(not each.under_ns for each in episodes),
        under_after_s=float(np.median(came_back)) if came_back else UNKNOWN,
    )


def _deepest(worth: FloatArray) -> float:
    """Return the deepest fall from a high as a share of it; the first worth counts as a high."""
    high = np.maximum.accumulate(worth)
    return float(np.max(1.0 - worth / high)) if len(worth) else 0.0
