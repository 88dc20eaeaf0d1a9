"""The nearest point of an edge under the cloud of daily moves: the most plausible move that breaks a limit.

For an edge c + g'x it is x = −c·Σg/(g'Σg), a closed form; for a curved one the same step is taken from each
point reached (Hasofer and Lind 1974; Rackwitz and Fiessler 1978), and the answer is put on the line exactly.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plimsoll.domain.distance import MOST_SIGMAS, Exactness
from plimsoll.engine.distance_book import MovedBook, Standpoint
from plimsoll.engine.distance_edge import Edge

FloatArray = NDArray[np.float64]

MOST_STEPS = 30
SLOPE_TOLERANCE = 1e-5
"""A slope wrong by this part costs its square, 1e-10, in distance."""
MOST_RAYS = 4
"""Of an edge with kinks: each ray is shorter than the one before, the first one's gain is the greatest."""
LINE_TOLERANCE = 1e-11
"""Of the gap: how near the line the answer is put."""
DENSE_ABOVE_FRACTION = 0.5
"""Above this share of prices that matter, all rows are cheaper than a gathered copy."""


@dataclass(frozen=True, slots=True)
class Point:
    """A move that brings a limit to its line.

    Attributes
    ----------
    move : ndarray, shape (n,)
        Of each price.
    book : MovedBook
        After it.
    sigma : float
        Its Mahalanobis size.
    exactness : Exactness
        How it was found.
    """

    move: FloatArray
    book: MovedBook
    sigma: float
    exactness: Exactness


def nearest(edge: Edge, stand: Standpoint) -> Point | None:
    """Return the most plausible move that brings the book to an edge, or None if none is plausible."""
    excess, weights = edge.at(stand.here)
    slope = stand.slope(stand.here, weights)
    first = _plausible(slope, stand)
    if first is None:
        return None
    direction, deviation = first
    if edge.is_smooth and -excess > 4.0 * MOST_SIGMAS * deviation:
        return None
    if edge.is_smooth:
        point = _stepped(edge, stand, excess, slope, first)
        if point is not None:
            return point if point.sigma <= MOST_SIGMAS else None
    return _by_rays(edge, stand, direction / deviation)


def _by_rays(edge: Edge, stand: Standpoint, ray: FloatArray) -> Point | None:
    """Return the nearest point found on a few rays, each the steepest way as seen from the last point."""
    best: Point | None = None
    for _ in range(MOST_RAYS):
        point = along(edge, stand, ray, MOST_SIGMAS if best is None else best.sigma)
        if point is None:
            return best
        best = point
        turned = _plausible(stand.slope(point.book, edge.at(point.book)[1]), stand)
        if turned is None:
            return best
        ray = turned[0] / turned[1]
    return best


def along(edge: Edge, stand: Standpoint, ray: FloatArray, reach: float) -> Point | None:
    """Return the first point of an edge along a ray whose unit is one sigma, or None within `reach`."""

    def excess(size: float) -> float:
        return edge.at(stand.moved(size * ray))[0]

    low = 0.0
    for high in (0.125 * reach, 0.25 * reach, 0.5 * reach, reach):
        if excess(high) >= 0.0:
            size = crossing(excess, low, high)
            book = stand.moved(size * ray)
            if not stand.is_possible(book):
                return None
            return Point(size * ray, book, size, Exactness.STEEPEST)
        low = high
    return None


def crossing(excess: Callable[[float], float], low: float, high: float) -> float:
    """Return where `excess` rises through nought between two sizes (regula falsi, Illinois rule)."""
    below, above = excess(low), excess(high)
    tolerance = LINE_TOLERANCE * max(abs(below), abs(above))
    for _ in range(100):
        if high - low <= 1e-14 * high or above - below == 0.0:
            break
        middle = low - below * (high - low) / (above - below)
        if not low < middle < high:
            middle = 0.5 * (low + high)
        here = excess(middle)
        if abs(here) <= tolerance:
            return middle
        if here < 0.0:
            low, below, above = middle, here, 0.5 * above
        else:
            high, above, below = middle, here, 0.5 * below
    return high


def _plausible(slope: FloatArray, stand: Standpoint) -> tuple[FloatArray, float] | None:
    """Return (Σg, √(g'Σg)), nought off the prices that matter, or None where nothing that moves matters."""
    cloud = stand.cloud
    matters = np.flatnonzero(slope)
    if len(matters) > DENSE_ABOVE_FRACTION * len(slope):
        series = cloud.series(slope)
        direction = cloud.with_series(series)
        direction[slope == 0.0] = 0.0
    else:
        series = cloud.series_of(matters, slope[matters])
        direction = np.zeros(len(slope))
        direction[matters] = cloud.with_series(series, matters)
    variance = float(series @ series)
    own = float((slope[matters] ** 2) @ cloud.own[matters])
    # A perfect hedge leaves rounding alone.
    return (direction, variance**0.5) if variance > 1e-20 * own else None


def _stepped(
    edge: Edge, stand: Standpoint, gap: float, slope: FloatArray, first: tuple[FloatArray, float]
) -> Point | None:
    """Return the nearest point by steps on the edge's tangent, or None where they do not settle."""
    excess, move = gap, np.zeros(len(slope))
    direction, deviation = first
    for _ in range(MOST_STEPS):
        size = (float(slope @ move) - excess) / deviation
        move = direction * (size / deviation)
        book = stand.moved(move)
        excess, weights = edge.at(book)
        turned = stand.slope(book, weights)
        if not size > 0.0 or size > 4.0 * MOST_SIGMAS or not stand.is_possible(book):
            return None
        has_settled = np.abs(turned - slope).max() <= SLOPE_TOLERANCE * np.abs(slope).max()
        slope = turned
        if has_settled and abs(excess) <= LINE_TOLERANCE * abs(gap):
            return Point(move, book, size, Exactness.EXACT)
        if has_settled:
            return _put_on_line(edge, stand, move, size, abs(gap))
        again = _plausible(slope, stand)
        if again is None:
            return None
        direction, deviation = again
    return None


def _put_on_line(edge: Edge, stand: Standpoint, move: FloatArray, size: float, gap: float) -> Point | None:
    """Return the point where the ray through `move` meets the edge (Newton)."""
    stretch = 1.0
    for _ in range(8):
        book = stand.moved(stretch * move)
        excess, weights = edge.at(book)
        if abs(excess) <= LINE_TOLERANCE * gap:
            break
        climb = float(stand.slope(book, weights) @ move)
        if not climb > 0.0:
            return None
        stretch -= excess / climb
    return Point(stretch * move, book, stretch * size, Exactness.EXACT) if stretch > 0.0 else None


def by_one_alone(edge: Edge, stand: Standpoint, number: int) -> tuple[float, MovedBook] | None:
    """Return one instrument's move that brings the book to an edge, all others standing still (Newton)."""
    move = np.zeros(len(stand.mark))
    book = stand.here
    excess, weights = edge.at(book)
    gap = abs(excess)
    for _ in range(12):
        climb = float(stand.slope(book, weights)[number])
        if climb == 0.0 or not np.isfinite(climb):
            return None
        move[number] -= excess / climb
        book = stand.moved(move)
        if not stand.is_possible(book):
            return None
        excess, weights = edge.at(book)
        if abs(excess) <= 1e-9 * gap:
            return float(move[number]), book
    return None
