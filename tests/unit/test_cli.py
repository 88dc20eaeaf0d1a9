"""The command line: what is asked for comes out as one frozen request, or the program ends with code 2."""

from datetime import date
from pathlib import Path

import pytest

from plimsoll import __version__
from plimsoll.cli import (
    CheckPortfolioRequest,
    DemoRequest,
    DeskRequest,
    ExportJournalRequest,
    PersonRequest,
    ReportRequest,
    ServeRequest,
    TokenRequest,
    VerifyJournalRequest,
    View,
    request_from,
)
from plimsoll.domain.person import Right


def complaint(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    with pytest.raises(SystemExit) as ending:
        request_from(arguments)
    assert ending.value.code == 2
    told = capsys.readouterr()
    assert told.out == ""
    return told.err


def test_that_no_argument_opens_the_desk_with_everything_from_the_settings() -> None:
    assert request_from([]) == DeskRequest(View(), None, None, None, None)


def test_that_a_plan_left_out_leaves_the_choice_to_the_settings() -> None:
    asked = request_from(["--headless"])
    assert isinstance(asked, DeskRequest)
    assert not asked.plan, "a default here would outrank settings.toml"


@pytest.mark.parametrize("plan", ["Free", "Basic", "Premium", "Professional"])
def test_that_a_plan_named_here_is_the_one(plan: str) -> None:
    asked = request_from(["--plan", plan])
    assert isinstance(asked, DeskRequest)
    assert asked.plan == plan


def test_that_json_implies_headless() -> None:
    asked = request_from(["--json"])
    assert isinstance(asked, DeskRequest)
    assert asked.view == View(headless=True, json_lines=True)


def test_that_headless_alone_speaks_in_words() -> None:
    asked = request_from(["--headless"])
    assert isinstance(asked, DeskRequest)
    assert asked.view == View(headless=True)


def test_that_a_person_has_every_right_unless_some_are_named() -> None:
    assert request_from(["add-person", "Ada"]) == PersonRequest("Ada", tuple(Right), None)
    some = request_from(["add-person", "Ben", "--rights", "approve", "confirm"])
    assert some == PersonRequest("Ben", (Right.APPROVE, Right.CONFIRM), None)


def test_that_a_drill_takes_its_days_from_its_crisis_alone(capsys: pytest.CaptureFixture[str]) -> None:
    assert "--from" in complaint(capsys, "drill", "2008-09", "--from", "2008-09-02")


def test_that_the_demo_starts_in_the_crisis_of_2020() -> None:
    asked = request_from(["demo"])
    assert isinstance(asked, DemoRequest)
    assert (asked.first_day, asked.last_day) == (date(2020, 2, 24), date(2020, 3, 31))
    assert (asked.day_seconds, asked.rate, asked.seed, asked.speed) == (60.0, 5.0, 0, 1.0)


def test_that_every_demo_option_arrives() -> None:
    words = (
        "demo --headless --json --exit-after 3.5 --data-dir d --portfolio p.csv --limits l.toml --theme day "
        "--verbose --from 2008-09-15 --to 2008-10-10 --day-seconds 2 --closes c.csv --ticks a --ticks b "
        "--speed 0 --rate 7 --seed 9"
    )
    assert request_from(words.split()) == DemoRequest(
        View(headless=True, json_lines=True, exit_after_s=3.5, theme="day", verbose=True),
        Path("d"), Path("p.csv"), Path("l.toml"), date(2008, 9, 15), date(2008, 10, 10), 2.0, Path("c.csv"),
        (Path("a"), Path("b")), 0.0, 7.0, 9,
    )  # fmt: skip


def test_that_every_serve_option_arrives() -> None:
    words = "serve --plan Free --port 81 --from 2020-03-02 --to 2020-03-03 --day-seconds 2 --load 10 500 "
    words += "--start now --loop --seed 3 --rate 8 --speed 2 --closes c.csv --ticks t"
    assert request_from(words.split()) == ServeRequest(
        "Free", 81, date(2020, 3, 2), date(2020, 3, 3), 2.0, Path("c.csv"), (Path("t"),), 2.0, 8.0, 3,
        (10, 500.0), start_now=True, loops=True,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("words", "request_made"),
    [
        ("check-portfolio p.csv", CheckPortfolioRequest(Path("p.csv"), None, "USD")),
        (
            "check-portfolio p.csv --instruments i.csv --base-currency EUR",
            CheckPortfolioRequest(Path("p.csv"), Path("i.csv"), "EUR"),
        ),
        ("verify-journal j", VerifyJournalRequest(Path("j"))),
        ("export-journal j --out o.csv", ExportJournalRequest(Path("j"), Path("o.csv"))),
        ("report --out o.pdf", ReportRequest("end-of-day", Path("o.pdf"), None)),
        (
            "report --kind review --out o.XLSX --data-dir d --demo --day 2020-03-02 --days 30",
            ReportRequest("review", Path("o.XLSX"), Path("d"), is_demo=True, day=date(2020, 3, 2), n_days=30),
        ),
        ("set-token", TokenRequest(forget=False, data_dir=None)),
        ("forget-token --data-dir d", TokenRequest(forget=True, data_dir=Path("d"))),
        (
            "set-token --for smtp --account ada@desk.example",
            TokenRequest(forget=False, data_dir=None, provider="smtp", account="ada@desk.example"),
        ),
    ],
)
def test_that_the_small_commands_arrive(words: str, request_made: object) -> None:
    assert request_from(words.split()) == request_made


@pytest.mark.parametrize(
    ("words", "value", "expected"),
    [
        ("--exit-after 0", "'0'", "above zero"),
        ("--exit-after nan", "'nan'", "above zero"),
        ("--exit-after inf", "'inf'", "above zero"),
        ("--exit-after soon", "'soon'", "expected a number"),
        ("demo --day-seconds -1", "'-1'", "above zero"),
        ("demo --from 24.2.2020", "'24.2.2020'", "2020-02-24"),
        ("demo --from 2020-03-02 --to 2020-03-01", "2020-03-01", "2020-03-02 or later"),
        ("demo --speed -0.5", "'-0.5'", "zero or more"),
        ("demo --rate 0", "'0'", "above zero"),
        ("demo --seed x", "'x'", "whole number"),
        ("serve --port 65536", "'65536'", "0 to 65535"),
        ("serve --port 1.5", "'1.5'", "0 to 65535"),
        ("--plan Gold", "'Gold'", "Professional"),
        ("--theme pink", "'pink'", "night"),
    ],
)
def test_that_a_bad_value_is_named_with_what_was_expected(
    capsys: pytest.CaptureFixture[str], words: str, value: str, expected: str
) -> None:
    told = complaint(capsys, *words.split())
    assert value in told
    assert expected in told


@pytest.mark.parametrize("words", ["--no-such-option", "no-such-command", "demo extra", "check-portfolio"])
def test_that_what_it_does_not_know_ends_it_with_a_usage_line(
    capsys: pytest.CaptureFixture[str], words: str
) -> None:
    assert "usage: plimsoll" in complaint(capsys, *words.split())


@pytest.mark.parametrize("port", ["nan", "inf", "-inf"])
def test_that_a_port_that_is_no_number_is_refused_and_no_crash(
    capsys: pytest.CaptureFixture[str], port: str
) -> None:
    assert "0 to 65535" in complaint(capsys, "serve", f"--port={port}")


@pytest.mark.parametrize(
    "load", [("nan", "5"), ("inf", "5"), ("0", "5"), ("2.5", "5"), ("5", "-1"), ("5", "nan")]
)
def test_that_a_load_that_cannot_be_is_refused_and_no_crash(
    capsys: pytest.CaptureFixture[str], load: tuple[str, str]
) -> None:
    assert "--load" in complaint(capsys, "serve", "--load", *load)


def test_that_the_seed_is_not_below_zero(capsys: pytest.CaptureFixture[str]) -> None:
    assert "--seed" in complaint(capsys, "demo", "--seed=-1")


@pytest.mark.parametrize("option", ["--help", "--version"])
def test_that_help_and_version_end_with_code_0(capsys: pytest.CaptureFixture[str], option: str) -> None:
    with pytest.raises(SystemExit) as ending:
        request_from([option])
    assert not ending.value.code
    told = capsys.readouterr()
    assert told.err == ""
    assert "plimsoll" in told.out
    assert option == "--help" or told.out.strip() == f"plimsoll {__version__}"


def test_that_help_names_every_command_and_option_of_the_promise(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        request_from(["--help"])
    desk = capsys.readouterr().out
    with pytest.raises(SystemExit):
        request_from(["demo", "--help"])
    demo = capsys.readouterr().out
    for word in (
        "demo",
        "serve",
        "check-portfolio",
        "verify-journal",
        "--headless",
        "--json",
        "--exit-after",
    ):
        assert word in desk
    for word in (
        "--from",
        "--to",
        "--day-seconds",
        "--closes",
        "--ticks",
        "--speed",
        "--portfolio",
        "--limits",
    ):
        assert word in demo
