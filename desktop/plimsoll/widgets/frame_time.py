"""How long the main thread works for a frame: showing figures and painting them, waiting not counted."""

import time
from collections import deque

FRAMES_KEPT = 600  # ten seconds of them at 60 a second


class FrameTime:
    """Adds up stretches of work until a frame is on the screen."""

    def __init__(self) -> None:
        self._since_ns = 0
        self._depth = 0
        self._work_ns = 0
        self._frames_ms: deque[float] = deque(maxlen=FRAMES_KEPT)

    def began(self) -> None:
        """Note that work begins; inside other work it is part of that."""
        if self._depth == 0:
            self._since_ns = time.perf_counter_ns()
        self._depth += 1

    def ended(self) -> None:
        """Note that it is done."""
        self._depth -= 1
        if self._depth == 0:
            self._work_ns += time.perf_counter_ns() - self._since_ns

    def cut(self) -> None:
        """Note that the frame is painted; the next begins."""
        self._frames_ms.append(self._work_ns / 1e6)
        self._work_ns = 0

    def p99_ms(self) -> float:
        """Return the work that 99 of 100 of the last frames stayed within; NaN before the first."""
        if not self._frames_ms:
            return float("nan")
        return sorted(self._frames_ms)[int(0.99 * (len(self._frames_ms) - 1))]
