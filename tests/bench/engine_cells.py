"""Measures the engine without any window: what a batch and a refresh of VaR cost, and who else is as fast."""

import importlib.util
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
from numpy.typing import NDArray
from peers import reach
from synthetic_desk import LEVEL, SyntheticDesk, synthetic_desk

from plimsoll.domain.tick import TICK_DTYPE, TRADE, TickBatch, TickCounts
from plimsoll.engine.ledger import Ledger
from plimsoll.engine.mark_board import MarkBoard
from plimsoll.engine.scenario_vector import ScenarioVector
from plimsoll.engine.scenario_window import scenario_matrix
from plimsoll.risk.value_at_risk import historical_var

START_NS = 1_704_205_800 * 10**9
PEER_TICKS = 20_000


def batch_of(desk: SyntheticDesk, n_ticks: int, seed: int) -> NDArray[np.void]:
    """Return that many trades of random shares of the desk."""
    random = np.random.default_rng(seed)
    rows = np.zeros(n_ticks, dtype=TICK_DTYPE)
    rows["kind"] = TRADE
    rows["instrument"] = random.integers(0, desk.universe.n_held, n_ticks)
    rows["price"] = LEVEL * (1.0 + 0.01 * random.standard_normal(n_ticks))
    rows["ask"] = np.nan
    rows["exchange_time_ns"] = START_NS
    rows["received_time_ns"] = time.time_ns()
    return rows


def apply_us(n_positions: int, n_scenarios: int, n_ticks: int, seconds: float) -> float:
    """Return what RiskEngine.apply takes a batch, in microseconds, everything judged and journalled."""
    desk = synthetic_desk(n_positions, n_scenarios)
    batches = [TickBatch(batch_of(desk, n_ticks, seed), TickCounts(), TickCounts()) for seed in range(50)]
    with tempfile.TemporaryDirectory() as directory:
        engine, close = desk.engine_in(Path(directory))
        engine.apply(TickBatch(batch_of(desk, 20 * n_positions, 99)), time.time_ns())

        def apply_all() -> None:
            for batch in batches:
                engine.apply(batch, time.time_ns())

        took_s = median_of(apply_all, seconds) / len(batches)
        close()
    return 1e6 * took_s


def pauses_ms(n_positions: int, n_scenarios: int, n_ticks: int) -> tuple[float, float, float]:
    """Return what the engine holds its thread for at a stretch, and a snapshot, in milliseconds.

    Fifteen seconds by the desk's clock, a batch each 20 ms, a beat each 240 ms, a snapshot each 40 ms, in
    processor time, so that other programs are not counted. The first three seconds, in which everything is
    worked out for the first time, are left out.

    Returns
    -------
    tuple of float
        The longest batch or beat, the 99th percentile of batches, and the median snapshot.
    """
    desk = synthetic_desk(n_positions, n_scenarios)
    now_ns = time.time_ns()
    batches: list[float] = []
    beats: list[float] = []
    snapshots: list[float] = []
    with tempfile.TemporaryDirectory() as directory:
        engine, close = desk.engine_in(Path(directory))
        engine.apply(TickBatch(batch_of(desk, 20 * n_positions, 99)), now_ns)
        for step in range(750):
            now_ns += 20_000_000
            rows = batch_of(desk, n_ticks, step)
            rows["received_time_ns"] = now_ns
            batch = TickBatch(rows, TickCounts(), TickCounts())
            batches.append(cpu_ms(lambda batch=batch, at=now_ns: engine.apply(batch, at)))
            if step % 12 == 0:
                beats.append(cpu_ms(lambda at=now_ns: engine.beat(at)))
            if step % 2 == 0:
                snapshots.append(cpu_ms(lambda at=now_ns: engine.snapshot(at)))
        close()
    later = batches[150:]
    return max(*later, *beats[13:]), float(np.percentile(later, 99)), statistics.median(snapshots)


