"""Ten minutes of load: no tick lost, and as much memory after ten minutes as after one."""

import argparse
import sys
import tempfile
import time
from pathlib import Path

from load_server import LoadServer
from our_desk import DRAIN_S, OurDesk, rss_mb, spin, until
from PySide6.QtWidgets import QApplication
from synthetic_desk import synthetic_desk

N_POSITIONS, N_SCENARIOS, RATE = 1_000, 500, 10_000.0
TOLERANCE = 0.05


def main() -> int:
    """Soak and return 1 if memory has grown, or a tick is missing."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    asked = parser.parse_args()
    application = QApplication([sys.argv[0]])
    desk = synthetic_desk(N_POSITIONS, N_SCENARIOS)
    whole_s = 60.0 * asked.minutes
    with tempfile.TemporaryDirectory() as directory, LoadServer(N_POSITIONS, RATE) as server:
        ours = OurDesk(desk, server.port, Path(directory))
        ours.begin()
        until(lambda: ours.counts.applied >= N_POSITIONS, 60.0, "every instrument has ticked")
        began_s = time.monotonic()
        early_s = whole_s / 10.0
        rows = []
        while (elapsed_s := time.monotonic() - began_s) < whole_s:
            spin(min(early_s, whole_s - elapsed_s))
            ours.log.waits_ms.clear()
            ours.window.painted.clear()
            ours.engine.oldest_by_snapshot.clear()
            rows.append(rss_mb())
            at_s = time.monotonic() - began_s
            print(f"{at_s:6.0f} s  {rows[-1]:7.1f} MB  {ours.counts.applied:,} ticks applied", flush=True)
        n_sent = server.silence()
        until(lambda: ours.counts.received >= n_sent and not ours.counts.waiting, DRAIN_S, "all ticks came")
        last = ours.counts
        ours.end()
    del application
    growth = rows[-1] / rows[0] - 1.0
    n_lost = abs(last.unaccounted) + abs(last.received - n_sent)
    is_good = abs(growth) <= TOLERANCE and n_lost == 0
    print(
        f"memory {growth:+.1%} from {early_s:.0f} s to {whole_s:.0f} s (target ± {TOLERANCE:.0%}), "
        f"{n_sent:,} ticks sent, {n_lost:,} nobody can name: {'met' if is_good else 'NOT MET'}"
    )
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main())
