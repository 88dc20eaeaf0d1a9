"""Studies 200 positions over all crises by every VaR model, and measures the longest pause of the window."""

import json
import os
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
import pandas as pd
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from plimsoll.bridge.study_executor import study_executor
from plimsoll.bridge.study_job import StudyJob, StudyRecipe
from plimsoll.domain.instrument import AssetClass, Instrument, Settlement
from plimsoll.domain.method import RiskMethod
from plimsoll.engine.study_book import StudyBook
from plimsoll.storage.crisis_file import crisis_windows_from_folder
from plimsoll.widgets.backtest_panel import BacktestPanel
from plimsoll.widgets.stress_panel import StressPanel
from plimsoll.widgets.study_station import StudyStation
from plimsoll.widgets.theme import Theme

RESOURCES = Path(__file__).parents[2] / "resources"
N_POSITIONS = 200
FRAME_MS = 1_000 / 60


def history(folder: Path, codes: tuple[str, ...]) -> Path:
    """Write 38 years of made-up closes of every code, so that every crisis is replayed."""
    days = pd.bdate_range("1987-01-02", "2024-12-31")
    rng = np.random.default_rng(5)
    moves = rng.normal(0.0, 0.006, (len(days), 1)) + rng.normal(0.0, 0.012, (len(days), len(codes)))
    closes = 100.0 * np.exp(np.cumsum(moves, axis=0))
    columns = {
        "date": np.repeat(days, len(codes)),
        "code": np.tile(codes, len(days)),
        "close": closes.ravel(),
    }
    path = folder / "closes.parquet"
    pd.DataFrame(columns).to_parquet(path)
    return path


def book(codes: tuple[str, ...]) -> StudyBook:
    n = len(codes)
    exposure = np.random.default_rng(3).normal(0.0, 100_000.0, n)
    return StudyBook(
        codes=codes,
        sectors=tuple(f"Sector {number % 11}" for number in range(n)),
        exposure=exposure,
        money_per_point=exposure / 100.0,
        fx_weight=exposure,
        is_priced=np.ones(n, dtype=np.bool_),
        currency_of=np.zeros(n, dtype=np.int64),
        currencies=("USD",),
        cash=np.array([20_000_000.0]),
        routes=((),),
        nav=20_000_000.0,
    )


def main() -> int:
    """Run one study beside a clock of 2 ms on the main thread; return 1 if it did not finish."""
    application = QApplication([])
    codes = tuple(f"P{number:03d}.US" for number in range(N_POSITIONS))
    master = {code: Instrument(code, code, AssetClass.EQUITY, "USD", Settlement.FUNDED) for code in codes}
    with tempfile.TemporaryDirectory() as folder:
        own = history(Path(folder), codes)
        pool = study_executor()
        theme = Theme("night")
        job, stress, backtest = StudyJob(pool), StressPanel(theme), BacktestPanel(theme)
        stress.resize(1100, 600)
        stress.show()  # the other lies behind it in its tab
        station = StudyStation(job, stress, backtest, "USD")
        windows = crisis_windows_from_folder(RESOURCES / "stress")
        recipe = StudyRecipe(book(codes), RiskMethod(), windows, codes, master, own_files=(own,))
        station.recipe_wanted.connect(lambda: station.run(recipe))
        pauses: list[float] = []
        last = [time.perf_counter()]

        def tick() -> None:
            now = time.perf_counter()
            pauses.append(1_000.0 * (now - last[0]))
            last[0] = now

        clock = QTimer()
        clock.timeout.connect(tick)
        outcome: list[bool] = []
        job.finished.connect(lambda _results: QTimer.singleShot(500, application.quit))
        job.finished.connect(lambda _results: outcome.append(True))
        job.refused.connect(lambda why: (sys.stderr.write(f"{why}\n"), application.quit()))
        QTimer.singleShot(240_000, application.quit)
        began = time.perf_counter()

        def start() -> None:
            last[0] = time.perf_counter()
            clock.start(2)
            stress.bar.button.click()

        QTimer.singleShot(300, start)  # the window stands and is painted
        application.exec()
        took_s = time.perf_counter() - began
        pool.shutdown(wait=False, cancel_futures=True)
    longest = max(pauses, default=float("nan"))
    figures = {
        "study_positions": N_POSITIONS,
        "study_windows": len(windows),
        "study_models": backtest.table.rowCount(),
        "study_s": round(took_s, 2),
        "study_longest_pause_ms": round(longest, 1),
        "study_pauses_over_two_frames": sum(pause > 2 * FRAME_MS for pause in pauses),
    }
    print(json.dumps(figures))
    return 0 if outcome else 1


if __name__ == "__main__":
    sys.exit(main())
