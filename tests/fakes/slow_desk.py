"""The formulas of SEMANTICS tick by tick in plain Python, written apart from the engine to judge it by."""

import itertools
from dataclasses import dataclass, field

from plimsoll.domain.book import Book
from plimsoll.domain.instrument import Instrument
from plimsoll.domain.method import MarkPolicy

S = 1_000_000_000


@dataclass
class Line:
    """The newest of one instrument."""

    mark: float | None = None
    bid: float | None = None
    ask: float | None = None
    quote_ns: int = 0
    last: float | None = None


@dataclass
class SlowDesk:
    """A desk that recomputes everything after each tick."""

    book: Book
    master: dict[str, Instrument]
    policy: MarkPolicy = MarkPolicy.MID
    fresh_s: float = 10.0
    lines: dict[str, Line] = field(default_factory=dict)
    navs: list[float] = field(default_factory=list)
    low: dict[str, float] = field(default_factory=dict)
    high: dict[str, float] = field(default_factory=dict)
    divisor: float = 1.0
    peak: float | None = None
    drawdown: float | None = None
    max_drawdown: float = 0.0

    def __post_init__(self) -> None:
        for code, item in self.master.items():
            self.lines[code] = Line(mark=item.fixed_price)

    def quantity(self, code: str) -> float:
        position = self.book.position(code)
        return float(position.quantity) if position else 0.0

    def rate(self, currency: str) -> float | None:
        base = self.book.base_currency
        for path in ((currency, base), (currency, "USD", base)):
            rate: float | None = 1.0
            for source, target in itertools.pairwise(path):
                step = self._step(source, target)
                rate = None if rate is None or step is None else rate * step
            if rate is not None:
                return rate
        return None

    def _step(self, source: str, target: str) -> float | None:
        if source == target:
            return 1.0
        direct, inverse = self.lines.get(source + target), self.lines.get(target + source)
        if direct is not None:
            return direct.mark
        if inverse is not None and inverse.mark is not None:
            return 1.0 / inverse.mark
        return None

    def worth(self, code: str) -> float | None:
        item, mark = self.master[code], self.lines[code].mark
        rate = self.rate(item.currency)
        if mark is None or rate is None:
            return None
        position = self.book.position(code)
        assert position is not None
        owed = 0.0 if item.is_funded else float(position.average_price or 0)
        return float(position.quantity) * item.multiplier * (mark - owed) * rate

    def nav(self) -> float:
        total = 0.0
        for line in self.book.cash:
            rate = self.rate(line.currency)
            if rate is not None:
                total += float(line.amount) * rate
        return total + sum(self.worth(position.code) or 0.0 for position in self.book.positions)

    def tick(self, code: str, price: float, ask: float | None, received_ns: int) -> None:
        """Take a trade, or a quote where `ask` is no None (NaN: that side is empty)."""
        line = self.lines[code]
        had_mark, before = line.mark is not None, self.nav()
        if ask is None:
            line.last = price
        else:
            line.bid, line.ask, line.quote_ns = price, ask, received_ns
        self._mark(code, received_ns)
        after = self.nav()
        if line.mark is not None:
            self.low[code] = min(self.low.get(code, line.mark), line.mark)
            self.high[code] = max(self.high.get(code, line.mark), line.mark)
        if not had_mark and line.mark is not None and self.peak is not None and before > 0 and after > 0:
            self.divisor *= after / before  # it entered the priced book: no gain
        self._follow(after)

    def _mark(self, code: str, now_ns: int) -> None:
        line = self.lines[code]
        if self.master[code].fixed_price is not None:
            return
        quote = None
        bid, ask = line.bid, line.ask
        if bid is not None and ask is not None and bid <= ask and now_ns - line.quote_ns <= self.fresh_s * S:
            quote = (bid + ask) / 2
            if self.policy is MarkPolicy.SIDE:
                quote = bid if self.quantity(code) >= 0 else ask
        if self.policy is MarkPolicy.LAST and line.last is not None:
            line.mark = line.last
        elif quote is not None:
            line.mark = quote
        elif line.last is not None:
            line.mark = line.last

    def _follow(self, nav: float) -> None:
        if self.peak is None:
            if nav <= 0 or any(self.worth(position.code) is None for position in self.book.positions):
                self.navs.append(nav)
                return
            self.peak = nav
        index = nav / self.divisor
        self.peak = max(self.peak, index)
        self.drawdown = 1.0 - index / self.peak
        self.max_drawdown = max(self.max_drawdown, self.drawdown)
        self.navs.append(nav)

    @property
    def high_water_mark(self) -> float:
        return float("nan") if self.peak is None else self.peak * self.divisor
