"""Margin by asset class, each against a figure worked out by hand."""

import numpy as np
import pytest

from fakes.market_case import MixedCase, share_universe
from plimsoll.domain.instrument import AssetClass, Instrument, Settlement
from plimsoll.domain.margin_rates import STANDARD_RATES, MarginRates
from plimsoll.domain.market_figures import MarginFigures
from plimsoll.engine.margin_watch import MarginWatch, rule_of, words_of
from plimsoll.engine.universe import Universe
from plimsoll.risk.margin import reg_t_margin
from plimsoll.risk.margin_scan import portfolio_margin

F, U = Settlement.FUNDED, Settlement.UNFUNDED
A = AssetClass
ONE_DOLLAR = np.ones(1)


def one(item: Instrument, value: float, mark: float = 100.0, nav: float = 1e6) -> MarginFigures:
    universe = Universe((item,), 1, ("USD",), (0,), ((),))
    return MarginWatch(universe).figures(np.array([value]), np.array([mark]), ONE_DOLLAR, nav)


def item(code: str, asset_class: AssetClass, settlement: Settlement, currency: str = "USD") -> Instrument:
    return Instrument(code, code, asset_class, currency, settlement)


@pytest.mark.parametrize(
    ("instrument", "value", "expected"),
    [
        (item("A.US", A.EQUITY, F), 180e3, 45e3),  # 25 % long
        (item("A.US", A.EQUITY, F), -40e3, 12e3),  # 30 % short
        (item("SPY.US", A.ETF, F), 100e3, 25e3),
        (item("EURUSD", A.FX, U), -500e3, 10e3),  # two majors: 2 %
        (item("USDHKD", A.FX, U, "HKD"), 100e3, 5e3),  # one is not: 5 %
        (item("GOLD", A.COMMODITY, U), 100e3, 5e3),  # 20:1
        (item("USOIL", A.COMMODITY, U), -100e3, 10e3),  # 10:1
        (item("US500", A.INDEX, U), 100e3, 5e3),  # 20:1
        (item("A.US", A.EQUITY, U), 100e3, 20e3),  # a CFD on a share: 5:1
        (item("BTCUSDT", A.CRYPTO, F), 100e3, 100e3),  # paid in full
        # 50 000 × 1 % + 200 000 × 2.5 % + 750 000 × 5 % + 1 000 000 × 10 %
        (item("BTCUSDT", A.CRYPTO, U), 2e6, 500.0 + 5e3 + 37.5e3 + 100e3),
        (item("BTCUSDT", A.CRYPTO, F), -100e3, 500.0 + 1250.0),
        (item("A.US", A.EQUITY, F), 0.0, 0.0),
        (item("BTCUSDT", A.CRYPTO, U), 0.0, 0.0),
    ],
)
def test_that_each_class_asks_by_its_own_rule(instrument: Instrument, value: float, expected: float) -> None:
    figures = one(instrument, value)
    assert figures.requirement_base[0] == pytest.approx(expected, abs=1e-9)
    assert figures.total_base == pytest.approx(expected, abs=1e-9)
    assert figures.use_fraction == pytest.approx(expected / 1e6, abs=1e-15)
    assert figures.cushion_fraction == pytest.approx(1.0 - expected / 1e6)


@pytest.mark.parametrize(("mark", "per_share"), [(100.0, 30.0), (10.0, 5.0), (4.0, 4.0), (2.0, 2.5)])
def test_that_a_short_in_cheap_shares_asks_the_least_sum_a_share(mark: float, per_share: float) -> None:
    figures = one(item("A.US", A.EQUITY, F), -1000.0 * mark, mark)
    assert figures.requirement_base[0] == pytest.approx(1000.0 * per_share)


def test_that_a_short_in_cheap_shares_abroad_asks_the_fraction_alone() -> None:
    universe = Universe((item("5.HK", A.EQUITY, F, "HKD"),), 1, ("USD", "HKD"), (1,), ((), ((0, 1),)))
    figures = MarginWatch(universe).figures(np.array([-1e4]), np.array([3.0]), np.array([1.0, 0.13]), 1e6)
    assert figures.requirement_base[0] == pytest.approx(3e3)


def test_that_a_book_of_shares_asks_what_reg_t_and_the_scan_ask() -> None:
    values = np.array([180e3, -40e3, 25e3])
    figures = MarginWatch(share_universe(3)).figures(values, np.full(3, 100.0), ONE_DOLLAR, 100e3)
    whole = reg_t_margin(values, equity=100e3)
    assert figures.total_base == pytest.approx(whole.maintenance)
    assert figures.initial_base == pytest.approx(whole.initial) == 122.5e3
    assert figures.cushion_fraction == pytest.approx(whole.cushion)
    assert figures.scan_base == pytest.approx(portfolio_margin(values).requirement) == 36_750.0


