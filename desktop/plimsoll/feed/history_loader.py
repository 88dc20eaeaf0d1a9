"""Fetches the daily history of a whole book, most important codes first."""

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from plimsoll.feed.alltick_rest import AllTickRest, CallCancelled, CallFailed, CallRefused
from plimsoll.feed.daily_bars import DailyBars


@dataclass(frozen=True, slots=True)
class HistoryProgress:
    """How far the fetching is.

    Attributes
    ----------
    n_done, n_codes : int
        Codes dealt with, of all.
    code : str
        The one now asked for, or just failed; empty at the end.
    trouble : str
        Why `code` brought nothing; empty if it did not fail.
    """

    n_done: int
    n_codes: int
    code: str
    trouble: str = ""


def load_history(
    rest: AllTickRest,
    codes: Sequence[str],
    n_weekdays: int,
    stop: threading.Event,
    progress: Callable[[HistoryProgress], None],
    *,
    formed_before_ns: int | None = None,
) -> Iterator[DailyBars]:
    """Yield the daily bars of each code in turn, the first one first.

    A code AllTick refuses, or does not answer for, is told to `progress` and left out; the others go on.
    Setting `stop` ends it after what has been yielded.

    Parameters
    ----------
    rest : AllTickRest
        Made with the same `stop`.
    codes : sequence of str
        In order of importance.
    n_weekdays : int
        Weekdays wanted of each.
    stop : Event
        Cancels.
    progress : callable
        Takes a HistoryProgress before each code, at each trouble, and at the end.
    formed_before_ns : int or None
        Exchange time now, to leave out the day that still changes.

    Raises
    ------
    TokenRefused
        If the token is no good: every further call would say the same.
    """
    n_codes = len(codes)
    for n_done, code in enumerate(codes):
        if stop.is_set():
            return
        progress(HistoryProgress(n_done, n_codes, code))
        try:
            bars = rest.daily_bars(code, n_weekdays, formed_before_ns=formed_before_ns)
        except CallCancelled:
            return
        except (CallRefused, CallFailed) as why:
            progress(HistoryProgress(n_done + 1, n_codes, code, str(why)))
        else:
            yield bars
    progress(HistoryProgress(n_codes, n_codes, ""))
