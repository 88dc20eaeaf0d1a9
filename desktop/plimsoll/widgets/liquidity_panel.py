"""What it takes to get out: days, share out in a day, spread, and the cost of leaving at once."""

import math

import numpy as np
from PySide6.QtCore import QSize
from PySide6.QtWidgets import QWidget

from plimsoll.bridge.figure_table_model import FigureColumn, FigureRows, FigureTableModel
from plimsoll.bridge.roles import Meaning
from plimsoll.domain.market_figures import MarketFigures
from plimsoll.domain.snapshot import RiskSnapshot
from plimsoll.widgets import formats
from plimsoll.widgets.figure_table import FigureTable
from plimsoll.widgets.headline_figures import HEADLINE_SHARE, Headline, HeadlineFigures
from plimsoll.widgets.market_page import MarketPage, known, market_is_of_book
from plimsoll.widgets.theme import Theme

BP = 1e4
WIDTHS = (80, 88, 70, 68, 68, 68, 62)
GIVEN_UP = (6, 5, 1)  # columns that go before the table would scroll sideways
DAYS_COLUMN = 2
LEAST_DAYS = 0.1  # the digits shown
BY_BOOK, BY_RULE = "book", "rule"


def days(value: float) -> str:
    """Return days to exit: 0.3 d, never where nobody trades, unknown."""
    if math.isinf(value):
        return "never"
    if 0.0 < value < LEAST_DAYS:  # a rounded nought would say that it costs no time at all
        return f"< {LEAST_DAYS}{formats.THIN}d"
    return "unknown" if math.isnan(value) else f"{formats.number(value, 1)}{formats.THIN}d"


def basis_points(value: float) -> str:
    """Return a small fraction in basis points: 0.00012 is 1.2 bp."""
    written = known(formats.number(value * BP, 1))
    return written if written == "unknown" else f"{written}{formats.THIN}bp"


def figure(value: float) -> str:
    """Return a whole figure, or that it is unknown."""
    return known(formats.number(value))


def _meaning_of_days(value: float) -> Meaning:
    if math.isnan(value):
        return Meaning.UNKNOWN
    return Meaning.NEAR if math.isinf(value) else Meaning.PLAIN


def _way(value: float) -> str:
    if math.isnan(value):
        return "unknown"
    return BY_BOOK if value else BY_RULE


COLUMNS = (
    FigureColumn("Symbol"),
    FigureColumn("Value", figure, explanation="Signed exposure at the mark, in base currency."),
    FigureColumn(
        "Exit",
        days,
        _meaning_of_days,
        "Days to exit at the stated share of the average daily volume; never: nobody trades; unknown: no "
        "volume is known.",
    ),
    FigureColumn(
        "Spread", basis_points, explanation="(ask − bid) / mid of a fresh quote; unknown: stale or one-sided."
    ),
    FigureColumn(
        "Cost",
        figure,
        explanation="Cost against the mid of selling the whole position at once, base currency.",
    ),
    FigureColumn(
        "of value", basis_points, explanation="The cost of the exit over the value of the position."
    ),
    FigureColumn(
        "Cost by",
        _way,
        explanation="book: the visible book covers the position; rule: beyond it the square-root impact, or "
        "half the spread where quotes have no size.",
    ),
)


