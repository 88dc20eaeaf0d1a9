"""Same-interval returns: what the tutorial's outer join got wrong, and every gap in the open."""

import datetime as dt
import math

import numpy as np
import pandas as pd
import pytest

from plimsoll.risk.alignment import Gap, align_closes, aligned_returns
from plimsoll.risk.errors import InsufficientHistory, NotFinite, NotPositive, OutOfRange, ShapeMismatch

MONDAY = (dt.date(2024, 1, 1) - dt.date(1970, 1, 1)).days
assert dt.date(2024, 1, 1).weekday() == 0


def table(*series: dict[int, float]) -> tuple[list[int], list[int], list[float], int]:
    """Columns for `align_closes` from one mapping of days after a Monday to closes for each asset."""
    rows = [(MONDAY + day, asset, close) for asset, one in enumerate(series) for day, close in one.items()]
    days, assets, closes = (list(column) for column in zip(*rows, strict=True))
    return days, assets, closes, len(series)


def test_that_a_crypto_weekend_falls_into_the_monday_interval() -> None:
    share = {0: 10.0, 1: 11, 2: 11, 3: 11, 4: 11, 7: 12}
    coin = {day: 100.0 + day for day in range(8)}
    aligned = align_closes(*table(share, coin))
    assert aligned.calendar.tolist() == [MONDAY + day for day in (0, 1, 2, 3, 4, 7)]
    assert aligned.returns[-1] == pytest.approx([12 / 11 - 1, 107 / 104 - 1])
    assert aligned.returns.shape == (5, 2)
    assert aligned.n_carried.tolist() == [0, 0]
    assert aligned.complete_rows.all()


def test_that_half_and_half_keeps_the_tail_an_outer_join_dilutes() -> None:
    # pitfalls.md item 16: missing taken as zero made 95 % VaR 16 % too low.
    draws = np.random.default_rng(0)
    days = np.arange(7 * 200)
    coin = dict(zip(days.tolist(), np.exp(np.cumsum(draws.normal(size=1_400) * 0.03)), strict=True))
    open_days = [int(day) for day in days if day % 7 < 5]
    share = dict(zip(open_days, np.exp(np.cumsum(draws.normal(size=1_000) * 0.01)), strict=True))
    aligned = align_closes(*table(share, coin))
    assert aligned.returns.shape == (999, 2)
    assert not np.isnan(aligned.returns).any()
    assert not (aligned.returns == 0.0).any()


def test_that_a_holiday_carries_the_close_and_counts_it() -> None:
    closed_tuesday = {0: 50.0, 2: 55.0, 3: 55.0}
    aligned = align_closes(*table(closed_tuesday, dict.fromkeys(range(4), 1.0)))
    assert aligned.prices[:, 0].tolist() == [50.0, 50.0, 55.0, 55.0]
    assert aligned.n_carried.tolist() == [1, 0]
    assert aligned.gaps == ()


def test_that_a_price_older_than_the_cap_is_a_gap_and_no_zero() -> None:
    halted = {0: 50.0, 1: 51.0, 9: 60.0, 10: 61.0}
    running = {day: 1.0 + day for day in range(12) if day % 7 < 5}
    aligned = align_closes(*table(halted, running), max_carry_days=2)
    calendar = (aligned.calendar - MONDAY).tolist()
    assert calendar == [0, 1, 2, 3, 4, 7, 8, 9, 10, 11]
    assert np.flatnonzero(np.isnan(aligned.prices[:, 0])).tolist() == [4, 5, 6]
    assert aligned.gaps == (Gap(asset=0, first_day=MONDAY + 4, last_day=MONDAY + 8, n_days=3),)
    assert np.flatnonzero(np.isnan(aligned.returns[:, 0])).tolist() == [3, 4, 5, 6]
    assert aligned.n_carried[0] == 3
    assert aligned.complete_rows.tolist() == [True] * 3 + [False] * 4 + [True] * 2


def test_that_no_carrying_at_all_can_be_asked_for() -> None:
    aligned = align_closes(*table({0: 1.0, 2: 1.0}, {0: 1.0, 1: 2.0, 2: 3.0}), max_carry_days=0)
    assert math.isnan(aligned.prices[1, 0])
    assert aligned.n_carried.tolist() == [0, 0]


