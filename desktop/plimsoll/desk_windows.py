"""The windows a desk opens on demand, and what leaves it: editors, events, changed files, alerts."""

import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QObject, Slot

from plimsoll.bridge.alert_channels import channels_of
from plimsoll.bridge.alert_post import AlertPost
from plimsoll.bridge.alert_vault import AlertVault
from plimsoll.bridge.file_watch import FileWatch
from plimsoll.bridge.import_station import ImportStation
from plimsoll.bridge.people_sign import sign_from
from plimsoll.bridge.portfolio_offer import offer_of
from plimsoll.bridge.report_station import ReportStation, ReportTerms
from plimsoll.bridge.risk_model import RiskModel
from plimsoll.domain.book import Book
from plimsoll.domain.book_event import BookEvent, HoldingsRestated
from plimsoll.domain.book_preview import BookPreview
from plimsoll.domain.book_record import BookRecord
from plimsoll.domain.desk_request import BookEventAsked
from plimsoll.domain.errors import FileRefused
from plimsoll.domain.instrument import Instrument
from plimsoll.domain.limit import Limit
from plimsoll.domain.response_policy import ResponsePolicy
from plimsoll.notify.alert_settings import AlertSettings
from plimsoll.storage.limits_file import write_limits
from plimsoll.storage.policy_file import write_policy
from plimsoll.widgets.book_event_dialog import BookEventDialog
from plimsoll.widgets.import_desk import ImportDesk
from plimsoll.widgets.instrument_editor import InstrumentEditor
from plimsoll.widgets.limit_desk import LimitDesk
from plimsoll.widgets.limits_panel import ADD
from plimsoll.widgets.main_window import MainWindow
from plimsoll.widgets.policy_desk import PolicyDesk
from plimsoll.widgets.portfolio_change_dialog import PortfolioChangeDialog
from plimsoll.widgets.report_menu import ReportMenu


@dataclass(frozen=True, slots=True)
class DeskBooks:
    """The book's files and what they said at the start.

    Attributes
    ----------
    book : Book
        As the file has it.
    master : Mapping
        The instrument master by code.
    positions, instruments : Path
        The files.
    editable_master : Path
        Where the editor writes: never into the program's own samples.
    people : Path
        Who may sign, if anybody wrote them down.
    file_limits : tuple of Limit
        What the limits file said at the start.
    limits : Path or None
        The limits file that follows what is changed in the program; None where it is a sample of ours.
    policy : ResponsePolicy
        What the responses file said at the start, or what is built in.
    responses : Path or None
        The file that follows what is changed in the program; None where there is none.
    """

    book: Book
    master: Mapping[str, Instrument]
    positions: Path
    instruments: Path
    editable_master: Path
    people: Path
    file_limits: tuple[Limit, ...]
    limits: Path | None
    policy: ResponsePolicy
    responses: Path | None


class RunningDesk(Protocol):
    """What the windows need of desk.Desk."""

    @property
    def followed(self) -> frozenset[str]:
        """Codes that may be held."""

    def follow(self, codes: Sequence[str]) -> None:
        """Follow more codes: the threads begin anew, on what the journal says."""

    def fetch_facts(self, codes: Sequence[str]) -> Sequence[object]:
        """Return what AllTick knows of shares."""


