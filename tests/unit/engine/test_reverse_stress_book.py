"""The answer loses the sum, and no other move that loses it is likelier."""

import numpy as np
import pytest

from fakes.study_case import book_of
from plimsoll.domain.market_past import MarketPast
from plimsoll.engine.hypothetical_market import inverse_of
from plimsoll.engine.reverse_stress_book import _chi_square_tail, _student_tail, reverse_stress

CODES = ("A.US", "B.US", "E.DE")
BOOK = book_of({"A.US": 600e3, "B.US": -250e3, "E.DE": 400e3}, cash={"EUR": 50e3})


def past_of(n_days: int = 300, seed: int = 4) -> MarketPast:
    random = np.random.default_rng(seed)
    moves = random.normal(0.0, 0.01, (n_days, 5)) @ (np.eye(5) + 0.4)
    moves[:, 3] = 0.0  # the dollar against itself
    covariance = np.cov(moves, rowvar=False)
    days = np.arange(n_days)
    return MarketPast(CODES, 3, ("USD", "EUR"), days, moves, covariance, 0.0, *inverse_of(covariance))


def test_that_no_other_move_that_loses_the_sum_is_likelier() -> None:
    past = past_of()
    found = reverse_stress(BOOK, past, loss_base=90_000.0)
    alive = [0, 1, 2, 4]
    weights, inverse = past.weights(BOOK)[alive], np.linalg.inv(past.covariance[np.ix_(alive, alive)])
    assert found.moves is not None
    answer = np.array([*found.moves.price, found.moves.fx[1]])
    assert answer @ weights == pytest.approx(-90_000.0)
    assert np.sqrt(answer @ inverse @ answer) == pytest.approx(found.distance)
    random = np.random.default_rng(1)
    others = answer + random.normal(0.0, 0.02, (20_000, 4))
    others *= (-90_000.0 / (others @ weights))[:, None]
    distances = np.sqrt(np.einsum("ij,jk,ik->i", others, inverse, others))
    assert distances.min() >= found.distance - 1e-9
    assert found.n_directions == 4


def test_that_a_longer_horizon_makes_the_same_sum_likelier_by_the_root_of_time() -> None:
    past = past_of()
    day, week = (reverse_stress(BOOK, past, loss_base=50_000.0, horizon_days=n) for n in (1, 4))
    assert day.distance == pytest.approx(2.0 * week.distance)
    assert week.loss_probability > day.loss_probability
    assert 0.0 < day.move_probability <= 1.0


def test_that_the_worst_spells_do_not_overlap_and_the_count_is_the_historys() -> None:
    past = past_of()
    found = reverse_stress(BOOK, past, loss_base=20_000.0, horizon_days=5)
    pnl = past.moves @ past.weights(BOOK)
    sums = np.convolve(pnl, np.ones(5), mode="valid")
    assert found.worst[0].pnl_base == pytest.approx(sums.min())
    assert found.n_as_bad == int((sums <= -20_000.0).sum())
    starts = sorted(spell.first_day for spell in found.worst)
    assert min(np.diff(starts)) >= 5
    assert found.worst[0].likeness > 0.0


def test_that_a_rare_loss_has_a_model_based_return_period() -> None:
    found = reverse_stress(BOOK, past_of(), loss_base=60_000.0)
    assert found.years_between(1.0 / 252.0) == pytest.approx(1.0)
    assert found.years_between(found.tail_probability) < found.years_between(found.loss_probability)
    assert found.years_between(0.0) == float("inf")


def test_that_both_tails_are_the_published_laws() -> None:
    from scipy.stats import chi2, t

    for distance, n in ((0.5, 1), (3.0, 2), (5.3, 44), (20.0, 201), (1e-9, 3)):
        assert _chi_square_tail(distance, n) == pytest.approx(chi2.sf(distance**2, n), rel=1e-9)
        assert _chi_square_tail(distance, 0) == 1.0
        assert _student_tail(distance) == pytest.approx(t.sf(distance * np.sqrt(2.0), 4), rel=1e-6)


def test_that_a_book_nothing_can_hurt_and_a_short_history_are_refused_in_words() -> None:
    flat = book_of({"A.US": 0.0, "B.US": 0.0, "E.DE": 0.0})
    assert "no variance" in reverse_stress(flat, past_of(), loss_base=1.0).refusal
    assert "too few" in reverse_stress(BOOK, past_of(40), loss_base=1.0).refusal
    assert "above zero" in reverse_stress(BOOK, past_of(), loss_base=0.0).refusal
