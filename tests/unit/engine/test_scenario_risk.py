"""VaR, ES and their parts, against SEMANTICS' formulas written out in plain Python."""

import math

import numpy as np
import pytest

from fakes.trading_desk import MASTER, MIXED, PRICES, book_of, random_window
from plimsoll.domain.book import Book
from plimsoll.domain.method import RiskMethod
from plimsoll.domain.quality import Quality
from plimsoll.domain.snapshot import Coverage
from plimsoll.engine.ledger import Ledger
from plimsoll.engine.scenario_risk import ScenarioRisk
from plimsoll.engine.scenario_window import PriceWindow
from plimsoll.engine.universe import Universe, universe_of
from plimsoll.risk.expected_shortfall import historical_es
from plimsoll.risk.value_at_risk import historical_var

ALL_KNOWN = Coverage(1.0, 1.0, 1.0, 0.0, 9, 0, 0, 0)
BOOK = book_of(MIXED, {"USD": 900_000.0, "EUR": 120_000.0, "JPY": -5_000_000.0})


class Case:
    """A book marked at prices, under a window."""

    def __init__(
        self,
        book: Book = BOOK,
        prices: dict[str, float] = PRICES,
        n_days: int = 501,
        method: RiskMethod | None = None,
        window: PriceWindow | None = None,
    ) -> None:
        self.book = book
        self.universe: Universe = universe_of(book, MASTER)
        items = self.universe.instruments
        self.mark = np.array([prices.get(item.code, item.fixed_price or math.nan) for item in items])
        self.ledger = Ledger(self.universe, book)
        self.ledger.revalue(self.mark)
        last = {number: float(price) for number, price in enumerate(self.mark)}
        self.window = window or random_window(len(items), n_days, 7, last)
        for number, item in enumerate(items):
            if item.fixed_price is not None:
                self.window.closes[:, number] = item.fixed_price
        self.risk = ScenarioRisk(self.universe, method or RiskMethod())
        self.risk.use_window(self.window)
        self.risk.update(self.ledger, self.mark, ALL_KNOWN)

    def price(self, code: str, day: int) -> float:
        return float(self.window.closes[day, self.universe.codes.index(code)])

    def rate(self, currency: str, day: int) -> float:
        rates = {
            "USD": lambda: 1.0,
            "EUR": lambda: self.price("EURUSD", day),
            "JPY": lambda: 1.0 / self.price("USDJPY", day),
            "HKD": lambda: 1.0 / self.price("USDHKD", day),
            "USDT": lambda: self.price("USDTUSD", day),
        }
        return rates[currency]()

    def expected(self, day: int) -> float:
        """Return the book's P&L in the scenario from `day` to the next, by SEMANTICS."""
        total = 0.0
        fx_now = {c: float(self.ledger.fx[n]) for n, c in enumerate(self.universe.currencies)}
        for position in self.book.positions:
            item = MASTER[position.code]
            number = self.universe.codes.index(position.code)
            p, q, fx = float(self.mark[number]), float(position.quantity), fx_now[item.currency]
            r = self.price(position.code, day + 1) / self.price(position.code, day) - 1.0
            r_fx = self.rate(item.currency, day + 1) / self.rate(item.currency, day) - 1.0
            if item.is_funded:
                total += q * item.multiplier * p * fx * ((1 + r) * (1 + r_fx) - 1)
            else:
                paid = float(position.average_price or 0)
                total += q * item.multiplier * fx * (p * r * (1 + r_fx) + (p - paid) * r_fx)
        for line in self.book.cash:
            r_fx = self.rate(line.currency, day + 1) / self.rate(line.currency, day) - 1.0
            total += float(line.amount) * fx_now[line.currency] * r_fx
        return total


def test_that_every_scenario_is_the_sum_of_the_formulas_for_funded_unfunded_and_cash() -> None:
    case = Case()
    expected = [case.expected(day) for day in range(case.window.n_scenarios)]
    assert case.risk.pnl == pytest.approx(expected, rel=1e-9, abs=1e-6)


def test_that_two_million_dollars_sold_for_yen_lose_19_801_98_dollars_when_the_yen_falls_one_percent() -> (
    None
):
    book = book_of({"USDJPY": (-2_000_000, 154.21)}, {})
    days = np.arange(102, dtype=np.int64)
    closes = np.full((102, 1), 154.21)
    closes[-1] *= 1.01
    case = Case(book, {"USDJPY": 154.21}, window=PriceWindow(days, closes))
    # Marked at 154.21, the last scenario is the rise of one percent.
    assert case.risk.pnl[-1] == pytest.approx(-19_801.98, abs=0.005)
    assert case.risk.pnl[-1] != 0.0


