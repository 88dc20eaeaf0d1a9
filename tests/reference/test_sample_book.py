"""What resources/samples/limits.toml says of itself, worked out again with pandas from the bundled closes."""

import csv
import functools
import tomllib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

RESOURCES = Path(__file__).parents[2] / "resources"
WINDOW = 500
START, FIRST_DAY = pd.Timestamp("2020-02-21"), pd.Timestamp("2020-02-24")
FROM_THE_LIVE_MARKET = {"margin-use", "exit-1d", "correlation-shift"}
"""Judged from depth, volume and the broker's rules: their own tests work them out."""
DRAWDOWN_DAY, VAR_DAY = pd.Timestamp("2020-02-26"), pd.Timestamp("2020-02-27")


def table(name: str) -> list[dict[str, str]]:
    with (RESOURCES / "samples" / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@functools.cache
def lines() -> dict[str, float]:
    document = tomllib.loads((RESOURCES / "samples" / "limits.toml").read_text(encoding="utf-8"))
    return {limit["id"]: limit["line"] for limit in document["limit"]}


@functools.cache
def closes() -> pd.DataFrame:
    """Return closes by day and code, on the days of the New York shares.

    FX is carried over its own holidays, and a weekend of crypto falls into Monday.
    """
    with np.load(RESOURCES / "market" / "closes.npz") as stored:
        columns, begin = {}, 0
        for code, n_days in zip(stored["code"], stored["n_days"], strict=True):
            days = pd.to_datetime(stored["day"][begin : begin + n_days], unit="D")
            columns[str(code)] = pd.Series(stored["close"][begin : begin + n_days], index=days)
            begin += n_days
    frame = pd.DataFrame(columns).sort_index().loc["2017-01-01":"2020-06-30"]  # type: ignore[misc]
    return frame.ffill()[frame["AAPL.US"].notna()]


@functools.cache
def book() -> pd.DataFrame:
    master = {row["code"]: row for row in table("instruments.csv")}
    held = [row for row in table("positions.csv") if row["code"] != "CASH"]
    return pd.DataFrame(
        {
            "quantity": [float(row["quantity"]) for row in held],
            "average": [float(row["average_price"]) for row in held],
            "currency": [master[row["code"]]["currency"] for row in held],
            "funded": [master[row["code"]]["settlement"] == "funded" for row in held],
            "sector": [master[row["code"]]["sector"] for row in held],
            "asset_class": [master[row["code"]]["asset_class"] for row in held],
        },
        index=[row["code"] for row in held],
    )


def cash() -> dict[str, float]:
    return {
        row["currency"]: float(row["quantity"]) for row in table("positions.csv") if row["code"] == "CASH"
    }


@functools.cache
def dollars() -> pd.DataFrame:
    """Return what one unit of each currency is worth in dollars."""
    prices = closes()
    return pd.DataFrame(
        {
            "USD": 1.0,
            "USDT": 1.0,
            "EUR": prices["EURUSD"],
            "GBP": prices["GBPUSD"],
            "JPY": 1.0 / prices["USDJPY"],
            "CHF": 1.0 / prices["USDCHF"],
        },
        index=prices.index,
    )


@functools.cache
def nav() -> pd.Series:
    held, prices, fx = book(), closes(), dollars()
    total = sum(amount * fx[currency] for currency, amount in cash().items())
    for code, row in held.iterrows():
        paid = 0.0 if row["funded"] else row["average"]
        total = total + row["quantity"] * (prices[code] - paid) * fx[row["currency"]]
    return pd.Series(total)


def exposure(day: pd.Timestamp) -> pd.Series:
    held = book()
    rate = dollars().loc[day, held["currency"]].to_numpy()
    return held["quantity"] * closes().loc[day, held.index] * rate


def scenarios(day: pd.Timestamp, n: int = WINDOW) -> np.ndarray:
    """Return the P&L of the book as it stands on `day` under its last `n` changes (SEMANTICS, Money)."""
    held = book()
    returns = closes().pct_change().loc[:day].iloc[-n:]
    fx_returns = dollars().pct_change().loc[:day].iloc[-n:]
    price, fx = closes().loc[day], dollars().loc[day]
    pnl = sum(amount * fx[currency] * fx_returns[currency] for currency, amount in cash().items())
    for code, row in held.iterrows():
        r, r_fx, rate = returns[code], fx_returns[row["currency"]], fx[row["currency"]]
        now = price[code]
        if row["funded"]:
            pnl = pnl + row["quantity"] * now * rate * ((1 + r) * (1 + r_fx) - 1)
        else:
            pnl = pnl + row["quantity"] * rate * (now * r * (1 + r_fx) + (now - row["average"]) * r_fx)
    return np.asarray(pnl)


def var_of_nav(day: pd.Timestamp, n: int = WINDOW) -> float:
    losses = np.sort(-scenarios(day, n))[::-1]
    return float(losses[int(np.floor(round(n * 0.05, 9)))] / nav()[day])


def es_of_nav(day: pd.Timestamp) -> float:
    losses, tail = np.sort(-scenarios(day))[::-1], WINDOW * 0.025
    whole = int(tail)
    return float((losses[:whole].sum() + (tail - whole) * losses[whole]) / tail / nav()[day])


def stress_of_nav(scenario_id: str) -> float:
    """Return the loss at the start if the shocks of a sample scenario came at once (SEMANTICS, Money)."""
    document = tomllib.loads((RESOURCES / "samples" / "scenarios.toml").read_text(encoding="utf-8"))
    scenario = next(each for each in document["scenario"] if each["id"] == scenario_id)
    moves = {(shock["scope"], shock["member"]): shock["change"] for shock in scenario["shock"]}
    price, fx = closes().loc[START], dollars().loc[START]
    fx_move = {currency: moves.get(("currency", currency), 0.0) for currency in fx.index}
    pnl = sum(amount * fx[currency] * fx_move[currency] for currency, amount in cash().items())
    for code, row in book().iterrows():
        of_class = moves.get(("asset_class", row["asset_class"]), 0.0)
        if row["asset_class"] == "fx":
            of_class = (1 + fx_move.get(code[:3], 0.0)) / (1 + fx_move.get(code[3:], 0.0)) - 1
        r, r_fx = moves.get(("instrument", code), of_class), fx_move[row["currency"]]
        size, now = row["quantity"] * fx[row["currency"]], price[code]
        if row["funded"]:
            pnl += size * now * ((1 + r) * (1 + r_fx) - 1)
        else:
            pnl += size * (now * r * (1 + r_fx) + (now - row["average"]) * r_fx)
    return float(-pnl / nav()[START])


def test_that_the_sample_book_is_what_the_page_above_the_limits_says() -> None:
    assert len(book()) == 25
    assert nav()[START] == pytest.approx(25e6, rel=0.01)
    assert set(book()["currency"]) == {"USD", "JPY", "GBP", "CHF", "USDT"}
    assert {amount > 0 for amount in book()["quantity"]} == {True, False}


def test_that_the_average_prices_are_the_closes_of_the_seventeenth_of_january() -> None:
    entries = closes().loc[pd.Timestamp("2020-01-17"), book().index]
    np.testing.assert_allclose(book()["average"], entries, rtol=2e-4)


def test_that_every_limit_holds_at_the_start() -> None:
    held = exposure(START)
    equity, gross = nav()[START], held.abs().sum()
    shares = held.abs() / gross
    by_sector = held.abs().groupby(book()["sector"]).sum() / equity
    by_class = held.abs().groupby(book()["asset_class"]).sum() / equity
    rate = dollars().loc[START, book()["currency"]].to_numpy()
    unrealised = book()["quantity"] * (closes().loc[START, held.index] - book()["average"]) * rate
    values = {
        "var-nav": var_of_nav(START),
        "es-nav": es_of_nav(START),
        "daily-loss-nav": 0.0,
        "drawdown": 0.0,
        "gross-leverage": gross / equity,
        "net-leverage": abs(held.sum()) / equity,
        "concentration": float((shares**2).sum()),
        "name-weight": held.abs().max() / equity,
        "sector-weight": by_sector.max(),
        "equity-weight": by_class["equity"],
        "crypto-weight": by_class["crypto"],
        "yen-weight": abs(held[book()["currency"] == "JPY"].sum()) / equity,
        "position-loss": -unrealised.min(),
        "position-size": held.abs().max(),
        "stress-covid": stress_of_nav("covid-2020"),
    }
    assert set(values) | FROM_THE_LIVE_MARKET == set(lines()), "each limit of the file is worked out here"
    over = {name: value for name, value in values.items() if value >= 0.95 * lines()[name]}
    assert over == {}


def test_that_the_first_day_loses_clearly_more_than_the_daily_loss_limit() -> None:
    loss = 1.0 - nav()[FIRST_DAY] / nav()[START]
    assert loss == pytest.approx(0.0306, abs=0.0001)
    reached = lines()["daily-loss-nav"] / loss
    assert reached == pytest.approx(0.65, abs=0.01), (
        "on an even path the line is passed after 65 % of the day"
    )


def test_that_drawdown_passes_its_line_on_the_day_the_file_names() -> None:
    drawdown = 1.0 - nav()[START:] / nav()[START:].cummax()
    assert drawdown[drawdown > lines()["drawdown"]].index[0] == DRAWDOWN_DAY
    assert drawdown[DRAWDOWN_DAY] == pytest.approx(0.0804, abs=0.0001)


def test_that_var_of_nav_starts_under_its_line_and_passes_it_on_the_day_the_file_names() -> None:
    assert var_of_nav(START) == pytest.approx(0.0161, abs=0.0001)
    first = next(day for day in nav()[START:].index if var_of_nav(day) > lines()["var-nav"])
    assert first == VAR_DAY
    assert var_of_nav(VAR_DAY) == pytest.approx(0.0176, abs=0.0001)


@pytest.mark.parametrize("n", [490, 496, 498, 499, 500, 502, 504])
def test_that_the_claim_does_not_hang_on_one_scenario_more_or_less(n: int) -> None:
    assert 0.0155 < var_of_nav(START, n) < 0.0165
    assert var_of_nav(pd.Timestamp("2020-02-26"), n) < lines()["var-nav"] < var_of_nav(VAR_DAY, n)


def test_that_var_in_money_falls_while_var_of_nav_rises() -> None:
    days = [START, *pd.to_datetime(["2020-02-24", "2020-02-25", "2020-02-26"])]
    money = [var_of_nav(day) * nav()[day] for day in days]
    assert money[-1] < money[0]
    assert var_of_nav(days[-1]) > var_of_nav(days[0])
