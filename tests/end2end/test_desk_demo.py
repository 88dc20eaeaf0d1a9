"""One demo run from start to end, as a child process: what its lines promise."""

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

FATES = ("applied", "folded", "refused", "repeated", "late", "not_held", "waiting")
FIGURES = ("nav", "day_pnl", "var", "es", "drawdown", "gross", "hhi", "coverage", "n_scenarios")
KEYS = {
    *("exchange_time", "received_time", *FIGURES, "ticks_received"),
    *(f"ticks_{fate}" for fate in FATES),
    *("open_breaches", "worst_limit", "worst_limit_use"),
}


@dataclass(frozen=True)
class Run:
    code: int
    lines: list[dict[str, Any]]
    errors: str
    children: list[int]
    data: Path
    files: list[str]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory, open_process: type) -> Run:
    """A demo at three seconds a day, ended by itself after fourteen seconds."""
    home = tmp_path_factory.mktemp("demo")
    data = home / "data"
    options = ("--headless", "--json", "--exit-after", 14, "--day-seconds", 3, "--data-dir", data)
    with open_process(["demo", *options], home) as desk:
        desk.until(lambda line: True)
        children = desk.children()
        code = desk.end(None, within_s=40.0)
        files = [path.name for path in data.rglob("*") if path.is_file()]
        return Run(code, desk.lines, desk.said, children, data, files)


def test_that_it_ends_by_itself_with_code_0_and_says_nothing_on_standard_error(run: Run) -> None:
    assert (run.code, run.errors) == (0, "")


def test_that_a_line_comes_every_second(run: Run) -> None:
    assert len(run.lines) >= 9


def test_that_every_line_has_every_key(run: Run) -> None:
    assert [KEYS - set(line) for line in run.lines] == [set()] * len(run.lines)


def test_that_unknown_is_null_and_never_zero(run: Run) -> None:
    for line in run.lines:
        if line["n_scenarios"] == 0:
            assert line["var"] is None
            assert line["es"] is None
        assert line["var"] != 0
        assert line["nav"] != 0
    assert run.lines[0]["var"] is None, "nothing can be known in the first second"


def test_that_day_pnl_and_drawdown_are_unknown_while_the_book_is_not_priced(run: Run) -> None:
    early = [line for line in run.lines if line["nav"] is None]
    assert all(line["day_pnl"] is None and line["drawdown"] is None for line in early)


def test_that_no_book_limit_is_broken_by_half_a_book(run: Run) -> None:
    early = [line for line in run.lines if line["nav"] is None]
    assert [line["worst_limit"] for line in early if (line["worst_limit_use"] or 0.0) > 1.0] == []


def test_that_every_figure_is_known_and_moves_once_history_is_there(run: Run) -> None:
    late = run.lines[-4:]
    for key in ("nav", "day_pnl", "var", "es", "drawdown", "gross", "hhi"):
        values = [line[key] for line in late]
        assert None not in values, key
        assert len(set(values)) > 1, key


def test_that_expected_shortfall_is_not_below_var(run: Run) -> None:
    known = [line for line in run.lines if line["var"] is not None]
    assert known
    assert all(line["es"] >= line["var"] > 0.0 for line in known)


@pytest.mark.parametrize("kind", ["ticks", "books"])
def test_that_every_tick_is_accounted_for_on_every_line(run: Run, kind: str) -> None:
    for line in run.lines:
        assert line[f"{kind}_received"] == sum(line[f"{kind}_{fate}"] for fate in FATES)
    assert run.lines[-1][f"{kind}_applied"] > 100


def test_that_exchange_time_never_runs_backwards(run: Run) -> None:
    times = [line["exchange_time"] for line in run.lines if line["exchange_time"]]
    assert times == sorted(times)
    assert times[0] >= "2020-02-24"


def test_that_a_limit_breaks_within_the_first_days(run: Run) -> None:
    assert run.lines[-1]["open_breaches"] >= 1


def test_that_server_and_watchdog_are_gone(run: Run, ended: Callable[[int], bool]) -> None:
    assert len(run.children) >= 2
    assert all(ended(child) for child in run.children)


def test_that_the_journal_is_whole_and_one_flipped_byte_is_found(
    run: Run, plimsoll: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    whole = run.data / "journal.sqlite"
    good = plimsoll("verify-journal", whole)
    assert (good.returncode, "the chain is whole" in good.stdout) == (0, True)
    image = bytearray(whole.read_bytes())
    place = image.index(b"breach_raised") + 3
    image[place] ^= 0x01
    (tmp_path / "bad.sqlite").write_bytes(image)
    bad = plimsoll("verify-journal", tmp_path / "bad.sqlite")
    assert (bad.returncode, "THE CHAIN IS BROKEN" in bad.stdout) == (1, True)


def test_that_no_write_ahead_log_is_left_behind(run: Run) -> None:
    assert [name for name in run.files if name.endswith(("-wal", "-shm", "-journal"))] == []


def test_that_the_picture_of_the_window_was_written(run: Run) -> None:
    assert (run.data / "plimsoll-screen.png").read_bytes().startswith(b"\x89PNG")


def test_that_all_that_is_written_lies_in_the_data_directory(run: Run) -> None:
    home = run.data.parent
    assert [path.name for path in home.iterdir() if path.name not in {"data", "cache"}] == []
    assert not list((home / "cache").rglob("plimsoll*")) if (home / "cache").exists() else True


def test_that_what_was_written_is_for_its_owner_alone(run: Run) -> None:
    assert sys.platform.startswith("linux")
    for path in [run.data, *run.data.iterdir()]:
        if path.is_dir() or path.suffix == ".sqlite":
            assert path.stat().st_mode & 0o077 == 0, path


def test_that_each_line_is_json_as_the_standard_has_it(run: Run) -> None:
    def refuse(word: str) -> None:
        raise AssertionError(f"{word} is not JSON")

    for line in run.lines:
        json.loads(json.dumps(line), parse_constant=refuse)
