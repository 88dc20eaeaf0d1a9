"""Makes the frozen snapshot that every view draws from."""

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from plimsoll.domain.book import Book
from plimsoll.domain.grade import FigureGrade
from plimsoll.domain.held_print import HeldPrint
from plimsoll.domain.limit import Limit, LimitState, Measure, ScopeKind, Unit
from plimsoll.domain.limit_change import LimitChange
from plimsoll.domain.limit_detail import HIGH_WATER_MARK, anchor, is_headline_method
from plimsoll.domain.market_figures import MarketFigures
from plimsoll.domain.snapshot import (
    GaugeReading,
    Grouping,
    LimitStatus,
    PositionTable,
    RiskSnapshot,
)
from plimsoll.domain.stress_scenario import StressLine
from plimsoll.domain.tick import TickCounts
from plimsoll.domain.units import NS_PER_S
from plimsoll.engine.day_reference import DayReference
from plimsoll.engine.desk_rules import DeskRules
from plimsoll.engine.equity_path import EquityPath
from plimsoll.engine.grade import grade_of
from plimsoll.engine.ledger import Ledger
from plimsoll.engine.limit_watch import Instant, LimitWatch
from plimsoll.engine.mark_board import MarkBoard
from plimsoll.engine.measurement import GROUPINGS, Groups, Measurement
from plimsoll.engine.scenario_risk import ScenarioRisk
from plimsoll.engine.second_hand import SlowFigures
from plimsoll.engine.universe import Universe, numbers_of

FloatArray = NDArray[np.float64]
NAN = float("nan")
_TAIL = frozenset({Measure.VAR, Measure.VAR_FRACTION, Measure.ES, Measure.ES_FRACTION})
_T = TypeVar("_T", bound=np.generic)