def test_that_var_and_es_are_those_of_the_risk_room_and_of_a_plain_sort() -> None:
    case = Case()
    worst = sorted(case.risk.pnl.tolist())
    assert len(worst) == 500
    # Rank rule: k = ⌊500·0.05⌋ + 1 = 26th worst; ES fills 12.5 scenarios.
    assert case.risk.var == pytest.approx(-worst[25], rel=1e-12)
    assert case.risk.es == pytest.approx(-(sum(worst[:12]) + 0.5 * worst[12]) / 12.5, rel=1e-12)
    assert case.risk.var == historical_var(case.risk.pnl, confidence=0.95, rule="rank")
    assert case.risk.es == historical_es(case.risk.pnl, confidence=0.975, tail="fractional")


@pytest.mark.parametrize("n_days", [101, 201, 401, 501])
def test_that_the_parts_of_es_and_of_foreign_cash_sum_to_es(n_days: int) -> None:
    case = Case(n_days=n_days)
    parts = case.risk.es_contributions()
    order = np.argsort(case.risk.pnl, kind="stable")
    tail = (n_days - 1) * 0.025
    whole = math.floor(round(tail, 9))
    weight = np.zeros(n_days - 1)
    weight[order[:whole]] = 1.0 / tail
    weight[order[whole]] += (tail - whole) / tail
    cash = 0.0
    for line in case.book.cash:
        currency = case.universe.currencies.index(line.currency)
        rates = np.array([case.rate(line.currency, day) for day in range(n_days)])
        moves = rates[1:] / rates[:-1] - 1.0
        cash -= float(line.amount) * float(case.ledger.fx[currency]) * float(weight @ moves)
    assert parts.sum() + cash == pytest.approx(case.risk.es, rel=1e-10)


def test_that_a_gain_in_the_tail_is_a_var_below_zero_never_a_loss() -> None:
    days = np.arange(201, dtype=np.int64)
    closes = 100.0 * 1.001 ** np.arange(201.0)[:, None]
    case = Case(book_of({"AAPL.US": (1000, 90.0)}), {"AAPL.US": 300.0}, window=PriceWindow(days, closes))
    assert case.risk.var == pytest.approx(-300.0)
    assert case.risk.es < 0.0


def test_that_a_neutral_book_has_a_var_in_money() -> None:
    held = {"AAPL.US": (100, 300.0), "XOM.US": (-500, 60.0)}
    case = Case(book_of(held, {"USD": 0.0}))
    assert float(np.nansum(case.ledger.exposure(case.mark))) == pytest.approx(0.0)
    assert case.risk.var > 0.0


def test_that_a_price_below_zero_in_the_window_makes_scenarios_of_price_changes() -> None:
    days = np.arange(102, dtype=np.int64)
    closes = np.full((102, 1), 20.0)
    closes[50], closes[51] = -36.98, 8.91
    case = Case(book_of({"USOIL": (10, 25.0)}), {"USOIL": 12.0}, window=PriceWindow(days, closes))
    # 10 lots of 1 000 barrels: a rise of 45.89 dollars is a gain, not −124 %.
    assert case.risk.pnl[50] == pytest.approx(10 * 1000 * (8.91 + 36.98))
    assert case.risk.pnl[49] == pytest.approx(10 * 1000 * (-36.98 - 20.0))


def test_that_a_price_change_is_converted_at_the_scenario_s_own_rate() -> None:
    oil = {**MASTER}
    universe = universe_of(book_of({"USOIL": (10, 25.0), "EURUSD": (1, 1.0)}, {}, base="EUR"), oil)
    days = np.arange(102, dtype=np.int64)
    closes = np.column_stack([np.full(102, 20.0), np.full(102, 1.25)])
    closes[50, 0], closes[51, 0], closes[51:, 1] = -1.0, 10.0, 1.0
    ledger = Ledger(universe, book_of({"USOIL": (10, 25.0), "EURUSD": (1, 1.0)}, {}, base="EUR"))
    mark = np.array([12.0, 1.0])
    ledger.revalue(mark)
    risk = ScenarioRisk(universe, RiskMethod())
    risk.use_window(PriceWindow(days, closes))
    risk.update(ledger, mark, ALL_KNOWN)
    # ΔP = 11 on 10 000 barrels at one euro, the dollar up 25 %; net worth q·m·(P − P̄) gains the rate too;
    # one euro held in the pair is owed in dollars: P·r·(1 + r_fx) + (P − P̄)·r_fx = −0.2·1.25.
    assert risk.pnl[50] == pytest.approx(10_000 * 11.0 * 1.25 + 10_000 * (12.0 - 25.0) * 0.25 - 0.2 * 1.25)


