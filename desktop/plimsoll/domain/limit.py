"""A limit: a measure, a scope, a line, and when it warns, breaks and resets."""

from dataclasses import dataclass
from enum import StrEnum


class Unit(StrEnum):
    """How a measure is written."""

    MONEY = "money"
    FRACTION = "fraction"
    RATIO = "ratio"
    INDEX = "index"


class Measure(StrEnum):
    """What a limit can be set on; a loss is positive."""

    VAR = "var"
    VAR_FRACTION = "var_fraction"
    ES = "es"
    ES_FRACTION = "es_fraction"
    DRAWDOWN = "drawdown"
    DAILY_LOSS = "daily_loss"
    DAILY_LOSS_FRACTION = "daily_loss_fraction"
    GROSS_LEVERAGE = "gross_leverage"
    NET_LEVERAGE = "net_leverage"
    HHI = "hhi"
    POSITION_LOSS = "position_loss"
    POSITION_SIZE = "position_size"
    NET_WEIGHT = "net_weight"
    GROSS_WEIGHT = "gross_weight"

    @property
    def unit(self) -> Unit:
        """How the measure is written."""
        return _UNITS.get(self, Unit.FRACTION)

    @property
    def caption(self) -> str:
        """What the screen calls it."""
        return _CAPTIONS[self]


_UNITS = {
    Measure.VAR: Unit.MONEY,
    Measure.ES: Unit.MONEY,
    Measure.DAILY_LOSS: Unit.MONEY,
    Measure.POSITION_LOSS: Unit.MONEY,
    Measure.POSITION_SIZE: Unit.MONEY,
    Measure.GROSS_LEVERAGE: Unit.RATIO,
    Measure.NET_LEVERAGE: Unit.RATIO,
    Measure.HHI: Unit.INDEX,
}

_CAPTIONS = {
    Measure.VAR: "VaR",
    Measure.VAR_FRACTION: "VaR of NAV",
    Measure.ES: "Expected shortfall",
    Measure.ES_FRACTION: "Expected shortfall of NAV",
    Measure.DRAWDOWN: "Drawdown from high-water mark",
    Measure.DAILY_LOSS: "Daily loss",
    Measure.DAILY_LOSS_FRACTION: "Daily loss of NAV",
    Measure.GROSS_LEVERAGE: "Gross leverage",
    Measure.NET_LEVERAGE: "Net leverage",
    Measure.HHI: "Concentration (HHI)",
    Measure.POSITION_LOSS: "Position loss",
    Measure.POSITION_SIZE: "Position size",
    Measure.NET_WEIGHT: "Net weight of NAV",
    Measure.GROSS_WEIGHT: "Gross weight of NAV",
}


class ScopeKind(StrEnum):
    """Over what a limit is measured."""

    BOOK = "book"
    INSTRUMENT = "instrument"
    SECTOR = "sector"
    ASSET_CLASS = "asset_class"
    CURRENCY = "currency"
    COUNTRY = "country"


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
        The breach level, in the measure's unit (0.0175 is 1.75 %).
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

    def use_of(self, value: float) -> float:
        """Return the share of the limit used by `value`; a gain uses none of it."""
        return max(value, 0.0) / self.line

    def is_crossed_by(self, value: float) -> bool:
        """Tell whether `value` lies beyond the line; on the line is not beyond."""
        return value > self.line

    def state_of(self, value: float) -> LimitState:
        """Return where `value` stands; NaN is unknown."""
        if value != value:  # noqa: PLR0124  NaN is the one value unequal to itself, in any float type
            return LimitState.UNKNOWN
        if self.is_crossed_by(value):
            return LimitState.OVER
        return LimitState.NEAR if self.use_of(value) >= self.warning_fraction else LimitState.FINE
