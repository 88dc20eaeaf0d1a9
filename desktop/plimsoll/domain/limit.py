"""A limit: a measure, a scope, a line, and when it warns, breaks and resets."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from plimsoll.domain.units import NS_PER_S

ALWAYS_NS = 2**63 - 1
"""The end of what has none."""


class Unit(StrEnum):
    """How a measure is written."""

    MONEY = "money"
    FRACTION = "fraction"
    RATIO = "ratio"
    INDEX = "index"
    DAYS = "days"
    SECONDS = "seconds"
    COUNT = "count"


class ScopeKind(StrEnum):
    """Over what a limit is measured."""

    BOOK = "book"
    INSTRUMENT = "instrument"
    SECTOR = "sector"
    ASSET_CLASS = "asset_class"
    CURRENCY = "currency"
    COUNTRY = "country"
    TAG = "tag"


class Measure(StrEnum):
    """What a limit can be set on; a loss is positive."""

    VAR = "var"
    VAR_FRACTION = "var_fraction"
    ES = "es"
    ES_FRACTION = "es_fraction"
    RISK_SHARE = "risk_share"
    DRAWDOWN = "drawdown"
    DAILY_LOSS = "daily_loss"
    DAILY_LOSS_FRACTION = "daily_loss_fraction"
    TRAILING_LOSS = "trailing_loss"
    TRAILING_LOSS_FRACTION = "trailing_loss_fraction"
    GROSS_LEVERAGE = "gross_leverage"
    NET_LEVERAGE = "net_leverage"
    GROSS_EXPOSURE = "gross_exposure"
    NET_EXPOSURE = "net_exposure"
    HHI = "hhi"
    TOP_N_WEIGHT = "top_n_weight"
    POSITION_LOSS = "position_loss"
    POSITION_SIZE = "position_size"
    NET_WEIGHT = "net_weight"
    GROSS_WEIGHT = "gross_weight"
    STRESS_LOSS = "stress_loss"
    STRESS_LOSS_FRACTION = "stress_loss_fraction"
    MARGIN_USE = "margin_use"
    MARGIN_CUSHION = "margin_cushion"
    DAYS_TO_EXIT = "days_to_exit"
    EXIT_SHARE_1D = "exit_share_1d"
    SPREAD_FRACTION = "spread_fraction"
    EXIT_COST_FRACTION = "exit_cost_fraction"
    CORRELATION_SHIFT = "correlation_shift"
    ABSORPTION_RATIO = "absorption_ratio"
    TURBULENCE = "turbulence"
    HEDGE_EFFECTIVENESS = "hedge_effectiveness"
    FEED_LAG_S = "feed_lag_s"
    STALE_FRACTION = "stale_fraction"
    MISMATCH_COUNT = "mismatch_count"

    @property
    def unit(self) -> Unit:
        """How the measure is written."""
        return _TRAITS[self].unit

    @property
    def caption(self) -> str:
        """What the screen calls it."""
        return _TRAITS[self].caption

    @property
    def scopes(self) -> tuple[ScopeKind, ...]:
        """Over what it has a meaning, in the order an editor offers them."""
        return _TRAITS[self].scopes

    @property
    def is_floor(self) -> bool:
        """Whether it breaks below its line: of these less is worse."""
        return self in _FLOORS


@dataclass(frozen=True, slots=True)
class _Trait:
    """What a measure is called, how it is written, and where it has a meaning."""

    caption: str
    unit: Unit
    scopes: tuple[ScopeKind, ...]


_BOOK = (ScopeKind.BOOK,)
_EVERYWHERE = tuple(ScopeKind)
_PARTS = tuple(kind for kind in ScopeKind if kind is not ScopeKind.BOOK)
_POOLS = tuple(kind for kind in ScopeKind if kind is not ScopeKind.INSTRUMENT)

_FLOORS = frozenset({Measure.MARGIN_CUSHION, Measure.EXIT_SHARE_1D, Measure.HEDGE_EFFECTIVENESS})

_TRAITS = {
    Measure.VAR: _Trait("VaR", Unit.MONEY, _EVERYWHERE),
    Measure.VAR_FRACTION: _Trait("VaR of NAV", Unit.FRACTION, _EVERYWHERE),
    Measure.ES: _Trait("Expected shortfall", Unit.MONEY, _EVERYWHERE),
    Measure.ES_FRACTION: _Trait("Expected shortfall of NAV", Unit.FRACTION, _EVERYWHERE),
    Measure.RISK_SHARE: _Trait("Share of expected shortfall", Unit.FRACTION, _PARTS),
    Measure.DRAWDOWN: _Trait("Drawdown from high-water mark", Unit.FRACTION, _BOOK),
    Measure.DAILY_LOSS: _Trait("Daily loss", Unit.MONEY, _EVERYWHERE),
    Measure.DAILY_LOSS_FRACTION: _Trait("Daily loss of NAV", Unit.FRACTION, _EVERYWHERE),
    Measure.TRAILING_LOSS: _Trait("Trailing loss", Unit.MONEY, _BOOK),
    Measure.TRAILING_LOSS_FRACTION: _Trait("Trailing loss of the highest NAV", Unit.FRACTION, _BOOK),
    Measure.GROSS_LEVERAGE: _Trait("Gross leverage", Unit.RATIO, _BOOK),
    Measure.NET_LEVERAGE: _Trait("Net leverage", Unit.RATIO, _BOOK),
    Measure.GROSS_EXPOSURE: _Trait("Gross exposure", Unit.MONEY, _EVERYWHERE),
    Measure.NET_EXPOSURE: _Trait("Net exposure", Unit.MONEY, _EVERYWHERE),
    Measure.HHI: _Trait("Concentration (HHI)", Unit.INDEX, _POOLS),
    Measure.TOP_N_WEIGHT: _Trait("Largest positions' weight of NAV", Unit.FRACTION, _POOLS),
    Measure.POSITION_LOSS: _Trait("Position loss", Unit.MONEY, _PARTS),
    Measure.POSITION_SIZE: _Trait("Position size", Unit.MONEY, _PARTS),
    Measure.NET_WEIGHT: _Trait("Net weight of NAV", Unit.FRACTION, _PARTS),
    Measure.GROSS_WEIGHT: _Trait("Gross weight of NAV", Unit.FRACTION, _PARTS),
    Measure.STRESS_LOSS: _Trait("Stress loss", Unit.MONEY, _EVERYWHERE),
    Measure.STRESS_LOSS_FRACTION: _Trait("Stress loss of NAV", Unit.FRACTION, _EVERYWHERE),
    Measure.MARGIN_USE: _Trait("Margin use (estimate)", Unit.FRACTION, _EVERYWHERE),
    Measure.MARGIN_CUSHION: _Trait("Margin cushion (estimate)", Unit.FRACTION, _BOOK),
    Measure.DAYS_TO_EXIT: _Trait("Days to exit", Unit.DAYS, _EVERYWHERE),
    Measure.EXIT_SHARE_1D: _Trait("Share that can be sold in a day", Unit.FRACTION, _EVERYWHERE),
    Measure.SPREAD_FRACTION: _Trait("Spread of the price", Unit.FRACTION, _EVERYWHERE),
    Measure.EXIT_COST_FRACTION: _Trait("Cost of exit of NAV", Unit.FRACTION, _EVERYWHERE),
    Measure.CORRELATION_SHIFT: _Trait("Shift of correlations", Unit.INDEX, _BOOK),
    Measure.ABSORPTION_RATIO: _Trait("Absorption ratio", Unit.FRACTION, _BOOK),
    Measure.TURBULENCE: _Trait("Turbulence", Unit.INDEX, _BOOK),
    Measure.HEDGE_EFFECTIVENESS: _Trait("Hedge effectiveness", Unit.FRACTION, _BOOK),
    Measure.FEED_LAG_S: _Trait("Lag of the feed", Unit.SECONDS, _BOOK),
    Measure.STALE_FRACTION: _Trait("Share of gross without a fresh price", Unit.FRACTION, _EVERYWHERE),
    Measure.MISMATCH_COUNT: _Trait("Positions that differ from the records", Unit.COUNT, _BOOK),
}


@dataclass(frozen=True, slots=True)
class Scope:
    """Where a limit applies: the book, one member of a grouping, or each of them.

    Attributes
    ----------
    kind : ScopeKind
        The grouping.
    member : str
        One member, e.g. ``"Energy"``; empty for each of them apart.
    """

    kind: ScopeKind = ScopeKind.BOOK
    member: str = ""


class Severity(StrEnum):
    """How bad a breach of the limit is."""

    MEDIUM = "MEDIUM"
    HIGH = "HIGH"
    CRITICAL = "CRITICAL"


class LimitState(StrEnum):
    """Where a measure stands against its line; unknown is never fine."""

    FINE = "fine"
    NEAR = "near"
    OVER = "over"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Limit:
    """One line not to be crossed.

    Attributes
    ----------
    limit_id : str
        Short, unique, stable: it ties breaches to their limit over the years.
    name : str
        What the trader calls it.
    measure : Measure
        What is measured.
    line : float
        The breach level, in the measure's unit (0.0175 is 1.75 %), above zero.
    severity : Severity
        How bad a breach is.
    scope : Scope
        Over what it is measured.
    warning_fraction : float
        Use of the limit at which it is near.
    reset_fraction : float
        Use below which a breach eases; apart from 1 so that a measure on its line does not flicker.
    cool_down_s : float
        Seconds a breach stays eased before it closes; crossed again in between it is the same breach.
    purpose, owner : str
        Why it stands and who answers for it.
    detail : str
        The measure's own parameter: the scenario's name, how many positions, the VaR method, the drawdown's
        anchor, the hedged pair; empty for the measure's default.
    confirm_updates, confirm_of : int
        Breaks only if this many of the last so many updates were beyond the line.
    confirm_s : float
        Breaks only if the measure has been beyond its line for so many seconds.
    effective_from, effective_until : str
        ISO 8601 instants in UTC between which it stands; empty for always.
    stands_in_for : str
        The official limit that this temporary one outranks while it is effective; empty for an official one.
    next_review : str
        ISO date at which somebody has to look at it again; empty for none.
    response : str
        Name of the response bound to a breach; empty for none.
    """

    limit_id: str
    name: str
    measure: Measure
    line: float
    severity: Severity
    scope: Scope = Scope()
    warning_fraction: float = 0.8
    reset_fraction: float = 0.95
    cool_down_s: float = 60.0
    purpose: str = ""
    owner: str = ""
    detail: str = ""
    confirm_updates: int = 1
    confirm_of: int = 1
    confirm_s: float = 0.0
    effective_from: str = ""
    effective_until: str = ""
    stands_in_for: str = ""
    next_review: str = ""
    response: str = ""

    @property
    def from_ns(self) -> int:
        """When it begins to stand; 0 for always."""
        return instant_ns(self.effective_from) if self.effective_from else 0

    @property
    def until_ns(self) -> int:
        """When it ceases to stand."""
        return instant_ns(self.effective_until) if self.effective_until else ALWAYS_NS

    def is_effective_at(self, now_ns: int) -> bool:
        """Tell whether it stands at an instant; at its end it no longer does."""
        return self.from_ns <= now_ns < self.until_ns

    def use_of(self, value: float) -> float:
        """Return the share of the limit used by `value`; a gain uses none of it, nothing left uses no end."""
        if not self.measure.is_floor:
            return max(value, 0.0) / self.line
        return self.line / value if not value <= 0.0 else float("inf")

    def is_crossed_by(self, value: float) -> bool:
        """Tell whether `value` lies beyond the line; on the line is not beyond, nor is NaN."""
        return value < self.line if self.measure.is_floor else value > self.line

    def is_worse(self, value: float, than: float) -> bool:
        """Tell whether `value` is worse than another one; NaN is neither better nor worse."""
        return value < than if self.measure.is_floor else value > than

    def state_of(self, value: float) -> LimitState:
        """Return where `value` stands; NaN is unknown."""
        if value != value:  # noqa: PLR0124  NaN is the one value unequal to itself, in any float type
            return LimitState.UNKNOWN
        if self.is_crossed_by(value):
            return LimitState.OVER
        return LimitState.NEAR if self.use_of(value) >= self.warning_fraction else LimitState.FINE


def instant_ns(text: str) -> int:
    """Return an ISO 8601 instant in UTC as nanoseconds since 1970.

    Raises
    ------
    ValueError
        If it is none, or says no zone or another one than UTC.
    """
    instant = datetime.fromisoformat(text)
    if instant.utcoffset() != timedelta():
        raise ValueError(f"the instant was {text!r}, expected UTC, like 2026-11-23T17:00:00Z")
    seconds = (instant.replace(tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds()
    return round(seconds) * NS_PER_S