def test_that_a_day_on_which_less_than_half_closes_is_no_day() -> None:
    everyone = {0: 1.0, 1: 1.0, 3: 1.0}
    aligned = align_closes(*table(everyone, everyone, {0: 1.0, 1: 1.0, 2: 1.0, 3: 1.0}))
    assert (aligned.calendar - MONDAY).tolist() == [0, 1, 3]


def test_that_only_the_living_have_a_vote() -> None:
    newcomers = [{3: 1.0, 4: 1.0} for _ in range(3)]
    aligned = align_closes(*table({0: 1.0, 1: 1.0, 2: 1.0, 3: 1.0, 4: 1.0}, *newcomers))
    assert (aligned.calendar - MONDAY).tolist() == [0, 1, 2, 3, 4]
    assert aligned.first_day.tolist() == [MONDAY] + [MONDAY + 3] * 3
    assert aligned.last_day.tolist() == [MONDAY + 4] * 4


def test_that_before_its_first_close_an_asset_is_not_in_a_gap() -> None:
    aligned = align_closes(*table(dict.fromkeys(range(5), 1.0), {3: 1.0, 4: 2.0}))
    assert aligned.gaps == ()
    assert np.isnan(aligned.returns[:3, 1]).all()
    assert aligned.returns[3, 1] == 1.0


def test_that_an_asset_without_a_close_is_a_column_of_nothing() -> None:
    days, assets, closes, _ = table({0: 1.0, 1: 2.0})
    aligned = align_closes(days, assets, closes, 2)
    assert np.isnan(aligned.prices[:, 1]).all()
    assert (aligned.first_day[1], aligned.last_day[1]) == (-1, -1)


def test_that_a_given_calendar_is_obeyed() -> None:
    aligned = align_closes(*table({0: 1.0, 1: 2.0, 2: 4.0}), calendar=[MONDAY, MONDAY + 2])
    assert aligned.returns.tolist() == [[3.0]]


def test_that_oil_below_zero_has_price_changes() -> None:
    oil = {0: 18.27, 1: -36.98, 2: 8.91}
    aligned = align_closes(*table(oil, {0: 1.0, 1: 2.0, 2: 1.0}), absolute=[True, False])
    assert aligned.returns == pytest.approx(np.array([[-55.25, 1.0], [45.89, -0.5]]))
    assert aligned.absolute.tolist() == [True, False]
    with pytest.raises(NotPositive, match="flag it absolute"):
        align_closes(*table(oil))


def test_that_the_order_of_rows_does_not_matter() -> None:
    days, assets, closes, n_assets = table({0: 1.0, 1: 2.0, 2: 4.0}, {0: 3.0, 2: 5.0})
    shuffled = np.random.default_rng(1).permutation(len(days))
    plain = align_closes(days, assets, closes, n_assets)
    mixed = align_closes(
        np.array(days)[shuffled], np.array(assets)[shuffled], np.array(closes)[shuffled], n_assets
    )
    assert plain.prices == pytest.approx(mixed.prices, nan_ok=True)


def test_that_a_close_that_is_not_a_number_is_a_day_without_one() -> None:
    aligned = align_closes(*table({0: 1.0, 1: math.nan, 2: 4.0}, {0: 1.0, 1: 1.0, 2: 1.0}))
    assert aligned.prices[1, 0] == 1.0
    assert aligned.n_carried[0] == 1


@pytest.mark.parametrize(
    ("change", "error", "match"),
    [
        ({"closes": [1.0, math.inf]}, NotFinite, "infinity"),
        ({"closes": [1.0]}, ShapeMismatch, "three of"),
        ({"day_numbers": [MONDAY, MONDAY]}, ShapeMismatch, "two closes"),
        ({"asset_ids": [0, 1]}, OutOfRange, "expected 0 to 0"),
        ({"asset_ids": [-1, 0]}, OutOfRange, "ran from -1"),
        ({"max_carry_days": -1}, OutOfRange, "max_carry_days"),
        ({"calendar": [MONDAY, MONDAY]}, OutOfRange, "ascend"),
        ({"calendar": [MONDAY]}, InsufficientHistory, "had 1 days"),
        ({"absolute": [True, True]}, ShapeMismatch, "absolute had shape"),
        ({"day_numbers": [], "asset_ids": [], "closes": []}, InsufficientHistory, "had 0 days"),
    ],
)
def test_that_what_cannot_be_aligned_is_refused(
    change: dict[str, object], error: type[Exception], match: str
) -> None:
    plain = {"day_numbers": [MONDAY, MONDAY + 1], "asset_ids": [0, 0], "closes": [1.0, 2.0], "n_assets": 1}
    with pytest.raises(error, match=match):
        align_closes(**{**plain, **change})


