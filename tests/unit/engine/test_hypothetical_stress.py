"""A scenario alone is the book repriced, and what follows it is an expectation given the shocks."""

import math

import numpy as np
import pytest

from fakes.study_case import MASTER, book_of, history_of, walk
from fakes.trading_desk import book_of as trading_book_of
from plimsoll.domain.limit import Scope, ScopeKind
from plimsoll.domain.market_past import MarketPast
from plimsoll.domain.stress_scenario import Shock, StressScenario
from plimsoll.engine.hypothetical_market import inverse_of, market_past
from plimsoll.engine.hypothetical_stress import hypothetical_stress, pnl_of, repriced
from plimsoll.engine.ledger import Ledger
from plimsoll.engine.stress_watch import StressWatch
from plimsoll.engine.study_book import study_book
from plimsoll.engine.study_pnl import book_series
from plimsoll.engine.universe import universe_of
from plimsoll.risk.stress import factor_shock

K = ScopeKind


def scenario_of(*shocks: tuple[ScopeKind, str, float]) -> StressScenario:
    return StressScenario("s", "S", tuple(Shock(Scope(kind, member), x) for kind, member, x in shocks))


def past_of(correlation: np.ndarray, volatility: np.ndarray, codes: tuple[str, ...]) -> MarketPast:
    covariance = np.zeros((len(codes) + 2,) * 2)
    n = len(volatility)
    covariance[:n, :n] = correlation * np.outer(volatility, volatility)
    covariance[len(codes)] = covariance[:, len(codes)] = 0.0
    days = np.arange(200)
    return MarketPast(
        codes,
        len(codes),
        ("USD", "EUR"),
        days,
        np.zeros((200, len(codes) + 2)),
        covariance,
        0.0,
        *inverse_of(covariance),
    )


def test_that_alone_it_equals_the_running_desks_own_repricing() -> None:
    master = {code: MASTER[code] for code in ("A.US", "E.DE", "OIL", "EURUSD")}
    universe = universe_of(
        trading_book_of(
            {"A.US": (100, 50.0), "E.DE": (70, 80.0), "OIL": (-3, 61.0), "EURUSD": (9000, 1.1)},
            {"USD": 4000.0, "EUR": -900.0},
        ),
        master,
    )
    ledger = Ledger(
        universe,
        trading_book_of(
            {"A.US": (100, 50.0), "E.DE": (70, 80.0), "OIL": (-3, 61.0), "EURUSD": (9000, 1.1)},
            {"USD": 4000.0, "EUR": -900.0},
        ),
    )
    mark = np.array([55.0, 83.0, 59.0, 1.13])
    ledger.revalue(mark)
    scenario = scenario_of(
        (K.ASSET_CLASS, "equity", -0.2), (K.SECTOR, "Energy", 0.1), (K.CURRENCY, "EUR", -0.05)
    )
    loss = StressWatch(universe, (scenario,)).losses(ledger, mark)["s"]
    found = hypothetical_stress(scenario, study_book(universe, ledger, mark), master)
    assert -found.pnl.total == pytest.approx(loss.total)
    assert -found.pnl.positions == pytest.approx(loss.by_position)
    assert found.following_pnl is None


def test_that_without_any_correlation_nothing_follows() -> None:
    codes = ("A.US", "B.US", "OIL")
    past = past_of(np.eye(3), np.array([0.01, 0.02, 0.03]), codes)
    book = book_of({"A.US": 100.0, "B.US": 50.0, "OIL": -30.0})
    found = hypothetical_stress(scenario_of((K.INSTRUMENT, "A.US", -0.1)), book, MASTER, past)
    assert found.following_pnl is not None
    assert found.following_pnl.positions == pytest.approx(found.pnl.positions)
    assert found.pnl.total == pytest.approx(-10.0)


def test_that_a_shock_to_one_asset_moves_the_rest_as_the_published_formula_says() -> None:
    # risk-definitions.md, 12: asset 1 −10 % → (−6.667, −1.200 %); isolated −60 000, transitive −48 133.33.
    rho = np.array([[1.0, 0.5, 0.2], [0.5, 1.0, -0.1], [0.2, -0.1, 1.0]])
    past = past_of(rho, np.array([0.015, 0.02, 0.009]), ("A.US", "B.US", "OIL"))
    book = book_of({"A.US": 600e3, "B.US": -250e3, "OIL": 400e3})
    found = hypothetical_stress(scenario_of((K.INSTRUMENT, "A.US", -0.1)), book, MASTER, past)
    assert found.following_moves is not None
    assert found.following_pnl is not None
    assert found.following_moves.price == pytest.approx([-0.1, -0.2 / 3.0, -0.012])
    assert (found.pnl.total, found.following_pnl.total) == pytest.approx((-60_000.0, -48_133.3333))
    twice = scenario_of((K.INSTRUMENT, "A.US", -0.1), (K.INSTRUMENT, "OIL", 0.02))
    said = factor_shock(book.exposure, past.covariance[:3, :3], shocked=[0, 2], returns=[-0.1, 0.02])
    both = hypothetical_stress(twice, book, MASTER, past).following_moves
    assert both is not None
    assert both.price == pytest.approx(said.returns)


