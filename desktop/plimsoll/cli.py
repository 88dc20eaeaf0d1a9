"""The command line: words in, one frozen request out; no side effects but --help and --version."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from plimsoll import __version__
from plimsoll.argument import (
    add_days,
    add_desk_options,
    add_replay_options,
    codes_and_rate,
    day,
    file_of,
    n_days,
    port,
)
from plimsoll.domain.person import Right

DEMO_FIRST_DAY = date(2020, 2, 24)
DEMO_LAST_DAY = date(2020, 3, 31)
DRILL_DAY_S = 30.0
PLANS = ("Free", "Basic", "Premium", "Professional")


@dataclass(frozen=True, slots=True)
class View:
    """How the desk shows itself.

    Attributes
    ----------
    headless : bool
        Whether lines on standard output stand in for a screen.
    json_lines : bool
        Whether those lines are JSON objects.
    exit_after_s : float or None
        Seconds after which it ends by itself.
    theme : str
        "system", "night" or "day".
    verbose : bool
        Whether the log goes to standard error in full.
    profile : Path or None
        Where to record the running desk for speedscope.
    """

    headless: bool = False
    json_lines: bool = False
    exit_after_s: float | None = None
    theme: str = "system"
    verbose: bool = False
    profile: Path | None = None


@dataclass(frozen=True, slots=True)
class DeskRequest:
    """Open the desk on live prices; without a plan the settings' counts."""

    view: View
    data_dir: Path | None
    portfolio: Path | None
    limits: Path | None
    plan: str | None


@dataclass(frozen=True, slots=True)
class DemoRequest:
    """Open the desk on a replay of real prices by the local server."""

    view: View
    data_dir: Path | None
    portfolio: Path | None
    limits: Path | None
    first_day: date
    last_day: date
    day_seconds: float
    closes: Path | None
    ticks: tuple[Path, ...]
    speed: float
    rate: float
    seed: int


@dataclass(frozen=True, slots=True)
class DrillRequest(DemoRequest):
    """Open the desk on a crisis to be worked and scored; its days are those of `crisis`.

    Attributes
    ----------
    crisis : str
        A month, "2008-09", or the name of a window of the stress library, "lehman-2008".
    """

    crisis: str = ""


@dataclass(frozen=True, slots=True)
class ServeRequest:
    """Run the local AllTick server alone."""

    plan: str
    port: int
    first_day: date | None
    last_day: date | None
    day_seconds: float
    closes: Path | None
    ticks: tuple[Path, ...]
    speed: float
    rate: float
    seed: int
    load: tuple[int, float] | None
    start_now: bool
    loops: bool


@dataclass(frozen=True, slots=True)
class CheckPortfolioRequest:
    """Read a positions file and say what is wrong with it."""

    positions: Path
    instruments: Path | None
    base_currency: str


@dataclass(frozen=True, slots=True)
class VerifyJournalRequest:
    """Check a journal's chain without the program."""

    journal: Path


@dataclass(frozen=True, slots=True)
class ExportJournalRequest:
    """Write a journal as CSV or JSON, by the name of the file; a desk that asks hears the answer as JSON."""

    journal: Path
    out: Path
    is_asked_by_desk: bool = False


@dataclass(frozen=True, slots=True)
class ReportRequest:
    """Write a report from the journal, without a desk.

    Attributes
    ----------
    kind : str
        One of REPORTS.
    out : Path
        Its name says which form.
    data_dir : Path or None
        Whose journal and settings.
    is_demo : bool
        Whether the demo's are meant where no directory is named.
    day : date or None
        The trading day it ends with; None for the newest.
    n_days : int
        How many days a review looks back.
    is_asked_by_desk : bool
        Whether a desk gives its own figures as a JSON line on standard input, and hears the answer as one.
    """

    kind: str
    out: Path
    data_dir: Path | None
    is_demo: bool = False
    day: date | None = None
    n_days: int = 90
    is_asked_by_desk: bool = False


