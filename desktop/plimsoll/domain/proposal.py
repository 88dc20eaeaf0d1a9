"""A proposal: the trades that answer a breach, what they do to every limit, and how long that holds."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from plimsoll.domain.limit import Limit, LimitState
from plimsoll.domain.response_policy import Autonomy

UNKNOWN = float("nan")


@dataclass(frozen=True, slots=True)
class PlanLeg:
    """What a plan does in one instrument at one time.

    Attributes
    ----------
    code : str
        The instrument.
    quantity : Decimal
        Signed: bought above zero, sold below.
    limit_price : Decimal or None
        The worst price accepted, in the instrument's currency.
    mark : float
        The price it was planned at.
    held : Decimal
        What was held then, signed.
    value_base : float
        Money traded at the mark, never below zero.
    cost_base : float
        Half the spread and what the order moves the price by; NaN unknown.
    volume_share : float
        Of an average day's volume; NaN unknown.
    not_before_ns : int
        Exchange time before which it is not to be sent; 0 for at once.
    words : str
        Why it waits, or what is special about it.
    """

    code: str
    quantity: Decimal
    limit_price: Decimal | None
    mark: float
    held: Decimal
    value_base: float
    cost_base: float = UNKNOWN
    volume_share: float = UNKNOWN
    not_before_ns: int = 0
    words: str = ""

    @property
    def only_closes(self) -> bool:
        """Whether it takes off what is held, and no more than that."""
        return self.quantity * self.held < 0 and abs(self.quantity) <= abs(self.held)


@dataclass(frozen=True, slots=True)
class Plan:
    """An order list by one planner.

    Attributes
    ----------
    planner : str
        Which one, as the card calls it: ``"cheapest cut"``.
    legs : tuple of PlanLeg
        To be sent at once, one a code.
    later : tuple of PlanLeg
        To be sent when their time has come: closed markets, and what is too large for one order.
    words : str
        What it does and for what target.
    warnings : tuple of str
        What it leaves undone, and why.
    left_out : tuple of str
        Codes that it would trade but for their price, their session or their volume.
    """

    planner: str
    legs: tuple[PlanLeg, ...] = ()
    later: tuple[PlanLeg, ...] = ()
    words: str = ""
    warnings: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()

    @property
    def all_legs(self) -> tuple[PlanLeg, ...]:
        """Those of now, then those of later."""
        return (*self.legs, *self.later)

    @property
    def is_empty(self) -> bool:
        """Whether it trades nothing."""
        return not self.legs and not self.later

    @property
    def cost_base(self) -> float:
        """What is known of its cost, in base money, legs of later included."""
        return math.fsum(leg.cost_base for leg in self.all_legs if not math.isnan(leg.cost_base))

    @property
    def n_cost_unknown(self) -> int:
        """Legs whose cost nobody knows: the figure above leaves them out."""
        return sum(math.isnan(leg.cost_base) for leg in self.all_legs)

    @property
    def turnover_base(self) -> float:
        """Money traded, both ways added up."""
        return math.fsum(leg.value_base for leg in self.all_legs)

    def traded(self, code: str) -> Decimal:
        """Return the signed quantity it trades in one instrument, now and later."""
        return sum((leg.quantity for leg in self.all_legs if leg.code == code), Decimal(0))


@dataclass(frozen=True, slots=True)
class LimitEffect:
    """What a plan does to one limit: its worst member before, and after.

    Attributes
    ----------
    limit : Limit
        The limit.
    before, after : float
        The measure at live prices, in the limit's unit; NaN unknown.
    member_before, member_after : str
        Which member is worst; empty for the book.
    newly_broken : tuple of str
        Members within their line before and beyond it after.
    is_estimate : bool
        Whether `after` is scaled from another figure instead of worked out anew.
    """

    limit: Limit
    before: float
    after: float
    member_before: str = ""
    member_after: str = ""
    newly_broken: tuple[str, ...] = ()
    is_estimate: bool = False

    @property
    def state_before(self) -> LimitState:
        """Where it stands now."""
        return self.limit.state_of(self.before)

    @property
    def state_after(self) -> LimitState:
        """Where it would stand."""
        return self.limit.state_of(self.after)

    @property
    def use_before(self) -> float:
        """Share of the limit used now; NaN unknown."""
        return self.limit.use_of(self.before) if not math.isnan(self.before) else UNKNOWN

    @property
    def use_after(self) -> float:
        """Share of the limit that would be used; NaN unknown."""
        return self.limit.use_of(self.after) if not math.isnan(self.after) else UNKNOWN


@dataclass(frozen=True, slots=True)
class WhatIf:
    """The book before and after a plan, at live prices.

    Attributes
    ----------
    effects : tuple of LimitEffect
        One a limit, in the limits' order; worked out at the mark, without cost.
    newly_broken : tuple of str
        Titles of what the plan would break, its cost included: limit, or limit and member.
    newly_unknown : tuple of str
        Limits that could be judged before and not after.
    nav_after_cost : float
        NAV once the known cost is paid.
    var_before, var_after, es_before, es_after, gross_before, gross_after, margin_before, margin_after : float
        Headline figures, base money; NaN unknown.
    cost_base, turnover_base : float
        As `Plan` has them.
    largest_volume_share : float
        Of an average day's volume, the largest of any leg; NaN unknown.
    """

    effects: tuple[LimitEffect, ...] = ()
    newly_broken: tuple[str, ...] = ()
    newly_unknown: tuple[str, ...] = ()
    nav_after_cost: float = UNKNOWN
    var_before: float = UNKNOWN
    var_after: float = UNKNOWN
    es_before: float = UNKNOWN
    es_after: float = UNKNOWN
    gross_before: float = UNKNOWN
    gross_after: float = UNKNOWN
    margin_before: float = UNKNOWN
    margin_after: float = UNKNOWN
    cost_base: float = 0.0
    turnover_base: float = 0.0
    largest_volume_share: float = UNKNOWN

    def effect(self, limit_id: str) -> LimitEffect | None:
        """Return what happens to one limit; None for one that was not looked at."""
        return next((effect for effect in self.effects if effect.limit.limit_id == limit_id), None)


@dataclass(frozen=True, slots=True)
class PlanOption:
    """A plan and what it would do."""

    plan: Plan
    what_if: WhatIf


@dataclass(frozen=True, slots=True)
class PriceBand:
    """The prices between which an approval holds."""

    low: float
    high: float

    def holds(self, price: float) -> bool:
        """Tell whether a price lies within it; NaN does not."""
        return self.low <= price <= self.high


@dataclass(frozen=True, slots=True)
class Proposal:
    """What the desk proposes to do about one breach, bound to the evidence it was made on.

    Attributes
    ----------
    proposal_id : str
        Unique; approved once at most.
    breach_id : str
        The breach it answers.
    episode_id : str
        The stretch of being broken it belongs to; a breach raised anew in between does not begin another.
    response : str
        Name of the response of the policy.
    plan : Plan
        What is proposed.
    what_if : WhatIf
        Before and after of the whole plan.
    what_if_now : WhatIf
        The same of the legs of now alone.
    alternatives : tuple of PlanOption
        Other plans, to stand beside it.
    book_version : int
        The book it was worked out on.
    price_bands : Mapping
        By code, of every instrument it trades.
    made_ns, expires_ns : int
        On the desk's clock.
    autonomy : Autonomy
        How far it may go alone; `PROPOSE_AND_WAIT` where something below forbids more.
    executes_ns : int
        When its countdown ends, on the desk's clock; 0 where nothing happens by itself.
    what_happens_at_zero : str
        What the end of the countdown, or of its validity, brings.
    why_not_automatic : tuple of str
        What keeps it from acting alone, of what the policy would allow.
    needs_two_persons : bool
        Whether a second person has to confirm.
    """

    proposal_id: str
    breach_id: str
    episode_id: str
    response: str
    plan: Plan
    what_if: WhatIf
    what_if_now: WhatIf
    alternatives: tuple[PlanOption, ...]
    book_version: int
    price_bands: Mapping[str, PriceBand] = field(default_factory=dict)
    made_ns: int = 0
    expires_ns: int = 0
    autonomy: Autonomy = Autonomy.PROPOSE_AND_WAIT
    executes_ns: int = 0
    what_happens_at_zero: str = ""
    why_not_automatic: tuple[str, ...] = ()
    needs_two_persons: bool = False

    @property
    def is_single_use(self) -> bool:
        """Whether an approval uses it up: always."""
        return True


def why_stale(proposal: Proposal, book_version: int, marks: Mapping[str, float], now_ns: int) -> str:
    """Return why a proposal may no longer be approved as it stands; empty where it may.

    Parameters
    ----------
    proposal : Proposal
        As it was shown.
    book_version : int
        Of the book now.
    marks : Mapping
        Price of each code now; one that is missing or NaN is no price.
    now_ns : int
        The desk's clock; one that was set back before the proposal was made is not trusted.
    """
    if book_version != proposal.book_version:
        return (
            f"the book was version {proposal.book_version} and is {book_version}: it has changed since, and "
            "the plan has to be worked out again"
        )
    if not proposal.made_ns <= now_ns < proposal.expires_ns:
        seconds = (proposal.expires_ns - proposal.made_ns) / 1e9
        return f"it was good for {seconds:.0f} s and has expired: the plan has to be worked out again"
    for code, band in proposal.price_bands.items():
        price = marks.get(code, UNKNOWN)
        if not band.holds(price):
            was = "without a price" if math.isnan(price) else f"at {price:.6g}"
            return (
                f"{code} is {was}, outside the {band.low:.6g} to {band.high:.6g} it was planned for: the "
                "plan has to be worked out again"
            )
    return ""
