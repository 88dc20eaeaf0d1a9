"""The jury tells a true model from a false one, on days it had not seen."""

from dataclasses import replace

import numpy as np
import pytest

from fakes.study_case import NAN, book_of, history_of, walk, weekdays
from plimsoll.domain.backtest_result import Lamp, TestFigure
from plimsoll.domain.method import RiskMethod
from plimsoll.engine.backtest_verdict import TESTS, basel_light, figures_of, lamp_of, zone_of
from plimsoll.engine.study_history import StudyHistory
from plimsoll.engine.study_pnl import BookSeries, book_series
from plimsoll.engine.var_backtest import judged, var_backtest, window_for
from plimsoll.engine.var_forecast import FORECAST_METHODS, Forecast, Levels, forecast_by
from plimsoll.risk.expected_shortfall import historical_es
from plimsoll.risk.filtered_historical import filtered_historical_pnl
from plimsoll.risk.value_at_risk import historical_var
from plimsoll.risk.volatility_scaling import volatility_scaled_pnl

METHOD = RiskMethod(window_days=250)
LEVELS = Levels(METHOD.var_confidence, METHOD.es_confidence)


def series_of(pnl: np.ndarray) -> BookSeries:
    days = np.array(weekdays(len(pnl)), dtype=np.int64)
    return BookSeries(days, pnl[:, None], np.ones(1), pnl, (), 0.0, 0.0, ())


def normal_days(n: int, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).normal(0.0, 100.0, n)


def swinging_days(n: int) -> np.ndarray:
    """Return profits whose volatility swings by a factor of eleven, over about a hundred days."""
    swing = np.exp(1.2 * np.sin(np.arange(n) / 16.0))
    return normal_days(n, 3) * swing


@pytest.fixture(scope="module")
def two_shares() -> StudyHistory:
    return history_of({"A.US": walk(1, 700).tolist(), "B.US": walk(2, 700, 0.02).tolist()})


@pytest.mark.parametrize("name", FORECAST_METHODS)
def test_that_no_forecast_sees_its_own_day_or_a_later_one(name: str) -> None:
    pnl = swinging_days(420)
    whole = forecast_by(name, series_of(pnl), LEVELS, 250)
    changed = pnl.copy()
    changed[300:] *= -7.0
    other = forecast_by(name, series_of(changed), LEVELS, 250)
    n_before = 300 - 250 + 1  # the forecast of day 300 rests on the days before it
    np.testing.assert_allclose(whole.var[:n_before], other.var[:n_before], rtol=1e-9)
    np.testing.assert_allclose(whole.es[:n_before], other.es[:n_before], rtol=1e-9)
    assert not np.allclose(whole.var[n_before + 1 :], other.var[n_before + 1 :])


@pytest.mark.parametrize("name", FORECAST_METHODS)
def test_that_a_book_twice_as_large_has_twice_the_forecast(name: str) -> None:
    pnl = swinging_days(300)
    one = forecast_by(name, series_of(pnl), LEVELS, 250)
    two = forecast_by(name, series_of(2.0 * pnl), LEVELS, 250)
    np.testing.assert_allclose(two.var, 2.0 * one.var)
    np.testing.assert_allclose(two.es, 2.0 * one.es)
    assert (one.var <= one.var_at_es).all()
    assert (one.var_at_es <= one.var_at_basel).all()
    assert (one.var_at_es <= one.es + 1e-9).all()
    assert one.words


def test_that_the_historical_forecast_is_the_figure_of_the_days_before() -> None:
    pnl = normal_days(300)
    forecast = forecast_by("historical", series_of(pnl), LEVELS, 250)
    for day in (250, 271, 299):
        before = pnl[day - 250 : day]
        assert forecast.var[day - 250] == historical_var(before, confidence=0.95)
        assert forecast.es[day - 250] == historical_es(before, confidence=0.975)


def test_that_scaled_and_filtered_forecasts_are_those_of_the_risk_room(two_shares: StudyHistory) -> None:
    series = book_series(book_of({"A.US": 100.0, "B.US": -40.0}), two_shares, 600)
    scaled = forecast_by("volatility-scaled", series, LEVELS, 500)
    filtered = forecast_by("filtered historical", series, LEVELS, 500)
    # Over the first window the recursions begin at the same place; later at another, forgotten by then.
    before = series.pnl[:500]
    expected = volatility_scaled_pnl(before, decay=0.94, initial_variance=float(np.square(before).mean()))
    assert scaled.var[0] == pytest.approx(historical_var(expected, confidence=0.95))
    rows = series.rows[:500, :2]
    level = np.square(rows).mean(axis=0)
    expected = filtered_historical_pnl(series.weight[:2], rows, decay=0.94, initial_variance=level)
    assert filtered.var[0] == pytest.approx(historical_var(expected, confidence=0.95))


