"""The method behind the headline figures, stated once and shown beside them."""

from dataclasses import dataclass
from enum import StrEnum


class MarkPolicy(StrEnum):
    """Which price a position is marked at; P&L, limits and drawdown use the same one."""

    MID = "mid"
    SIDE = "side"
    LAST = "last"


@dataclass(frozen=True, slots=True)
class RiskMethod:
    """Every convention of VaR and ES on the screen.

    Attributes
    ----------
    var_confidence, es_confidence : float
        Share of scenarios in which the loss stays within the figure.
    window_days : int
        Most daily scenarios used, the newest.
    low_quality_below, unknown_below : int
        Fewer scenarios than these mark the figure as low quality, or leave it unknown.
    mark_policy : MarkPolicy
        The price positions are marked at.
    quote_fresh_s : float
        Seconds for which a quote outranks the last trade.
    participation : float
        Share of a day's volume one takes on the way out of a position.
    """

    var_confidence: float = 0.95
    es_confidence: float = 0.975
    window_days: int = 500
    low_quality_below: int = 250
    unknown_below: int = 100
    mark_policy: MarkPolicy = MarkPolicy.MID
    quote_fresh_s: float = 10.0
    participation: float = 0.20

    def in_words(self, n_scenarios: int) -> str:
        """Return the convention as the status bar states it."""
        return (
            f"historical, {n_scenarios} daily scenarios, 1 day, rank rule, "
            f"VaR {self.var_confidence:.0%}, ES {self.es_confidence:.1%} with fractional tail"
        )
