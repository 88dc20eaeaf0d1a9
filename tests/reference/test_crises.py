"""Crisis replays of the sample book are worked out again in pandas, from the same closes by another road."""

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from plimsoll.domain.book import Book
from plimsoll.domain.crisis_window import date_of
from plimsoll.domain.instrument import Instrument
from plimsoll.domain.method import RiskMethod
from plimsoll.domain.stress_result import StressResult
from plimsoll.engine.crisis_replay import CrisisReplay
from plimsoll.engine.ledger import Ledger
from plimsoll.engine.study_book import StudyBook, study_book
from plimsoll.engine.study_history import StudyHistory, study_history
from plimsoll.engine.universe import Universe, universe_of
from plimsoll.storage.bundled_history import bundled_history
from plimsoll.storage.crisis_file import crisis_windows_from_folder
from plimsoll.storage.portfolio_file import book_from_files

RESOURCES = Path(__file__).parents[2] / "resources"
CLOSES = RESOURCES / "market" / "closes.npz"
WINDOWS = {window.window_id: window for window in crisis_windows_from_folder(RESOURCES / "stress")}
TODAY = pd.Timestamp("2020-01-31")
CRYPTO = {"BTCUSDT", "ETHUSDT"}
FX_AND_GOLD = {"EURUSD", "USDJPY", "EURGBP", "USDCHF", "GOLD"}
FIVE = {
    "gulf-1990": CRYPTO | FX_AND_GOLD,  # those had no history yet
    "dotcom-2000": CRYPTO | {"GOLD"},
    "financial-2007": CRYPTO,
    "covid-2020": set(),
    "negative-oil-2020": set(),
}


def sample_book(without: set[str]) -> tuple[Book, dict[str, Instrument]]:
    samples = RESOURCES / "samples"
    book, master = book_from_files(samples / "instruments.csv", samples / "positions.csv", "USD")
    kept = tuple(position for position in book.positions if position.code not in without)
    return Book(book.name, book.base_currency, kept, book.cash), master


def closes_table(codes: set[str]) -> pd.DataFrame:
    """Return closes by date, a column a code, on the calendar the program states, carried for a week."""
    with np.load(CLOSES) as file:
        code = np.repeat(file["code"], file["n_days"])
        long = pd.DataFrame({"day": file["day"], "code": code, "close": file["close"]})
    long = long[long["code"].isin(codes)]
    wide = long.pivot_table(index="day", columns="code", values="close")
    wide = wide.reindex(range(wide.index[0], wide.index[-1] + 1))
    own_day = wide.notna().mul(wide.index.to_numpy(), axis=0).where(wide.notna())
    before, after = own_day.ffill(), own_day.bfill()
    is_alive = (after - before) <= 14
    age = before.rsub(pd.Series(wide.index, index=wide.index), axis=0)
    carried = wide.ffill().where((age <= 7) & after.notna())
    carried.index = pd.to_datetime(wide.index, unit="D")
    has_half = 2 * wide.notna().sum(axis=1) >= is_alive.sum(axis=1)
    some = wide.notna().any(axis=1)
    weekday = carried.index.day_of_week < 5
    return carried[has_half.to_numpy() & some.to_numpy() & weekday]


