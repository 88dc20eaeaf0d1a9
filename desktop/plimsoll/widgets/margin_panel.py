"""What a broker would ask to be left in the account, by position and by class: an estimate."""

import math

import numpy as np
from PySide6.QtCore import QSize
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QWidget

from plimsoll.bridge.figure_table_model import FigureColumn, FigureRows, FigureTableModel
from plimsoll.bridge.roles import Meaning, meaning_of_use
from plimsoll.domain.instrument import Instrument
from plimsoll.domain.margin_rates import BUILT_IN
from plimsoll.domain.market_figures import MarketFigures
from plimsoll.domain.snapshot import RiskSnapshot
from plimsoll.widgets import formats
from plimsoll.widgets.correlation_case import class_caption
from plimsoll.widgets.figure_table import FigureTable
from plimsoll.widgets.headline_figures import HEADLINE_SHARE, Headline, HeadlineFigures
from plimsoll.widgets.liquidity_panel import figure
from plimsoll.widgets.market_page import MarketPage, known, market_is_of_book
from plimsoll.widgets.panel import TabHeader
from plimsoll.widgets.theme import Theme

ESTIMATE = "An estimate: your broker's own figure rules."


def share(value: float) -> str:
    """Return a share of something as per cent, or that it is unknown."""
    return known(formats.fraction(value, 1))


REQUIREMENT = FigureColumn(
    "Margin", figure, explanation=f"To keep it (maintenance), base currency. {ESTIMATE}"
)
RATE = FigureColumn("of value", share, explanation=f"The requirement over the value. {ESTIMATE}")
PART = FigureColumn("of total", share, explanation=f"Share of the whole requirement. {ESTIMATE}")
COLUMNS = (
    FigureColumn("Symbol"),
    FigureColumn("Class"),
    FigureColumn("Value", figure, explanation="Signed exposure at the mark, in base currency."),
    REQUIREMENT,
    RATE,
    PART,
)
CLASS_COLUMNS = (
    FigureColumn("Class"),
    FigureColumn("Positions", figure, explanation="Positions held in the class."),
    FigureColumn("Gross", figure, explanation="Gross exposure at the mark, in base currency."),
    REQUIREMENT,
    RATE,
    PART,
)
WIDTHS = (80, 80, 88, 80, 64, 64)
CLASS_WIDTHS = (86, 66, 88, 80, 64, 64)
GIVEN_UP = (1, 5, 2)  # columns that go before the table would scroll sideways
REQUIREMENT_COLUMN = 3


