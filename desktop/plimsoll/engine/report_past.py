"""What the journal tells a report: breaches, acts, the course of NAV, what was ever put to the test."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec

from plimsoll.domain.breach import Breach, BreachState
from plimsoll.domain.desk_figures import DeskFigures
from plimsoll.domain.errors import EventRefused
from plimsoll.engine.book_entry import BOOK_EVENT, entry_from
from plimsoll.engine.breach_record import breach_from
from plimsoll.engine.figure_record import DAY_FIGURES, figures_from
from plimsoll.engine.limit_record import change_from
from plimsoll.engine.limit_register import LIMIT_CHANGE, LIMITS_TAKEN, LimitRegister
from plimsoll.engine.ports import JournalRow

NAN = float("nan")
_UNREADABLE = (msgspec.ValidationError, EventRefused, KeyError, TypeError, ValueError, InvalidOperation)


@dataclass(frozen=True, slots=True)
class DayEnd:
    """How one trading day ended.

    Attributes
    ----------
    day : int
        Days since 1970-01-01.
    nav, high_water_mark : float
        At the roll.
    flows_base : float
        Money that came or went from outside since the roll before, in base currency.
    """

    day: int
    nav: float
    high_water_mark: float
    flows_base: float = 0.0


@dataclass(frozen=True, slots=True)
class PastBreach:
    """A breach as it was last told.

    Attributes
    ----------
    breach : Breach
        Without its evidence.
    raised_ns, ended_ns : int
        By exchange time; `ended_ns` is 0 while it is not closed.
    n_overrides : int
        How often it was overridden.
    """

    breach: Breach
    raised_ns: int
    ended_ns: int = 0
    n_overrides: int = 0


@dataclass(frozen=True, slots=True)
class Act:
    """Something that was proposed, decided, sent or changed.

    Attributes
    ----------
    at_ns : int
        By exchange time.
    kind : str
        "override", "proposal", "order", "limit change", …
    person : str
        Who; empty where nobody did it.
    about : str
        The breach, instrument or limit.
    words : str
        What, and the reason given.
    result : str
        What became of it.
    """

    at_ns: int
    kind: str
    person: str
    about: str
    words: str
    result: str = ""


@dataclass(slots=True)
class ResponseUse:
    """How often one response was proposed and carried out."""

    n_proposed: int = 0
    n_executed: int = 0


@dataclass(slots=True)
class JournalPast:
    """The journal read once, oldest row first.

    Attributes
    ----------
    n_rows, n_unread : int
        Rows taken; of those, the ones that could not be understood.
    first_ns, newest_ns, newest_received_ns : int
        The oldest and newest exchange time of any row, and the newest of the desk's; 0 before the first.
    source : str
        From which feed the newest facts come.
    book_name, base_currency : str
        Of the newest book; empty before the first.
    days : list of DayEnd
        The days of the newest book, oldest first.
    high_water_mark, nav : float
        The newest told of that book.
    breaches : dict
        By id, in the order raised.
    acts : dict
        By what identifies them, in the order begun.
    fired_ns : dict
        When each limit last fired, by id.
    n_fired : Counter
        How often each limit fired.
    responses : dict
        By name.
    drilled_ns : int
        When the kill switch was last drilled; 0 never.
    figures : list of DeskFigures
        Those of the days' ends, oldest first.
    register : LimitRegister
        The limits and their changes.
    """

    n_rows: int = 0
    n_unread: int = 0
    first_ns: int = 0
    newest_ns: int = 0
    newest_received_ns: int = 0
    source: str = ""
    book_name: str = ""
    base_currency: str = ""
    days: list[DayEnd] = field(default_factory=list)
    high_water_mark: float = NAN
    nav: float = NAN
    breaches: dict[str, PastBreach] = field(default_factory=dict)
    acts: dict[str, Act] = field(default_factory=dict)
    fired_ns: dict[str, int] = field(default_factory=dict)
    n_fired: Counter[str] = field(default_factory=Counter)
    responses: dict[str, ResponseUse] = field(default_factory=dict)
    drilled_ns: int = 0
    figures: list[DeskFigures] = field(default_factory=list)
    register: LimitRegister = field(default_factory=lambda: LimitRegister(()))
    _readers: dict[str, Callable[[JournalRow, Mapping[str, Any]], None]] = field(init=False, repr=False)
    _flows_base: float = 0.0
    _response_of: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._readers = {
            "book": self._take_book,
            "high_water_mark": self._take_mark,
            "day_roll": self._take_roll,
            BOOK_EVENT: self._take_event,
            DAY_FIGURES: self._take_figures,
            "breach_raised": self._take_raised,
            "breach_changed": self._take_changed,
            "decision": self._take_decision,
            "proposal": self._take_proposal,
            "proposal_decision": self._take_standing,
            "order": self._take_order,
            "trading_state": self._take_trading_state,
            "kill": self._take_kill,
            LIMIT_CHANGE: self._take_limit_change,
            LIMITS_TAKEN: self._take_limits,
        }

    def take(self, row: JournalRow) -> None:
        """Take the next row; one that cannot be understood is counted, and no other is lost for it."""
        self.n_rows += 1
        self.source = row.source or self.source
        self.newest_received_ns = max(self.newest_received_ns, row.received_time_ns)
        self.newest_ns = max(self.newest_ns, row.exchange_time_ns)
        self.first_ns = self.first_ns or row.exchange_time_ns
        reader = self._readers.get(row.kind)
        if reader is None:
            return
        try:
            # A row of before the first tick belongs to the newest instant known.
            reader(replace(row, exchange_time_ns=row.exchange_time_ns or self.newest_ns), row.body)
        except _UNREADABLE:
            self.n_unread += 1

    def figures_until(self, from_ns: int, until_ns: int) -> DeskFigures | None:
        """Return the newest figures in [from, until), or None."""
        found = [f for f in self.figures if from_ns <= f.exchange_time_ns < until_ns]
        return found[-1] if found else None

    def _take_book(self, _row: JournalRow, body: Mapping[str, Any]) -> None:
        # Another positions file: its NAV and mark have nothing to do with those before.
        self.days.clear()
        self.book_name = str(body.get("name") or "")
        self.base_currency = str(body["fingerprint"]).partition("|")[0]
        self.high_water_mark = self.nav = NAN
        self._flows_base = 0.0

    def _take_mark(self, _row: JournalRow, body: Mapping[str, Any]) -> None:
        self.high_water_mark, self.nav = _number(body["high_water_mark"]), _number(body.get("nav"))

    def _take_roll(self, row: JournalRow, body: Mapping[str, Any]) -> None:
        self.nav = _number(body["nav"])
        day = int(body["day"]) if "day" in body else row.exchange_time_ns // 86_400_000_000_000
        self.days.append(DayEnd(day, self.nav, self.high_water_mark, self._flows_base))
        self._flows_base = 0.0

    def _take_event(self, row: JournalRow, body: Mapping[str, Any]) -> None:
        entry = entry_from(body)
        if entry.is_flow:
            self._flows_base += sum(moved.amount * moved.rate for moved in entry.moves)
        code = str(getattr(entry.event, "code", "")) or "cash"
        words = str(body.get("event", "")).replace("_", " ")
        self._put(row, f"entry-{row.number}", "book entry", code, words)

    def _take_figures(self, _row: JournalRow, body: Mapping[str, Any]) -> None:
        self.figures.append(figures_from(body))

    def _take_raised(self, row: JournalRow, body: Mapping[str, Any]) -> None:
        breach = _without_evidence(body)
        self.breaches[breach.breach_id] = PastBreach(breach, row.exchange_time_ns)
        limit_id = breach.limit.limit_id
        self.fired_ns[limit_id] = row.exchange_time_ns
        self.n_fired[limit_id] += 1

    def _take_changed(self, row: JournalRow, body: Mapping[str, Any]) -> None:
        breach = _without_evidence(body)
        known = self.breaches.get(breach.breach_id, PastBreach(breach, breach.raised_exchange_ns))
        is_closed = breach.state is BreachState.CLOSED
        was_overridden = known.breach.state is BreachState.OVERRIDDEN
        is_new_override = breach.state is BreachState.OVERRIDDEN and not was_overridden
        self.breaches[breach.breach_id] = replace(
            known,
            breach=breach,
            ended_ns=(known.ended_ns or row.exchange_time_ns) if is_closed else 0,
            n_overrides=known.n_overrides + is_new_override,
        )

    def _take_decision(self, row: JournalRow, body: Mapping[str, Any]) -> None:
        kind = str(body["kind"]).replace("_", " ")
        words = str(body.get("comment") or body.get("reason") or "")
        result = str(body.get("resolution") or "").replace("_", " ")
        self._put(row, f"decision-{row.number}", kind, self._title(body), words, result)

    def _take_proposal(self, row: JournalRow, body: Mapping[str, Any]) -> None:
        name = str(body["response"])
        self._response_of[str(body["proposal_id"])] = name
        self.responses.setdefault(name, ResponseUse()).n_proposed += 1
        n_legs = len(body["legs"]) + len(body["later"])
        words = f"{name} ({body['planner']}): {n_legs} orders. {body['words']}".strip()
        self._put(row, f"proposal-{body['proposal_id']}", "proposal", self._title(body), words, "open")

    def _take_standing(self, row: JournalRow, body: Mapping[str, Any]) -> None:
        proposal_id, state = str(body["proposal_id"]), str(body["state"])
        if state in {"approved", "changed", "executed_alone"}:
            name = str(body.get("response") or self._response_of.get(proposal_id, ""))
            self.responses.setdefault(name, ResponseUse()).n_executed += 1
        result = state.replace("_", " ")
        proposal = self.acts.get(f"proposal-{proposal_id}")
        if proposal is not None:
            self.acts[f"proposal-{proposal_id}"] = replace(proposal, result=result)
        second = str(body.get("second") or "")
        words = str(body.get("words") or "") + (f" (confirmed by {second})" if second else "")
        self._put(row, f"standing-{row.number}", "proposal decided", self._title(body), words.strip(), result)

    def _take_order(self, row: JournalRow, body: Mapping[str, Any]) -> None:
        key = f"order-{body['client_id']}"
        words = f"{_written(body['quantity'])} of {body['code']}"
        if body.get("limit_price"):
            words += f" at {_written(body['limit_price'])} or better"
        result = f"{str(body['state']).replace('_', ' ')}, {_written(body['filled'])} filled"
        if body.get("reason"):
            result += f": {body['reason']}"
        begun = self.acts.get(key)
        if begun is None:
            self._put(row, key, "order", str(body["code"]), words, result)
        else:
            self.acts[key] = replace(begun, result=result)

    def _take_trading_state(self, row: JournalRow, body: Mapping[str, Any]) -> None:
        key = f"state-{row.number}"
        self._put(row, key, "trading state", str(body["state"]), str(body.get("reason") or ""))

    def _take_kill(self, row: JournalRow, body: Mapping[str, Any]) -> None:
        is_drill = bool(body.get("is_drill"))
        if is_drill:
            self.drilled_ns = row.exchange_time_ns
        kind = "kill switch drill" if is_drill else "kill switch"
        words = f"{body['step']}: {body.get('words') or ''}".rstrip(": ")
        self._put(row, f"kill-{row.number}", kind, str(body.get("scope") or "book"), words)

    def _take_limit_change(self, row: JournalRow, body: Mapping[str, Any]) -> None:
        change = change_from(body)
        self.register.restore(LIMIT_CHANGE, body)
        person = change.second_person or change.person
        words = change.second_reason or change.reason
        act = Act(row.exchange_time_ns, "limit change", person, change.limit_id, words, change.state.value)
        self.acts[f"change-{row.number}"] = act

    def _take_limits(self, _row: JournalRow, body: Mapping[str, Any]) -> None:
        self.register.restore(LIMITS_TAKEN, body)

    def _put(self, row: JournalRow, key: str, kind: str, about: str, words: str, result: str = "") -> None:
        self.acts[key] = Act(row.exchange_time_ns, kind, row.person, about, words, result)

    def _title(self, body: Mapping[str, Any]) -> str:
        breach_id = str(body.get("breach_id", ""))
        known = self.breaches.get(breach_id)
        return f"{breach_id} {known.breach.title}" if known is not None else breach_id


def past_of(rows: Iterable[JournalRow], until_ns: int) -> JournalPast:
    """Return what a journal told before an exchange time: its rows oldest first, later ones left out."""
    past = JournalPast()
    for row in rows:
        if row.exchange_time_ns < until_ns:
            past.take(row)
    return past


def _without_evidence(body: Mapping[str, Any]) -> Breach:
    return breach_from({key: value for key, value in body.items() if key != "evidence"})


def _written(number: object) -> str:
    """Return an exact number with separators and a true minus."""
    return f"{Decimal(str(number)):,}".replace("-", "\N{MINUS SIGN}")


def _number(value: object) -> float:
    return NAN if value is None else float(str(value))
