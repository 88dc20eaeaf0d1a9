"""How long it takes from the tick that crossed a line to the painted dialog, in words."""

from collections.abc import Sequence

import numpy as np

RULE_S = 5.0
"""What the trade asks for."""


def latency_words(latencies_ms: Sequence[float]) -> str:
    """Return the 99th percentile beside the rule it is held to."""
    if not latencies_ms:
        return f"Tick to dialog: no breach yet (rule: {RULE_S:g} s)"
    p99_ms = float(np.percentile(np.asarray(latencies_ms, dtype=np.float64), 99))
    n = len(latencies_ms)
    shown = f"{p99_ms:.0f} ms" if p99_ms < 1000 else f"{p99_ms / 1000:.1f} s"
    return f"Tick to dialog: p99 {shown} over {n} breach{'es' if n > 1 else ''} (rule: {RULE_S:g} s)"
