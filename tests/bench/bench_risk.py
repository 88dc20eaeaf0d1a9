"""The three speed promises of plimsoll.risk, as ratios of medians measured side by side."""

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable

import numpy as np
import pandas as pd

from plimsoll.risk.scenario_pnl import scenario_pnl
from plimsoll.risk.value_at_risk import historical_var

CONFIDENCE = 0.99
SETTLE_S = 0.05


def measure(seconds: float = 30.0) -> dict[str, float]:
    """Measure for about `seconds` in all and return the ratios beside the times they come from.

    In a process of its own with one BLAS thread, as performance-facts.md: a second thread waits for its core
    on a busy machine, and the ratio would measure the neighbours.
    """
    environment = os.environ | {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
    command = [sys.executable, __file__, "--here", str(seconds)]
    answer = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    figures: dict[str, float] = json.loads(answer.stdout)
    return figures


def measure_here(seconds: float) -> dict[str, float]:
    """Measure in this process."""
    share_s = seconds / 3.0
    figures: dict[str, float] = {}
    figures |= _var_against_reading(share_s)
    figures |= _quantile_against_numpy(share_s)
    figures |= _book_against_the_tutorial(share_s)
    return figures


def _var_against_reading(seconds: float) -> dict[str, float]:
    """VaR of 10 000 positions × 1 000 scenarios against reading that matrix once."""
    random = np.random.default_rng(0)
    returns = 0.01 * random.standard_normal((1_000, 10_000))
    exposures = 1e4 * random.standard_normal(10_000)
    # The maximum reads each number once and does next to nothing with it (a sum takes twice as long).
    var_s, read_s, ratio = _side_by_side(
        lambda: historical_var(scenario_pnl(exposures, returns), confidence=CONFIDENCE),
        lambda: float(returns.max()),
        seconds,
    )
    return {
        "var_10000x1000_ms": 1e3 * var_s,
        "read_10000x1000_ms": 1e3 * read_s,
        "var_10000x1000_over_read_ratio": ratio,
    }


def _quantile_against_numpy(seconds: float) -> dict[str, float]:
    """np.percentile against historical_var on a ready vector of 1 000."""
    pnl = np.random.default_rng(1).standard_normal(1_000)
    percentile_s, var_s, ratio = _side_by_side(
        lambda: -float(np.percentile(pnl, 100.0 * (1.0 - CONFIDENCE))),
        lambda: historical_var(pnl, confidence=CONFIDENCE),
        seconds,
    )
    return {
        "percentile_1000_us": 1e6 * percentile_s,
        "historical_var_1000_us": 1e6 * var_s,
        "historical_var_over_percentile_ratio": ratio,
    }


def _book_against_the_tutorial(seconds: float) -> dict[str, float]:
    """The tutorial's pandas way against ours for one update of 100 positions × 500 days."""
    random = np.random.default_rng(2)
    closes = pd.DataFrame(100.0 * np.exp(np.cumsum(0.01 * random.standard_normal((501, 100)), axis=0)))
    positions = {column: float(money) for column, money in enumerate(1e4 * random.standard_normal(100))}

    def tutorial() -> float:
        # As published: returns again on every update, one weighted column each, joined, summed, percentile.
        weighted = [closes[column].pct_change().dropna() * positions[column] for column in closes.columns]
        return -float(np.percentile(pd.concat(weighted, axis=1).sum(axis=1), 100.0 * (1.0 - CONFIDENCE)))

    returns = np.ascontiguousarray(closes.pct_change().dropna().to_numpy())
    exposures = np.array(list(positions.values()))

    def ours() -> float:
        return historical_var(scenario_pnl(exposures, returns), confidence=CONFIDENCE, rule="linear")

    if abs(tutorial() - ours()) > 1e-6 * abs(ours()):
        raise AssertionError(f"the tutorial said {tutorial()}, we said {ours()}, expected the same figure")
    pandas_s, ours_s, ratio = _side_by_side(tutorial, ours, seconds)
    return {
        "tutorial_100x500_ms": 1e3 * pandas_s,
        "ours_100x500_us": 1e6 * ours_s,
        "against_pandas_ratio": ratio,
    }


def _side_by_side(
    first: Callable[[], float], second: Callable[[], float], seconds: float
) -> tuple[float, float, float]:
    """Return the median time of each, measured in turns, and the median ratio first / second."""
    first_calls, second_calls = _calls_in(first), _calls_in(second)
    ratios, firsts, seconds_of_second = [], [], []
    deadline = time.perf_counter() + seconds
    while not ratios or time.perf_counter() < deadline:
        firsts.append(_time_of(first, first_calls))
        seconds_of_second.append(_time_of(second, second_calls))
        ratios.append(firsts[-1] / seconds_of_second[-1])
    return statistics.median(firsts), statistics.median(seconds_of_second), statistics.median(ratios)


def _calls_in(work: Callable[[], float]) -> int:
    """Return how often to call for one reading of the clock: for about SETTLE_S."""
    work()
    return max(1, int(SETTLE_S / _time_of(work, 1)))


def _time_of(work: Callable[[], float], calls: int) -> float:
    start = time.perf_counter()
    for _ in range(calls):
        work()
    return (time.perf_counter() - start) / calls


def main(arguments: list[str]) -> None:
    """Print one line a figure, the promises beside the three ratios; with --here one JSON object."""
    if arguments[:1] == ["--here"]:
        sys.stdout.write(json.dumps(measure_here(float(arguments[1]))))
        return
    promises = {
        "var_10000x1000_over_read_ratio": "promised at most 1.15",
        "historical_var_over_percentile_ratio": "promised at least 4",
        "against_pandas_ratio": "promised at least 1 000",
    }
    for name, value in measure(*map(float, arguments[:1])).items():
        sys.stdout.write(f"{name:40} {value:12.3f}  {promises.get(name, '')}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
