"""Laws of a crisis replay: it scales with the book, adds up over books and over the parts of one."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakes.study_case import book_of, history_of, walk, window_of
from plimsoll.domain.method import RiskMethod
from plimsoll.domain.stress_result import StressResult
from plimsoll.engine.crisis_replay import CrisisReplay
from plimsoll.engine.study_book import StudyBook

HISTORY = history_of(
    {
        "A.US": walk(1, 150, 0.03).tolist(),
        "B.US": walk(2, 150, 0.02).tolist(),
        "E.DE": walk(3, 150, 0.02).tolist(),
        "OIL": (walk(4, 150, 0.05) - 80.0).tolist(),
        "EURUSD": walk(5, 150, 0.006).tolist(),
    }
)
CODES = ("A.US", "B.US", "E.DE", "OIL")
sizes = st.lists(st.integers(-1000, 1000), min_size=4, max_size=4).filter(any)


def book(exposure: list[int], scale: float = 1.0, cash: float = 0.0) -> StudyBook:
    held = {code: scale * size for code, size in zip(CODES, exposure, strict=True)}
    points = {"OIL": scale * exposure[3] / 20.0}
    return book_of(held, points=points, cash={"EUR": scale * cash}, nav=1e6 * scale)


def over(one: StudyBook) -> StressResult:
    return CrisisReplay(one, HISTORY, RiskMethod()).over(window_of(5, 120))


@given(sizes, st.integers(2, 50))
def test_that_a_larger_book_falls_as_much_more(exposure: list[int], scale: int) -> None:
    one, many = over(book(exposure)), over(book(exposure, scale))
    assert many.drawdown_base == pytest.approx(scale * one.drawdown_base, abs=1e-6)
    assert many.worst_day_pnl_base == pytest.approx(scale * one.worst_day_pnl_base, abs=1e-6)
    assert (many.peak_day, many.trough_day) == (one.peak_day, one.trough_day)


@given(sizes, sizes)
def test_that_two_books_together_earn_what_they_earn_apart(first: list[int], second: list[int]) -> None:
    both = [a + b for a, b in zip(first, second, strict=True)]
    apart = over(book(first)).pnl_base[:116] + over(book(second)).pnl_base[:116]
    together = over(book(both))
    if together.is_known:
        np.testing.assert_allclose(together.pnl_base[:116], apart, atol=1e-6)
        assert over(book(both)).drawdown_base <= (
            over(book(first)).drawdown_base + over(book(second)).drawdown_base + 1e-6
        )


@given(sizes, st.integers(-500, 500))
def test_that_the_parts_always_add_up_and_a_drawdown_is_never_below_zero(
    exposure: list[int], cash: int
) -> None:
    result = over(book(exposure, cash=cash))
    parts = [part.drawdown_part_base for part in (*result.positions, *result.cash)]
    assert sum(parts) == pytest.approx(result.drawdown_base, abs=1e-6)
    assert result.drawdown_base >= max(0.0, -float(result.pnl_base[: result.n_window].min()) - 1e-9)
    assert result.peak_day <= result.trough_day
    assert result.recovery_day is None or result.recovery_day >= result.trough_day
