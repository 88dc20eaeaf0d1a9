"""What is proposed when a limit breaks, and how far a proposal may go without a person."""

from dataclasses import dataclass
from enum import StrEnum

from plimsoll.domain.grade import GradeLetter
from plimsoll.domain.limit import Limit, Measure, Severity


class Autonomy(StrEnum):
    """How far a response may go alone, from nothing to everything."""

    ALERT_ONLY = "alert_only"
    PROPOSE_AND_WAIT = "propose_and_wait"
    PROPOSE_AND_EXECUTE_AFTER = "propose_and_execute_after"
    EXECUTE_AT_ONCE = "execute_at_once"

    @property
    def acts_alone(self) -> bool:
        """Whether orders may go out without anybody's approval."""
        return self in {Autonomy.PROPOSE_AND_EXECUTE_AFTER, Autonomy.EXECUTE_AT_ONCE}

    @property
    def words(self) -> str:
        """What happens, as the screen says it."""
        return _AUTONOMY_WORDS[self]


_AUTONOMY_WORDS = {
    Autonomy.ALERT_ONLY: "tell of it and nothing more",
    Autonomy.PROPOSE_AND_WAIT: "propose and wait for a person",
    Autonomy.PROPOSE_AND_EXECUTE_AFTER: "propose, and execute after a countdown unless overridden",
    Autonomy.EXECUTE_AT_ONCE: "execute at once",
}


class PlanKind(StrEnum):
    """What a response works out."""

    ALERT = "alert"
    UNIFORM_REDUCTION = "uniform_reduction"
    CHEAPEST_CUT = "cheapest_cut"
    RISK_CONTRIBUTION_CUT = "risk_contribution_cut"
    MINIMUM_VARIANCE_HEDGE = "minimum_variance_hedge"
    ES_HEDGE = "es_hedge"
    ORDERLY_LIQUIDATION = "orderly_liquidation"
    FLATTEN = "flatten"

    @property
    def caption(self) -> str:
        """What the card calls it."""
        return "ES hedge" if self is PlanKind.ES_HEDGE else self.replace("_", " ")

    @property
    def may_open(self) -> bool:
        """Whether it may add to a position or open one: only a hedge may."""
        return self in {PlanKind.MINIMUM_VARIANCE_HEDGE, PlanKind.ES_HEDGE}


@dataclass(frozen=True, slots=True)
class Response:
    """One answer to a breach.

    Attributes
    ----------
    name : str
        Short and stable; limits and rules refer to it.
    kind : PlanKind
        What is worked out.
    autonomy : Autonomy
        How far it may go alone.
    countdown_s : float
        Seconds until it executes, where it does so after a countdown.
    minimum_grade : GradeLetter
        Below it nothing is done alone, whatever the autonomy.
    reduce_fraction : float
        Share of the exposure at the breach that a uniform reduction takes off.
    hedge_instruments : tuple of str
        Codes that a hedge may trade; none: there is no hedge.
    volume_share : float
        Of an average day's volume, the most that goes out at once.
    price_band_fraction : float
        How far prices may move before an approval is asked for again, and the worst price an order accepts.
    expires_s : float
        Seconds for which an approval holds.
    loss_budget_fraction : float
        Of the line of a loss limit, what may still be lost beyond it where no harder limit says so.
    two_persons : bool
        Whether a second person has to confirm.
    """

    name: str
    kind: PlanKind
    autonomy: Autonomy = Autonomy.PROPOSE_AND_WAIT
    countdown_s: float = 60.0
    minimum_grade: GradeLetter = GradeLetter.B
    reduce_fraction: float = 0.5
    hedge_instruments: tuple[str, ...] = ()
    volume_share: float = 0.10
    price_band_fraction: float = 0.01
    expires_s: float = 120.0
    loss_budget_fraction: float = 0.25
    two_persons: bool = False


