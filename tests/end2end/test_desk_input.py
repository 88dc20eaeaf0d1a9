"""Wrong input ends the program with code 2 and names line, column, value and what was expected."""

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Plimsoll = Callable[..., subprocess.CompletedProcess[str]]
SAMPLES = Path(__file__).parents[2] / "resources" / "samples"


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """A copy of the sample book to spoil."""
    folder = tmp_path / "spoilt"
    folder.mkdir()
    for sample in SAMPLES.iterdir():
        (folder / sample.name).write_bytes(sample.read_bytes())
    return folder


def spoil(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


@pytest.mark.parametrize(
    ("file", "old", "new", "words"),
    [
        ("positions.csv", "AAPL.US,17250,", "AAPL.US,many,", ("line 2", "quantity", "'many'", "expected")),
        ("positions.csv", "MSFT.US,2300", "MSTF.US,2300", ("line 3", "code", "'MSTF.US'", "expected")),
        ("positions.csv", "code,quantity", "code,amount", ("line 1", "quantity", "expected")),
        ("instruments.csv", "AAPL.US,Apple,equity", "AAPL.US,Apple,stonk", ("'stonk'", "expected", "equity")),
        ("limits.toml", "line = 0.0175", 'line = "tight"', ("line 24", "field line", "tight", "expected")),
        ("limits.toml", 'measure = "var_fraction"', 'measure = "var_share"', ("var_share", "expected")),
    ],
)
def test_that_a_bad_file_is_refused_by_place_value_and_expectation(
    plimsoll: Plimsoll, book: Path, tmp_path: Path, file: str, old: str, new: str, words: tuple[str, ...]
) -> None:
    spoil(book / file, old, new)
    files = ("--portfolio", book / "positions.csv", "--limits", book / "limits.toml")
    refused = plimsoll("demo", "--headless", "--json", "--data-dir", tmp_path / "data", *files)
    assert (refused.returncode, refused.stdout) == (2, ""), "nothing is half loaded"
    for word in (file, *words):
        assert word in refused.stderr
    assert "Traceback" not in refused.stderr
    assert not (tmp_path / "data" / "journal.sqlite").exists(), "no journal of a book that was refused"


def test_that_all_complaints_of_a_file_come_at_once(plimsoll: Plimsoll, book: Path) -> None:
    spoil(book / "positions.csv", "AAPL.US,17250,", "AAPL.US,many,")
    spoil(book / "positions.csv", "GE.US,28750,", "GE.US,,")
    refused = plimsoll("check-portfolio", book / "positions.csv")
    assert refused.returncode == 2
    assert "line 2" in refused.stderr
    assert "line 17" in refused.stderr


def test_that_a_good_file_is_called_good(plimsoll: Plimsoll) -> None:
    good = plimsoll("check-portfolio", SAMPLES / "positions.csv")
    assert (good.returncode, good.stderr) == (0, "")
    assert "25 positions, 3 cash lines, good" in good.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ("check-portfolio", "no-such.csv"),
        ("verify-journal", "no-such.sqlite"),
        ("demo", "--headless", "--portfolio", "no-such.csv", "--data-dir", "d"),
        ("demo", "--headless", "--limits", "no-such.toml", "--data-dir", "d"),
        ("--headless", "--portfolio", "no-such.csv", "--limits", "no-such.toml", "--data-dir", "d"),
    ],
)
def test_that_a_file_that_is_not_there_is_named(plimsoll: Plimsoll, arguments: tuple[str, ...]) -> None:
    refused = plimsoll(*arguments, first_line="a-token\n")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "no-such" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_that_a_live_desk_without_a_book_says_how_to_name_one(plimsoll: Plimsoll, tmp_path: Path) -> None:
    refused = plimsoll("--headless", "--data-dir", tmp_path / "d", first_line="a-token\n")
    assert refused.returncode == 2
    assert "--portfolio" in refused.stderr
    assert "plimsoll demo" in refused.stderr


@pytest.mark.parametrize("arguments", [("--no-such-option",), ("demo", "--day-seconds", "0"), ("sell",)])
def test_that_an_unknown_option_ends_with_code_2_and_a_usage_line(
    plimsoll: Plimsoll, arguments: tuple[str, ...]
) -> None:
    refused = plimsoll(*arguments)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "usage: plimsoll" in refused.stderr


def test_that_help_ends_with_code_0(plimsoll: Plimsoll) -> None:
    told = plimsoll("--help")
    assert (told.returncode, told.stderr) == (0, "")
    for word in ("demo", "serve", "check-portfolio", "--headless", "--json", "--exit-after"):
        assert word in told.stdout


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("date,symbol,close\n2020-02-24,AAPL.US,dear\n", ("line 2", "dear", "expected")),
        ("day;code;price\n", ("line 1", "expected")),
    ],
)
def test_that_a_bad_closes_file_ends_a_demo_with_code_2_and_its_complaint(
    plimsoll: Plimsoll, tmp_path: Path, text: str, words: tuple[str, ...]
) -> None:
    closes = tmp_path / "closes.csv"
    closes.write_text(text, encoding="utf-8")
    refused = plimsoll(
        "demo", "--headless", "--json", "--exit-after", 5, "--closes", closes, "--data-dir", tmp_path / "d"
    )
    assert refused.returncode == 2
    for word in ("closes.csv", *words):
        assert word in refused.stderr


def test_that_ones_own_closes_move_a_book_of_ones_own(
    desk: Callable[..., Any], live_book: Path, tmp_path: Path
) -> None:
    import pandas as pd

    days = pd.bdate_range("2019-06-03", "2020-03-06")
    lines = ["date,symbol,close"]
    for code, price in (("AAPL.US", 70.0), ("MSFT.US", 160.0), ("EURUSD", 1.1), ("BTCUSDT", 8000.0)):
        lines += [f"{day.date()},{code},{price * (1 + (n % 7 - 3) / 100):.6f}" for n, day in enumerate(days)]
    closes = tmp_path / "closes.csv"
    closes.write_text("\n".join(lines) + "\n", encoding="utf-8")
    files = ("--portfolio", live_book / "positions.csv", "--limits", live_book / "limits.toml")
    running = desk(
        "demo", "--json", "--day-seconds", 3, "--from", "2020-02-24", "--to", "2020-03-06",
        "--closes", closes, "--data-dir", tmp_path / "data", *files,
    )  # fmt: skip
    line = running.until(lambda line: line["var"] is not None)
    assert line["var"] > 0.0
    assert line["n_scenarios"] >= 100
    assert running.end() == 0
