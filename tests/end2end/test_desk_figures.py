"""The desk's figures worked out again with pandas, from the tick archive, the cached closes and the files."""

import json
import shutil
import sqlite3
import tomllib
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest

from plimsoll.domain.tick import QUOTE
from plimsoll.storage.tick_archive import frame_of

SAMPLES = Path(__file__).parents[2] / "resources" / "samples"
FRESH_NS = 10_000_000_000
ROUTES = {  # how a currency becomes dollars: a pair and the power its price enters with
    "USD": None,
    "EUR": ("EURUSD", 1),
    "GBP": ("GBPUSD", 1),
    "JPY": ("USDJPY", -1),
    "CHF": ("USDCHF", -1),
    "USDT": None,  # the instruments file says that it counts as the dollar
}
N_DAYS = 6
DAY_S = 4
"""Longer than the three seconds by which the second connection follows the first: both see the first day."""


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory, open_process: type) -> Path:
    """Six days of the crisis on a cache that an earlier desk filled."""
    home = tmp_path_factory.mktemp("figures")
    common = ("--headless", "--json", "--from", "2020-02-24", "--to", "2020-03-02", "--rate", 20)
    with open_process(["demo", *common, "--day-seconds", 30, "--data-dir", home / "first"], home) as first:
        first.until(lambda line: line["n_scenarios"] > 0)
        heard = len(first.lines)
        first.until(lambda _: len(first.lines) >= heard + 3)  # a line a second; so is the mark journalled
        assert first.end() == 0
    data = home / "second"
    data.mkdir()
    shutil.copytree(home / "first" / "cache", data / "cache")
    options = ("--day-seconds", DAY_S, "--data-dir", data)
    with open_process(["demo", *common, *options], home) as second:
        second.until(lambda line: (line["exchange_time"] or "") > "2020-03-02T19", within_s=45.0)
        assert second.end() == 0
        (data / "lines.json").write_text(json.dumps(second.lines), encoding="utf-8")
    return data


