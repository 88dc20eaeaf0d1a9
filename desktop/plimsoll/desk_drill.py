"""The drill: a replayed crisis worked against the paper broker, and the score card at its end."""

import json
import logging
import re
import sys
import time
from calendar import monthrange
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from PySide6.QtCore import QCoreApplication, QObject, Slot

from plimsoll import assets, cli
from plimsoll.bridge.drill_lines import drill_lines
from plimsoll.bridge.risk_model import RiskModel
from plimsoll.domain.book import Book
from plimsoll.domain.crisis_window import day_number
from plimsoll.domain.drill_card import DrillCard
from plimsoll.domain.errors import Complaint, FileRefused
from plimsoll.domain.instrument import Instrument
from plimsoll.domain.snapshot import RiskSnapshot
from plimsoll.domain.units import NS_PER_S
from plimsoll.engine.drill_book import book_then
from plimsoll.engine.drill_score import DRILL_CARD, DrillEnd, card_body, drill_card
from plimsoll.engine.ports import JournalUnavailable
from plimsoll.storage.bundled_history import bundled_history
from plimsoll.storage.crisis_file import crisis_windows_from_folder
from plimsoll.storage.folders import Folders
from plimsoll.storage.journal import SqliteJournal, sealed_rows
from plimsoll.widgets.drill_card import DrillCardDialog
from plimsoll.widgets.main_window import MainWindow

log = logging.getLogger("plimsoll.app")

_MONTH = re.compile(r"(\d{4})-(\d{2})")
_STALE_DAYS = 10
"""A close older than this before the first day is not the price of a thing quoted then."""
_NEW_YORK = ZoneInfo("America/New_York")
_LAST_MINUTE = (15, 55)


def resolved(request: cli.DrillRequest) -> cli.DrillRequest:
    """Return a drill's request with the days of its crisis: a month, or a window of the stress library.

    Raises
    ------
    FileRefused
        If the library has no such window, or the month no such days.
    """
    windows = crisis_windows_from_folder(assets.path("stress"))
    month = _MONTH.fullmatch(request.crisis)
    if month is not None and 1 <= int(month[2]) <= 12:
        year, number = int(month[1]), int(month[2])
        last = monthrange(year, number)[1]
        return replace(request, first_day=date(year, number, 1), last_day=date(year, number, last))
    for window in windows:
        if window.window_id == request.crisis:
            # The window begins with the close before the first loss.
            return replace(request, first_day=window.start + timedelta(days=1), last_day=window.end)
    names = ", ".join(sorted(window.window_id for window in windows))
    complaint = Complaint("drill", request.crisis, f"a month like 2008-09, or one of {names}")
    raise FileRefused(assets.path("stress"), (complaint,))


def drill_book(book: Book, master: Mapping[str, Instrument], first_day: date) -> Book:
    """Return the sample book as it might have been before a drill's first day.

    Raises
    ------
    FileRefused
        If nothing of it was quoted then.
    """
    path = assets.path("market/closes.npz")
    columns = bundled_history(path)
    first = day_number(first_day)
    is_recent = (columns.day_numbers < first) & (columns.day_numbers >= first - _STALE_DAYS)
    order = np.argsort(columns.day_numbers[is_recent], kind="stable")
    codes = columns.code_index[is_recent][order].tolist()
    closes = columns.closes[is_recent][order].tolist()
    # Of several days the newest assignment stands.
    close_of = {columns.codes[code]: close for code, close in zip(codes, closes, strict=True)}
    made = book_then(book, master, close_of)
    if not made.positions:
        complaint = Complaint("drill", str(first_day), "a day before which something of the book was quoted")
        raise FileRefused(path, (complaint,))
    return replace(made, name=f"{book.name} at the values of {first_day}")


class DeskDrill(QObject):
    """Watches a drill to its end, scores it, shows the card and keeps it."""

    def __init__(
        self,
        window: MainWindow,
        model: RiskModel,
        request: cli.DrillRequest,
        folders: Folders,
        master: Mapping[str, Instrument],
        source: str,
    ) -> None:
        super().__init__(window)
        self._window = window
        self._model = model
        self._request = request
        self._folders = folders
        self._source = source
        self._multiplier_of = {code: item.multiplier for code, item in master.items()}
        self._began_ns = time.time_ns()
        self._last_ns = _last_minute(request.last_day)
        self._is_over = False
        self.card: DrillCard | None = None
        window.registry.add("Review", "End the drill and score it", "Ctrl+E", self.score)
        model.snapshot_taken.connect(self._look)

    @Slot()
    def score(self) -> None:
        """Score what was done so far, and show it."""
        snapshot = self._model.snapshot
        if snapshot is None:
            return
        self._is_over = True
        self.card = self._scored(snapshot)
        if self.card is not None:
            DrillCardDialog(self.card, self._window).show()

    def end(self) -> None:
        """Keep the card, and print it where no screen was: called when the desk is closed."""
        snapshot = self._model.snapshot
        if self.card is None and snapshot is not None:
            self.card = self._scored(snapshot)
        if self.card is None:
            return
        self._keep(self.card, snapshot.exchange_time_ns if snapshot is not None else 0)
        if self._request.view.json_lines:
            sys.stdout.write(json.dumps({"drill": card_body(self.card)}) + "\n")
        elif self._request.view.headless:
            lines = drill_lines(self.card)
            width = max(len(line.caption) for line in lines)
            text = "".join(f"{line.caption:{width}}  {line.value}  ({line.meaning})\n" for line in lines)
            sys.stdout.write(f"Drill {self.card.crisis}\n{text}")

    @Slot(object)
    def _look(self, snapshot: RiskSnapshot) -> None:
        """End the drill by itself when the market's last day does."""
        if self._is_over or snapshot.exchange_time_ns < self._last_ns:
            return
        self.score()
        if self._request.view.headless:
            QCoreApplication.exit(0)

    def _scored(self, snapshot: RiskSnapshot) -> DrillCard | None:
        try:
            rows = [
                sealed.row
                for sealed in sealed_rows(self._folders.journal_file)
                if sealed.received_time_ns >= self._began_ns
            ]
        except JournalUnavailable as why:
            self._model.raise_alarm(f"The drill could not be scored: {why}")
            return None
        table = snapshot.table
        mark_of = {item.code: float(mark) for item, mark in zip(table.instruments, table.mark, strict=True)}
        return drill_card(
            rows,
            DrillEnd(snapshot.exchange_time_ns, snapshot.nav, mark_of),
            self._multiplier_of,
            crisis=self._request.crisis,
            currency=snapshot.base_currency,
        )

    def _keep(self, card: DrillCard, exchange_ns: int) -> None:
        """Write the card into the journal, which the desk has closed by now."""
        try:
            journal = SqliteJournal(self._folders.journal_file, source=self._source)
            try:
                journal.append(
                    DRILL_CARD,
                    card_body(card),
                    exchange_time_ns=exchange_ns,
                    received_time_ns=time.time_ns(),
                    person=self._model.person,
                )
            finally:
                journal.close()
        except JournalUnavailable:
            log.exception("the drill's card could not be kept")


def _last_minute(day: date) -> int:
    """Return the exchange time at which the last session of a drill is as good as over."""
    while day.weekday() >= 5:
        day -= timedelta(days=1)
    end = datetime(day.year, day.month, day.day, *_LAST_MINUTE, tzinfo=_NEW_YORK)
    return int(end.astimezone(UTC).timestamp()) * NS_PER_S
