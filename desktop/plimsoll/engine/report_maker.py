"""Makes a report from the journal's rows and what the desk knows beside them."""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import numpy as np

from plimsoll.domain.backtest_result import BacktestResult
from plimsoll.domain.desk_figures import DeskFigures
from plimsoll.domain.limit import Limit, LimitState, Severity
from plimsoll.domain.report import (
    Cell,
    CellKind,
    Chart,
    Headline,
    Report,
    ReportKind,
    ReportPart,
    Tone,
    signed_cell,
)
from plimsoll.domain.response_policy import BUILT_IN, ResponsePolicy
from plimsoll.domain.units import NS_PER_S
from plimsoll.engine import report_book as book
from plimsoll.engine import report_chart as chart
from plimsoll.engine import report_control as control
from plimsoll.engine.day_roll import DayRoll
from plimsoll.engine.figure_record import lamp_words, lamps_of
from plimsoll.engine.ports import JournalRow
from plimsoll.engine.report_past import DayEnd, JournalPast, PastBreach, past_of
from plimsoll.engine.report_period import ReportPeriod, last_roll, period_of, roll_of

DAYS_DRAWN = 60
"""The equity chart of an end of day looks back so many days."""
DAYS_COUNTED = 20
"""Its chart of breaches so many."""
_DAY_S = 86_400
_PNL_COLUMN = 2
_EPOCH = date(1970, 1, 1)
_GROUPINGS = (("asset_class", "asset class"), ("currency", "currency"), ("sector", "sector"))


@dataclass(frozen=True, slots=True)
class ReportRecipe:
    """What a report is made from, beside the journal.

    Attributes
    ----------
    kind : ReportKind
        End of day or review.
    now_ns : int
        The desk's clock.
    day_roll : DayRoll
        When trading days end.
    base_currency : str
        Of a journal that names none.
    day : int or None
        The trading day it ends with; None for the newest that has ended.
    n_days : int
        How far a review looks back, in calendar days.
    figures : DeskFigures or None
        The running desk's, where they outrank those of the journal: for a day under way.
    limits : tuple of Limit
        As they stand now; empty: as the journal has them.
    policy : ResponsePolicy
        Whose responses should have been tried.
    backtest : BacktestResult or None
        Whose lamps are shown where the figures have none.
    """

    kind: ReportKind
    now_ns: int
    day_roll: DayRoll = field(default_factory=DayRoll)
    base_currency: str = "USD"
    day: int | None = None
    n_days: int = 90
    figures: DeskFigures | None = None
    limits: tuple[Limit, ...] = ()
    policy: ResponsePolicy = BUILT_IN
    backtest: BacktestResult | None = None


def make_report(read_rows: Callable[[], Iterable[JournalRow]], recipe: ReportRecipe) -> Report:
    """Return the report of a journal; it is read twice, and a row it does not understand is counted.

    Parameters
    ----------
    read_rows : callable
        Returns every row, oldest first.
    recipe : ReportRecipe
        What is wanted.
    """
    times, source, ended_day = [0], "", None
    for row in read_rows():
        times.append(row.exchange_time_ns)
        source = row.source or source
        if row.kind == "day_roll":
            ended_day = row.body.get("day", ended_day)
    n_days = 1 if recipe.kind is ReportKind.END_OF_DAY else recipe.n_days
    # A demo's market is not at the desk's now; a day that was rolled is over, whatever the clock says.
    market_now_ns = max(times) if source.startswith("demo") else recipe.now_ns
    if isinstance(ended_day, int):
        market_now_ns = max(market_now_ns, roll_of(recipe.day_roll, ended_day))
    period = period_of(np.array(times), recipe.day_roll, market_now_ns, day=recipe.day, n_days=n_days)
    past = past_of(read_rows(), period.until_ns)
    return _Making(recipe, period, past, source).report()


