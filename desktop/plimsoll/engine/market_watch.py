"""The slow figures of the market, kept up to date a few milliseconds at a time."""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from plimsoll.domain.margin_rates import STANDARD_RATES, MarginRates
from plimsoll.domain.market_figures import MarketFigures
from plimsoll.domain.method import RiskMethod
from plimsoll.domain.tick import DepthBook
from plimsoll.domain.units import NS_PER_S
from plimsoll.engine.book_now import BookNow, today_so_far
from plimsoll.engine.correlation_watch import CorrelationWatch
from plimsoll.engine.depth_board import DepthBoard
from plimsoll.engine.hedge_watch import HedgeWatch
from plimsoll.engine.liquidity_watch import LiquidityWatch
from plimsoll.engine.margin_watch import MarginWatch
from plimsoll.engine.method_jury import MethodJury
from plimsoll.engine.scenario_window import PriceWindow
from plimsoll.engine.universe import Universe

FIGURES_EVERY_NS: Final = NS_PER_S
STEP_EVERY_NS: Final = NS_PER_S // 20
"""One step of a round at most so often: with 2 ms a step it takes a twentieth of the thread at worst."""
ROUND_EVERY_NS: Final = 10 * NS_PER_S
FIRST_ROUND_AFTER_NS: Final = 2 * NS_PER_S
"""After history has come, the headline figures and what they need to load go first."""

_WALK, _CORRELATION, _METHODS = "walk", "correlation", "methods"


class MarketWatch:
    """Liquidity, margin, correlation and the VaR of every method; one owner, the risk thread.

    `measure` may be called with every batch: it works once a second on what is quick, and between takes at
    most one step of what is not. A round of the slow figures begins every ten seconds and is over after some
    dozen steps for a hundred positions.

    Parameters
    ----------
    universe : Universe
        Held instruments first.
    method : RiskMethod
        Confidences, how long a quote is fresh, and the share of a day's volume one takes on the way out.
    hedges : iterable of str
        Pairs whose effectiveness is wanted, as `HedgeWatch` has them.
    margin : MarginRates
        What a broker asks of each kind of position.

    Attributes
    ----------
    figures : MarketFigures
        The newest; the same object until the next second.
    hedge_effectiveness : Mapping
        Of each pair, as old as `figures`; NaN unknown.
    n_steps : int
        Steps of rounds taken since the beginning.
    """

    def __init__(
        self,
        universe: Universe,
        method: RiskMethod,
        hedges: Iterable[str] = (),
        margin: MarginRates = STANDARD_RATES,
    ) -> None:
        self.figures = MarketFigures()
        self.hedge_effectiveness: Mapping[str, float] = {}
        self.n_steps = 0
        self._universe = universe
        held_codes = universe.codes[: universe.n_held]
        self._board = DepthBoard(held_codes, int(method.quote_fresh_s * NS_PER_S))
        self._liquidity = LiquidityWatch(universe, self._board, method.participation)
        self._margin = MarginWatch(universe, margin)
        self._correlation = CorrelationWatch(universe)
        self._jury = MethodJury(method)
        self._hedges = HedgeWatch(universe, hedges)
        self._turns = deque([_WALK, _CORRELATION, _METHODS])
        self._rounds: dict[str, Iterator[None]] = {}
        self._due_ns: dict[str, int] = {}
        self._stepped_ns = 0

    def use_window(self, window: PriceWindow) -> None:
        """Take the volumes of a new price history, and begin every round anew after a moment."""
        self._liquidity.use_volumes(window.average_volume)
        self._rounds.clear()
        self._due_ns.clear()

    def take_hedges(self, hedges: Iterable[str]) -> None:
        """Take the hedged pairs whose effectiveness is to be measured, as "HELD/HEDGE"."""
        self._hedges = HedgeWatch(self._universe, hedges)

    def take_depth(self, books: Iterable[DepthBook]) -> None:
        """Take whole order books; those of instruments not held are left aside."""
        self._board.take(books)

    def measure(self, now_ns: int, book: BookNow) -> MarketFigures:
        """Return the newest figures, after at most a few milliseconds of work on them.

        Parameters
        ----------
        now_ns : int
            The desk's clock.
        book : BookNow
            The book as it stands.
        """
        # A clock that was set back must not stop the figures until it has caught up.
        if not 0 <= now_ns - self.figures.as_of_ns < FIGURES_EVERY_NS:
            self._put_together(now_ns, book)
        elif not 0 <= now_ns - self._stepped_ns < STEP_EVERY_NS:
            self._stepped_ns = now_ns
            self._step(now_ns, book)
        return self.figures

    def _put_together(self, now_ns: int, book: BookNow) -> None:
        n_held = self._universe.n_held
        today = today_so_far(book, self._universe)
        self.hedge_effectiveness = self._hedges.effectiveness(book, today)
        self.figures = MarketFigures(
            as_of_ns=now_ns,
            liquidity=self._liquidity.figures(now_ns, book),
            margin=self._margin.figures(book.value, book.mark[:n_held], book.fx, book.nav),
            correlation=self._correlation.figures(today),
            var_methods=self._jury.figures,
        )

    def _step(self, now_ns: int, book: BookNow) -> None:
        """Let whoever has work and waited longest take one step."""
        for _ in range(len(self._turns)):
            name = self._turns[0]
            self._turns.rotate(-1)
            is_work = (
                self._liquidity.walk(now_ns, book) if name == _WALK else self._advance(name, now_ns, book)
            )
            if is_work:
                self.n_steps += 1
                return

    def _advance(self, name: str, now_ns: int, book: BookNow) -> bool:
        if name not in self._rounds:
            due_ns = self._due_ns.setdefault(name, now_ns + FIRST_ROUND_AFTER_NS)
            if now_ns < due_ns <= now_ns + ROUND_EVERY_NS:
                return False
            today = today_so_far(book, self._universe)
            self._rounds[name] = (
                self._correlation.round(book, today)
                if name == _CORRELATION
                else self._jury.round(now_ns, book, today)
            )
        try:
            next(self._rounds[name])
        except StopIteration:
            del self._rounds[name]
            self._due_ns[name] = now_ns + ROUND_EVERY_NS
        return True