def tidy(**series: dict[str, object]) -> pd.DataFrame:
    """One row a close, the way a file holds them."""
    rows = [(date, symbol, close) for symbol, one in series.items() for date, close in one.items()]
    return pd.DataFrame(rows, columns=["date", "symbol", "close"])


def test_that_a_tidy_table_gives_dated_columns() -> None:
    result = aligned_returns(
        tidy(B={"2024-01-01": 10, "2024-01-02": 11}, A={"2024-01-01": "4", "2024-01-02": "5"})
    )
    assert result.symbols == ("A", "B")
    assert list(result.returns.columns) == ["A", "B"]
    assert result.returns.index.tolist() == [pd.Timestamp("2024-01-02")]
    assert result.returns.to_numpy() == pytest.approx(np.array([[0.25, 0.1]]))
    assert result.proxies == ()


def test_that_zones_and_times_of_day_are_dropped() -> None:
    stamps = pd.to_datetime(["2024-01-01 16:00", "2024-01-02 16:00"]).tz_localize("America/New_York")
    closes = pd.DataFrame({"date": stamps, "symbol": "A", "close": [1.0, 2.0]})
    result = aligned_returns(closes, calendar=["2024-01-01", "2024-01-02"])
    assert result.aligned.calendar.tolist() == [MONDAY, MONDAY + 1]


def test_that_a_young_listing_is_proxied_with_its_own_noise() -> None:
    draws = np.random.default_rng(2)
    dates = pd.bdate_range("2024-01-01", periods=120)
    market = pd.Series(100 * np.exp(np.cumsum(draws.normal(size=120) * 0.01)), index=dates)
    young = (market**1.5 * np.exp(np.cumsum(draws.normal(size=120) * 0.004)))[60:]
    closes = pd.concat(
        [
            pd.DataFrame({"date": dates, "symbol": "SPY", "close": market.to_numpy()}),
            pd.DataFrame({"date": young.index, "symbol": "NEW", "close": young.to_numpy()}),
        ]
    )
    result = aligned_returns(closes, proxies={"NEW": "SPY"}, seed=3)
    (report,) = result.proxies
    assert (report.n_overlap, report.n_filled) == (59, 60)
    assert report.beta == pytest.approx(1.5, abs=0.2)
    assert report.residual_volatility == pytest.approx(0.004, rel=0.25)
    assert not result.returns.isna().any().any()
    assert np.isnan(result.aligned.returns[:60, 0]).all()
    unexplained = result.returns["NEW"][:60] - report.beta * result.returns["SPY"][:60]
    assert unexplained.std() == pytest.approx(report.residual_volatility, rel=0.3)


def test_that_without_a_proxy_nothing_is_filled() -> None:
    closes = tidy(A={"2024-01-01": 1, "2024-01-02": 1, "2024-01-03": 2}, B={"2024-01-02": 1, "2024-01-03": 1})
    result = aligned_returns(closes, absolute=["A"])
    assert math.isnan(result.returns["B"].iloc[0])
    assert result.returns["A"].tolist() == [0.0, 1.0]


def test_that_a_missing_column_is_named() -> None:
    with pytest.raises(ShapeMismatch, match=r"no column \['close'\]"):
        aligned_returns(pd.DataFrame({"date": [], "symbol": []}))


@pytest.mark.parametrize("option", [{"proxies": {"A": "X"}}, {"absolute": ["X"]}])
def test_that_an_unknown_symbol_is_named(option: dict[str, object]) -> None:
    with pytest.raises(OutOfRange, match=r"\['X'\] were not in closes"):
        aligned_returns(tidy(A={"2024-01-01": 1, "2024-01-02": 1}), **option)
