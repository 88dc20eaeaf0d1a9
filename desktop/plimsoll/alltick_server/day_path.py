"""The simulated way of a price through one trading day, between real figures."""

from zlib import crc32

import numpy as np

from plimsoll.alltick_server.close_series import Floats

SESSION_S = 23_400  # 09:30 to 16:00
NODE_S = 10
N_NODES = SESSION_S // NODE_S + 1


def market_noise(seed: int, day: int) -> Floats:
    """Return the day's steps that all codes have in common, shape (N_NODES - 1,)."""
    return np.random.default_rng([seed, day, 2]).standard_normal(N_NODES - 1)


def day_path(
    bar: tuple[float, float, float, float], *, code: str, day: int, seed: int, loading: float, common: Floats
) -> Floats:
    """Return the price every ten seconds of the session, shape (N_NODES,), from open to close.

    A Brownian bridge, part of whose noise is the whole market's, laid on the straight line from open to
    close and stretched, above and below apart, until it touches the bar's high and low exactly. The path of
    a code therefore does not depend on which other codes are replayed.

    Parameters
    ----------
    bar
        Open, high, low and close of the day.
    loading
        Correlation of the code's noise with the market's, in [-1, 1].
    """
    opening, high, low, close = bar
    own = np.random.default_rng([seed, day, crc32(code.encode())]).standard_normal(N_NODES - 1)
    walk = np.concatenate([[0.0], np.cumsum(loading * common + np.sqrt(1.0 - loading**2) * own)])
    share = np.linspace(0.0, 1.0, N_NODES)
    bridge = walk - share * walk[-1]
    line = opening + share * (close - opening)
    path = line + _stretched(bridge, high - line) - _stretched(-bridge, line - low)
    path[0], path[-1] = opening, close
    clipped: Floats = np.clip(path, low, high)
    return clipped


def _stretched(bridge: Floats, room: Floats) -> Floats:
    """Return the positive part of the bridge, as large as fits into the room above the line."""
    positive = np.maximum(bridge, 0.0)
    above = positive > 1e-9  # both ends of a bridge are zero
    if not above.any():
        return positive
    stretched: Floats = positive * np.min(room[above] / positive[above])
    return stretched
