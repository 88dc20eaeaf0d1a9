"""Measures this machine against every target, a line each; fails on wrong results, never on time."""

import argparse
import json
import math
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import bench_risk

HERE = Path(__file__).parent
RESULT = HERE.parent.parent / "build" / "bench.json"
STARTS = 5
MOST_S = 300  # one cell under load takes a minute and a half; all of them must end within forty
Figures = dict[str, float]


@dataclass(frozen=True, slots=True)
class Target:
    """One line of the report: a figure, what is wanted of it, and how it is written."""

    key: str
    words: str
    bound: float
    unit: str
    at_least: bool = False
    factor: float = 1.0

    def line(self, figures: Figures) -> str:
        """Return the line: figure, target, verdict."""
        value = figures.get(self.key, math.nan)
        sign = "≥" if self.at_least else "≤"
        target = f"{sign} {self.bound:,.10g} {self.unit}"
        if math.isnan(value):
            return f"  {self.words:64} {'absent':>16}   {target:18}  absent"
        is_met = value >= self.bound if self.at_least else value <= self.bound
        shown = f"{value:,.0f}" if abs(value) >= 1_000 else f"{value:,.3g}"
        return (
            f"  {self.words:64} {shown + ' ' + self.unit:>16}   {target:18}  {'met' if is_met else 'NOT MET'}"
        )


@dataclass(frozen=True, slots=True)
class Cell:
    """Something measured in a process of its own."""

    name: str
    words: str
    measure: Callable[[float], Figures]
    targets: tuple[Target, ...]


def script(name: str, *arguments: object) -> Figures:
    """Run a script of this folder and return the figures it prints.

    Raises
    ------
    RuntimeError
        With its last words, if it failed: a lost tick or an unequal result, never a slow one.
    """
    environment = os.environ | {"OPENBLAS_NUM_THREADS": "1", "QT_QPA_PLATFORM": "offscreen"}
    command = [sys.executable, str(HERE / name), *map(str, arguments)]
    try:
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, check=False, timeout=MOST_S
        )
    except subprocess.TimeoutExpired:
        raise RuntimeError(f"{name} had not ended after {MOST_S} s") from None
    if done.returncode:
        raise RuntimeError(f"{name} ended with {done.returncode}: {done.stderr[-1500:]}")
    figures: Figures = json.loads(done.stdout.splitlines()[-1])
    return figures


def under_load(
    name: str, positions: int, scenarios: int, rate: float, *others: str | int
) -> Callable[[float], Figures]:
    """Return what runs a desk under a load, with other options, and makes sure that no tick was lost."""

    def measure(seconds: float) -> Figures:
        asked = ("--positions", positions, "--scenarios", scenarios, "--rate", rate, "--seconds", seconds)
        figures = script(name, *asked, *others)
        for key, expected in (("n_unaccounted", 0.0), ("n_not_applied", 0.0), ("var_is_known", 1.0)):
            if figures.get(key, expected) != expected:
                raise RuntimeError(f"{name}: {key} was {figures[key]:g}, expected {expected:g}")
        return figures

    return measure


def compared(figures: Figures) -> Figures:
    """Return the ratios that stand between two cells."""
    ratios = {}
    for name in ("10k", "flat"):
        ours, naive = figures.get(f"ours_{name}.ticks_per_s"), figures.get(f"naive_{name}.ticks_per_s")
        if ours and naive:
            ratios[f"ours_over_naive_{name}_ratio"] = ours / naive
    return ratios


