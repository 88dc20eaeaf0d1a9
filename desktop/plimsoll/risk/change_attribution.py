"""Why a risk figure is not what it was: the change shared out over its causes, without a rest."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from plimsoll.risk.arithmetic import refuses_overflow
from plimsoll.risk.arrays import FloatArray, IntArray, QuantileRule, matrix, vector, within
from plimsoll.risk.errors import InsufficientHistory, OutOfRange, ShapeMismatch
from plimsoll.risk.value_at_risk import historical_var

ChangeMethod = Literal["sequential", "shapley"]

CAUSES: Final = ("trades", "prices", "fx", "volatility", "correlation", "window", "data_repair")


@dataclass(frozen=True, slots=True, eq=False)
class RiskInputs:
    """Everything a simulated risk figure of a linear book rests on at one instant.

    Attributes
    ----------
    quantities : array_like of shape (n_assets,)
        Signed size times multiplier; 0 for what is not held. Both instants list the same assets in the same
        order.
    prices : array_like of shape (n_assets,)
        Marks in each asset's currency.
    fx : array_like of shape (n_assets,)
        Base money per unit of that currency.
    returns : array_like of shape (n_days, n_assets)
        Scenario returns as fractions, oldest first, at least two days.
    days : array_like of int, shape (n_days,)
        The day of each row, rising; the same number is the same day at both instants.
    """

    quantities: ArrayLike
    prices: ArrayLike
    fx: ArrayLike
    returns: ArrayLike
    days: ArrayLike


@dataclass(frozen=True, slots=True, eq=False)
class ChangeAttribution:
    """A figure before and after, and the part of each cause in the difference.

    Attributes
    ----------
    before, after : float
        The figure at both instants.
    parts : Mapping of str to float
        By cause, in the order taken; they sum to ``after − before``.
    method : {"sequential", "shapley"}
        How the parts were found.
    """

    before: float
    after: float
    parts: Mapping[str, float]
    method: ChangeMethod


def attribute_change(
    figure: Callable[[frozenset[str]], float], causes: Sequence[str], *, method: ChangeMethod = "sequential"
) -> ChangeAttribution:
    """Share the change of any figure out over its causes.

    Parameters
    ----------
    figure : callable
        Takes the set of causes that have already happened and returns the figure; called once for each set
        it needs.
    causes : sequence of str
        Different names. Their order is the order in which they happen for "sequential" and does not matter
        otherwise.
    method : {"sequential", "shapley"}
        "sequential" lets the causes happen one after another: n + 1 figures, and a part depends on its place.
        "shapley" is the mean over all orders: 2ⁿ figures, and no cause is favoured.

    Returns
    -------
    ChangeAttribution
        Parts that sum to the change.

    Raises
    ------
    OutOfRange
        If a name comes twice, the method is unknown, or the figure is not finite.

    References
    ----------
    .. [1] Shapley, "A Value for n-Person Games", Annals of Mathematics Studies 28, 1953.
    .. [2] Shorrocks, "Decomposition procedures for distributional analysis", Journal of Economic Inequality
       11, 2013.

    Examples
    --------
    >>> def area(changed):
    ...     return (3.0 if "width" in changed else 2.0) * (5.0 if "height" in changed else 4.0)
    >>> dict(attribute_change(area, ["width", "height"]).parts)
    {'width': 4.0, 'height': 3.0}
    >>> dict(attribute_change(area, ["width", "height"], method="shapley").parts)
    {'width': 4.5, 'height': 2.5}
    """
    names = tuple(causes)
    if len(set(names)) != len(names):
        raise OutOfRange(f"causes were {names}, expected each name once")
    if method not in get_args(ChangeMethod):
        raise OutOfRange(f"method was {method!r}, expected one of {', '.join(get_args(ChangeMethod))}")
    known: dict[frozenset[str], float] = {}

    def value(happened: frozenset[str]) -> float:
        if happened not in known:
            known[happened] = within(figure(happened), "figure", -math.inf, math.inf)
        return known[happened]

    parts = _in_turn(value, names) if method == "sequential" else _shapley(value, names)
    return ChangeAttribution(value(frozenset()), value(frozenset(names)), parts, method)


@refuses_overflow
def risk_change(
    before: RiskInputs,
    after: RiskInputs,
    *,
    measure: Callable[[FloatArray], float],
    method: ChangeMethod = "sequential",
    causes: Sequence[str] = CAUSES,
) -> ChangeAttribution:
    """Share the change of any simulated figure between two instants out over its causes.

    Parameters
    ----------
    before, after : RiskInputs
        The two instants.
    measure : callable
        Takes scenario P&L of shape (n_scenarios,), oldest first, and returns the figure.
    method : {"sequential", "shapley"}
        As `attribute_change`.
    causes : sequence of str
        The seven of `CAUSES`, in the order in which they are to happen.

    Returns
    -------
    ChangeAttribution
        Parts that sum to the change: "trades" (quantities), "prices" and "fx" (marks), "volatility" (of each
        asset over the window), "correlation" (what it makes of the book's volatility), "window" (which days
        are in it, once their volatilities and correlations are taken out: the shape of the tail),
        "data_repair" (other returns for days that both windows hold).

    Raises
    ------
    OutOfRange
        If the causes are not those seven, or the days do not rise.
    InsufficientHistory
        If a window has fewer than two days.
    ShapeMismatch, NotFinite
        If the shapes do not belong together, or a value is NaN or infinite.

    Notes
    -----
    Each window exists in two editions: with its own data, and with the other instant's returns on days in
    common. With X the rows chosen by "window", σ the deviations by "volatility" and Y the rows by
    "correlation", each in the edition that "data_repair" says, the P&L is that of X with its columns scaled
    to σ, times the ratio of the book's deviation under Y scaled to σ to that under X. An asset that never
    moved in a window is not scaled.
    """
    if sorted(causes) != sorted(CAUSES):
        raise OutOfRange(f"causes were {tuple(causes)}, expected the seven of {CAUSES} in any order")
    old, new = _checked(before), _checked(after)
    if old.money.shape != new.money.shape:
        raise ShapeMismatch(
            f"before had {old.money.shape[1]} assets and after {new.money.shape[1]}, expected the same: "
            f"give 0 to what is "
            "not held"
        )
    editions = _editions(old, new)

    def figure(happened: frozenset[str]) -> float:
        quantities, prices, fx = (
            (new if cause in happened else old).money[row] for row, cause in enumerate(CAUSES[:3])
        )
        exposures = quantities * prices * fx
        data = int("data_repair" in happened)
        shape, spread, pattern = (
            editions[int(cause in happened), data] for cause in ("window", "volatility", "correlation")
        )
        pnl = shape.scaled_to(spread) @ exposures
        if pattern is not shape:
            own, wanted = float(np.std(pnl)), float(np.std(pattern.scaled_to(spread) @ exposures))
            # What rounding leaves of a book that never moved is no deviation to scale.
            if own > 1e-12 * float(np.abs(pnl).max()):
                pnl = pnl * (wanted / own)
        return float(measure(pnl))

    return attribute_change(figure, causes, method=method)


@refuses_overflow
def var_change(
    before: RiskInputs,
    after: RiskInputs,
    *,
    confidence: float,
    rule: QuantileRule = "rank",
    method: ChangeMethod = "sequential",
    causes: Sequence[str] = CAUSES,
) -> ChangeAttribution:
    """Share the change of the historical VaR between two instants out over its causes.

    Parameters
    ----------
    before, after, method, causes
        As `risk_change`.
    confidence : float
        In (0.5, 1).
    rule : {"rank", "ceil_rank", "linear", "interpolated_inverted_cdf"}
        The quantile convention; see `plimsoll.risk.value_at_risk.historical_var`.

    Returns
    -------
    ChangeAttribution
        Parts in base currency that sum to VaR after less VaR before. By default the causes happen in the
        order of `CAUSES`: trades, prices, fx, volatility, correlation, window, data_repair.

    Raises
    ------
    InsufficientHistory, OutOfRange, ShapeMismatch, NotFinite
        As `risk_change` and `plimsoll.risk.value_at_risk.historical_var`.

    Examples
    --------
    >>> returns, days = [[-0.03], [0.01], [0.02], [-0.01]], [1, 2, 3, 4]
    >>> before = RiskInputs([10.0], [100.0], [1.0], returns, days)
    >>> after = RiskInputs([20.0], [110.0], [1.0], returns, days)
    >>> change = var_change(before, after, confidence=0.75)
    >>> change.before, change.after, round(change.parts["trades"], 9), round(change.parts["prices"], 9)
    (10.0, 22.0, 10.0, 2.0)
    """

    def measure(pnl: FloatArray) -> float:
        return historical_var(pnl, confidence=confidence, rule=rule)

    return risk_change(before, after, measure=measure, method=method, causes=causes)


@dataclass(frozen=True, slots=True, eq=False)
class _Checked:
    money: FloatArray  # quantities, prices, fx: one row each, as the first three of CAUSES
    returns: FloatArray
    days: IntArray


@dataclass(frozen=True, slots=True, eq=False)
class _Edition:
    returns: FloatArray
    deviations: FloatArray

    @classmethod
    def of(cls, returns: FloatArray) -> "_Edition":
        return cls(returns, (returns - returns[0]).std(axis=0))

    def scaled_to(self, other: "_Edition") -> FloatArray:
        if other is self:
            return self.returns
        scale = np.divide(
            other.deviations,
            self.deviations,
            out=np.ones_like(self.deviations),
            where=(self.deviations > 0.0) & (other.deviations > 0.0),
        )
        scaled: FloatArray = self.returns * scale
        return scaled


def _checked(inputs: RiskInputs) -> _Checked:
    columns = [
        vector(values, name)
        for values, name in (
            (inputs.quantities, "quantities"),
            (inputs.prices, "prices"),
            (inputs.fx, "fx"),
        )
    ]
    n_assets = columns[0].shape[0]
    returns = matrix(inputs.returns, "returns")
    days = np.asarray(inputs.days)
    if {column.shape[0] for column in columns} != {n_assets} or returns.shape[1] != n_assets:
        raise ShapeMismatch(f"prices, fx or returns did not match quantities, expected {n_assets} assets")
    if days.shape != (returns.shape[0],):
        raise ShapeMismatch(f"days had shape {days.shape}, expected ({returns.shape[0]},), one a row")
    if returns.shape[0] < 2:
        raise InsufficientHistory(
            f"returns had {returns.shape[0]} days, expected at least 2",
            n_observations=returns.shape[0],
            n_needed=2,
        )
    if not (days[1:] > days[:-1]).all():
        raise OutOfRange("days did not rise, expected each day once, oldest first")
    return _Checked(np.stack(columns), returns, days.astype(np.int64))


# By (window, data): the rows of one instant, corrected with the other's where both hold the day. Equal rows
# are one edition, so that a cause that changed nothing has a part of exactly nothing.
def _editions(old: _Checked, new: _Checked) -> dict[tuple[int, int], _Edition]:
    editions: dict[tuple[int, int], _Edition] = {}
    for key, rows in (
        ((0, 0), old.returns),
        ((1, 1), new.returns),
        ((0, 1), _corrected(old, new)),
        ((1, 0), _corrected(new, old)),
    ):
        alike = (edition for edition in editions.values() if np.array_equal(edition.returns, rows))
        editions[key] = next(alike, None) or _Edition.of(rows)
    return editions


def _corrected(window: _Checked, source: _Checked) -> FloatArray:
    _, mine, theirs = np.intersect1d(window.days, source.days, assume_unique=True, return_indices=True)
    rows = window.returns.copy()
    rows[mine] = source.returns[theirs]
    return rows


def _in_turn(value: Callable[[frozenset[str]], float], names: tuple[str, ...]) -> dict[str, float]:
    stages = [value(frozenset(names[:count])) for count in range(len(names) + 1)]
    return {name: stages[place + 1] - stages[place] for place, name in enumerate(names)}


def _shapley(value: Callable[[frozenset[str]], float], names: tuple[str, ...]) -> dict[str, float]:
    parts = {}
    for name in names:
        others = tuple(other for other in names if other != name)
        terms = [
            (value(frozenset((*chosen, name))) - value(frozenset(chosen))) / math.comb(len(others), count)
            for count in range(len(names))
            for chosen in combinations(others, count)
        ]
        parts[name] = math.fsum(terms) / len(names)
    return parts