class _Making:
    """One report under way: what every part of it looks up."""

    def __init__(self, recipe: ReportRecipe, period: ReportPeriod, past: JournalPast, source: str) -> None:
        self._recipe, self._period, self._past, self._source = recipe, period, past, source
        self._figures = self._newest_figures()
        self._limits = recipe.limits or past.register.limits(past.newest_received_ns)
        self._breaches = [found for found in past.breaches.values() if self._concerns(found)]
        self._days = self._days_with_today()

    def report(self) -> Report:
        recipe, figures = self._recipe, self._figures
        is_day = recipe.kind is ReportKind.END_OF_DAY
        return Report(
            recipe.kind,
            figures.book_name if figures is not None else self._past.book_name,
            self._currency,
            self._period_words(),
            self._source,
            recipe.now_ns,
            self._past.n_rows,
            self._headlines(),
            tuple(self._cautions()),
            (
                *((self._book_part(),) if is_day else (self._day_part(),)),
                self._limit_part(),
                *(() if is_day else (control.rule_part(self._breaches, self._limits),)),
                control.breach_part(self._breaches, figures),
                control.action_part(
                    [act for act in self._past.acts.values() if self._period.holds(act.at_ns)]
                ),
                self._lamp_part(),
                book.quality_part(figures),
                control.untested_part(self._limits, recipe.policy, self._past),
            ),
        )

    @property
    def _currency(self) -> str:
        known = self._figures.base_currency if self._figures is not None else self._past.base_currency
        return known or self._recipe.base_currency

    def _newest_figures(self) -> DeskFigures | None:
        """Return the running desk's figures where they are of this period, else the journal's."""
        given = self._recipe.figures
        kept = self._past.figures_until(self._period.from_ns, self._period.until_ns)
        if given is not None and self._period.holds(given.exchange_time_ns):
            return given if kept is None or given.exchange_time_ns >= kept.exchange_time_ns else kept
        return kept

    def _concerns(self, found: PastBreach) -> bool:
        """Tell whether a breach was open at any moment of the period."""
        return not found.ended_ns or found.ended_ns >= self._period.from_ns

    def _days_with_today(self) -> list[DayEnd]:
        """Return the days' ends, and the last day as far as it has come."""
        days, last_day = list(self._past.days), self._period.last_day
        if days and days[-1].day == last_day:
            return days
        nav, mark = self._past.nav, self._past.high_water_mark
        if self._figures is not None:
            nav, mark = self._figures.nav, self._figures.high_water_mark
        if not math.isnan(nav) and self._period.holds(self._past.newest_ns):
            days.append(DayEnd(last_day, nav, mark))
        return days

    def _book_part(self) -> ReportPart:
        charts = chart.equity_charts(self._days[-DAYS_DRAWN:], self._currency)
        for grouping, caption in _GROUPINGS[:2]:
            charts += chart.exposure_chart(self._figures, grouping, caption)
        charts += chart.pnl_chart(self._figures)
        charts += chart.exposure_chart(self._figures, *_GROUPINGS[2])
        return replace(book.position_part(self._figures), charts=charts)

    def _day_part(self) -> ReportPart:
        first = self._period.first_day
        wanted = [end for end in self._days if end.day >= first]
        before = [end for end in self._days if end.day < first][-1:]
        kept = {self._trading_day(f.exchange_time_ns): f for f in self._past.figures}
        none = DeskFigures(0, 0, "", "", float("nan"))
        days = [*before, *wanted]
        made = book.day_part(
            days,
            [kept.get(end.day, none) for end in days],
            [day for day, _ in self._raised()],
        )
        return replace(
            made, rows=made.rows[: len(wanted)], charts=chart.equity_charts(wanted, self._currency)
        )

    def _limit_part(self) -> ReportPart:
        made_day = self._recipe.now_ns // (_DAY_S * NS_PER_S)
        made = control.limit_part(self._limits, self._figures, self._past, made_day)
        return replace(made, charts=(*chart.limit_chart(self._limits, self._figures), *self._breach_chart()))

    def _breach_chart(self) -> tuple[Chart, ...]:
        is_day = self._recipe.kind is ReportKind.END_OF_DAY
        first = self._period.last_day - DAYS_COUNTED if is_day else self._period.first_day
        first = max(first, self._trading_day(self._past.first_ns))
        return chart.breach_chart(first, self._period.last_day, self._raised())

    def _raised(self) -> list[tuple[int, Severity]]:
        """Return the day and the severity of every breach the journal tells of."""
        return [
            (self._trading_day(found.raised_ns), found.breach.limit.severity)
            for found in self._past.breaches.values()
        ]

    def _trading_day(self, exchange_ns: int) -> int:
        return self._recipe.day_roll.trading_day(exchange_ns)

    def _lamp_part(self) -> ReportPart:
        """Return the lamps the desk knew with its figures, else those of the recipe's backtest."""
        figures, backtest = self._figures, self._recipe.backtest
        if figures is not None and figures.lamp_words:
            return book.lamp_part(figures.lamps, figures.lamp_words)
        return book.lamp_part(lamps_of(backtest), lamp_words(backtest))

    def _period_words(self) -> str:
        first, last = (
            _EPOCH + timedelta(days=day) for day in (self._period.first_day, self._period.last_day)
        )
        words = f"{last:%A} {last.day} {last:%B %Y}"
        if self._recipe.kind is ReportKind.REVIEW:
            words = f"{first.day} {first:%B %Y} to {last.day} {last:%B %Y}"
        return words if self._period.is_over else f"{words}, not over yet"

    def _headlines(self) -> tuple[Headline, ...]:
        figures, days = self._figures, self._days
        nav = days[-1].nav if days else float("nan")
        mark = days[-1].high_water_mark if days else float("nan")
        none = DeskFigures(0, 0, "", "", nav, high_water_mark=mark, drawdown=book.drawdown_of(nav, mark))
        known = figures if figures is not None else none
        n_open = sum(found.breach.is_open for found in self._breaches)
        n_over = sum(line.state == LimitState.OVER.value for line in known.limits)
        n_unknown = sum(line.state == LimitState.UNKNOWN.value for line in known.limits)
        return (
            Headline("NAV", Cell(known.nav, CellKind.MONEY), f"high-water mark {known.high_water_mark:,.0f}"),
            self._pnl_headline(known),
            Headline("VaR, 1 day", Cell(known.var, CellKind.MONEY), known.var_words),
            Headline("Expected shortfall", Cell(known.es, CellKind.MONEY)),
            Headline("Drawdown", Cell(known.drawdown, CellKind.FRACTION), "from the high-water mark"),
            Headline("Gross leverage", Cell(known.leverage, CellKind.RATIO)),
            Headline(
                "Breaches",
                Cell(len(self._breaches), CellKind.COUNT, Tone.OVER if n_open else Tone.PLAIN),
                f"{n_open} open at the end",
            ),
            Headline(
                "Limits over",
                Cell(
                    n_over if known.limits else float("nan"),
                    CellKind.COUNT,
                    Tone.OVER if n_over else Tone.PLAIN,
                ),
                f"{n_unknown} of {len(known.limits)} unknown" if known.limits else "not in the journal",
            ),
        )

    def _pnl_headline(self, known: DeskFigures) -> Headline:
        if self._recipe.kind is ReportKind.END_OF_DAY:
            pnl = known.day_pnl
            if math.isnan(pnl) and self._days:
                pnl = book.day_pnls(self._days)[-1]
            share = known.day_pnl_fraction
            words = (
                f"{share * 100.0:+.2f}\N{NO-BREAK SPACE}% of NAV at the roll" if not math.isnan(share) else ""
            )
            return Headline("Day P&L", signed_cell(pnl), words.replace("-", "−"))
        made = [row[_PNL_COLUMN].value for row in self._day_part().rows]
        pnls = [pnl for pnl in made if isinstance(pnl, float) and not math.isnan(pnl)]
        total = sum(pnls) if pnls else float("nan")
        return Headline("P&L of the period", signed_cell(total), f"over {len(pnls)} days")

    def _cautions(self) -> Iterable[str]:
        past = self._past
        if not past.n_rows:
            yield "The journal is empty: nothing of this period was recorded."
        if past.n_unread:
            yield f"{past.n_unread} rows of the journal could not be understood and are left out."
        if past.n_rows and self._figures is None:
            yield (
                "The journal holds no figures of the last day (a running desk keeps them at the day roll): "
                "VaR, ES, positions and the use of limits are unknown here, not zero."
            )
        if self._figures is not None and self._figures.exchange_time_ns < last_roll(
            self._recipe.day_roll, self._period.until_ns - 1
        ):
            yield "The figures of the book are older than the last day."
        if not self._period.is_over:
            yield "The last day is not over: its figures are those of the moment."
