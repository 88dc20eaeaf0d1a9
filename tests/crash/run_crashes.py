"""Kills a small desk hundreds of times at random instants: nothing may be lost, nothing doubled.

    run_crashes.py [--runs 500] [--seed 0] [--folder DIR]

Before each restart what lies on the disk is held against itself: the journal's chain is whole; no order is at
the broker, or was handed over, without its journal row; none was handed over twice; every fill in the journal
is one of the broker's, once; a halt is a halt still. Every few runs the desk is let settle: then the book is
the start and every fill at the broker, to the last unit.
"""

import argparse
import json
import random
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import closing
from decimal import Decimal
from pathlib import Path

from plimsoll.broker.kill_file import kill_rows
from plimsoll.domain.kill import standing_halts
from plimsoll.storage.journal import verify

CHILD = Path(__file__).parent / "crashing_desk.py"
SETTLE_EVERY = 20
SEASON = 50
"""Kills on one set of files; then others are begun, for the whole journal is read after each kill."""
MOST_STEPS = 150
EXECUTED = frozenset({"approved", "changed", "executed_alone"})


class Crash(AssertionError):
    """An invariant that did not hold; the folder is kept."""


def kill_once(folder: Path, seed: int, dice: random.Random) -> None:
    """Start the desk and kill it: mostly at work, now and then while it restores itself."""
    process = subprocess.Popen(
        [sys.executable, str(CHILD), str(folder), str(seed)], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stderr is not None
    with process:
        if dice.random() < 0.2:
            time.sleep(dice.uniform(0.05, 0.6))
        else:
            if not process.stdout.readline():
                raise Crash(f"it did not come up: {process.stderr.read().decode()[-2000:]}")
            # By its steps, not by the clock: a busy machine must not make it idle.
            process.stdout.read(dice.randint(0, MOST_STEPS))
            time.sleep(dice.uniform(0.0, 0.01))
        if process.poll() is not None:
            raise Crash(f"it ended by itself: {process.stderr.read().decode()[-2000:]}")
        process.kill()


def settle(folder: Path, seed: int) -> None:
    """Let the desk come to rest, and hold book against broker."""
    told = subprocess.run(
        [sys.executable, str(CHILD), str(folder), str(seed), "settle"],
        capture_output=True,
        check=False,
        timeout=120,
    )
    if told.returncode:
        raise Crash(f"it did not settle (code {told.returncode}): {told.stderr.decode()[-2000:]}")
    disk = Disk(folder)
    expect(disk.in_book == disk.at_broker, f"book {disk.in_book}, broker {disk.at_broker}")
    expect(disk.journal_fills.keys() == disk.broker_fills.keys(), "a fill was lost")
    orders, filled = disk.newest_orders(), disk.filled_at_broker()
    for client_id, body in orders.items():
        quantity = filled.get(client_id, Decimal(0))
        expect(Decimal(body["filled"]) == quantity, f"{client_id} is filled by {quantity}, told {body}")


class Disk:
    """What the dead desk left behind."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.start: dict[str, Decimal] = {}
        self.broker_fills: dict[str, tuple[str, Decimal]] = {}
        self.broker_orders: dict[str, str] = {}
        self.transfers: list[tuple[str, Decimal]] = []
        self.rows: list[tuple[int, str, dict[str, str]]] = []
        self._read_broker(folder / "paper.sqlite")
        self._read_journal(folder / "journal.sqlite")
        sent = folder / "sent.txt"
        self.sent = sent.read_text().split() if sent.exists() else []
        self.journal_events = self._fills()

    def _read_broker(self, path: Path) -> None:
        if not path.exists():
            return
        with closing(sqlite3.connect(path)) as file:
            names = {name for (name,) in file.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
            if "paper_start" not in names:
                return
            self.start = {c: Decimal(q) for c, q in file.execute("SELECT code, quantity FROM paper_start")}
            self.broker_orders = dict(file.execute("SELECT client_id, code FROM paper_order"))
            fills = file.execute("SELECT fill_id, client_id, quantity FROM paper_fill")
            transfers = file.execute("SELECT code, quantity FROM paper_transfer")
            self.transfers = [(code, Decimal(quantity)) for code, quantity in transfers]
            self.broker_fills = {fill_id: (owner, Decimal(quantity)) for fill_id, owner, quantity in fills}

    def _read_journal(self, path: Path) -> None:
        if not path.exists():
            return
        with closing(sqlite3.connect(path)) as file:
            if file.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]:
                found = file.execute("SELECT number, kind, body FROM entry ORDER BY number")
                self.rows = [(number, kind, json.loads(body)) for number, kind, body in found]

    def _fills(self) -> dict[str, dict[str, str]]:
        """Return the book's events by id: fills of orders, and trades that were entered by hand."""
        bodies = [body for _, kind, body in self.rows if kind == "book_event"]
        counts = Counter(body["event_id"] for body in bodies)
        expect(not counts or max(counts.values()) == 1, f"an event stands twice in the journal: {counts}")
        return {body["event_id"]: body for body in bodies}

    @property
    def by_hand(self) -> dict[str, dict[str, str]]:
        return {key: body for key, body in self.journal_events.items() if key.startswith("T-")}

    @property
    def journal_fills(self) -> dict[str, dict[str, str]]:
        return {key: body for key, body in self.journal_events.items() if not key.startswith("T-")}

    def newest_orders(self) -> dict[str, dict[str, str]]:
        return {body["client_id"]: body for _, kind, body in self.rows if kind == "order"}

    def filled_at_broker(self) -> dict[str, Decimal]:
        filled: dict[str, Decimal] = {}
        for owner, quantity in self.broker_fills.values():
            filled[owner] = filled.get(owner, Decimal(0)) + quantity
        return filled

    @property
    def in_book(self) -> dict[str, Decimal]:
        held = dict(self.start)
        for body in self.journal_events.values():
            held[body["code"]] += Decimal(body["quantity"])
        return held

    @property
    def at_broker(self) -> dict[str, Decimal]:
        held = dict(self.start)
        for owner, quantity in self.broker_fills.values():
            held[self.broker_orders[owner]] += quantity
        for code, quantity in self.transfers:
            held[code] += quantity
        return held


def expect(holds: object, words: str) -> None:
    if not holds:
        raise Crash(words)


def check(folder: Path) -> Disk:
    """Hold what is on the disk against the invariants that hold at every instant."""
    disk = Disk(folder)
    if disk.rows:
        report = verify(folder / "journal.sqlite")
        expect(report.is_intact, f"the journal: {report.faults}")
    # A closing order of a kill is journalled by the kill's own file, before it is sent.
    kills = kill_rows(folder / "kill.jsonl")
    of_kills = {order.client_id for row in kills for order in row.orders}
    journalled = disk.newest_orders().keys() | of_kills
    twice = [client_id for client_id, n in Counter(disk.sent).items() if n > 1]
    expect(not twice, f"handed over twice: {twice}")
    expect(set(disk.sent) <= journalled, "handed over without a journal row")
    expect(disk.broker_orders.keys() <= journalled, "at the broker without a journal row")
    decided: dict[str, int] = {}
    for number, kind, body in disk.rows:
        if kind == "proposal_decision" and body["state"] in EXECUTED:
            expect(body["decision_id"] not in decided, f"executed twice: {body['decision_id']}")
            decided[body["decision_id"]] = number
    for number, kind, body in disk.rows:
        if kind == "order" and body["client_id"] not in of_kills:
            decision_id = body["decision_id"].split("/")[0]
            expect(decided.get(decision_id, number) < number, f"no decision before {body}")
    for fill_id, body in disk.journal_fills.items():
        told = disk.broker_fills.get(fill_id)
        expect(told is not None, f"{fill_id} is not the broker's")
        expect(told is None or told[1] == Decimal(body["quantity"]), f"{fill_id} is not the broker's: {told}")
    released = {row.request.kill_id for row in kills if row.step == "released"}
    pressed = {row.request.kill_id for row in kills if row.step == "latched"}
    standing = {row.request.kill_id for row in standing_halts(kills)}
    expect(standing == pressed - released, "a halt was forgotten")
    return disk


def run(folder: Path, n_runs: int, seed: int) -> dict[str, int]:
    """Kill and restart `n_runs` times; return what happened on the way.

    Raises
    ------
    Crash
        If an invariant did not hold.
    """
    dice = random.Random(seed)
    for number in range(n_runs):
        kill_once(folder, seed * 1_000_003 + number, dice)
        check(folder)
        if number % SETTLE_EVERY == SETTLE_EVERY - 1 or number == n_runs - 1:
            settle(folder, seed + number)
    disk = check(folder)
    kinds = Counter(kind for _, kind, _ in disk.rows)
    return {
        "kills": n_runs,
        "journal rows": len(disk.rows),
        "breaches": kinds["breach_raised"],
        "proposals": kinds["proposal"],
        "decisions": kinds["decision"] + kinds["proposal_decision"],
        "trades by hand": len(disk.by_hand),
        "orders sent": len(disk.sent),
        "orders at the broker": len(disk.broker_orders),
        "fills": len(disk.broker_fills),
        "kill switch presses": len({row.request.kill_id for row in kill_rows(folder / "kill.jsonl")}),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description="kill -9, again and again")
    parser.add_argument("--runs", type=int, default=500)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--folder", type=Path, default=None)
    words = parser.parse_args()
    folder = words.folder or Path(tempfile.mkdtemp(prefix="plimsoll-crash-"))
    begun_s = time.monotonic()
    try:
        told: Counter[str] = Counter()
        for season, begin in enumerate(range(0, words.runs, SEASON)):
            files = folder / f"season-{season}"
            files.mkdir(parents=True)
            told.update(run(files, min(SEASON, words.runs - begin), words.seed * 1_000 + season))
            print(f"{told['kills']} kills", flush=True)
    except Crash as crash:
        print(f"FAILED: {crash}\nthe evidence is kept in {folder}")
        return 1
    told_words = ", ".join(f"{n:,} {name}" for name, n in told.items())
    print(f"nothing lost, nothing doubled: {told_words}; {time.monotonic() - begun_s:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