CELLS = (
    Cell(
        "naive_10k",
        "naive design, 1 000 positions, 10 000 ticks/s",
        under_load("naive_desk.py", 1_000, 500, 1e4),
        (),
    ),
    Cell(
        "ours_10k",
        "ours, 1 000 positions × 500, 10 000 ticks/s",
        under_load("our_desk.py", 1_000, 500, 1e4),
        (
            Target("ours_10k.tick_to_risk_ms_p50", "tick → risk known, median", 1.0, "ms"),
            Target("ours_10k.tick_to_risk_ms_p99", "tick → risk known, 99 %", 8.0, "ms"),
            Target("ours_10k.tick_to_risk_ms_p99", "tick → risk known, 99 % (issue 2)", 20.0, "ms"),
            Target(
                "ours_10k.tick_to_painted_ms_p50", "tick → painted, oldest in the frame, median", 25.0, "ms"
            ),
            Target(
                "ours_10k.tick_to_painted_ms_p99", "tick → painted, oldest in the frame, 99 %", 45.0, "ms"
            ),
            Target("ours_10k.frame_work_ms_p99", "GUI work a frame, 99 % (issue 2)", 33.0, "ms"),
            Target("ours_10k.n_unaccounted", "ticks nobody can name", 0.0, "ticks"),
        ),
    ),
    Cell(
        "naive_flat",
        "naive design, 1 000 positions, flat out",
        under_load("naive_desk.py", 1_000, 500, 0.0),
        (),
    ),
    Cell(
        "ours_500_limits",
        "ours, 1 000 positions × 500, 10 000 ticks/s, 500 limits, ten of them broken",
        under_load("our_desk.py", 1_000, 500, 1e4, "--limits", 500, "--breaches", 10),
        (
            Target("ours_500_limits.frame_work_ms_p99", "GUI work a frame with 500 limits, 99 %", 16.7, "ms"),
            Target(
                "ours_500_limits.tick_to_dialog_ms_p99", "tick → breach dialog painted, worst", 1000.0, "ms"
            ),
            Target("ours_500_limits.n_unaccounted", "ticks nobody can name", 0.0, "ticks"),
        ),
    ),
    Cell(
        "ours_flat",
        "ours, 1 000 positions × 500, flat out",
        under_load("our_desk.py", 1_000, 500, 0.0),
        (
            Target("ours_over_naive_flat_ratio", "ticks/s against the naive design", 8.0, "×", at_least=True),
            Target("ours_flat.n_unaccounted", "ticks nobody can name", 0.0, "ticks"),
        ),
    ),
    Cell(
        "ours_50k",
        "ours, 10 000 positions × 1 000, 50 000 ticks/s",
        under_load("our_desk.py", 10_000, 1_000, 5e4),
        (
            Target("ours_50k.ticks_per_s", "ticks/s sustained", 49_500.0, "/s", at_least=True),
            Target("ours_50k.frame_work_ms_p99", "GUI work a frame, 99 %", 16.7, "ms"),
            Target("ours_50k.frames_over_two_periods_fraction", "frames over two periods", 0.005, "of 1"),
            Target("ours_50k.rss_mb", "memory", 300.0, "MB"),
            Target("ours_50k.n_unaccounted", "ticks nobody can name", 0.0, "ticks"),
        ),
    ),
    Cell(
        "kill",
        "the kill switch, 1 000 positions × 500, 10 000 ticks/s, 50 orders work",
        lambda _seconds: script("kill_cells.py"),
        (
            Target("kill.key_to_cancel_ms_p99", "key → every cancel verified, 99 %", 2_000.0, "ms"),
            Target("kill.ticks_per_s", "ticks/s meanwhile", 9_500.0, "/s", at_least=True),
            Target("kill.n_unaccounted", "ticks nobody can name", 0.0, "ticks"),
        ),
    ),
    Cell(
        "engine",
        "the engine alone",
        lambda seconds: script("engine_cells.py", seconds / 6),
        (
            Target(
                "engine.var_refresh_10000x1000_100_changed_us",
                "VaR refresh 10 000 × 1 000, 100 changed",
                50.0,
                "µs",
            ),
            Target(
                "engine.var_refresh_over_floor_ratio",
                "… over reading those rows, one product and one partition",
                1.5,
                "×",
            ),
            Target(
                "engine.against_vnpy_ratio",
                "value and P&L a tick against vnpy's event engine",
                12.0,
                "×",
                at_least=True,
            ),
            Target(
                "engine.against_perspective_ratio",
                "value and P&L a tick against perspective",
                1.0,
                "×",
                at_least=True,
            ),
        ),
    ),
    Cell(
        "grid",
        "a full frame of a 10 000-row grid, all rows changed",
        lambda seconds: script("grid_frame.py", seconds / 3),
        (
            Target("grid.grid_10000_frame_ms_p50", "show and paint, median", 6.0, "ms"),
            Target("grid.grid_10000_frame_ms_p99", "show and paint, 99 %", 12.0, "ms"),
        ),
    ),
    Cell(
        "start",
        "a start in a fresh process, from exec",
        lambda _seconds: script("start_cells.py", STARTS),
        (
            Target("start.first_paint_ms", "first painted window", 250.0, "ms"),
            Target("start.whole_desk_ms", "whole desk painted, charts included", 700.0, "ms"),
            Target("start.pandas_at_first_paint", "pandas imported by then", 0.0, ""),
        ),
    ),
    Cell(
        "protocol",
        "a protocol backtest of 10 years × 20 instruments, daily",
        lambda _seconds: script("protocol_cells.py"),
        (
            Target("protocol.ten_years_s", "the live engine, limits, policy and people", 10.0, "s"),
            Target("protocol.told_only_s", "… where nothing is acted on", 10.0, "s"),
            Target("protocol.progress_off_fraction", "progress told against time passed", 0.15, "of 1"),
        ),
    ),
    Cell(
        "study",
        "200 positions through every crisis and by every VaR model, beside a window that stays awake",
        lambda _seconds: script("study_frames.py"),
        (Target("study.study_longest_pause_ms", "longest pause of the main thread", 33.4, "ms"),),
    ),
    Cell(
        "risk",
        "plimsoll.risk against the tutorial's way",
        lambda seconds: bench_risk.measure(seconds / 2),
        (
            Target(
                "risk.var_10000x1000_over_read_ratio", "VaR 10 000 × 1 000 over reading the matrix", 1.15, "×"
            ),
            Target(
                "risk.historical_var_over_percentile_ratio",
                "historical VaR against np.percentile",
                4.0,
                "×",
                at_least=True,
            ),
            Target(
                "risk.against_pandas_ratio",
                "100 positions × 500 days against pandas",
                1_000.0,
                "×",
                at_least=True,
            ),
        ),
    ),
)
SHOWN = (
    ("ticks_per_s", "ticks/s"),
    ("tick_to_risk_ms_p50", "risk p50"),
    ("tick_to_risk_ms_p99", "p99 ms"),
    ("tick_to_painted_ms_p50", "painted p50"),
    ("tick_to_painted_ms_p99", "p99 ms"),
    ("frame_work_ms_p50", "GUI work p50"),
    ("frame_work_ms_p99", "p99 ms"),
    ("frame_cpu_ms_p99", "GUI cpu p99 ms"),
    ("frame_interval_ms_p99", "interval p99 ms"),
    ("rss_mb", "RSS MB"),
)


