"""How a trader did in a drill, from the journal's rows alone and the prices at its end."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from statistics import median

from plimsoll.domain.book_event import TradeEntered
from plimsoll.domain.drill_card import DrillCard
from plimsoll.domain.proposal import Plan
from plimsoll.domain.proposal_standing import ProposalState
from plimsoll.domain.units import NS_PER_S
from plimsoll.engine.book_entry import BOOK_EVENT, BookEntry, entry_from
from plimsoll.engine.ports import JournalRow
from plimsoll.engine.proposal_record import plan_from
from plimsoll.engine.score import Filled, Worth, acted_base, fees_base, plan_base, worth_of
from plimsoll.engine.score_book import scoreboard

DRILL_CARD = "drill_card"
"""The kind of the journal row."""
_SCORED = frozenset({"proposal", "proposal_decision", "order", BOOK_EVENT})
_UNKNOWN = float("nan")
_S = ProposalState
_BY_A_PERSON = frozenset({_S.APPROVED, _S.CHANGED, _S.REJECTED, _S.OVERRIDDEN, _S.AWAITS_SECOND})


@dataclass(frozen=True, slots=True)
class DrillEnd:
    """Where a drill ended.

    Attributes
    ----------
    exchange_ns : int
        By the market.
    nav : float
        Of the book then, base money; NaN unknown.
    mark_of : Mapping
        The price of each code then.
    """

    exchange_ns: int
    nav: float
    mark_of: Mapping[str, float]


def drill_card(
    rows: Iterable[JournalRow],
    end: DrillEnd,
    multiplier_of: Mapping[str, float],
    *,
    crisis: str,
    currency: str,
) -> DrillCard:
    """Return the card of a drill.

    Parameters
    ----------
    rows : iterable of JournalRow
        Those of the drill's session, oldest first.
    end : DrillEnd
        Where it ended.
    multiplier_of : Mapping
        By code.
    crisis, currency : str
        What was drilled; the base currency.
    """
    kept = list(rows)
    reactions, n_breaches, n_eased_alone = _reactions(kept)
    first_plans, states = _proposals(kept)
    fills, rates = _fills(kept)
    worth = worth_of(first_plans.values(), multiplier_of)
    worth |= {code: Worth(rate * multiplier_of.get(code, _UNKNOWN), rate) for code, rate in rates.items()}

    def price_at(code: str, at_ns: int) -> float:
        return end.mark_of.get(code, _UNKNOWN) if at_ns >= end.exchange_ns else _UNKNOWN

    begin_nav = _begin_nav(kept)
    acted = acted_base(fills, worth, price_at, end.exchange_ns)
    approved = plan_base(_all_at_once(first_plans.values()), worth, price_at, 0, end.exchange_ns)
    scores = scoreboard(
        (row for row in kept if row.kind in _SCORED), price_at, end.exchange_ns, multiplier_of, currency
    ).scores
    return DrillCard(
        crisis=crisis,
        currency=currency,
        n_breaches=n_breaches,
        n_answered=len(reactions),
        n_eased_alone=n_eased_alone,
        median_reaction_s=median(reactions) if reactions else _UNKNOWN,
        worst_reaction_s=max(reactions, default=_UNKNOWN),
        n_proposals=len(states),
        n_as_proposed=states.count(_S.APPROVED),
        n_changed=states.count(_S.CHANGED),
        n_turned_down=states.count(_S.REJECTED) + states.count(_S.OVERRIDDEN),
        n_by_itself=states.count(_S.EXECUTED_ALONE),
        n_let_go=sum(state not in _BY_A_PERSON | {_S.EXECUTED_ALONE} for state in states),
        pnl_base=end.nav - begin_nav,
        against_nothing_base=acted,
        against_all_base=acted - approved,
        fees_base=fees_base(fills, worth),
        slippage_base=math.fsum(score.slippage_base for score in scores if score.n_fills),
        n_fills=len(fills),
    )


def card_body(card: DrillCard) -> dict[str, object]:
    """Return a card as JSON-able facts; an unknown figure is null."""
    return {name: None if _is_unknown(value) else value for name, value in card.facts().items()}


def _is_unknown(value: object) -> bool:
    return isinstance(value, float) and not math.isfinite(value)


def _reactions(rows: Sequence[JournalRow]) -> tuple[list[float], int, int]:
    """Return seconds to each first answer, how many breaches there were, and how many eased unanswered."""
    raised: dict[str, int] = {}
    answered: dict[str, int] = {}
    eased: set[str] = set()
    for row in rows:
        breach_id = str(row.body.get("breach_id", ""))
        if row.kind == "breach_raised":
            raised[breach_id] = row.received_time_ns
        elif row.kind == "decision" or (
            row.kind == "proposal_decision" and row.person and row.body["state"] in _BY_A_PERSON
        ):
            answered.setdefault(breach_id, row.received_time_ns)
        elif row.kind == "breach_changed" and row.body["state"] in {"eased", "closed"}:
            eased.add(breach_id)
    seconds = [(at_ns - raised[key]) / NS_PER_S for key, at_ns in answered.items() if key in raised]
    return seconds, len(raised), len((eased & raised.keys()) - answered.keys())


def _proposals(rows: Sequence[JournalRow]) -> tuple[dict[str, Plan], list[ProposalState]]:
    """Return the first plan of each episode, and what became of each episode's proposals.

    An episode counts as a person decided it, whichever of its proposals that was.
    """
    plans: dict[str, Plan] = {}
    episode_of: dict[str, str] = {}
    states: dict[str, ProposalState] = {}
    for row in rows:
        if row.kind == "proposal":
            episode = str(row.body["episode_id"])
            episode_of[str(row.body["proposal_id"])] = episode
            plans.setdefault(episode, plan_from(row.body))
            states.setdefault(episode, _S.OPEN)
        elif row.kind == "proposal_decision":
            episode = episode_of.get(str(row.body["proposal_id"]), "")
            state = ProposalState(str(row.body["state"]))
            if episode and states[episode] not in _BY_A_PERSON - {_S.AWAITS_SECOND}:
                states[episode] = state
    return plans, list(states.values())


def _all_at_once(plans: Iterable[Plan]) -> Plan:
    """Return plans as one, in their order: what an earlier one would have sold cannot be sold again.

    What would have waited has no price yet, and is left out.
    """
    left: dict[str, Decimal] = {}
    legs = []
    for leg in (leg for plan in plans for leg in plan.legs):
        held = left.setdefault(leg.code, leg.held)
        quantity = leg.quantity
        if leg.held * leg.quantity < 0:  # it was meant to reduce
            room = min(abs(quantity), abs(held)) if held * quantity < 0 else Decimal(0)
            quantity = room.copy_sign(quantity)
        left[leg.code] = held + quantity
        if quantity:
            share = float(quantity / leg.quantity)
            legs.append(replace(leg, quantity=quantity, cost_base=leg.cost_base * share))
    return Plan("", legs=tuple(legs))


def _fills(rows: Sequence[JournalRow]) -> tuple[list[Filled], dict[str, float]]:
    """Return every trade entered, and the newest base rate of each code's money."""
    fills: list[Filled] = []
    rates: dict[str, float] = {}
    for row in rows:
        entry: BookEntry | None = entry_from(row.body) if row.kind == BOOK_EVENT else None
        if entry is not None and isinstance(entry.event, TradeEntered):
            trade = entry.event
            fills.append(Filled(trade.code, trade.quantity, trade.price, trade.fee, row.exchange_time_ns))
            if entry.moves:
                rates[trade.code] = entry.moves[0].rate
    return fills, rates


def _begin_nav(rows: Sequence[JournalRow]) -> float:
    """Return NAV when the first high-water mark was written, moments after the book was priced."""
    for row in rows:
        if row.kind == "high_water_mark":
            return float(str(row.body["nav"]))
    return _UNKNOWN
