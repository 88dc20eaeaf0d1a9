"""What the server is told to replay, how fast, under which rules; and the market that follows from it."""

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Literal

from plimsoll.alltick_server.close_series import bundled_closes, closes_from_file
from plimsoll.alltick_server.crisis import EPOCH, CrisisMarket
from plimsoll.alltick_server.load import LoadMarket
from plimsoll.alltick_server.market import Market
from plimsoll.alltick_server.pacing import Pacing
from plimsoll.alltick_server.plan import PLANS
from plimsoll.alltick_server.reading import Readings
from plimsoll.alltick_server.recorded_tick import recorded_ticks
from plimsoll.alltick_server.recording import RecordingMarket

FIRST_DAY, LAST_DAY = date(2020, 2, 19), date(2020, 3, 31)


class BadOption(Exception):
    """An option has a value that cannot be served."""


@dataclass(frozen=True, slots=True)
class ServeOptions:
    """What to replay, how fast, under which rules.

    Attributes
    ----------
    plan
        A key of `PLANS`.
    first_day, last_day
        Stretch of daily closes to replay; None is February and March 2020 of the bundled set, or the whole
        of `closes`.
    day_seconds
        Wall seconds a trading day lasts.
    closes
        The user's own `date,symbol,close` file instead of the bundled set.
    ticks
        Recorded ticks instead of closes.
    speed
        Of recorded ticks: exchange seconds a wall second; 0 is flat out.
    rate
        Messages a second and code, trades and books together.
    book_share
        Share of the messages that are books; None is half, and nothing for a load.
    load
        Number of synthetic codes and messages a second over all of them (0 is flat out), instead of a market.
    start
        Whether the market's clock starts with the first accepted subscription or at once.
    loops
        Whether the replay begins anew after its end; exchange time then jumps back.
    """

    plan: str = "Basic"
    host: str = "127.0.0.1"
    port: int = 0
    first_day: date | None = None
    last_day: date | None = None
    day_seconds: float = 60.0
    closes: Path | None = None
    ticks: tuple[Path, ...] = ()
    speed: float = 1.0
    rate: float = 5.0
    book_share: float | None = None
    seed: int = 0
    load: tuple[int, float] | None = None
    start: Literal["subscription", "now"] = "subscription"
    loops: bool = False
    pacing: Pacing = field(default_factory=Pacing)
    readings: Readings = field(default_factory=Readings)

    def check(self) -> None:
        """Complain of what cannot be served.

        Raises
        ------
        BadOption
            Naming the option, its value and what was expected.
        """
        for name, is_good, expected in (
            ("plan", self.plan in PLANS, f"one of {', '.join(PLANS)}"),
            ("port", 0 <= self.port <= 65_535, "0 to 65535"),
            ("day_seconds", 0.1 <= self.day_seconds <= 86_400, "0.1 to 86400"),
            ("speed", 0 <= self.speed <= 1e6, "0 (flat out) to 1000000"),
            ("rate", 0 < self.rate <= 1e6, "more than 0, at most 1000000"),
            ("book_share", 0 <= (self.book_share or 0) <= 1, "0 to 1"),
            ("seed", self.seed >= 0, "0 or more"),
            (
                "load",
                self.load is None or (1 <= self.load[0] <= 99_999 and self.load[1] >= 0),
                "codes and rate",
            ),
        ):
            if not is_good:
                raise BadOption(f"the option {name} was {getattr(self, name)!r}, expected {expected}")


def market_for(options: ServeOptions) -> Market:
    """Build what the options ask for.

    Raises
    ------
    BadMarketFile
        If a file cannot be replayed.
    """
    if options.load is not None:
        n_codes, rate = options.load
        return LoadMarket(n_codes, rate, book_share=options.book_share or 0.0, seed=options.seed)
    if options.ticks:
        history = {series.listing.code: series for series in bundled_closes()}
        return RecordingMarket(
            recorded_ticks(options.ticks), speed=options.speed, history=history, seed=options.seed
        )
    series = closes_from_file(options.closes) if options.closes else bundled_closes()
    first, last = options.first_day, options.last_day
    if options.closes:
        first = first or date.fromordinal(min(int(one.day[0]) for one in series) + EPOCH.toordinal())
        last = last or date.fromordinal(max(int(one.day[-1]) for one in series) + EPOCH.toordinal())
    return CrisisMarket(
        series,
        first or FIRST_DAY,
        last or LAST_DAY,
        day_seconds=options.day_seconds,
        rate=options.rate,
        book_share=0.5 if options.book_share is None else options.book_share,
        seed=options.seed,
        loops=options.loops,
    )