def test_that_an_asset_that_starts_to_move_late_is_filtered_too() -> None:
    still = np.concatenate([np.zeros(260), normal_days(60)])
    rows = np.column_stack([normal_days(320, 5), still])
    series = replace(series_of(rows.sum(axis=1)), rows=rows, weight=np.ones(2))
    forecast = forecast_by("filtered historical", series, LEVELS, 250)
    assert np.isfinite(forecast.var).all()


def test_that_cornish_fisher_outside_its_region_counts_the_days_it_was_replaced() -> None:
    pnl = normal_days(320)
    pnl[100] = -5000.0  # a kurtosis no expansion holds for
    forecast = forecast_by("cornish-fisher", series_of(pnl), LEVELS, 250)
    scaled = forecast_by("volatility-scaled", series_of(pnl), LEVELS, 250)
    assert forecast.n_replaced == 70
    np.testing.assert_array_equal(forecast.var, scaled.var)


def test_that_a_true_model_is_green_and_one_that_promises_half_is_red() -> None:
    pnl = normal_days(1000)
    ones = np.ones(1000)
    true = Forecast(164.485 * ones, 195.996 * ones, 232.635 * ones, 233.780 * ones, 0, "true")
    figures = figures_of(true, pnl, LEVELS)
    assert tuple(figure.name for figure in figures) == TESTS
    n_hits = int((-pnl > true.var).sum())
    assert lamp_of(figures, zone_of(true, pnl, LEVELS), n_hits, 50.0)[0] is Lamp.GREEN
    half = Forecast(true.var / 2, true.var_at_es / 2, true.var_at_basel / 2, true.es / 2, 0, "half")
    figures = figures_of(half, pnl, LEVELS)
    zone = zone_of(half, pnl, LEVELS)
    lamp, reason = lamp_of(figures, zone, int((-pnl > half.var).sum()), 50.0)
    assert (lamp, zone) == (Lamp.RED, "red")
    assert "Kupiec rejects" in reason
    assert basel_light(true, pnl, LEVELS).zone == "green"
    assert basel_light(half, pnl, LEVELS).zone == "red"
    assert basel_light(half, pnl, LEVELS).multiplier == 2.0


def test_that_a_model_too_careful_is_amber_never_green() -> None:
    pnl = normal_days(1000)
    wide = Forecast(*(np.full(1000, 900.0) for _ in range(4)), 0, "wide")
    figures = figures_of(wide, pnl, LEVELS)
    assert lamp_of(figures, zone_of(wide, pnl, LEVELS), 0, 50.0)[0] is Lamp.AMBER
    by_name = {figure.name: figure for figure in figures}
    assert by_name["TUFF"].words == "no exception has come"
    assert by_name["Z1"].verdict == "unknown"
    assert by_name["Z1"].words


def test_that_fewer_days_than_basel_s_light_have_none() -> None:
    pnl = normal_days(200)
    forecast = Forecast(*(np.full(200, 200.0) for _ in range(4)), 0, "")
    light = basel_light(forecast, pnl, LEVELS)
    assert light.zone == ""
    assert np.isnan(light.multiplier)


def test_that_models_that_follow_the_volatility_score_best_when_it_swings() -> None:
    series = series_of(swinging_days(2250))
    forecasts = {name: forecast_by(name, series, LEVELS, 250) for name in FORECAST_METHODS}
    result = judged(series, forecasts, METHOD, 250, disagreement_line=0.01)
    order = [record.name for record in result.methods]
    assert order.index("volatility-scaled") < order.index("historical")
    assert order.index("ewma") < order.index("normal")
    best, worst = result.methods[0], result.methods[-1]
    assert np.isnan(best.worse_than_best_p)
    assert worst.worse_than_best_p < 0.05
    assert best.mean_score < worst.mean_score
    assert result.is_disagreement_alert
    assert result.disagreement_now == pytest.approx(float(result.disagreement[-1]))
    historical = result.method("historical")
    assert historical is not None
    assert historical.test("dynamic quantile").verdict == "reject"
    assert historical.test("nobody's").verdict == "unknown"
    assert historical.n_expected == pytest.approx(100.0)
    assert result.method("nobody's") is None


def test_that_a_model_without_a_joint_score_comes_last() -> None:
    series = series_of(normal_days(400))
    fair = forecast_by("historical", series, LEVELS, 250)
    nothing = replace(fair, es=np.zeros(150))
    result = judged(series, {"nothing": nothing, "historical": fair, "twin": fair}, METHOD, 250)
    assert [record.name for record in result.methods] == ["historical", "twin", "nothing"]
    assert np.isnan(result.methods[-1].mean_score)
    assert np.isnan(result.methods[1].worse_than_best_p)  # equal scores cannot be told apart


