import math
from dataclasses import replace

import numpy as np
import pytest

from plimsoll.domain.breach import Breach, BreachState
from plimsoll.domain.instrument import AssetClass, Instrument, Settlement
from plimsoll.domain.limit import Limit, Measure, Severity
from plimsoll.domain.quality import Quality
from plimsoll.domain.snapshot import UNKNOWN, Coverage, PositionTable, RiskSnapshot
from plimsoll.domain.tick import TickCounts

APPLE = Instrument("AAPL.US", "Apple", AssetClass.EQUITY, "USD", Settlement.FUNDED)
LIMIT = Limit("var", "VaR of NAV", Measure.VAR_FRACTION, 0.02, Severity.CRITICAL)


def table(*instruments: Instrument) -> PositionTable:
    column = np.full(len(instruments), UNKNOWN)
    figures = dict.fromkeys(PositionTable.__dataclass_fields__, column)
    figures |= {
        "state": np.zeros(len(instruments), np.uint8),
        "has_history": np.zeros(len(instruments), np.bool_),
    }
    return PositionTable(**(figures | {"instruments": instruments}))  # type: ignore[arg-type]


@pytest.fixture
def snapshot() -> RiskSnapshot:
    unknown = dict.fromkeys(RiskSnapshot.__dataclass_fields__, UNKNOWN)
    told = {
        "breaches": (),
        "coverage": Coverage(),
        "quality": Quality.UNKNOWN,
        "table": table(),
        "trades": TickCounts(),
        "books": TickCounts(),
    }
    return RiskSnapshot(**(unknown | told))  # type: ignore[arg-type]


def test_that_unknown_is_no_number() -> None:
    assert math.isnan(UNKNOWN)


def test_that_a_table_is_as_long_as_its_instruments() -> None:
    assert len(table()) == 0
    assert len(table(APPLE, replace(APPLE, code="MSFT.US"))) == 2


def test_that_only_breaches_whose_limit_is_broken_are_counted_as_open(snapshot: RiskSnapshot) -> None:
    breaches = tuple(Breach("B", LIMIT, "", state, 0.03, 0.03, 1, 2) for state in BreachState)
    assert snapshot.n_open_breaches == 0
    assert replace(snapshot, breaches=breaches).n_open_breaches == 5


def test_that_nothing_is_covered_until_something_is_known() -> None:
    assert Coverage() == Coverage(0.0, 0.0, 0.0, 0.0, 0, 0, 0, 0)
