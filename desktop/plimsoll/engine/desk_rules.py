"""What the trader chose: limits, method, and when the day ends."""

from dataclasses import dataclass, field

from plimsoll.domain.limit import Limit
from plimsoll.domain.method import RiskMethod
from plimsoll.engine.day_roll import DayRoll


@dataclass(frozen=True, slots=True)
class DeskRules:
    """The rules of one desk.

    Attributes
    ----------
    limits : tuple of Limit
        In the file's order.
    method : RiskMethod
        The conventions of VaR, ES and marks.
    day_roll : DayRoll
        When day P&L starts anew.
    """

    limits: tuple[Limit, ...]
    method: RiskMethod = field(default_factory=RiskMethod)
    day_roll: DayRoll = field(default_factory=DayRoll)
