"""Measures the book as it would be after some trades at the mark, by the formulas of the live figures."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from plimsoll.domain.book import Book
from plimsoll.domain.margin_rates import STANDARD_RATES, MarginRates
from plimsoll.domain.market_figures import LiquidityFigures, MarketFigures, MethodFigure
from plimsoll.domain.position import Fill
from plimsoll.domain.proposal import PlanLeg
from plimsoll.domain.stress_scenario import StressScenario
from plimsoll.engine.ledger import Ledger
from plimsoll.engine.liquidity_watch import KNOWN_ABOVE_FRACTION
from plimsoll.engine.margin_watch import MarginWatch
from plimsoll.engine.measurement import Measurement, coverage_of
from plimsoll.engine.part_tail import PartTails
from plimsoll.engine.plan_input import PlanInput, scenario_exposure
from plimsoll.engine.scenario_risk import KNOWN_ABOVE_HISTORY_FRACTION
from plimsoll.engine.stress_watch import StressWatch
from plimsoll.engine.universe import Universe
from plimsoll.risk.errors import InsufficientHistory
from plimsoll.risk.expected_shortfall import historical_es, tail_weights
from plimsoll.risk.liquidity import days_to_liquidate
from plimsoll.risk.value_at_risk import historical_var

FloatArray = NDArray[np.float64]
NAN = float("nan")


@dataclass(frozen=True, slots=True)
class _Tail:
    """VaR, ES, and each position's part of ES."""

    var: float
    es: float
    contribution: FloatArray


class HypotheticalBook:
    """Makes measurements of books that do not exist; one owner, the risk thread.

    Trades happen at the mark, by the book's one fill path: NAV, drawdown and the day's P&L stay as they are.
    Extremes within a batch are left out: the question is where the book would stand, not how it got there.

    Parameters
    ----------
    universe : Universe
        Of the engine.
    scenarios : tuple of StressScenario
        What the book is repriced under.
    margin : MarginRates
        What a broker asks of each kind of position.
    """

    def __init__(
        self,
        universe: Universe,
        scenarios: tuple[StressScenario, ...],
        margin: MarginRates = STANDARD_RATES,
    ) -> None:
        self._universe = universe
        self._stress = StressWatch(universe, scenarios)
        self._margin = MarginWatch(universe, margin)
        self._master = {item.code: item for item in universe.instruments[: universe.n_held]}

    def measure(self, plan_input: PlanInput, legs: Iterable[PlanLeg] = ()) -> Measurement:
        """Return the figures after `legs`; without any, those of the book as it stands.

        Raises
        ------
        FillRefused, UnknownInstrument
            If a leg is of nothing, or of a code that is not held or has no price.
        """
        before, mark = plan_input.measured, plan_input.mark_of_all
        n_held = self._universe.n_held
        ledger = Ledger(self._universe, self._traded(plan_input, legs))
        ledger.revalue(mark)
        value = ledger.exposure(mark)[:n_held]
        has_history = plan_input.has_history
        coverage = replace(
            coverage_of(value, before.state, has_history, np.zeros(n_held, dtype=np.bool_)),
            proxy_fraction=before.coverage.proxy_fraction,
        )
        matrix, method = plan_input.matrix, plan_input.method
        exposure = scenario_exposure(matrix, ledger, mark)
        worth = ledger.net_worth(mark)[:n_held]
        tail = _tail(plan_input, exposure, np.nan_to_num(worth), ledger, coverage.history_fraction)
        unrealised = ledger.unrealised(mark)[:n_held]
        return replace(
            before,
            batch_low_nav=before.nav,
            batch_drawdown=before.drawdown,
            var=tail.var,
            es=tail.es,
            value=value,
            unrealised=unrealised,
            worst_unrealised=unrealised,
            coverage=coverage,
            es_contribution=tail.contribution,
            stress=self._stress.losses(ledger, mark),
            market=self._market(plan_input, ledger, value, tail.var),
            part_tail=PartTails(matrix, exposure[:n_held], value, worth, ledger.currency_of[:n_held], method),
        )

    def _traded(self, plan_input: PlanInput, legs: Iterable[PlanLeg]) -> Book:
        book = plan_input.book
        for number, leg in enumerate(legs):
            place = plan_input.codes.index(leg.code) if leg.code in plan_input.codes else -1
            price = float(plan_input.mark[place]) if place >= 0 else NAN
            fill = Fill(f"what-if-{number}", leg.code, leg.quantity, Decimal(repr(price)))
            book = book.after_fill(fill, self._master)
        return book

    def _market(
        self, plan_input: PlanInput, ledger: Ledger, value: FloatArray, var: float
    ) -> MarketFigures | None:
        before = plan_input.measured.market
        n_held = self._universe.n_held
        if before is None or len(before.liquidity.days_to_exit) != n_held:
            return before
        mark = plan_input.mark_of_all[:n_held]
        return replace(
            before,
            liquidity=_liquidity(before.liquidity, plan_input, ledger.quantity[:n_held], value),
            margin=self._margin.figures(value, mark, ledger.fx, plan_input.measured.nav),
            var_methods=tuple(
                _scaled_method(each, plan_input.measured.var, var) for each in before.var_methods
            ),
        )


