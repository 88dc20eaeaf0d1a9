"""Looks for splits nobody adjusted for and for prices in another money or another unit."""

import math
from collections.abc import Mapping
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from plimsoll.domain.doubt import DataDoubt, DoubtKind
from plimsoll.domain.instrument import AssetClass, Instrument
from plimsoll.engine.scenario_window import PriceWindow
from plimsoll.engine.universe import Universe
from plimsoll.risk.split import SuspectedSplit, suspected_splits

FloatArray = NDArray[np.float64]

_EPOCH = date(1970, 1, 1)
_SPLITS = frozenset({AssetClass.EQUITY, AssetClass.ETF})
_LEAST_RATIO = 2.0
"""A day's fall by a third is a bad day more often than a three-for-two split; by a half it is not."""
_MARKET_DAY = 0.10
"""Where the median share moved by more, a day is a crash and proves no split."""
_TOLERANCE = 0.03
LEAST_FACTOR = 1.3
"""A rate nearer to 1 cannot be told from a day's move."""
_MONEY_BY_SUFFIX = {"US": {"USD"}, "HK": {"HKD", "CNY", "CNH", "USD"}, "SH": {"CNY"}, "SZ": {"CNY", "HKD"}}
_PENCE = 100.0
_FARTHEST = 1e9
"""No scale and no split explains more."""


def doubts_of_history(universe: Universe, window: PriceWindow) -> tuple[DataDoubt, ...]:
    """Return the splits suspected in the closes of shares and funds.

    A jump on a day on which the median share moved by more than a tenth is not reported.

    Parameters
    ----------
    universe : Universe
        The instruments, by number.
    window : PriceWindow
        Its closes, NaN where there is none.
    """
    may_split = np.array([item.asset_class in _SPLITS for item in universe.instruments], dtype=np.bool_)
    if window.n_scenarios == 0 or not may_split.any():
        return ()
    closes = window.closes
    wild = _wild_days(closes[:, may_split])
    found = []
    for number in np.flatnonzero(may_split).tolist():
        places = np.flatnonzero(closes[:, number] > 0.0)
        if len(places) < 2:
            continue
        for split in suspected_splits(closes[places, number]):
            place = int(places[split.day])
            if _is_large(split) and not wild[place]:
                day = _EPOCH + timedelta(days=int(window.days[place]))
                found.append(_split_in_history(universe.instruments[number].code, split, day))
    return tuple(found)


def doubts_of_marks(
    universe: Universe, closes: FloatArray, marks: FloatArray, rate_by_pair: Mapping[str, float]
) -> tuple[DataDoubt, ...]:
    """Return the marks that stand to their last close as a split, a hundred or an exchange rate would.

    To be asked when an instrument's session begins; the day's P&L of what is named is not a P&L.

    Parameters
    ----------
    universe : Universe
        The instruments, by number.
    closes, marks : ndarray, shape (n_instruments,)
        The last close before today and the mark now; NaN unknown.
    rate_by_pair : mapping of str to float
        Rates by the pair's code, ``{"USDJPY": 154.2}``; a price may be off by one or its inverse.
    """
    usable = (closes > 0.0) & (marks > 0.0)
    factors = np.where(usable, marks / np.where(usable, closes, 1.0), np.nan)
    far = np.flatnonzero(np.abs(np.log(np.where(usable, factors, 1.0))) > math.log(LEAST_FACTOR))
    by_number = doubts_of_some(universe, far, closes, marks, rate_by_pair)
    return tuple(doubt for number in far.tolist() for doubt in by_number.get(number, ()))


def doubts_of_some(
    universe: Universe,
    numbers: NDArray[np.int64],
    closes: FloatArray,
    marks: FloatArray,
    rate_by_pair: Mapping[str, float],
) -> dict[int, tuple[DataDoubt, ...]]:
    """Return by number the doubts of some instruments whose mark and last close are known."""
    items = universe.instruments
    found: dict[int, list[DataDoubt]] = {}
    may_split = np.array(
        [items[number].asset_class in _SPLITS for number in numbers.tolist()], dtype=np.bool_
    )
    factor = np.clip(marks[numbers] / closes[numbers], _FARTHEST**-1, _FARTHEST)
    for number, split in _split_like(numbers[may_split], factor[may_split]).items():
        found[number] = [_split_at_open(items[number], float(closes[number]), float(marks[number]), split)]
    scales = {"pence for pounds, or the reverse": (_PENCE, "")}
    scales |= {f"the rate {pair}": (rate, pair) for pair, rate in rate_by_pair.items()}
    for name, (scale, pair) in scales.items():
        for number in numbers[_is_off_by(factor, scale)].tolist():
            item = items[number]
            if pair != item.code:
                seen = _seen(item, float(closes[number]), float(marks[number]))
                words = f"{seen}, which fits {name}: is the price in another currency or unit?"
                found.setdefault(number, []).append(DataDoubt(item.code, DoubtKind.CURRENCY_SCALE, words))
    return {number: tuple(doubts) for number, doubts in found.items()}


