"""What a heat map draws: codes in their order, their correlations, the pairs that broke."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plimsoll.domain.market_figures import BrokenPair
from plimsoll.widgets import formats
from plimsoll.widgets.correlation_shades import levels_of

WRITTEN_BELOW = 24  # codes: with fewer a large panel may write the figures, finer than the shades

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class CorrelationCase:
    """What is drawn.

    Attributes
    ----------
    codes, groups : tuple of str
        Instruments in the order they are drawn, and the asset class of each.
    matrix : ndarray, shape (n_codes, n_codes)
        Their correlations in that order; NaN unknown.
    broken : dict
        The broken pair at (row, column), both ways round.
    """

    codes: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    matrix: FloatArray | None = None
    broken: dict[tuple[int, int], BrokenPair] | None = None


def ordered_case(
    codes: tuple[str, ...],
    class_by_code: dict[str, str],
    matrix: FloatArray,
    broken_pairs: tuple[BrokenPair, ...],
) -> CorrelationCase:
    """Return what is drawn of `codes`, largest exposure first: by class, within it as given.

    The class of the largest instrument comes first.
    """
    groups = [class_by_code.get(code, "") for code in codes]
    rank = {group: place for place, group in enumerate(dict.fromkeys(groups))}
    order = sorted(range(len(codes)), key=lambda place: rank[groups[place]])
    place_of = {codes[source]: place for place, source in enumerate(order)}
    broken = {}
    for pair in broken_pairs:
        if pair.first in place_of and pair.second in place_of:
            one, other = place_of[pair.first], place_of[pair.second]
            broken[one, other] = broken[other, one] = pair
    return CorrelationCase(
        tuple(codes[source] for source in order),
        tuple(groups[source] for source in order),
        matrix[np.ix_(order, order)],
        broken,
    )


def pair_words(case: CorrelationCase, row: int, column: int) -> str:
    """Return the correlation of a pair in words, and how it broke if it did."""
    value = float("nan") if case.matrix is None else float(case.matrix[row, column])
    figure = "unknown" if np.isnan(value) else formats.number(value, 2)
    said = f"{case.codes[row]} · {case.codes[column]} {figure}"
    pair = (case.broken or {}).get((row, column))
    return f"{said}, was {formats.number(pair.long_run, 2)}" if pair is not None else said


def has_the_looks_of(one: CorrelationCase, other: CorrelationCase) -> bool:
    """Tell whether two cases are drawn alike, cells with their figures written apart."""
    if one.matrix is None or other.matrix is None or one.codes != other.codes or one.groups != other.groups:
        return False
    if len(one.codes) < WRITTEN_BELOW or (one.broken or {}).keys() != (other.broken or {}).keys():
        return False
    has_same_gaps = np.array_equal(np.isnan(one.matrix), np.isnan(other.matrix))
    return has_same_gaps and np.array_equal(levels_of(one.matrix), levels_of(other.matrix))


def short_code(code: str) -> str:
    """Return a code without its market: AAPL.US is AAPL."""
    return code.split(".", 1)[0]


def class_caption(name: str) -> str:
    """Return an asset class as a person writes it."""
    return name.upper() if len(name) <= len("etf") else name.capitalize()
