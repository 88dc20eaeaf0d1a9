"""The path of a measure is what the live gauges read of today's book on each day of its history."""

import math
from dataclasses import replace

import numpy as np
import pytest

from fakes.study_case import MASTER, book_of, history_of, walk
from plimsoll.domain.limit import Limit, Measure, Scope, ScopeKind, Severity
from plimsoll.domain.method import RiskMethod
from plimsoll.domain.tuning import MeasurePath
from plimsoll.engine.limit_path import limit_path, why_without_history
from plimsoll.engine.study_pnl import BookSeries, book_series
from plimsoll.risk.expected_shortfall import historical_es
from plimsoll.risk.value_at_risk import historical_var

METHOD = RiskMethod(window_days=100)
BOOK = book_of({"A.US": 600.0, "B.US": -200.0}, cash={"USD": 600.0})
CLOSES = {"A.US": walk(1, 140).tolist(), "B.US": walk(2, 140).tolist()}


def series() -> BookSeries:
    return book_series(BOOK, history_of(CLOSES), 139)


def limit_on(measure: Measure, kind: ScopeKind = ScopeKind.BOOK, detail: str = "", member: str = "") -> Limit:
    return Limit("x", "X", measure, 1.0, Severity.HIGH, Scope(kind, member), detail=detail)


def path_on(limit: Limit, **given: object) -> MeasurePath:
    facts: dict[str, object] = {"n_days": 30, "n_window": 100, **given}
    return limit_path(limit, BOOK, series(), MASTER, METHOD, **facts)  # type: ignore[arg-type]  by field name


def test_that_var_and_es_are_those_of_the_window_that_ends_with_each_day() -> None:
    pnl = series().pnl
    var, es = path_on(limit_on(Measure.VAR)), path_on(limit_on(Measure.ES_FRACTION))
    assert var.values.shape == (30, 1)
    for place in (0, 29):
        end = len(pnl) - 30 + place + 1
        window = pnl[end - 100 : end]
        assert var.values[place, 0] == pytest.approx(historical_var(window, confidence=0.95))
        nav = BOOK.nav + pnl[end - 1]
        assert es.values[place, 0] == pytest.approx(historical_es(window, confidence=0.975) / nav)
    np.testing.assert_allclose(var.pnl[:, 0], pnl[-30:])


def test_that_a_day_s_loss_is_its_result_and_of_parts_their_own() -> None:
    pnl = series().pnl[-30:]
    np.testing.assert_allclose(path_on(limit_on(Measure.DAILY_LOSS)).values[:, 0], -pnl)
    parts = path_on(limit_on(Measure.DAILY_LOSS, ScopeKind.INSTRUMENT))
    assert parts.members == ("A.US", "B.US")
    np.testing.assert_allclose(parts.values.sum(axis=1), -pnl)
    np.testing.assert_allclose(parts.pnl, -parts.values)


def test_that_drawdown_and_trailing_loss_fall_from_the_compounded_high() -> None:
    equity = BOOK.nav * np.cumprod(np.concatenate([[1.0], 1.0 + series().pnl / BOOK.nav]))
    fall = 1.0 - equity / np.maximum.accumulate(equity)
    np.testing.assert_allclose(path_on(limit_on(Measure.DRAWDOWN)).values[:, 0], fall[-30:], atol=1e-12)
    trailing = path_on(limit_on(Measure.TRAILING_LOSS_FRACTION, detail="5")).values[:, 0]
    assert trailing[-1] == pytest.approx(1.0 - equity[-1] / equity[-6:].max())
    start = path_on(limit_on(Measure.DRAWDOWN, detail="start")).values[:, 0]
    assert start[-1] == pytest.approx(1.0 - equity[-1] / equity[0])
    day = path_on(limit_on(Measure.DRAWDOWN, detail="day")).values[:, 0]
    assert day[-1] == pytest.approx(1.0 - equity[-1] / equity[-2])
    month = path_on(limit_on(Measure.DRAWDOWN, detail="month")).values[:, 0]
    assert np.isfinite(month).all()


