"""What planners look at: the book, its prices, sessions, costs and scenarios at one instant, frozen."""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from plimsoll.domain.book import Book
from plimsoll.domain.method import RiskMethod
from plimsoll.domain.session import SessionTable, venue_of
from plimsoll.domain.snapshot import PositionState
from plimsoll.engine.average_volume import spot_turnover_usd
from plimsoll.engine.ledger import Ledger
from plimsoll.engine.measurement import Measurement
from plimsoll.engine.scenario_risk import ScenarioRisk
from plimsoll.engine.scenario_window import ScenarioMatrix
from plimsoll.engine.universe import Universe

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
ZERO = Decimal(0)

ASSUMED_COST_FRACTION = 0.002
"""What an unknown cost counts as when plans are compared: dear enough that the known is traded first."""

_WHY_BLOCKED = {
    PositionState.UNPRICEABLE: "it has no price",
    PositionState.STALE: "its price is stale",
    PositionState.HALTED: "it is halted",
}


@dataclass(frozen=True, slots=True, eq=False)
class PlanInput:
    """One instant; arrays over positions held, in the book's order, read-only.

    Attributes
    ----------
    codes : tuple of str
        Of the positions, flat ones included.
    held, lots : tuple of Decimal
        Signed quantity, exactly as the book has it; smallest step of quantity.
    free : tuple of Decimal
        What of it no working order already closes, signed.
    quantity, mark, unit_value, value : ndarray, shape (n_held,)
        Signed; price; base money a unit of quantity stands for; signed exposure. NaN without a price.
    spread_fraction, cost_fraction : ndarray, shape (n_held,)
        Ask less bid over the mid; cost over money traded. NaN unknown.
    daily_volume : ndarray, shape (n_held,)
        Units of quantity traded on an average day; NaN unknown.
    margin_per_unit : ndarray, shape (n_held,)
        Base money asked for a unit of quantity; NaN unknown.
    state : ndarray of uint8, shape (n_held,)
        PositionState of each.
    is_open : ndarray of bool, shape (n_held,)
        Whether its market is in session.
    opens_ns : tuple of int
        Exchange time of the next session of each; 0 where nobody knows.
    returns : ndarray, shape (n_held, n_scenarios)
        What a unit of exposure earns in each scenario; zero without history.
    has_history : ndarray of bool, shape (n_held,)
        Whether a position enters the scenarios.
    pnl : ndarray, shape (n_scenarios,)
        P&L of the whole book, currencies included.
    mark_of_all : ndarray, shape (n,)
        Price of every instrument of the universe.
    measured : Measurement
        The figures of the instant.
    book : Book
    universe : Universe
    matrix : ScenarioMatrix
    method : RiskMethod
        What the figures rest on.
    exchange_ns, now_ns : int
        By the market and by the desk's clock.
    broken : frozenset of (str, str)
        Limit and member of each open breach: broken already, wherever the figure stands just now.
    """

    codes: tuple[str, ...]
    held: tuple[Decimal, ...]
    lots: tuple[Decimal, ...]
    free: tuple[Decimal, ...]
    quantity: FloatArray
    mark: FloatArray
    unit_value: FloatArray
    value: FloatArray
    spread_fraction: FloatArray
    cost_fraction: FloatArray
    daily_volume: FloatArray
    margin_per_unit: FloatArray
    state: NDArray[np.uint8]
    is_open: BoolArray
    opens_ns: tuple[int, ...]
    returns: FloatArray
    has_history: BoolArray
    pnl: FloatArray
    mark_of_all: FloatArray
    measured: Measurement
    book: Book
    universe: Universe
    matrix: ScenarioMatrix
    method: RiskMethod
    exchange_ns: int
    now_ns: int
    broken: frozenset[tuple[str, str]] = frozenset()

    @property
    def n_held(self) -> int:
        """Positions, flat ones included."""
        return len(self.codes)

    @property
    def is_tradable(self) -> BoolArray:
        """Whether each may be traded now: priced, fresh, dealt in, and its market open."""
        priced = (self.state == PositionState.PRICED) & np.isfinite(self.value) & (self.mark != 0.0)
        found: BoolArray = priced & self.is_open
        return found

    @property
    def is_waiting(self) -> BoolArray:
        """Whether each could be traded but for its market, which is closed."""
        usable = (self.state == PositionState.PRICED) | (self.state == PositionState.CLOSED)
        found: BoolArray = usable & np.isfinite(self.value) & (self.mark != 0.0) & ~self.is_tradable
        return found

    @property
    def costs(self) -> FloatArray:
        """Cost over money traded for comparing plans: an assumption where it is unknown, shape (n_held,)."""
        return np.where(np.isnan(self.cost_fraction), ASSUMED_COST_FRACTION, self.cost_fraction)

    def why_not_traded(self, number: int) -> str:
        """Return why a position may not be traded now; empty where it may."""
        if self.is_tradable[number]:
            return ""
        why = _WHY_BLOCKED.get(PositionState(int(self.state[number])))
        if why is None and not np.isfinite(self.value[number]):
            why = _WHY_BLOCKED[PositionState.UNPRICEABLE]
        return why or "its market is closed"


