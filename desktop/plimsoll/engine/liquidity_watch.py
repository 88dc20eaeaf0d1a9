"""What it takes to get out of each position: spread, a walk down the live book, days by volume."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from plimsoll.domain.market_figures import LiquidityFigures
from plimsoll.domain.units import NS_PER_S
from plimsoll.engine.average_volume import has_volume, spot_turnover_usd
from plimsoll.engine.book_now import BookNow
from plimsoll.engine.depth_board import DepthBoard
from plimsoll.engine.universe import Universe
from plimsoll.risk.dispersion import volatility
from plimsoll.risk.liquidity import days_to_liquidate, depth_walk, spread_cost
from plimsoll.risk.market_impact import square_root_impact

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

KNOWN_ABOVE_FRACTION: Final = 0.75
"""With less of gross value of known volume, what is known of the exit would speak of another book."""
WALKS_A_STEP: Final = 24
"""Books walked at a time: some 2 ms, so that a tick never waits longer for it."""
LOOK_EVERY_NS: Final = NS_PER_S
ROUNDING: Final = 1e-9
WALK_EVERY_NS: Final = 5 * NS_PER_S
"""A walk stands for so long, unless the position changes."""


class LiquidityWatch:
    """Liquidity of the held positions; one owner, the risk thread.

    Within the best level the cost is half the spread; beyond it the book is walked, a few positions a step;
    beyond the book the rest pays the square-root impact of the whole order on the day's volume. What is
    quoted without a size that means anything (FX, CFDs) pays half the spread, or the impact where it is more.

    Parameters
    ----------
    universe : Universe
        Held instruments first.
    board : DepthBoard
        The newest books.
    participation : float
        Share of the volume taken, in (0, 1]; 0.1 to 0.2 is usual (risk-definitions, 8).

    Attributes
    ----------
    n_walks : int
        Books walked since the beginning.
    """

    def __init__(self, universe: Universe, board: DepthBoard, participation: float) -> None:
        self._universe = universe
        self._board = board
        self._participation = participation
        held = universe.instruments[: universe.n_held]
        n = len(held)
        self._multiplier = np.array([item.multiplier for item in held], dtype=np.float64)
        self._currency_of = np.array(universe.currency_of[:n], dtype=np.int64)
        self._has_sizes = np.array([has_volume(item) for item in held], dtype=np.bool_)
        self._turnover_usd = np.array([spot_turnover_usd(item) for item in held], dtype=np.float64)
        self._dollar = universe.currencies.index("USD") if "USD" in universe.currencies else None
        self._volume: FloatArray = np.full(n, np.nan)
        self._deviation: dict[int, float] = {}
        self._deviation_of: object = None
        self._walked_ns: NDArray[np.int64] = np.zeros(n, dtype=np.int64)
        self._walked_quantity: FloatArray = np.full(n, np.nan)
        self._walked_cost: FloatArray = np.full(n, np.nan)
        self._walked_whole: BoolArray = np.zeros(n, dtype=np.bool_)
        self._due: list[int] = []
        self._looked_ns = 0
        self.n_walks = 0

    def use_volumes(self, average: FloatArray | None) -> None:
        """Take pieces traded a day, shape (n_instruments,), NaN unknown."""
        n = self._universe.n_held
        self._volume = np.full(n, np.nan) if average is None else average[:n].astype(np.float64)

    def figures(self, now_ns: int, book: BookNow) -> LiquidityFigures:
        """Return the figures of this instant, walks as new as they are."""
        quantity, rate, mid, spread = self._quoted(now_ns, book)
        days = self._days(book)
        share, known = self._exit_in_a_day(book.value, days)
        cost, is_by_depth = self._costs(quantity, rate, mid, spread, book)
        spread_fraction = spread / mid
        for column in (days, spread_fraction, cost, is_by_depth):
            column.flags.writeable = False
        n_beyond = int(np.count_nonzero(self._needs_walk(quantity, spread) & ~is_by_depth))
        words = (
            f"days and share at {self._participation:.0%} of the median of 20 days' volume, FX and CFDs as "
            f"published, known for {known:.0%} of gross; cost of leaving all at once by the live book, of "
            f"which {n_beyond} positions exceed what it shows and pay the square-root impact for the rest"
        )
        return LiquidityFigures(days, share, spread_fraction, cost, is_by_depth, known, words)

    def walk(self, now_ns: int, book: BookNow) -> bool:
        """Walk the books whose last walk is oldest, a few; tell whether there was any to walk."""
        if not self._due and not 0 <= now_ns - self._looked_ns < LOOK_EVERY_NS:
            self._look(now_ns, book)
        some, self._due = self._due[:WALKS_A_STEP], self._due[WALKS_A_STEP:]
        for number in some:
            bid, ask = self._board.quote(number, now_ns)
            if bid + ask > 0.0:  # not gone or lapsed since it was looked at
                self._walk(number, float(book.quantity[number]), (bid + ask) / 2.0, book)
                self._walked_ns[number] = now_ns
        return bool(some)

    def _look(self, now_ns: int, book: BookNow) -> None:
        """Line up whose walk is due, the oldest first: a pass over the whole book, so not with every step."""
        self._looked_ns = now_ns
        quantity, _, _, spread = self._quoted(now_ns, book)
        self._walked_ns[self._walked_quantity != quantity] = 0
        is_due = self._needs_walk(quantity, spread) & (now_ns - self._walked_ns >= WALK_EVERY_NS)
        due = np.flatnonzero(is_due)
        self._due = due[np.argsort(self._walked_ns[due], kind="stable")].tolist()

    def _quoted(self, now_ns: int, book: BookNow) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
        """Return (pieces, base money a point, mid, spread) of each position."""
        n = self._universe.n_held
        bid, ask = self._board.quotes(now_ns)
        bid, ask = bid[:n], ask[:n]
        mid = (bid + ask) / 2.0
        # A mid at or below zero (oil, power) is a price, but no measure of a spread.
        mid = np.where(mid > 0.0, mid, np.nan)
        return book.quantity[:n], self._multiplier * book.fx[self._currency_of], mid, ask - bid

    def _days(self, book: BookNow) -> FloatArray:
        size, volume = np.abs(book.quantity[: len(self._volume)]) * self._multiplier, self._volume
        dollar = float("nan") if self._dollar is None else float(book.fx[self._dollar])
        by_survey = np.isfinite(self._turnover_usd)
        # In money for currencies: the survey counts dollars, not pieces.
        size = np.where(by_survey, np.abs(book.value), size)
        volume = np.where(by_survey, self._turnover_usd * dollar, volume)
        days = np.where(size == 0.0, 0.0, np.nan)
        known = np.isfinite(size) & np.isfinite(volume)
        days[known] = days_to_liquidate(size[known], volume[known], participation=self._participation)
        return days

    def _exit_in_a_day(self, value: FloatArray, days: FloatArray) -> tuple[float, float]:
        """Return the share of gross out after a day, and the share whose days are known."""
        size = np.where(np.isfinite(value), np.abs(value), 0.0)
        gross = float(size.sum())
        if gross == 0.0:
            return float("nan"), float("nan")
        n_priced = int(np.isfinite(value).sum())
        known = float(size[np.isfinite(days)].sum() + size[np.isinf(days)].sum()) / gross
        known *= n_priced / len(value)
        with np.errstate(divide="ignore"):
            pace = np.where(np.isnan(days), 0.0, np.minimum(1.0 / days, 1.0))
        share = float(size @ pace) / gross
        return (share if known >= KNOWN_ABOVE_FRACTION else float("nan")), known

    def _costs(
        self, quantity: FloatArray, rate: FloatArray, mid: FloatArray, spread: FloatArray, book: BookNow
    ) -> tuple[FloatArray, BoolArray]:
        cost = np.full(len(quantity), np.nan)
        quoted = np.isfinite(spread) & np.isfinite(rate) & np.isfinite(mid)
        cost[quoted] = spread_cost(quantity[quoted], spread[quoted], fx=rate[quoted])
        dealt = quoted & ~self._has_sizes & np.isfinite(self._turnover_usd)
        for number in np.flatnonzero(dealt & (quantity != 0.0)).tolist():
            impact = self._impact(number, abs(float(book.value[number])), book)
            cost[number] = np.fmax(cost[number], impact * abs(float(book.value[number])))
        walked = quoted & self._needs_walk(quantity, spread)
        is_current = walked & (self._walked_quantity == quantity) & (self._walked_ns > 0)
        # Never less than half the spread: the impact law does not know the quote, and a level may be empty.
        by_walk = np.maximum(cost, np.where(is_current, self._walked_cost * rate, np.nan))
        cost[walked] = by_walk[walked]
        whole = quoted & self._has_sizes & np.where(walked, is_current & self._walked_whole, True)
        cost[quantity == 0.0] = 0.0
        return cost, whole

    def _needs_walk(self, quantity: FloatArray, spread: FloatArray) -> BoolArray:
        """Tell which positions are larger than the best level they would be sold into."""
        n = self._universe.n_held
        bid_size, ask_size = self._board.best_sizes()
        best = np.where(quantity > 0.0, bid_size[:n], ask_size[:n])
        needs: BoolArray = (
            self._has_sizes & np.isfinite(spread) & ~(np.abs(quantity) <= best) & (quantity != 0.0)
        )
        return needs

    def _walk(self, number: int, quantity: float, mid: float, book: BookNow) -> None:
        side = self._board.levels(number, is_bid=quantity > 0.0)
        levels = [level for level in side if 0.0 <= level[1] < float("inf")]
        impact = self._impact(number, abs(quantity) * float(self._multiplier[number]), book)
        walk = depth_walk(
            -quantity,
            [price for price, _ in levels],
            [size for _, size in levels],
            mid=mid,
            remainder_impact=impact if np.isfinite(impact) else None,
        )
        self.n_walks += 1
        self._walked_quantity[number] = quantity
        self._walked_cost[number] = np.nan if walk.cost is None else walk.cost
        # Sizes of levels are added up: what is left of 0.3 after 0.1 and 0.2 is no piece.
        self._walked_whole[number] = abs(walk.remainder) <= ROUNDING * abs(quantity)

    def _impact(self, number: int, size: float, book: BookNow) -> float:
        """Return the square-root impact of an order, a fraction of its price; NaN where it is unknown."""
        volume = float(self._volume[number])
        if np.isfinite(self._turnover_usd[number]):
            dollar = float("nan") if self._dollar is None else float(book.fx[self._dollar])
            volume = float(self._turnover_usd[number]) * dollar
        deviation = self._volatility(number, book)
        if not (volume > 0.0 and np.isfinite(deviation) and np.isfinite(size)):
            return float("nan")
        return float(square_root_impact(size, volume, deviation))

    def _volatility(self, number: int, book: BookNow) -> float:
        if self._deviation_of is not book.matrix:  # a day joined, or the history has come
            self._deviation, self._deviation_of = {}, book.matrix
        if number not in self._deviation:
            matrix = book.matrix
            is_known = (
                matrix.has_history[number] and not matrix.is_absolute[number] and matrix.n_scenarios > 1
            )
            self._deviation[number] = volatility(matrix.rows[number]) if is_known else float("nan")
        return self._deviation[number]