def test_that_weights_begin_each_day_as_today_s_and_end_it_with_the_market() -> None:
    weights = path_on(limit_on(Measure.GROSS_WEIGHT, ScopeKind.INSTRUMENT)).values
    closes = np.array(CLOSES["A.US"])
    expected = 600.0 * closes[-1] / closes[-2] / (BOOK.nav + series().pnl[-1])
    assert weights[-1, 0] == pytest.approx(expected)
    one = path_on(limit_on(Measure.GROSS_WEIGHT, ScopeKind.INSTRUMENT, member="A.US"))
    np.testing.assert_allclose(one.values[:, 0], weights[:, 0])


def test_that_parts_have_a_tail_of_their_own_positions() -> None:
    path = path_on(limit_on(Measure.VAR, ScopeKind.INSTRUMENT))
    own = path_on(limit_on(Measure.DAILY_LOSS, ScopeKind.INSTRUMENT), n_days=139).values
    assert path.values[-1, 0] == pytest.approx(historical_var(-own[-100:, 0], confidence=0.95))
    sector = path_on(limit_on(Measure.ES, ScopeKind.SECTOR))
    assert set(sector.members) == {"Energy", "B.US"}


def test_that_every_measure_has_a_path_or_says_why_it_has_none() -> None:
    for measure in Measure:
        detail = "shock" if measure in (Measure.STRESS_LOSS, Measure.STRESS_LOSS_FRACTION) else ""
        path = path_on(limit_on(measure, measure.scopes[0], detail))
        assert path.is_known is not bool(why_without_history(measure)), measure
        if path.is_known:
            assert np.isfinite(path.values).all(), measure


def test_that_what_is_not_held_or_has_too_few_days_is_refused_in_words() -> None:
    missing = path_on(limit_on(Measure.VAR, ScopeKind.SECTOR, member="Banks"))
    assert missing.refusal == "nothing is held there"
    short = path_on(limit_on(Measure.VAR), n_window=0)
    assert "could not be worked out" in short.refusal
    other = path_on(limit_on(Measure.VAR, detail="garch"))
    assert "only the headline method" in other.refusal
    empty = limit_path(
        limit_on(Measure.VAR),
        BOOK,
        book_series(BOOK, history_of(CLOSES), 0),
        MASTER,
        METHOD,
        n_days=5,
        n_window=0,
    )
    assert empty.refusal == "today's book has no history at all"
    with pytest.raises(KeyError):
        limit_path(limit_on(Measure.VAR), BOOK, series(), {}, METHOD, n_days=5, n_window=100)


def test_that_leaving_costs_half_the_spread_and_an_unknown_one_counts_as_the_others() -> None:
    assert path_on(limit_on(Measure.VAR), spread_fraction=(0.01, 0.02)).exit_cost_base.tolist() == [5.0]
    averaged = path_on(limit_on(Measure.VAR), spread_fraction=(0.01, math.nan)).exit_cost_base
    assert averaged.tolist() == pytest.approx([800.0 * 0.01 / 2])
    assert np.isnan(path_on(limit_on(Measure.VAR)).exit_cost_base).all()
    by_part = path_on(limit_on(Measure.DAILY_LOSS, ScopeKind.INSTRUMENT), spread_fraction=(0.01, 0.02))
    assert by_part.exit_cost_base.tolist() == [3.0, 2.0]


def test_that_stand_ins_and_what_stands_still_are_told() -> None:
    made = replace(series(), proxy_fraction=0.4, still_fraction=0.1)
    path = limit_path(limit_on(Measure.DAILY_LOSS), BOOK, made, MASTER, METHOD, n_days=5, n_window=0)
    assert path.words[1:] == (
        "40% of gross partly by a stand-in",
        "10% of gross without a history stands still",
    )


def test_that_a_book_worth_nothing_has_no_equity_to_fall() -> None:
    poor = replace(BOOK, nav=-5.0)
    path = limit_path(limit_on(Measure.DRAWDOWN), poor, series(), MASTER, METHOD, n_days=5, n_window=100)
    assert not path.is_known