def plan_input_of(
    *,
    measured: Measurement,
    book: Book,
    universe: Universe,
    ledger: Ledger,
    mark: FloatArray,
    risk: ScenarioRisk,
    method: RiskMethod,
    is_open: BoolArray,
    exchange_ns: int,
    now_ns: int,
    to_come: Mapping[str, tuple[Decimal, ...]] | None = None,
    sessions: SessionTable | None = None,
) -> PlanInput:
    """Return what planners look at, copied from the engine's arrays.

    Parameters
    ----------
    measured : Measurement
        Of the same instant.
    book, universe, ledger, risk, method
        Of the engine.
    mark : ndarray, shape (n,)
        Of the mark board.
    is_open : ndarray of bool, shape (n,)
        Whether each market is in session.
    exchange_ns, now_ns : int
        Both clocks.
    to_come : Mapping, optional
        Signed remaining quantities of working orders by code.
    sessions : SessionTable, optional
        When closed markets open again.
    """
    n = universe.n_held
    instruments = universe.instruments[:n]
    rate = ledger.fx[ledger.currency_of]
    unit_value = (ledger.multiplier * mark * rate)[:n]
    held_by_code = {position.code: position.quantity for position in book.positions}
    held = tuple(held_by_code.get(item.code, ZERO) for item in instruments)
    working = to_come or {}
    liquidity, margin = (
        (None, None) if measured.market is None else (measured.market.liquidity, measured.market.margin)
    )
    quantity = ledger.quantity[:n].copy()
    spread = _column(None if liquidity is None else liquidity.spread_fraction, n)
    exit_cost = _column(None if liquidity is None else liquidity.exit_cost_base, n)
    requirement = _column(None if margin is None else margin.requirement_base, n)
    size, value = np.abs(quantity), measured.value
    has_size = (size > 0.0) & np.isfinite(value) & (value != 0.0)
    by_exit = np.divide(exit_cost, np.abs(value), out=np.full(n, np.nan), where=has_size)
    matrix = risk.matrix
    return PlanInput(
        codes=universe.codes[:n],
        held=held,
        lots=tuple(Decimal(str(item.lot)) for item in instruments),
        free=tuple(
            _free(own, working.get(item.code, ())) for own, item in zip(held, instruments, strict=True)
        ),
        quantity=_frozen(quantity),
        mark=_frozen(mark[:n].copy()),
        unit_value=_frozen(unit_value),
        value=_frozen(value.copy()),
        spread_fraction=spread,
        cost_fraction=_frozen(np.where(np.isnan(by_exit), 0.5 * spread, by_exit)),
        daily_volume=_frozen(_daily_volume(universe, ledger, risk, unit_value)),
        margin_per_unit=_frozen(np.divide(requirement, size, out=np.full(n, np.nan), where=size > 0.0)),
        state=measured.state,
        is_open=is_open[:n],
        opens_ns=_opens(universe, sessions, exchange_ns),
        returns=_returns(matrix, mark, n),
        has_history=matrix.has_history[:n],
        pnl=_pnl(matrix, ledger, mark),
        mark_of_all=_frozen(mark.copy()),
        measured=measured,
        book=book,
        universe=universe,
        matrix=matrix,
        method=method,
        exchange_ns=exchange_ns,
        now_ns=now_ns,
    )


