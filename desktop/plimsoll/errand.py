"""The commands that open no desk: the server alone, a positions file, a journal, a report, a person."""

import getpass
import json
import os
import sys
import time
from collections.abc import Iterator
from datetime import date
from functools import partial
from pathlib import Path

import msgspec

from plimsoll import cli
from plimsoll.bridge.report_backtest import report_backtest
from plimsoll.domain.person import Person
from plimsoll.domain.report import ReportKind
from plimsoll.domain.response_policy import BUILT_IN
from plimsoll.engine.day_roll import DayRoll
from plimsoll.engine.figure_record import figures_from
from plimsoll.engine.ports import JournalRow, JournalUnavailable
from plimsoll.engine.report_maker import ReportRecipe, make_report
from plimsoll.storage.folders import folders_for
from plimsoll.storage.journal import sealed_rows, verify
from plimsoll.storage.journal_export import verify_export, write_journal_export
from plimsoll.storage.people_file import people_from_text, person_lines
from plimsoll.storage.policy_file import policy_from_file
from plimsoll.storage.portfolio_file import check
from plimsoll.storage.settings import settings_from_file
from plimsoll.storage.text_file import text_of, write_atomically, write_parts_atomically
from plimsoll.widgets.report_file import report_file

OK, FAILED, BAD_INPUT = 0, 1, 2


def serve(request: cli.ServeRequest) -> int:
    """Run the local AllTick server until its standard input closes."""
    # The server alone needs aiohttp; the desk starts without it.
    from plimsoll.alltick_server.running_server import ServeOptions  # noqa: PLC0415
    from plimsoll.alltick_server.serve import main  # noqa: PLC0415

    return main(
        ServeOptions(
            plan=request.plan, port=request.port, first_day=request.first_day, last_day=request.last_day,
            day_seconds=request.day_seconds, closes=request.closes, ticks=request.ticks, speed=request.speed,
            rate=request.rate, seed=request.seed, load=request.load,
            start="now" if request.start_now else "subscription", loops=request.loops,
        )
    )  # fmt: skip


def check_portfolio(request: cli.CheckPortfolioRequest) -> int:
    """Read a positions file and say what is wrong with it: 0 good, 2 refused."""
    result = check(request.positions, request.instruments, request.base_currency)
    for complaint in (*result.complaints, *result.warnings):
        sys.stderr.write(f"{result.path}: {complaint}\n")
    if result.book is None:
        return BAD_INPUT
    n_cash = len(result.book.cash)
    sys.stdout.write(
        f"{request.positions}: {len(result.book.positions)} positions, {n_cash} cash lines, good\n"
    )
    return OK


def verify_journal(request: cli.VerifyJournalRequest) -> int:
    """Check a journal's chain: 0 intact, 1 changed, 2 no journal."""
    if not request.journal.is_file():
        return _refuse(f"{request.journal} was not found, expected a journal file")
    is_export = request.journal.suffix.lower() == ".json"
    report = verify_export(request.journal) if is_export else verify(request.journal)
    for fault in report.faults:
        sys.stderr.write(f"{request.journal}: {fault}\n")
    state = "the chain is whole" if report.is_intact else "THE CHAIN IS BROKEN"
    sys.stdout.write(f"{request.journal}: {report.n_rows} rows, {state}\n")
    return OK if report.is_intact else FAILED


def export_journal(request: cli.ExportJournalRequest) -> int:
    """Write a journal as CSV or JSON: 0 written, 1 not, 2 no journal."""
    try:
        n_rows = write_journal_export(request.journal, request.out)
    except JournalUnavailable as why:
        return _refuse(str(why))
    except OSError as why:
        sys.stderr.write(f"plimsoll: {request.out} was not written: {why.strerror or why}\n")
        return FAILED
    if request.is_asked_by_desk:
        sys.stdout.write(json.dumps({"written": str(request.out), "what": f"{n_rows} rows"}) + "\n")
    else:
        sys.stdout.write(f"{request.out}: {n_rows} rows of {request.journal}\n")
    return OK


def write_report(request: cli.ReportRequest) -> int:
    """Write a report from a journal and the settings: 0 written, 1 not, 2 no journal."""
    os.environ["QT_QPA_PLATFORM"] = "offscreen"  # paper needs Qt's fonts, and no screen
    folders = folders_for(is_demo=request.is_demo, data_dir=request.data_dir)
    settings = settings_from_file(folders.settings_file)
    hour, minute = (int(part) for part in settings.roll_time.split(":"))
    try:
        # A desk that asks knows more than its journal: the day that is not over.
        told = sys.stdin.readline() if request.is_asked_by_desk else ""
        figures = figures_from(json.loads(told)) if told.strip() else None
        rows = partial(_rows_of, folders.journal_file)
        has_lamps = figures is not None and bool(figures.lamp_words)
        recipe = ReportRecipe(
            ReportKind(request.kind),
            time.time_ns(),
            DayRoll(hour, minute),
            base_currency=settings.base_currency,
            day=None if request.day is None else (request.day - date(1970, 1, 1)).days,
            n_days=request.n_days,
            figures=figures,
            policy=BUILT_IN if settings.responses is None else policy_from_file(settings.responses),
            backtest=None if has_lamps else report_backtest(rows, settings, folders.history_file),
        )
        report = make_report(rows, recipe)
        write_parts_atomically(request.out, (report_file(report, request.out),))
    except (JournalUnavailable, msgspec.ValidationError, json.JSONDecodeError) as why:
        return _refuse(str(why))
    except OSError as why:
        sys.stderr.write(f"plimsoll: {request.out} was not written: {why.strerror or why}\n")
        return FAILED
    if request.is_asked_by_desk:
        sys.stdout.write(json.dumps({"written": str(request.out), "what": report.period}) + "\n")
        return OK
    sys.stdout.write(f"{request.out}: {report.kind.caption.lower()}, {report.period}\n")
    for caution in report.cautions:
        sys.stderr.write(f"plimsoll: {caution}\n")
    return OK


def add_person(request: cli.PersonRequest) -> int:
    """Add somebody to people.toml: 0 done, 1 not written, 2 no PIN, or one that does not do.

    Raises
    ------
    FileRefused
        If the file cannot be understood, or would not be with that person; it stays as it was.
    """
    path = folders_for(is_demo=False, data_dir=request.data_dir).config / "people.toml"
    known = f"{text_of(path).rstrip()}\n\n" if path.exists() else ""
    try:
        lines = person_lines(Person(request.name, frozenset(request.rights)), _pin())
    except ValueError as why:
        return _refuse(str(why))
    people = people_from_text(known + lines, path).people
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_atomically(path, known + lines)
    except OSError as why:
        sys.stderr.write(f"plimsoll: {path} could not be written: {why.strerror or why}\n")
        return FAILED
    sys.stdout.write(f"{path}: {', '.join(person.name for person in people.persons)} may sign\n")
    return OK


def _rows_of(journal: Path) -> Iterator[JournalRow]:
    return (sealed.row for sealed in sealed_rows(journal))


def _refuse(reason: str) -> int:
    sys.stderr.write(f"plimsoll: {reason}\n")
    return BAD_INPUT


def _pin() -> str:
    """Return a PIN, typed twice at a terminal, since nobody sees it."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    pin = getpass.getpass("PIN (not shown): ")
    if getpass.getpass("again: ") != pin:
        raise ValueError("the PIN was typed in two ways, expected the same twice: try again")
    return pin
