"""Works out the past of a limit's measure in any process, and tries other lines on it here."""

from dataclasses import dataclass

from plimsoll.bridge.study_job import StudyRecipe, load_history
from plimsoll.domain.limit import Limit
from plimsoll.domain.tuning import MeasurePath, Tuning
from plimsoll.engine.limit_path import limit_path
from plimsoll.engine.limit_tuning import LOSS_CUT, tuned
from plimsoll.engine.study_pnl import book_series
from plimsoll.engine.var_backtest import window_for

DAYS_A_MONTH = 21
MONTHS = (3, 6, 12, 24)
"""Lengths of the past to choose from; the path is as long as the last."""
ACTION_WORDS = (
    "Estimate: each breach is acted on once, at its close, by an equal cut of everything the limit covers, "
    f"down to the line ({LOSS_CUT:.0%} where the loss is past), bought back when it is over; both at half of "
    "today's spread. One look a day, at the close: crossings within a day are not seen."
)


@dataclass(frozen=True, slots=True)
class TunerRecipe:
    """What a path is made from, in a form that any process can be sent.

    Attributes
    ----------
    study : StudyRecipe
        Today's book and where the histories lie; its crises are not looked at.
    limit : Limit
        Whose measure.
    spread_fraction : tuple of float
        (ask − bid) / mid of each position now; NaN unknown.
    """

    study: StudyRecipe
    limit: Limit
    spread_fraction: tuple[float, ...] = ()


def path_of(recipe: TunerRecipe) -> MeasurePath:
    """Return the path of a limit's measure; it reads the histories, so nobody waits on its thread.

    Raises
    ------
    FileRefused
        If a file of the trader's own has a fault.
    HistoryUnavailable
        If the cache cannot be read.
    """
    study = recipe.study
    history = load_history(study)
    known = history if study.until_day is None else history.until(study.until_day)
    n_days = MONTHS[-1] * DAYS_A_MONTH
    series = book_series(study.book, known, n_days + study.method.window_days)
    return limit_path(
        recipe.limit,
        study.book,
        series,
        study.master,
        study.method,
        n_days=n_days,
        n_window=window_for(series, study.method),
        spread_fraction=recipe.spread_fraction,
    )


def tried(path: MeasurePath, limit: Limit, n_months: int) -> Tuning:
    """Return what a limit would have done in the newest months of a path."""
    return tuned(path.last(n_months * DAYS_A_MONTH), limit)