def cpu_ms(work: Callable[[], object]) -> float:
    """Return the processor time of `work` on this thread."""
    began_s = time.thread_time()
    work()
    return 1e3 * (time.thread_time() - began_s)


def refresh_us(n_positions: int, n_scenarios: int, n_changed: int, seconds: float) -> float:
    """Return what new exposures of `n_changed` rows take until VaR stands, in microseconds.

    Raises
    ------
    ArithmeticError
        If what was kept up to date differs from the whole product.
    """
    desk = synthetic_desk(n_positions, n_scenarios)
    matrix = scenario_matrix(desk.window, desk.universe)
    vector = ScenarioVector(matrix)
    random = np.random.default_rng(3)
    exposure = 1e4 * random.standard_normal(len(matrix.rows))
    vector.update(exposure)
    choices = [random.choice(n_positions, n_changed, replace=False) for _ in range(50)]

    def refresh() -> None:
        for changed in choices:
            exposure[changed] *= 1.001
            vector.update(exposure)
            historical_var(vector.pnl, confidence=0.95)

    took_s = median_of(refresh, seconds) / len(choices)
    whole = np.where(matrix.has_history, exposure, 0.0) @ matrix.rows
    error = float(np.abs(vector.pnl - whole).max() / np.abs(whole).max())
    if error > 1e-12:
        raise ArithmeticError(f"the P&L vector was {error:.1e} off, expected 1e-12 at most")
    return 1e6 * took_s


def refresh_floor_us(n_positions: int, n_scenarios: int, n_changed: int, seconds: float) -> float:
    """Return what such a refresh cannot do without: reading those rows, one product, one partition."""
    random = np.random.default_rng(3)
    rows = random.standard_normal((n_positions, n_scenarios))
    change = random.standard_normal(n_changed)
    choices = [random.choice(n_positions, n_changed, replace=False) for _ in range(50)]
    gathered = np.empty((n_changed, n_scenarios))
    rank = int(0.05 * n_scenarios)

    def refresh() -> None:
        for changed in choices:
            np.take(rows, changed, axis=0, out=gathered, mode="clip")
            np.partition(change @ gathered, rank)

    return 1e6 * median_of(refresh, seconds) / len(choices)


def value_and_pnl_us_a_tick(n_ticks: int, seconds: float) -> float:
    """Return what marks, exact NAV path and P&L of 1 000 positions take a tick, in batches of `n_ticks`.

    Raises
    ------
    ArithmeticError
        If the NAV at the end differs from the one worked out anew.
    """
    desk = synthetic_desk(1_000, 100)
    ledger = Ledger(desk.universe, desk.book)
    board = MarkBoard(desk.universe.instruments, ledger.quantity, desk.rules.method.mark_policy, 10.0)
    for number in range(desk.universe.n_held):
        board.assume(number, LEVEL)
    ledger.revalue(board.mark)
    batches = [batch_of(desk, n_ticks, seed) for seed in range(20)]
    ends = []

    def follow() -> None:
        for rows in batches:
            path = board.follow(rows)
            ends.append(float(ledger.follow(path, board.mark)[-1]))
            ledger.unrealised(board.mark)

    took_s = median_of(follow, seconds) / (len(batches) * n_ticks)
    if abs(ends[-1] - ledger.nav()) > 1e-9 * abs(ledger.nav()):
        raise ArithmeticError(f"NAV by ticks was {ends[-1]}, expected {ledger.nav()}")
    return 1e6 * took_s