def test_that_what_no_scan_covers_asks_by_its_own_rule_beside_it() -> None:
    case = MixedCase()
    n = case.universe.n_held
    watch = MarginWatch(case.universe)
    figures = watch.figures(case.now.value, case.mark[:n], case.now.fx, 5e6)
    value, asked = case.now.value, figures.requirement_base
    number = case.number
    shares = [number("AAPL.US"), number("XOM.US"), number("0700.HK")]
    scanned = np.abs(value[shares]).sum() * 0.15 + abs(value[number("GER40")]) * 0.10
    rest = [number(code) for code in ("EURUSD", "USDJPY", "GOLD", "USOIL", "BTCUSDT")]
    assert figures.scan_base == pytest.approx(scanned + asked[rest].sum())
    assert figures.total_base == pytest.approx(asked.sum())
    assert figures.words.startswith("an estimate, your broker's figure rules: ")
    for rule in ("reg_t", "fx", "cfd", "paid"):
        assert words_of(STANDARD_RATES)[rule] in figures.words
    assert words_of(STANDARD_RATES)["tiers"] not in figures.words


def test_that_a_position_without_a_price_leaves_the_totals_unknown_and_the_rest_known() -> None:
    values = np.array([100e3, np.nan])
    figures = MarginWatch(share_universe(2)).figures(values, np.array([100.0, np.nan]), ONE_DOLLAR, 1e6)
    assert figures.requirement_base[0] == 25e3
    totals = (figures.total_base, figures.use_fraction, figures.cushion_fraction)
    assert np.isnan([figures.requirement_base[1], *totals, figures.initial_base, figures.scan_base]).all()
    assert "unknown for 1 positions" in figures.words


@pytest.mark.parametrize("nav", [np.nan, 0.0, -5.0])
def test_that_without_equity_there_is_a_requirement_but_no_use_and_no_cushion(nav: float) -> None:
    figures = one(item("A.US", A.EQUITY, F), 100e3, nav=nav)
    assert figures.total_base == 25e3
    assert figures.initial_base == 50e3
    assert np.isnan([figures.use_fraction, figures.cushion_fraction]).all()


def test_that_tiers_without_a_dollar_rate_are_unknown() -> None:
    coin = item("BTCUSDT", A.CRYPTO, U)
    no_dollar = Universe((coin,), 1, ("EUR",), (0,), ((),))
    no_rate = Universe((coin,), 1, ("EUR", "USD"), (1,), ((), None))
    for universe, fx in ((no_dollar, ONE_DOLLAR), (no_rate, np.array([1.0, np.nan]))):
        figures = MarginWatch(universe).figures(np.array([1e5]), np.array([9e3]), fx, 1e6)
        assert np.isnan(figures.total_base)


def test_that_an_empty_book_asks_for_nothing() -> None:
    universe = Universe((), 0, ("USD",), (), ((),))
    figures = MarginWatch(universe).figures(np.empty(0), np.empty(0), ONE_DOLLAR, 1e6)
    assert (figures.total_base, figures.cushion_fraction, figures.scan_base) == (0.0, 1.0, 0.0)
    assert "nothing is held" in figures.words


def test_that_the_figures_handed_out_cannot_be_written() -> None:
    assert not one(item("A.US", A.EQUITY, F), 1.0).requirement_base.flags.writeable


def test_that_every_rule_has_words() -> None:
    kinds = [(a, s, short) for a in AssetClass for s in Settlement for short in (False, True)]
    assert {rule_of(item("X", a, s), is_short=short) for a, s, short in kinds} == set(
        words_of(STANDARD_RATES)
    )


def test_that_rates_of_a_file_are_used_and_named() -> None:
    rates = MarginRates(
        source="margin.toml",
        share_long=0.4,
        share_initial=0.6,
        fx_major_leverage=25.0,
        gold_leverage=10.0,
        coin_bounds_usd=(1e5, float("inf")),
        coin_fractions=(0.1, 0.2),
    )

    def ask(instrument: Instrument, value: float) -> MarginFigures:
        universe = Universe((instrument,), 1, ("USD",), (0,), ((),))
        watch = MarginWatch(universe, rates)
        return watch.figures(np.array([value]), np.array([100.0]), ONE_DOLLAR, 1e6)

    share = ask(item("A.US", A.EQUITY, F), 100e3)
    assert (share.total_base, share.initial_base) == pytest.approx((40e3, 60e3))
    assert ask(item("EURUSD", A.FX, U), 100e3).total_base == pytest.approx(4e3)
    assert ask(item("GOLD", A.COMMODITY, U), 100e3).total_base == pytest.approx(10e3)
    assert ask(item("BTCUSDT", A.CRYPTO, U), 200e3).total_base == pytest.approx(30e3)
    assert share.source == "margin.toml"
    assert share.words.startswith(
        "an estimate by margin.toml, your broker's figure rules: shares and ETFs long 0.4"
    )
    assert one(item("A.US", A.EQUITY, F), 1.0).source == "built in"


def test_that_the_scan_and_the_least_sum_a_share_are_those_of_the_file() -> None:
    rates = MarginRates(source="margin.toml", scan_share=0.30, short_least_usd=0.0)
    universe = Universe((item("A.US", A.EQUITY, F),), 1, ("USD",), (0,), ((),))
    short = MarginWatch(universe, rates).figures(np.array([-100e3]), np.array([4.0]), ONE_DOLLAR, 1e6)
    assert short.total_base == pytest.approx(30e3)
    assert short.scan_base == pytest.approx(30e3)
    standard = MarginWatch(universe).figures(np.array([-100e3]), np.array([4.0]), ONE_DOLLAR, 1e6)
    assert standard.total_base == pytest.approx(100e3)
    assert standard.scan_base == pytest.approx(15e3)