@dataclass(frozen=True)
class Recount:
    """Everything again, from what is on the disk."""

    data: Path

    @cached_property
    def lines(self) -> list[dict[str, Any]]:
        return json.loads((self.data / "lines.json").read_text(encoding="utf-8"))

    @cached_property
    def master(self) -> pd.DataFrame:
        return pd.read_csv(SAMPLES / "instruments.csv").set_index("code")

    @cached_property
    def book(self) -> pd.DataFrame:
        rows = pd.read_csv(SAMPLES / "positions.csv")
        held = rows[rows["code"] != "CASH"].set_index("code")[["quantity", "average_price"]].astype(float)
        held["currency"] = self.master.loc[held.index, "currency"]
        held["funded"] = self.master.loc[held.index, "settlement"] == "funded"
        assert self.master.loc[held.index, "multiplier"].isna().all(), "all multipliers are one here"
        return held

    @cached_property
    def cash(self) -> pd.Series:
        rows = pd.read_csv(SAMPLES / "positions.csv")
        return rows[rows["code"] == "CASH"].set_index("currency")["quantity"].astype(float)

    @cached_property
    def ticks(self) -> pd.DataFrame:
        return frame_of(self.data / "ticks")

    @cached_property
    def cached_closes(self) -> pd.DataFrame:
        with closing(sqlite3.connect(self.data / "cache" / "price_history.sqlite")) as connection:
            bars = pd.read_sql_query("SELECT code, day, close FROM bar WHERE day < 18316", connection)
        days = pd.to_datetime(bars["day"], unit="D")
        return bars.assign(day=days).pivot_table(index="day", columns="code", values="close")

    @cached_property
    def calendar_closes(self) -> pd.DataFrame:
        """Closes on the weekdays that half of the instruments alive share, carried over holidays."""
        closes = self.cached_closes
        alive = closes.bfill().notna() & closes.ffill().notna()
        shared = (closes.notna().sum(axis=1) * 2 >= alive.sum(axis=1)) & (closes.index.day_of_week < 5)
        return closes.ffill()[shared]

    @cached_property
    def marks(self) -> pd.DataFrame:
        """Every instrument's mark after every tick: mid of a fresh uncrossed quote, else the last trade."""
        ticks = self.ticks
        is_quote = ticks["kind"] == QUOTE
        heard = ticks["received_time_ns"]
        marks = {}
        for code, first in self.calendar_closes.iloc[-1].items():
            mine = ticks["code"] == code
            mid = ((ticks["price"] + ticks["ask"]) / 2).where(ticks["price"] <= ticks["ask"])
            quote = mid[mine & is_quote].reindex(ticks.index[mine]).ffill()
            quote_heard = heard[mine & is_quote].reindex(ticks.index[mine]).ffill()
            trade = ticks["price"][mine & ~is_quote].reindex(ticks.index[mine]).ffill()
            fresh = (heard[mine] - quote_heard) <= FRESH_NS
            chosen = quote.where(fresh & quote.notna(), trade)
            marks[code] = chosen.reindex(ticks.index).ffill().fillna(first)
        return pd.DataFrame(marks)

    def rates(self, prices: pd.DataFrame) -> pd.DataFrame:
        """Return dollars per unit of each currency."""
        return pd.DataFrame(
            {
                currency: 1.0 if route is None else prices[route[0]] ** route[1]
                for currency, route in ROUTES.items()
            },
            index=prices.index,
        )

    @cached_property
    def nav(self) -> pd.Series:
        """NAV after every tick (SEMANTICS, Money)."""
        return self.nav_of(self.marks)

    def nav_of(self, prices: pd.DataFrame) -> pd.Series:
        rates = self.rates(prices)
        owed = self.book["average_price"].where(~self.book["funded"], 0.0)
        total = (rates[self.cash.index] * self.cash).sum(axis=1)
        for code, row in self.book.iterrows():
            total = total + row["quantity"] * (prices[code] - owed[code]) * rates[row["currency"]]
        return total

    @cached_property
    def rolls(self) -> list[int]:
        """The numbers of the ticks before which a day roll (17:00 New York) fell."""
        zone = ZoneInfo("America/New_York")
        newest = np.maximum.accumulate(self.ticks["exchange_time_ns"].to_numpy())
        numbers = self.ticks.index.to_numpy()
        moment = datetime.fromtimestamp(int(newest[0]) // 10**9, UTC).astimezone(zone)
        roll = moment.replace(hour=17, minute=0, second=0)
        found = []
        while True:
            place = int(np.searchsorted(newest, int(roll.timestamp()) * 10**9))
            if place >= len(newest):
                return found
            if roll.weekday() < 5:
                found.append(int(numbers[place]))
            roll += timedelta(days=1)

    def window(self, number: int) -> pd.DataFrame:
        """Return the closes of the VaR window when the tick `number` has been applied."""
        closes = self.calendar_closes
        for roll in self.rolls:
            if roll <= number:
                closes = pd.concat([closes, self.marks.loc[[roll - 1], closes.columns]])
        return closes

    def scenarios(self, number: int, n: int) -> np.ndarray:
        """Return the P&L of the book under the last `n` daily changes (SEMANTICS, Scenario P&L)."""
        closes = self.window(number).iloc[-n - 1 :].reset_index(drop=True)
        returns = closes.pct_change().iloc[1:]
        fx_returns = self.rates(closes).pct_change().iloc[1:]
        price = self.marks.loc[number]
        rate = self.rates(self.marks.loc[[number]]).iloc[0]
        pnl = (fx_returns[self.cash.index] * (self.cash * rate[self.cash.index])).sum(axis=1)
        for code, row in self.book.iterrows():
            r, r_fx, fx, now = returns[code], fx_returns[row["currency"]], rate[row["currency"]], price[code]
            if row["funded"]:
                pnl = pnl + row["quantity"] * now * fx * ((1 + r) * (1 + r_fx) - 1)
            else:
                pnl = pnl + row["quantity"] * fx * (
                    now * r * (1 + r_fx) + (now - row["average_price"]) * r_fx
                )
        return pnl.to_numpy()

    def exposures(self, number: int) -> pd.Series:
        rate = self.rates(self.marks.loc[[number]]).iloc[0]
        return (
            self.book["quantity"]
            * self.marks.loc[number, self.book.index]
            * rate[self.book["currency"]].to_numpy()
        )

    def day_pnl(self, number: int) -> float:
        """Return NAV now less NAV at the last roll; before the first it is the last close of the history."""
        passed = [roll for roll in self.rolls if roll <= number]
        if passed:
            return float(self.nav[number] - self.nav[passed[-1] - 1])
        opening = self.nav_of(self.calendar_closes.iloc[[-1]])
        return float(self.nav[number] - opening.iloc[0])

    @cached_property
    def journal(self) -> pd.DataFrame:
        with closing(sqlite3.connect(self.data / "journal.sqlite")) as connection:
            rows = pd.read_sql_query("SELECT * FROM entry ORDER BY number", connection)
        rows["body"] = rows["body"].map(json.loads)
        return rows

    @cached_property
    def opening(self) -> float:
        """NAV at the last closes before the first day: where the equity path sets out."""
        return float(self.nav_of(self.calendar_closes.iloc[[-1]]).iloc[0])

    @cached_property
    def peak(self) -> pd.Series:
        """The highest NAV after every tick, the opening included."""
        return self.nav.cummax().clip(lower=self.opening)


@pytest.fixture(scope="module")
def recount(data: Path) -> Recount:
    return Recount(data)


def priced_lines(recount: Recount) -> Iterator[tuple[int, dict[str, Any]]]:
    for line in recount.lines:
        if line["nav"] is not None and line["n_scenarios"]:
            yield line["ticks_applied"] + line["books_applied"], line


def test_that_the_archive_holds_every_applied_tick_and_no_other(recount: Recount) -> None:
    last = recount.lines[-1]
    assert last["ticks_folded"] + last["books_folded"] == 0
    assert len(recount.ticks) >= last["ticks_applied"] + last["books_applied"]
    assert list(recount.ticks.index) == list(range(1, len(recount.ticks) + 1))


def test_that_nav_is_cash_and_positions_at_their_marks(recount: Recount) -> None:
    told = {number: line["nav"] for number, line in priced_lines(recount)}
    assert len(told) > 10
    assert told == pytest.approx(recount.nav[list(told)].to_dict(), rel=1e-9)


def test_that_day_pnl_is_nav_less_nav_at_the_last_roll(recount: Recount) -> None:
    for number, line in priced_lines(recount):
        assert line["day_pnl"] == pytest.approx(recount.day_pnl(number), rel=1e-6, abs=0.01)
    assert len(recount.rolls) == N_DAYS - 1


def test_that_gross_and_concentration_are_those_of_the_exposures(recount: Recount) -> None:
    for number, line in priced_lines(recount):
        size = recount.exposures(number).abs()
        assert line["gross"] == pytest.approx(size.sum(), rel=1e-9)
        assert line["hhi"] == pytest.approx(((size / size.sum()) ** 2).sum(), rel=1e-9)


def test_that_var_is_the_loss_of_its_rank_and_es_the_mean_of_the_tail(recount: Recount) -> None:
    for number, line in priced_lines(recount):
        n = line["n_scenarios"]
        losses = np.sort(-recount.scenarios(number, n))[::-1]
        assert len(losses) == n
        assert line["var"] == pytest.approx(losses[int(np.floor(round(n * 0.05, 9)))], rel=1e-6)
        tail = n * 0.025
        whole = int(tail)
        es = (losses[:whole].sum() + (tail - whole) * losses[whole]) / tail
        assert line["es"] == pytest.approx(es, rel=1e-6)


def test_that_drawdown_is_from_the_highest_nav_seen_at_any_tick(recount: Recount) -> None:
    for number, line in priced_lines(recount):
        drawdown = 1.0 - recount.nav[number] / recount.peak[number]
        assert line["drawdown"] == pytest.approx(drawdown, rel=1e-6, abs=1e-12)


def test_that_the_journalled_mark_is_the_highest_nav_of_all_ticks_and_of_the_closes_before(
    recount: Recount,
) -> None:
    marks = recount.journal[recount.journal["kind"] == "high_water_mark"]["body"]
    assert marks.iloc[-1]["high_water_mark"] == pytest.approx(recount.peak.iloc[-1], rel=1e-9)


def test_that_the_mark_is_the_same_where_the_history_came_after_the_first_ticks(recount: Recount) -> None:
    with closing(sqlite3.connect(recount.data.parent / "first" / "journal.sqlite")) as connection:
        bodies = connection.execute("SELECT body FROM entry WHERE kind = 'high_water_mark'").fetchall()
    assert json.loads(bodies[-1][0])["high_water_mark"] == pytest.approx(recount.opening, rel=1e-9)


def measures_at_every_tick(recount: Recount) -> dict[str, pd.Series]:
    """Return each limit's worst member after every tick, by the limit's id; VaR and ES apart."""
    rate = recount.rates(recount.marks)
    currency = recount.book["currency"]
    prices = recount.marks[recount.book.index]
    by_position = rate[currency].set_axis(recount.book.index, axis=1) * recount.book["quantity"]
    exposure = prices * by_position
    unrealised = (prices - recount.book["average_price"]) * by_position
    size, nav = exposure.abs(), recount.nav
    sector = size.T.groupby(recount.master.loc[size.columns, "sector"]).sum().T
    of_class = size.T.groupby(recount.master.loc[size.columns, "asset_class"]).sum().T
    is_yen = recount.master.loc[size.columns, "currency"] == "JPY"
    start = pd.Series(recount.nav.index, index=recount.nav.index).map(
        lambda number: (
            recount.nav[[r for r in recount.rolls if r <= number][-1] - 1]
            if any(r <= number for r in recount.rolls)
            else recount.opening
        )
    )
    return {
        "daily-loss-nav": 1.0 - nav / start,
        "drawdown": 1.0 - nav / recount.peak,
        "gross-leverage": size.sum(axis=1) / nav,
        "net-leverage": exposure.sum(axis=1).abs() / nav,
        "concentration": (size.div(size.sum(axis=1), axis=0) ** 2).sum(axis=1),
        "name-weight": size.div(nav, axis=0).max(axis=1),
        "sector-weight": sector.div(nav, axis=0).max(axis=1),
        "equity-weight": of_class["equity"] / nav,
        "crypto-weight": of_class["crypto"] / nav,
        "yen-weight": exposure.loc[:, is_yen].sum(axis=1).abs() / nav,
        "position-loss": (-unrealised).max(axis=1),
        "position-size": size.max(axis=1),
    }


def test_that_the_list_of_breaches_is_that_of_every_tick_worked_out_again(recount: Recount) -> None:
    raised = recount.journal[recount.journal["kind"] == "breach_raised"]["body"]
    told = {body["limit"]["limit_id"] for body in raised}
    worst = {name: values.max() for name, values in measures_at_every_tick(recount).items()}
    assert told & set(worst) == {name for name, value in worst.items() if value > line_of(name)}
    tail = {"var-nav": "var", "es-nav": "es"}
    for name, figure in tail.items():
        seen = max(line[figure] / line["nav"] for _, line in priced_lines(recount))
        assert (name in told) == (seen > line_of(name))
    assert told - set(worst) - set(tail) == set(), "nothing else breaks in this crisis"


def broken_on(recount: Recount, limit_id: str) -> str:
    """Return the New York date on which a limit was first broken, by the journal."""
    raised = recount.journal[recount.journal["kind"] == "breach_raised"]
    mine = raised[raised["body"].map(lambda body: body["limit"]["limit_id"] == limit_id)]
    assert len(mine), f"{limit_id} was never broken"
    return new_york_date(int(mine["exchange_time_ns"].iloc[0]))


def new_york_date(time_ns: int) -> str:
    moment = datetime.fromtimestamp(time_ns // 10**9, UTC)
    return moment.astimezone(ZoneInfo("America/New_York")).date().isoformat()


def line_of(limit_id: str) -> float:
    document = tomllib.loads((SAMPLES / "limits.toml").read_text(encoding="utf-8"))
    return next(limit["line"] for limit in document["limit"] if limit["id"] == limit_id)


def test_that_the_daily_loss_limit_breaks_on_the_first_day(recount: Recount) -> None:
    assert broken_on(recount, "daily-loss-nav") == "2020-02-24"


def test_that_drawdown_breaks_on_the_day_of_the_first_tick_beyond_its_line(recount: Recount) -> None:
    beyond = (1.0 - recount.nav / recount.peak) > line_of("drawdown")
    first = recount.ticks.loc[beyond.idxmax()]
    assert broken_on(recount, "drawdown") == new_york_date(int(first["exchange_time_ns"]))
    assert broken_on(recount, "drawdown") in {"2020-02-26", "2020-02-27"}


def test_that_var_breaks_days_after_the_loss_as_the_limits_file_says(recount: Recount) -> None:
    assert broken_on(recount, "var-nav") in {"2020-02-27", "2020-02-28"}