def doubts_of_currencies(universe: Universe) -> tuple[DataDoubt, ...]:
    """Return the shares whose currency in the instrument master is not their exchange's."""
    found = []
    for item in universe.instruments:
        _, dot, suffix = item.code.rpartition(".")
        expected = _MONEY_BY_SUFFIX.get(suffix, set()) if dot else set()
        if expected and item.currency not in expected:
            names = " or ".join(sorted(expected))
            words = f"{item.code}: its currency was {item.currency}, expected {names}: check the master"
            found.append(DataDoubt(item.code, DoubtKind.CURRENCY_OF_CODE, words))
    return tuple(found)


def _split_like(numbers: NDArray[np.int64], factor: FloatArray) -> dict[int, SuspectedSplit]:
    """Return those whose mark stands to the last close as after a large split."""
    if not len(numbers):
        return {}
    # One look at all of them: 1, factor, 1, factor ...; the way back to 1 is no move of anybody's.
    pairs = np.ones(2 * len(numbers))
    pairs[1::2] = factor
    splits = suspected_splits(pairs)
    return {int(numbers[each.day // 2]): each for each in splits if each.day % 2 == 1 and _is_large(each)}


def _split_at_open(item: Instrument, close: float, mark: float, split: SuspectedSplit) -> DataDoubt:
    words = (
        f"{_seen(item, close, mark)}: suspected split, {split.new_shares} for {split.old_shares}; "
        "today's P&L is none until the position and its history are adjusted"
    )
    return DataDoubt(item.code, DoubtKind.SPLIT_AT_OPEN, words)


def _seen(item: Instrument, close: float, mark: float) -> str:
    return f"{item.code}: the mark {mark:.10g} is {mark / close:.4g} times the last close {close:.10g}"


def _is_off_by(factor: FloatArray, scale: float) -> NDArray[np.bool_]:
    if not (scale > 0.0 and math.isfinite(scale)) or abs(math.log(scale)) <= math.log(LEAST_FACTOR):
        return np.zeros(len(factor), dtype=np.bool_)
    apart = np.abs(np.log(factor)) - abs(math.log(scale))
    found: NDArray[np.bool_] = np.abs(apart) <= math.log1p(_TOLERANCE)
    return found


def _is_large(split: SuspectedSplit) -> bool:
    return max(split.ratio, 1.0 / split.ratio) >= _LEAST_RATIO


def _wild_days(closes: FloatArray) -> NDArray[np.bool_]:
    """Return the days on which the median share moved by more than a tenth, shape (n_days,)."""
    usable = np.where(closes > 0.0, closes, np.nan)
    moves = np.abs(np.log(usable[1:] / usable[:-1]))
    is_known = np.isfinite(moves)
    # Of one or two shares the median is the jump itself.
    enough = is_known.sum(axis=1) > 2
    filled = np.where(enough[:, None], moves, 0.0)
    wild: NDArray[np.bool_] = np.r_[False, np.nanmedian(filled, axis=1) > math.log1p(_MARKET_DAY)]
    return wild


def _split_in_history(code: str, split: SuspectedSplit, day: date) -> DataDoubt:
    kind, moved = "split", f"the close fell to 1/{split.factor:.3g}"
    if split.factor < 1.0:
        kind, moved = "reverse split", f"the close rose to {1.0 / split.factor:.3g} times"
    ratio = f"{split.new_shares} for {split.old_shares}"
    words = (
        f"{code}: suspected {kind} on {day.isoformat()}, {ratio} ({moved}); "
        "closes before it are not adjusted, so VaR counts it as a day's move"
    )
    return DataDoubt(code, DoubtKind.SPLIT_IN_HISTORY, words)
