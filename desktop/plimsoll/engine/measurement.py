"""Every measure of one instant, from which limits are judged and snapshots drawn."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from plimsoll.domain.limit import ScopeKind
from plimsoll.domain.market_figures import MarketFigures
from plimsoll.domain.snapshot import Coverage, PositionState
from plimsoll.engine.universe import Universe

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
NAN = float("nan")

TRUSTED_FRESH_FRACTION = 0.95
"""Below this share of gross exposure with fresh prices, book totals cannot vouch that a limit is kept."""


@dataclass(frozen=True, slots=True)
class StressLoss:
    """What one named scenario costs, a loss positive, in base currency; NaN unknown.

    Attributes
    ----------
    total : float
        Of the whole book, cash included.
    by_position : ndarray, shape (n_held,)
        Of each position.
    """

    total: float
    by_position: FloatArray


@dataclass(frozen=True, slots=True)
class TailFigures:
    """VaR and ES of the parts of one grouping, losses positive, shape (n_groups,) each; NaN unknown."""

    var: FloatArray
    es: FloatArray


PartTail = Callable[["Groups"], TailFigures]
"""Works out the tail of each group of a grouping from its own scenario P&L."""


@dataclass(frozen=True)  # no slots: what several limits rest on is worked out once, when first asked for
class Measurement:
    """The figures of one instant; NaN is unknown, money in base currency, arrays over positions held.

    Attributes
    ----------
    nav, day_pnl, day_pnl_fx, day_nav : float
        NAV, P&L since the roll, its FX part, and NAV at the roll.
    batch_low_nav : float
        Lowest NAV since the last measurement, seen at every tick.
    var, es : float
        One day, at the method's confidences.
    drawdown, batch_drawdown : float
        Now, and the deepest since the last measurement.
    value, unrealised, worst_unrealised : ndarray, shape (n_held,)
        Exposure; P&L since entry, now and at the worst tick since the last measurement.
    state : ndarray of uint8, shape (n_held,)
        PositionState of each.
    coverage : Coverage
        What the totals rest on.
    position_day_pnl : ndarray, shape (n_held,), or None
        P&L of each position since the roll.
    es_contribution : ndarray, shape (n_held,), or None
        Each position's part of ES.
    anchor_nav : Mapping
        NAV from which a fall may be measured, external flows removed: "day", "month", "start", and the
        highest of the last so many days as `high_of(days)` names it.
    stress : Mapping
        What each named scenario costs.
    market : MarketFigures or None
        Liquidity, margin, correlation, rival VaR methods: worked out apart, about once a second.
    hedge_effectiveness : Mapping
        By the pair's name.
    feed_lag_s : float
        How far the newest tick lies behind the market.
    mismatch_count : float
        Positions that differ from the broker's records.
    part_tail : callable or None
        VaR and ES of groups.
    """

    nav: float
    day_pnl: float
    day_pnl_fx: float
    day_nav: float
    batch_low_nav: float
    var: float
    es: float
    drawdown: float
    batch_drawdown: float
    value: FloatArray
    unrealised: FloatArray
    worst_unrealised: FloatArray
    state: NDArray[np.uint8]
    coverage: Coverage
    position_day_pnl: FloatArray | None = None
    es_contribution: FloatArray | None = None
    anchor_nav: Mapping[str, float] = field(default_factory=dict)
    stress: Mapping[str, StressLoss] = field(default_factory=dict)
    market: MarketFigures | None = None
    hedge_effectiveness: Mapping[str, float] = field(default_factory=dict)
    feed_lag_s: float = NAN
    mismatch_count: float = NAN
    part_tail: PartTail | None = None

    @cached_property
    def size(self) -> FloatArray:
        """Absolute exposure of each position, 0 without a price, shape (n_held,)."""
        found = np.abs(self.value)
        return np.where(np.isnan(found), 0.0, found)

    @cached_property
    def gross(self) -> float:
        """Sum of absolute exposures of what can be priced."""
        return float(np.nansum(np.abs(self.value)))

    @cached_property
    def net(self) -> float:
        """Sum of signed exposures of what can be priced."""
        return float(np.nansum(self.value))

    @cached_property
    def hhi(self) -> float:
        """Σw² over gross weights of what can be priced; NaN of an empty book."""
        gross = self.gross
        return float(np.nansum(np.square(self.value / gross))) if gross > 0.0 else float("nan")

    @cached_property
    def is_unpriceable(self) -> BoolArray:
        """Whether each position has no price, shape (n_held,)."""
        found: BoolArray = self.state == PositionState.UNPRICEABLE
        return found

    @cached_property
    def is_doubtful(self) -> BoolArray:
        """Whether each position has no price or a stale one, shape (n_held,)."""
        found: BoolArray = self.is_unpriceable | (self.state == PositionState.STALE)
        return found

    @cached_property
    def stale_fraction(self) -> float:
        """Share of what is held that has no fresh price; NaN of an empty book."""
        return 1.0 - self.coverage.fresh_fraction if len(self.value) else NAN

    @property
    def is_trusted(self) -> bool:
        """Whether enough of the book has fresh prices for a total to say that all is well."""
        return self.coverage.fresh_fraction >= TRUSTED_FRESH_FRACTION


@dataclass(frozen=True, slots=True)
class Groups:
    """How positions fall into the groups of one grouping.

    Attributes
    ----------
    labels : tuple of str
        Group names.
    member : ndarray of int64, shape (n_rows,)
        The group of each row of `position`.
    position : ndarray of int64, shape (n_rows,)
        A position number; one FX pair stands in two currencies.
    sign : ndarray, shape (n_rows,)
        −1 for the currency that a pair pays.
    is_each : bool
        Whether each position is a group of its own, in their order: then nothing is to be added up.
    is_plain : bool
        Whether each position stands in one group, in their order, without a sign.
    """

    labels: tuple[str, ...]
    member: NDArray[np.int64]
    position: NDArray[np.int64]
    sign: FloatArray
    is_each: bool = False
    is_plain: bool = False

    def totals(self, value: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return (net, gross) exposure of each group from positions' exposures, shape (n_groups,) each."""
        if self.is_each:
            net = np.where(np.isnan(value), 0.0, value)
            return net, np.abs(net)
        mine = value if self.is_plain else value[self.position]
        known = np.where(np.isnan(mine), 0.0, mine)
        if not self.is_plain:
            known *= self.sign
        n = len(self.labels)
        net = np.bincount(self.member, weights=known, minlength=n)
        gross = np.bincount(self.member, weights=np.abs(known), minlength=n)
        return net.astype(np.float64), gross.astype(np.float64)

    def sums(self, amount: FloatArray) -> FloatArray:
        """Return what the positions of each group make together, shape (n_groups,); NaN where one is unknown.

        For profit, loss and risk: a pair's result counts whole in both its currencies, without a sign.
        """
        if self.is_each:
            return amount
        added = np.bincount(self.member, weights=amount[self.position], minlength=len(self.labels))
        return added.astype(np.float64)

    def largest(self, amount: FloatArray) -> FloatArray:
        """Return the largest known amount of each group, shape (n_groups,); NaN where none is known."""
        if self.is_each:
            return amount
        found = np.full(len(self.labels), NAN)
        np.fmax.at(found, self.member, amount[self.position])
        return found

    def any_of(self, flags: BoolArray) -> BoolArray:
        """Return for each group whether any of its positions is flagged, shape (n_groups,)."""
        if self.is_each:
            return flags
        if not flags.any():
            return np.zeros(len(self.labels), dtype=np.bool_)
        return np.bincount(self.member, weights=flags[self.position], minlength=len(self.labels)) > 0


