"""Each measure of the whole book, now and at the worst tick since the last measurement."""

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from plimsoll.domain.limit import Measure
from plimsoll.domain.limit_detail import (
    HIGH_WATER_MARK,
    anchor,
    high_of,
    is_headline_method,
    top_n,
    trailing_days,
)
from plimsoll.domain.market_figures import MarketFigures
from plimsoll.engine.measurement import TRUSTED_FRESH_FRACTION, Measurement

FloatArray = NDArray[np.float64]
NAN = float("nan")
NO_MARKET = MarketFigures()


class Figure(NamedTuple):
    """A measure of the book; where it is partial, the unknown rest could only make it worse or move it."""

    value: float
    worst: float
    is_partial: bool = False


def book_figure(measure: Measure, detail: str, measured: Measurement) -> Figure:
    """Return a measure of the book in its unit; NaN is unknown."""
    return _FIGURES[measure](measured, detail)


def above_zero(amount: float) -> float:
    """Return the amount if a share of it has a meaning; NaN otherwise."""
    return amount if amount > 0.0 else NAN


def _twice(value: float) -> Figure:
    return Figure(value, value)


def _tail(name: str) -> Callable[[Measurement, str], Figure]:
    def figure(measured: Measurement, detail: str) -> Figure:
        if is_headline_method(detail):
            return _twice(measured.var if name == "var" else measured.es)
        method = (measured.market or NO_MARKET).method(detail)
        return _twice(method.var if name == "var" else method.es)

    return figure


def _of_nav(money: Callable[[Measurement, str], Figure]) -> Callable[[Measurement, str], Figure]:
    def figure(measured: Measurement, detail: str) -> Figure:
        now, worst, is_partial = money(measured, detail)
        nav = above_zero(measured.nav)
        return Figure(now / nav, worst / nav, is_partial)

    return figure


def _drawdown(measured: Measurement, detail: str) -> Figure:
    name = anchor(detail)
    if name == HIGH_WATER_MARK:
        return Figure(measured.drawdown, measured.batch_drawdown)
    start = above_zero(measured.anchor_nav.get(name, NAN))
    return Figure(1.0 - measured.nav / start, 1.0 - measured.batch_low_nav / start)


def _trailing_loss(measured: Measurement, detail: str) -> Figure:
    high = measured.anchor_nav.get(high_of(trailing_days(detail)), NAN)
    now = max(high - measured.nav, 0.0) if math.isfinite(measured.nav) else NAN
    return Figure(now, max(now, high - measured.batch_low_nav))


def _trailing_loss_fraction(measured: Measurement, detail: str) -> Figure:
    now, worst, _ = _trailing_loss(measured, detail)
    high = above_zero(measured.anchor_nav.get(high_of(trailing_days(detail)), NAN))
    return Figure(now / high, worst / high)


def _day_loss(measured: Measurement, _: str) -> Figure:
    loss = -measured.day_pnl
    return Figure(loss, loss + max(measured.nav - measured.batch_low_nav, 0.0))


def _day_loss_fraction(measured: Measurement, detail: str) -> Figure:
    now, worst, _ = _day_loss(measured, detail)
    day_nav = above_zero(measured.day_nav)
    return Figure(now / day_nav, worst / day_nav)


def _gross_exposure(measured: Measurement, _: str) -> Figure:
    return _twice(NAN if math.isnan(measured.nav) else measured.gross)


def _net_exposure(measured: Measurement, _: str) -> Figure:
    return _twice(NAN if math.isnan(measured.nav) else abs(measured.net))


def _gross_leverage(measured: Measurement, _: str) -> Figure:
    return _twice(measured.gross / above_zero(measured.nav))


def _net_leverage(measured: Measurement, _: str) -> Figure:
    return _twice(abs(measured.net) / above_zero(measured.nav))


def _hhi(measured: Measurement, _: str) -> Figure:
    # Until NAV may be spoken of only half the book has weights.
    return _twice(NAN if math.isnan(measured.nav) else measured.hhi)


def _top_n_weight(measured: Measurement, detail: str) -> Figure:
    size = np.abs(np.nan_to_num(measured.value))
    n = min(top_n(detail), len(size))
    largest = np.partition(size, len(size) - n)[len(size) - n :] if n else size
    return _twice(float(largest.sum()) / above_zero(measured.nav))


def _position_loss(measured: Measurement, _: str) -> Figure:
    return Figure(_largest(-measured.unrealised), _largest(-measured.worst_unrealised))


def _position_size(measured: Measurement, _: str) -> Figure:
    return _twice(_largest(np.abs(measured.value)))


def _stress_loss(measured: Measurement, detail: str) -> Figure:
    stress = measured.stress.get(detail)
    return _twice(stress.total if stress else NAN)


