"""What the book truly earned each day, beside what its model says the same days should have earned.

Actual P&L is the change of NAV between two day rolls without what came from or went outside and before fees,
new trades included. Hypothetical P&L is today's book, held still, priced by the marks the desk itself took at
the rolls. Risk-theoretical P&L is the same book priced by the histories and proxies the risk figures rest on
(Basel Framework, MAR32, "P&L attribution test").
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plimsoll.domain.book_event import FeePaid, TradeEntered
from plimsoll.domain.pnl_record import PnlRecord
from plimsoll.domain.study_book import StudyBook
from plimsoll.engine.book_entry import BOOK_EVENT
from plimsoll.engine.ports import JournalRow
from plimsoll.engine.study_pnl import BookSeries
from plimsoll.risk.errors import RiskInputError
from plimsoll.risk.pnl_attribution import PnlAttribution, pnl_attribution_test

FloatArray = NDArray[np.float64]

ROW_KINDS = ("book", "day_roll", BOOK_EVENT)
"""Rows of the journal that days are made from."""
WANTED_DAYS = 250
"""As many the regulator wants before the test counts [MAR32]."""
LEAST_DAYS = 20
"""Fewer days have a rank correlation of chance."""
_MONDAY_OF_EPOCH, _SATURDAY = 3, 5


@dataclass(frozen=True, slots=True)
class DayEnd:
    """One day roll.

    Attributes
    ----------
    day : int
        The day that ended, from 1970-01-01.
    nav : float
        In base money.
    marks : Mapping
        Price by code, as the desk had it.
    flows_base, fees_base : float
        Came from outside since the roll before, and paid as fees, trades' own among them.
    split_codes : frozenset of str
        Whose prices changed scale.
    is_first : bool
        Whether the book began with it: no day before belongs to it.
    """

    day: int
    nav: float
    marks: Mapping[str, float]
    flows_base: float = 0.0
    fees_base: float = 0.0
    split_codes: frozenset[str] = frozenset()
    is_first: bool = False


def day_ends(rows: Iterable[JournalRow]) -> tuple[DayEnd, ...]:
    """Return the day rolls a journal tells of the book that is held now, oldest first.

    Parameters
    ----------
    rows : iterable of JournalRow
        Of `ROW_KINDS`, oldest first.
    """
    found: list[DayEnd] = []
    fingerprints: set[str] = set()
    between = _Between()
    for row in rows:
        body: Mapping[str, Any] = row.body
        if row.kind == "book" and str(body.get("fingerprint")) not in fingerprints:
            fingerprints, found, between = {str(body.get("fingerprint"))}, [], _Between()
        elif row.kind == BOOK_EVENT:
            between.take(body)
            if "fingerprint" in body:  # a positions file that was accepted: the same book goes on as it says
                fingerprints.add(str(body["fingerprint"]))
        elif row.kind == "day_roll" and "day" in body:
            found.append(
                DayEnd(
                    int(body["day"]),
                    float(body["nav"]),
                    {str(code): float(mark) for code, mark in dict(body.get("marks", {})).items()},
                    between.flows_base,
                    between.fees_base,
                    frozenset(between.split_codes),
                    is_first=not found,
                )
            )
            between.end_day()
    return tuple(found)


def pnl_record(book: StudyBook, ends: Sequence[DayEnd], series: BookSeries) -> PnlRecord:
    """Return the three P&Ls and how well the model's and the desk's own agree.

    A day counts where the desk saw its roll and the one before, with no weekday between; a day with a split
    has no hypothetical P&L, nor has one on which a position of today had no mark.

    Parameters
    ----------
    book : StudyBook
        Today's.
    ends : sequence of DayEnd
        Day rolls, oldest first.
    series : BookSeries
        The risk model's daily P&L of the same book.
    """
    pairs = [
        (before, end)
        for before, end in pairwise(ends)
        if not end.is_first and _weekdays_between(before.day, end.day) == 1
    ]
    theoretical = dict(zip(series.days.tolist(), series.pnl.tolist(), strict=True))
    hypothetical = np.array([_hypothetical(book, before, end) for before, end in pairs], dtype=np.float64)
    modelled = np.array([theoretical.get(end.day, math.nan) for _, end in pairs], dtype=np.float64)
    attribution, words = _attribution(modelled, hypothetical)
    return PnlRecord(
        np.array([end.day for _, end in pairs], dtype=np.int64),
        np.array([end.nav - before.nav - end.flows_base + end.fees_base for before, end in pairs]),
        np.array([end.flows_base for _, end in pairs]),
        np.array([end.fees_base for _, end in pairs]),
        hypothetical,
        modelled,
        words=words,
        zone="" if attribution is None else attribution.zone,
        spearman=math.nan if attribution is None else attribution.spearman,
        kolmogorov_smirnov=math.nan if attribution is None else attribution.kolmogorov_smirnov,
    )


class _Between:
    """What was entered into the book between two rolls; an undone entry takes its money back."""

    def __init__(self) -> None:
        self.flows_base = self.fees_base = 0.0
        self.split_codes: set[str] = set()
        self._fee_of: dict[str, float] = {}

    def take(self, body: Mapping[str, Any]) -> None:
        """Take one entry."""
        change = float(body["nav_after"]) - float(body["nav_before"])
        kind, event_id = body.get("event"), str(body.get("event_id"))
        if body.get("is_flow"):
            self.flows_base += change
        elif kind == FeePaid.kind:
            self._note_fee(event_id, -change)
        elif kind == TradeEntered.kind:
            self._note_fee(event_id, float(body.get("fee", 0.0)) * _rate(body))
        elif str(body.get("undoes")) in self._fee_of:
            self._note_fee(event_id, -self._fee_of[str(body["undoes"])])
        scale = body.get("scale")
        if scale:
            self.split_codes.add(str(scale[0]))

    def end_day(self) -> None:
        """Begin the next day; what earlier entries cost stays known, for they may be undone later."""
        self.flows_base = self.fees_base = 0.0
        self.split_codes.clear()

    def _note_fee(self, event_id: str, fee: float) -> None:
        self._fee_of[event_id] = fee
        if math.isfinite(fee):
            self.fees_base += fee


def _rate(body: Mapping[str, Any]) -> float:
    """Return base money per unit of a trade's currency; NaN where nobody knew it."""
    moves = body.get("moves") or ()
    return float(moves[0][3]) if moves else math.nan


