"""The slow figures of one second: liquidity, margin, correlation, and VaR by every method.

Worked out about once a second on the risk thread, never per tick. Unknown is NaN, never 0. Arrays are
read-only; "held" means the positions in the book's order. Money is in base currency, a loss or a cost above
zero.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from plimsoll.domain.margin_rates import BUILT_IN

FloatColumn = NDArray[np.float64]
BoolColumn = NDArray[np.bool_]
UNKNOWN = float("nan")


def _no_floats() -> FloatColumn:
    return np.empty(0)


def _no_flags() -> BoolColumn:
    return np.empty(0, dtype=np.bool_)


def _no_matrix() -> FloatColumn:
    return np.empty((0, 0))


@dataclass(frozen=True, slots=True, eq=False)
class LiquidityFigures:
    """What it takes to get out.

    Attributes
    ----------
    days_to_exit : ndarray, shape (n_held,)
        Days at the stated share of the average daily volume; infinite where nobody trades, NaN where no
        volume is known (most metals and CFDs: AllTick's volume means nothing there).
    exit_share_1d : float
        Share of gross value out after one day, all positions sold side by side. What has no known volume
        counts as staying, so it is at least this; with more than a quarter of it the figure is NaN.
    spread_fraction : ndarray, shape (n_held,)
        (ask − bid) / mid of the last quote while it is fresh; NaN stale, crossed or one-sided.
    exit_cost_base : ndarray, shape (n_held,)
        Cost against the mid of selling the whole position into the book at once; NaN unknown.
    is_by_depth : ndarray of bool, shape (n_held,)
        Whether the visible book covers the whole position; where not, the rest of the cost is by the impact
        rule, and for what is quoted without a size (FX, CFDs) half the spread.
    known_fraction : float
        Share of gross value whose days to exit are known.
    words : str
        The rules in words, with the participation and how many positions exceed their visible book.
    """

    days_to_exit: FloatColumn = field(default_factory=_no_floats)
    exit_share_1d: float = UNKNOWN
    spread_fraction: FloatColumn = field(default_factory=_no_floats)
    exit_cost_base: FloatColumn = field(default_factory=_no_floats)
    is_by_depth: BoolColumn = field(default_factory=_no_flags)
    known_fraction: float = UNKNOWN
    words: str = "not measured yet"


@dataclass(frozen=True, slots=True, eq=False)
class MarginFigures:
    """What a broker would ask to be left in the account: an estimate, for the broker's own figure rules.

    Attributes
    ----------
    requirement_base : ndarray, shape (n_held,)
        To keep each position (maintenance); NaN where it cannot be priced.
    total_base : float
        Sum; NaN while a position held cannot be priced.
    use_fraction, cushion_fraction : float
        Requirement over NAV, and (NAV − requirement) / NAV; NaN without a NAV above zero.
    words : str
        That it is an estimate, and the rule of each asset class held.
    initial_base : float
        To open the same book today.
    scan_base : float
        Portfolio-margin style: the worst of a scan of price moves on each underlying.
    source : str
        Where the rates come from: a file's name, or that they are built in.
    """

    requirement_base: FloatColumn = field(default_factory=_no_floats)
    total_base: float = UNKNOWN
    use_fraction: float = UNKNOWN
    cushion_fraction: float = UNKNOWN
    words: str = "not measured yet"
    initial_base: float = UNKNOWN
    scan_base: float = UNKNOWN
    source: str = BUILT_IN


@dataclass(frozen=True, slots=True)
class BrokenPair:
    """Two instruments that lately move together otherwise than they used to.

    Attributes
    ----------
    first, second : str
        Codes.
    recent, long_run : float
        Correlation of the newest weeks, exponentially weighted, and of the days before them.
    adjusted_p : float
        p-value after Benjamini and Hochberg, over all pairs.
    """

    first: str
    second: str
    recent: float
    long_run: float
    adjusted_p: float


@dataclass(frozen=True, slots=True, eq=False)
class CorrelationFigures:
    """How the held instruments move together, today's day so far included.

    Attributes
    ----------
    shift : float
        Standardised shift of the absorption ratio: (mean of 15 days − mean of the year) / deviation of the
        year; above 1 is the alarm of its authors.
    n_broken_pairs : int
        Pairs whose correlation changed, at a false-discovery rate of 5 %; −1 unknown.
    broken_pairs : tuple of BrokenPair
        The clearest of them first; at most 20.
    absorption_ratio : float
        Share of the variance that the first fifth of the eigenvectors explains.
    turbulence : float
        Squared Mahalanobis distance of today's moves so far from the usual, over their number; about 1 on an
        ordinary whole day.
    codes : tuple of str
        The instruments of `matrix`, largest exposure first.
    matrix : ndarray, shape (n_codes, n_codes)
        Recent correlations, exponentially weighted, for the heat map.
    words : str
        What was measured, on how many days, and why what is unknown is unknown.
    """

    shift: float = UNKNOWN
    n_broken_pairs: int = -1
    broken_pairs: tuple[BrokenPair, ...] = ()
    absorption_ratio: float = UNKNOWN
    turbulence: float = UNKNOWN
    codes: tuple[str, ...] = ()
    matrix: FloatColumn = field(default_factory=_no_matrix)
    words: str = "not measured yet"


@dataclass(frozen=True, slots=True)
class MethodFigure:
    """VaR and ES of one day by one method.

    Attributes
    ----------
    name : str
        One of METHOD_NAMES; a limit names it in its `detail`.
    var, es : float
        Losses positive, at the confidences of the headline figures; NaN unknown.
    n_observations : int
        Days, or paths of a simulation, behind them; 0 unknown.
    words : str
        The method and its parameters, or why the figures are unknown.
    as_of_ns : int
        When they were worked out, by the desk's clock: the methods take turns.
    """

    name: str
    var: float = UNKNOWN
    es: float = UNKNOWN
    n_observations: int = 0
    words: str = "not measured yet"
    as_of_ns: int = 0


METHOD_NAMES = (
    "ewma",
    "cornish-fisher",
    "volatility-scaled",
    "filtered historical",
    "monte carlo normal",
    "monte carlo t",
)
"""The methods beside the headline one ("historical"), in the order they are shown."""


@dataclass(frozen=True, slots=True, eq=False)
class MarketFigures:
    """Every figure of this page, of one instant.

    Attributes
    ----------
    as_of_ns : int
        When it was put together, by the desk's clock; 0 never.
    liquidity : LiquidityFigures
    margin : MarginFigures
    correlation : CorrelationFigures
    var_methods : tuple of MethodFigure
        One for each of METHOD_NAMES.
    """

    as_of_ns: int = 0
    liquidity: LiquidityFigures = field(default_factory=LiquidityFigures)
    margin: MarginFigures = field(default_factory=MarginFigures)
    correlation: CorrelationFigures = field(default_factory=CorrelationFigures)
    var_methods: tuple[MethodFigure, ...] = ()

    def method(self, name: str) -> MethodFigure:
        """Return one method's figures; unknown ones where it was not measured."""
        found = (figure for figure in self.var_methods if figure.name == name)
        return next(found, MethodFigure(name))
