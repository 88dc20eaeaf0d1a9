"""Folds the kill's own record into the journal, once a step, and brings the order desk into line with it."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from plimsoll.domain.kill import KillRow, KillStep
from plimsoll.domain.order import OrderState
from plimsoll.domain.trading_state import TradingState
from plimsoll.engine.instant import Instant
from plimsoll.engine.kill_record import kill_body, kill_row_from
from plimsoll.engine.order_desk import OrderDesk
from plimsoll.engine.order_record import body_of
from plimsoll.engine.ports import Journal

KILL = "kill"
"""The kind of journal row that keeps one step."""


class KillFold:
    """What the journal holds of kills; one owner, the risk thread.

    A kill acts before the risk thread hears of it. Its steps come here as they are told, and at the start
    from the kill's own file, for the desk may have died in between; each is journalled once. A kill of the
    whole book turns the order desk to HALTED; the last such release turns it to REDUCING, from which a
    person goes on. A narrower halt is kept by the latch before the broker alone.
    """

    def __init__(self, journal: Journal, orders: OrderDesk) -> None:
        self._journal = journal
        self._orders = orders
        self._seen: set[tuple[str, str, int]] = set()
        self._book_halts: set[str] = set()

    def restore(self, body: Mapping[str, object]) -> None:
        """Take one journal row of kind "kill" of an earlier session."""
        row = kill_row_from(body)
        self._seen.add(_key(row))
        self._follow(row)

    def take_all(self, rows: Iterable[KillRow], instant: Instant) -> None:
        """Take every step of the kill's file, oldest first."""
        for row in rows:
            self.take(row, instant)

    def take(self, row: KillRow, instant: Instant) -> bool:
        """Journal a step and act on it; tell whether it was new.

        Raises
        ------
        JournalUnavailable
            If a row could not be written; the step is then taken anew when it is told again.
        """
        if _key(row) in self._seen:
            return False
        # Its orders first: a crash in between repeats the step, and then they are known.
        known = {order.client_id for order in self._orders.orders}
        for order in (order for order in row.orders if order.client_id not in known):
            # Whether it arrived nobody has told the risk thread: from doubt every answer leads on.
            body = body_of(replace(order, state=OrderState.IN_DOUBT))
            self._append("order", body, row.person, instant)
            self._orders.restore("order", body)
        was_halted = bool(self._book_halts)
        self._follow(row)
        is_halted = bool(self._book_halts)
        if is_halted and self._orders.trading_state is not TradingState.HALTED:
            self._orders.turn(TradingState.HALTED, row.person, row.words, instant)
        elif was_halted and not is_halted:
            self._orders.turn(TradingState.REDUCING, row.person, row.words, instant)
        self._append(KILL, kill_body(row), row.person, instant)
        self._seen.add(_key(row))
        return True

    def _follow(self, row: KillRow) -> None:
        request = row.request
        if request.scope.codes is not None or request.is_drill:
            return
        if row.step is KillStep.LATCHED:
            self._book_halts.add(request.kill_id)
        elif row.step is KillStep.RELEASED:
            self._book_halts.discard(request.kill_id)

    def _append(self, kind: str, body: Mapping[str, object], person: str, instant: Instant) -> None:
        self._journal.append(
            kind,
            body,
            exchange_time_ns=instant.exchange_time_ns,
            received_time_ns=instant.received_time_ns,
            person=person,
        )


def _key(row: KillRow) -> tuple[str, str, int]:
    """Return what tells a step from every other: a kill may send closing orders in several rounds."""
    return row.request.kill_id, str(row.step), row.at_ns
