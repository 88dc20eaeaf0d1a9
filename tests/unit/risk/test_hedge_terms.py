"""What a hedging instrument allows."""

import numpy as np
import pytest

from plimsoll.risk.errors import NotFinite, OutOfRange, ShapeMismatch
from plimsoll.risk.hedge_terms import checked_terms


def test_that_missing_terms_are_free() -> None:
    terms = checked_terms(2, None, None, None)
    np.testing.assert_array_equal(terms.low, [-np.inf, -np.inf])
    np.testing.assert_array_equal(terms.high, [np.inf, np.inf])
    assert not terms.lots.any()
    assert not terms.costs.any()


def test_that_bounds_are_drawn_in_to_whole_lots() -> None:
    terms = checked_terms(3, [[-25.0, 25.0], [-30.0, 30.0], [-25.0, np.inf]], [10.0, 10.0, 0.0], None)
    np.testing.assert_array_equal(terms.low, [-20.0, -30.0, -25.0])
    np.testing.assert_array_equal(terms.high, [20.0, 30.0, np.inf])


def test_that_bounds_which_cannot_be_are_refused() -> None:
    with pytest.raises(ShapeMismatch):
        checked_terms(2, [[0.0, 1.0]], None, None)
    with pytest.raises(NotFinite):
        checked_terms(1, [[np.nan, 1.0]], None, None)
    for bounds in ([[1.0, 2.0]], [[-2.0, -1.0]]):
        with pytest.raises(OutOfRange):
            checked_terms(1, bounds, None, None)
