"""What the trader chose: limits, method, and when the day ends."""

from dataclasses import dataclass, field

from plimsoll.domain.limit import Limit
from plimsoll.domain.margin_rates import STANDARD_RATES, MarginRates
from plimsoll.domain.method import RiskMethod
from plimsoll.domain.person import People, only_person
from plimsoll.domain.response_policy import ResponsePolicy
from plimsoll.domain.stress_scenario import StressScenario
from plimsoll.engine.day_roll import DayRoll
from plimsoll.engine.print_filter import PrintRule


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
    scenarios : tuple of StressScenario
        What the book is repriced under, all the time.
    people : People
        Who may sign, and what.
    print_rule : PrintRule or None
        When a price is held back until another confirms it; None believes every price at once.
    keeps_day_figures : bool
        Whether each day's last figures go into the journal, for reports of days past; a rehearsal has none.
    policy : ResponsePolicy
        What is proposed when a limit breaks; without rules every breach is told and nothing more.
    margin : MarginRates
        What a broker asks of each kind of position.
    """

    limits: tuple[Limit, ...]
    method: RiskMethod = field(default_factory=RiskMethod)
    day_roll: DayRoll = field(default_factory=DayRoll)
    scenarios: tuple[StressScenario, ...] = ()
    people: People = field(default_factory=lambda: only_person("trader"))
    print_rule: PrintRule | None = field(default_factory=PrintRule)
    policy: ResponsePolicy = field(default_factory=lambda: ResponsePolicy((), ()))
    margin: MarginRates = STANDARD_RATES
    keeps_day_figures: bool = True
