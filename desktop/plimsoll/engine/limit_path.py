"""The daily path of a limit's measure under today's book, read by the gauges that read it live."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plimsoll.domain.crisis_window import date_of
from plimsoll.domain.instrument import Instrument
from plimsoll.domain.limit import Limit, Measure, ScopeKind
from plimsoll.domain.limit_detail import anchors_wanted, trailing_days
from plimsoll.domain.method import RiskMethod
from plimsoll.domain.snapshot import PositionState
from plimsoll.domain.tuning import MeasurePath, refused_path
from plimsoll.engine.gauge_board import GaugeBoard
from plimsoll.engine.measurement import Groups, Measurement, TailFigures, coverage_of, groups_of
from plimsoll.engine.part_tail import part_es, part_var
from plimsoll.engine.study_book import StudyBook
from plimsoll.engine.study_pnl import BookSeries
from plimsoll.engine.universe import Universe
from plimsoll.engine.unknown_reason import OF_THE_DATA

FloatArray = NDArray[np.float64]

HELD_STILL = (
    "Each day begins with today's book, as the backtest of VaR has it; its limits are read at the close. "
    "Equity compounds each day's result from today's NAV"
)
_FROM_QUOTES = frozenset(
    {
        Measure.MARGIN_USE,
        Measure.MARGIN_CUSHION,
        Measure.DAYS_TO_EXIT,
        Measure.EXIT_SHARE_1D,
        Measure.SPREAD_FRACTION,
        Measure.EXIT_COST_FRACTION,
    }
)
_FIXED_SHOCKS = "the loss under fixed shocks moves with the book, not with the market's past"
_NO_CORRELATIONS = "correlations are not followed day by day"
_OTHERS = {
    Measure.STRESS_LOSS: _FIXED_SHOCKS,
    Measure.STRESS_LOSS_FRACTION: _FIXED_SHOCKS,
    Measure.POSITION_LOSS: "it counts from when a position was opened, and today's book was not held then",
    Measure.RISK_SHARE: "contributions to expected shortfall are not worked out day by day",
    Measure.HEDGE_EFFECTIVENESS: "pairs are not followed day by day",
    Measure.CORRELATION_SHIFT: _NO_CORRELATIONS,
    Measure.ABSORPTION_RATIO: _NO_CORRELATIONS,
    Measure.TURBULENCE: _NO_CORRELATIONS,
}


def why_without_history(measure: Measure) -> str:
    """Return why a measure has no daily history under today's book; empty where it has one."""
    if measure in OF_THE_DATA:
        return f"{measure.caption} speaks of the feed and the records, and has no daily history"
    if measure in _FROM_QUOTES:
        return (
            f"{measure.caption} rests on quotes, volumes and margin rates of the moment, which are not kept "
            "day by day"
        )
    return f"{measure.caption} has no daily history: {_OTHERS[measure]}" if measure in _OTHERS else ""


@dataclass(frozen=True, slots=True, eq=False)
class _Days:
    """Today's book on each day of a series, shape (n_days, ...)."""

    position_pnl: FloatArray
    value: FloatArray
    pnl: FloatArray
    equity: FloatArray


def limit_path(
    limit: Limit,
    book: StudyBook,
    series: BookSeries,
    master: Mapping[str, Instrument],
    method: RiskMethod,
    *,
    n_days: int,
    n_window: int,
    spread_fraction: Sequence[float] = (),
) -> MeasurePath:
    """Return the path of a limit's measure over up to `n_days` newest days.

    Parameters
    ----------
    limit : Limit
        Whose measure, scope and detail.
    book : StudyBook
        Today's.
    series : BookSeries
        What it would have earned on each day.
    master : Mapping
        What the positions are, by code.
    method : RiskMethod
        Confidences of VaR and ES.
    n_days, n_window : int
        How long a path, and the days each VaR is made from; 0 for none.
    spread_fraction : sequence of float
        (ask − bid) / mid of each position now; NaN unknown. Where it is, the average of the others counts.

    Returns
    -------
    MeasurePath
        With a refusal where the measure has no daily history, or nothing of it is known.
    """
    refusal = why_without_history(limit.measure)
    if refusal or not len(series.days):
        return refused_path(limit, refusal or "today's book has no history at all")
    groups = groups_of(_universe(book, master))
    days = _days_of(book, series)
    begin = max(len(series.days) - n_days, 0)
    board = GaugeBoard((limit,), groups)
    rows = [
        board.read(_measured(row, limit, book, days, series, method, n_window)).value
        for row in range(begin, len(series.days))
    ]
    (members,) = board.layout.members
    values = np.array(rows).reshape(len(rows), len(members))
    if not np.isfinite(values).any():
        return refused_path(limit, _why_empty(limit, groups, len(series.days), method))
    membership = _membership(limit, members, groups, len(book.codes))
    whole_book = limit.scope.kind is ScopeKind.BOOK
    return MeasurePath(
        limit,
        members,
        series.days[begin:].copy(),
        values,
        days.pnl[begin:, None] if whole_book else days.position_pnl[begin:] @ membership,
        _exit_cost(book, spread_fraction) @ membership,
        _words(series, n_window),
    )


def _universe(book: StudyBook, master: Mapping[str, Instrument]) -> Universe:
    held = tuple(master[code] for code in book.codes)
    return Universe(held, len(held), book.currencies, tuple(book.currency_of.tolist()), ())


