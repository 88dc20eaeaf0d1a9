"""Books that planners look at: a desk with history, depth and volumes, and its plan input."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

import numpy as np

from fakes.market_case import share_universe
from fakes.trading_desk import MIXED, OPEN_NS, PRICES, Desk, book_of, random_window, rows_of
from plimsoll.domain.limit import Limit
from plimsoll.domain.method import RiskMethod
from plimsoll.domain.snapshot import Coverage
from plimsoll.domain.stress_scenario import StressScenario
from plimsoll.domain.tick import DepthBook, TickBatch
from plimsoll.engine.ledger import Ledger
from plimsoll.engine.measurement import Measurement
from plimsoll.engine.plan_input import PlanInput, plan_input_of
from plimsoll.engine.scenario_window import ScenarioMatrix

CASH = {"USD": 900_000.0, "EUR": 120_000.0, "JPY": -5_000_000.0}
SPREAD = 0.001


def desk_of(
    held: Mapping[str, tuple[float, float]] | None = None,
    limits: tuple[Limit, ...] = (),
    scenarios: tuple[StressScenario, ...] = (),
    *,
    n_days: int = 260,
    seed: int = 5,
    cash: Mapping[str, float] | None = None,
) -> Desk:
    """Return a desk with a price, a history, a quote and a volume of everything."""
    desk = Desk(book_of(dict(MIXED if held is None else held), dict(CASH if cash is None else cash)), limits)
    desk.scenarios = scenarios
    desk.__post_init__()
    known = {"USDTUSD": 1.0, **PRICES}
    codes = desk.universe.codes
    last = {number: known[code] for number, code in enumerate(codes)}
    window = random_window(len(codes), n_days, seed, last)
    volume = np.array([float(1_000_000 + 1_000 * number) for number in range(len(codes))])
    desk.engine.use_window(replace(window, average_volume=volume))
    desk.open()
    quote(desk)
    return desk


def quote(desk: Desk, spread: float = SPREAD) -> None:
    """Give every held instrument a deep book around its price."""
    codes = desk.universe.codes[: desk.universe.n_held]
    depths = tuple(
        DepthBook(
            code=code,
            exchange_time_ns=desk.exchange_ns,
            received_time_ns=desk.now_ns,
            bids=((PRICES[code] * (1.0 - spread / 2.0), 1e9),),
            asks=((PRICES[code] * (1.0 + spread / 2.0), 1e9),),
        )
        for code in codes
        if code in PRICES
    )
    desk.engine.apply(TickBatch(rows_of([]), depths=depths), desk.now_ns)
    desk.pass_time(2.0)
    desk.open()


def plan_input_from(
    desk: Desk, to_come: Mapping[str, tuple[Decimal, ...]] | None = None, **changed: object
) -> PlanInput:
    """Return what planners look at on a desk, fields changed at will."""
    engine = desk.engine
    made = plan_input_of(
        measured=engine._measurer.measure(desk.now_ns),
        book=engine.book,
        universe=engine.universe,
        ledger=engine._ledger,
        mark=engine._board.mark,
        risk=engine._risk,
        method=engine.rules.method,
        is_open=engine._gate.sessions.is_open(desk.now_ns),
        exchange_ns=desk.exchange_ns,
        now_ns=desk.now_ns,
        to_come=to_come,
    )
    return replace(made, **changed)


def shares_input(
    quantity: Sequence[int],
    *,
    seed: int = 1,
    lots: Sequence[int] | None = None,
    n_scenarios: int = 200,
    costs: Sequence[float] | None = None,
    prices: Sequence[float] | None = None,
    loading: Sequence[float] | None = None,
    nav: float = 1e6,
    **changed: object,
) -> PlanInput:
    """Return dollar shares with one common factor, as planners see them; shares of large volume at 10 bp.

    Parameters
    ----------
    quantity, lots, prices : sequence
        One a share; lots of 1 and prices of 100 without.
    loading : sequence, optional
        How much each moves with the factor; 1 without.
    costs : sequence, optional
        Over money traded.
    """
    n = len(quantity)
    rng = np.random.default_rng(seed)
    moves = rng.standard_normal((n_scenarios, 1)) * np.array(loading or [1.0] * n)
    returns = (moves + 0.5 * rng.standard_normal((n_scenarios, n))) * 0.01
    sizes = lots or [1] * n
    universe = share_universe(n)
    items = tuple(
        replace(item, lot=float(lot)) for item, lot in zip(universe.instruments, sizes, strict=True)
    )
    universe = replace(universe, instruments=items)
    price = np.array(prices or [100.0] * n)
    held = {item.code: (amount, at) for item, amount, at in zip(items, quantity, price.tolist(), strict=True)}
    # Cash makes up the rest of NAV.
    cash = nav - float(np.array(quantity) @ price)
    book = book_of(held, {"USD": cash})
    ledger = Ledger(universe, book)
    ledger.revalue(price)
    rows = np.vstack([returns.T, np.zeros((1, n_scenarios))])
    matrix = ScenarioMatrix(rows, np.zeros(n, dtype=np.bool_), np.ones(n + 1, dtype=np.bool_))
    value = ledger.exposure(price)
    cost = np.array(costs or [0.001] * n)
    unknown = np.full(n, np.nan)
    measured = Measurement(
        nav=nav,
        day_pnl=0.0,
        day_pnl_fx=0.0,
        day_nav=nav,
        batch_low_nav=nav,
        var=float("nan"),
        es=float("nan"),
        drawdown=0.0,
        batch_drawdown=0.0,
        value=value,
        unrealised=np.zeros(n),
        worst_unrealised=np.zeros(n),
        state=np.zeros(n, dtype=np.uint8),
        coverage=Coverage(1.0, 1.0, 1.0, 0.0, n, 0, 0, 0),
    )
    made = PlanInput(
        codes=universe.codes,
        held=tuple(position.quantity for position in book.positions),
        lots=tuple(Decimal(str(item.lot)) for item in items),
        free=tuple(position.quantity for position in book.positions),
        quantity=ledger.quantity,
        mark=price,
        unit_value=price,
        value=value,
        spread_fraction=2.0 * cost,
        cost_fraction=cost,
        daily_volume=np.full(n, 1e9),
        margin_per_unit=unknown,
        state=measured.state,
        is_open=np.ones(n, dtype=np.bool_),
        opens_ns=(0,) * n,
        returns=returns.T,
        has_history=np.ones(n, dtype=np.bool_),
        pnl=value @ returns.T,
        mark_of_all=price,
        measured=measured,
        book=book,
        universe=universe,
        matrix=matrix,
        method=RiskMethod(),
        exchange_ns=OPEN_NS,
        now_ns=OPEN_NS,
    )
    return replace(made, **changed)
