"""The figures of a desk at the end of a day: what is kept of a snapshot when the snapshot is gone.

Unknown is NaN. Money is in base currency.
"""

from dataclasses import dataclass

UNKNOWN = float("nan")


@dataclass(frozen=True, slots=True)
class PositionFigures:
    """One line of the grid; see domain.snapshot.PositionTable."""

    code: str
    name: str
    currency: str
    quantity: float
    mark: float
    value_base: float
    weight_fraction: float
    day_pnl_base: float
    unrealised_base: float
    es_contribution_base: float
    state: str


@dataclass(frozen=True, slots=True)
class LimitFigures:
    """Where one limit stood; see domain.snapshot.LimitStatus."""

    limit_id: str
    member: str
    value: float
    use_fraction: float
    state: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class GroupFigures:
    """Exposure of one member of a grouping; see domain.snapshot.Grouping."""

    grouping: str
    label: str
    net_base: float
    gross_base: float
    net_weight_fraction: float
    line_fraction: float


@dataclass(frozen=True, slots=True)
class GradedFigure:
    """What one figure of the gauge row rests on.

    Attributes
    ----------
    title : str
        ``"VaR 95 % · 1 day"``.
    value : float
        In `unit`.
    unit : str
        A domain.limit.Unit.
    letter : str
        Its grade; empty where none was given.
    words : str
        Everything that costs it a letter, or why it is unknown.
    """

    title: str
    value: float
    unit: str
    letter: str
    words: str


@dataclass(frozen=True, slots=True)
class LampFigures:
    """What the backtest said of one VaR model; see domain.backtest_result.MethodBacktest."""

    model: str
    lamp: str
    n_exceptions: int
    n_expected: float
    zone: str
    mean_score: float
    reason: str


@dataclass(frozen=True, slots=True)
class DeskFigures:
    """Every figure a report speaks of, of one instant.

    Attributes
    ----------
    exchange_time_ns, received_time_ns : int
        By the market's clock and by the desk's.
    book_name, base_currency : str
        Whose figures these are.
    nav, day_pnl, day_pnl_fx, day_pnl_fraction, var, es, high_water_mark, drawdown, max_drawdown, gross, net,
    long, short, leverage
        As in domain.snapshot.RiskSnapshot.
    var_words : str
        Why VaR is unknown, or its convention.
    n_scenarios : int
        Daily scenarios in use.
    priced_fraction, fresh_fraction, history_fraction, proxy_fraction : float
        Coverage of gross exposure.
    positions, limits, groups, graded, lamps
        The tables.
    lamp_words : str
        What the lamps rest on; empty where no backtest was run.
    """

    exchange_time_ns: int
    received_time_ns: int
    book_name: str
    base_currency: str
    nav: float
    day_pnl: float = UNKNOWN
    day_pnl_fx: float = UNKNOWN
    day_pnl_fraction: float = UNKNOWN
    var: float = UNKNOWN
    es: float = UNKNOWN
    var_words: str = ""
    n_scenarios: int = 0
    high_water_mark: float = UNKNOWN
    drawdown: float = UNKNOWN
    max_drawdown: float = UNKNOWN
    gross: float = UNKNOWN
    net: float = UNKNOWN
    long: float = UNKNOWN
    short: float = UNKNOWN
    leverage: float = UNKNOWN
    priced_fraction: float = UNKNOWN
    fresh_fraction: float = UNKNOWN
    history_fraction: float = UNKNOWN
    proxy_fraction: float = UNKNOWN
    positions: tuple[PositionFigures, ...] = ()
    limits: tuple[LimitFigures, ...] = ()
    groups: tuple[GroupFigures, ...] = ()
    graded: tuple[GradedFigure, ...] = ()
    lamps: tuple[LampFigures, ...] = ()
    lamp_words: str = ""

    def limit(self, limit_id: str) -> LimitFigures | None:
        """Return where a limit stood, or None where nobody measured it."""
        return next((figures for figures in self.limits if figures.limit_id == limit_id), None)
