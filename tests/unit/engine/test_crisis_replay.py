"""A crisis leads today's book down and back, and says on what each figure rests."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from fakes.study_case import MASTER, NAN, book_of, history_of, walk, weekdays, window_of
from plimsoll.domain.crisis_window import CrisisWindow
from plimsoll.domain.method import RiskMethod
from plimsoll.domain.stress_result import ReplayRoad, StressResult
from plimsoll.engine.crisis_replay import CrisisReplay
from plimsoll.engine.study_book import StudyBook
from plimsoll.engine.study_history import StudyHistory

SHAPE = [100.0, 110.0, 90.0, 70.0, 80.0, 111.0, 120.0]


def over(
    book: StudyBook, history: StudyHistory, window: CrisisWindow, method: RiskMethod | None = None
) -> StressResult:
    return CrisisReplay(book, history, method or RiskMethod()).over(window)


def test_that_the_drawdown_falls_from_the_high_water_mark() -> None:
    result = over(book_of({"A.US": 100.0}), history_of({"A.US": SHAPE}), window_of(0, 4))
    days = weekdays(7)
    assert result.drawdown_base == pytest.approx(40.0)
    assert (result.peak_day, result.trough_day) == (days[1], days[3])
    assert result.drawdown_fraction == pytest.approx(40.0 / 1010.0)
    assert result.recovery_day == days[5]  # after the window
    assert result.recovery_days == days[5] - days[3]
    assert result.pnl_end_base == pytest.approx(-20.0)
    assert (result.worst_day, result.worst_day_pnl_base) == (days[2], pytest.approx(-20.0))
    assert result.is_known
    assert result.n_window == 5
    assert len(result.days) == 6  # to the recovery


def test_that_the_starting_equity_counts_as_a_peak() -> None:
    result = over(book_of({"A.US": 100.0}), history_of({"A.US": [100.0, 90.0, 95.0]}), window_of(0, 2))
    assert (result.drawdown_base, result.peak_day) == (pytest.approx(10.0), weekdays(1)[0])


def test_that_a_book_that_did_not_come_back_says_by_when() -> None:
    result = over(book_of({"A.US": 100.0}), history_of({"A.US": SHAPE[:5]}), window_of(0, 3))
    assert result.recovery_day is None
    assert result.recovery_days is None
    assert result.searched_until_day == weekdays(5)[-1]


def test_that_a_short_book_gains() -> None:
    result = over(book_of({"A.US": -100.0}), history_of({"A.US": [100.0, 80.0, 60.0]}), window_of(0, 2))
    assert (result.drawdown_base, result.pnl_end_base) == (0.0, pytest.approx(40.0))


def test_that_parts_of_positions_sectors_and_cash_add_up_to_the_drawdown() -> None:
    closes = {code: walk(seed, 300).tolist() for seed, code in enumerate(("A.US", "B.US", "E.DE", "US500"))}
    closes["EURUSD"] = walk(9, 300, 0.005).tolist()
    held = {"A.US": 400.0, "B.US": -300.0, "E.DE": 500.0, "US500": 100.0}
    book = book_of(held, cash={"EUR": 200.0, "USD": 50.0}, fx_weight={**held, "US500": 5.0})
    result = over(book, history_of(closes), window_of(10, 260))
    cash = sum(part.drawdown_part_base for part in result.cash)
    assert result.drawdown_base > 0.0
    total = sum(part.drawdown_part_base for part in result.positions)
    assert total + cash == pytest.approx(result.drawdown_base)
    assert sum(part.drawdown_part_base for part in result.sectors) == pytest.approx(total)
    ends = sum(part.pnl_base for part in (*result.positions, *result.cash))
    assert ends == pytest.approx(result.pnl_end_base)
    assert {part.name for part in result.sectors} == {"Energy", "unclassified"}
    parts = [part.drawdown_part_base for part in result.sectors]
    assert parts == sorted(parts, reverse=True)


def test_that_a_window_with_a_price_below_zero_goes_by_price_changes() -> None:
    oil = [18.0, -37.0, 9.0, 12.0, 20.0]
    result = over(book_of({"OIL": 600.0}, points={"OIL": 10.0}), history_of({"OIL": oil}), window_of(0, 3))
    assert result.positions[0].road is ReplayRoad.CHANGE
    assert result.drawdown_base == pytest.approx(550.0)
    assert result.worst_day_pnl_base == pytest.approx(-550.0)
    assert any("by price changes" in words for words in result.words)


def test_that_oil_goes_by_returns_where_no_price_fell_to_zero() -> None:
    oil = [20.0, 10.0, 15.0, -37.0]
    result = over(book_of({"OIL": 600.0}, points={"OIL": 10.0}), history_of({"OIL": oil}), window_of(0, 2))
    assert result.positions[0].road is ReplayRoad.OWN
    assert result.drawdown_base == pytest.approx(300.0)


def _with_index(n: int, first: int) -> dict[str, list[float]]:
    """Return an index and a share of beta 1.5 and some noise whose history begins late."""
    index = walk(1, n)
    noise = np.random.default_rng(2).normal(0.0, 0.002, n - 1)
    moves = 1.5 * (index[1:] / index[:-1] - 1.0) + noise
    share = np.concatenate([[50.0], 50.0 * np.cumprod(1.0 + moves)])
    share[:first] = NAN
    return {"A.US": share.tolist(), "US500": index.tolist()}


def test_that_a_share_without_history_then_goes_by_the_index_with_its_beta_and_residual() -> None:
    closes = _with_index(400, 120)
    result = over(book_of({"A.US": 100.0}), history_of(closes), window_of(0, 60))
    (part,) = result.positions
    assert part.road is ReplayRoad.PROXY
    assert part.stand_in is not None
    assert part.stand_in.proxy_code == "US500"
    assert part.stand_in.beta == pytest.approx(1.5, abs=0.05)
    assert part.stand_in.n_filled == 60
    index = np.array(closes["US500"])[:61]
    returns = part.stand_in.beta * (index[1:] / index[:-1] - 1.0)
    np.testing.assert_allclose(result.pnl_base[1:61], 100.0 * (np.cumprod(1.0 + returns) - 1.0))
    assert (result.proxy_fraction, result.still_fraction) == (1.0, 0.0)
    n_to_trough = weekdays(61).index(result.trough_day)
    expected = 100.0 * part.stand_in.residual_volatility * np.sqrt(n_to_trough)
    assert result.residual_base == pytest.approx(expected)


def test_that_two_windows_share_one_stand_in_and_its_beta() -> None:
    replay = CrisisReplay(book_of({"A.US": 100.0}), history_of(_with_index(400, 120)), RiskMethod())
    first, second = (
        replay.over(window).positions[0].stand_in for window in (window_of(0, 60), window_of(5, 90))
    )
    assert first is not None
    assert second is not None
    assert (first.beta, first.n_overlap) == (second.beta, second.n_overlap)
    assert (first.n_filled, second.n_filled) == (60, 85)


def test_that_var_of_a_proxied_window_carries_the_residual() -> None:
    history = history_of(_with_index(400, 120))
    by_proxy = over(book_of({"A.US": 100.0}), history, window_of(0, 60)).method("normal")
    by_index = over(book_of({"US500": 150.0}), history, window_of(0, 60)).method("normal")
    assert by_proxy.var > by_index.var


def test_that_a_listing_in_the_middle_of_a_window_keeps_its_own_days() -> None:
    closes = _with_index(400, 30)
    result = over(book_of({"A.US": 100.0}), history_of(closes), window_of(0, 60))
    (part,) = result.positions
    assert part.stand_in is not None
    assert part.stand_in.n_filled == 30  # the first own close has no return of its own
    own = np.array(closes["A.US"])
    assert 1.0 + result.pnl_base[60] / 100.0 == pytest.approx(
        (1.0 + result.pnl_base[30] / 100.0) * own[60] / own[30]
    )


def test_that_the_master_s_proxy_counts_first_and_its_absence_is_told() -> None:
    closes = _with_index(400, 120) | {"B.US": walk(5, 400).tolist()}
    master = {**MASTER, "A.US": replace(MASTER["A.US"], proxy="B.US")}
    result = over(book_of({"A.US": 100.0}), history_of(closes, master), window_of(0, 60))
    stand_in = result.positions[0].stand_in
    assert stand_in is not None
    assert (stand_in.proxy_code, stand_in.is_by_user) == ("B.US", True)
    absent = {**MASTER, "A.US": replace(MASTER["A.US"], proxy="NONE")}
    book = book_of({"A.US": 100.0, "US500": 1.0})
    result = over(book, history_of(closes, absent), window_of(0, 60))
    assert result.positions[0].road is ReplayRoad.STILL
    assert "NONE had no price then either" in result.words[0]


def test_that_too_few_common_days_carry_no_crisis() -> None:
    closes = _with_index(400, 370)
    result = over(book_of({"A.US": 100.0, "US500": 1.0}), history_of(closes), window_of(0, 60))
    assert result.positions[0].road is ReplayRoad.STILL
    assert result.still_fraction == pytest.approx(100.0 / 101.0)


def test_that_a_proxy_named_by_the_user_still_needs_twenty_common_days() -> None:
    closes = _with_index(400, 390)
    master = {**MASTER, "A.US": replace(MASTER["A.US"], proxy="US500")}
    result = over(book_of({"A.US": 100.0, "US500": 1.0}), history_of(closes, master), window_of(0, 60))
    assert result.positions[0].road is ReplayRoad.STILL
    assert "shared" in result.words[0]


def test_that_a_currency_without_rates_then_is_held_still_and_named() -> None:
    closes = {"E.DE": walk(3, 100).tolist(), "EURUSD": [NAN] * 60 + walk(4, 40).tolist()}
    book = book_of({"E.DE": 100.0}, cash={"EUR": 50.0})
    result = over(book, history_of(closes), window_of(0, 50))
    assert result.fx_still == ("EUR",)
    assert [part.drawdown_part_base for part in result.cash] == [0.0]
    prices = np.array(closes["E.DE"])
    assert result.pnl_end_base == pytest.approx(100.0 * (prices[50] / prices[0] - 1.0))
    assert any("held at today's rate" in words for words in result.words)


def test_that_the_search_ends_where_a_position_or_a_rate_ends() -> None:
    prices = np.linspace(100.0, 50.0, 100)
    share = [*prices[:80].tolist(), *[NAN] * 20]
    euro = [*walk(4, 70, 0.0001).tolist(), *[NAN] * 30]
    history = history_of({"A.US": share, "E.DE": prices.tolist(), "EURUSD": euro})
    assert over(book_of({"A.US": 100.0}), history, window_of(0, 20)).searched_until_day == weekdays(70)[-1]
    result = over(book_of({"E.DE": 100.0}), history, window_of(0, 20))
    assert result.searched_until_day == weekdays(70)[-1]


def test_that_an_unpriced_position_is_held_still_and_named() -> None:
    book = book_of({"A.US": 0.0, "B.US": 10.0}, unpriced=("A.US",))
    history = history_of({"A.US": walk(1, 50).tolist(), "B.US": walk(2, 50).tolist()})
    result = over(book, history, window_of(0, 40))
    assert "it has no price now" in result.words[0]


def test_that_nav_below_zero_leaves_the_fraction_unknown() -> None:
    book = book_of({"A.US": 100.0}, nav=-5.0)
    result = over(book, history_of({"A.US": SHAPE}), window_of(0, 4))
    assert np.isnan(result.drawdown_fraction)
    assert result.drawdown_base == pytest.approx(40.0)


@pytest.mark.parametrize(
    ("window", "words"),
    [
        (CrisisWindow("w", "w", date(1980, 1, 1), date(1980, 2, 1), "s"), "no history at its start"),
        (CrisisWindow("w", "w", date(1990, 1, 2), date(2020, 1, 1), "s"), "no history at its end"),
        (CrisisWindow("w", "w", date(1990, 1, 6), date(1990, 1, 7), "s"), "no trading day"),
    ],
)
def test_that_a_window_outside_the_history_is_refused_in_words(window: CrisisWindow, words: str) -> None:
    result = over(book_of({"A.US": 100.0}), history_of({"A.US": SHAPE}), window)
    assert words in result.refusal
    assert result.words == (result.refusal,)
    assert not result.is_known
    assert np.isnan(result.drawdown_base)


def test_that_a_history_without_a_day_and_a_book_without_a_price_then_are_refused() -> None:
    empty = history_of({"A.US": [NAN, NAN]})
    assert "no history at all" in over(book_of({"A.US": 1.0}), empty, window_of(0, 1)).refusal
    history = history_of({"A.US": [NAN] * 10 + SHAPE, "OIL": walk(1, 17).tolist()})
    refusal = over(book_of({"A.US": 1.0}), history, window_of(0, 5)).refusal
    assert "no position had a price in it" in refusal


def test_that_a_book_of_cash_alone_lives_by_its_currency() -> None:
    history = history_of({"EURUSD": [1.0, 0.9, 0.8]})
    result = over(book_of({}, cash={"EUR": 100.0}), history, window_of(0, 2))
    assert result.drawdown_base == pytest.approx(20.0)
    assert np.isnan(result.proxy_fraction)


def test_that_every_method_says_its_figure_or_why_it_has_none() -> None:
    history = history_of({"A.US": walk(6, 120).tolist()})
    long = over(book_of({"A.US": 100.0}), history, window_of(0, 100))
    for figure in long.methods[:-1]:
        assert 0.0 < figure.var < figure.es, figure.name
    # These days have thinner tails than the normal, for which the expansion does not hold.
    assert "expected a pair inside the region" in long.method("cornish-fisher").words
    short = over(book_of({"A.US": 100.0}), history, window_of(0, 25))
    figure = short.method("historical")
    assert figure.var > 0.0  # 25 days hold one of the twenty
    assert np.isnan(figure.es)
    assert "ES not known" in figure.words
    assert np.isnan(short.method("nobody's").var)
    day = over(book_of({"A.US": 100.0}), history, window_of(0, 1)).method("normal")
    assert np.isnan(day.var)
