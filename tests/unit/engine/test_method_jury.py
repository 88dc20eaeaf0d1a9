"""VaR by every method, against its formula in plain numpy."""

from collections.abc import Sequence
from dataclasses import replace
from statistics import NormalDist

import numpy as np
import pytest

from fakes.market_case import shares_now
from plimsoll.domain.market_figures import METHOD_NAMES, MethodFigure
from plimsoll.domain.method import RiskMethod
from plimsoll.engine.book_now import BookNow, today_so_far
from plimsoll.engine.method_jury import N_PATHS, ROWS_A_STEP, MethodJury
from plimsoll.risk.cornish_fisher import cornish_fisher_var
from plimsoll.risk.errors import OutsideValidity
from plimsoll.risk.filtered_historical import filtered_historical_pnl

METHOD = RiskMethod()
RETURNS = 0.01 * np.random.default_rng(2).standard_t(5, (400, 3))
QUANTITY = [100.0, -50.0, 200.0]


def heard(
    returns: np.ndarray = RETURNS, quantity: Sequence[float] = QUANTITY, today: list[float] | None = None
) -> tuple[dict[str, MethodFigure], BookNow, int]:
    universe, book = shares_now(returns, list(quantity), today)
    jury = MethodJury(METHOD)
    n_steps = sum(1 for _ in jury.round(77, book, today_so_far(book, universe)))
    return {figure.name: figure for figure in jury.figures}, book, n_steps


def forecast(series: np.ndarray) -> np.ndarray:
    """Return the EWMA variance forecasts of each day and the next, from the mean square on."""
    variance = [np.square(series).mean()]
    for value in series:
        variance.append(0.94 * variance[-1] + 0.06 * value**2)
    return np.sqrt(variance)


def rank_var(pnl: np.ndarray, confidence: float = 0.95) -> float:
    return float(np.sort(-pnl)[::-1][int(round(len(pnl) * (1 - confidence), 9))])


def test_that_every_method_is_heard_in_its_order_and_dated() -> None:
    found, _, _ = heard()
    assert tuple(found) == METHOD_NAMES
    assert all(np.isfinite([figure.var, figure.es]).all() for figure in found.values())
    assert all(figure.es > figure.var * 0.9 and figure.as_of_ns == 77 for figure in found.values())
    assert [figure.n_observations for figure in found.values()] == [400] * 4 + [N_PATHS] * 2


def test_that_before_the_first_round_every_method_is_unknown() -> None:
    figures = MethodJury(METHOD).figures
    assert tuple(figure.name for figure in figures) == METHOD_NAMES
    assert all(np.isnan(figure.var) and figure.words == "not measured yet" for figure in figures)


def test_that_without_scenarios_every_method_says_that_history_is_short() -> None:
    universe, book = shares_now(RETURNS, QUANTITY)
    jury = MethodJury(METHOD)
    assert list(jury.round(5, replace(book, pnl=np.empty(0)), today_so_far(book, universe))) == []
    assert {(f.words, f.as_of_ns) for f in jury.figures} == {("too little price history", 5)}


def test_that_ewma_is_the_normal_figure_of_the_recursion() -> None:
    found, book, _ = heard()
    sigma = forecast(book.pnl)[-1]
    assert found["ewma"].var == pytest.approx(NormalDist().inv_cdf(0.95) * sigma)
    assert found["ewma"].es == pytest.approx(2.33780 * sigma, rel=1e-5)


def test_that_the_volatility_of_the_series_is_that_of_exposures_and_covariance() -> None:
    found, book, _ = heard()
    weights = 0.06 * 0.94 ** np.arange(399, -1, -1)
    covariance = (RETURNS * weights[:, None]).T @ RETURNS
    start = 0.94**400 * np.square(book.pnl).mean()
    sigma = np.sqrt(book.exposure[:3] @ covariance @ book.exposure[:3] + start)
    assert found["ewma"].var == pytest.approx(NormalDist().inv_cdf(0.95) * sigma)


def test_that_todays_fall_joins_the_forecast_and_a_quiet_morning_does_not() -> None:
    calm, _, _ = heard()
    quiet, _, _ = heard(today=[0.0001, 0.0001, 0.0001])
    fallen, book, _ = heard(today=[-0.08, 0.0, -0.08])
    assert quiet["ewma"].var == pytest.approx(calm["ewma"].var, rel=1e-3)
    assert "today" not in quiet["ewma"].words
    assert fallen["ewma"].words == "normal, EWMA 0.94, today so far included"
    today = float(np.array([-0.08, 0.0, -0.08]) @ book.exposure[:3])
    sigma = forecast(book.pnl)[-1]
    sigma = np.sqrt(0.94 * sigma**2 + 0.06 * today**2)
    assert fallen["ewma"].var == pytest.approx(NormalDist().inv_cdf(0.95) * sigma, rel=1e-3)
    assert fallen["ewma"].n_observations == fallen["filtered historical"].n_observations == 401


def test_that_an_unknown_today_of_a_held_instrument_leaves_today_out() -> None:
    universe, book = shares_now(RETURNS, QUANTITY, [0.0, 0.0, -0.2])
    today = today_so_far(book, universe)
    for number, is_told in ((1, False), (None, True)):
        jury = MethodJury(METHOD)
        known = today.copy()
        if number is not None:
            known[number] = np.nan
        for _ in jury.round(1, book, known):
            pass
        assert ("today" in jury.figures[0].words) is is_told
    unheld, _, _ = heard(quantity=[0.0, -50.0, 200.0], today=[np.nan, 0.0, -0.2])
    assert "today" in unheld["ewma"].words