def report(cell: Cell, figures: Figures) -> None:
    """Print what a cell measured."""
    print(f"\n{cell.words}")
    shown = [
        f"{caption} {figures[f'{cell.name}.{key}']:,.4g}"
        for key, caption in SHOWN
        if f"{cell.name}.{key}" in figures
    ]
    if shown:
        print("  " + " · ".join(shown))
    for target in cell.targets:
        print(target.line(figures))
    sys.stdout.flush()


def main() -> int:
    """Run the cells asked for; return 1 if a result was wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0, help="of each cell under load")
    parser.add_argument(
        "--only", choices=[cell.name for cell in CELLS], action="append", help="may be repeated"
    )
    asked = parser.parse_args()
    figures: Figures = {"seconds": asked.seconds, "n_cpus": float(os.cpu_count() or 0)}
    failures = []
    machine = f"{platform.platform()}, Python {platform.python_version()}, {os.cpu_count()} CPUs"
    print(f"{machine}, load {os.getloadavg()[0]:.1f}")
    for cell in CELLS:
        if asked.only and cell.name not in asked.only:
            continue
        began_s = time.monotonic()
        try:
            measured = cell.measure(asked.seconds)
        except RuntimeError as wrong:
            failures.append(cell.name)
            print(f"\n{cell.words}\n  WRONG: {wrong}")
            continue
        figures |= {f"{cell.name}.{key}": value for key, value in measured.items()}
        figures[f"{cell.name}.took_s"] = time.monotonic() - began_s
        figures |= compared(figures)
        report(cell, figures)
    RESULT.parent.mkdir(exist_ok=True)
    known = {key: None if math.isnan(value) else value for key, value in figures.items()}
    RESULT.write_text(json.dumps(known, indent=1) + "\n")
    print(f"\n{RESULT}" + (f"; wrong results in: {', '.join(failures)}" if failures else ""))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