class SnapshotMaker:
    """Counts snapshots and knows what does not change between them."""

    def __init__(self, universe: Universe, groups: dict[ScopeKind, Groups], rules: DeskRules) -> None:
        self._held = universe.instruments[: universe.n_held]
        self._place = numbers_of(universe.codes[: universe.n_held])
        self._groups = groups
        self._rules = rules
        self._number = 0
        self._limits = rules.limits

    def take_rules(self, rules: DeskRules) -> None:
        """Draw by these from now on."""
        self._rules = rules

    def take_limits(self, limits: tuple[Limit, ...]) -> None:
        """Take the limits in force."""
        self._limits = limits

    def take(
        self,
        *,
        measured: Measurement,
        book: Book,
        ledger: Ledger,
        board: MarkBoard,
        day: DayReference,
        equity: EquityPath,
        risk: ScenarioRisk,
        watch: LimitWatch,
        counts: tuple[TickCounts, TickCounts],
        instant: Instant,
        n_journal_rows: int,
        slow: SlowFigures,
        held_prints: tuple[HeldPrint, ...],
        pending_changes: tuple[LimitChange, ...],
    ) -> RiskSnapshot:
        """Return the snapshot of this instant."""
        self._number += 1
        nav = measured.nav if measured.nav > 0.0 else NAN
        value = measured.value
        gross = measured.gross
        long = float(np.nansum(np.maximum(value, 0.0)))
        hhi = NAN if np.isnan(measured.nav) else _hhi(np.nan_to_num(np.abs(value)))
        known = [status for status in watch.statuses if np.isfinite(status.use_fraction)]
        return RiskSnapshot(
            number=self._number,
            book_name=book.name,
            base_currency=book.base_currency,
            exchange_time_ns=instant.exchange_time_ns,
            received_time_ns=instant.received_time_ns,
            nav=measured.nav,
            day_pnl=measured.day_pnl,
            day_pnl_fx=measured.day_pnl_fx,
            day_pnl_fraction=measured.day_pnl / measured.day_nav if measured.day_nav > 0.0 else NAN,
            var=measured.var,
            es=measured.es,
            var_note=risk.note,
            n_scenarios=risk.n_scenarios,
            history_loaded=risk.loaded,
            history_wanted=risk.wanted,
            high_water_mark=equity.high_water_mark,
            drawdown=measured.drawdown,
            max_drawdown=equity.max_drawdown,
            gross=gross,
            net=measured.net,
            long=long,
            short=gross - long,
            leverage=gross / nav,
            net_leverage=abs(measured.net) / nav,
            hhi=hhi,
            effective_number=1.0 / hhi,
            coverage=measured.coverage,
            quality=risk.quality,
            table=self._table(measured, ledger, board, day, risk, watch, instant),
            groupings=tuple(self._grouping(kind, measured) for kind in GROUPINGS),
            gauges=self._gauges(measured, risk, watch.statuses, slow),
            limits=watch.statuses,
            breaches=watch.breaches,
            worst=max(known, key=lambda status: status.use_fraction, default=None),
            n_unknown_limits=sum(status.state is LimitState.UNKNOWN for status in watch.statuses),
            scenario_pnl=_frozen(risk.pnl.copy()),
            trades=counts[0],
            books=counts[1],
            n_journal_rows=n_journal_rows,
            market=measured.market or MarketFigures(),
            ladder=slow.ladder,
            stress=self._stress_lines(measured),
            held_prints=held_prints,
            data_doubts=slow.doubts,
            stand_ins=risk.window.stand_ins,
            unfiled=watch.unfiled,
            rules=slow.rules,
            pending_changes=pending_changes,
        )

    def _stress_lines(self, measured: Measurement) -> tuple[StressLine, ...]:
        nav = measured.nav if measured.nav > 0.0 else NAN
        losses = measured.stress
        return tuple(
            StressLine(
                item.scenario_id,
                item.name,
                losses[item.scenario_id].total,
                losses[item.scenario_id].total / nav,
            )
            for item in self._rules.scenarios
            if item.scenario_id in losses
        )

    def _table(
        self,
        measured: Measurement,
        ledger: Ledger,
        board: MarkBoard,
        day: DayReference,
        risk: ScenarioRisk,
        watch: LimitWatch,
        instant: Instant,
    ) -> PositionTable:
        n = len(self._held)
        mark, average = board.mark[:n], ledger.average_price[:n]
        nav = measured.nav if measured.nav > 0.0 else NAN
        with np.errstate(divide="ignore", invalid="ignore"):
            cost = np.abs(ledger.quantity * ledger.multiplier * ledger.average_price)[:n]
            cost_base = cost * ledger.fx[ledger.currency_of[:n]]
            on_cost = np.where(cost_base > 0.0, measured.unrealised / cost_base, NAN)
            day_change = np.where(day.mark[:n] > 0.0, mark / day.mark[:n] - 1.0, NAN)
        heard = board.heard_ns[:n]
        age = np.where(heard > 0, (instant.received_time_ns - heard) / NS_PER_S, NAN)
        return PositionTable(
            instruments=self._held,
            quantity=_frozen(ledger.quantity[:n].copy()),
            mark=_frozen(mark.copy()),
            average_price=_frozen(average.copy()),
            day_change_fraction=_frozen(day_change),
            value_base=_frozen(measured.value),
            weight_fraction=_frozen(measured.value / nav),
            day_pnl_base=_frozen(day.position_pnl(ledger, board.mark)[:n]),
            unrealised_base=_frozen(measured.unrealised),
            unrealised_fraction=_frozen(on_cost),
            es_contribution_base=_frozen(risk.es_contributions()),
            limit_use_fraction=_frozen(self._limit_use(watch)),
            age_s=_frozen(np.maximum(age, 0.0)),
            state=_frozen(measured.state),
            has_history=_frozen(risk.has_history[:n].copy()),
            day_low=_frozen(day.low[:n].copy()),
            day_high=_frozen(day.high[:n].copy()),
        )

    def _limit_use(self, watch: LimitWatch) -> FloatArray:
        """Return the worst use of any limit on each single position."""
        use = np.full(len(self._held), NAN)
        for limit, value in watch.values(ScopeKind.INSTRUMENT):
            mine = limit.line / value if limit.measure.is_floor else np.maximum(value, 0.0) / limit.line
            if not limit.scope.member:
                use = np.fmax(use, mine)  # one member a position, in their order
            elif limit.scope.member in self._place:
                row = self._place[limit.scope.member]
                use[row] = np.fmax(use[row], mine[0])
        return use

    def _grouping(self, kind: ScopeKind, measured: Measurement) -> Grouping:
        groups = self._groups[kind]
        net, gross = groups.totals(measured.value)
        nav = measured.nav if measured.nav > 0.0 else NAN
        order = np.argsort(-gross, kind="stable")
        labels = tuple(groups.labels[place] for place in order)
        hhi = _hhi(gross)
        return Grouping(
            name=str(kind),
            labels=labels,
            net_base=_frozen(net[order]),
            gross_base=_frozen(gross[order]),
            net_weight_fraction=_frozen(net[order] / nav),
            gross_weight_fraction=_frozen(gross[order] / nav),
            line_fraction=_frozen(np.array([self._line(kind, label) for label in labels])),
            hhi=hhi,
            effective_number=1.0 / hhi,
        )

    def _line(self, kind: ScopeKind, label: str) -> float:
        lines = [
            limit.line
            for limit in self._limits
            if limit.scope.kind is kind
            and limit.scope.member in {"", label}
            and limit.measure in {Measure.NET_WEIGHT, Measure.GROSS_WEIGHT}
        ]
        return min(lines, default=NAN)

    def _gauges(
        self,
        measured: Measurement,
        risk: ScenarioRisk,
        statuses: tuple[LimitStatus, ...],
        slow: SlowFigures,
    ) -> tuple[GaugeReading, ...]:
        method = self._rules.method
        nav = measured.nav if measured.nav > 0.0 else NAN
        market = measured.market or MarketFigures()
        var = f"VaR {method.var_confidence:.0%} · 1 day"
        es = f"ES {method.es_confidence:.1%} · 1 day".replace(".0%", "%")
        figures = (
            _Figure("var", var, (Measure.VAR, Measure.VAR_FRACTION), measured.var, risk.note),
            _Figure("es", es, (Measure.ES, Measure.ES_FRACTION), measured.es, risk.note),
            _Figure(
                "drawdown",
                "Drawdown · peak",
                (Measure.DRAWDOWN,),
                measured.drawdown,
                "high-water mark seen at every tick",
            ),
            _Figure(
                "gross", "Gross leverage", (Measure.GROSS_LEVERAGE,), measured.gross / nav, "gross over NAV"
            ),
            _Figure(
                "margin", "Margin use", (Measure.MARGIN_USE,), market.margin.use_fraction, market.margin.words
            ),
            _Figure(
                "liquidity",
                "Out within a day",
                (Measure.EXIT_SHARE_1D,),
                market.liquidity.exit_share_1d,
                market.liquidity.words,
            ),
        )
        errors = {"var": slow.var_error_fraction, "es": slow.es_error_fraction}
        return tuple(
            _gauge(
                figure,
                statuses,
                grade_of(
                    figure.measures[0],
                    figure.value,
                    measured.coverage,
                    method=method,
                    n_scenarios=risk.n_scenarios,
                    sampling_error_fraction=errors.get(figure.key, NAN),
                    n_doubts=len(slow.doubts),
                ),
                nav,
            )
            for figure in figures
        )