class PandasBook:
    """The same book, valued by pandas alone."""

    def __init__(self, book: Book, master: dict[str, Instrument], closes: pd.DataFrame) -> None:
        self.book, self.master, self.closes = book, master, closes
        self.today = {**closes.loc[TODAY].to_dict(), "USDTUSD": 1.0}

    def rate(self, currency: str, prices: dict[str, float] | pd.DataFrame) -> float | pd.Series:
        roads = {"USD": None, "EUR": ("EURUSD", 1), "GBP": ("GBPUSD", 1), "USDT": None}
        roads |= {"JPY": ("USDJPY", -1), "CHF": ("USDCHF", -1)}
        if roads[currency] is None:
            return 1.0
        code, power = roads[currency]
        return prices[code] ** power

    def rate_growth(self, currency: str, window: pd.DataFrame, n_window: int) -> pd.Series:
        path = self.rate(currency, window)
        if isinstance(path, float) or path.iloc[:n_window].isna().any():
            return pd.Series(1.0, index=window.index)
        return path / path.iloc[0]

    def paths(self, window: pd.DataFrame, n_window: int, by_change: set[str]) -> pd.DataFrame:
        """Return each line's profit since the window's first day, one column a line."""
        lines = {}
        for position in self.book.positions:
            item = self.master[position.code]
            quantity, price = float(position.quantity), self.today[position.code]
            rate, prices = self.rate(item.currency, self.today), window[position.code]
            growth = self.rate_growth(item.currency, window, n_window)
            change = prices - prices.iloc[0]
            if position.code not in by_change:
                change = price * change / prices.iloc[0]
            if item.is_funded:
                local = (price + change) * growth - price
            else:
                local = change * growth + (price - float(position.average_price)) * (growth - 1.0)
            lines[position.code] = quantity * item.multiplier * rate * local
        for cash in self.book.cash:
            growth = self.rate_growth(cash.currency, window, n_window)
            lines[f"cash {cash.currency}"] = (
                float(cash.amount) * self.rate(cash.currency, self.today) * (growth - 1.0)
            )
        return pd.DataFrame(lines)

    def nav(self) -> float:
        worth = 0.0
        for position in self.book.positions:
            item = self.master[position.code]
            paid = 0.0 if item.is_funded else float(position.average_price)
            size = float(position.quantity) * item.multiplier
            worth += size * (self.today[position.code] - paid) * self.rate(item.currency, self.today)
        return worth + sum(
            float(cash.amount) * self.rate(cash.currency, self.today) for cash in self.book.cash
        )


class Case:
    """One window by both roads."""

    def __init__(self, window_id: str) -> None:
        self.window = WINDOWS[window_id]
        book, master = sample_book(FIVE[window_id])
        universe: Universe = universe_of(book, master)
        source = bundled_history(CLOSES)
        history: StudyHistory = study_history([source], universe.codes, master)
        row = history.row_at((TODAY.date() - date(1970, 1, 1)).days)
        mark = history.closes[row, : len(universe.codes)]
        ledger = Ledger(universe, book)
        ledger.revalue(mark)
        self.study: StudyBook = study_book(universe, ledger, mark)
        self.result: StressResult = CrisisReplay(self.study, history, RiskMethod()).over(self.window)
        closes = closes_table(set(history.codes))
        self.pandas = PandasBook(book, master, closes)
        start = closes.index[closes.index <= pd.Timestamp(self.window.start)][-1]
        end = closes.index[closes.index <= pd.Timestamp(self.window.end)][-1]
        held = [position.code for position in book.positions]
        after = closes.loc[start:].dropna(subset=held)
        self.n_window = len(closes.loc[start:end])
        inside = closes.loc[start:end, held]
        self.by_change = set(inside.columns[(inside <= 0).any()])
        self.lines = self.pandas.paths(after, self.n_window, self.by_change)
        self.path = self.lines.sum(axis=1)


@pytest.fixture(scope="module", params=sorted(FIVE))
def case(request: pytest.FixtureRequest) -> Case:
    return Case(request.param)


def test_that_the_book_is_worth_the_same_by_both_roads(case: Case) -> None:
    assert case.study.nav == pytest.approx(case.pandas.nav(), rel=1e-12)


def test_that_the_path_is_that_of_pandas_day_by_day(case: Case) -> None:
    shown = case.path.iloc[: len(case.result.pnl_base)]
    assert [date_of(int(day)) for day in case.result.days] == [stamp.date() for stamp in shown.index]
    assert case.result.n_window == case.n_window
    np.testing.assert_allclose(case.result.pnl_base, shown.to_numpy(), rtol=1e-9, atol=1e-3)


def test_that_drawdown_and_its_days_are_those_of_pandas(case: Case) -> None:
    inside = case.path.iloc[: case.n_window]
    falls = inside.cummax() - inside
    trough = falls.idxmax()
    peak = inside[:trough].idxmax()
    assert case.result.drawdown_base == pytest.approx(falls.max(), rel=1e-9)
    high = case.pandas.nav() + inside[peak]
    assert case.result.drawdown_fraction == pytest.approx(falls.max() / high, rel=1e-9)
    assert date_of(case.result.peak_day) == peak.date()
    assert date_of(case.result.trough_day) == trough.date()


