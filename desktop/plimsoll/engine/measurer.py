"""Takes every measure of an instant from the book's path and the scenarios."""

import numpy as np
from numpy.typing import NDArray

from plimsoll.domain.snapshot import PositionState
from plimsoll.domain.units import NS_PER_S
from plimsoll.engine.book_path import BookPath
from plimsoll.engine.measurement import Measurement, coverage_of
from plimsoll.engine.scenario_risk import ScenarioRisk
from plimsoll.engine.universe import Universe

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
NAN = float("nan")


class Measurer:
    """Reads the arrays of the book; it keeps nothing but what never changes."""

    def __init__(self, universe: Universe, path: BookPath, risk: ScenarioRisk) -> None:
        self._universe = universe
        self._path = path
        self._risk = risk
        self._stale_ns = np.array([item.stale_after_s for item in universe.instruments]) * NS_PER_S
        self._legs = [
            (number, [leg for leg, _ in route]) for number, route in enumerate(universe.routes) if route
        ]
        self._currency_of = np.array(universe.currency_of[: universe.n_held], dtype=np.int64)
        self._is_proxy = self._by_itself_or_rate(path.board.is_fixed)

    def measure(self, now_ns: int) -> Measurement:
        """Return the figures of this instant."""
        path, risk, n_held = self._path, self._risk, self._universe.n_held
        ledger, equity, mark = path.ledger, path.equity, path.board.mark
        value = ledger.exposure(mark)[:n_held]
        state = self._states(value, now_ns)
        coverage = coverage_of(value, state, risk.has_history[:n_held], self._is_proxy)
        risk.update(ledger, mark, coverage)
        day_pnl, day_fx = path.day.pnl(ledger)
        priced = coverage.priced_fraction > 0.0 and path.has_settled(coverage, now_ns)
        nav = ledger.nav() if priced else NAN
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
        )

    def _states(self, value: FloatArray, now_ns: int) -> NDArray[np.uint8]:
        board = self._path.board
        is_old = now_ns - board.heard_ns > self._stale_ns
        stale = self._by_itself_or_rate(is_old & ~board.is_fixed)
        state = np.where(stale, PositionState.STALE, PositionState.PRICED)
        return np.where(np.isfinite(value), state, PositionState.UNPRICEABLE).astype(np.uint8)

    def _by_itself_or_rate(self, flags: BoolArray) -> BoolArray:
        """Return for each position whether its own price is flagged or one that converts it is."""
        by_rate = np.zeros(len(self._universe.routes), dtype=np.bool_)
        for number, legs in self._legs:
            by_rate[number] = flags[legs].any()
        found: BoolArray = flags[: self._universe.n_held] | by_rate[self._currency_of]
        return found