def _days_of(book: StudyBook, series: BookSeries) -> _Days:
    n = len(book.codes)
    growth = series.rows[:, n:][:, book.currency_of]
    price_part = series.rows[:, :n] * series.weight[:n]
    equity = book.nav * np.cumprod(1.0 + series.pnl / book.nav) if book.nav > 0.0 else series.pnl * np.nan
    return _Days(
        position_pnl=price_part + growth * book.fx_weight,
        value=book.exposure + growth * book.exposure + price_part,
        pnl=series.pnl,
        equity=np.concatenate([[book.nav], equity]),
    )


def _measured(
    row: int,
    limit: Limit,
    book: StudyBook,
    days: _Days,
    series: BookSeries,
    method: RiskMethod,
    n_window: int,
) -> Measurement:
    """Return the figures at the close of one day."""
    n = len(book.codes)
    nav = book.nav + float(days.pnl[row])
    window = slice(max(row + 1 - n_window, 0), row + 1)
    has_window = 0 < n_window <= row + 1
    value = np.where(book.is_priced, days.value[row], np.nan)
    state = np.where(book.is_priced, PositionState.PRICED, PositionState.UNPRICEABLE).astype(np.uint8)
    unknown = np.full(n, np.nan)
    equity = days.equity[: row + 2]
    drawdown = 1.0 - float(equity[-1]) / float(equity.max())
    book_pnl = days.pnl[None, window]
    return Measurement(
        nav=nav,
        day_pnl=float(days.pnl[row]),
        day_pnl_fx=float("nan"),
        day_nav=book.nav,
        batch_low_nav=nav,
        var=float(part_var(book_pnl, method.var_confidence)[0]) if has_window else float("nan"),
        es=float(part_es(book_pnl, method.es_confidence)[0]) if has_window else float("nan"),
        drawdown=drawdown,
        batch_drawdown=drawdown,
        value=value,
        unrealised=unknown,
        worst_unrealised=unknown,
        state=state,
        coverage=coverage_of(value, state, np.ones(n, dtype=np.bool_), np.zeros(n, dtype=np.bool_)),
        position_day_pnl=days.position_pnl[row],
        anchor_nav=_anchors(limit, series, equity, row, nav),
        part_tail=_Tails(days.position_pnl[window], method) if has_window else None,
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Tails:
    """VaR and ES of groups from their positions' days."""

    position_pnl: FloatArray
    method: RiskMethod

    def __call__(self, groups: Groups) -> TailFigures:
        by_group = np.zeros((len(groups.labels), len(self.position_pnl)))
        np.add.at(by_group, groups.member, self.position_pnl.T[groups.position])
        return TailFigures(
            part_var(by_group, self.method.var_confidence), part_es(by_group, self.method.es_confidence)
        )


def _anchors(limit: Limit, series: BookSeries, equity: FloatArray, row: int, nav: float) -> dict[str, float]:
    """Return the NAVs a fall is measured from, in the day's own NAV: a fall of the path is a fall of it."""
    found: dict[str, float] = {}
    for name in anchors_wanted((limit,)):
        if name == "day":
            found[name] = float(equity[-2])
        elif name == "start":
            found[name] = float(equity[0])
        elif name == "month":
            found[name] = float(equity[_month_begin(series, row)])
        else:
            found[name] = float(equity[-trailing_days(limit.detail) - 1 :].max())
    return {name: anchor * nav / float(equity[-1]) for name, anchor in found.items()}


def _month_begin(series: BookSeries, row: int) -> int:
    """Return the place of the equity that a day's month began with."""
    month = date_of(int(series.days[row])).month
    while row > 0 and date_of(int(series.days[row - 1])).month == month:
        row -= 1
    return row


def _membership(
    limit: Limit, members: Sequence[str], groups: Mapping[ScopeKind, Groups], n_held: int
) -> FloatArray:
    """Return how often each position counts in each member, shape (n_held, n_members)."""
    if limit.scope.kind is ScopeKind.BOOK:
        return np.ones((n_held, 1))
    grouping = groups[limit.scope.kind]
    counted = np.zeros((n_held, len(grouping.labels)))
    np.add.at(counted, (grouping.position, grouping.member), 1.0)
    places = [grouping.labels.index(member) for member in members if member in grouping.labels]
    return counted[:, places]


def _exit_cost(book: StudyBook, spread_fraction: Sequence[float]) -> FloatArray:
    """Return half the spread of each whole position, base money, shape (n_held,); NaN where none is known."""
    size = np.abs(book.exposure)
    spread = np.array(spread_fraction, dtype=np.float64)
    if len(spread) != len(size) or not (np.isfinite(spread) & (size > 0.0)).any():
        return np.where(size > 0.0, np.nan, 0.0)
    is_known = np.isfinite(spread) & (size > 0.0)
    average = float(spread[is_known] @ size[is_known]) / float(size[is_known].sum())
    return size * np.where(np.isfinite(spread), spread, average) / 2.0


def _why_empty(limit: Limit, groups: Mapping[ScopeKind, Groups], n_days: int, method: RiskMethod) -> str:
    kind, member = limit.scope.kind, limit.scope.member
    labels = groups[kind].labels if kind in groups else ("",)
    if not labels or (member and member not in labels):
        return "nothing is held there"
    return (
        f"{limit.measure.caption} could not be worked out on any of the {n_days} days there are: "
        f"VaR needs {method.unknown_below} at least, and only the headline method has a history"
    )


def _words(series: BookSeries, n_window: int) -> tuple[str, ...]:
    words = [HELD_STILL]
    if n_window:
        words.append(f"VaR and ES from the {n_window} days up to and with each")
    if series.proxy_fraction > 0.0:
        words.append(f"{series.proxy_fraction:.0%} of gross partly by a stand-in")
    if series.still_fraction > 0.0:
        words.append(f"{series.still_fraction:.0%} of gross without a history stands still")
    return tuple(words)
