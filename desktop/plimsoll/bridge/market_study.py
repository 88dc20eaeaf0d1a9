"""How the market moved together, and the book led through the crises: made by another process."""

from dataclasses import dataclass

from plimsoll.bridge.study_job import StudyRecipe, load_history
from plimsoll.domain.stress_result import StressResult
from plimsoll.engine.crisis_replay import CrisisReplay
from plimsoll.engine.hypothetical_market import MarketPast, market_past
from plimsoll.engine.study_pnl import book_series

PAST_DAYS = 1_000
"""Four years: long enough for two hundred positions' covariance, short enough to be of today's market."""


@dataclass(frozen=True, slots=True, eq=False)
class MarketStudy:
    """What the what-if pages rest on, beside today's book.

    Attributes
    ----------
    past : MarketPast
        How things moved together.
    crises : tuple of StressResult
        The book as it was when this was made, led through each window.
    """

    past: MarketPast
    crises: tuple[StressResult, ...]


def market_study(recipe: StudyRecipe) -> MarketStudy:
    """Return the study of a recipe; any process can be sent here.

    Raises
    ------
    FileRefused
        If a file of the trader's own has a fault.
    HistoryUnavailable
        If the cache cannot be read.
    """
    history = load_history(recipe)
    known = history if recipe.until_day is None else history.until(recipe.until_day)
    past = market_past(recipe.book, known, book_series(recipe.book, known, PAST_DAYS))
    replay = CrisisReplay(recipe.book, history, recipe.method)
    return MarketStudy(past, tuple(replay.over(window) for window in recipe.windows))
