"""What breaks first, against brute force: numerical search through the exact gauge on revalued books."""

import math
from dataclasses import dataclass, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.optimize import minimize

from fakes.trading_desk import MASTER, PRICES, book_of
from plimsoll.domain.distance import Distance, Exactness, Reach
from plimsoll.domain.limit import Limit, Measure, Scope, ScopeKind, Severity
from plimsoll.domain.method import RiskMethod
from plimsoll.domain.snapshot import Coverage, PositionState
from plimsoll.engine.distance import DistanceWatch
from plimsoll.engine.ledger import Ledger
from plimsoll.engine.limit_gauge import LimitGauge
from plimsoll.engine.measurement import Measurement, groups_of
from plimsoll.engine.scenario_window import PriceWindow, ScenarioMatrix, scenario_matrix
from plimsoll.engine.universe import universe_of
from plimsoll.risk.expected_shortfall import historical_es
from plimsoll.risk.value_at_risk import historical_var

NS = 1_000_000_000
METHOD = RiskMethod()
FULL = Coverage(1.0, 1.0, 1.0, 0.0, 1, 0, 0, 0)
NAN = float("nan")


@dataclass
class Bench:
    """A book whose every figure can be worked out at any prices, apart from the code under test."""

    held: dict[str, tuple[float, float]]
    cash: dict[str, float]
    seed: int
    base: str = "USD"
    peak_over_nav: float = 1.01
    n_days: int = 260

    def __post_init__(self) -> None:
        book = book_of(self.held, self.cash, self.base)
        self.universe = universe_of(book, MASTER)
        self.codes = self.universe.codes
        self.n_held = self.universe.n_held
        self.ledger = Ledger(self.universe, book)
        self.groups = groups_of(self.universe)
        self.mark = np.array([MASTER[c].fixed_price or PRICES[c] for c in self.codes])
        self.ledger.revalue(self.mark)
        rng = np.random.default_rng(self.seed)
        n = len(self.codes)
        spread = rng.uniform(0.004, 0.03, n)
        common = rng.normal(0.0, 1.0, (self.n_days, 1)) * rng.uniform(-0.3, 0.9, n)
        steps = (common + rng.normal(0.0, 1.0, (self.n_days, n))) * spread
        closes = self.mark * np.exp(np.cumsum(steps - steps.mean(axis=0), axis=0))
        self.closes = closes
        window = PriceWindow(np.arange(self.n_days, dtype=np.int64), closes)
        self.scenarios: ScenarioMatrix = scenario_matrix(window, self.universe)
        self.nav = self.ledger.nav()
        self.peak = self.nav * self.peak_over_nav
        self.day_nav = self.nav * 1.004
        returns = closes[1:] / closes[:-1] - 1.0
        self.covariance = returns.T @ returns / len(returns)

    def at(self, mark: NDArray[np.float64], *, has_tail: bool = True) -> Measurement:
        """Return every figure at other prices, each by its definition in SEMANTICS."""
        self.ledger.revalue(mark)
        h = self.n_held
        nav = self.ledger.nav()
        exposure = self.ledger.exposure(mark)
        weights = np.concatenate([exposure, self.ledger.local * self.ledger.fx])
        pnl = weights @ self.scenarios.rows
        measured = Measurement(
            nav=nav,
            day_pnl=nav - self.day_nav,
            day_pnl_fx=0.0,
            day_nav=self.day_nav,
            batch_low_nav=nav,
            var=historical_var(pnl, confidence=METHOD.var_confidence, rule="rank") if has_tail else NAN,
            es=historical_es(pnl, confidence=METHOD.es_confidence, tail="fractional") if has_tail else NAN,
            drawdown=1.0 - nav / self.peak,
            batch_drawdown=1.0 - nav / self.peak,
            value=exposure[:h],
            unrealised=self.ledger.unrealised(mark)[:h],
            worst_unrealised=self.ledger.unrealised(mark)[:h],
            state=np.full(h, PositionState.PRICED, dtype=np.uint8),
            coverage=FULL,
            anchor_nav={"high_20d": self.peak, "day": self.nav * 1.02},
        )
        self.ledger.revalue(self.mark)
        return measured

    def value_of(self, limit: Limit, mark: NDArray[np.float64], member: str = "") -> float:
        """Return what the real gauge reads of one member at other prices."""
        measured = self.at(mark, has_tail=limit.measure in TAILS)
        reading = LimitGauge(limit, self.groups).read(measured)
        if not member:
            return float(reading.value[0])
        if member not in reading.members:  # the book's worst single position
            return self.value_of(replace(limit, scope=Scope(ScopeKind.INSTRUMENT, member)), mark, member)
        return float(reading.value[reading.members.index(member)])

    def ladder(self, *limits: Limit, watch: DistanceWatch | None = None) -> tuple[Distance, ...]:
        measured = self.at(self.mark)
        readings = tuple(LimitGauge(limit, self.groups).read(measured) for limit in limits)
        watch = watch or DistanceWatch(self.universe, self.groups, METHOD)
        return watch.measure(
            limits=limits,
            measured=measured,
            readings=readings,
            scenarios=self.scenarios,
            ledger=self.ledger,
            mark=self.mark,
            now_ns=NS,
        )

    def brute(self, limit: Limit, member: str, *, n_starts: int = 6) -> float:
        """Return the least Mahalanobis size of a move that brings the gauge to the line, numerically.

        In coordinates x = L·z the size is |z|: for each direction the line is found by bisection through the
        exact gauge, and the direction is improved by a general optimiser from several starts.
        """
        chol = np.linalg.cholesky(self.covariance + 1e-16 * np.eye(len(self.mark)))
        rng = np.random.default_rng(1)

        def excess(z: NDArray[np.float64]) -> float:
            return self.value_of(limit, self.mark * (1.0 + chol @ z), member) - limit.line

        def radius(z: NDArray[np.float64]) -> float:
            unit = z / np.linalg.norm(z)
            reach = np.linspace(0.0, 10.0, 21)[1:]
            low = 0.0
            for step in reach:
                high = float(step)
                if excess(high * unit) >= 0.0:
                    for _ in range(40):
                        middle = 0.5 * (low + high)
                        low, high = (low, middle) if excess(middle * unit) >= 0.0 else (middle, high)
                    return high
                low = high
            return 10.0 + 0.01 * float(excess(10.0 * unit) < 0.0)

        n = len(self.mark)
        tries = rng.normal(size=(40 * n, n))
        sizes = [radius(z) for z in tries]
        best = math.inf
        for place in np.argsort(sizes)[:n_starts]:
            found = minimize(
                radius, tries[place], method="Nelder-Mead",
                options={"xatol": 1e-7, "fatol": 1e-10, "maxiter": 300 * n, "maxfev": 300 * n},
            )  # fmt: skip
            best = min(best, float(found.fun))
        return best


