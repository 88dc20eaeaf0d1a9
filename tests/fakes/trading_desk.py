"""A small desk for tests: instruments of every kind, books on them, ticks by hand, an engine over fakes."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from fakes.memory_archive import MemoryArchive
from fakes.memory_journal import MemoryJournal
from plimsoll.domain.book import Book, Cash
from plimsoll.domain.book_event import CashMoved
from plimsoll.domain.instrument import AssetClass, Instrument, Settlement
from plimsoll.domain.limit import Limit
from plimsoll.domain.method import RiskMethod
from plimsoll.domain.person import People, only_person
from plimsoll.domain.position import Position
from plimsoll.domain.response_policy import ResponsePolicy
from plimsoll.domain.snapshot import RiskSnapshot
from plimsoll.domain.stress_scenario import StressScenario
from plimsoll.domain.tick import QUOTE, TICK_DTYPE, TRADE, TickBatch
from plimsoll.engine.day_roll import DayRoll
from plimsoll.engine.desk_rules import DeskRules
from plimsoll.engine.events import Event
from plimsoll.engine.print_filter import PrintRule
from plimsoll.engine.risk_engine import RiskEngine
from plimsoll.engine.scenario_window import PriceWindow
from plimsoll.engine.universe import universe_of

NAN = float("nan")
S = 1_000_000_000
OPEN_NS = 1_582_554_600 * S
"""Monday 24 February 2020, 09:30 New York."""

_F, _U = Settlement.FUNDED, Settlement.UNFUNDED
_A = AssetClass
INSTRUMENTS = (
    Instrument("AAPL.US", "Apple", _A.EQUITY, "USD", _F, "Technology", "US"),
    Instrument("XOM.US", "Exxon", _A.EQUITY, "USD", _F, "Energy", "US"),
    Instrument("SPIN.US", "Spin-off", _A.EQUITY, "USD", _F),
    Instrument("0700.HK", "Tencent", _A.EQUITY, "HKD", _F, "Technology", "HK"),
    Instrument("EURUSD", "Euro in dollars", _A.FX, "USD", _U, "Currencies", "EU"),
    Instrument("USDJPY", "Dollar in yen", _A.FX, "JPY", _U, "Currencies", "JP"),
    Instrument("USDHKD", "Dollar in Hong Kong dollars", _A.FX, "HKD", _U, "Currencies", "HK"),
    Instrument("GOLD", "Gold", _A.COMMODITY, "USD", _U, "Metals", multiplier=100.0),
    Instrument("USOIL", "WTI", _A.COMMODITY, "USD", _U, "Energy", "US", 1000.0, may_be_negative=True),
    Instrument("GER40", "DAX", _A.INDEX, "EUR", _U, "Equity Index", "DE", multiplier=25.0),
    Instrument("BTCUSDT", "Bitcoin", _A.CRYPTO, "USDT", _F, "Digital Assets"),
    Instrument("USDTUSD", "Tether as the dollar", _A.FX, "USD", _F, "Currencies", fixed_price=1.0),
)
MASTER = {item.code: item for item in INSTRUMENTS}

MIXED = {
    # code: (quantity, average price)
    "AAPL.US": (1000, 280.0),
    "XOM.US": (-2000, 55.0),
    "0700.HK": (3000, 400.0),
    "EURUSD": (500_000, 1.08),
    "USDJPY": (-2_000_000, 110.0),
    "GOLD": (20, 1600.0),
    "USOIL": (-15, 50.0),
    "GER40": (4, 13_000.0),
    "BTCUSDT": (12, 9_000.0),
}
PRICES = {
    "AAPL.US": 300.0,
    "XOM.US": 60.0,
    "SPIN.US": 12.0,
    "0700.HK": 410.0,
    "EURUSD": 1.085,
    "USDJPY": 111.0,
    "USDHKD": 7.79,
    "GOLD": 1650.0,
    "USOIL": 51.0,
    "GER40": 13_100.0,
    "BTCUSDT": 9_500.0,
}


def book_of(
    held: dict[str, tuple[float, float]], cash: dict[str, float] | None = None, base: str = "USD"
) -> Book:
    """Return a book from quantities and average prices."""
    positions = tuple(
        Position(code, Decimal(str(q)), Decimal(str(q)) * Decimal(str(p))) for code, (q, p) in held.items()
    )
    lines = {"USD": 1_000_000.0} if cash is None else cash
    return Book("test", base, positions, tuple(Cash(c, Decimal(str(a))) for c, a in lines.items()))


@dataclass
class Desk:
    """An engine over a memory journal, told ticks in words; its clock is moved by hand.

    It believes every price at once unless it is given a rule for bad prints.
    """

    book: Book
    limits: tuple[Limit, ...] = ()
    method: RiskMethod = field(default_factory=RiskMethod)
    journal: MemoryJournal = field(default_factory=MemoryJournal)
    archive: MemoryArchive = field(default_factory=MemoryArchive)
    exchange_ns: int = OPEN_NS
    now_ns: int = OPEN_NS
    master: dict[str, Instrument] = field(default_factory=lambda: dict(MASTER))
    day_roll: DayRoll = field(default_factory=DayRoll)
    scenarios: tuple[StressScenario, ...] = ()
    print_rule: PrintRule | None = None
    people: People = field(default_factory=lambda: only_person("Ada"))
    policy: ResponsePolicy = field(default_factory=lambda: ResponsePolicy((), ()))

    def __post_init__(self) -> None:
        self.universe = universe_of(self.book, self.master)
        rules = DeskRules(
            self.limits,
            self.method,
            self.day_roll,
            scenarios=self.scenarios,
            people=self.people,
            print_rule=self.print_rule,
            policy=self.policy,
        )
        self.engine = RiskEngine(self.book, self.universe, rules, self.journal, self.archive)
        self.engine.restore(self.now_ns)

    def restarted(self, book: Book | None = None) -> "Desk":
        """Return a desk that begins from this one's journal."""
        return Desk(
            book or self.book,
            self.limits,
            self.method,
            self.journal,
            exchange_ns=self.exchange_ns,
            now_ns=self.now_ns,
            master=self.master,
            scenarios=self.scenarios,
            print_rule=self.print_rule,
            people=self.people,
            policy=self.policy,
        )

    def take_flow(self, currency: str, amount: Decimal) -> None:
        """Enter a deposit or a withdrawal."""
        flow = CashMoved(event_id=f"flow-{self.journal.n_rows}", currency=currency, amount=amount)
        self.engine.take_event(flow, self.now_ns)

    def pass_time(self, seconds: float) -> None:
        """Move both clocks on."""
        self.exchange_ns += int(seconds * S)
        self.now_ns += int(seconds * S)

    def row(self, code: str, price: float, ask: float | None = None) -> tuple[object, ...]:
        """Return one tick at the present: a trade, or a quote where an ask is given."""
        kind = TRADE if ask is None else QUOTE
        number = self.universe.codes.index(code)
        other = NAN if ask is None else ask
        return (kind, number, price, other, 1.0, 1.0, self.exchange_ns, self.now_ns, 0)

    def apply(self, rows: Iterable[tuple[object, ...]]) -> list[Event]:
        """Apply rows as one batch."""
        return self.engine.apply(TickBatch(rows_of(rows)), self.now_ns)

    def trade(self, price_by_code: dict[str, float] | None = None, **prices: float) -> list[Event]:
        """Apply one trade a code, as one batch."""
        return self.apply(
            [self.row(code, price) for code, price in {**(price_by_code or {}), **prices}.items()]
        )

    def open(self, **changed: float) -> list[Event]:
        """Give everything in the universe a price."""
        prices = {code: PRICES[code] for code in self.universe.codes if code in PRICES}
        return self.trade({**prices, **changed})

    def beat(self) -> list[Event]:
        """Let the clock be looked at."""
        return self.engine.beat(self.now_ns)

    @property
    def snapshot(self) -> RiskSnapshot:
        """The figures of now."""
        return self.engine.snapshot(self.now_ns)


def rows_of(rows: Iterable[tuple[object, ...]]) -> NDArray[np.void]:
    """Return rows as the engine takes them."""
    array = np.array(list(rows), dtype=TICK_DTYPE)
    array.flags.writeable = False
    return array


def random_window(n_instruments: int, n_days: int, seed: int, prices: dict[int, float]) -> PriceWindow:
    """Return correlated random walks that end at `prices`, one a number; NaN for the others."""
    rng = np.random.default_rng(seed)
    moves = rng.normal(0.0, 0.012, (n_days, 1)) + rng.standard_t(4, (n_days, n_instruments)) * 0.01
    paths = np.exp(np.cumsum(moves, axis=0))
    last = np.array([prices.get(number, NAN) for number in range(n_instruments)])
    days = np.arange(18_000, 18_000 + n_days, dtype=np.int64)
    return PriceWindow(days, paths / paths[-1] * last)
