"""What the paper broker has promised, on the disk: it outlives the desk, as a real broker does."""

import os
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from plimsoll.domain.position import Fill

_SCHEMA = """
CREATE TABLE IF NOT EXISTS paper_order (
    client_id TEXT PRIMARY KEY, code TEXT NOT NULL, quantity TEXT NOT NULL, limit_price TEXT,
    is_working INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS paper_fill (
    fill_id TEXT PRIMARY KEY, client_id TEXT NOT NULL, quantity TEXT NOT NULL, price TEXT NOT NULL,
    fee TEXT NOT NULL, exchange_time_ns INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS paper_start (code TEXT PRIMARY KEY, quantity TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS paper_transfer (
    transfer_id TEXT NOT NULL, code TEXT NOT NULL, quantity TEXT NOT NULL, PRIMARY KEY (transfer_id, code)
);
"""


@dataclass(slots=True)
class PaperOrder:
    """An order as the paper broker keeps it."""

    client_id: str
    code: str
    quantity: Decimal
    limit_price: Decimal | None
    is_working: bool
    filled: Decimal = Decimal(0)

    @property
    def remaining(self) -> Decimal:
        """What is not filled yet, signed."""
        return self.quantity - self.filled


class PaperRecord:
    """Orders and fills in one SQLite file; ``":memory:"`` for a rehearsal that leaves nothing behind."""

    def __init__(self, path: Path | str) -> None:
        if path != ":memory:":  # for its owner's eyes alone, from the first byte
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        self._file = sqlite3.connect(path, isolation_level=None)
        self._file.execute("PRAGMA journal_mode=WAL")
        self._file.execute("PRAGMA synchronous=FULL")
        self._file.executescript(_SCHEMA)

    def begin_with(self, positions: dict[str, Decimal]) -> None:
        """Take what is held at the start; a record that has a start keeps it."""
        if self._file.execute("SELECT COUNT(*) FROM paper_start").fetchone()[0]:
            return
        rows = [(code, str(quantity)) for code, quantity in positions.items()]
        self._file.executemany("INSERT INTO paper_start VALUES (?, ?)", rows)

    def transfer(self, transfer_id: str, moved: Iterable[tuple[str, Decimal]]) -> None:
        """Keep what came or went otherwise than by an order; a transfer known by its id is kept already."""
        rows = [(transfer_id, code, str(quantity)) for code, quantity in moved]
        self._file.executemany("INSERT OR IGNORE INTO paper_transfer VALUES (?, ?, ?)", rows)

    def orders(self) -> Iterator[PaperOrder]:
        """Return every order ever taken, with what is filled of it."""
        rows = self._file.execute(
            "SELECT client_id, code, quantity, limit_price, is_working FROM paper_order"
        )
        for client_id, code, quantity, limit_price, is_working in rows.fetchall():
            order = PaperOrder(
                client_id,
                code,
                Decimal(quantity),
                None if limit_price is None else Decimal(limit_price),
                bool(is_working),
            )
            order.filled = sum((fill.quantity for fill in self.fills_of(client_id, code)), Decimal(0))
            yield order

    def take(self, order: PaperOrder) -> None:
        """Keep a new order."""
        limit = None if order.limit_price is None else str(order.limit_price)
        self._file.execute(
            "INSERT INTO paper_order VALUES (?, ?, ?, ?, ?)",
            (order.client_id, order.code, str(order.quantity), limit, int(order.is_working)),
        )

    def rest(self, client_id: str) -> None:
        """Keep that an order works no longer."""
        self._file.execute("UPDATE paper_order SET is_working = 0 WHERE client_id = ?", (client_id,))

    def fill(self, client_id: str, fill: Fill) -> None:
        """Keep an execution."""
        row = (
            fill.fill_id,
            client_id,
            str(fill.quantity),
            str(fill.price),
            str(fill.fee),
            fill.exchange_time_ns,
        )
        self._file.execute("INSERT INTO paper_fill VALUES (?, ?, ?, ?, ?, ?)", row)

    def fills_of(self, client_id: str, code: str) -> tuple[Fill, ...]:
        """Return the executions of one order, oldest first."""
        rows = self._file.execute(
            "SELECT fill_id, quantity, price, fee, exchange_time_ns FROM paper_fill"
            " WHERE client_id = ? ORDER BY rowid",
            (client_id,),
        )
        return tuple(
            Fill(fill_id, code, Decimal(quantity), Decimal(price), Decimal(fee), time_ns)
            for fill_id, quantity, price, fee, time_ns in rows.fetchall()
        )

    def positions(self) -> dict[str, Decimal]:
        """Return what is held: the start, every transfer and execution since; what is flat is left out."""
        held = {
            code: Decimal(quantity)
            for code, quantity in self._file.execute("SELECT code, quantity FROM paper_start")
        }
        rows = self._file.execute(
            "SELECT paper_order.code, paper_fill.quantity FROM paper_fill JOIN paper_order USING (client_id)"
            " UNION ALL SELECT code, quantity FROM paper_transfer"
        )
        for code, quantity in rows:
            held[code] = held.get(code, Decimal(0)) + Decimal(quantity)
        return {code: quantity for code, quantity in held.items() if quantity}

    def close(self) -> None:
        """Close the file."""
        self._file.close()
