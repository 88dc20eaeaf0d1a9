"""Likelihood ratios of a number of failures against the probability promised."""

import math


def failure_ratio(count: int, days: int, p: float) -> float:
    """Return Kupiec's likelihood ratio of `count` failures in `days` against the probability p."""
    share = count / days
    fitted = times_log(days - count, 1.0 - share) + times_log(count, share)
    return max(0.0, 2.0 * (fitted - times_log(days - count, 1.0 - p) - times_log(count, p)))


def waiting_ratio(day: int, p: float) -> float:
    """Return Kupiec's likelihood ratio of a first failure on `day`, counted from 1."""
    fitted = times_log(1, 1.0 / day) + times_log(day - 1, 1.0 - 1.0 / day)
    return max(0.0, 2.0 * (fitted - times_log(1, p) - times_log(day - 1, 1.0 - p)))


def times_log(count: int, probability: float) -> float:
    """Return count · ln(probability), and 0 for a count of 0 whatever the probability."""
    return count * math.log(probability) if count else 0.0
