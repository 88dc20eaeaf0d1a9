"""The backtest of a report that no desk gave one: the journal's book, tried in this process."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from plimsoll import assets
from plimsoll.bridge.study_job import StudyRecipe, forecast, judge, prepare
from plimsoll.domain.backtest_result import BacktestResult
from plimsoll.domain.book import Book
from plimsoll.domain.errors import FileRefused
from plimsoll.domain.instrument import Instrument
from plimsoll.domain.method import RiskMethod
from plimsoll.engine.book_path import BookPath
from plimsoll.engine.ports import JournalRow
from plimsoll.engine.restoration import restored_from
from plimsoll.engine.study_book import StudyBook, study_book
from plimsoll.engine.universe import Universe, universe_of
from plimsoll.engine.var_forecast import FORECAST_METHODS
from plimsoll.storage.portfolio_file import book_from_files, instruments_beside
from plimsoll.storage.price_history import HistoryUnavailable
from plimsoll.storage.settings import Settings


@dataclass(frozen=True, slots=True)
class PastJournal:
    """A journal that is only read; see engine.ports.Journal."""

    read_rows: Callable[[], Iterable[JournalRow]]

    n_rows = 0

    def append(self, kind: str, body: Mapping[str, object], **_when: object) -> int:
        """Refuse: nothing is written here."""
        raise NotImplementedError(kind, body)

    def rows(self, kinds: Iterable[str] = ()) -> Iterable[JournalRow]:
        """Return the rows of these kinds, or all, oldest first."""
        wanted = frozenset(kinds)
        return (row for row in self.read_rows() if not wanted or row.kind in wanted)


def report_backtest(
    read_rows: Callable[[], Iterable[JournalRow]], settings: Settings, history_file: Path
) -> BacktestResult:
    """Return the model jury over the book as the journal's newest day roll left it, or why there is none.

    Parameters
    ----------
    read_rows : callable
        Returns every row of the journal, oldest first.
    settings : Settings
        Name the files of the book and the conventions of VaR; a demo without files has its samples.
    history_file : Path
        The cache of fetched bars.
    """
    journal = PastJournal(read_rows)
    rolls = list(journal.rows(("day_roll",)))
    if not rolls:
        return BacktestResult(refusal="no day has ended in this journal")
    is_demo = rolls[-1].source.startswith("demo")
    positions = settings.positions or (assets.path("samples/positions.csv") if is_demo else None)
    if positions is None:
        return BacktestResult(refusal="the settings name no positions file")
    try:
        instruments = settings.instruments or instruments_beside(positions)
        book, master = book_from_files(instruments, positions, settings.base_currency)
        return _tried(journal, book, master, settings.method, history_file)
    except (FileRefused, HistoryUnavailable) as why:
        return BacktestResult(refusal=str(why))


def _tried(
    journal: PastJournal,
    book: Book,
    master: Mapping[str, Instrument],
    method: RiskMethod,
    history_file: Path,
) -> BacktestResult:
    universe = universe_of(book, master)
    restored = restored_from(journal, book, universe)
    if restored.is_new_book:
        return BacktestResult(refusal="the journal tells of another book than the positions file")
    newest = list(journal.rows(("day_roll",)))[-1]
    recipe = StudyRecipe(
        _at_roll(restored.book, universe, method, restored.day),
        method,
        (),
        universe.codes,
        dict(master),
        cache_path=history_file,
        cache_source=newest.source,
        bundled_path=assets.path("market/closes.npz"),
        until_day=int(str(restored.day["day"])),
        run_id=uuid4().hex,
    )
    _, n_window = prepare(recipe)
    forecasts = {name: forecast(recipe, name) for name in FORECAST_METHODS} if n_window else {}
    return judge(recipe, forecasts)


def _at_roll(book: Book, universe: Universe, method: RiskMethod, day: Mapping[str, object]) -> StudyBook:
    """Return the book at the marks of a day roll."""
    path = BookPath(universe, book, method)
    marks = day["marks"]
    if isinstance(marks, Mapping):
        known = ((number, marks.get(code)) for number, code in enumerate(universe.codes))
        path.enter({number: float(mark) for number, mark in known if mark is not None})
    return study_book(universe, path.ledger, path.board.mark)
