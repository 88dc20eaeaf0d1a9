"""The desk without a screen: one line a second, in words or as JSON."""

import contextlib
import json
import math
import os
import sys
from datetime import UTC, datetime
from typing import TextIO

from PySide6.QtCore import QObject, QTimer, Slot

from plimsoll.bridge.risk_model import RiskModel
from plimsoll.domain.feed_status import FeedStatus
from plimsoll.domain.limit import LimitState
from plimsoll.domain.snapshot import RiskSnapshot
from plimsoll.domain.units import NS_PER_S

LINE_MS = 1000


class StatusLine(QObject):
    """Writes a line a second of what the model knows."""

    def __init__(self, model: RiskModel, *, json_lines: bool, out: TextIO | None = None) -> None:
        super().__init__()
        self._model = model
        self._json_lines = json_lines
        self._out = out or sys.stdout
        self._timer = QTimer(self)
        self._timer.setInterval(LINE_MS)
        self._timer.timeout.connect(self.write)
        self._timer.start()

    @Slot()
    def write(self) -> None:
        """Write one line; a closed pipe or a full disk ends the writing, not the desk."""
        snapshot = self._model.snapshot
        if snapshot is None:
            return
        line = (
            json_line(snapshot)
            if self._json_lines
            else plain_line(snapshot, tuple(self._model.feeds.values()))
        )
        try:
            self._out.write(line + "\n")
            self._out.flush()
        except OSError:
            self._timer.stop()
            self._let_go()

    def _let_go(self) -> None:
        """Turn the output to nowhere: Python flushes it at exit, and would end with code 120."""
        with contextlib.suppress(OSError, ValueError):  # a text in memory has no number
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, self._out.fileno())
            os.close(nowhere)


def json_line(snapshot: RiskSnapshot) -> str:
    """Return one JSON object; unknown is null."""
    worst = snapshot.worst
    facts: dict[str, object] = {
        "exchange_time": _iso(snapshot.exchange_time_ns),
        "received_time": _iso(snapshot.received_time_ns),
        "nav": _number(snapshot.nav),
        "day_pnl": _number(snapshot.day_pnl),
        "var": _number(snapshot.var),
        "es": _number(snapshot.es),
        "drawdown": _number(snapshot.drawdown),
        "gross": _number(snapshot.gross),
        "hhi": _number(snapshot.hhi),
        "coverage": _number(snapshot.coverage.fresh_fraction),
        "n_scenarios": snapshot.n_scenarios,
    }
    for name, counts in (("ticks", snapshot.trades), ("books", snapshot.books)):
        facts |= {
            f"{name}_received": counts.received,
            f"{name}_applied": counts.applied,
            f"{name}_folded": counts.folded,
            f"{name}_refused": counts.refused,
            f"{name}_repeated": counts.repeated,
            f"{name}_late": counts.late,
            f"{name}_not_held": counts.not_held,
            f"{name}_waiting": counts.waiting,
        }
    facts |= {
        "open_breaches": snapshot.n_open_breaches,
        "worst_limit": worst.limit.name if worst else None,
        "worst_limit_use": _number(worst.use_fraction) if worst else None,
        "unknown_limits": snapshot.n_unknown_limits,
    }
    return json.dumps(facts)


def plain_line(snapshot: RiskSnapshot, feeds: tuple[FeedStatus, ...]) -> str:
    """Return one line for a person."""
    currency = snapshot.base_currency
    gauge = next((reading for reading in snapshot.gauges if reading.key == "var"), None)
    if math.isnan(snapshot.var):
        var = f"VaR unknown ({snapshot.var_note})"
    else:
        use = (
            "" if gauge is None or math.isnan(gauge.use_fraction) else f" ({gauge.use_fraction:.0%} of limit)"
        )
        var = f"VaR {snapshot.var:,.0f}{use}"
    worst = snapshot.worst
    nearest = (
        "no limit known" if worst is None else f"worst limit {worst.limit.name} {worst.use_fraction:.0%}"
    )
    unknown = f", {snapshot.n_unknown_limits} unknown" if snapshot.n_unknown_limits else ""
    rate = sum(feed.messages_per_s for feed in feeds)
    n_open = snapshot.n_open_breaches
    over = [status.limit.name for status in snapshot.limits if status.state is LimitState.OVER]
    breaches = f"{n_open} open {'breach' if n_open == 1 else 'breaches'}"
    return " · ".join(
        (
            _clock(snapshot.exchange_time_ns),
            f"NAV {_money(snapshot.nav)} {currency}",
            f"day P&L {_money(snapshot.day_pnl, signed=True)}",
            var,
            nearest + unknown,
            f"{rate:,.0f} ticks/s",
            breaches + (f" ({', '.join(over)})" if over else ""),
        )
    )


def _money(value: float, *, signed: bool = False) -> str:
    if math.isnan(value):
        return "unknown"
    text = f"{value:+,.0f}" if signed else f"{value:,.0f}"
    return text.replace("-", "−")


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _iso(time_ns: int) -> str | None:
    if not time_ns:
        return None
    return datetime.fromtimestamp(time_ns / NS_PER_S, UTC).isoformat(timespec="milliseconds")


def _clock(time_ns: int) -> str:
    if not time_ns:
        return "waiting for the first tick"
    return datetime.fromtimestamp(time_ns / NS_PER_S, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