def test_that_a_price_at_or_below_zero_without_leave_leaves_the_instrument_without_history() -> None:
    days = np.arange(102, dtype=np.int64)
    closes = np.column_stack([np.full(102, 20.0), np.linspace(300.0, 310.0, 102)])
    closes[50, 0] = -1.0
    held = {"XOM.US": (10, 25.0), "AAPL.US": (10, 25.0)}
    case = Case(book_of(held), {"XOM.US": 20.0, "AAPL.US": 310.0}, window=PriceWindow(days, closes))
    assert case.risk.has_history.tolist() == [False, True]


def test_that_currency_return_counts_for_funded_money_and_only_on_profit_for_unfunded() -> None:
    days = np.arange(102, dtype=np.int64)
    flat = np.column_stack([np.full(102, 13_000.0), np.full(102, 1.1)])
    flat[-1, 1] = 1.21
    held = {"GER40": (4, 12_000.0)}
    case = Case(book_of(held, {}), {"GER40": 13_000.0, "EURUSD": 1.21}, window=PriceWindow(days, flat))
    # The euro gains 10 %: only the 1 000 points earned are held in euros.
    assert case.risk.pnl[-1] == pytest.approx(4 * 25 * 1000 * 1.21 * 0.1)


@pytest.mark.parametrize(
    ("n_days", "quality", "note"),
    [
        (100, Quality.UNKNOWN, "99 daily scenarios, at least 100 are needed"),
        (101, Quality.LOW, "100 scenarios"),
        (250, Quality.LOW, "249 scenarios"),
        (251, Quality.GOOD, RiskMethod().in_words(250)),
    ],
)
def test_that_below_250_scenarios_is_low_quality_and_below_100_unknown(
    n_days: int, quality: Quality, note: str
) -> None:
    risk = Case(n_days=n_days).risk
    assert (risk.quality, risk.note) == (quality, note)
    assert math.isnan(risk.var) == math.isnan(risk.es) == (quality is Quality.UNKNOWN)
    assert (len(risk.pnl) == 0) == (quality is Quality.UNKNOWN)
    assert np.isnan(risk.es_contributions()).all() == (quality is Quality.UNKNOWN)


def test_that_var_says_loading_until_history_is_there() -> None:
    case = Case()
    risk = ScenarioRisk(case.universe, RiskMethod())
    risk.loaded, risk.wanted = 3, 24
    risk.update(case.ledger, case.mark, ALL_KNOWN)
    assert (risk.quality, risk.note) == (Quality.UNKNOWN, "loading 3 of 24")
    assert math.isnan(risk.var)


@pytest.mark.parametrize(
    ("coverage", "quality", "note"),
    [
        (Coverage(1.0, 1.0, 0.49, 0.0, 4), Quality.UNKNOWN, "only 49% of gross exposure has history"),
        (Coverage(1.0, 1.0, 0.75, 0.0, 4), Quality.LOW, "25% of gross without history"),
        (Coverage(1.0, 0.5, 1.0, 0.0, 4), Quality.LOW, "50% of gross stale"),
    ],
)
def test_that_quality_falls_with_what_the_figure_rests_on(
    coverage: Coverage, quality: Quality, note: str
) -> None:
    case = Case()
    case.risk.update(case.ledger, case.mark, coverage)
    assert (case.risk.quality, case.risk.note) == (quality, note)


def test_that_too_high_a_confidence_for_the_window_is_unknown_and_no_exception() -> None:
    risk = Case(n_days=201, method=RiskMethod(es_confidence=0.999)).risk
    assert risk.quality is Quality.UNKNOWN
    assert math.isnan(risk.var)
    assert math.isnan(risk.es)
    assert len(risk.pnl) == 0
    assert risk.note != ""


def test_that_a_finished_day_joins_and_the_oldest_leaves() -> None:
    case = Case()
    before = case.risk.pnl.copy()
    case.risk.finish_day(int(case.window.days[-1]) + 1, case.mark * 1.01)
    case.risk.update(case.ledger, case.mark, ALL_KNOWN)
    assert case.risk.n_scenarios == 500
    assert case.risk.pnl[:-1] == pytest.approx(before[1:], rel=1e-9, abs=1e-6)


def test_that_a_finished_day_waits_for_history() -> None:
    case = Case()
    risk = ScenarioRisk(case.universe, RiskMethod())
    risk.finish_day(19_000, case.mark)
    assert risk.n_scenarios == 0