def test_that_a_class_moves_as_one_factor_and_a_shock_nothing_answers_to_is_named() -> None:
    rho = np.array([[1.0, 0.4, 0.3], [0.4, 1.0, 0.3], [0.3, 0.3, 1.0]])
    past = past_of(rho, np.array([0.01, 0.01, 0.02]), ("A.US", "B.US", "OIL"))
    book = book_of({"A.US": 100.0, "B.US": 100.0, "OIL": 100.0})
    scenario = scenario_of((K.ASSET_CLASS, "equity", -0.2), (K.ASSET_CLASS, "crypto", -0.5))
    found = hypothetical_stress(scenario, book, MASTER, past)
    assert found.following_moves is not None
    # The mean of two with correlation 0.4 has variance 0.7 σ²; its covariance with oil is 0.3·σ·2σ.
    assert found.following_moves.price == pytest.approx([-0.2, -0.2, -0.2 * 0.6 / 0.7])
    assert found.unheard == ("asset class crypto",)
    assert found.moves.is_named.tolist() == [True, True, False]


def test_that_nothing_follows_what_does_not_move_or_has_no_history() -> None:
    opposed = np.array([[1.0, -1.0, 0.0], [-1.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    past = past_of(opposed, np.array([0.01, 0.01, 0.02]), ("A.US", "B.US", "OIL"))
    book = book_of({"A.US": 100.0, "B.US": 100.0, "OIL": 100.0})
    for shock in ((K.ASSET_CLASS, "equity", -0.2), (K.CURRENCY, "EUR", -0.1), (K.CURRENCY, "XXX", -0.1)):
        found = hypothetical_stress(scenario_of(shock), book, MASTER, past)
        assert found.following_pnl is not None
        assert found.following_pnl.total == pytest.approx(found.pnl.total)
    wider = book_of({"A.US": 100.0, "B.US": 100.0, "OIL": 100.0, "US500": 7.0})
    assert past.unknown_codes(wider) == ("US500",)
    assert past.weights(wider)[:3].tolist() == [100.0, 100.0, 100.0]


def test_that_newer_prices_change_the_profit_and_not_the_move() -> None:
    past = past_of(np.eye(3), np.array([0.01, 0.02, 0.03]), ("A.US", "B.US", "OIL"))
    old, new = (book_of({"A.US": size, "B.US": 50.0, "OIL": -30.0}) for size in (100.0, 120.0))
    for known in (past, None):
        found = hypothetical_stress(scenario_of((K.INSTRUMENT, "A.US", -0.1)), old, MASTER, known)
        again = repriced(found, new)
        assert again.moves is found.moves
        assert again.pnl.total == pytest.approx(-12.0)
        assert (again.following_pnl is None) == (known is None)


def test_that_too_short_or_too_still_a_past_is_no_past() -> None:
    book = book_of({"A.US": 1000.0, "E.DE": 500.0})
    lines = {code: [1.0] for code in ("A.US", "E.DE", "EURUSD")}
    for n in (1, 20, 150):
        history = history_of(
            {code: line * n for code, line in lines.items()}, held=("A.US", "E.DE", "EURUSD")
        )
        past = market_past(book, history, book_series(book, history, 250))
        assert not past.covariance.any()
        assert past.n_directions == 0
        assert past.unknown_codes(book) == ("A.US", "E.DE")
        if not past.is_known:
            found = hypothetical_stress(scenario_of((K.BOOK, "", -0.1)), book, MASTER, past)
            assert found.following_pnl is None


def test_that_a_position_without_a_price_leaves_the_book_unknown() -> None:
    book = book_of({"A.US": 100.0, "B.US": 0.0}, unpriced=("B.US",))
    found = hypothetical_stress(scenario_of((K.BOOK, "", -0.1)), book, MASTER)
    assert found.pnl.positions[0] == pytest.approx(-10.0)
    assert math.isnan(found.pnl.total)


def test_that_the_past_of_a_book_holds_its_own_moves_and_whatever_else_has_every_day() -> None:
    closes = {code: walk(seed, 300).tolist() for seed, code in enumerate(("A.US", "E.DE", "US500", "EURUSD"))}
    history = history_of(closes, held=("A.US", "E.DE", "EURUSD"))
    book = book_of({"A.US": 1000.0, "E.DE": 500.0}, cash={"EUR": 200.0})
    series = book_series(book, history, 250)
    past = market_past(book, history, series)
    assert past.codes == ("A.US", "E.DE", "EURUSD", "US500")
    assert past.is_known
    assert np.linalg.eigvalsh(past.covariance).min() > -1e-12
    euro = past.moves[:, len(past.codes) + 1]
    own = past.moves[:, 1]
    assert own * (1.0 + euro) == pytest.approx(series.rows[:, 1])
    # To first order, what the weights earn on a day is what the book earned.
    assert past.moves @ past.weights(book) == pytest.approx(series.pnl, abs=2.0)
    assert past.unknown_codes(book) == ()
    moves = hypothetical_stress(scenario_of((K.CURRENCY, "EUR", -0.1)), book, MASTER, past)
    assert moves.pnl.total == pytest.approx(-70.0)
    assert pnl_of(book, moves.moves).cash.tolist() == pytest.approx([0.0, -20.0])
