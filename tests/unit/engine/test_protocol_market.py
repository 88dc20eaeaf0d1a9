"""A book is carried back with its money at work and its worth; a made-up history keeps what it should."""

import numpy as np
import pytest

from fakes.protocol_case import MASTER, METHOD, case_of
from fakes.study_case import book_of, history_of, walk, weekdays
from plimsoll.engine.ledger import Ledger
from plimsoll.engine.protocol_market import ProtocolCase, protocol_case
from plimsoll.risk.errors import InsufficientHistory


def case() -> ProtocolCase:
    n = 120
    closes = {
        "A.US": walk(1, n).tolist(),
        "E.DE": walk(2, n).tolist(),
        "OIL": walk(3, n).tolist(),
        "EURUSD": (1.1 + 0.001 * np.sin(np.arange(n))).tolist(),
    }
    exposure = {"A.US": 300_000.0, "E.DE": 200_000.0, "OIL": -150_000.0}
    return case_of(closes, exposure, n_before=70, cash={"EUR": 50_000.0})


def test_that_the_book_begins_with_the_worth_and_the_money_at_work_of_today() -> None:
    made = case()
    price = made.market.closes[made.market.n_before - 1]
    ledger = Ledger(made.universe, made.book)
    ledger.revalue(price)
    assert ledger.nav() == pytest.approx(1_000_000.0, abs=0.02)
    lot = price * ledger.fx[ledger.currency_of]
    wanted = np.array([300_000.0, 200_000.0, -150_000.0])
    assert (np.abs(ledger.exposure(price)[:3] - wanted) <= 0.5 * lot[:3]).all()
    assert ledger.unrealised(price)[:3] == pytest.approx(np.zeros(3), abs=1e-6)
    euros = float(made.book.cash_in("EUR")) * ledger.fx[made.universe.currencies.index("EUR")]
    assert euros == pytest.approx(50_000.0, abs=0.01)


def test_that_what_has_no_price_then_is_held_as_cash_and_named() -> None:
    n = 100
    late = [float("nan")] * 80 + [50.0] * 20
    closes = {"A.US": walk(1, n).tolist(), "B.US": late}
    made = case_of(closes, {"A.US": 10_000.0, "B.US": 10_000.0}, n_before=60)
    assert [line.code for line in made.book.positions] == ["A.US"]
    assert "B.US" in made.words[1]


def test_that_a_position_worth_less_than_half_a_lot_is_not_held() -> None:
    made = case_of({"A.US": [100.0] * 90, "B.US": [100.0] * 90}, {"A.US": 40.0, "B.US": 900.0}, n_before=60)
    assert [line.code for line in made.book.positions] == ["B.US"]


def test_that_a_period_without_days_is_refused() -> None:
    history = history_of({"A.US": [1.0] * 90})
    for first, last in ((weekdays(90)[80], weekdays(90)[-1]), (0, weekdays(90)[-1])):
        with pytest.raises(InsufficientHistory, match="choose another period"):
            protocol_case(
                book_of({"A.US": 1.0}),
                history,
                MASTER,
                first_day=first,
                last_day=last,
                window_days=METHOD.window_days,
                base_currency="USD",
            )


def test_that_a_resampled_history_keeps_the_past_and_draws_whole_days() -> None:
    market = case().market
    drawn = market.resampled(mean_block_days=5.0, seed=3)
    start = market.n_before
    np.testing.assert_array_equal(drawn.closes[:start], market.closes[:start])
    assert drawn.closes.shape == market.closes.shape

    def changes(closes: np.ndarray) -> np.ndarray:
        before, after = closes[start - 1 : -1], closes[start:]
        return np.where(market.is_absolute, after - before, after / before - 1.0)

    real = changes(market.closes)
    for row in changes(drawn.closes):
        assert np.abs(real - row).max(axis=1).min() < 1e-9
    again = market.resampled(mean_block_days=5.0, seed=3)
    np.testing.assert_array_equal(again.closes, drawn.closes)
    assert not np.array_equal(market.resampled(mean_block_days=5.0, seed=4).closes, drawn.closes)