def after_cost(measured: Measurement, cost_base: float) -> Measurement:
    """Return a book's figures once a cost is paid: it adds to the day's loss and to every fall."""
    nav = measured.nav - cost_base
    # From (high − NAV) / high = drawdown; a book without a high has no drawdown either.
    high = measured.nav / (1.0 - measured.drawdown) if measured.drawdown < 1.0 else NAN
    drawdown = 1.0 - nav / high if high > 0.0 else measured.drawdown
    return replace(
        measured,
        nav=nav,
        batch_low_nav=nav,
        day_pnl=measured.day_pnl - cost_base,
        drawdown=drawdown,
        batch_drawdown=drawdown,
    )


def _tail(
    plan_input: PlanInput,
    exposure: FloatArray,
    worth: FloatArray,
    ledger: Ledger,
    history_fraction: float,
) -> _Tail:
    """Return the tail of the book, unknown by the rules of `ScenarioRisk`."""
    matrix, method, n_held = plan_input.matrix, plan_input.method, plan_input.n_held
    unknown = _Tail(NAN, NAN, np.full(n_held, NAN))
    is_short = matrix.n_scenarios < method.unknown_below
    if is_short or history_fraction < KNOWN_ABOVE_HISTORY_FRACTION:
        return unknown
    pnl = np.asarray(exposure @ matrix.rows, dtype=np.float64)
    try:
        var = historical_var(pnl, confidence=method.var_confidence, rule="rank")
        es = historical_es(pnl, confidence=method.es_confidence, tail="fractional")
        weights = tail_weights(pnl, confidence=method.es_confidence)
    except InsufficientHistory:
        return unknown
    in_tail = np.flatnonzero(weights)
    part = matrix.rows[:, in_tail] @ weights[in_tail]
    fx_part = part[len(plan_input.mark_of_all) :]
    mine = exposure[:n_held] * part[:n_held] + worth * fx_part[ledger.currency_of[:n_held]]
    return _Tail(var, es, -mine)


def _liquidity(
    before: LiquidityFigures, plan_input: PlanInput, quantity: FloatArray, value: FloatArray
) -> LiquidityFigures:
    """Return the way out of another size: days in proportion, cost in proportion to the money.

    For less than was held the cost is at most this, since a smaller order eats less of the book; for more it
    is at least this.
    """
    held_before = plan_input.quantity
    ratio = np.divide(
        np.abs(quantity),
        np.abs(held_before),
        out=np.full(len(quantity), np.nan),
        where=held_before != 0.0,
    )
    days = before.days_to_exit * ratio
    opened = (held_before == 0.0) & (quantity != 0.0)
    volume = plan_input.daily_volume
    known = opened & np.isfinite(volume)
    days[opened] = np.nan
    days[known] = days_to_liquidate(
        quantity[known], volume[known], participation=plan_input.method.participation
    )
    days[quantity == 0.0] = 0.0
    cost = np.where(opened, np.abs(value) * plan_input.cost_fraction, before.exit_cost_base * ratio)
    cost[quantity == 0.0] = 0.0
    share, known_fraction = _exit_in_a_day(value, days)
    return replace(
        before, days_to_exit=days, exit_share_1d=share, exit_cost_base=cost, known_fraction=known_fraction
    )


def _exit_in_a_day(value: FloatArray, days: FloatArray) -> tuple[float, float]:
    """Return the share of gross out after a day and the share of known days, by `LiquidityWatch`'s rule."""
    size = np.nan_to_num(np.abs(value))
    gross = float(size.sum())
    if gross == 0.0:
        return NAN, NAN
    known = float(size[~np.isnan(days)].sum()) / gross * float(np.isfinite(value).mean())
    with np.errstate(divide="ignore"):
        pace = np.where(np.isnan(days), 0.0, np.minimum(1.0 / days, 1.0))
    share = float(size @ pace) / gross
    return (share if known >= KNOWN_ABOVE_FRACTION else NAN), known


def _scaled_method(figure: MethodFigure, var_before: float, var_after: float) -> MethodFigure:
    """Return a rival method's figures scaled as the headline VaR is: its own round takes seconds."""
    ratio = var_after / var_before if var_before > 0.0 else NAN
    return replace(figure, var=figure.var * ratio, es=figure.es * ratio)