BOOKS = (
    ({"AAPL.US": (1000, 280.0), "XOM.US": (-2000, 55.0)}, {"USD": 500_000.0}),
    ({"AAPL.US": (1000, 280.0), "0700.HK": (3000, 400.0), "EURUSD": (200_000, 1.08)}, {"USD": 400_000.0}),
    ({"XOM.US": (4000, 55.0), "GOLD": (2, 1600.0), "GER40": (1, 13_000.0)}, {"USD": 300_000.0, "EUR": 5e4}),
    ({"USDJPY": (-200_000, 110.0), "AAPL.US": (-500, 280.0), "BTCUSDT": (12, 9000.0)}, {"USD": 600_000.0}),
)
EACH = Scope(ScopeKind.INSTRUMENT)
SHAPES = (
    # measure, scope, how far above its value the line stands, in parts of it or of NAV
    (Measure.DRAWDOWN, Scope(), "add", 0.03),
    (Measure.DAILY_LOSS, Scope(), "money", 0.02),
    (Measure.DAILY_LOSS_FRACTION, Scope(), "add", 0.03),
    (Measure.TRAILING_LOSS, Scope(), "money", 0.03),
    (Measure.TRAILING_LOSS_FRACTION, Scope(), "add", 0.03),
    (Measure.TOP_N_WEIGHT, Scope(), "times", 1.04),
    (Measure.GROSS_EXPOSURE, Scope(ScopeKind.ASSET_CLASS), "times", 1.03),
    (Measure.NET_EXPOSURE, Scope(), "times", 1.03),
    (Measure.GROSS_LEVERAGE, Scope(), "times", 1.03),
    (Measure.NET_LEVERAGE, Scope(), "times", 1.05),
    (Measure.HHI, Scope(), "times", 1.02),
    (Measure.POSITION_LOSS, EACH, "money", 0.02),
    (Measure.POSITION_SIZE, EACH, "times", 1.03),
    (Measure.NET_WEIGHT, EACH, "times", 1.04),
    (Measure.GROSS_WEIGHT, Scope(ScopeKind.SECTOR), "times", 1.03),
    (Measure.NET_WEIGHT, Scope(ScopeKind.CURRENCY), "times", 1.05),
    (Measure.POSITION_LOSS, Scope(ScopeKind.CURRENCY), "money", 0.02),
)
TAILS = (Measure.VAR, Measure.VAR_FRACTION, Measure.ES, Measure.ES_FRACTION)


