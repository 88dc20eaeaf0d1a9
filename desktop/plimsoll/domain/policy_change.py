"""A change of the response policy, and whether it loosens: tighten now, loosen tomorrow."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

from plimsoll.domain.limit import Limit, Measure, Severity
from plimsoll.domain.limit_change import ChangeState
from plimsoll.domain.response_policy import Autonomy, PlanKind, Response, ResponsePolicy


@dataclass(frozen=True, slots=True)
class PolicyChangeAsked:
    """Another response policy shall be in force.

    Attributes
    ----------
    change_id : str
        Unique; the same request is taken once.
    after : ResponsePolicy
        How it shall stand, the whole of it.
    person, reason : str
        Who asks, and why, in at least ten characters.
    """

    change_id: str
    after: ResponsePolicy
    person: str
    reason: str


@dataclass(frozen=True, slots=True)
class PolicyChangeConfirmed:
    """A second person lets a policy that loosens act at once."""

    change_id: str
    person: str


@dataclass(frozen=True, slots=True)
class PolicyChangeWithdrawn:
    """A policy that waits shall not come."""

    change_id: str
    person: str
    reason: str


PolicyRequest = PolicyChangeAsked | PolicyChangeConfirmed | PolicyChangeWithdrawn


@dataclass(frozen=True, slots=True)
class PolicyChange:
    """One change, as the journal keeps it.

    Attributes
    ----------
    change_id : str
        Unique.
    person, reason : str
        Who wants it and why.
    before, after : ResponsePolicy
        The whole policy either way.
    proposed_ns, acts_ns : int
        When it was asked for and when it acts, on the desk's clock.
    state : ChangeState
        Pending only while a loosening waits.
    second_person, second_reason : str
        Who confirmed or withdrew it, and why.
    decided_ns : int
        When this state began.
    """

    change_id: str
    person: str
    reason: str
    before: ResponsePolicy
    after: ResponsePolicy
    proposed_ns: int
    acts_ns: int
    state: ChangeState
    second_person: str = ""
    second_reason: str = ""
    decided_ns: int = 0

    @property
    def is_waiting(self) -> bool:
        """Whether it has not acted yet."""
        return self.state is ChangeState.PENDING


def loosenings(before: ResponsePolicy, after: ResponsePolicy) -> tuple[str, ...]:
    """Return in words what of a change lets more happen without a person, or with fewer; else empty.

    Every limit there could be is asked of both policies: each measure and severity, each limit and each
    response that any of them names. So rules that change places are judged by what they lead to.
    """
    found: dict[str, None] = {}
    seen: set[tuple[Response, Response]] = set()
    for limit in _probes(before, after):
        pair = (before.response_to(limit), after.response_to(limit))
        if pair[0] != pair[1] and pair not in seen:
            seen.add(pair)
            found |= dict.fromkeys(f"{pair[1].name}: {words}" for words in response_loosenings(*pair))
    return tuple(found)


def response_loosenings(before: Response, after: Response) -> Iterator[str]:
    """Yield in words what an answer lets happen that the one before it did not.

    That it proposes where there was only an alert does not count: nothing goes out then without a person.
    What it does alone has to be what it did alone before, or nobody has agreed to it.
    """
    if not _acts(after):
        return
    if _rank(after) > _rank(before):
        yield f"it would {after.autonomy.words}"
    elif after.autonomy.acts_alone:
        yield from _loosenings_alone(before, after)
    if not _acts(before):
        return
    if before.two_persons and not after.two_persons:
        yield "no second person confirms it"
    for name, words in _WIDER:
        if getattr(after, name) > getattr(before, name):
            yield words


def _loosenings_alone(before: Response, after: Response) -> Iterator[str]:
    if _what_it_does(after) != _what_it_does(before):
        yield "it would do something else on its own"
    if after.autonomy is before.autonomy and after.countdown_s < before.countdown_s:
        yield "its countdown is shorter"
    if after.minimum_grade.rank > before.minimum_grade.rank:
        yield "it acts alone on figures of a lower grade"


_WIDER = (
    ("volume_share", "it may trade a larger share of the volume"),
    ("price_band_fraction", "prices may move further before it is asked again"),
    ("expires_s", "its approval holds for longer"),
)


def _acts(response: Response) -> bool:
    return response.kind is not PlanKind.ALERT and response.autonomy is not Autonomy.ALERT_ONLY


def _rank(response: Response) -> int:
    if not _acts(response) or not response.autonomy.acts_alone:
        return 0
    return 2 if response.autonomy is Autonomy.EXECUTE_AT_ONCE else 1


def _what_it_does(response: Response) -> tuple[object, ...]:
    return (
        response.kind,
        response.reduce_fraction,
        response.hedge_instruments,
        response.loss_budget_fraction,
    )


def _probes(*policies: ResponsePolicy) -> Iterator[Limit]:
    """Yield one limit of every kind that the policies tell apart."""
    ids = {"", *(rule.limit_id for policy in policies for rule in policy.rules)}
    names = {"", *(response.name for policy in policies for response in policy.responses)}
    for limit_id, name, measure, severity in product(sorted(ids), sorted(names), Measure, Severity):
        yield Limit(limit_id, "", measure, 1.0, severity, response=name)