@dataclass(frozen=True, slots=True)
class PolicyRule:
    """When a response is the answer; what a rule leaves open it does not ask.

    Attributes
    ----------
    response : str
        Name of the response.
    limit_id : str
        One limit; empty for any.
    severity : Severity or None
        Of the limit; None for any.
    measures : tuple of Measure
        Of the limit; none for any.
    """

    response: str
    limit_id: str = ""
    severity: Severity | None = None
    measures: tuple[Measure, ...] = ()

    def speaks_of(self, limit: Limit) -> bool:
        """Tell whether it is about a limit."""
        return (
            self.limit_id in {"", limit.limit_id}
            and self.severity in {None, limit.severity}
            and (not self.measures or limit.measure in self.measures)
        )


ALERT = Response("alert", PlanKind.ALERT, Autonomy.ALERT_ONLY)
"""What no rule speaks of is told, and nothing else."""


@dataclass(frozen=True, slots=True)
class ResponsePolicy:
    """Every response, and which breach leads to which.

    Attributes
    ----------
    responses : tuple of Response
        By different names.
    rules : tuple of PolicyRule
        The first that speaks of a limit decides.
    """

    responses: tuple[Response, ...]
    rules: tuple[PolicyRule, ...]

    def named(self, name: str) -> Response | None:
        """Return the response of a name, or None."""
        return next((response for response in self.responses if response.name == name), None)

    def response_to(self, limit: Limit) -> Response:
        """Return the answer to a breach: the limit's own response, else the first rule's, else an alert."""
        own = self.named(limit.response) if limit.response else None
        if own is not None:
            return own
        for rule in self.rules:
            found = self.named(rule.response) if rule.speaks_of(limit) else None
            if found is not None:
                return found
        return ALERT


M = Measure
PAST_LOSSES = frozenset(
    {
        M.DRAWDOWN,
        M.DAILY_LOSS,
        M.DAILY_LOSS_FRACTION,
        M.TRAILING_LOSS,
        M.TRAILING_LOSS_FRACTION,
        M.POSITION_LOSS,
    }
)
"""Already lost: no sale brings these back under their line."""

NO_TRADE_CURES = frozenset(
    {
        M.CORRELATION_SHIFT,
        M.ABSORPTION_RATIO,
        M.TURBULENCE,
        M.HEDGE_EFFECTIVENESS,
        M.FEED_LAG_S,
        M.STALE_FRACTION,
        M.MISMATCH_COUNT,
    }
)
"""Of the market or of the data, not of what is held."""

_TAIL = (M.VAR, M.VAR_FRACTION, M.ES, M.ES_FRACTION)
_LIQUIDITY = (M.DAYS_TO_EXIT, M.EXIT_SHARE_1D, M.SPREAD_FRACTION, M.EXIT_COST_FRACTION)
_FALLS = (M.DRAWDOWN, M.TRAILING_LOSS, M.TRAILING_LOSS_FRACTION)
_HEDGES = ("US500", "GOLD", "EURUSD", "USDJPY")

BUILT_IN = ResponsePolicy(
    responses=(
        Response("cut-half", PlanKind.UNIFORM_REDUCTION, two_persons=True),
        Response("hedge", PlanKind.MINIMUM_VARIANCE_HEDGE, hedge_instruments=_HEDGES, two_persons=True),
        Response("to-cash", PlanKind.ORDERLY_LIQUIDATION, two_persons=True),
        Response("cheapest-cut", PlanKind.CHEAPEST_CUT),
        ALERT,
    ),
    rules=(
        PolicyRule("alert", measures=tuple(measure for measure in Measure if measure in NO_TRADE_CURES)),
        PolicyRule("cut-half", severity=Severity.CRITICAL, measures=_FALLS),
        PolicyRule("hedge", severity=Severity.CRITICAL, measures=_TAIL),
        PolicyRule("to-cash", severity=Severity.CRITICAL, measures=_LIQUIDITY),
        # A critical limit nobody thought of is never answered with less than a high one.
        PolicyRule("cheapest-cut", severity=Severity.CRITICAL),
        PolicyRule("cheapest-cut", severity=Severity.HIGH),
        PolicyRule("alert", severity=Severity.MEDIUM),
    ),
)
"""In force until a file says otherwise; resources/samples/responses.toml says the same in words."""
