"""Daily bars around real closes: open, high, low and volume real where published, simulated elsewhere."""

from dataclasses import dataclass
from zlib import crc32

import numpy as np

from plimsoll.alltick_server.close_series import CloseSeries, Days, Floats

#: Days whose squared returns say how lively the market is just now.
_RECENT_DAYS = 20
#: Share of a day's variance that falls into trading hours; the rest is the overnight gap.
_INTRADAY_SHARE = 0.75


@dataclass(frozen=True, slots=True)
class DailyBars:
    """One row a day, oldest first; `low <= open, close <= high`, and `close` is real to the last digit."""

    day: Days
    open: Floats
    high: Floats
    low: Floats
    close: Floats
    volume: Floats

    def row_of(self, day: int) -> int | None:
        """Return the row of a day, or None where the series has a gap."""
        row = int(np.searchsorted(self.day, day))
        return row if row < len(self.day) and self.day[row] == day else None

    def n_before(self, day: int) -> int:
        """Return how many rows are older than a day."""
        return int(np.searchsorted(self.day, day))


def daily_bars(series: CloseSeries, seed: int) -> DailyBars:
    """Build the bars of a whole series; the same seed gives the same bars.

    The simulated high and low are drawn from the exact law of a Brownian bridge's extremes: for a bridge
    from a to b with variance s², P(max > m) = exp(-2 (m - a)(m - b) / s²). Everything is arithmetic in
    price, so that a series may pass through zero (WTI, 2020-04-20).
    """
    close = series.close
    n = len(close)
    previous = np.concatenate([close[:1], close[:-1]])
    random = np.random.default_rng([seed, crc32(series.listing.code.encode()), 1])
    normal, uniform = random.standard_normal((3, n)), random.random((2, n))
    sigma = day_sigma(close)

    gap = np.clip(0.35 + 0.2 * normal[0], -0.2, 1.0) * (close - previous) + 0.2 * sigma * normal[1]
    gap[0] = 0.0
    opening = previous + gap
    if close.min() > 0:
        opening = np.maximum(opening, 0.5 * np.minimum(previous, close))
    volume = _volume(series, close - previous, sigma, normal[2])
    published = series.published
    at = np.zeros(0, np.intp)
    of = np.zeros(0, np.intp)
    if published is not None:
        _, at, of = np.intersect1d(series.day, published.day, return_indices=True)
        opening[at] = published.table[of, 0]
    opening = np.round(opening, 6)

    variance = _INTRADAY_SHARE * sigma**2
    reach = np.sqrt((close - opening) ** 2 - 2.0 * variance * np.log1p(-uniform))
    middle = (opening + close) / 2.0
    high, low = np.round(middle + reach[0] / 2.0, 6), np.round(middle - reach[1] / 2.0, 6)
    if close.min() > 0:
        low = np.maximum(low, 0.5 * np.minimum(opening, close))
    if published is not None:
        high[at], low[at], volume[at] = published.table[of, 1:].T
    high = np.maximum(high, np.maximum(opening, close))
    low = np.minimum(low, np.minimum(opening, close))
    return DailyBars(series.day, opening, high, low, close, volume)


def day_sigma(close: Floats) -> Floats:
    """Return each day's standard deviation in price: half from its own move, half from the recent ones'."""
    scale = np.maximum(np.abs(close), np.abs(np.concatenate([close[:1], close[:-1]])))
    scale = np.maximum(scale, 1e-9)
    squared = np.diff(close, prepend=close[:1]) ** 2 / scale**2
    total = np.concatenate([[0.0], np.cumsum(squared)])
    last = np.arange(1, len(close) + 1)
    first = np.maximum(last - _RECENT_DAYS, 0)
    recent = (total[last] - total[first]) / (last - first)
    # Even a pegged currency on a holiday moves by a few hundred-thousandths.
    sigma: Floats = np.sqrt(np.maximum(0.5 * squared + 0.5 * recent, 1e-9)) * scale
    return sigma


def _volume(series: CloseSeries, change: Floats, sigma: Floats, normal: Floats) -> Floats:
    habit = series.listing.habit
    lively = 1.0 + np.abs(change) / np.maximum(sigma, 1e-12)
    volume: Floats = np.round(habit.daily_volume * lively * np.exp(0.3 * normal), habit.volume_decimals)
    return volume