def made(bench: Bench, measure: Measure, scope: Scope, how: str, much: float) -> Limit:
    """Return a limit a little above the worst member's value."""
    probe = Limit("l", "L", measure, 1.0, Severity.HIGH, scope)
    worst = float(LimitGauge(probe, bench.groups).read(bench.at(bench.mark)).value.max())
    line = {"add": worst + much, "money": worst + much * bench.nav, "times": worst * much}[how]
    return replace(probe, line=max(line, 1e-3 * bench.nav if how == "money" else 1e-3))


def bench_of(book: int, seed: int) -> Bench:
    held, cash = BOOKS[book]
    return Bench(dict(held), dict(cash), seed)


def the(bench: Bench, limit: Limit) -> Distance:
    (found,) = bench.ladder(limit)
    return found


def point_of(bench: Bench, limit: Limit) -> NDArray[np.float64]:
    """Return the prices after the whole move of the answer, read from the search itself."""
    from plimsoll.engine import distance_answer

    points = []
    original = distance_answer.nearest

    def kept(*args):
        points.append(original(*args))
        return points[-1]

    distance_answer.nearest = kept
    try:
        bench.ladder(limit)
    finally:
        distance_answer.nearest = original
    return points[-1].book.price


@pytest.mark.parametrize(
    ("shape", "book"),
    [
        pytest.param(shape, place % 3 + 1, id=f"{shape[0]}-{shape[1].kind}")
        for place, shape in enumerate(SHAPES)
    ],
)
def test_that_no_numerical_search_finds_a_smaller_move(shape, book: int) -> None:
    bench = bench_of(book, seed=5)
    limit = made(bench, *shape)
    distance = the(bench, limit)
    brute = bench.brute(limit, distance.member, n_starts=1)
    if distance.reach is Reach.FAR:
        assert brute > 7.99
        return
    assert distance.exactness is Exactness.EXACT
    # The search by numbers may stop a little above the least; it must never come below it.
    assert distance.sigma <= brute * (1.0 + 1e-6)
    assert distance.sigma == pytest.approx(brute, rel=2e-3)


