"""A desk of any size for measuring: invented shares, a book in them, limits, and a price history."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from itertools import cycle
from pathlib import Path

import numpy as np

from plimsoll.domain.book import Book, Cash
from plimsoll.domain.instrument import AssetClass, Instrument, Settlement
from plimsoll.domain.limit import Limit, Measure, Scope, ScopeKind, Severity
from plimsoll.domain.method import RiskMethod
from plimsoll.domain.person import only_person
from plimsoll.domain.position import Position
from plimsoll.engine.desk_rules import DeskRules
from plimsoll.engine.risk_engine import RiskEngine
from plimsoll.engine.scenario_window import PriceWindow
from plimsoll.engine.universe import Universe, universe_of
from plimsoll.storage.journal import SqliteJournal
from plimsoll.storage.tick_archive import TickArchiveWriter

N_SECTORS = 11
LEVEL = 100.0
DAILY_VOLATILITY = 0.012
# Lines no invented price reaches: a breach writes to the disk, and that is not what is measured here.
_LINES = (
    ("VAR", Measure.VAR_FRACTION, 1.0, Scope()),
    ("ES", Measure.ES_FRACTION, 1.0, Scope()),
    ("DRAWDOWN", Measure.DRAWDOWN, 0.9, Scope()),
    ("DAY", Measure.DAILY_LOSS_FRACTION, 10.0, Scope()),
    ("LEVERAGE", Measure.GROSS_LEVERAGE, 100.0, Scope()),
    ("NAME", Measure.NET_WEIGHT, 10.0, Scope(ScopeKind.INSTRUMENT)),
    ("LOSS", Measure.POSITION_LOSS, 1e12, Scope(ScopeKind.INSTRUMENT)),
    ("SECTOR", Measure.GROSS_WEIGHT, 10.0, Scope(ScopeKind.SECTOR)),
)

_ON_ONE = (Measure.POSITION_LOSS, Measure.POSITION_SIZE, Measure.GROSS_EXPOSURE, Measure.DAILY_LOSS)


@dataclass(frozen=True, slots=True)
class SyntheticDesk:
    """What an engine is built from."""

    book: Book
    universe: Universe
    rules: DeskRules
    n_scenarios: int

    @property
    def window(self) -> PriceWindow:
        """The price history, invented anew each time: the desk keeps none, so the bench must not either."""
        n_positions = self.universe.n_held
        steps = np.random.default_rng(n_positions).standard_normal((self.n_scenarios + 1, n_positions))
        closes = np.multiply(steps, DAILY_VOLATILITY, out=steps).cumsum(axis=0, out=steps)
        np.multiply(np.exp(closes, out=closes), LEVEL, out=closes)
        return PriceWindow(np.arange(self.n_scenarios + 1, dtype=np.int64), closes)

    def engine_in(self, directory: Path) -> tuple[RiskEngine, Callable[[], None]]:
        """Build the engine as the desk does: a real journal and a real archive, in `directory`."""
        directory.mkdir(parents=True, exist_ok=True)
        journal = SqliteJournal(directory / "journal.sqlite", source="bench")
        archive = TickArchiveWriter(directory / "ticks", self.universe.codes, source="bench")
        engine = RiskEngine(self.book, self.universe, self.rules, journal, archive)
        engine.restore(time.time_ns())
        engine.use_window(self.window)

        def close() -> None:
            archive.close()
            journal.close()

        return engine, close


def synthetic_desk(n_positions: int, n_scenarios: int, n_limits: int = len(_LINES)) -> SyntheticDesk:
    """Return a desk long two shares in three and short the rest, in the codes of the load server.

    Limits beyond the first eight stand on one instrument each, by turns on four measures.
    """
    random = np.random.default_rng(n_positions)
    master = {}
    positions = []
    for number in range(n_positions):
        code = f"L{number + 1:05d}.US"
        master[code] = Instrument(
            code, f"Invented {number + 1}", AssetClass.EQUITY, "USD", Settlement.FUNDED,
            sector=f"Sector {number % N_SECTORS + 1}", country="US", stale_after_s=600.0,
        )  # fmt: skip
        quantity = Decimal(int(random.integers(10, 500)) * (-1 if number % 3 == 2 else 1))
        positions.append(Position(code, quantity, quantity * Decimal(LEVEL)))
    cash = (Cash("USD", Decimal(50_000 * n_positions)),)
    book = Book("Invented", "USD", tuple(positions), cash)
    limits = tuple(
        Limit(limit_id, limit_id, measure, line, Severity.MEDIUM, scope)
        for limit_id, measure, line, scope in _LINES
    )
    extra = (
        Limit(
            f"{measure}-{number}", f"{measure} {number}", measure, 1e12, Severity.MEDIUM,
            Scope(ScopeKind.INSTRUMENT, positions[number % n_positions].code),
        )
        for number, measure in zip(range(n_limits - len(limits)), cycle(_ON_ONE))
    )  # fmt: skip
    # Who acknowledges the breaches of a run has to be somebody the desk knows.
    method, people = RiskMethod(window_days=n_scenarios), only_person("bench")
    rules = DeskRules((*limits, *extra), method, people=people)
    return SyntheticDesk(book, universe_of(book, master), rules, n_scenarios)