def vnpy_us_a_tick() -> float:
    """Return the same by vnpy's event engine: put a tick, let a handler value the position; NaN if absent."""
    if importlib.util.find_spec("vnpy") is None:
        return float("nan")
    from vnpy.event import Event, EventEngine  # type: ignore[import-not-found]

    engine = EventEngine()
    price, quantity = [LEVEL] * 1_000, [float(k % 7 + 1) for k in range(1_000)]
    state = {"seen": 0, "value": 0.0, "pnl": 0.0}

    def take(event: Event) -> None:
        number, new = event.data
        state["value"] = quantity[number] * new
        state["pnl"] += quantity[number] * (new - price[number])
        price[number] = new
        state["seen"] += 1

    engine.register("eTick.", take)
    engine.start()
    began_s = time.perf_counter()
    for k in range(PEER_TICKS):
        engine.put(Event("eTick.", (k % 1_000, LEVEL + k % 13)))
    while state["seen"] < PEER_TICKS and time.perf_counter() - began_s < 60.0:
        time.sleep(0.001)
    took_s = time.perf_counter() - began_s
    engine.stop()
    return 1e6 * took_s / PEER_TICKS


def perspective_us_a_tick() -> float:
    """Return what perspective takes a row, 1 000 rows an update with 28 read back; NaN if absent."""
    if importlib.util.find_spec("perspective") is None:
        return float("nan")
    import perspective  # type: ignore[import-not-found]

    server = perspective.Server()
    client = server.new_local_client()
    names = [f"L{k:05d}" for k in range(10_000)]
    table = client.table({"code": names, "price": [LEVEL] * 10_000}, index="code")
    view = table.view()
    began_s = time.perf_counter()
    for k in range(20):
        part = names[500 * k : 500 * k + 1_000]
        table.update({"code": part, "price": [LEVEL + k] * len(part)})
        view.to_columns(start_row=0, end_row=28)
    return 1e6 * (time.perf_counter() - began_s) / (20 * 1_000)


def median_of(work: Callable[[], None], seconds: float) -> float:
    """Return the median time of `work` over about that many seconds."""
    work()
    times: list[float] = []
    deadline_s = time.perf_counter() + seconds
    while len(times) < 3 or time.perf_counter() < deadline_s:
        began_s = time.perf_counter()
        work()
        times.append(time.perf_counter() - began_s)
    return statistics.median(times)


def measure(seconds: float) -> dict[str, float]:
    """Return every figure of this file, `seconds` each."""
    reach()
    ours_us = value_and_pnl_us_a_tick(1_600, seconds)
    small, large = pauses_ms(1_000, 500, 10), pauses_ms(10_000, 1_000, 200)
    figures = {
        "apply_1000x500_10_ticks_us": apply_us(1_000, 500, 10, seconds),
        "apply_10000x1000_50_ticks_us": apply_us(10_000, 1_000, 50, seconds),
        "apply_10000x1000_200_ticks_us": apply_us(10_000, 1_000, 200, seconds),
        "longest_pause_1000x500_ms": small[0],
        "apply_1000x500_p99_ms": small[1],
        "snapshot_1000x500_ms": small[2],
        "longest_pause_10000x1000_ms": large[0],
        "apply_10000x1000_p99_ms": large[1],
        "snapshot_10000x1000_ms": large[2],
        "var_refresh_10000x1000_100_changed_us": refresh_us(10_000, 1_000, 100, seconds),
        "var_refresh_floor_us": refresh_floor_us(10_000, 1_000, 100, seconds),
        "value_and_pnl_us_a_tick": ours_us,
        "vnpy_us_a_tick": vnpy_us_a_tick(),
        "perspective_us_a_tick": perspective_us_a_tick(),
    }
    refresh, floor = figures["var_refresh_10000x1000_100_changed_us"], figures["var_refresh_floor_us"]
    figures["var_refresh_over_floor_ratio"] = refresh / floor
    figures["against_vnpy_ratio"] = figures["vnpy_us_a_tick"] / ours_us
    figures["against_perspective_ratio"] = figures["perspective_us_a_tick"] / ours_us
    return figures


def main() -> None:
    """Print the figures as JSON; the argument is the seconds a figure."""
    sys.stdout.write(json.dumps(measure(float(sys.argv[1]))) + "\n")


if __name__ == "__main__":
    main()
