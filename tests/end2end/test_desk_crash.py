"""An approval under way when the program is killed: started again, it has the same book, nothing twice."""

import json
import signal
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any

HAND = Path(__file__).with_name("approving_desk.py")
DEMO = ("demo", "--headless", "--json", "--rate", 10)
ENDS = {"filled", "cancelled", "rejected", "lost"}
EXECUTED = {"approved", "changed", "executed_alone"}
Line = dict[str, Any]


def rows_of(data: Path, kind: str) -> list[Line]:
    """Return the bodies of the journal's rows of a kind, while or after it is written."""
    with closing(sqlite3.connect(f"file:{data / 'journal.sqlite'}?mode=ro", uri=True)) as journal:
        found = journal.execute("SELECT body FROM entry WHERE kind = ? ORDER BY number", (kind,))
        return [json.loads(body) for (body,) in found]


def paper(data: Path, question: str) -> list[tuple[Any, ...]]:
    (record,) = data.glob("paper-*.sqlite")
    with closing(sqlite3.connect(f"file:{record}?mode=ro", uri=True)) as file:
        return file.execute(question).fetchall()


def orders_of(data: Path) -> dict[str, str]:
    """Return the newest state of each order, by its id."""
    return {row["client_id"]: row["state"] for row in rows_of(data, "order")}


def fills_in_book(data: Path) -> list[tuple[str, str, Decimal]]:
    """Return id, code and quantity of what the journal's book bought and sold since its start."""
    rows = rows_of(data, "book_event")
    return [(row["event_id"], row["code"], Decimal(row["quantity"])) for row in rows]


def fills_at_broker(data: Path) -> set[tuple[str, str, Decimal]]:
    question = "SELECT fill_id, code, paper_fill.quantity FROM paper_fill JOIN paper_order USING (client_id)"
    return {(fill_id, code, Decimal(quantity)) for fill_id, code, quantity in paper(data, question)}


def is_settled(data: Path) -> bool:
    """Tell whether every order is accounted for, and every fill at the broker is in the book."""
    known = set(orders_of(data).values()) <= {*ENDS, "working"}
    return known and set(fills_in_book(data)) == fills_at_broker(data)


def test_that_an_approval_killed_under_way_ends_once_and_the_same_after_a_restart(
    desk: Callable[..., Any], plimsoll: Callable[..., Any], tmp_path: Path
) -> None:
    data = tmp_path / "data"
    environment = {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin", "PYTHONWARNINGS": "default"}
    killed = subprocess.run(
        [sys.executable, HAND, *map(str, DEMO), "--data-dir", data, "--exit-after", "25"],
        capture_output=True, text=True, timeout=40, check=False, cwd=tmp_path, env=environment,
    )  # fmt: skip
    assert killed.returncode == -signal.SIGKILL, killed.stdout[-800:] + killed.stderr[-800:]
    decided = [row for row in rows_of(data, "proposal_decision") if row["state"] in EXECUTED]
    orders, breaches = orders_of(data), [row["breach_id"] for row in rows_of(data, "breach_raised")]
    assert len(decided) == 1
    assert orders
    assert set(orders.values()) - ENDS, "it died while the orders were out"

    again = desk(*DEMO, "--data-dir", data)
    line = again.until(lambda line: line["nav"] is not None)
    assert line["open_breaches"] > 0
    again.until(lambda _line: is_settled(data))
    assert again.end() == 0

    assert orders_of(data).keys() == orders.keys(), "nothing else was sent"
    sent = Counter(row["client_id"] for row in rows_of(data, "order") if row["state"] == "sent")
    assert set(sent.values()) == {1}
    at_broker = [client_id for (client_id,) in paper(data, "SELECT client_id FROM paper_order")]
    assert set(at_broker) <= orders.keys()
    assert len(at_broker) == len(set(at_broker))
    executed = [row for row in rows_of(data, "proposal_decision") if row["state"] in EXECUTED]
    assert executed == decided, "no decision was carried out again, none made"
    booked = fills_in_book(data)
    assert len(booked) == len(set(booked))
    assert set(booked) <= fills_at_broker(data)
    assert [row["breach_id"] for row in rows_of(data, "breach_raised")][: len(breaches)] == breaches
    assert plimsoll("verify-journal", data / "journal.sqlite").returncode == 0
