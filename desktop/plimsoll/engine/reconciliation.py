"""Compares the broker's positions with the book's over every symbol that either side knows."""

import math
from collections.abc import Mapping
from decimal import Decimal

from plimsoll.domain.mismatch import Mismatch, MismatchKind, Reconciliation
from plimsoll.domain.position import ZERO
from plimsoll.domain.units import NS_PER_S
from plimsoll.engine.instant import Instant
from plimsoll.engine.ports import Journal

PERIOD_NS = 60 * NS_PER_S
RECHECK_NS = 5 * NS_PER_S
"""What was seen once is looked at again so soon."""
SILENT_NS = 180 * NS_PER_S
"""Without an answer for so long nobody knows whether book and broker agree."""
ROW_KIND = "reconciliation"

Quantities = Mapping[str, Decimal]


def reconcile(
    book: Quantities,
    broker: Quantities,
    to_come: Mapping[str, tuple[Decimal, ...]],
    checked_ns: int,
    before: Reconciliation | None = None,
) -> Reconciliation:
    """Return where the two sides disagree; a code that one side does not name is zero there.

    Parameters
    ----------
    book, broker : Mapping of code to Decimal
        Signed quantities held.
    to_come : Mapping of code to tuple of Decimal
        Signed remaining quantities of each order that works or is in doubt.
    checked_ns : int
        When the broker's word was heard.
    before : Reconciliation or None
        The last one, by which a mismatch is known again.
    """
    codes = sorted(book.keys() | broker.keys())
    last = {mismatch.code: mismatch for mismatch in before.mismatches} if before else {}
    found = []
    for code in codes:
        in_book, at_broker = book.get(code, ZERO), broker.get(code, ZERO)
        if in_book == at_broker:
            continue
        kind = _kind_of(in_book, at_broker, to_come.get(code, ()))
        seen = last.get(code)
        is_same = seen is not None and (seen.in_book, seen.at_broker, seen.kind) == (in_book, at_broker, kind)
        n_seen = seen.n_seen + 1 if seen is not None and is_same else 1
        found.append(Mismatch(code, in_book, at_broker, kind, n_seen))
    return Reconciliation(checked_ns, len(codes), tuple(found))


def _kind_of(in_book: Decimal, at_broker: Decimal, to_come: tuple[Decimal, ...]) -> MismatchKind:
    difference = at_broker - in_book
    most_bought = sum((part for part in to_come if part > 0), ZERO)
    most_sold = sum((part for part in to_come if part < 0), ZERO)
    # Any part of the working orders may have filled at the broker and not been told yet.
    if most_sold <= difference <= most_bought:
        return MismatchKind.IN_FLIGHT
    if not at_broker:
        return MismatchKind.ONLY_IN_BOOK
    if not in_book:
        return MismatchKind.ONLY_AT_BROKER
    if (in_book > 0) != (at_broker > 0):
        return MismatchKind.OTHER_SIDE
    return MismatchKind.OTHER_QUANTITY


class Reconciler:
    """When to compare and what was found last; one owner, the risk thread.

    Attributes
    ----------
    newest : Reconciliation or None
        None before the broker's first word.
    """

    def __init__(self, journal: Journal) -> None:
        self.newest: Reconciliation | None = None
        self._journal = journal
        self._due_ns = 0

    def wants(self, now_ns: int) -> bool:
        """Tell whether the broker is to be asked now; at the start, every minute, sooner in doubt."""
        if 0 < self._due_ns - now_ns <= PERIOD_NS:  # due later than ever: the clock was set back
            return False
        self._due_ns = now_ns + RECHECK_NS  # unless an answer sets it: a lost question is asked again
        return True

    def take(
        self,
        broker: Quantities,
        book: Quantities,
        to_come: Mapping[str, tuple[Decimal, ...]],
        instant: Instant,
    ) -> Reconciliation:
        """Compare with the broker's word, journalled wherever the finding has changed.

        Raises
        ------
        JournalUnavailable
            If that could not be written.
        """
        before = self.newest
        found = reconcile(book, broker, to_come, instant.received_time_ns, before)
        if before is None or _facts(before) != _facts(found):
            self._journal.append(
                ROW_KIND,
                {"n_codes": found.n_codes, "mismatches": _facts(found)},
                exchange_time_ns=instant.exchange_time_ns,
                received_time_ns=instant.received_time_ns,
            )
        self.newest = found
        wait_ns = RECHECK_NS if found.has_doubt else PERIOD_NS
        self._due_ns = instant.received_time_ns + wait_ns
        return found

    def mismatch_count(self, now_ns: int) -> float:
        """Return how many instruments disagree, for the limit of that name; NaN where nobody knows."""
        if self.newest is None or not 0 <= now_ns - self.newest.checked_ns <= SILENT_NS:
            return math.nan
        return float(len(self.newest.confirmed))


def _facts(found: Reconciliation) -> list[dict[str, str]]:
    return [_body(each) for each in found.confirmed]


def _body(mismatch: Mismatch) -> dict[str, str]:
    return {
        "code": mismatch.code,
        "in_book": str(mismatch.in_book),
        "at_broker": str(mismatch.at_broker),
        "kind": str(mismatch.kind),
        "policy": str(mismatch.policy),
    }
