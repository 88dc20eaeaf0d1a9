"""Works the scoreboard out from the journal, the tick archive and the cached closes, in any process."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from plimsoll.domain.score import Scoreboard
from plimsoll.engine.score_book import ROW_KINDS, scoreboard
from plimsoll.storage.journal import sealed_rows
from plimsoll.storage.past_price import PastPrices
from plimsoll.storage.price_history import PriceHistory

_Closes = dict[str, tuple[NDArray[np.int64], NDArray[np.float64]]]


@dataclass(frozen=True, slots=True)
class ScoreRecipe:
    """Where the facts lie, in a form that any process can be sent.

    Attributes
    ----------
    journal_file, tick_directory, history_file : Path
        Journal, tick archive and cache of fetched bars; the last two may be missing.
    source : str
        Which bars of the cache count.
    multiplier_of : Mapping
        By code, of every instrument that may have been traded.
    exchange_ns : int
        The market's time: what comes after it is not yet known.
    currency : str
        The base currency.
    """

    journal_file: Path
    tick_directory: Path
    history_file: Path
    source: str
    multiplier_of: Mapping[str, float]
    exchange_ns: int
    currency: str


def work_out(recipe: ScoreRecipe) -> Scoreboard:
    """Return the scores; it reads whole files, so it belongs on no thread that somebody waits for.

    Raises
    ------
    JournalUnavailable, ArchiveUnreadable, HistoryUnavailable
        If a file cannot be read.
    KeyError, ValueError
        If a row's facts are not those of its kind.
    """
    kinds = frozenset(ROW_KINDS)
    prices = PastPrices(recipe.tick_directory, _closes(recipe))
    rows = (sealed.row for sealed in sealed_rows(recipe.journal_file) if sealed.kind in kinds)
    return scoreboard(rows, prices.price_at, recipe.exchange_ns, recipe.multiplier_of, recipe.currency)


def _closes(recipe: ScoreRecipe) -> _Closes:
    """Return the cached closes by code; none where no cache was ever made."""
    if not recipe.history_file.exists():
        return {}
    cache = PriceHistory(recipe.history_file)
    codes = tuple(recipe.multiplier_of)
    try:
        found = cache.closes(codes, source=recipe.source)
    finally:
        cache.close()
    closes: _Closes = {}
    for number, code in enumerate(codes):
        mine = np.flatnonzero((found.code_index == number) & np.isfinite(found.closes))
        mine = mine[np.argsort(found.day_numbers[mine], kind="stable")]
        if len(mine):
            closes[code] = (found.day_numbers[mine].astype(np.int64), found.closes[mine])
    return closes