def _days_to_exit(measured: Measurement, _: str) -> Figure:
    days, is_held = _of_held((measured.market or NO_MARKET).liquidity.days_to_exit, measured)
    longest = _largest(days[is_held]) if is_held.any() else 0.0
    return Figure(longest, longest, bool(np.isnan(days[is_held]).any()))


def _spread(measured: Measurement, _: str) -> Figure:
    spread, is_held = _of_held((measured.market or NO_MARKET).liquidity.spread_fraction, measured)
    is_known = is_held & np.isfinite(spread)
    size = np.abs(measured.value[is_known])
    gross = above_zero(measured.gross)
    known = above_zero(float(size.sum()))
    average = float(size @ spread[is_known]) / known
    return Figure(average, average, not known >= TRUSTED_FRESH_FRACTION * gross)


def _exit_cost(measured: Measurement, _: str) -> Figure:
    cost, is_held = _of_held((measured.market or NO_MARKET).liquidity.exit_cost_base, measured)
    mine = cost[is_held]
    is_unknown = np.isnan(mine)
    if is_unknown.all() and len(mine):
        return _twice(NAN)
    total = float(mine[~is_unknown].sum()) / above_zero(measured.nav)
    return Figure(total, total, bool(is_unknown.any()))


def _of_held(figures: FloatArray, measured: Measurement) -> tuple[FloatArray, NDArray[np.bool_]]:
    """Return slow figures of positions, unknown while not measured, and which positions hold anything."""
    n = len(measured.value)
    known = figures if len(figures) == n else np.full(n, NAN)
    return known, measured.value != 0.0


def _largest(values: FloatArray) -> float:
    return NAN if np.isnan(values).all() else float(np.nanmax(values))


_FIGURES: dict[Measure, Callable[[Measurement, str], Figure]] = {
    Measure.VAR: _tail("var"),
    Measure.VAR_FRACTION: _of_nav(_tail("var")),
    Measure.ES: _tail("es"),
    Measure.ES_FRACTION: _of_nav(_tail("es")),
    Measure.RISK_SHARE: lambda m, _: _twice(1.0 if m.es > 0.0 else NAN),
    Measure.DRAWDOWN: _drawdown,
    Measure.DAILY_LOSS: _day_loss,
    Measure.DAILY_LOSS_FRACTION: _day_loss_fraction,
    Measure.TRAILING_LOSS: _trailing_loss,
    Measure.TRAILING_LOSS_FRACTION: _trailing_loss_fraction,
    Measure.GROSS_LEVERAGE: _gross_leverage,
    Measure.NET_LEVERAGE: _net_leverage,
    Measure.GROSS_EXPOSURE: _gross_exposure,
    Measure.NET_EXPOSURE: _net_exposure,
    Measure.HHI: _hhi,
    Measure.TOP_N_WEIGHT: _top_n_weight,
    Measure.POSITION_LOSS: _position_loss,
    Measure.POSITION_SIZE: _position_size,
    Measure.NET_WEIGHT: _net_leverage,
    Measure.GROSS_WEIGHT: _gross_leverage,
    Measure.STRESS_LOSS: _stress_loss,
    Measure.STRESS_LOSS_FRACTION: _of_nav(_stress_loss),
    Measure.MARGIN_USE: lambda m, _: _twice((m.market or NO_MARKET).margin.use_fraction),
    Measure.MARGIN_CUSHION: lambda m, _: _twice((m.market or NO_MARKET).margin.cushion_fraction),
    Measure.DAYS_TO_EXIT: _days_to_exit,
    Measure.EXIT_SHARE_1D: lambda m, _: _twice((m.market or NO_MARKET).liquidity.exit_share_1d),
    Measure.SPREAD_FRACTION: _spread,
    Measure.EXIT_COST_FRACTION: _exit_cost,
    Measure.CORRELATION_SHIFT: lambda m, _: _twice((m.market or NO_MARKET).correlation.shift),
    Measure.ABSORPTION_RATIO: lambda m, _: _twice((m.market or NO_MARKET).correlation.absorption_ratio),
    Measure.TURBULENCE: lambda m, _: _twice((m.market or NO_MARKET).correlation.turbulence),
    Measure.HEDGE_EFFECTIVENESS: lambda m, detail: _twice(m.hedge_effectiveness.get(detail, NAN)),
    Measure.FEED_LAG_S: lambda m, _: _twice(m.feed_lag_s),
    Measure.STALE_FRACTION: lambda m, _: _twice(m.stale_fraction),
    Measure.MISMATCH_COUNT: lambda m, _: _twice(m.mismatch_count),
}
"""Every measure of the book: now and at the worst tick."""