@dataclass(frozen=True, slots=True)
class _Figure:
    """What one gauge shows: of the measures the first gives the unit."""

    key: str
    title: str
    measures: tuple[Measure, ...]
    value: float
    note: str


def _gauge(
    figure: _Figure, statuses: tuple[LimitStatus, ...], grade: FigureGrade, nav: float
) -> GaugeReading:
    """Return a gauge under the tightest book limit on its measures, the line in the gauge's own unit."""
    mine = [
        status
        for status in statuses
        if status.limit.measure in figure.measures
        and status.limit.scope.kind is ScopeKind.BOOK
        and not _asks_for_another(status.limit)
    ]
    measure = figure.measures[0]
    unit, is_unknown = measure.unit, not np.isfinite(figure.value)
    status = max(mine, key=lambda each: np.nan_to_num(each.use_fraction, nan=-1.0), default=None)
    if status is None:
        state = LimitState.UNKNOWN if is_unknown else LimitState.FINE
        line = use = NAN
    else:
        state, use, line = status.state, status.use_fraction, _line_in(unit, status.limit, nav)
    is_doubted = status is not None and state is LimitState.UNKNOWN and not is_unknown
    return GaugeReading(
        key=figure.key,
        title=figure.title,
        measure=measure,
        value=figure.value,
        line=line,
        unit=unit,
        use_fraction=use,
        state=state,
        quality=grade.quality,
        note=status.reason if status is not None and is_doubted else figure.note,
        grade=grade,
        is_floor=measure.is_floor,
    )


def _asks_for_another(limit: Limit) -> bool:
    """Tell whether a limit is on another figure than the gauge's: another method, another anchor."""
    if limit.measure is Measure.DRAWDOWN:
        return anchor(limit.detail) != HIGH_WATER_MARK
    return limit.measure in _TAIL and not is_headline_method(limit.detail)


def _line_in(unit: Unit, limit: Limit, nav: float) -> float:
    return limit.line * nav if unit is Unit.MONEY and limit.measure.unit is not Unit.MONEY else limit.line


def _hhi(gross: FloatArray) -> float:
    """Return Σw² over gross weights; NaN of an empty book."""
    total = float(gross.sum())
    return float(np.square(gross / total).sum()) if total > 0.0 else NAN


def _frozen(column: NDArray[_T]) -> NDArray[_T]:
    column.flags.writeable = False
    return column
