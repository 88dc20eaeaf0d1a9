"""How much each member of each grouping swings in the cloud of daily moves, alone and together with NAV."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plimsoll.domain.limit import ScopeKind
from plimsoll.engine.distance_book import Standpoint, Weights
from plimsoll.engine.distance_plan import Shape
from plimsoll.engine.measurement import Groups

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Family:
    """Limits whose members swing alike.

    Attributes
    ----------
    kind : ScopeKind
        The grouping.
    shape : Shape
        Loss, net or gross.
    is_since_entry : bool
        Whether a loss counts since entry.
    """

    kind: ScopeKind
    shape: Shape
    is_since_entry: bool


@dataclass(frozen=True, slots=True)
class Swing:
    """What members of one grouping do in the cloud; arrays of shape (n_members,).

    Attributes
    ----------
    variance : ndarray
        Of what is measured of each.
    with_nav : ndarray
        Its covariance with NAV.
    still_fraction : ndarray
        Share of each one's gross exposure without price history, which stands still here.
    """

    variance: FloatArray
    with_nav: FloatArray
    still_fraction: FloatArray


@dataclass(frozen=True, slots=True)
class NavSwing:
    """What NAV does in the cloud.

    Attributes
    ----------
    series : ndarray, shape (n_scenarios,)
        Its daily changes, scaled as the cloud.
    variance, still_fraction : float
        As of a `Swing`.
    by_row, by_rate : ndarray, shape (n_held,) and (n_currencies,)
        Its covariance with each held instrument's move and with each currency's rate.
    """

    series: FloatArray
    variance: float
    still_fraction: float
    by_row: FloatArray
    by_rate: FloatArray


def nav_swing(stand: Standpoint) -> NavSwing:
    """Return what NAV does in the cloud."""
    cloud, here = stand.cloud, stand.here
    series = cloud.series(stand.slope(here, Weights(currency=1.0)))
    size = np.abs(here.value)
    gross = float(size.sum())
    still = float(size[~cloud.has_history[: stand.n_held]].sum()) / gross if gross > 0.0 else 0.0
    return NavSwing(
        series=series,
        variance=float(series @ series),
        still_fraction=still,
        by_row=cloud.with_series(series, slice(stand.n_held)),
        by_rate=cloud.rates @ series,
    )


class SortedRows:
    """Positions in the order of one grouping, so that each group is one run of them."""

    def __init__(self, groups: Groups) -> None:
        order = np.argsort(groups.member, kind="stable")
        self.position = groups.position[order]
        self.sign = groups.sign[order]
        self.member = groups.member[order]
        self.bounds = np.searchsorted(self.member, np.arange(len(groups.labels) + 1)).tolist()


class SwingMaker:
    """Works out swings; the order of each grouping is kept."""

    def __init__(self, groups: Mapping[ScopeKind, Groups], currency_of: NDArray[np.int64]) -> None:
        self._groups = groups
        self._currency_of = currency_of
        self._sorted: dict[ScopeKind, SortedRows] = {}

    def swing(self, family: Family, stand: Standpoint, nav: NavSwing) -> Swing:
        """Return what every member of a grouping does."""
        kind, shape, here = family.kind, family.shape, stand.here
        by_price = here.per_move
        by_rate = here.value
        if shape is Shape.LOSS:
            by_rate = here.unrealised if family.is_since_entry else here.worth
        elif shape is Shape.GROSS:
            facing = np.sign(here.value)
            by_price, by_rate = by_price * facing, by_rate * facing
        if kind is ScopeKind.BOOK:
            return self._whole(by_price, by_rate, stand, nav)
        groups = self._groups[kind]
        if groups.is_each:
            return self._each(by_price, by_rate, stand, nav)
        return self._grouped(kind, by_price, by_rate, shape, stand, nav)

    def side(self, family: Family, stand: Standpoint) -> FloatArray:
        """Return −1 for each member whose net exposure is short, else 1; 1 for what has no side."""
        value = stand.here.value
        if family.kind is ScopeKind.BOOK:
            net = np.array([value.sum()])
        else:
            net = self._groups[family.kind].totals(value)[0]
        return np.where((net < 0.0) & (family.shape is Shape.NET), -1.0, 1.0)

    def _each(self, by_price: FloatArray, by_rate: FloatArray, stand: Standpoint, nav: NavSwing) -> Swing:
        cloud, n_held = stand.cloud, stand.n_held
        held_in = self._currency_of[:n_held]
        own, own_rate = cloud.own[:n_held], cloud.own_rate[:n_held]
        variance = by_price * by_price * own + by_rate * (
            2.0 * by_price * own_rate + by_rate * cloud.rate_variance[held_in]
        )
        with_nav = by_price * nav.by_row + by_rate * nav.by_rate[held_in]
        still = (~cloud.has_history[:n_held]).astype(np.float64)
        return Swing(variance, with_nav, still)

    def _grouped(
        self,
        kind: ScopeKind,
        by_price: FloatArray,
        by_rate: FloatArray,
        shape: Shape,
        stand: Standpoint,
        nav: NavSwing,
    ) -> Swing:
        cloud, groups = stand.cloud, self._groups[kind]
        if kind not in self._sorted:
            self._sorted[kind] = SortedRows(groups)
        rows = self._sorted[kind]
        # Only of net exposure a currency that a pair pays counts against one it buys.
        sign = rows.sign if shape is Shape.NET else np.abs(rows.sign)
        mine = by_price[rows.position] * sign
        n, n_currencies = len(groups.labels), len(cloud.rates)
        turned = np.bincount(
            rows.member * n_currencies + self._currency_of[rows.position],
            weights=by_rate[rows.position] * sign,
            minlength=n * n_currencies,
        ).reshape(n, n_currencies)
        series = turned @ cloud.rates
        for group, (start, end) in enumerate(zip(rows.bounds[:-1], rows.bounds[1:], strict=True)):
            series[group] += cloud.series_of(rows.position[start:end], mine[start:end])
        _, gross = groups.totals(stand.here.value)
        unknown = np.where(cloud.has_history[: stand.n_held], 0.0, stand.here.value)
        still = np.divide(groups.totals(unknown)[1], gross, out=np.zeros(n), where=gross > 0.0)
        return Swing(np.einsum("gs,gs->g", series, series), series @ nav.series, still)

    def _whole(self, by_price: FloatArray, by_rate: FloatArray, stand: Standpoint, nav: NavSwing) -> Swing:
        cloud, n_held = stand.cloud, stand.n_held
        turned = np.bincount(self._currency_of[:n_held], weights=by_rate, minlength=len(cloud.rates))
        amount = np.zeros(len(cloud.own))
        amount[:n_held] = by_price
        series = cloud.series(amount) + turned @ cloud.rates
        return Swing(
            np.array([series @ series]),
            np.array([series @ nav.series]),
            np.array([nav.still_fraction]),
        )
