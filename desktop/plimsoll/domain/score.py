"""What deciding about proposals was worth: each one's score, and those of a rule or a person together."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from plimsoll.domain.proposal_standing import ProposalState

UNKNOWN = float("nan")
FEW = 10
"""With fewer scores than this a mean says little, and the screen says so."""


class Horizon(StrEnum):
    """How long after the decision it is judged, by the market's clock."""

    HOUR = "1 h"
    DAY = "1 d"
    WEEK = "5 d"

    @property
    def n_weekdays(self) -> int:
        """How many weekdays later, at the same time of day; 0 for the hour."""
        return {"1 h": 0, "1 d": 1, "5 d": 5}[self.value]


@dataclass(frozen=True, slots=True)
class HorizonScore:
    """One decision at one horizon, base money, above zero is money saved; NaN unknown, never for zero.

    Attributes
    ----------
    horizon : Horizon
        Which one.
    due_ns : int
        When it is reached, exchange time.
    acted_base : float
        What was traded, against not trading it: price moves of the filled quantities from their fills on,
        less fees. Nothing traded is 0.
    plan_base : float
        The same of the plan as proposed, filled at the marks of the decision, less its estimated cost.
    why_unknown : str
        "not yet: …" before it is due, or which price is missing; empty where both are known.
    """

    horizon: Horizon
    due_ns: int
    acted_base: float = UNKNOWN
    plan_base: float = UNKNOWN
    why_unknown: str = ""

    @property
    def against_plan_base(self) -> float:
        """What was done against the plan as proposed."""
        return self.acted_base - self.plan_base


@dataclass(frozen=True, slots=True)
class ProposalScore:
    """A proposal that was decided about, or ran out, and what that was worth.

    Attributes
    ----------
    proposal_id, breach_id, limit_id, title : str
        Which one; the title names the limit and its member.
    planner : str
        Whose plan was proposed.
    state : ProposalState
        How it ended.
    person, second : str
        Who decided and who confirmed; empty where nobody did.
    words : str
        The reason given.
    decided_ns : int
        When, exchange time.
    n_fills : int
        Fills so far.
    slippage_base, fees_base : float
        Of these: cost against the marks of the decision, and fees; both are in the scores already.
    horizons : tuple of HorizonScore
        In the order of `Horizon`.
    note : str
        What the figures leave out; empty for nothing.
    """

    proposal_id: str
    breach_id: str
    limit_id: str
    title: str
    planner: str
    state: ProposalState
    person: str
    second: str
    words: str
    decided_ns: int
    n_fills: int
    slippage_base: float
    fees_base: float
    horizons: tuple[HorizonScore, ...]
    note: str = ""

    def at(self, horizon: Horizon) -> HorizonScore:
        """Return its score at a horizon."""
        return next(each for each in self.horizons if each.horizon is horizon)

    def decision_base(self, horizon: Horizon) -> float:
        """Return what the decision was worth against its plain alternative.

        Where orders went out that is doing nothing; where none did, carrying out the plan.
        """
        score = self.at(horizon)
        return score.acted_base if self.state.was_executed else score.against_plan_base

    @property
    def newest_known(self) -> HorizonScore | None:
        """The longest horizon at which it is known what the decision was worth."""
        known = [each for each in self.horizons if not math.isnan(self.decision_base(each.horizon))]
        return known[-1] if known else None


@dataclass(frozen=True, slots=True)
class Tally:
    """Many decisions together.

    Attributes
    ----------
    name : str
        The rule, or the person.
    n : int
        Decisions.
    n_known : int
        Those whose score is known at the horizon.
    n_hits : int
        Those of them that were worth more than nothing.
    total_base : float
        What they were worth together; NaN where none is known.
    n_against, against_base : int, float
        How many can be set against the plan as proposed, and what they were worth together against it.
    """

    name: str
    n: int
    n_known: int
    n_hits: int
    total_base: float
    n_against: int
    against_base: float

    @property
    def hit_fraction(self) -> float:
        """Share of the known ones that were worth something; NaN where none is known."""
        return self.n_hits / self.n_known if self.n_known else UNKNOWN

    @property
    def mean_base(self) -> float:
        """What one was worth on average."""
        return self.total_base / self.n_known if self.n_known else UNKNOWN

    @property
    def mean_against_base(self) -> float:
        """What one was worth against the plan as proposed, on average."""
        return self.against_base / self.n_against if self.n_against else UNKNOWN

    @property
    def is_few(self) -> bool:
        """Whether there are too few to conclude from."""
        return self.n_known < FEW


@dataclass(frozen=True, slots=True)
class PastBreach:
    """A breach of a limit and how long it lasted, exchange time; 0 where it has not eased."""

    breach_id: str
    limit_id: str
    caption: str
    raised_ns: int
    eased_ns: int = 0


@dataclass(frozen=True, slots=True)
class Scoreboard:
    """Every score there is, oldest decision first.

    Attributes
    ----------
    scores : tuple of ProposalScore
        Of the proposals that came to an end.
    breaches : tuple of PastBreach
        Every breach the journal tells of, oldest first.
    n_open, n_replaced : int
        Proposals still to be decided, and those that ran out while a newer one of their episode took over:
        neither has a score.
    exchange_ns : int
        Up to when, exchange time.
    currency : str
        The base currency.
    """

    scores: tuple[ProposalScore, ...] = ()
    breaches: tuple[PastBreach, ...] = ()
    n_open: int = 0
    n_replaced: int = 0
    exchange_ns: int = 0
    currency: str = "USD"

    def by_rule(self, horizon: Horizon) -> tuple[Tally, ...]:
        """Return the decisions of each limit together."""
        return tallies(self.scores, horizon, lambda score: score.title)

    def by_person(self, horizon: Horizon) -> tuple[Tally, ...]:
        """Return the decisions of each person together; "" is the desk alone, or nobody in time."""
        return tallies(self.scores, horizon, lambda score: score.person)


def tallies(
    scores: Iterable[ProposalScore], horizon: Horizon, name_of: Callable[[ProposalScore], str]
) -> tuple[Tally, ...]:
    """Return scores added up by a name, in the order of the names."""
    groups: dict[str, list[ProposalScore]] = {}
    for score in scores:
        groups.setdefault(name_of(score), []).append(score)
    return tuple(_tally(name, groups[name], horizon) for name in sorted(groups))


def _tally(name: str, scores: Sequence[ProposalScore], horizon: Horizon) -> Tally:
    worth = [value for score in scores if not math.isnan(value := score.decision_base(horizon))]
    against = [value for score in scores if not math.isnan(value := score.at(horizon).against_plan_base)]
    return Tally(
        name,
        len(scores),
        len(worth),
        sum(value > 0.0 for value in worth),
        math.fsum(worth) if worth else UNKNOWN,
        len(against),
        math.fsum(against) if against else UNKNOWN,
    )
