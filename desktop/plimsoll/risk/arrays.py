"""How plimsoll.risk reads its inputs: array types, shapes, finiteness and the tail count.

Every public function converts with these at its border, so that each refusal names the argument.
"""

import math
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from plimsoll.risk.errors import InvalidWeights, NotFinite, OutOfRange, ShapeMismatch

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]
QuantileRule = Literal["rank", "ceil_rank", "linear", "interpolated_inverted_cdf"]


def vector(values: ArrayLike, name: str) -> FloatArray:
    """Return `values` as a finite float64 vector of shape (n,).

    Raises
    ------
    ShapeMismatch
        If it has another dimension than one.
    NotFinite
        If any entry is NaN or infinite.
    """
    array = np.asarray(values, dtype=np.float64)
    if array.ndim != 1:
        raise ShapeMismatch(f"{name} had {array.ndim} dimensions, expected one: pass shape (n,)")
    return finite(array, name)


def matrix(values: ArrayLike, name: str) -> FloatArray:
    """Return `values` as a finite float64 matrix of shape (rows, columns).

    Raises
    ------
    ShapeMismatch
        If it has another dimension than two.
    NotFinite
        If any entry is NaN or infinite.
    """
    array = np.asarray(values, dtype=np.float64)
    if array.ndim != 2:
        raise ShapeMismatch(f"{name} had {array.ndim} dimensions, expected two: pass shape (rows, columns)")
    return finite(array, name)


def finite(array: FloatArray, name: str) -> FloatArray:
    """Return `array` itself, or raise NotFinite naming the first bad place."""
    good = np.isfinite(array)
    if not good.all():
        where = tuple(int(index) for index in np.argwhere(~good)[0])
        place = where[0] if len(where) == 1 else where
        raise NotFinite(f"{name}[{place}] was {array[where]}, expected a finite number: remove or repair it")
    return array


def square(values: ArrayLike, name: str, *, size: int | None = None) -> FloatArray:
    """Return a finite, symmetric matrix of shape (size, size).

    Raises
    ------
    ShapeMismatch
        If it is not square, not of `size`, or not symmetric to 1e-9 of its largest entry.
    """
    array = matrix(values, name)
    rows, columns = array.shape
    if rows != columns or (size is not None and rows != size):
        wanted = f"({size}, {size})" if size is not None else "square"
        raise ShapeMismatch(f"{name} had shape {array.shape}, expected {wanted}")
    scale = float(np.abs(array).max(initial=0.0))
    if not np.allclose(array, array.T, rtol=0.0, atol=1e-9 * scale):
        raise ShapeMismatch(f"{name} was not symmetric, expected a covariance or correlation matrix")
    return array


def same_length(first: FloatArray, second: FloatArray, names: tuple[str, str]) -> None:
    """Raise ShapeMismatch unless both arrays have as many rows."""
    if first.shape[0] != second.shape[0]:
        raise ShapeMismatch(
            f"{names[0]} had {first.shape[0]} entries and {names[1]} had {second.shape[0]}, expected as many"
        )


def within(value: float, name: str, low: float, high: float, *, closed: bool = False) -> float:
    """Return `value` as a float inside (low, high), or [low, high] where `closed`.

    Raises
    ------
    OutOfRange
        If it lies outside or is NaN.
    """
    number = float(value)
    inside = low <= number <= high if closed else low < number < high
    if not inside:
        brackets = ("[", "]") if closed else ("(", ")")
        raise OutOfRange(f"{name} was {value}, expected within {brackets[0]}{low}, {high}{brackets[1]}")
    return number


def whole_number(value: float, name: str, low: int, high: int | None = None) -> int:
    """Return a count as an int within [low, high].

    Raises
    ------
    OutOfRange
        If it is not whole or lies outside.
    """
    number = float(value)
    if not number.is_integer() or number < low or (high is not None and number > high):
        upper = "" if high is None else f" to {high}"
        raise OutOfRange(f"{name} was {value}, expected a whole number from {low}{upper}")
    return int(number)


def confidence_level(confidence: float) -> float:
    """Return a confidence level in (0.5, 1), or raise OutOfRange."""
    return within(confidence, "confidence", 0.5, 1.0)


def tail_count(n_scenarios: int, confidence: float) -> float:
    """Return n(1 − c), the number of scenarios in the tail, rounded to nine decimals.

    ``10 * (1 - 0.9)`` is 0.9999999999999998 in binary; unrounded, floor and ceil would land one rank off.

    Examples
    --------
    >>> tail_count(10, 0.9)
    1.0
    """
    return round(n_scenarios * (1.0 - confidence), 9)


def whole_tail_count(n_scenarios: int, confidence: float) -> int:
    """Return floor(n(1 − c)) with the rounding of `tail_count`."""
    return math.floor(tail_count(n_scenarios, confidence))


def probabilities(weights: ArrayLike, n_scenarios: int) -> FloatArray:
    """Return scenario probabilities of shape (n_scenarios,).

    Raises
    ------
    ShapeMismatch
        If there are not `n_scenarios` of them.
    InvalidWeights
        If one is negative or they do not sum to 1 within 1e-9.
    """
    array = vector(weights, "weights")
    if array.shape[0] != n_scenarios:
        raise ShapeMismatch(f"weights had {array.shape[0]} entries, expected {n_scenarios}, one a scenario")
    if (array < 0.0).any():
        raise InvalidWeights(f"weights held {array.min()}, expected none below zero")
    total = float(array.sum())
    if abs(total - 1.0) > 1e-9:
        raise InvalidWeights(f"weights summed to {total!r}, expected 1 within 1e-9: divide by their sum")
    return array
