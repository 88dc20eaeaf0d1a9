"""Books that planners look at: a desk with history, depth and volumes, and its plan input."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

import numpy as np

from fakes.trading_desk import MIXED, PRICES, Desk, book_of, random_window, rows_of
from plimsoll.domain.limit import Limit
from plimsoll.domain.stress_scenario import StressScenario
from plimsoll.domain.tick import DepthBook, TickBatch
from plimsoll.engine.plan_input import PlanInput, plan_input_of

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
