"""Reads one limit from a measurement, by the way all of them are read."""

from collections.abc import Mapping

from plimsoll.domain.limit import Limit, ScopeKind
from plimsoll.engine.gauge_board import GaugeBoard
from plimsoll.engine.limit_reading import LimitReading
from plimsoll.engine.measurement import Groups, Measurement

__all__ = ["LimitGauge", "LimitReading"]


class LimitGauge:
    """Reads one limit from measurements."""

    def __init__(self, limit: Limit, groups: Mapping[ScopeKind, Groups]) -> None:
        self.limit = limit
        self._board = GaugeBoard((limit,), groups)

    def read(self, measured: Measurement) -> LimitReading:
        """Return what the limit measures."""
        return self._board.read(measured)[0]