class MarginPanel(MarketPage):
    """Requirement, use and cushion; the largest requirement first."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, "Margin", parent)
        self._market: MarketFigures | None = None
        self._held: tuple[Instrument, ...] = ()
        self._classes: list[str] = []
        self.figures = HeadlineFigures(theme, "Margin figures", self, most_share=HEADLINE_SHARE)
        self.model = FigureTableModel(COLUMNS, self)
        self.class_model = FigureTableModel(CLASS_COLUMNS, self)
        self.table = FigureTable(
            theme, self.model, "Margin by position", WIDTHS, REQUIREMENT_COLUMN, GIVEN_UP
        )
        self.class_table = FigureTable(
            theme, self.class_model, "Margin by class", CLASS_WIDTHS, REQUIREMENT_COLUMN, GIVEN_UP
        )
        self.switch = TabHeader(("By position", "By class"), self)
        self.switch.setProperty("surface", "")
        self.switch.words.say("estimate")
        tables = QStackedWidget(self)
        tables.addWidget(self.table)
        tables.addWidget(self.class_table)
        self.switch.tab_chosen.connect(tables.setCurrentIndex)
        row = QHBoxLayout()
        row.setContentsMargins(2, 0, 8, 0)
        row.addWidget(self.switch)
        self.body.addWidget(self.figures)
        self.body.addLayout(row)
        self.body.addWidget(tables, 1)
        self.finish()

    def sizeHint(self) -> QSize:
        return QSize(520, 300)

    def why_empty(self, snapshot: RiskSnapshot) -> str:
        if not len(snapshot.table):
            return "No positions are held."
        if not market_is_of_book(len(snapshot.market.margin.requirement_base), snapshot):
            return "Margin is not measured yet."
        return ""

    def draw(self, snapshot: RiskSnapshot) -> None:
        if snapshot.market is self._market:  # the figures are of the last second, and so is what is drawn
            return
        self._market = snapshot.market
        held = snapshot.table.instruments
        if held is not self._held:
            self._held, self._classes = held, [class_of(item) for item in held]
        currency = snapshot.base_currency
        for model, columns, amount in (
            (self.model, COLUMNS, "Value"),
            (self.class_model, CLASS_COLUMNS, "Gross"),
        ):
            captions = (column.caption for column in columns)
            model.recaption(tuple(f"{text} ({currency})" if text == amount else text for text in captions))
        self.table.show_rows(margin_rows(snapshot, self._classes))
        self.class_table.show_rows(class_rows(snapshot, self._classes))
        self.figures.show_headlines(headlines(snapshot))
        source = snapshot.market.margin.source
        self.switch.words.say(f"estimate, rates {source if source == BUILT_IN else f'by {source}'}")

    def words(self, snapshot: RiskSnapshot) -> str:
        return snapshot.market.margin.words

    def dim(self, is_dim: bool) -> None:  # noqa: FBT001  says what it is by its name
        for part in (self.figures, self.table, self.class_table):
            part.dim(is_dim)


def margin_rows(snapshot: RiskSnapshot, classes: list[str]) -> FigureRows:
    """Return a row for each position; `classes` are theirs."""
    table, margin = snapshot.table, snapshot.market.margin
    needed = margin.requirement_base
    size = np.abs(table.value_base)
    return FigureRows(
        table.instruments,
        (
            [item.code for item in table.instruments],
            classes,
            table.value_base,
            needed,
            np.divide(needed, size, out=np.full(len(size), np.nan), where=size > 0.0),
            needed / margin.total_base if margin.total_base > 0.0 else np.full(len(size), np.nan),
        ),
    )


def class_rows(snapshot: RiskSnapshot, classes: list[str]) -> FigureRows:
    """Return a row for each class held; unknown where one of its positions is."""
    table, margin = snapshot.table, snapshot.market.margin
    names = tuple(dict.fromkeys(classes))
    rank = {name: place for place, name in enumerate(names)}
    of_class = np.array([rank[name] for name in classes], dtype=np.intp)
    n = len(names)
    gross = np.bincount(of_class, np.abs(table.value_base), n).astype(np.float64)
    needed = np.bincount(of_class, margin.requirement_base, n).astype(np.float64)
    return FigureRows(
        table.instruments,
        (
            names,
            np.bincount(of_class[table.quantity != 0.0], minlength=n).astype(np.float64),
            gross,
            needed,
            np.divide(needed, gross, out=np.full(n, np.nan), where=gross > 0.0),
            needed / margin.total_base if margin.total_base > 0.0 else np.full(n, np.nan),
        ),
    )


def class_of(item: Instrument) -> str:
    """Return under which class an instrument is margined."""
    return item.margin_class or class_caption(str(item.asset_class))


def headlines(snapshot: RiskSnapshot) -> tuple[Headline, ...]:
    """Return what is said of the whole book."""
    margin, currency = snapshot.market.margin, snapshot.base_currency
    return (
        Headline(
            "In use",
            known(formats.fraction(margin.use_fraction, 1)),
            "of NAV",
            f"Requirement over NAV. {ESTIMATE}",
            meaning_of_use(margin.use_fraction),
        ),
        Headline(
            "Cushion",
            known(formats.fraction(margin.cushion_fraction, 1)),
            "of NAV",
            f"(NAV − requirement) / NAV. {ESTIMATE}",
            meaning_of_use(1.0 - margin.cushion_fraction),
        ),
        _money("To keep", margin.total_base, currency, "maintenance", "To keep every position."),
        _money("To open", margin.initial_base, currency, "initial", "To open the same book today."),
        _money(
            "By scan",
            margin.scan_base,
            currency,
            "portfolio",
            "The worst of a scan of price moves on each underlying, as portfolio margin does.",
        ),
    )


def _money(caption: str, value: float, currency: str, note: str, tip: str) -> Headline:
    meaning = Meaning.UNKNOWN if math.isnan(value) else Meaning.PLAIN
    exact = "" if math.isnan(value) else f"{formats.money(value, currency)}. "
    return Headline(
        caption, known(formats.short_money(value, currency)), note, f"{exact}{tip} {ESTIMATE}", meaning
    )
