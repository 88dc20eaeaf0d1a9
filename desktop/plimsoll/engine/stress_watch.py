"""What each stress scenario would cost the book as it stands."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter

import numpy as np
from numpy.typing import NDArray

from plimsoll.domain.instrument import Instrument
from plimsoll.domain.limit import ScopeKind
from plimsoll.domain.stress_scenario import Shock, StressScenario
from plimsoll.engine.ledger import Ledger
from plimsoll.engine.measurement import StressLoss
from plimsoll.engine.universe import Universe

FloatArray = NDArray[np.float64]

_BROAD_TO_NARROW = (
    ScopeKind.BOOK,
    ScopeKind.ASSET_CLASS,
    ScopeKind.COUNTRY,
    ScopeKind.SECTOR,
    ScopeKind.TAG,
    ScopeKind.INSTRUMENT,
)


_NAME_OF: Mapping[ScopeKind, Callable[[Instrument], str | None]] = {
    ScopeKind.ASSET_CLASS: attrgetter("asset_class"),
    ScopeKind.COUNTRY: attrgetter("country"),
    ScopeKind.SECTOR: attrgetter("sector"),
    ScopeKind.INSTRUMENT: attrgetter("code"),
}


@dataclass(frozen=True, slots=True, eq=False)
class ScenarioMoves:
    """What a scenario moves, each shock's members alone.

    Attributes
    ----------
    price : ndarray, shape (n,)
        Return of every instrument, in its own currency.
    fx : ndarray, shape (n_currencies,)
        Return of a unit of every currency, in base money.
    decided_by : ndarray of int64, shape (n,)
        The shock whose word holds for each instrument; −1 where none speaks of it.
    """

    price: FloatArray
    fx: FloatArray
    decided_by: NDArray[np.int64]


class StressWatch:
    """Reprices the book under every scenario (SEMANTICS, Scenario P&L).

    A currency pair that no shock names moves with its two currencies. What nothing names stands still.
    """

    def __init__(self, universe: Universe, scenarios: Sequence[StressScenario]) -> None:
        self._universe = universe
        self._moves = {
            scenario.scenario_id: moves_of(scenario, universe.instruments, universe.currencies)
            for scenario in scenarios
        }

    def losses(self, ledger: Ledger, mark: FloatArray) -> Mapping[str, StressLoss]:
        """Return what each scenario costs, by its id; NaN where a position or a currency has no price."""
        return {name: self._loss(moves, ledger, mark) for name, moves in self._moves.items()}

    def _loss(self, moves: ScenarioMoves, ledger: Ledger, mark: FloatArray) -> StressLoss:
        n_held = self._universe.n_held
        r_fx, rate = moves.fx[ledger.currency_of], ledger.fx[ledger.currency_of]
        size = ledger.quantity * ledger.multiplier
        funded = mark * ((1.0 + moves.price) * (1.0 + r_fx) - 1.0)
        unfunded = mark * moves.price * (1.0 + r_fx) + (mark - ledger.average_price) * r_fx
        pnl = size * rate * np.where(ledger.is_funded, funded, unfunded)
        held = np.where(ledger.quantity == 0.0, 0.0, pnl)[:n_held]
        cash = np.where(ledger.cash == 0.0, 0.0, ledger.cash * ledger.fx * moves.fx)
        return StressLoss(-float(held.sum() + cash.sum()), -held)


def moves_of(
    scenario: StressScenario, instruments: Sequence[Instrument], currencies: Sequence[str]
) -> ScenarioMoves:
    """Return what a scenario moves; of several shocks to one instrument the narrowest holds.

    Parameters
    ----------
    scenario : StressScenario
        The shocks.
    instruments : sequence of Instrument
        Whose moves are wanted.
    currencies : sequence of str
        The base currency first: it never moves against itself.
    """
    fx = np.zeros(len(currencies))
    for shock in scenario.shocks:
        if shock.scope.kind is ScopeKind.CURRENCY and shock.scope.member in currencies:
            fx[currencies.index(shock.scope.member)] = shock.change_fraction
    price = np.array([_pair_move(item, scenario, currencies[0]) for item in instruments], dtype=np.float64)
    decided_by = np.full(len(instruments), -1, dtype=np.int64)
    for kind in _BROAD_TO_NARROW:
        for number, shock in enumerate(scenario.shocks):
            if shock.scope.kind is kind:
                speaks_of = np.array([_speaks_of(shock, item) for item in instruments], dtype=np.bool_)
                price[speaks_of] = shock.change_fraction
                decided_by[speaks_of] = number
    return ScenarioMoves(price, fx, decided_by)


def _pair_move(item: Instrument, scenario: StressScenario, base: str) -> float:
    """Return what the currencies alone make of a pair's price; 0 for anything else."""
    pair = item.currency_pair
    if pair is None:
        return 0.0
    change = {
        shock.scope.member: shock.change_fraction
        for shock in scenario.shocks
        if shock.scope.kind is ScopeKind.CURRENCY
    }
    bought, paid = (0.0 if currency == base else change.get(currency, 0.0) for currency in pair)
    return (1.0 + bought) / (1.0 + paid) - 1.0


def _speaks_of(shock: Shock, item: Instrument) -> bool:
    kind, member = shock.scope.kind, shock.scope.member
    if kind is ScopeKind.BOOK:
        return item.currency_pair is None
    if kind is ScopeKind.TAG:
        return member in item.tags
    read = _NAME_OF.get(kind)
    return read is not None and read(item) == member