def scenario_exposure(matrix: ScenarioMatrix, ledger: Ledger, mark: FloatArray) -> FloatArray:
    """Return what the scenarios are multiplied with, shape (n + n_currencies,), as `ScenarioRisk` does."""
    per_unit = np.where(matrix.is_absolute, 1.0, mark)
    rate = ledger.fx[ledger.currency_of]
    exposure = np.concatenate(
        [ledger.quantity * ledger.multiplier * per_unit * rate, ledger.local * ledger.fx]
    )
    known: FloatArray = np.where(matrix.has_history & np.isfinite(exposure), exposure, 0.0)
    return known


def _pnl(matrix: ScenarioMatrix, ledger: Ledger, mark: FloatArray) -> FloatArray:
    return _frozen(np.asarray(scenario_exposure(matrix, ledger, mark) @ matrix.rows, dtype=np.float64))


def _returns(matrix: ScenarioMatrix, mark: FloatArray, n_held: int) -> FloatArray:
    """Return scenario rows per unit of exposure: price changes are divided by the price."""
    rows = matrix.rows[:n_held]
    is_absolute = matrix.is_absolute[:n_held] & np.isfinite(mark[:n_held]) & (mark[:n_held] != 0.0)
    if not is_absolute.any():
        return rows
    per_unit = np.where(is_absolute, mark[:n_held], 1.0)
    return _frozen(rows / per_unit[:, None])


def _daily_volume(
    universe: Universe, ledger: Ledger, risk: ScenarioRisk, unit_value: FloatArray
) -> FloatArray:
    """Return units of quantity a day: by bars, or by the survey's dollars where there are no pieces."""
    n = universe.n_held
    average = risk.window.average_volume
    pieces = np.full(n, np.nan) if average is None else average[:n] / ledger.multiplier[:n]
    dollar = float(ledger.fx[universe.currencies.index("USD")]) if "USD" in universe.currencies else np.nan
    survey = np.array([spot_turnover_usd(item) for item in universe.instruments[:n]]) * dollar
    with np.errstate(divide="ignore", invalid="ignore"):
        by_survey = survey / np.abs(unit_value)
    return np.where(np.isfinite(by_survey), by_survey, pieces)


def _opens(universe: Universe, sessions: SessionTable | None, exchange_ns: int) -> tuple[int, ...]:
    if sessions is None:
        return (0,) * universe.n_held
    next_open: dict[str, int] = {}
    for venue, table in sessions.by_venue.items():
        place = bisect_right(table.opens_ns, exchange_ns)
        next_open[venue] = table.opens_ns[place] if place < len(table.opens_ns) else 0
    return tuple(next_open.get(venue_of(item), 0) for item in universe.instruments[: universe.n_held])


def _free(held: Decimal, working: tuple[Decimal, ...]) -> Decimal:
    """Return what of a position no working order closes; those that add to it are not counted on."""
    closing = sum((part for part in working if (part > 0) != (held > 0)), ZERO)
    rest = held + closing
    return rest if held and rest and (rest > 0) == (held > 0) else ZERO


def _column(figures: FloatArray | None, n: int) -> FloatArray:
    return np.full(n, np.nan) if figures is None or len(figures) != n else figures


def _frozen(column: FloatArray) -> FloatArray:
    column.flags.writeable = False
    return column