REPORTS = ("end-of-day", "review")
REPORT_SUFFIXES = (".html", ".pdf", ".xlsx")
EXPORT_SUFFIXES = (".csv", ".json")


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """Store a secret in the keyring, or forget it: the AllTick token, or one of an alert channel.

    Attributes
    ----------
    forget : bool
        Whether it is to be removed.
    data_dir : Path or None
        Whose settings name the account.
    provider : str
        One of SECRETS.
    account : str
        Whose secret; empty for the account of the settings, or "default".
    """

    forget: bool
    data_dir: Path | None
    provider: str = "alltick"
    account: str = ""


SECRETS = ("alltick", "smtp", "webhook-url", "webhook-key")
"""What the keyring keeps for this program."""


@dataclass(frozen=True, slots=True)
class PersonRequest:
    """Write a person into people.toml, with the hash of a PIN that comes from the terminal or standard input.

    Attributes
    ----------
    name : str
        As it will stand in journal rows.
    rights : tuple of Right
        What that name may do.
    data_dir : Path or None
        Whose people.
    """

    name: str
    rights: tuple[Right, ...]
    data_dir: Path | None


Request = (
    DeskRequest
    | DemoRequest
    | ServeRequest
    | CheckPortfolioRequest
    | VerifyJournalRequest
    | ExportJournalRequest
    | ReportRequest
    | TokenRequest
    | PersonRequest
)


def request_from(arguments: Sequence[str] | None = None) -> Request:
    """Return what the command line asks for; a wrong one ends the program with code 2 and a usage line."""
    parser = _parser()
    words = parser.parse_args(arguments)
    match words.command:
        case "demo" | "drill":
            if words.last_day < words.first_day:
                parser.error(f"--to was {words.last_day}, expected {words.first_day} or later")
            facts = (
                _view(words), words.data_dir, words.portfolio, words.limits, words.first_day, words.last_day,
                words.day_seconds, words.closes, tuple(words.ticks), words.speed, words.rate, words.seed,
            )  # fmt: skip
            return DemoRequest(*facts) if words.command == "demo" else DrillRequest(*facts, words.crisis)
        case "serve":
            return ServeRequest(
                words.plan, words.port, words.first_day, words.last_day, words.day_seconds, words.closes,
                tuple(words.ticks), words.speed, words.rate, words.seed,
                None if words.load is None else codes_and_rate(parser, *words.load),
                words.start == "now", words.loop,
            )  # fmt: skip
        case None:
            return DeskRequest(_view(words), words.data_dir, words.portfolio, words.limits, words.plan)
        case _:
            return _errand(words)


def _errand(words: argparse.Namespace) -> Request:
    """Return what a command without a desk asks for."""
    match words.command:
        case "check-portfolio":
            return CheckPortfolioRequest(words.file, words.instruments, words.base_currency)
        case "verify-journal":
            return VerifyJournalRequest(words.file)
        case "export-journal":
            return ExportJournalRequest(words.file, words.out, words.from_desk)
        case "report":
            return ReportRequest(
                words.kind, words.out, words.data_dir, words.demo, words.day, words.days, words.from_desk
            )
        case "add-person":
            return PersonRequest(words.name, tuple(map(Right, words.rights)), words.data_dir)
        case _:
            return TokenRequest(words.command == "forget-token", words.data_dir, words.secret, words.account)