def _weekdays_between(first: int, last: int) -> int:
    return sum((day + _MONDAY_OF_EPOCH) % 7 < _SATURDAY for day in range(first + 1, last + 1))


def _hypothetical(book: StudyBook, before: DayEnd, end: DayEnd) -> float:
    """Return what today's book would have earned between two rolls by the desk's marks; NaN unknown."""
    growth = [_growth(route, before, end) for route in book.routes]
    total = 0.0
    for number, code in enumerate(book.codes):
        exposure = float(book.exposure[number])
        if exposure == 0.0:
            continue
        if code in end.split_codes or code not in before.marks or code not in end.marks:
            return math.nan
        then, now = before.marks[code], end.marks[code]
        fx = growth[int(book.currency_of[number])]
        # A price at or below zero has no return: what the points themselves are worth.
        by_points = then <= 0.0 or now <= 0.0
        gain = (
            float(book.money_per_point[number]) * (now - then) if by_points else exposure * (now / then - 1.0)
        )
        total += gain * fx + float(book.fx_weight[number]) * (fx - 1.0)
    for number, cash in enumerate(book.cash.tolist()):
        if cash:
            total += cash * (growth[number] - 1.0)
    return total


def _growth(route: tuple[tuple[str, int], ...] | None, before: DayEnd, end: DayEnd) -> float:
    if route is None:
        return math.nan
    found = 1.0
    for code, power in route:
        then, now = before.marks.get(code, math.nan), end.marks.get(code, math.nan)
        found *= (now / then) ** power if then > 0.0 and now > 0.0 else math.nan
    return found


def _attribution(theoretical: FloatArray, hypothetical: FloatArray) -> tuple[PnlAttribution | None, str]:
    both = np.isfinite(theoretical) & np.isfinite(hypothetical)
    n_days = int(both.sum())
    if n_days < LEAST_DAYS:
        return None, f"{n_days} days with both P&Ls, {LEAST_DAYS} at least say something: the test waits"
    try:
        result = pnl_attribution_test(theoretical[both][-WANTED_DAYS:], hypothetical[both][-WANTED_DAYS:])
    except RiskInputError as why:
        return None, str(why)
    short = "" if n_days >= WANTED_DAYS else f", of the {WANTED_DAYS} the regulator wants"
    return result, f"{min(n_days, WANTED_DAYS)} days{short}"
