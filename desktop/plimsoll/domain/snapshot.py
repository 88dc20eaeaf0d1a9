"""A risk snapshot: every figure of one instant, from which every view draws.

Unknown is NaN, never 0; each total carries its coverage. Arrays are read-only. Money is in base currency.
"""

from dataclasses import dataclass, field
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from plimsoll.domain.breach import Breach
from plimsoll.domain.distance import Distance
from plimsoll.domain.doubt import DataDoubt
from plimsoll.domain.grade import FigureGrade
from plimsoll.domain.held_print import HeldPrint
from plimsoll.domain.instrument import Instrument
from plimsoll.domain.limit import Limit, LimitState, Measure, Unit
from plimsoll.domain.limit_change import LimitChange
from plimsoll.domain.market_figures import MarketFigures
from plimsoll.domain.quality import Quality
from plimsoll.domain.rule_standing import RuleStanding
from plimsoll.domain.stand_in import StandIn
from plimsoll.domain.stress_scenario import StressLine
from plimsoll.domain.tick import TickCounts

FloatColumn = NDArray[np.float64]
UNKNOWN = float("nan")


class PositionState(IntEnum):
    """Whether a position's price can be trusted."""

    PRICED = 0
    STALE = 1
    CLOSED = 2
    HALTED = 3
    UNPRICEABLE = 4