class DeskWindows(QObject):
    """Joins dialogs to the model; made when the window's late views stand."""

    def __init__(
        self,
        window: MainWindow,
        model: RiskModel,
        books: DeskBooks,
        alerts: AlertSettings,
        *,
        source: str,
        hide: Callable[[str], None],
        desk: RunningDesk,
        reports: ReportTerms | None = None,
    ) -> None:
        super().__init__(window)
        self._window = window
        self._model = model
        self._books = books
        self._desk = desk
        self._waiting: list[Callable[[], None]] = []
        self._record: BookRecord | None = None
        self._written_policy = books.policy
        self._written_limits: tuple[Limit, ...] | None = None
        self._events: BookEventDialog | None = None
        self._station = ImportStation(model, books.master, books.book, desk, self)
        self.imports: ImportDesk | None = None
        self._editor: InstrumentEditor | None = None
        self._offer: PortfolioChangeDialog | None = None
        self.post = AlertPost(model, channels_of(alerts, AlertVault(hide)), source=source, parent=self)
        add = window.registry.add
        add("Book", "Trades, cash and events", "Ctrl+T", self.open_events)
        add("Book", "Instrument master", "Ctrl+I", self.open_instruments)
        model.record_changed.connect(self._take_record)
        model.preview_ready.connect(self._show_preview)
        model.request_taken.connect(self._show_taken)
        model.request_rejected.connect(self._show_rejected)
        self.sign = sign_from(books.people, model.person)
        window.queue.join(self.sign)
        window.breach_column.join(self.sign)
        self.limits = LimitDesk(window.centre.limits, window.theme, self.sign)
        self.limits.take_known(books.file_limits)
        self.limits.asked.connect(model.ask)
        model.request_taken.connect(self.limits.show_taken)
        model.request_rejected.connect(self.limits.show_refusal)
        model.limits_changed.connect(self.limits.take_known)
        model.day_rolled.connect(window.centre.limits.begin_day)
        add("Limits", "Add a limit", "Ctrl+L", self.add_limit)
        model.limits_changed.connect(self._write_limits)
        self.policy = PolicyDesk(window, window.theme, self.sign, books.policy)
        self.policy.take_limits(books.file_limits)
        self.policy.asked.connect(model.ask)
        model.request_taken.connect(self.policy.show_taken)
        model.request_rejected.connect(self.policy.show_refusal)
        model.limits_changed.connect(self.policy.take_limits)
        model.policy_changed.connect(self.policy.take_policy)
        model.policy_changed.connect(self._write_policy)
        add("Limits", "Response policy", "Ctrl+P", self.policy.open)
        self.reports = ReportStation(model, reports, self) if reports is not None else None
        if self.reports is not None:
            self._report_menu = ReportMenu(
                window.registry, self.reports.write, self.reports.export_journal, window
            )
        self._watch = FileWatch(books.positions, self)
        self._watch.changed.connect(self._offer_file)
        self._watch.gone.connect(self._tell_gone)

    @Slot()
    def begin(self) -> None:
        """Begin to send alerts, now that the window can show what becomes of them."""
        self.post.start()
        if self._window.late is not None:
            self._window.late.alerts.join(self.post)

    def end(self) -> bool:
        """Send what waits, stop, and tell whether all ended in time."""
        if self.reports is not None:
            self.reports.end()
        return bool(self.post.stop())

    @Slot()
    def open_events(self) -> None:
        """Open the form for trades, cash and other events."""
        if self._events is None:
            books = self._books
            self._events = BookEventDialog(
                self._window.theme,
                books.master,
                books.book,
                self._preview,
                self._submit,
                person=self._model.person,
                make_id=lambda: os.urandom(16).hex(),
                parent=self._window,
            )
            self.imports = ImportDesk(self._events, self._model, self._station, self._window.theme)
        if self._record is not None:
            self._events.show_record(self._record)
        self._events.show()
        self._events.raise_()

    @Slot()
    def add_limit(self) -> None:
        """Open the editor for a new limit."""
        self._window.centre.show_limits()
        self.limits.open(ADD)

    @Slot()
    def open_instruments(self) -> None:
        """Open the editor of the instrument master."""
        if self._editor is None:
            books = self._books
            self._editor = InstrumentEditor(
                self._window.theme,
                list(books.master.values()),
                books.editable_master,
                model_path=books.instruments,
                fetch=self._desk.fetch_facts,
                parent=self._window,
            )
        self._editor.show()
        self._editor.raise_()

    def _preview(self, event: BookEvent) -> None:
        self._once_followed(event, lambda: self._model.ask_for_preview(event))

    def _submit(self, event: BookEvent) -> None:
        self._once_followed(event, lambda: self._model.ask(BookEventAsked(event)))

    def _once_followed(self, event: BookEvent, ask: Callable[[], None]) -> None:
        """Ask at once, or once the desk follows what the event is about: a first trade in something new."""
        codes = {str(getattr(event, "code", ""))}
        if isinstance(event, HoldingsRestated):
            codes = {holding.code for holding in event.holdings}
        new = sorted(code for code in codes & self._books.master.keys() if code not in self._desk.followed)
        if not new:
            ask()
            return
        self._waiting.append(ask)
        self._desk.follow(new)

    @Slot(object)
    def _take_record(self, record: BookRecord) -> None:
        self._record = record
        waiting, self._waiting = self._waiting, []
        for ask in waiting:
            ask()
        if self._events is not None and not self._station.is_running:
            self._events.show_record(record)

    @Slot(object)
    def _show_preview(self, preview: BookPreview) -> None:
        if self._events is not None:
            self._events.show_preview(preview)

    @Slot(object)
    def _show_taken(self, request: object) -> None:
        if isinstance(request, BookEventAsked):
            self._show_outcome(request.event, "")

    @Slot(object, str)
    def _show_rejected(self, request: object, reason: str) -> None:
        if isinstance(request, BookEventAsked):
            self._show_outcome(request.event, reason)

    def _show_outcome(self, event: BookEvent, refusal: str) -> None:
        if self._station.has_asked(event):
            return  # the import says how far it has come
        if self._events is not None and self._events.isVisible():
            self._events.show_outcome(event, refusal)
        elif refusal:
            self._model.raise_alarm(f"Not entered into the book: {refusal}")

    @Slot(object)
    def _write_limits(self, limits: tuple[Limit, ...]) -> None:
        """Let the limits file say what stands; the journal has it already, so a failure is only told.

        Each start tells what stands: only what changes afterwards is written, for a change made in the file
        by hand may wait to act.
        """
        written, self._written_limits = self._written_limits, limits
        if self._books.limits is None or written in (None, limits):
            return
        self._write(self._books.limits, lambda path: write_limits(path, limits))

    @Slot(object)
    def _write_policy(self, policy: ResponsePolicy) -> None:
        """Let the responses file say what stands; each start tells it, only another is written."""
        if self._books.responses is None or policy == self._written_policy:
            return
        self._written_policy = policy
        self._write(self._books.responses, lambda path: write_policy(path, policy))

    def _write(self, path: Path, write: Callable[[Path], None]) -> None:
        try:
            write(path)
        except (FileRefused, OSError) as why:
            self._model.raise_alarm(
                f"{path.name} could not be written, the change stands all the same: {why}"
            )

    @Slot(object)
    def _offer_file(self, path: Path) -> None:
        """Show what a changed positions file would change; nothing happens unless it is accepted."""
        books = self._books
        held = self._record.book if self._record is not None else books.book
        offer = offer_of(
            path,
            books.instruments,
            held,
            books.master,
            person=self._model.person,
            time_ns=time.time_ns(),
        )
        if self._offer is not None:
            self._offer.close()
        event = offer.event
        self._offer = PortfolioChangeDialog(path.name, offer.lines, offer.refusal, self._window)
        if event is not None:
            self._offer.accepted_file.connect(lambda: self._submit(event))
        self._offer.show()

    @Slot(object)
    def _tell_gone(self, path: Path) -> None:
        self._model.raise_alarm(f"{path.name} is gone from the disk; the book stays as it is.")
