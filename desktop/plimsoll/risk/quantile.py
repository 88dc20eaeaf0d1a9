"""Which scenario is the value at risk: the rival quantile conventions, with or without probabilities.

All speak of losses sorted worst first. With n scenarios and tail probability α = 1 − c, nα rounded to nine
decimals before any floor, ceiling or comparison:

=============================  =======================================  ====================================
rule                           equal probabilities                      probabilities given
=============================  =======================================  ====================================
``rank`` (default)             loss of rank ⌊nα⌋ + 1                    first whose cumulated weight > α
``ceil_rank``                  loss of rank ⌈nα⌉                        first whose cumulated weight ≥ α
``linear``                     Hyndman-Fan type 7, numpy's default      refused: it has no weighted meaning
``interpolated_inverted_cdf``  Hyndman-Fan type 4 of the losses at c    the same, on the cumulated weights
=============================  =======================================  ====================================
"""

import math
from typing import Final, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from plimsoll.risk.arrays import FloatArray, QuantileRule, confidence_level, finite, probabilities, tail_count
from plimsoll.risk.errors import InsufficientHistory, OutOfRange, ShapeMismatch

_RULES: Final = get_args(QuantileRule)


def profits(pnl: ArrayLike) -> FloatArray:
    """Return scenario profits as a finite vector, checked in one cheap pass.

    Raises
    ------
    ShapeMismatch, NotFinite
        If it is no vector, or holds a NaN or an infinity.
    """
    array = np.asarray(pnl, dtype=np.float64)
    if array.ndim != 1:
        raise ShapeMismatch(f"pnl had {array.ndim} dimensions, expected one: pass shape (n_scenarios,)")
    # Counting is twice as fast as all(), and unlike a sum it can neither overflow nor warn.
    if np.count_nonzero(np.isfinite(array)) != array.shape[0]:
        finite(array, "pnl")
    return array


def needed_tail(n_scenarios: int, confidence: float) -> float:
    """Return n(1 − c), refusing a sample in which no whole scenario lies in the tail.

    Raises
    ------
    InsufficientHistory
        If n(1 − c), rounded to nine decimals, is below one.
    OutOfRange
        If `confidence` is not in (0.5, 1).
    """
    tail = tail_count(n_scenarios, confidence_level(confidence))
    if tail < 1.0:
        n_needed = math.ceil(round(1.0 / (1.0 - confidence), 9))
        raise InsufficientHistory(
            f"pnl had {n_scenarios} scenarios, expected at least {n_needed} at confidence {confidence}: "
            "lengthen the window or lower the confidence",
            n_observations=n_scenarios,
            n_needed=n_needed,
        )
    return tail


def known_rule(rule: str) -> None:
    """Raise OutOfRange unless `rule` names one of the four conventions."""
    if rule not in _RULES:
        raise OutOfRange(f"rule was {rule!r}, expected one of {', '.join(_RULES)}")


def weighted_rule(rule: str) -> None:
    """Raise OutOfRange unless `rule` names a convention that has a meaning with probabilities."""
    known_rule(rule)
    if rule == "linear":
        raise OutOfRange('rule was "linear" with weights, expected one that probabilities have a meaning for')


def loss_quantile(pnl: FloatArray, *, confidence: float, rule: QuantileRule) -> float:
    """Return the loss quantile of equally likely scenarios by the named rule.

    Parameters
    ----------
    pnl : ndarray of shape (n_scenarios,)
        Profits, finite; see `profits`.
    confidence : float
        In (0.5, 1).
    rule : {"rank", "ceil_rank", "linear", "interpolated_inverted_cdf"}
        The convention; see the module.

    Returns
    -------
    float
        A loss, positive when money is lost.
    """
    n_scenarios = pnl.shape[0]
    tail = needed_tail(n_scenarios, confidence)
    if rule == "rank":
        worse = int(tail)
        return 0.0 - float(np.partition(pnl, worse)[worse])
    if rule == "ceil_rank":
        worse = math.ceil(tail) - 1
        return 0.0 - float(np.partition(pnl, worse)[worse])
    known_rule(rule)
    # Position counted from the worst scenario, zero-based. Type 7 walks (n − 1)α; type 4 on the losses stands
    # at rank nc from the best, which is nα from the worst.
    position = tail_count(n_scenarios - 1, confidence) if rule == "linear" else tail
    worse = int(position)
    share = position - worse
    ordered = np.partition(pnl, (worse, worse + 1))
    low, high = float(ordered[worse]), float(ordered[worse + 1])
    return 0.0 - (low + share * (high - low))


def weighted_loss_quantile(
    pnl: FloatArray, weights: FloatArray, *, confidence: float, rule: QuantileRule
) -> float:
    """Return the loss quantile of scenarios with probabilities by the named rule.

    Parameters
    ----------
    pnl, weights : ndarray of shape (n_scenarios,)
        Profits and their probabilities, checked by `profits` and `plimsoll.risk.arrays.probabilities`.
    confidence : float
        In (0.5, 1).
    rule : {"rank", "ceil_rank", "interpolated_inverted_cdf"}
        The convention; see the module. Scenarios of equal profit are taken lightest first, so that their
        order in the input does not matter.

    Raises
    ------
    OutOfRange
        If the rule is "linear", or unknown.
    """
    weighted_rule(rule)
    losses, masses = worst_first(pnl, weights)
    tail = round(1.0 - confidence, 9)
    cumulated: FloatArray = np.cumsum(masses, dtype=np.float64).round(9)
    if rule == "interpolated_inverted_cdf":
        # Climb from the smallest loss: below its own probability there is nothing to interpolate from.
        best_first = losses[::-1]
        climbed = np.round(np.cumsum(masses[::-1]), 9)
        return float(np.interp(round(confidence, 9), climbed, best_first))
    side: Literal["left", "right"] = "right" if rule == "rank" else "left"
    return float(losses[int(np.searchsorted(cumulated, tail, side=side))])


def fractional_tail_mean(pnl: FloatArray, *, confidence: float) -> float:
    """Return the mean loss of equally likely scenarios in exactly the worst 1 − c.

    Raises
    ------
    InsufficientHistory, OutOfRange
        As `needed_tail`.
    """
    count = needed_tail(pnl.shape[0], confidence)
    whole = math.floor(count)
    ordered = np.partition(pnl, whole)
    return (0.0 - float(ordered[:whole].sum()) - (count - whole) * float(ordered[whole])) / count


def worst_first(pnl: FloatArray, weights: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return losses sorted worst first with their probabilities, impossible scenarios left out."""
    possible = weights > 0.0
    order = np.lexsort((weights[possible], pnl[possible]))
    return 0.0 - pnl[possible][order], weights[possible][order]


def checked_weights(weights: ArrayLike, n_scenarios: int, confidence: float) -> FloatArray:
    """Return scenario probabilities after checking them and the confidence."""
    confidence_level(confidence)
    return probabilities(weights, n_scenarios)
