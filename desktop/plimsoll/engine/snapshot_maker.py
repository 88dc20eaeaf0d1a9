"""Makes the frozen snapshot that every view draws from."""

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from plimsoll.domain.book import Book
from plimsoll.domain.limit import Limit, LimitState, Measure, ScopeKind, Unit
from plimsoll.domain.snapshot import (
    GaugeReading,
    Grouping,
    LimitStatus,
    PositionTable,
    Quality,
    RiskSnapshot,
)
from plimsoll.domain.tick import TickCounts
from plimsoll.domain.units import NS_PER_S
from plimsoll.engine.day_reference import DayReference
from plimsoll.engine.desk_rules import DeskRules
from plimsoll.engine.equity_path import EquityPath
from plimsoll.engine.ledger import Ledger
from plimsoll.engine.limit_watch import Instant, LimitWatch
from plimsoll.engine.mark_board import MarkBoard
from plimsoll.engine.measurement import GROUPINGS, Groups, Measurement
from plimsoll.engine.scenario_risk import ScenarioRisk
from plimsoll.engine.universe import Universe

FloatArray = NDArray[np.float64]
NAN = float("nan")
_T = TypeVar("_T", bound=np.generic)


class SnapshotMaker:
    """Counts snapshots and knows what does not change between them."""

    def __init__(self, universe: Universe, groups: dict[ScopeKind, Groups], rules: DeskRules) -> None:
        self._held = universe.instruments[: universe.n_held]
        self._place = {item.code: number for number, item in enumerate(self._held)}
        self._groups = groups
        self._rules = rules
        self._number = 0

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
            gauges=self._gauges(measured, risk, watch.statuses),
            limits=watch.statuses,
            breaches=watch.breaches,
            worst=max(known, key=lambda status: status.use_fraction, default=None),
            n_unknown_limits=sum(status.state is LimitState.UNKNOWN for status in watch.statuses),
            scenario_pnl=_frozen(risk.pnl.copy()),
            trades=counts[0],
            books=counts[1],
            n_journal_rows=n_journal_rows,
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
        for limit, reading in zip(watch.limits, watch.readings, strict=True):
            if limit.scope.kind is not ScopeKind.INSTRUMENT:
                continue
            mine = np.maximum(reading.value, 0.0) / limit.line
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
            for limit in self._rules.limits
            if limit.scope.kind is kind
            and limit.scope.member in {"", label}
            and limit.measure in {Measure.NET_WEIGHT, Measure.GROSS_WEIGHT}
        ]
        return min(lines, default=NAN)

    def _gauges(
        self, measured: Measurement, risk: ScenarioRisk, statuses: tuple[LimitStatus, ...]
    ) -> tuple[GaugeReading, ...]:
        method = self._rules.method
        nav = measured.nav if measured.nav > 0.0 else NAN
        quality = Quality.GOOD if measured.is_trusted else Quality.LOW
        var = f"VaR {method.var_confidence:.0%} · 1 day"
        es = f"ES {method.es_confidence:.1%} · 1 day".replace(".0%", "%")
        from_scenarios = (risk.quality, risk.note)
        from_marks = (quality, "high-water mark seen at every tick")
        from_exposure = (quality, "gross exposure over NAV")
        fall, leverage = measured.drawdown, measured.gross / nav
        rows = (
            ("var", var, (Measure.VAR, Measure.VAR_FRACTION), measured.var, from_scenarios),
            ("es", es, (Measure.ES, Measure.ES_FRACTION), measured.es, from_scenarios),
            ("drawdown", "Drawdown from peak", (Measure.DRAWDOWN,), fall, from_marks),
            ("gross", "Gross leverage", (Measure.GROSS_LEVERAGE,), leverage, from_exposure),
        )
        return tuple(_gauge(statuses, *row, nav=nav) for row in rows)


def _gauge(
    statuses: tuple[LimitStatus, ...],
    key: str,
    title: str,
    measures: tuple[Measure, ...],
    value: float,
    trust: tuple[Quality, str],
    *,
    nav: float,
) -> GaugeReading:
    """Return a gauge under the tightest book limit on any of `measures`, its line in the gauge's own unit."""
    mine = [
        status
        for status in statuses
        if status.limit.measure in measures and status.limit.scope.kind is ScopeKind.BOOK
    ]
    unit = measures[0].unit
    quality, note = trust
    if not mine:
        state = LimitState.FINE if np.isfinite(value) else LimitState.UNKNOWN
        return GaugeReading(key, title, measures[0], value, NAN, unit, NAN, state, quality, note)
    lines = [_line_in(unit, status.limit, nav) for status in mine]
    place = int(np.nanargmin(lines)) if np.isfinite(lines).any() else 0
    status = mine[place]
    unknown = not np.isfinite(value)
    return GaugeReading(
        key=key,
        title=title,
        measure=measures[0],
        value=value,
        line=lines[place],
        unit=unit,
        use_fraction=status.use_fraction,
        state=status.state,
        quality=Quality.UNKNOWN if unknown else quality,
        note=status.reason if status.state is LimitState.UNKNOWN and not unknown else note,
    )


def _line_in(unit: Unit, limit: Limit, nav: float) -> float:
    return limit.line * nav if unit is Unit.MONEY and limit.measure.unit is not Unit.MONEY else limit.line


def _hhi(gross: FloatArray) -> float:
    """Return Σw² over gross weights; NaN of an empty book."""
    total = float(gross.sum())
    return float(np.square(gross / total).sum()) if total > 0.0 else NAN


def _frozen(column: NDArray[_T]) -> NDArray[_T]:
    column.flags.writeable = False
    return column