def test_that_the_whole_study_runs_from_a_book_and_a_history(two_shares: StudyHistory) -> None:
    result = var_backtest(book_of({"A.US": 100.0, "B.US": -40.0}), two_shares, METHOD)
    assert result.is_known
    assert result.n_window == 250
    assert len(result.days) == len(result.pnl_base) == len(two_shares.days) - 1 - 250
    assert {record.name for record in result.methods} == set(FORECAST_METHODS)
    assert (result.proxy_fraction, result.still_fraction, result.words) == (0.0, 0.0, ())


def test_that_too_short_a_history_is_refused_with_both_numbers() -> None:
    history = history_of({"A.US": walk(1, 150).tolist()})
    result = var_backtest(book_of({"A.US": 100.0}), history, METHOD)
    assert result.refusal == "today's book had a history of 149 days, expected 200 at least"
    assert not result.is_known
    assert np.isnan(result.disagreement_now)
    assert not result.is_disagreement_alert


def test_that_a_short_history_takes_a_shorter_window() -> None:
    method = RiskMethod()
    counts = {n: window_for(series_of(normal_days(n)), method) for n in (750, 749, 350, 349, 200, 199)}
    assert counts == {750: 500, 749: 250, 350: 250, 349: 100, 200: 100, 199: 0}


def test_that_the_book_s_days_are_its_exposures_times_the_returns(two_shares: StudyHistory) -> None:
    series = book_series(book_of({"A.US": 100.0, "B.US": -40.0}), two_shares, 300)
    closes = two_shares.closes[:, :2]
    returns = closes[1:] / closes[:-1] - 1.0
    np.testing.assert_allclose(series.pnl, (returns @ np.array([100.0, -40.0]))[-300:])
    np.testing.assert_allclose(series.rows @ series.weight, series.pnl)


def test_that_a_currency_moves_the_days_and_the_cash() -> None:
    share, euro = walk(1, 50), walk(2, 50, 0.005)
    history = history_of({"E.DE": share.tolist(), "EURUSD": euro.tolist()})
    series = book_series(book_of({"E.DE": 100.0}, cash={"EUR": 30.0}), history, 100)
    r, f = share[1:] / share[:-1], euro[1:] / euro[:-1]
    np.testing.assert_allclose(series.pnl, 100.0 * (r * f - 1.0) + 30.0 * (f - 1.0))


def test_that_a_rate_with_gaps_is_held_and_named_in_the_study() -> None:
    share, euro = walk(1, 500), walk(2, 500)
    euro[:200] = NAN
    history = history_of({"E.DE": share.tolist(), "EURUSD": euro.tolist()})
    series = book_series(book_of({"E.DE": 100.0}), history, 499)
    assert series.fx_still == ("EUR",)
    result = var_backtest(book_of({"E.DE": 100.0}), history, METHOD)
    assert "held at today's rate" in result.words[-1]


def test_that_missing_days_go_by_a_stand_in_and_what_has_none_stands_still() -> None:
    index = walk(1, 500)
    share = 50.0 * (index / 100.0) ** 1.5
    share[:100] = NAN
    oil = walk(7, 500)
    oil[:100] = NAN
    history = history_of({"A.US": share.tolist(), "US500": index.tolist(), "OIL": oil.tolist()})
    series = book_series(book_of({"A.US": 60.0, "OIL": 20.0, "US500": 20.0}), history, 499)
    assert [one.code for one in series.stand_ins] == ["A.US", "OIL"]
    assert (series.proxy_fraction, series.still_fraction) == (0.6, 0.2)
    assert (series.rows[:, 1] == 0.0).all()
    assert np.isfinite(series.pnl).all()


def test_that_a_window_with_negative_oil_goes_by_price_changes() -> None:
    oil = [20.0, -37.0, 10.0, 12.0]
    series = book_series(book_of({"OIL": 200.0}, points={"OIL": 10.0}), history_of({"OIL": oil}), 10)
    assert series.pnl.tolist() == [-570.0, 470.0, 20.0]


def test_that_the_series_ends_where_most_of_the_book_still_has_prices() -> None:
    a, b = walk(1, 300), walk(2, 300)
    a[250:] = NAN
    history = history_of({"A.US": a.tolist(), "B.US": b.tolist()})
    series = book_series(book_of({"A.US": 50.0, "B.US": 50.0}), history, 400)
    assert series.days[-1] == weekdays(250)[-1]


def test_that_an_empty_book_or_history_makes_no_days_of_profit() -> None:
    assert (
        book_series(book_of({}), history_of({"A.US": walk(1, 50).tolist()}), 100).pnl.tolist() == [0.0] * 49
    )
    empty = book_series(book_of({"A.US": 1.0}), history_of({"A.US": [NAN, NAN]}), 100)
    assert len(empty.pnl) == 0


def test_that_a_figure_nobody_made_is_unknown() -> None:
    assert TestFigure("x").verdict == "unknown"
