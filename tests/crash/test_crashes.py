"""A few kills of the many that `make crash` does; and that a desk which doubles or loses would be caught."""

import importlib.util
import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

HERE = Path(__file__).parent
_spec = importlib.util.spec_from_file_location("run_crashes", HERE / "run_crashes.py")
assert _spec is not None
assert _spec.loader is not None
run_crashes = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(run_crashes)


def test_that_a_desk_killed_again_and_again_loses_and_doubles_nothing(tmp_path: Path) -> None:
    told = run_crashes.run(tmp_path, 20, seed=1)
    print(told)
    assert told["fills"] > 20
    assert told["orders at the broker"] > 10


@pytest.fixture
def left(tmp_path: Path) -> Path:
    run_crashes.run(tmp_path, 4, seed=5)
    return tmp_path


def test_that_an_order_handed_over_twice_would_be_caught(left: Path) -> None:
    sent = (left / "sent.txt").read_text().split()
    (left / "sent.txt").write_text("\n".join([*sent, sent[0]]))
    with pytest.raises(run_crashes.Crash, match="handed over twice"):
        run_crashes.check(left)


def test_that_an_order_nobody_journalled_would_be_caught(left: Path) -> None:
    with closing(sqlite3.connect(left / "paper.sqlite", isolation_level=None)) as file:
        file.execute("INSERT INTO paper_order VALUES ('P-stranger', 'XOM.US', '5', NULL, 0)")
    with pytest.raises(run_crashes.Crash, match="without a journal row"):
        run_crashes.check(left)


def test_that_a_fill_the_broker_never_made_would_be_caught(left: Path) -> None:
    with closing(sqlite3.connect(left / "paper.sqlite", isolation_level=None)) as file:
        fill_id = file.execute("SELECT fill_id FROM paper_fill").fetchone()[0]
        file.execute("DELETE FROM paper_fill WHERE fill_id = ?", (fill_id,))
    with pytest.raises(run_crashes.Crash, match="is not the broker's"):
        run_crashes.check(left)


def test_that_a_forgotten_halt_would_be_caught(left: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    request = {"kill_id": "K-x", "scope": "the whole book", "codes": None, "pressed_by": "Ada", "reason": ""}
    row = {"number": 1, **request, "flattens": False, "is_drill": False, "asked_ns": 1, "step": "latched"}
    row |= {"words": "", "at_ns": 1, "person": "Ada", "orders": []}
    path = left / "kill.jsonl"
    before = path.read_text() if path.exists() else ""
    path.write_text(f"{before}\n{json.dumps(row)}\n")
    run_crashes.check(left)
    monkeypatch.setattr(run_crashes, "standing_halts", lambda _rows: ())
    with pytest.raises(run_crashes.Crash, match="a halt was forgotten"):
        run_crashes.check(left)
