"""What a rehearsal is told, gathered breach by breach into episodes."""

from dataclasses import dataclass, replace

from plimsoll.domain.breach import Breach, BreachState
from plimsoll.domain.order import Order
from plimsoll.domain.position import Fill
from plimsoll.domain.proposal_standing import ProposalStanding, ProposalState
from plimsoll.domain.protocol_result import ProtocolEpisode
from plimsoll.engine.rehearsal_memory import UntouchedBook


@dataclass(slots=True)
class _Sent:
    """An order's breach, and the fills of it that were told already."""

    order: Order
    breach_id: str


class ProtocolLog:
    """Every breach of a run, oldest first.

    Parameters
    ----------
    untouched : UntouchedBook
        By whose prices and rates fills are turned into money.
    """

    def __init__(self, untouched: UntouchedBook) -> None:
        self._untouched = untouched
        self._episode: dict[str, ProtocolEpisode] = {}
        self._breach_of: dict[str, str] = {}
        self._sent: dict[str, _Sent] = {}
        self._fills: set[str] = set()

    @property
    def episodes(self) -> tuple[ProtocolEpisode, ...]:
        """Every breach and what was made of it."""
        return tuple(self._episode.values())

    def note_breach(self, breach: Breach, exchange_ns: int) -> None:
        """Take a breach as it stands."""
        known = self._episode.get(breach.breach_id)
        if known is None:
            self._episode[breach.breach_id] = ProtocolEpisode(
                breach_id=breach.breach_id,
                limit_id=breach.limit.limit_id,
                limit_name=breach.limit.name,
                member=breach.member,
                severity=breach.limit.severity,
                raised_ns=breach.raised_exchange_ns,
                value=breach.value,
                line=breach.limit.line,
            )
        elif breach.state is BreachState.EASED and not known.under_ns:
            self._change(breach.breach_id, under_ns=exchange_ns)

    def note_standing(self, standing: ProposalStanding, exchange_ns: int) -> None:
        """Take a proposal as it stands."""
        breach_id, state = standing.proposal.breach_id, standing.state
        known = self._episode.get(breach_id)
        if known is None:
            return
        if state.was_executed:
            self._breach_of[standing.decision_id] = breach_id
            decided_ns = known.decided_ns or exchange_ns
            self._change(breach_id, planner=standing.decided.planner, state=str(state), decided_ns=decided_ns)
        elif not known.decided_ns and state is not ProposalState.OUTDATED:
            self._change(breach_id, planner=standing.proposal.plan.planner, state=str(state))

    def note_order(self, order: Order) -> None:
        """Take an order that is sent."""
        # Legs of a later time go out under the decision's id and a number.
        breach_id = self._breach_of.get(order.decision_id.split("/")[0], "")
        self._sent[order.client_id] = _Sent(order, breach_id)
        if breach_id in self._episode:
            self._change(breach_id, n_orders=self._episode[breach_id].n_orders + 1)

    def note_fill(self, client_id: str, fill: Fill) -> None:
        """Take a fill; one told twice counts once."""
        sent = self._sent.get(client_id)
        if sent is None or sent.breach_id not in self._episode or fill.fill_id in self._fills:
            return
        self._fills.add(fill.fill_id)
        book, known = self._untouched, self._episode[sent.breach_id]
        per_point, quantity, price = book.money_per_point(fill.code), float(fill.quantity), float(fill.price)
        slippage = quantity * (price - book.price(fill.code)) * per_point
        self._change(
            sent.breach_id,
            n_fills=known.n_fills + 1,
            turnover_base=known.turnover_base + abs(quantity * price) * per_point,
            cost_base=known.cost_base + slippage + float(fill.fee) * book.rate(fill.code),
        )

    def _change(self, breach_id: str, **changed: object) -> None:
        self._episode[breach_id] = replace(self._episode[breach_id], **changed)  # type: ignore[arg-type]
