"""Three P&Ls on the same days: actual, hypothetical and risk-theoretical."""

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class PnlRecord:
    """Three P&Ls on the same days; all arrays of shape (n_days,), oldest first, NaN unknown.

    Attributes
    ----------
    days : ndarray of int64
        Days from 1970-01-01 that the desk saw from roll to roll.
    actual_base : ndarray
        What the book of each day earned, trades included, without flows and before fees.
    flows_base, fees_base : ndarray
        What was left out of it.
    hypothetical_base : ndarray
        Today's book by the desk's own marks.
    theoretical_base : ndarray
        Today's book by the risk model's histories.
    zone : str
        Of the P&L attribution test of the last two: "green", "amber" or "red"; empty with too few days.
    spearman, kolmogorov_smirnov : float
        Its measures.
    words : str
        Why there is none, or on how many days it rests.
    """

    days: IntArray = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    actual_base: FloatArray = field(default_factory=lambda: np.empty(0))
    flows_base: FloatArray = field(default_factory=lambda: np.empty(0))
    fees_base: FloatArray = field(default_factory=lambda: np.empty(0))
    hypothetical_base: FloatArray = field(default_factory=lambda: np.empty(0))
    theoretical_base: FloatArray = field(default_factory=lambda: np.empty(0))
    zone: str = ""
    spearman: float = math.nan
    kolmogorov_smirnov: float = math.nan
    words: str = ""