def _view(words: argparse.Namespace) -> View:
    return View(
        words.headless or words.json, words.json, words.exit_after, words.theme, words.verbose, words.profile
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="plimsoll",
        description="A desktop risk monitor: what breaks first, what to do, what it costs.",
        epilog="Without a command the desk opens on live AllTick prices. `plimsoll demo` needs no account.",
    )
    parser.add_argument("--version", action="version", version=f"plimsoll {__version__}")
    add_desk_options(parser)
    parser.add_argument(
        "--plan", choices=PLANS, default=None, help="the token's plan (default: the settings')"
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    demo = commands.add_parser("demo", help="the desk on a real crisis, replayed by a local server")
    add_desk_options(demo)
    add_days(demo, DEMO_FIRST_DAY, DEMO_LAST_DAY)
    add_replay_options(demo)
    drill = commands.add_parser("drill", help="work a replayed crisis yourself, and be scored at its end")
    drill.add_argument(
        "crisis", metavar="CRISIS", help="a month like 2008-09, or a stress window's name like lehman-2008"
    )
    add_desk_options(drill)
    add_replay_options(drill)
    drill.set_defaults(first_day=DEMO_FIRST_DAY, last_day=DEMO_LAST_DAY, day_seconds=DRILL_DAY_S)
    serve = commands.add_parser(
        "serve", help="the local AllTick server alone; its token comes on standard input"
    )
    serve.add_argument(
        "--plan", choices=PLANS, default="Basic", help="whose limits it keeps (default %(default)s)"
    )
    serve.add_argument("--port", type=port, default=0, help="0 takes a free one")
    add_days(serve, None, None)
    add_replay_options(serve)
    serve.add_argument(
        "--load", nargs=2, type=float, metavar=("CODES", "RATE"), help="synthetic ticks for load tests"
    )
    serve.add_argument(
        "--start", choices=("subscription", "now"), default="subscription", help="when the clock starts"
    )
    serve.add_argument("--loop", action="store_true", help="begin anew at the end")
    check = commands.add_parser("check-portfolio", help="read a positions file and say what is wrong with it")
    check.add_argument("file", type=Path, metavar="FILE")
    check.add_argument(
        "--instruments", type=Path, metavar="FILE", help="the instrument master (default: beside it)"
    )
    check.add_argument("--base-currency", default="USD", metavar="CCY")
    _add_journal_commands(commands)
    _add_token_commands(commands)
    person = commands.add_parser("add-person", help="let somebody sign; the PIN comes on standard input")
    person.add_argument("name", metavar="NAME")
    person.add_argument(
        "--rights", nargs="+", choices=[each.value for each in Right], default=tuple(Right), metavar="RIGHT",
        help=f"of {', '.join(Right)} (default: all)",
    )  # fmt: skip
    person.add_argument("--data-dir", type=Path, metavar="DIR")
    return parser


def _add_journal_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    verify = commands.add_parser(
        "verify-journal", help="check that no row of a journal, or of its JSON export, was changed"
    )
    verify.add_argument("file", type=Path, metavar="FILE")
    export = commands.add_parser("export-journal", help="write every row of a journal as CSV or JSON")
    export.add_argument("file", type=Path, metavar="FILE")
    export.add_argument("--out", type=file_of(EXPORT_SUFFIXES), required=True, metavar="OUT.{csv,json}")
    report = commands.add_parser("report", help="write a report from the journal, without a desk")
    report.add_argument("--kind", choices=REPORTS, default=REPORTS[0], help="(default %(default)s)")
    report.add_argument("--out", type=file_of(REPORT_SUFFIXES), required=True, metavar="OUT.{html,pdf,xlsx}")
    report.add_argument("--data-dir", type=Path, metavar="DIR", help="whose journal and settings")
    report.add_argument("--demo", action="store_true", help="the demo's, where no directory is named")
    report.add_argument(
        "--day", type=day, metavar="DATE", help="the trading day it ends with (default: the newest)"
    )
    report.add_argument(
        "--days",
        type=n_days,
        default=90,
        metavar="N",
        help="how far a review looks back (default %(default)s)",
    )
    for command in (export, report):
        command.add_argument("--from-desk", action="store_true", help=argparse.SUPPRESS)


def _add_token_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    for name, text in (
        ("set-token", "read the AllTick token from standard input and store it in the keyring"),
        ("forget-token", "remove the AllTick token from the keyring"),
    ):
        token = commands.add_parser(name, help=text)
        token.add_argument("--data-dir", type=Path, metavar="DIR")
        token.add_argument(
            "--for",
            dest="secret",
            choices=SECRETS,
            default=SECRETS[0],
            help="whose secret: AllTick's token, the mail password, the webhook's address or its signing key",
        )
        token.add_argument("--account", default="", metavar="NAME", help="the mail user, for smtp")
