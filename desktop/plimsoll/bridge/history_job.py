"""Loads a book's price history: what the cache has, the rest from AllTick, into one window."""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from plimsoll.bridge.history_worker import Progress, Ready
from plimsoll.domain.method import RiskMethod
from plimsoll.engine.average_volume import average_volumes
from plimsoll.engine.day_roll import DayRoll
from plimsoll.engine.proxy_map import proxied
from plimsoll.engine.scenario_window import PriceWindow, window_from_bars
from plimsoll.engine.universe import Universe
from plimsoll.feed.alltick_rest import AllTickRest, TokenRefused
from plimsoll.feed.history_loader import HistoryProgress, load_history
from plimsoll.storage.price_history import DailyBars, PriceHistory

log = logging.getLogger("plimsoll.history")

_VOLUME_DAYS = 45
"""Calendar days in which twenty days of trading lie, long holidays among them."""
_WEEKDAYS = 5
_MONDAY_OF_EPOCH = 3


@dataclass(frozen=True, slots=True)
class HistoryJob:
    """The recipe of one load, carried out on the history thread.

    Attributes
    ----------
    universe : Universe
        Whose history is wanted.
    method : RiskMethod
        How long a window.
    cache_path : Path
        Where bars are kept between starts.
    source : str
        Which bars of the cache count: those of another source stay out.
    make_rest : callable
        Makes the REST client, on the thread that calls it, with the stop event.
    exchange_now_ns : callable
        The market's time.
    day_roll : DayRoll
        Which day is not finished yet.
    """

    universe: Universe
    method: RiskMethod
    cache_path: Path
    source: str
    make_rest: Callable[[threading.Event], AllTickRest]
    exchange_now_ns: Callable[[], int]
    day_roll: DayRoll

    def load(self, stop: threading.Event, progress: Progress, ready: Ready) -> None:
        """Hand over the window: what the cache has at once, and again when the rest has been fetched.

        An instrument that could not be brought up to date keeps its scenarios but gives the day no reference.
        """
        now_ns = self.exchange_now_ns()
        today = self.day_roll.trading_day(now_ns)
        cache = PriceHistory(self.cache_path)
        try:
            missing = self._missing(cache, today)
            n_wanted = sum(item.fixed_price is None for item in self.universe.instruments)
            progress(n_wanted - len(missing), n_wanted, "")
            window = self._window(cache, today, missing)
            if window.n_scenarios or not missing:
                ready(window)
            if missing:
                fetched = self._fetch(cache, missing, n_wanted, now_ns, stop, progress)
                ready(self._window(cache, today, [code for code in missing if code not in fetched]))
        finally:
            cache.close()

    def kept(self) -> PriceWindow:
        """Return the window of what the cache has alone: what `load` ends with where nothing is fetched."""
        today = self.day_roll.trading_day(self.exchange_now_ns())
        cache = PriceHistory(self.cache_path)
        try:
            return self._window(cache, today, self._missing(cache, today))
        finally:
            cache.close()

    def _missing(self, cache: PriceHistory, today: int) -> list[str]:
        codes = [item.code for item in self.universe.instruments if item.fixed_price is None]
        newest = cache.newest_days(codes, source=self.source)
        return [code for code in codes if newest.get(code, 0) < _weekday_before(today)]

    def _window(self, cache: PriceHistory, today: int, missing: Sequence[str]) -> PriceWindow:
        found = cache.closes(self.universe.codes, source=self.source)
        window = window_from_bars(
            found.day_numbers,
            found.code_index,
            found.closes,
            self.universe,
            before_day=today,
            method=self.method,
            stale=frozenset(self.universe.codes.index(code) for code in missing),
        )
        since_day = today - _VOLUME_DAYS
        traded = cache.volumes(self.universe.codes, since_day=since_day, source=self.source)
        finished = traded.day_numbers < today
        volumes = average_volumes(
            traded.day_numbers[finished],
            traded.code_index[finished],
            traded.volumes[finished],
            self.universe.instruments,
        )
        made = proxied(window, self.universe)
        return replace(
            made.window, average_volume=volumes, is_proxied=made.is_proxied, stand_ins=made.stand_ins
        )

    def _fetch(
        self,
        cache: PriceHistory,
        missing: Sequence[str],
        n_wanted: int,
        now_ns: int,
        stop: threading.Event,
        progress: Progress,
    ) -> set[str]:
        """Bring codes up to date as far as AllTick answers, and return those that are."""
        n_there = n_wanted - len(missing)

        def tell(report: HistoryProgress) -> None:
            progress(n_there + report.n_done, n_wanted, report.code)
            if report.trouble:
                log.warning("no history of %s: %s", report.code, report.trouble)

        fetched = set()
        rest = self.make_rest(stop)
        n_days = self.method.window_days + 1
        try:
            for bars in load_history(rest, missing, n_days, stop, tell, formed_before_ns=now_ns):
                columns = (bars.day_numbers, bars.open, bars.high, bars.low, bars.close, bars.volume)
                cache.put(bars.code, DailyBars(*columns), source=self.source, fetched_time_ns=time.time_ns())
                fetched.add(bars.code)
        except TokenRefused:
            log.warning("the token was refused; history comes from the cache alone")
        return fetched


def _weekday_before(day: int) -> int:
    """Return the last weekday before `day`, in days since 1970-01-01."""
    day -= 1
    while (day + _MONDAY_OF_EPOCH) % 7 >= _WEEKDAYS:
        day -= 1
    return day