def test_that_volatility_scaling_brings_the_books_past_to_todays_volatility() -> None:
    found, book, _ = heard()
    sigma = forecast(book.pnl)
    assert found["volatility-scaled"].var == pytest.approx(rank_var(book.pnl * sigma[-1] / sigma[:-1]))


def test_that_filtered_history_scales_every_asset_by_itself_also_in_blocks() -> None:
    n = ROWS_A_STEP + 7
    returns = 0.01 * np.random.default_rng(4).standard_normal((300, n))
    found, book, n_steps = heard(returns, [float(k + 1) for k in range(n)])
    pnl = np.zeros(300)
    for number in range(n):
        sigma = forecast(returns[:, number])
        pnl += book.exposure[number] * returns[:, number] * sigma[-1] / sigma[:-1]
    assert found["filtered historical"].var == pytest.approx(rank_var(pnl))
    whole = filtered_historical_pnl(
        book.exposure[:n], returns, decay=0.94, initial_variance=np.square(returns).mean(axis=0)
    )
    assert found["filtered historical"].var == pytest.approx(rank_var(whole))
    assert n_steps == 5 + 2


def test_that_a_first_day_that_hardly_moved_does_not_blow_up_the_second() -> None:
    returns = RETURNS.copy()
    returns[0] = 1e-9
    tame, _, _ = heard(returns)
    plain, _, _ = heard()
    for name in ("filtered historical", "volatility-scaled"):
        assert tame[name].es == pytest.approx(plain[name].es, rel=0.05)


def test_that_cornish_fisher_bends_the_normal_by_skew_and_kurtosis() -> None:
    found, book, _ = heard()
    pnl = book.pnl
    apart = pnl - pnl.mean()
    skew = (apart**3).mean() / (apart**2).mean() ** 1.5
    excess = (apart**4).mean() / (apart**2).mean() ** 2 - 3.0
    z = NormalDist().inv_cdf(0.05)
    bent = z + (z**2 - 1) * skew / 6 + (z**3 - 3 * z) * excess / 24 - (2 * z**3 - 5 * z) * skew**2 / 36
    assert found["cornish-fisher"].var == pytest.approx(-(pnl.mean() + bent * pnl.std(ddof=1)), rel=0.02)


def test_that_outside_its_region_cornish_fisher_gives_way_to_scaled_history_and_says_so() -> None:
    returns = np.full((300, 1), 1e-4) * np.sign(np.arange(300) % 2 - 0.5)[:, None]
    returns[50] = -0.5
    found, book, _ = heard(returns, [100.0])
    figure = found["cornish-fisher"]
    with pytest.raises(OutsideValidity):
        cornish_fisher_var(book.pnl, confidence=0.95)
    assert (figure.var, figure.es) == (found["volatility-scaled"].var, found["volatility-scaled"].es)
    assert figure.words.startswith("volatility-scaled history instead: ")


def test_that_the_simulations_agree_with_their_closed_forms_and_repeat() -> None:
    found, book, _ = heard()
    sigma = book.pnl.std(ddof=1)
    assert found["monte carlo normal"].var == pytest.approx(1.64485 * sigma, rel=0.02)
    assert found["monte carlo normal"].es == pytest.approx(2.33780 * sigma, rel=0.02)
    # t with 5 degrees of freedom at unit variance: 2.01505 √(3/5) at 95 %
    assert found["monte carlo t"].var == pytest.approx(2.01505 * np.sqrt(0.6) * sigma, rel=0.03)
    again, _, _ = heard()
    assert again["monte carlo t"].var == found["monte carlo t"].var


def test_that_a_round_speaks_of_the_book_it_began_with() -> None:
    universe, book = shares_now(RETURNS, QUANTITY)
    today = today_so_far(book, universe)
    jury = MethodJury(METHOD)
    steps = jury.round(1, book, today)
    next(steps)
    book.pnl[:] = 0.0
    book.exposure[:] = 0.0
    for _ in steps:
        pass
    expected, _, _ = heard()
    assert {f.name: f.var for f in jury.figures} == {name: f.var for name, f in expected.items()}


def test_that_a_book_that_cannot_lose_is_refused_by_name_and_not_by_a_fault() -> None:
    found, _, _ = heard(np.zeros((300, 1)), [100.0])
    for figure in found.values():
        assert figure.var == 0.0 or (np.isnan(figure.var) and figure.words)


def test_that_a_single_day_carries_no_method_and_each_says_what_it_needs() -> None:
    found, _, _ = heard(RETURNS[:1])
    for name in ("cornish-fisher", "volatility-scaled", "monte carlo normal", "monte carlo t"):
        assert np.isnan([found[name].var, found[name].es]).all()
        assert "expected" in found[name].words


def test_that_money_beyond_the_range_of_numbers_is_refused_and_not_shown_as_infinite() -> None:
    _, book = shares_now(RETURNS, QUANTITY)
    jury = MethodJury(METHOD)
    rows = np.full((3, 400), 1e3)
    rows[:, ::2] = -1e3
    vast = replace(
        book, exposure=np.full(4, 1e306), matrix=replace(book.matrix, rows=np.vstack([rows, rows[:1]]))
    )
    for _ in jury.round(1, vast, np.zeros(4)):
        pass
    filtered = next(figure for figure in jury.figures if figure.name == "filtered historical")
    assert np.isnan(filtered.var)
    assert filtered.words


def test_that_too_few_days_for_the_tail_are_said_by_each_method_that_needs_them() -> None:
    found, _, _ = heard(RETURNS[:10])
    assert np.isnan(found["filtered historical"].var)
    assert "expected" in found["filtered historical"].words
