"""Returns of assets with different calendars over the same intervals, with every gap reported."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import ArrayLike

from plimsoll.risk.arithmetic import refuses_overflow
from plimsoll.risk.arrays import BoolArray, FloatArray, IntArray
from plimsoll.risk.errors import InsufficientHistory, NotFinite, NotPositive, OutOfRange, ShapeMismatch
from plimsoll.risk.proxy import ProxyFill, fill_by_proxy

if TYPE_CHECKING:
    import pandas as pd

DEFAULT_CARRY_DAYS: Final = 5
# 1970-01-01 was a Thursday; with Monday = 0 that is day 3 of its week.
_WEEKDAY_OF_EPOCH: Final = 3
_SATURDAY: Final = 5


@dataclass(frozen=True, slots=True)
class Gap:
    """A run of calendar days inside an asset's life without a price young enough.

    Attributes
    ----------
    asset : int
        Column of the asset.
    first_day, last_day : int
        Days since 1970-01-01, both without a price.
    n_days : int
        Calendar days in the run.
    """

    asset: int
    first_day: int
    last_day: int
    n_days: int


@dataclass(frozen=True, slots=True, eq=False)
class AlignedCloses:
    """Closes on one calendar and the returns between its days.

    Attributes
    ----------
    calendar : ndarray of shape (n_days,)
        Days since 1970-01-01, ascending.
    prices : ndarray of shape (n_days, n_assets)
        The last close at or before each day, NaN where it is older than the cap or there is none.
    returns : ndarray of shape (n_days - 1, n_assets)
        Over the same interval for every asset: simple returns, or price changes for assets flagged absolute.
        NaN where either end has no price; never zero for want of one.
    n_carried : ndarray of shape (n_assets,)
        Calendar days on which an older close stood in.
    gaps : tuple of Gap
        By asset, then by day.
    first_day, last_day : ndarray of shape (n_assets,)
        Of each asset's own closes, −1 for an asset without any.
    absolute : ndarray of shape (n_assets,)
        Which returns are price changes.
    """

    calendar: IntArray
    prices: FloatArray
    returns: FloatArray
    n_carried: IntArray
    gaps: tuple[Gap, ...]
    first_day: IntArray
    last_day: IntArray
    absolute: BoolArray

    @property
    def complete_rows(self) -> BoolArray:
        """Which rows of `returns` have a value for every asset, shape (n_days - 1,)."""
        # One NaN makes the sum NaN.
        complete: BoolArray = np.isfinite(self.returns.sum(axis=1))
        return complete


@refuses_overflow
def align_closes(
    day_numbers: ArrayLike,
    asset_ids: ArrayLike,
    closes: ArrayLike,
    n_assets: int,
    *,
    calendar: ArrayLike | None = None,
    max_carry_days: int = DEFAULT_CARRY_DAYS,
    absolute: ArrayLike | None = None,
) -> AlignedCloses:
    """Bring closes of different calendars onto one and return what each asset did between its days.

    Parameters
    ----------
    day_numbers : array_like of int, shape (n_closes,)
        Days since 1970-01-01, in any order.
    asset_ids : array_like of int, shape (n_closes,)
        Columns, 0 to n_assets − 1.
    closes : array_like of shape (n_closes,)
        Adjusted closes in the instrument's own currency. NaN is a day without a close.
    n_assets : int
        Columns of the result; an asset without a close gets a column of NaN.
    calendar : array_like of int, optional
        Ascending days to use. None takes the weekdays on which at least half of the assets alive that day
        have a close of their own.
    max_carry_days : int
        Age in calendar days up to which an older close stands in for a missing one; 0 forbids it.
    absolute : array_like of bool, shape (n_assets,), optional
        Assets whose price may be negative; they get price changes.

    Returns
    -------
    AlignedCloses
        A weekend of crypto trading falls into the Monday interval of everything else.

    Raises
    ------
    InsufficientHistory
        If the calendar has fewer than two days.
    NotFinite
        If a close is infinite.
    NotPositive
        If a close is zero or below and its asset is not absolute.
    ShapeMismatch, OutOfRange
        If the columns differ in length, an asset has two closes a day, an id or the cap is out of range, or
        the calendar does not ascend.

    Notes
    -----
    An outer join whose holes count as zero return dilutes the tail: with equal parts of shares and crypto the
    value at risk came out 16 % too low at 95 % (reference/pitfalls.md, item 16).

    Examples
    --------
    Friday 2024-03-01 is day 19783. A share trades Friday and Monday, a coin also at the weekend:

    >>> days, ids = [19783, 19786, 19783, 19784, 19785, 19786], [0, 0, 1, 1, 1, 1]
    >>> aligned = align_closes(days, ids, [100, 101, 50, 55, 60, 55], 2)
    >>> aligned.calendar
    array([19783, 19786])
    >>> aligned.returns.round(9)
    array([[0.01, 0.1 ]])
    """
    day, asset, close = _columns(day_numbers, asset_ids, closes, n_assets)
    if max_carry_days < 0:
        raise OutOfRange(f"max_carry_days was {max_carry_days}, expected none below zero")
    is_absolute = _flags(absolute, n_assets)
    bad = (close <= 0.0) & ~is_absolute[asset]
    if bad.any():
        place = int(np.flatnonzero(bad)[0])
        raise NotPositive(
            f"asset {asset[place]} closed at {close[place]} on day {day[place]}, expected above zero: "
            "flag it absolute if it may be negative"
        )
    bounds = np.searchsorted(asset, np.arange(n_assets + 1))
    has_any = bounds[1:] > bounds[:-1]
    first_day, last_day = np.full((2, n_assets), -1, dtype=np.int64)
    first_day[has_any] = day[bounds[:-1][has_any]]
    last_day[has_any] = day[bounds[1:][has_any] - 1]
    grid = _shared_days(day, first_day, last_day, has_any) if calendar is None else _ascending(calendar)
    if grid.shape[0] < 2:
        raise InsufficientHistory(
            f"the calendar had {grid.shape[0]} days, expected at least 2 for a return",
            n_observations=int(grid.shape[0]),
            n_needed=2,
        )
    prices, n_carried = _carried(day, close, bounds, grid, max_carry_days)
    return AlignedCloses(
        calendar=grid,
        prices=prices,
        returns=_changes(prices, is_absolute),
        n_carried=n_carried,
        gaps=_gaps(prices, grid, first_day, last_day),
        first_day=first_day,
        last_day=last_day,
        absolute=is_absolute,
    )


def _carried(
    day: IntArray, close: FloatArray, bounds: IntArray, grid: IntArray, max_carry_days: int
) -> tuple[FloatArray, IntArray]:
    n_assets = bounds.shape[0] - 1
    prices = np.full((grid.shape[0], n_assets), np.nan)
    n_carried = np.zeros(n_assets, dtype=np.int64)
    for column in np.flatnonzero(np.diff(bounds)):
        own = slice(bounds[column], bounds[column + 1])
        latest = np.searchsorted(day[own], grid, side="right") - 1
        age = np.where(latest >= 0, grid - day[own][latest], max_carry_days + 1)
        young = age <= max_carry_days
        prices[young, column] = close[own][latest[young]]
        n_carried[column] = np.count_nonzero(young & (age > 0))
    return prices, n_carried


def _columns(
    day_numbers: ArrayLike, asset_ids: ArrayLike, closes: ArrayLike, n_assets: int
) -> tuple[IntArray, IntArray, FloatArray]:
    # Sorted by asset, then by day, closes that are NaN left out.
    day, asset = np.asarray(day_numbers, dtype=np.int64), np.asarray(asset_ids, dtype=np.int64)
    close = np.asarray(closes, dtype=np.float64)
    if not day.shape == asset.shape == close.shape or day.ndim != 1:
        raise ShapeMismatch(
            f"day_numbers had shape {day.shape}, asset_ids {asset.shape}, closes {close.shape}, expected "
            "three of (n_closes,)"
        )
    if np.isinf(close).any():
        raise NotFinite("closes held an infinity, expected finite prices, or NaN for a day without one")
    if day.shape[0] and not 0 <= asset.min() <= asset.max() < n_assets:
        raise OutOfRange(f"asset_ids ran from {asset.min()} to {asset.max()}, expected 0 to {n_assets - 1}")
    known = ~np.isnan(close)
    day, asset, close = day[known], asset[known], close[known]
    order = np.lexsort((day, asset))
    day, asset, close = day[order], asset[order], close[order]
    twice = (np.diff(day) == 0) & (np.diff(asset) == 0)
    if twice.any():
        place = int(np.flatnonzero(twice)[0])
        raise ShapeMismatch(f"asset {asset[place]} had two closes on day {day[place]}, expected one")
    return day, asset, close


def _flags(absolute: ArrayLike | None, n_assets: int) -> BoolArray:
    if absolute is None:
        return np.zeros(n_assets, dtype=np.bool_)
    flags = np.asarray(absolute, dtype=np.bool_)
    if flags.shape != (n_assets,):
        raise ShapeMismatch(f"absolute had shape {flags.shape}, expected ({n_assets},)")
    return flags


def _shared_days(day: IntArray, first_day: IntArray, last_day: IntArray, has_any: BoolArray) -> IntArray:
    days, n_closing = np.unique(day, return_counts=True)
    begun = np.searchsorted(np.sort(first_day[has_any]), days, side="right")
    ended = np.searchsorted(np.sort(last_day[has_any]), days, side="left")
    is_weekday = (days + _WEEKDAY_OF_EPOCH) % 7 < _SATURDAY
    return days[is_weekday & (2 * n_closing >= begun - ended)]


def _ascending(calendar: ArrayLike) -> IntArray:
    grid = np.asarray(calendar, dtype=np.int64)
    if grid.ndim != 1 or (np.diff(grid) <= 0).any():
        raise OutOfRange("calendar did not ascend, expected each day once, oldest first")
    return grid


def _changes(prices: FloatArray, is_absolute: BoolArray) -> FloatArray:
    before, after = prices[:-1], prices[1:]
    changes = after - before
    relative = ~is_absolute
    changes[:, relative] = after[:, relative] / before[:, relative] - 1.0
    return changes


def _gaps(prices: FloatArray, grid: IntArray, first_day: IntArray, last_day: IntArray) -> tuple[Gap, ...]:
    alive = (grid[:, None] >= first_day) & (grid[:, None] <= last_day) & (first_day >= 0)
    missing = np.isnan(prices) & alive
    gaps = []
    for column in np.flatnonzero(missing.any(axis=0)):
        edges = np.flatnonzero(np.diff(missing[:, column], prepend=False, append=False))
        for first, after in zip(edges[::2], edges[1::2], strict=True):
            gaps.append(Gap(int(column), int(grid[first]), int(grid[after - 1]), int(after - first)))
    return tuple(gaps)


@dataclass(frozen=True, slots=True, eq=False)
class AlignedReturns:
    """Returns with their symbols and dates, and everything that was not a plain close.

    Attributes
    ----------
    symbols : tuple of str
        Columns, sorted.
    returns : DataFrame of shape (n_days - 1, n_assets)
        Indexed by the day on which each interval ends.
    aligned : AlignedCloses
        The same in plain arrays, with the carried counts and gaps, before any proxy.
    proxies : tuple of ProxyFill
        What was filled from another asset, with the residual that goes with it.
    """

    symbols: tuple[str, ...]
    returns: "pd.DataFrame"
    aligned: AlignedCloses
    proxies: tuple[ProxyFill, ...]


def aligned_returns(
    closes: "pd.DataFrame",
    *,
    calendar: Iterable[object] | None = None,
    max_carry_days: int = DEFAULT_CARRY_DAYS,
    absolute: Iterable[str] = (),
    proxies: Mapping[str, str] | None = None,
    seed: int = 0,
) -> AlignedReturns:
    """Return same-interval returns from a tidy table of closes with different calendars.

    Parameters
    ----------
    closes : DataFrame
        One row a close: columns `date` (anything pandas reads as a date; time and zone are dropped), `symbol`
        and `close`, in any order. A missing close is a day without one.
    calendar : iterable of dates, optional
        Days to use; see `align_closes` for the shared calendar taken without it.
    max_carry_days : int
        Age in calendar days up to which an older close stands in.
    absolute : iterable of str
        Symbols whose price may be negative.
    proxies : mapping of str to str, optional
        Symbol with missing returns to the symbol that stands in; see `fill_by_proxy`.
    seed : int
        Of the residuals drawn for proxied returns.

    Returns
    -------
    AlignedReturns
        NaN stays where neither a close nor a proxy was; it is never filled with zero.

    Raises
    ------
    ShapeMismatch
        If a column is missing, or a symbol has two closes a day.
    OutOfRange
        If a proxy or an absolute symbol is not in the table.
    InsufficientHistory, NotFinite, NotPositive
        As `align_closes` and `fill_by_proxy`.
    """
    import pandas as pd

    absent = {"date", "symbol", "close"} - set(closes.columns)
    if absent:
        raise ShapeMismatch(f"closes had no column {sorted(absent)}, expected date, symbol and close")
    symbols = tuple(sorted(str(symbol) for symbol in closes["symbol"].unique()))
    place = {symbol: column for column, symbol in enumerate(symbols)}
    standing = dict(proxies or {})
    marked = set(absolute)
    unknown = sorted((marked | set(standing) | set(standing.values())) - set(symbols))
    if unknown:
        raise OutOfRange(f"symbols {unknown} were not in closes, expected rows for each: load them")
    aligned = align_closes(
        _day_numbers(closes["date"]),
        [place[str(symbol)] for symbol in closes["symbol"]],
        pd.to_numeric(closes["close"]).to_numpy(dtype=np.float64),
        len(symbols),
        calendar=None if calendar is None else _day_numbers(pd.Series(list(calendar))),
        max_carry_days=max_carry_days,
        absolute=[symbol in marked for symbol in symbols],
    )
    filled, reports = aligned.returns, []
    for offset, (symbol, stand_in) in enumerate(sorted(standing.items())):
        filled, report = fill_by_proxy(filled, place[symbol], place[stand_in], seed=seed + offset)
        reports.append(report)
    index = pd.DatetimeIndex(aligned.calendar[1:].astype("datetime64[D]"), name="date")
    table = pd.DataFrame(filled, index=index, columns=list(symbols))
    return AlignedReturns(symbols, table, aligned, tuple(reports))


def _day_numbers(dates: "pd.Series[pd.Timestamp]") -> IntArray:
    import pandas as pd

    stamps = pd.to_datetime(dates)
    if stamps.dt.tz is not None:
        stamps = stamps.dt.tz_localize(None)
    days: IntArray = stamps.to_numpy().astype("datetime64[D]").astype(np.int64)
    return days
