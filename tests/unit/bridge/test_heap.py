"""Memory that was needed once is given back."""

import os
import sys
from pathlib import Path

import numpy as np
import pytest

from plimsoll.bridge.heap import settle

N_NUMBERS = 1_000_000  # 8 MB: a block glibc would keep, once it has seen a larger one freed


def rss_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other systems return memory by themselves")
def test_that_large_blocks_return_to_the_system_when_freed() -> None:
    settle()
    before = rss_mb()
    # Each second one is freed, so that the others would hold the heap between them.
    blocks = [np.ones(N_NUMBERS) for _ in range(20)]
    full = rss_mb()
    del blocks[::2]
    after = rss_mb()
    assert full - before > 150.0
    assert full - after > 70.0


def test_that_settling_twice_does_no_harm() -> None:
    settle()
    settle()
