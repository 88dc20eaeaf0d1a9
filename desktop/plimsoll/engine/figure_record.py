"""The figures of a snapshot as the journal keeps them at the end of a day, and back."""

import math
from collections.abc import Mapping
from typing import Any

import msgspec

from plimsoll.domain.backtest_result import BacktestResult
from plimsoll.domain.desk_figures import (
    DeskFigures,
    GradedFigure,
    GroupFigures,
    LampFigures,
    LimitFigures,
    PositionFigures,
)
from plimsoll.domain.snapshot import GaugeReading, PositionState, PositionTable, RiskSnapshot

DAY_FIGURES = "day_figures"
"""The kind of the journal row."""


def figures_of(snapshot: RiskSnapshot, backtest: BacktestResult | None = None) -> DeskFigures:
    """Return what is kept of a snapshot, and of the newest backtest where one was run."""
    coverage = snapshot.coverage
    return DeskFigures(
        exchange_time_ns=snapshot.exchange_time_ns,
        received_time_ns=snapshot.received_time_ns,
        book_name=snapshot.book_name,
        base_currency=snapshot.base_currency,
        nav=snapshot.nav,
        day_pnl=snapshot.day_pnl,
        day_pnl_fx=snapshot.day_pnl_fx,
        day_pnl_fraction=snapshot.day_pnl_fraction,
        var=snapshot.var,
        es=snapshot.es,
        var_words=snapshot.var_note,
        n_scenarios=snapshot.n_scenarios,
        high_water_mark=snapshot.high_water_mark,
        drawdown=snapshot.drawdown,
        max_drawdown=snapshot.max_drawdown,
        gross=snapshot.gross,
        net=snapshot.net,
        long=snapshot.long,
        short=snapshot.short,
        leverage=snapshot.leverage,
        priced_fraction=coverage.priced_fraction,
        fresh_fraction=coverage.fresh_fraction,
        history_fraction=coverage.history_fraction,
        proxy_fraction=coverage.proxy_fraction,
        positions=_positions(snapshot.table),
        limits=tuple(
            LimitFigures(
                status.limit.limit_id,
                status.member,
                status.value,
                status.use_fraction,
                status.state.value,
                status.reason,
            )
            for status in snapshot.limits
        ),
        groups=tuple(
            GroupFigures(grouping.name, *row)
            for grouping in snapshot.groupings
            for row in zip(
                grouping.labels,
                grouping.net_base.tolist(),
                grouping.gross_base.tolist(),
                grouping.net_weight_fraction.tolist(),
                grouping.line_fraction.tolist(),
                strict=True,
            )
        ),
        graded=tuple(_graded(gauge) for gauge in snapshot.gauges),
        lamps=lamps_of(backtest),
        lamp_words=lamp_words(backtest),
    )


def body_of_figures(figures: DeskFigures) -> dict[str, object]:
    """Return them as JSON-able facts; what is not known, or without an end, is null."""
    # Through JSON and back: msgspec writes NaN and infinity as null, in a fifth of the time of a walk.
    body: dict[str, object] = msgspec.json.decode(msgspec.json.encode(figures, enc_hook=_plain))
    return body


def figures_from(body: Mapping[str, Any]) -> DeskFigures:
    """Return the figures that `body_of_figures` wrote.

    Raises
    ------
    msgspec.ValidationError
        If the facts are not those of a desk.
    """
    return msgspec.convert(_numbers(body), DeskFigures)


def _positions(table: PositionTable) -> tuple[PositionFigures, ...]:
    columns = (
        table.quantity, table.mark, table.value_base, table.weight_fraction, table.day_pnl_base,
        table.unrealised_base, table.es_contribution_base,
    )  # fmt: skip
    rows = zip(*(column.tolist() for column in columns), strict=True)
    return tuple(
        PositionFigures(*(item.code, item.name, item.currency, *row, PositionState(int(state)).name.lower()))
        for item, row, state in zip(table.instruments, rows, table.state, strict=True)
    )


def _graded(gauge: GaugeReading) -> GradedFigure:
    grade = gauge.grade
    letter, words = ("", gauge.note) if grade is None else (grade.letter.value, grade.words)
    return GradedFigure(gauge.title, gauge.value, gauge.unit.value, letter, words)


def lamps_of(result: BacktestResult | None) -> tuple[LampFigures, ...]:
    """Return the lamp of each model of a backtest; none without one."""
    return tuple(
        LampFigures(
            f"{record.name}: {record.words}" if record.words else record.name,
            record.lamp.value,
            record.n_exceptions,
            record.n_expected,
            record.zone,
            record.mean_score,
            record.reason,
        )
        for record in (result.methods if result is not None else ())
    )


def lamp_words(result: BacktestResult | None) -> str:
    """Return what the lamps rest on, or why there are none; empty where no backtest was run."""
    if result is None:
        return ""
    if not result.is_known:
        return f"No backtest: {result.refusal}"
    words = (
        f"VaR {result.var_confidence:.1%} of the book over {len(result.days)} days, each forecast made from "
        f"the {result.n_window} days before it alone; the best joint score first, lower is better."
    )
    return ". ".join((words.removesuffix("."), *result.words)) + "."


def _plain(value: Any) -> Any:
    """Return a number of numpy's as Python's own."""
    return value.item()


def _numbers(value: Any) -> Any:
    """Return facts with NaN in the place of null: no text of these figures is ever null."""
    if isinstance(value, Mapping):
        return {key: _numbers(held) for key, held in value.items()}
    if isinstance(value, list):
        return [_numbers(held) for held in value]
    return math.nan if value is None else value
