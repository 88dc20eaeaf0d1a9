"""Starts, ends, crashes and restarts of the desk as a child process: nothing torn, left or mixed."""

import json
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Plimsoll = Callable[..., subprocess.CompletedProcess[str]]
Line = dict[str, Any]
SWIFT = ("demo", "--headless", "--json", "--day-seconds", 2, "--rate", 10)


def has_prices(line: Line) -> bool:
    return line["nav"] is not None


def has_var(line: Line) -> bool:
    return line["var"] is not None


def rows_of(data: Path, kind: str) -> list[tuple[int, str]]:
    with sqlite3.connect(data / "journal.sqlite") as connection:
        found = connection.execute(
            "SELECT number, body FROM entry WHERE kind = ? ORDER BY number", (kind,)
        ).fetchall()
    connection.close()
    return found


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_that_a_signal_ends_it_with_code_0_and_without_a_torn_row(
    desk: Callable[..., Any],
    plimsoll: Plimsoll,
    ended: Callable[[int], bool],
    tmp_path: Path,
    number: signal.Signals,
) -> None:
    data = tmp_path / "data"
    running = desk(*SWIFT, "--data-dir", data)
    running.until(lambda line: line["open_breaches"] > 0)
    children = running.children()
    assert len(children) >= 2, "the server, the watchdog, and perhaps the studies"
    assert running.end(number) == 0
    assert all(ended(child) for child in children)
    assert running.said == ""
    assert plimsoll("verify-journal", data / "journal.sqlite").returncode == 0


def test_that_a_killed_desk_takes_its_server_along_and_leaves_a_whole_journal(
    desk: Callable[..., Any], plimsoll: Plimsoll, ended: Callable[[int], bool], tmp_path: Path
) -> None:
    data = tmp_path / "data"
    running = desk(*SWIFT, "--data-dir", data)
    running.until(lambda line: line["open_breaches"] > 0)
    children = running.children()
    assert len(children) >= 2, "the server, the watchdog, and perhaps the studies"
    assert running.end(signal.SIGKILL) == -signal.SIGKILL
    assert all(ended(child) for child in children)
    assert plimsoll("verify-journal", data / "journal.sqlite").returncode == 0
    again = desk(*SWIFT, "--data-dir", data)
    assert again.until(lambda line: True)["open_breaches"] > 0, "the breach outlived the crash"
    assert again.end() == 0
    assert plimsoll("verify-journal", data / "journal.sqlite").returncode == 0


def test_that_a_restart_keeps_the_breaches_and_continues_the_chain(
    desk: Callable[..., Any], plimsoll: Plimsoll, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    first = desk(*SWIFT, "--data-dir", data)
    first.until(lambda line: line["open_breaches"] > 0 and has_var(line))
    assert first.end() == 0
    raised = rows_of(data, "breach_raised")
    second = desk(*SWIFT, "--data-dir", data)
    line = second.until(lambda line: True)
    assert line["open_breaches"] > 0
    second.until(has_prices)
    assert second.end() == 0
    assert rows_of(data, "breach_raised")[: len(raised)] == raised
    assert len(rows_of(data, "book")) == 1, "the same positions file is the same book"
    assert plimsoll("verify-journal", data / "journal.sqlite").returncode == 0


def test_that_a_second_start_shows_var_from_the_cache_at_once(
    desk: Callable[..., Any], tmp_path: Path
) -> None:
    data = tmp_path / "data"
    first = desk(*SWIFT, "--data-dir", data)
    n_scenarios = first.until(has_var)["n_scenarios"]
    assert first.end() == 0
    second = desk(*SWIFT, "--data-dir", data)
    early = second.until(lambda line: line["n_scenarios"] > 0, within_s=8.0)
    assert len(second.lines) <= 2, "the cache answers before AllTick could"
    assert early["n_scenarios"] >= n_scenarios - 1
    assert second.end() == 0


def test_that_a_second_instance_on_one_directory_is_refused_by_name(
    desk: Callable[..., Any], plimsoll: Plimsoll, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    first = desk(*SWIFT, "--data-dir", data)
    first.until(lambda line: True)
    refused = plimsoll(*SWIFT, "--data-dir", data)
    assert refused.returncode == 2
    assert f"in use by another Plimsoll (process {first.pid}" in refused.stderr
    assert refused.stdout == ""
    assert first.end() == 0


def test_that_a_demo_and_a_live_book_never_share_a_directory(
    desk: Callable[..., Any], plimsoll: Plimsoll, live_book: Path, tmp_path: Path
) -> None:
    book = ("--portfolio", live_book / "positions.csv", "--limits", live_book / "limits.toml")
    demo = tmp_path / "demo"
    first = desk(*SWIFT, "--data-dir", demo)
    first.until(lambda line: True)
    assert first.end() == 0
    refused = plimsoll("--headless", "--data-dir", demo, *book, first_line="a-token\n")
    assert refused.returncode == 2
    assert "belongs to a demo" in refused.stderr
    live = tmp_path / "live"
    (live / "config").mkdir(parents=True)
    (live / "config" / "settings.toml").write_text('[alltick]\nhost = "127.0.0.1:9"\n', encoding="utf-8")
    second = plimsoll("--headless", "--exit-after", 1, "--data-dir", live, *book, first_line="a-token\n")
    assert second.returncode == 0, second.stderr
    refused = plimsoll(*SWIFT, "--data-dir", live)
    assert refused.returncode == 2
    assert "belongs to a live book" in refused.stderr


def test_that_the_plain_line_speaks_of_var_and_breaches(desk: Callable[..., Any], tmp_path: Path) -> None:
    running = desk("demo", "--headless", "--day-seconds", 2, "--data-dir", tmp_path / "data")
    early = running.until(lambda line: "VaR" in line["text"])["text"]
    assert "VaR unknown (" in early
    assert "breach" in early
    late = running.until(lambda line: "% of limit)" in line["text"])["text"]
    assert "NAV" in late
    assert running.end() == 0


def test_that_a_reader_who_goes_away_does_not_stop_the_desk(
    desk: Callable[..., Any], plimsoll: Plimsoll, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    options = " ".join(map(str, (*SWIFT, "--exit-after", 5, "--data-dir", data)))
    shell = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {sys.executable} -m plimsoll {options} | head -n 1"],
        capture_output=True,
        text=True,
        timeout=40,
        check=False,
        cwd=tmp_path,
        env={"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"},
    )
    assert (shell.returncode, shell.stderr) == (0, "")
    assert plimsoll("verify-journal", data / "journal.sqlite").returncode == 0


def test_that_profile_writes_a_speedscope_file_of_the_running_desk(
    plimsoll: Plimsoll, tmp_path: Path
) -> None:
    recording = tmp_path / "desk.speedscope.json"
    ended = plimsoll(
        "demo", "--headless", "--exit-after", 6, "--data-dir", tmp_path / "d", "--profile", recording
    )
    if "Operation not permitted" in ended.stderr or "Permission denied" in ended.stderr:
        pytest.skip("this user may not look into a process (ptrace)")
    assert ended.returncode == 0
    profiles = json.loads(recording.read_text(encoding="utf-8"))["profiles"]
    assert any("MainThread" in profile["name"] for profile in profiles)
