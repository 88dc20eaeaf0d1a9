"""The people of a rehearsed desk: which proposals they look at, when, and what they do about them."""

from dataclasses import dataclass

from plimsoll.domain.breach import Breach
from plimsoll.domain.decision import Decision, DecisionKind
from plimsoll.domain.desk_request import DeskRequest
from plimsoll.domain.person import People, Person
from plimsoll.domain.proposal_request import ProposalApproved, ProposalConfirmed, ProposalRejected
from plimsoll.domain.proposal_standing import ProposalStanding, ProposalState
from plimsoll.domain.protocol_terms import HumanModel
from plimsoll.domain.units import NS_PER_S
from plimsoll.engine.human_answer import AnswerKind, HumanAnswer, answer_of

FIRST, SECOND = "first trader", "second trader"
MOST_TRIES = 5
"""So often a day somebody tries to approve what turns out to be out of date."""

_DONE = frozenset({ProposalState.REJECTED, ProposalState.OVERRIDDEN})


@dataclass(slots=True)
class _Matter:
    """One breach, as the people see it.

    `due_ns` 0 is never; `is_over` once they rejected or overrode it; `day` is the day they last drew for.
    """

    breach: Breach
    standing: ProposalStanding
    answer: HumanAnswer | None = None
    day: int = -1
    due_ns: int = 0
    n_tries: int = 0
    is_over: bool = False


def rehearsal_people() -> People:
    """Return the two people of a rehearsed desk, each with every right."""
    return People((Person(FIRST), Person(SECOND)))


class HumanDesk:
    """Answers proposals as the model of the human says; one owner, whoever drives the rehearsal."""

    def __init__(self, human: HumanModel, seed: int) -> None:
        self._human = human
        self._seed = seed
        self._look_ns = int(human.second_look_s * NS_PER_S)
        self._matters: dict[str, _Matter] = {}
        self._day = 0

    @property
    def next_ns(self) -> int:
        """When somebody acts next, on the desk's clock; 0 for nobody."""
        return min((matter.due_ns for matter in self._matters.values() if matter.due_ns), default=0)

    def begin_day(self, day: int, now_ns: int) -> None:
        """Let a day begin: who was absent yesterday may be here today."""
        self._day = day
        for matter in self._matters.values():
            if matter.standing.state is ProposalState.OPEN and not matter.due_ns:
                self._look_at(matter, now_ns)

    def forget(self, breach: Breach) -> None:
        """Hear that a breach is over."""
        self._matters.pop(breach.breach_id, None)

    def hear(self, standing: ProposalStanding, breach: Breach, now_ns: int) -> None:
        """Hear how a proposal stands."""
        matter = self._matters.setdefault(breach.breach_id, _Matter(breach, standing))
        matter.standing = standing
        if standing.state is ProposalState.OPEN:
            self._look_at(matter, now_ns)
        elif standing.state is ProposalState.AWAITS_SECOND:
            matter.due_ns = now_ns + self._look_ns
        elif standing.state is not ProposalState.OUTDATED:
            matter.due_ns, matter.is_over = 0, matter.is_over or standing.state in _DONE

    def refuse(self, request: DeskRequest | Decision, now_ns: int) -> None:
        """Hear that the desk did not do it: look again at what it proposes instead."""
        for matter in self._matters.values():
            mine = (matter.standing.proposal.proposal_id, matter.breach.breach_id)
            if getattr(request, "proposal_id", getattr(request, "breach_id", "")) in mine:
                matter.n_tries += 1
                matter.due_ns = now_ns + max(self._look_ns, 1) if matter.n_tries < MOST_TRIES else 0

    def act(self, now_ns: int) -> list[DeskRequest | Decision]:
        """Return what the people do now."""
        acts: list[DeskRequest | Decision] = []
        for matter in list(self._matters.values()):
            if 0 < matter.due_ns <= now_ns:
                matter.due_ns = 0
                acts += self._act_on(matter, now_ns)
        return acts

    def _look_at(self, matter: _Matter, now_ns: int) -> None:
        """Decide when a new proposal is answered; one made anew under somebody's eyes soon after."""
        if matter.is_over or matter.standing.proposal.plan.is_empty:
            matter.due_ns = 0
        elif matter.answer is None or (matter.day != self._day and not matter.due_ns):
            limit_id, member = matter.breach.limit.limit_id, matter.breach.member
            answer = answer_of(self._human, limit_id=limit_id, member=member, day=self._day, seed=self._seed)
            matter.answer, matter.day, matter.n_tries = answer, self._day, 0
            is_here = answer.kind is not AnswerKind.ABSENT
            matter.due_ns = now_ns + max(int(answer.after_s * NS_PER_S), 1) if is_here else 0
        elif matter.due_ns:
            matter.due_ns = max(matter.due_ns, now_ns + max(self._look_ns, 1))

    def _act_on(self, matter: _Matter, now_ns: int) -> list[DeskRequest | Decision]:
        standing, proposal_id = matter.standing, matter.standing.proposal.proposal_id
        if standing.state is ProposalState.AWAITS_SECOND:
            return [ProposalConfirmed(standing.decision_id, proposal_id, SECOND)]
        if standing.state is not ProposalState.OPEN or matter.answer is None:
            return []
        decision_id = f"H-{proposal_id}-{matter.n_tries}"
        match matter.answer.kind:
            case AnswerKind.APPROVE:
                return [ProposalApproved(decision_id, proposal_id, FIRST)]
            case AnswerKind.REJECT:
                return [ProposalRejected(decision_id, proposal_id, FIRST, "turned down by the model")]
            case AnswerKind.OVERRIDE:
                reason = "left broken by the model"
                kind, breach_id = DecisionKind.OVERRIDE, matter.breach.breach_id
                return [Decision(decision_id, kind, breach_id, FIRST, reason, decided_ns=now_ns)]
        return []