class LiquidityPanel(MarketPage):
    """The exit of the book and of every position in it, the slowest first."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, "Liquidity", parent)
        self._market: MarketFigures | None = None
        self.figures = HeadlineFigures(theme, "Liquidity figures", self, most_share=HEADLINE_SHARE)
        self.model = FigureTableModel(COLUMNS, self)
        self.table = FigureTable(theme, self.model, "Liquidity by position", WIDTHS, DAYS_COLUMN, GIVEN_UP)
        self.body.addWidget(self.figures)
        self.body.addWidget(self.table, 1)
        self.finish()

    def sizeHint(self) -> QSize:
        return QSize(520, 300)

    def why_empty(self, snapshot: RiskSnapshot) -> str:
        if not len(snapshot.table):
            return "No positions are held."
        if not market_is_of_book(len(snapshot.market.liquidity.days_to_exit), snapshot):
            return "Liquidity is not measured yet."
        return ""

    def draw(self, snapshot: RiskSnapshot) -> None:
        if snapshot.market is self._market:  # the figures are of the last second, and so is what is drawn
            return
        self._market = snapshot.market
        self.model.recaption(
            ("Symbol", f"Value ({snapshot.base_currency})", *(column.caption for column in COLUMNS[2:]))
        )
        self.table.show_rows(liquidity_rows(snapshot))
        self.figures.show_headlines(headlines(snapshot))

    def words(self, snapshot: RiskSnapshot) -> str:
        return snapshot.market.liquidity.words

    def dim(self, is_dim: bool) -> None:  # noqa: FBT001  says what it is by its name
        self.figures.dim(is_dim)
        self.table.dim(is_dim)


def liquidity_rows(snapshot: RiskSnapshot) -> FigureRows:
    """Return a row for each position."""
    table, liquidity = snapshot.table, snapshot.market.liquidity
    cost = liquidity.exit_cost_base
    size = np.abs(table.value_base)
    share = np.divide(cost, size, out=np.full(len(size), np.nan), where=size > 0.0)
    return FigureRows(
        table.instruments,
        (
            [item.code for item in table.instruments],
            table.value_base,
            liquidity.days_to_exit,
            liquidity.spread_fraction,
            cost,
            share,
            np.where(np.isnan(cost), np.nan, liquidity.is_by_depth.astype(np.float64)),
        ),
    )


def headlines(snapshot: RiskSnapshot) -> tuple[Headline, ...]:
    """Return what is said of the whole book."""
    liquidity, currency = snapshot.market.liquidity, snapshot.base_currency
    return (
        Headline(
            "Out in a day",
            known(formats.fraction(liquidity.exit_share_1d, 1)),
            "of gross value",
            "Share of gross value out after one day, all positions sold side by side. What has no known "
            "volume counts as staying, so it is at least this.",
            Meaning.UNKNOWN if math.isnan(liquidity.exit_share_1d) else Meaning.PLAIN,
        ),
        _slowest(snapshot),
        _cost(snapshot, currency),
        Headline(
            "Has volume",
            known(formats.fraction(liquidity.known_fraction, 0)),
            "of gross value",
            "Share of gross value whose days to exit are known; below three quarters the share out in a day "
            "is unknown.",
            Meaning.UNKNOWN if math.isnan(liquidity.known_fraction) else Meaning.PLAIN,
        ),
    )


def _slowest(snapshot: RiskSnapshot) -> Headline:
    times, tip = snapshot.market.liquidity.days_to_exit, "The position that takes longest to leave."
    is_held = snapshot.table.quantity != 0.0
    n_unknown = int(np.count_nonzero(np.isnan(times) & is_held))
    candidates = np.where(np.isnan(times) | ~is_held, -1.0, times)
    if not len(times) or candidates.max() < 0.0:
        return Headline("Slowest", "unknown", "", tip, Meaning.UNKNOWN)
    slowest = int(candidates.argmax())
    note = snapshot.table.instruments[slowest].code
    if n_unknown:
        tip = f"{tip} {n_unknown:,} positions are unknown."
    return Headline(
        "Slowest", days(float(times[slowest])), note, tip, _meaning_of_days(float(times[slowest]))
    )


def _cost(snapshot: RiskSnapshot, currency: str) -> Headline:
    cost = snapshot.market.liquidity.exit_cost_base[snapshot.table.quantity != 0.0]
    is_known = ~np.isnan(cost)
    n_unknown = len(cost) - int(is_known.sum())
    total = float(cost[is_known].sum())
    tip = "Cost against the mid of selling every position at once, into the live book and by rule beyond it."
    if not is_known.any():
        return Headline("Exit cost", "unknown", "", tip, Meaning.UNKNOWN)
    exact = formats.money(total, currency)
    if n_unknown:
        note = f"{n_unknown:,} of {len(cost):,} unknown"
        tip = f"At least {exact}: {note}. {tip}"
        return Headline("Exit cost", f"≥ {formats.short_money(total, currency)}", note, tip, Meaning.NEAR)
    share = known(formats.fraction(total / snapshot.nav, 2)) if snapshot.nav > 0.0 else "unknown"
    return Headline("Exit cost", formats.short_money(total, currency), f"{share} NAV", f"{exact}. {tip}")
