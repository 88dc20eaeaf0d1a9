"""Verdicts on marks given some at a time are those given on all at once."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from plimsoll.domain.instrument import AssetClass, Instrument, Settlement
from plimsoll.engine.doubt_search import doubts_of_marks
from plimsoll.engine.mark_doubt import MOST_AT_ONCE, MarkDoubts
from plimsoll.engine.universe import Universe

_F = Settlement.FUNDED


def universe(n_shares: int) -> Universe:
    shares = [Instrument(f"S{k:04d}.US", "", AssetClass.EQUITY, "USD", _F) for k in range(n_shares)]
    return Universe(
        instruments=(*shares, Instrument("USDJPY", "", AssetClass.FX, "JPY", Settlement.UNFUNDED)),
        n_held=0,
        currencies=("USD", "JPY"),
        currency_of=(0,) * n_shares + (1,),
        routes=((), None),
    )


@given(st.lists(st.lists(st.sampled_from([20.0, 50.0, 95.0, 129.0, 131.0, 200.0, 14_500.0, np.nan]),
                         min_size=3, max_size=3), min_size=1, max_size=8))  # fmt: skip
def test_that_what_is_doubted_after_any_course_is_what_is_doubted_at_first_sight(
    course: list[list[float]],
) -> None:
    world = universe(3)
    closes = np.array([100.0, 100.0, np.nan, 145.0])
    doubts = MarkDoubts(world)
    doubts.use_closes(closes)
    for prices in course:
        marks = np.array([*prices, 145.0])
        assert doubts.look(marks) == doubts_of_marks(world, closes, marks, {"USDJPY": 145.0})


def test_that_a_verdict_stands_until_its_mark_or_a_rate_has_moved() -> None:
    doubts = MarkDoubts(universe(1))
    doubts.use_closes(np.array([100.0, 7.0]))
    first = doubts.look(np.array([50.0, 7.0]))
    assert ["suspected split, 2 for 1" in each.words for each in first] == [True]
    assert doubts.look(np.array([50.4, 7.0])) is first
    assert "50.4 is" in doubts.look(np.array([50.4, 7.2]))[0].words
    assert "52 is" in doubts.look(np.array([52.0, 7.2]))[0].words
    assert doubts.look(np.array([99.0, 7.2])) == ()


def test_that_very_many_doubts_are_found_in_turns_and_all_of_them() -> None:
    n = 2 * MOST_AT_ONCE + 10
    doubts = MarkDoubts(universe(n))
    doubts.use_closes(np.append(np.full(n, 100.0), 150.0))
    marks = np.append(np.full(n, 50.0), 150.0)
    assert [len(doubts.look(marks)) for _ in range(4)] == [MOST_AT_ONCE, 2 * MOST_AT_ONCE, n, n]
    doubts.use_closes(np.append(np.full(n, 50.0), 150.0))
    assert doubts.look(marks) == ()