@dataclass(frozen=True, slots=True)
class PositionTable:
    """The position grid as columns, all of shape (n_positions,), in the book's order.

    Attributes
    ----------
    instruments : tuple of Instrument
        The same object from snapshot to snapshot until the book changes.
    quantity : ndarray
        Signed quantity.
    mark : ndarray
        Price by the mark policy, in the instrument's currency.
    average_price : ndarray
        Average cost; NaN where nothing is open.
    day_change_fraction : ndarray
        Mark against the reference of the last day roll.
    value_base : ndarray
        Signed exposure q·m·P·fx.
    weight_fraction : ndarray
        Exposure over NAV, signed.
    day_pnl_base, unrealised_base : ndarray
        P&L since the day roll, and since entry.
    unrealised_fraction : ndarray
        Unrealised P&L over |cost|; NaN where the cost is 0.
    es_contribution_base : ndarray
        Share of the book's ES; sums to it. Below zero diversifies.
    limit_use_fraction : ndarray
        The worst use of any limit on that position; NaN where none stands.
    age_s : ndarray
        Seconds since the last tick was heard.
    state : ndarray of uint8
        PositionState of each.
    has_history : ndarray of bool
        Whether the position enters VaR.
    day_low, day_high : ndarray
        Extremes of the mark since the day roll, at every tick.
    """

    instruments: tuple[Instrument, ...]
    quantity: FloatColumn
    mark: FloatColumn
    average_price: FloatColumn
    day_change_fraction: FloatColumn
    value_base: FloatColumn
    weight_fraction: FloatColumn
    day_pnl_base: FloatColumn
    unrealised_base: FloatColumn
    unrealised_fraction: FloatColumn
    es_contribution_base: FloatColumn
    limit_use_fraction: FloatColumn
    age_s: FloatColumn
    state: NDArray[np.uint8]
    has_history: NDArray[np.bool_]
    day_low: FloatColumn
    day_high: FloatColumn

    def __len__(self) -> int:
        return len(self.instruments)


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of the book a total rests on, as shares of gross exposure at the last known prices.

    Attributes
    ----------
    priced_fraction, fresh_fraction, history_fraction, proxy_fraction : float
        Priced at all; priced by a price that is not stale; with full history; by decree or proxy.
    n_positions, n_stale, n_unpriceable, n_without_history : int
        Counts of positions. One that cannot be priced has no exposure: it lowers `priced_fraction` by its
        share of the number of positions.
    """

    priced_fraction: float = 0.0
    fresh_fraction: float = 0.0
    history_fraction: float = 0.0
    proxy_fraction: float = 0.0
    n_positions: int = 0
    n_stale: int = 0
    n_unpriceable: int = 0
    n_without_history: int = 0


@dataclass(frozen=True, slots=True)
class LimitStatus:
    """Where one limit stands; for a limit on each member of a grouping, the worst member.

    Attributes
    ----------
    limit : Limit
        The limit.
    member : str
        The worst member; empty for the book.
    value, use_fraction : float
        The measure in the limit's unit, and over the line; NaN unknown.
    state : LimitState
        Fine, near, over or unknown.
    reason : str
        Why it is unknown; otherwise empty.
    """

    limit: Limit
    member: str
    value: float
    use_fraction: float
    state: LimitState
    reason: str = ""


@dataclass(frozen=True, slots=True)
class GaugeReading:
    """One load-line gauge, ready to be drawn.

    Attributes
    ----------
    key : str
        Stable name: "var", "es", "drawdown", "gross".
    title : str
        ``"VaR 95 % · 1 day"``.
    measure : Measure
        What is shown.
    value, line : float
        In `unit`; the line converted into it; NaN where unknown or no limit stands.
    unit : Unit
        How both are written.
    use_fraction : float
        Use of the limit; NaN unknown.
    state : LimitState
        Fine, near, over, unknown.
    quality : Quality
        How far the figure can be trusted.
    note : str
        Convention, or why it is unknown: ``"loading 3 of 24"``.
    grade : FigureGrade or None
        What the figure rests on, as a letter with its reasons.
    is_floor : bool
        Whether less is worse: then it breaks below its line.
    """

    key: str
    title: str
    measure: Measure
    value: float
    line: float
    unit: Unit
    use_fraction: float
    state: LimitState
    quality: Quality
    note: str
    grade: FigureGrade | None = None
    is_floor: bool = False


@dataclass(frozen=True, slots=True)
class Grouping:
    """Exposure by one grouping, largest gross first; all arrays of shape (n_groups,).

    Attributes
    ----------
    name : str
        "sector", "asset_class", "currency", "country".
    labels : tuple of str
        Group names; unclassified positions stand under their own code.
    net_base, gross_base : ndarray
        Exposure.
    net_weight_fraction, gross_weight_fraction : ndarray
        The same over NAV.
    line_fraction : ndarray
        The tightest weight limit on the group; NaN where none stands.
    hhi, effective_number : float
        Concentration over gross weights of this grouping.
    """

    name: str
    labels: tuple[str, ...]
    net_base: FloatColumn
    gross_base: FloatColumn
    net_weight_fraction: FloatColumn
    gross_weight_fraction: FloatColumn
    line_fraction: FloatColumn
    hhi: float
    effective_number: float


@dataclass(frozen=True, slots=True)
class RiskSnapshot:
    """Every figure of one instant.

    Attributes
    ----------
    number : int
        Rises by one with each snapshot.
    book_name, base_currency : str
        Whose figures these are.
    exchange_time_ns, received_time_ns : int
        The newest tick heard by the market's clock (0 before the first); the desk's clock.
    nav, day_pnl, day_pnl_fx, day_pnl_fraction : float
        Net asset value; P&L since the day roll, of which FX; and over NAV at the roll.
    var, es : float
        At the method's confidences, one day, a loss positive; NaN unknown.
    var_note : str
        Why VaR is unknown, or its convention in words.
    n_scenarios : int
        Daily scenarios in use.
    history_loaded, history_wanted : int
        Instruments whose history is there, of those that need one.
    high_water_mark, drawdown, max_drawdown : float
        Of NAV with external flows removed, seen at every tick; drawdowns as fractions, positive.
    gross, net, long, short : float
        Exposure; short as a positive number.
    leverage, net_leverage : float
        Gross and |net| over NAV.
    hhi, effective_number : float
        Single-name concentration on gross weights.
    coverage : Coverage
        What the totals rest on.
    quality : Quality
        Of VaR and ES.
    table : PositionTable
        The grid.
    groupings : tuple of Grouping
        By sector, asset class, currency, country.
    gauges : tuple of GaugeReading
        In the order of the gauge row.
    limits : tuple of LimitStatus
        Every limit, in the file's order.
    breaches : tuple of Breach
        Those not closed, newest first.
    worst : LimitStatus or None
        The known limit with the highest use.
    n_unknown_limits : int
        Limits that cannot be computed.
    scenario_pnl : ndarray of shape (n_scenarios,)
        P&L of the book in each scenario, oldest first; empty where unknown.
    trades, books : TickCounts
        Where every tick went.
    n_journal_rows : int
        Rows in the journal.
    market : MarketFigures
        Liquidity, margin, correlation and the rival methods, of the last second.
    ladder : tuple of Distance
        What breaks first, at the front.
    stress : tuple of StressLine
        What each scenario would cost now, in the file's order.
    held_prints : tuple of HeldPrint
        Prices held back until another confirms them.
    data_doubts : tuple of DataDoubt
        Suspected splits and wrong currencies.
    stand_ins : tuple of StandIn
        Short histories filled by a proxy, or why they could not be.
    unfiled : tuple of Breach
        Closed breaches whose incident has no cause and resolution yet, newest first.
    pending_changes : tuple of LimitChange
        Loosenings that wait, the next to act first.
    rules : tuple of RuleStanding
        When each rule was last evaluated and fired; as of the last second.
    """

    number: int
    book_name: str
    base_currency: str
    exchange_time_ns: int
    received_time_ns: int
    nav: float
    day_pnl: float
    day_pnl_fx: float
    day_pnl_fraction: float
    var: float
    es: float
    var_note: str
    n_scenarios: int
    history_loaded: int
    history_wanted: int
    high_water_mark: float
    drawdown: float
    max_drawdown: float
    gross: float
    net: float
    long: float
    short: float
    leverage: float
    net_leverage: float
    hhi: float
    effective_number: float
    coverage: Coverage
    quality: Quality
    table: PositionTable
    groupings: tuple[Grouping, ...]
    gauges: tuple[GaugeReading, ...]
    limits: tuple[LimitStatus, ...]
    breaches: tuple[Breach, ...]
    worst: LimitStatus | None
    n_unknown_limits: int
    scenario_pnl: FloatColumn
    trades: TickCounts
    books: TickCounts
    n_journal_rows: int
    market: MarketFigures = field(default_factory=MarketFigures)
    ladder: tuple[Distance, ...] = ()
    stress: tuple[StressLine, ...] = ()
    held_prints: tuple[HeldPrint, ...] = ()
    data_doubts: tuple[DataDoubt, ...] = ()
    stand_ins: tuple[StandIn, ...] = ()
    unfiled: tuple[Breach, ...] = ()
    pending_changes: tuple[LimitChange, ...] = ()
    rules: tuple[RuleStanding, ...] = ()

    @property
    def n_open_breaches(self) -> int:
        """Breaches whose limit counts as broken now."""
        return sum(breach.is_open for breach in self.breaches)