def test_that_the_way_back_is_found_after_the_window(case: Case) -> None:
    inside = case.path.iloc[: case.n_window]
    trough = (inside.cummax() - inside).idxmax()
    later = case.path[trough:]
    back = later[later >= inside[:trough].max()]
    assert case.result.recovery_day is not None
    assert date_of(case.result.recovery_day) == back.index[0].date()


def test_that_the_worst_day_is_that_of_pandas(case: Case) -> None:
    steps = case.path.iloc[: case.n_window].diff()
    assert case.result.worst_day_pnl_base == pytest.approx(steps.min(), rel=1e-9)
    assert date_of(case.result.worst_day) == steps.idxmin().date()


def test_that_each_position_and_sector_has_the_part_pandas_gives_it(case: Case) -> None:
    result = case.result
    peak, trough = (pd.Timestamp(date_of(day)) for day in (result.peak_day, result.trough_day))
    lost = case.lines.loc[peak] - case.lines.loc[trough]
    parts = {part.code: part.drawdown_part_base for part in result.positions}
    parts |= {f"cash {part.name}": part.drawdown_part_base for part in result.cash}
    assert set(parts) == set(lost.index)
    for name, part in parts.items():
        assert part == pytest.approx(lost[name], rel=1e-9, abs=1e-3)
    sectors = lost.groupby(
        lambda name: "cash" if name.startswith("cash") else case.pandas.master[name].sector
    ).sum()
    for part in result.sectors:
        assert part.drawdown_part_base == pytest.approx(sectors[part.name], rel=1e-9, abs=1e-3)
    assert sum(parts.values()) == pytest.approx(result.drawdown_base, rel=1e-9)


def test_that_var_and_es_of_its_days_are_those_of_pandas(case: Case) -> None:
    closes = case.pandas.closes
    days = closes.loc[case.lines.index[0] : case.lines.index[case.n_window - 1]]
    one_day = []
    for first, second in zip(days.index[:-1], days.index[1:], strict=True):
        lines = case.pandas.paths(days.loc[[first, second]], 2, case.by_change)
        one_day.append(lines.iloc[1].sum())
    losses = np.sort(-np.array(one_day))[::-1]
    figure = case.result.method("historical")
    n_var, n_es = len(losses) * 0.05, len(losses) * 0.025
    assert figure.var == pytest.approx(losses[int(np.floor(round(n_var, 9)))], rel=1e-6) or n_var < 1.0
    if n_es >= 1.0:
        whole = int(n_es)
        tail = losses[:whole].sum() + (n_es - whole) * losses[whole]
        assert figure.es == pytest.approx(tail / n_es, rel=1e-6)
    else:
        assert np.isnan(figure.es)


@pytest.mark.parametrize(
    ("window_id", "fall"),
    [
        # Falls of the S&P 500 from high to low close as published everywhere, to a tenth of a percent.
        ("black-monday-1987", 0.335),
        ("dotcom-2000", 0.491),
        ("financial-2007", 0.568),
        ("covid-2020", 0.339),
        ("inflation-2022", 0.254),
    ],
)
def test_that_a_window_holds_the_index_s_published_fall(window_id: str, fall: float) -> None:
    source = bundled_history(CLOSES)
    book, master = sample_book(set())
    only = Book("index", "USD", tuple(one for one in book.positions if one.code == "US500"))
    universe = universe_of(only, master)
    history = study_history([source], universe.codes, master)
    window = WINDOWS[window_id]
    first, last = history.row_at(window.start_day), history.row_at(window.end_day)
    closes = history.closes[first : last + 1, 0]
    assert 1.0 - closes.min() / closes.max() == pytest.approx(fall, abs=6e-4)
    assert 1.0 - closes[-1] / closes[0] == pytest.approx(fall, abs=6e-4)


def test_that_a_second_run_gives_the_same_figures() -> None:
    first, second = Case("negative-oil-2020").result, Case("negative-oil-2020").result
    assert first.pnl_base.tobytes() == second.pnl_base.tobytes()
    # NaN is unlike itself: the figures are compared as they are written.
    assert repr((first.positions, first.methods)) == repr((second.positions, second.methods))
