"""Laws of the way a price takes through a day."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from plimsoll.alltick_server.day_path import N_NODES, day_path, market_noise

prices = st.floats(-100, 1000)


@given(prices, prices, st.floats(0, 50), st.floats(0, 50), st.integers(0, 99), st.floats(-1, 1))
def test_that_a_path_begins_at_the_open_ends_at_the_close_and_keeps_within_the_bar(
    opening: float, close: float, above: float, below: float, seed: int, loading: float
) -> None:
    high, low = max(opening, close) + above, min(opening, close) - below
    common = market_noise(seed, 1)
    path = day_path((opening, high, low, close), code="X", day=1, seed=seed, loading=loading, common=common)
    assert path.shape == (N_NODES,)
    assert (path[0], path[-1]) == (opening, close)
    assert path.min() >= low
    assert path.max() <= high


def test_that_a_path_touches_its_high_and_its_low() -> None:
    path = day_path((10.0, 12.0, 9.0, 11.0), code="X", day=5, seed=1, loading=0.5, common=market_noise(1, 5))
    assert abs(path.max() - 12.0) < 1e-9
    assert abs(path.min() - 9.0) < 1e-9


def test_that_codes_with_the_same_loading_move_together_and_those_without_do_not() -> None:
    def together(first: float, second: float) -> float:
        """Return the correlation of ten-second steps, the mean over twenty days."""
        found = []
        for day in range(20):
            common, bar = market_noise(1, day), (100.0, 103.0, 97.0, 100.0)
            steps = [
                np.diff(day_path(bar, code=code, day=day, seed=1, loading=loading, common=common))
                for code, loading in (("A", first), ("B", second))
            ]
            found.append(np.corrcoef(*steps)[0, 1])
        return np.mean(found)

    assert together(0.9, 0.9) > 0.6
    assert abs(together(0.0, 0.0)) < 0.05
    assert together(0.9, -0.9) < -0.6


def test_that_a_flat_day_is_flat() -> None:
    path = day_path((7.0, 7.0, 7.0, 7.0), code="X", day=5, seed=1, loading=0.0, common=market_noise(1, 5))
    assert np.all(path == 7.0)
