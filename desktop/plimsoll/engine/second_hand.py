"""What is worked out once a second and not with every batch: the ladder, sampling errors, doubts, rules."""

from dataclasses import dataclass

from plimsoll.domain.distance import Distance
from plimsoll.domain.doubt import DataDoubt
from plimsoll.domain.limit import ScopeKind
from plimsoll.domain.rule_standing import RuleStanding
from plimsoll.domain.units import NS_PER_S
from plimsoll.engine.book_path import BookPath
from plimsoll.engine.desk_rules import DeskRules
from plimsoll.engine.distance import DistanceWatch
from plimsoll.engine.doubt_search import doubts_of_currencies, doubts_of_history
from plimsoll.engine.grade import SamplingErrors
from plimsoll.engine.instant import Instant
from plimsoll.engine.limit_watch import LimitWatch
from plimsoll.engine.mark_doubt import MarkDoubts
from plimsoll.engine.measurement import Groups, Measurement
from plimsoll.engine.scenario_risk import ScenarioRisk
from plimsoll.engine.scenario_window import PriceWindow
from plimsoll.engine.universe import Universe

PERIOD_NS = NS_PER_S
SAMPLING_PERIOD_NS = 10 * NS_PER_S
"""Sampling errors move as slowly as the window does, and cost milliseconds."""
_DAY_NS = 86_400 * NS_PER_S


@dataclass(frozen=True, slots=True)
class SlowFigures:
    """As of the last second.

    Attributes
    ----------
    ladder : tuple of Distance
        What breaks first, at the front.
    doubts : tuple of DataDoubt
        What is doubted of the data.
    rules : tuple of RuleStanding
        When each rule was last evaluated and fired.
    var_error_fraction, es_error_fraction : float
        Standard error over the figure; NaN unknown.
    """

    ladder: tuple[Distance, ...] = ()
    doubts: tuple[DataDoubt, ...] = ()
    rules: tuple[RuleStanding, ...] = ()
    var_error_fraction: float = float("nan")
    es_error_fraction: float = float("nan")


class SecondHand:
    """Goes round once a second; one owner, the risk thread.

    Attributes
    ----------
    figures : SlowFigures
        The newest.
    """

    def __init__(
        self,
        universe: Universe,
        groups: dict[ScopeKind, Groups],
        rules: DeskRules,
        path: BookPath,
        risk: ScenarioRisk,
    ) -> None:
        self.figures = SlowFigures()
        self._universe = universe
        self._path = path
        self._risk = risk
        self._distance = DistanceWatch(universe, groups, rules.method)
        self._errors = SamplingErrors(rules.method)
        self._standing_doubts = doubts_of_currencies(universe)
        self._history_doubts: tuple[DataDoubt, ...] = ()
        self._mark_doubts = MarkDoubts(universe)
        self._doubts_of_marks: tuple[DataDoubt, ...] = ()
        self._has_looked = False
        self._went_at_ns = self._sampled_at_ns = 0

    def use_window(self, window: PriceWindow) -> None:
        """Look through a new price history for splits, and take its last closes to hold marks against."""
        self._history_doubts = doubts_of_history(self._universe, window)
        if len(window.closes):
            self._mark_doubts.use_closes(window.closes[-1].copy())  # a view would keep the window alive

    def go(self, measured: Measurement, watch: LimitWatch, instant: Instant, next_roll_ns: int) -> None:
        """Work everything out anew, if a second has passed."""
        now_ns = instant.received_time_ns
        if 0 <= now_ns - self._went_at_ns < PERIOD_NS:
            return
        if not 0 <= now_ns - self._sampled_at_ns < SAMPLING_PERIOD_NS and len(self._risk.pnl):
            self._sampled_at_ns = now_ns
            self._errors.look(self._risk.pnl, measured.var, measured.es, now_ns)
            return  # a few milliseconds by itself: the rest has its turn with the next batch
        if not self._has_looked:
            self._has_looked = True
            self._doubts_of_marks = self._mark_doubts.look(self._path.board.mark)
            return  # likewise
        self._has_looked = False
        self._went_at_ns = now_ns
        ladder = self._distance.measure(
            limits=watch.limits,
            measured=measured,
            readings=watch.readings,
            scenarios=self._risk.matrix,
            ledger=self._path.ledger,
            mark=self._path.board.mark,
            now_ns=now_ns,
            day_left_fraction=_day_left(instant.exchange_time_ns, next_roll_ns),
        )
        self.figures = SlowFigures(
            ladder=ladder,
            doubts=(
                *self._standing_doubts,
                *self._history_doubts,
                *self._doubts_of_marks,
            ),
            rules=watch.rules(now_ns),
            var_error_fraction=self._errors.var_fraction,
            es_error_fraction=self._errors.es_fraction,
        )


def _day_left(exchange_ns: int, next_roll_ns: int) -> float:
    """Return the share of a day's variance still to come before the roll, by time."""
    if not next_roll_ns:
        return 1.0
    return min(max((next_roll_ns - exchange_ns) / _DAY_NS, 0.0), 1.0)
