"""Takes every measure of an instant from the book's path, the scenarios and the market's slow figures."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from plimsoll.domain.feed_status import MarketClock
from plimsoll.domain.limit import Limit, Measure
from plimsoll.domain.limit_detail import anchors_wanted
from plimsoll.domain.market_figures import MarketFigures
from plimsoll.domain.stress_scenario import StressScenario
from plimsoll.domain.units import NS_PER_S
from plimsoll.engine.book_now import BookNow
from plimsoll.engine.book_path import BookPath
from plimsoll.engine.desk_rules import DeskRules
from plimsoll.engine.market_watch import MarketWatch
from plimsoll.engine.measurement import Measurement, StressLoss, coverage_of
from plimsoll.engine.part_tail import PartTails
from plimsoll.engine.scenario_risk import ScenarioRisk
from plimsoll.engine.scenario_window import PriceWindow
from plimsoll.engine.stress_watch import StressWatch
from plimsoll.engine.tick_gate import TickGate
from plimsoll.engine.universe import Universe

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
NAN = float("nan")

STRESS_PERIOD_NS = NS_PER_S // 4
PARTS_PERIOD_NS = NS_PER_S
"""Stress losses and the tails of groups are worked out anew no more often."""


class Measurer:
    """Reads the arrays of the book.

    Attributes
    ----------
    market : MarketWatch
        Liquidity, margin, correlation, rival methods.
    stress : Mapping
        What each named scenario costs, as of the last measuring.
    feed_lag_s : float
        How far the newest tick lay behind the market when it was heard; NaN unknown.
    mismatch_count : float
        Instruments on which broker and book disagree; NaN where nobody knows.
    """

    def __init__(
        self, universe: Universe, path: BookPath, risk: ScenarioRisk, gate: TickGate, rules: DeskRules
    ) -> None:
        hedges = _hedges_of(rules.limits)
        self.market = MarketWatch(universe, rules.method, hedges, rules.margin)
        self.stress: Mapping[str, StressLoss] = {}
        self.feed_lag_s = self.mismatch_count = NAN
        self._clock: MarketClock | None = None
        self._universe = universe
        self._path = path
        self._risk = risk
        self._gate = gate
        self._rules = rules
        self._wanted_anchors = anchors_wanted(rules.limits)
        self._stress = StressWatch(universe, rules.scenarios)
        self._stressed_at_ns = 0
        self._parts: PartTails | None = None
        self._parted_at_ns = 0
        self._is_fixed = self._by_itself_or_rate(path.board.is_fixed)
        self._proxied_by: PriceWindow | None = None
        self._is_proxy = self._is_fixed

    def follow_clock(self, clock: MarketClock) -> None:
        """Take how exchange time maps to the desk's clock; before it is told the lag is unknown."""
        self._clock = clock

    def note_ticks(self, rows: NDArray[np.void]) -> None:
        """Note how far the newest of some ticks lay behind the market when it was heard."""
        clock = self._clock
        if clock is not None and len(rows):
            newest = rows[-1]
            past_ns = (int(newest["exchange_time_ns"]) - clock.exchange_start_ns) / clock.speed
            self.feed_lag_s = (int(newest["received_time_ns"]) - clock.wall_start_ns - past_ns) / NS_PER_S

    def take_scenarios(self, scenarios: tuple[StressScenario, ...]) -> None:
        """Reprice the book under these from now on."""
        self._stress = StressWatch(self._universe, scenarios)
        self._stressed_at_ns = 0

    def take_limits(self, limits: tuple[Limit, ...]) -> None:
        """Take the limits in force: they say which anchors and hedges are to be measured."""
        self._wanted_anchors = anchors_wanted(limits)
        self.market.take_hedges(_hedges_of(limits))

    def measure(self, now_ns: int, *, at_once: bool = True) -> Measurement:
        """Return the figures of this instant; those of the market go on `at_once` or by `pursue`."""
        path, risk, n_held = self._path, self._risk, self._universe.n_held
        board, ledger, equity, mark = path.board, path.ledger, path.equity, path.board.mark
        value = ledger.exposure(mark)[:n_held]
        state = self._gate.sessions.states(
            value=value,
            heard_ns=board.heard_ns,
            is_fixed=board.is_fixed,
            halt=self._gate.halt,
            now_ns=now_ns,
        )
        coverage = coverage_of(value, state, risk.has_history[:n_held], self._proxied())
        risk.update(ledger, mark, coverage)
        day_pnl, day_fx = path.day.pnl(ledger)
        priced = coverage.priced_fraction > 0.0 and path.has_settled(coverage, now_ns)
        nav = ledger.nav() if priced else NAN
        self._restress(now_ns)
        market = self._market_figures(value, nav, now_ns) if at_once else self.market.figures
        return Measurement(
            nav=nav,
            day_pnl=day_pnl if priced else NAN,
            day_pnl_fx=day_fx if priced else NAN,
            day_nav=path.day.nav(ledger),
            batch_low_nav=min(equity.batch_low, nav) if equity.has_begun else nav,
            var=risk.var,
            es=risk.es,
            drawdown=equity.drawdown,
            batch_drawdown=equity.batch_drawdown,
            value=value,
            unrealised=ledger.unrealised(mark)[:n_held],
            worst_unrealised=ledger.unrealised(path.worst_mark)[:n_held],
            state=state,
            coverage=coverage,
            position_day_pnl=path.day.position_pnl(ledger, mark)[:n_held],
            es_contribution=risk.es_contributions(),
            anchor_nav=equity.anchors.known(self._wanted_anchors) if self._wanted_anchors else {},
            stress=self.stress,
            market=market,
            hedge_effectiveness=self.market.hedge_effectiveness,
            feed_lag_s=self.feed_lag_s,
            mismatch_count=self.mismatch_count,
            part_tail=self._part_tail(value, now_ns),
        )

    def pursue(self, measured: Measurement, now_ns: int) -> bool:
        """Take a step with the figures of the market, if one is due; tell whether it was."""
        figures, n_steps = self.market.figures, self.market.n_steps
        self._market_figures(measured.value, measured.nav, now_ns)
        return self.market.figures is not figures or self.market.n_steps != n_steps

    def _market_figures(self, value: FloatArray, nav: float, now_ns: int) -> MarketFigures:
        ledger, risk = self._path.ledger, self._risk
        return self.market.measure(
            now_ns,
            BookNow(
                mark=self._path.board.mark,
                reference=self._path.day.mark,
                quantity=ledger.quantity,
                value=value,
                fx=ledger.fx,
                nav=nav,
                matrix=risk.matrix,
                exposure=risk.exposure,
                pnl=risk.pnl,
            ),
        )

    def _restress(self, now_ns: int) -> None:
        if now_ns - self._stressed_at_ns >= STRESS_PERIOD_NS:
            self._stressed_at_ns = now_ns
            self.stress = self._stress.losses(self._path.ledger, self._path.board.mark)

    def _part_tail(self, value: FloatArray, now_ns: int) -> PartTails:
        if self._parts is None or now_ns - self._parted_at_ns >= PARTS_PERIOD_NS:
            self._parted_at_ns = now_ns
            n_held = self._universe.n_held
            ledger, risk = self._path.ledger, self._risk
            self._parts = PartTails(
                risk.matrix,
                risk.exposure[:n_held],
                value,
                ledger.net_worth(self._path.board.mark)[:n_held],
                ledger.currency_of[:n_held],
                self._rules.method,
            )
        return self._parts

    def _proxied(self) -> BoolArray:
        """Return whether each position's price or history is by decree or by proxy; new with the window."""
        window = self._risk.window
        if window is not self._proxied_by:
            self._proxied_by = window
            made = window.is_proxied
            self._is_proxy = (
                self._is_fixed if made is None else self._is_fixed | self._by_itself_or_rate(made)
            )
        return self._is_proxy

    def _by_itself_or_rate(self, flags: BoolArray) -> BoolArray:
        """Return for each position whether its own price is flagged or one that converts it is."""
        universe = self._universe
        by_rate = np.array([any(flags[leg] for leg, _ in route or ()) for route in universe.routes])
        found: BoolArray = flags | by_rate[self._path.ledger.currency_of]
        return found[: universe.n_held]


def _hedges_of(limits: tuple[Limit, ...]) -> list[str]:
    return [limit.detail for limit in limits if limit.measure is Measure.HEDGE_EFFECTIVENESS]
