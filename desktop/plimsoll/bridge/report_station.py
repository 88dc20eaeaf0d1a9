"""Reports of a running desk: asked for by a person, or due by the clock, each written by a child process."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from PySide6.QtCore import QObject, Signal, Slot

from plimsoll.bridge.child_process import ChildProcess
from plimsoll.bridge.risk_model import RiskModel
from plimsoll.domain.backtest_result import BacktestResult
from plimsoll.domain.report import ReportKind
from plimsoll.domain.snapshot import RiskSnapshot
from plimsoll.domain.units import NS_PER_S
from plimsoll.engine.day_roll import DayRoll
from plimsoll.engine.figure_record import body_of_figures, figures_of
from plimsoll.engine.report_period import last_roll, roll_of
from plimsoll.storage.folders import Folders
from plimsoll.storage.settings import ReportSchedule

_EPOCH = date(1970, 1, 1)
_NEVER_NS = 2**62


@dataclass(frozen=True, slots=True)
class ReportTerms:
    """What reports are made of and when.

    Attributes
    ----------
    folders : Folders
        Whose journal and settings.
    day_roll : DayRoll
        When trading days end.
    schedule : ReportSchedule
        When one is written by itself.
    """

    folders: Folders
    day_roll: DayRoll = field(default_factory=DayRoll)
    schedule: ReportSchedule = field(default_factory=ReportSchedule)

    def words(self) -> list[str]:
        """Return what tells the command line whose journal is meant."""
        folders = self.folders
        has_one_root = folders.config == folders.data / "config"
        return ["--data-dir", str(folders.data)] if has_one_root else ["--demo"] if folders.is_demo else []

    def due_ns(self, day: int) -> int:
        """Return when a trading day's report is due, by exchange time; never is far off."""
        if not self.schedule.end_of_day or self.schedule.folder is None:
            return _NEVER_NS
        hour, minute = (int(part) for part in self.schedule.end_of_day.split(":"))
        zone = ZoneInfo(self.day_roll.zone)
        then = datetime.combine(_EPOCH + timedelta(days=day), datetime.min.time(), zone)
        return int(then.replace(hour=hour, minute=minute).astimezone(UTC).timestamp()) * NS_PER_S

    def files_of(self, day: int) -> list[Path]:
        """Return the files of a trading day's report."""
        folder, name = self.schedule.folder, f"end-of-day-{_EPOCH + timedelta(days=day)}"
        return [] if folder is None else [folder / f"{name}.{form}" for form in self.schedule.forms]


class ReportStation(QObject):
    """Follows the day and commissions reports; the figures are those of the newest snapshot of the day.

    Signals
    -------
    written(Path)
        A report lies there.
    """

    written = Signal(object)

    def __init__(self, model: RiskModel, terms: ReportTerms, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._model, self._terms = model, terms
        self._day: int | None = None
        self._roll_ns = self._due_ns = 0
        self._of_day: RiskSnapshot | None = None
        self._backtest: BacktestResult | None = None
        self._waiting: dict[ChildProcess, Path] = {}
        model.snapshot_taken.connect(self.follow)

    @Slot(object)
    def take_backtest(self, result: BacktestResult | None) -> None:
        """Keep the newest backtest: its lamps stand in the reports from now on."""
        self._backtest = result

    @Slot(object)
    def follow(self, snapshot: RiskSnapshot) -> None:
        """Keep the newest figures of the day, and write its report when it is due."""
        exchange_ns = snapshot.exchange_time_ns
        if not exchange_ns:
            return
        if self._day is None:
            self._begin_first(exchange_ns)
        if exchange_ns < self._roll_ns:
            self._of_day = snapshot
        if exchange_ns >= self._due_ns:
            self._write_due()
            self._begin(self._terms.day_roll.trading_day(max(exchange_ns, self._roll_ns)))
            self._of_day = snapshot

    def write(self, kind: ReportKind, path: Path) -> None:
        """Write a report of the day or period under way; what becomes of it is told in the banner."""
        self._commission(kind, path, self._model.snapshot, None)

    def export_journal(self, path: Path) -> None:
        """Write every row of the journal as CSV or JSON; what becomes of it is told in the banner."""
        self._start(["export-journal", str(self._terms.folders.journal_file)], path, "")

    def end(self) -> None:
        """Let those under way finish, or end them."""
        for child in tuple(self._waiting):
            child.stop()
        self._waiting.clear()

    def _begin_first(self, exchange_ns: int) -> None:
        """Begin with the day under way, or with the one before where its report is due only now."""
        terms = self._terms
        before = terms.day_roll.trading_day(last_roll(terms.day_roll, exchange_ns) - 1)
        if exchange_ns < terms.due_ns(before) < _NEVER_NS:
            self._begin(before)
            return
        self._begin(terms.day_roll.trading_day(exchange_ns))
        self._tell_missed(before)

    def _begin(self, day: int) -> None:
        self._day = day
        self._roll_ns, self._due_ns = roll_of(self._terms.day_roll, day), self._terms.due_ns(day)

    def _write_due(self) -> None:
        """Commission each form of the day's report that is not there yet."""
        if self._day is None:
            return
        for path in self._terms.files_of(self._day):
            if not path.exists():
                self._commission(ReportKind.END_OF_DAY, path, self._of_day, self._day)

    def _tell_missed(self, day: int) -> None:
        """Tell that the report of a day before is missing, where reports were written before it."""
        terms = self._terms
        folder = terms.schedule.folder
        if folder is None or not any(folder.glob("end-of-day-*")):
            return
        missed = [path for path in terms.files_of(day) if not path.exists()]
        if missed:
            words = " ".join(("plimsoll report", *terms.words(), f"--day {_EPOCH + timedelta(days=day)}"))
            self._model.raise_alarm(
                f"The report of {_EPOCH + timedelta(days=day)} was not written: the desk was shut at "
                f"{terms.schedule.end_of_day}. Write it with `{words} --out {missed[0]}`."
            )

    def _commission(
        self, kind: ReportKind, path: Path, snapshot: RiskSnapshot | None, day: int | None
    ) -> None:
        if day is None and snapshot is not None and snapshot.exchange_time_ns:
            day = self._terms.day_roll.trading_day(snapshot.exchange_time_ns)
        dated = [] if day is None else ["--day", (_EPOCH + timedelta(days=day)).isoformat()]
        figures = (
            "" if snapshot is None else json.dumps(body_of_figures(figures_of(snapshot, self._backtest)))
        )
        self._start(["report", "--kind", kind.value, *self._terms.words(), *dated], path, figures)

    def _start(self, words: Sequence[str], path: Path, first_line: str) -> None:
        """Let a child process write a file."""
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as why:
            self._model.raise_alarm(f"{path} was not written: {why.strerror or why}")
            return
        child = ChildProcess([*words, "--out", str(path), "--from-desk"], self)
        child.line_read.connect(self._hear)
        child.died.connect(self._mourn)
        child.refused.connect(self._mourn)
        self._waiting[child] = path
        child.start(first_line)

    @Slot(object)
    def _hear(self, said: dict[str, object]) -> None:
        child = self.sender()
        path = self._waiting.pop(child, None) if isinstance(child, ChildProcess) else None
        if path is not None:
            self._model.notice_raised.emit(f"Written: {path} ({said.get('what', '')}).", False)
            self.written.emit(path)

    @Slot(str)
    def _mourn(self, words: str) -> None:
        child = self.sender()
        if not isinstance(child, ChildProcess):
            return
        path = self._waiting.pop(child, None)
        child.deleteLater()
        if path is not None:
            self._model.raise_alarm(f"{path.name} was not written: {words}")
