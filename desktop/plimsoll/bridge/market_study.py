"""How the market moved together, the book led through the crises, and its P&L: made by another process."""

from dataclasses import dataclass, field
from pathlib import Path

from plimsoll.bridge.study_job import StudyRecipe, load_history
from plimsoll.domain.market_past import MarketPast
from plimsoll.domain.pnl_record import PnlRecord
from plimsoll.domain.stress_result import StressResult
from plimsoll.engine.actual_pnl import ROW_KINDS, DayEnd, day_ends, pnl_record
from plimsoll.engine.crisis_replay import CrisisReplay
from plimsoll.engine.hypothetical_market import market_past
from plimsoll.engine.study_pnl import book_series
from plimsoll.storage.journal import sealed_rows

PAST_DAYS = 1_000
"""Four years: long enough for two hundred positions' covariance, short enough to be of today's market."""


@dataclass(frozen=True, slots=True)
class MarketRecipe:
    """What a market study is made from.

    Attributes
    ----------
    study : StudyRecipe
        Book, history and crises.
    journal_file : Path or None
        Whose day rolls tell the actual P&L; None for none.
    """

    study: StudyRecipe
    journal_file: Path | None = None


@dataclass(frozen=True, slots=True, eq=False)
class MarketStudy:
    """What the what-if pages rest on, beside today's book.

    Attributes
    ----------
    past : MarketPast
        How things moved together.
    crises : tuple of StressResult
        The book as it was when this was made, led through each window.
    pnl : PnlRecord
        What the book earned, beside what its model says.
    """

    past: MarketPast
    crises: tuple[StressResult, ...]
    pnl: PnlRecord = field(default_factory=PnlRecord)


def market_study(recipe: MarketRecipe) -> MarketStudy:
    """Return the study of a recipe; any process can be sent here.

    Raises
    ------
    FileRefused
        If a file of the trader's own has a fault.
    HistoryUnavailable, JournalUnavailable
        If the cache or the journal cannot be read.
    """
    study = recipe.study
    history = load_history(study)
    known = history if study.until_day is None else history.until(study.until_day)
    series = book_series(study.book, known, PAST_DAYS)
    replay = CrisisReplay(study.book, history, study.method)
    return MarketStudy(
        market_past(study.book, known, series),
        tuple(replay.over(window) for window in study.windows),
        pnl_record(study.book, _day_ends(recipe.journal_file), series),
    )


def _day_ends(journal_file: Path | None) -> tuple[DayEnd, ...]:
    if journal_file is None or not journal_file.exists():
        return ()
    rows = (sealed.row for sealed in sealed_rows(journal_file) if sealed.kind in ROW_KINDS)
    return day_ends(rows)