GROUPINGS = (ScopeKind.SECTOR, ScopeKind.ASSET_CLASS, ScopeKind.CURRENCY, ScopeKind.COUNTRY)


def groups_of(universe: Universe) -> dict[ScopeKind, Groups]:
    """Return every grouping of the held positions; what is unclassified stands under its own code.

    By tag a position stands in as many groups as it has tags, or in none.
    """
    held = universe.instruments[: universe.n_held]
    labels: dict[ScopeKind, list[tuple[str, int, float]]] = {
        ScopeKind.INSTRUMENT: [(item.code, number, 1.0) for number, item in enumerate(held)],
        ScopeKind.SECTOR: [(item.sector or item.code, number, 1.0) for number, item in enumerate(held)],
        ScopeKind.ASSET_CLASS: [(str(item.asset_class), number, 1.0) for number, item in enumerate(held)],
        ScopeKind.COUNTRY: [(item.country or item.code, number, 1.0) for number, item in enumerate(held)],
        ScopeKind.TAG: [(tag, number, 1.0) for number, item in enumerate(held) for tag in item.tags],
        ScopeKind.CURRENCY: [],
    }
    for number, item in enumerate(held):
        bought, paid = item.currency_pair or (item.currency, "")
        labels[ScopeKind.CURRENCY].append((bought, number, 1.0))
        if paid:
            labels[ScopeKind.CURRENCY].append((paid, number, -1.0))
    return {kind: _groups(rows, universe.n_held) for kind, rows in labels.items()}


def coverage_of(
    value: FloatArray, state: NDArray[np.uint8], has_history: BoolArray, is_proxy: BoolArray
) -> Coverage:
    """Return what a total rests on, from positions' exposures and states, shape (n_held,) each."""
    n = len(value)
    if n == 0:
        return Coverage(1.0, 1.0, 1.0, 0.0, 0, 0, 0, 0)
    is_unpriceable, is_stale = state == PositionState.UNPRICEABLE, state == PositionState.STALE
    n_unpriceable, n_stale = int(np.count_nonzero(is_unpriceable)), int(np.count_nonzero(is_stale))
    size = np.where(np.isnan(value), 0.0, np.abs(value))
    gross = float(size.sum())
    priced = 1.0 - n_unpriceable / n
    share = size / gross if gross > 0.0 else np.full(n, 1.0 / n)
    # Mostly all is fresh and has a history: a sum over a mask costs three times one over everything.
    whole = float(share.sum())
    n_with_history = int(np.count_nonzero(has_history))
    is_good = ~(is_stale | is_unpriceable) if n_stale or n_unpriceable else None
    return Coverage(
        priced_fraction=priced,
        fresh_fraction=priced * (whole if is_good is None else float(share[is_good].sum())),
        history_fraction=priced * (whole if n_with_history == n else float(share[has_history].sum())),
        proxy_fraction=float(share[is_proxy].sum()) if is_proxy.any() else 0.0,
        n_positions=n,
        n_stale=n_stale,
        n_unpriceable=n_unpriceable,
        n_without_history=n - n_with_history,
    )


def _groups(rows: list[tuple[str, int, float]], n_held: int) -> Groups:
    labels = tuple(dict.fromkeys(label for label, _, _ in rows))
    place = {label: number for number, label in enumerate(labels)}
    member = np.array([place[label] for label, _, _ in rows], dtype=np.int64)
    position = np.array([number for _, number, _ in rows], dtype=np.int64)
    sign = np.array([sign for _, _, sign in rows], dtype=np.float64)
    own = np.arange(len(rows))
    is_plain = len(rows) == n_held and bool((position == own).all() and (sign == 1.0).all())
    is_each = is_plain and bool((member == own).all())
    return Groups(labels, member, position, sign, is_each, is_plain)
