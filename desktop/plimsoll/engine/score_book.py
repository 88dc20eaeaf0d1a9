"""Every decision about a proposal, folded from the journal's rows, and the scores they make."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from plimsoll.domain.book_event import EventUndone, TradeEntered, event_from
from plimsoll.domain.limit import Measure
from plimsoll.domain.proposal import Plan
from plimsoll.domain.proposal_standing import ProposalState
from plimsoll.domain.score import Horizon, HorizonScore, PastBreach, ProposalScore, Scoreboard
from plimsoll.engine.book_entry import BOOK_EVENT
from plimsoll.engine.ports import JournalRow
from plimsoll.engine.proposal_record import plan_from
from plimsoll.engine.score import (
    Filled,
    PriceAt,
    Worth,
    acted_base,
    due_at,
    fees_base,
    plan_base,
    slippage_base,
    worth_of,
)

ROW_KINDS = ("proposal", "proposal_decision", "order", BOOK_EVENT, "breach_raised", "breach_changed")
"""The journal rows a score book is made from."""
_RAN_OUT = frozenset({ProposalState.OUTDATED, ProposalState.INTERRUPTED})


@dataclass(slots=True)
class _Decided:
    """A proposal and the newest word about it."""

    proposal_id: str
    episode_id: str
    breach_id: str
    plan: Plan
    state: ProposalState = ProposalState.OPEN
    limit_id: str = ""
    person: str = ""
    second: str = ""
    words: str = ""
    decision_id: str = ""
    decided: Plan = field(default_factory=lambda: Plan(""))
    decided_ns: int = 0
    is_replaced: bool = False
    is_cut_short: bool = False
    held_again: bool = False


class ScoreBook:
    """Takes rows oldest first; the same rows make the same scores, so a restart changes none."""

    def __init__(self) -> None:
        self._proposals: dict[str, _Decided] = {}
        self._newest_of: dict[str, str] = {}
        self._breaches: dict[str, PastBreach] = {}
        self._titles: dict[str, str] = {}
        self._decision_of_fill: dict[str, str] = {}
        self._events: list[TradeEntered | EventUndone] = []
        self._row_ns: dict[str, int] = {}

    def take(self, row: JournalRow) -> None:
        """Take one row; kinds not named in ROW_KINDS are passed over.

        Raises
        ------
        KeyError, ValueError
            If its facts are not those of its kind.
        """
        match row.kind:
            case "proposal":
                self._take_proposal(row.body)
            case "proposal_decision":
                self._take_decision(row)
            case "order":
                fill_id = row.body.get("fill_id")
                if isinstance(fill_id, str):
                    # What goes later is released under the decision's id and a number.
                    self._decision_of_fill[fill_id] = str(row.body["decision_id"]).split("/")[0]
            case "book_event":
                self._take_event(row)
            case "breach_raised" | "breach_changed":
                self._take_breach(row)

    def board(
        self, price_at: PriceAt, now_ns: int, multiplier_of: Mapping[str, float], currency: str
    ) -> Scoreboard:
        """Return every score as of an exchange time."""
        fills = self._fills()
        ended = [one for one in self._proposals.values() if one.state.is_end and not one.is_replaced]
        ended.sort(key=lambda one: (one.decided_ns, one.proposal_id))
        return Scoreboard(
            scores=tuple(
                self._score(one, fills.get(one.decision_id, []), price_at, now_ns, multiplier_of)
                for one in ended
            ),
            breaches=tuple(self._breaches.values()),
            n_open=sum(not one.state.is_end for one in self._proposals.values()),
            n_replaced=sum(one.is_replaced for one in self._proposals.values()),
            exchange_ns=now_ns,
            currency=currency,
        )

    def _take_proposal(self, body: Mapping[str, Any]) -> None:
        proposal_id, episode_id = str(body["proposal_id"]), str(body["episode_id"])
        made = _Decided(proposal_id, episode_id, str(body["breach_id"]), plan_from(body))
        before = self._proposals.get(self._newest_of.get(episode_id, ""))
        if before is not None:
            before.is_replaced = _gives_way(before)
        self._proposals[proposal_id] = made
        self._newest_of[episode_id] = proposal_id

    def _take_decision(self, row: JournalRow) -> None:
        body: Mapping[str, Any] = row.body
        one = self._proposals.get(str(body["proposal_id"]))
        if one is None:
            return
        state = ProposalState(str(body["state"]))
        if one.state.was_executed and not state.was_executed:
            one.is_cut_short = True  # a part could not be sent any more: what was sent is scored
            return
        one.state = state
        one.limit_id, one.decision_id = str(body["limit_id"]), str(body["decision_id"])
        one.person, one.second, one.words = (str(body[name]) for name in ("person", "second", "words"))
        one.decided_ns = row.exchange_time_ns
        decided = body.get("decided")
        if isinstance(decided, Mapping) and decided.get("planner"):
            one.decided = plan_from(decided)
        past = self._breaches.get(one.breach_id)
        one.held_again = past is not None and past.eased_ns > 0
        newest = self._newest_of.get(one.episode_id, one.proposal_id)
        one.is_replaced = newest != one.proposal_id and _gives_way(one)

    def _take_event(self, row: JournalRow) -> None:
        event = event_from(row.body)
        if isinstance(event, TradeEntered | EventUndone):
            self._events.append(event)
            self._row_ns[event.event_id] = event.time_ns or row.exchange_time_ns

    def _take_breach(self, row: JournalRow) -> None:
        body: Mapping[str, Any] = row.body
        breach_id, limit, member = str(body["breach_id"]), body["limit"], str(body["member"])
        limit_id = str(limit["limit_id"])
        self._titles[breach_id] = f"{limit['name']} · {member}" if member else str(limit["name"])
        known = self._breaches.get(breach_id)
        raised_ns = known.raised_ns if known is not None else int(body["raised_exchange_ns"])
        before_ns = known.eased_ns if known is not None else 0
        # One that worsened again was not over.
        eased_ns = (before_ns or row.exchange_time_ns) if body["state"] in {"eased", "closed"} else 0
        caption = Measure(str(limit["measure"])).caption
        self._breaches[breach_id] = PastBreach(breach_id, limit_id, caption, raised_ns, eased_ns)

    def _fills(self) -> dict[str, list[Filled]]:
        """Return the fills of each decision that still count in the book."""
        undone: set[str] = set()
        for event in reversed(self._events):
            if isinstance(event, EventUndone) and event.event_id not in undone:
                undone.add(event.undoes)
        found: dict[str, list[Filled]] = {}
        for event in self._events:
            decision_id = self._decision_of_fill.get(event.event_id, "")
            if isinstance(event, TradeEntered) and decision_id and event.event_id not in undone:
                fill = Filled(
                    event.code, event.quantity, event.price, event.fee, self._row_ns[event.event_id]
                )
                found.setdefault(decision_id, []).append(fill)
        return found

    def _score(
        self,
        one: _Decided,
        fills: list[Filled],
        price_at: PriceAt,
        now_ns: int,
        multiplier_of: Mapping[str, float],
    ) -> ProposalScore:
        worth = worth_of((one.plan, one.decided), multiplier_of)
        horizons = tuple(_at(horizon, one, fills, worth, price_at, now_ns) for horizon in Horizon)
        return ProposalScore(
            proposal_id=one.proposal_id,
            breach_id=one.breach_id,
            limit_id=one.limit_id,
            title=self._titles.get(one.breach_id, one.limit_id),
            planner=one.plan.planner,
            state=one.state,
            person=one.person,
            second=one.second,
            words=one.words,
            decided_ns=one.decided_ns,
            n_fills=len(fills),
            slippage_base=slippage_base(
                fills, one.plan if one.decided.is_empty else one.decided, worth, price_at, one.decided_ns
            ),
            fees_base=fees_base(fills, worth),
            horizons=horizons,
            note=_note(one),
        )


def _gives_way(one: _Decided) -> bool:
    """Tell whether a newer plan of the episode takes over: not where the limit held again in between."""
    return one.state in _RAN_OUT and not one.held_again


def scoreboard(
    rows: Iterable[JournalRow],
    price_at: PriceAt,
    now_ns: int,
    multiplier_of: Mapping[str, float],
    currency: str,
) -> Scoreboard:
    """Return the scores that a journal's rows make, as of an exchange time.

    Parameters
    ----------
    rows : iterable of JournalRow
        Oldest first; kinds not named in ROW_KINDS are passed over.
    price_at : callable
        Prices of the past; NaN where nobody knows.
    now_ns : int
        Exchange time; a horizon beyond it is not yet known.
    multiplier_of : Mapping
        By code.
    currency : str
        The base currency.

    Raises
    ------
    KeyError, ValueError
        If a row's facts are not those of its kind.
    """
    book = ScoreBook()
    for row in rows:
        book.take(row)
    return book.board(price_at, now_ns, multiplier_of, currency)


def _at(
    horizon: Horizon,
    one: _Decided,
    fills: list[Filled],
    worth: Mapping[str, Worth],
    price_at: PriceAt,
    now_ns: int,
) -> HorizonScore:
    due_ns = due_at(horizon, one.decided_ns)
    if due_ns > now_ns:
        return HorizonScore(horizon, due_ns, why_unknown="not yet")
    acted = acted_base(fills, worth, price_at, due_ns)
    plan = plan_base(one.plan, worth, price_at, one.decided_ns, due_ns)
    why = ""
    if math.isnan(acted) or math.isnan(plan):
        codes = {fill.code for fill in fills} | {leg.code for leg in one.plan.all_legs}
        missing = sorted(code for code in codes if math.isnan(price_at(code, due_ns)))
        why = f"no price of {', '.join(missing)} was kept for then" if missing else "a rate was not kept"
    return HorizonScore(horizon, due_ns, acted, plan, why)


def _note(one: _Decided) -> str:
    n = one.plan.n_cost_unknown
    parts = [f"the cost of {n} legs of the plan is not known and left out"] if n else []
    parts += ["the desk ended before all of it was sent"] if one.is_cut_short else []
    return "; ".join(parts)