@settings(max_examples=50, deadline=None)
@given(
    book=st.integers(0, len(BOOKS) - 1),
    seed=st.integers(0, 10_000),
    shape=st.sampled_from([*SHAPES, *((tail, Scope(), "times", 1.01) for tail in TAILS)]),
    stretch=st.floats(0.2, 2.0),
)
def test_that_the_move_puts_the_measure_on_its_line(book: int, seed: int, shape, stretch: float) -> None:
    measure, scope, how, much = shape
    bench = bench_of(book, seed)
    limit = made(
        bench, measure, scope, how, 1.0 + (much - 1.0) * stretch if how == "times" else much * stretch
    )
    distance = the(bench, limit)
    if distance.reach is not Reach.MOVE or distance.exactness is Exactness.FIRST_ORDER:
        assert distance.reach in {Reach.FAR, Reach.MOVE}
        return
    moved = point_of(bench, limit)
    value = bench.value_of(limit, moved, distance.member)
    assert value == pytest.approx(limit.line, rel=1e-6)
    assert distance.loss_base == pytest.approx(bench.nav - bench.at(moved).nav, rel=1e-9, abs=1e-6)
    for mover in distance.instruments:
        number = bench.codes.index(mover.code)
        assert mover.price == pytest.approx(moved[number])
        assert mover.move_fraction == pytest.approx(moved[number] / bench.mark[number] - 1.0)
    # Its size by the definition: the covariance's own norm of the whole move.
    move = moved / bench.mark - 1.0
    matters = np.flatnonzero(np.abs(move) > 0.0)
    block = bench.covariance[np.ix_(matters, matters)]
    size = math.sqrt(move[matters] @ np.linalg.solve(block, move[matters]))
    assert distance.sigma == pytest.approx(size, rel=1e-6)


@settings(max_examples=40, deadline=None)
@given(
    book=st.integers(0, len(BOOKS) - 1),
    seed=st.integers(0, 10_000),
    shape=st.sampled_from(SHAPES),
    tighter=st.floats(0.05, 0.95),
)
def test_that_a_tighter_line_is_never_farther(book: int, seed: int, shape, tighter: float) -> None:
    bench = bench_of(book, seed)
    loose = made(bench, *shape)
    worst = made(bench, *shape[:3], 1.0 if shape[2] == "times" else 0.0).line
    tight = replace(loose, line=worst + tighter * (loose.line - worst))
    near, far = the(bench, tight), the(bench, loose)
    if far.reach is Reach.MOVE:
        assert near.reach is Reach.MOVE
        assert near.sigma <= far.sigma * (1.0 + 1e-9)


@pytest.mark.parametrize("measure", TAILS)
def test_that_the_distance_of_var_and_es_is_never_below_what_a_search_finds(measure: Measure) -> None:
    bench = bench_of(1, seed=5)
    limit = made(bench, measure, Scope(), "times", 1.02)
    distance = the(bench, limit)
    assert distance.exactness is Exactness.STEEPEST
    brute = bench.brute(limit, "", n_starts=1)
    assert brute * 0.99 <= distance.sigma <= brute * 1.35
    assert distance.scale == pytest.approx(1.02)


@settings(max_examples=30, deadline=None)
@given(book=st.integers(0, len(BOOKS) - 1), seed=st.integers(0, 10_000))
def test_that_one_instrument_s_own_move_puts_its_limit_on_the_line(book: int, seed: int) -> None:
    bench = bench_of(book, seed)
    limit = made(bench, Measure.NET_WEIGHT, EACH, "times", 1.02)
    distance = the(bench, limit)
    assert distance.alone is not None
    assert distance.alone.code == distance.member
    number = bench.codes.index(distance.member)
    mark = bench.mark.copy()
    mark[number] = distance.alone.price
    assert bench.value_of(limit, mark, distance.member) == pytest.approx(limit.line, rel=1e-6)
    if distance.reach is Reach.MOVE:
        move = mark / bench.mark - 1.0
        size = math.sqrt(move @ np.linalg.solve(bench.covariance, move))
        assert distance.sigma <= size * (1.0 + 1e-9)
