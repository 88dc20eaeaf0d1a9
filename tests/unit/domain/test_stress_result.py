"""A stress result says on what it rests, and nothing is known of one that was refused."""

from datetime import date
from math import isnan

from plimsoll.domain.crisis_window import CrisisWindow
from plimsoll.domain.market_figures import MethodFigure
from plimsoll.domain.stand_in import StandIn
from plimsoll.domain.stress_result import PositionReplay, ReplayRoad, StressResult

WINDOW = CrisisWindow("w", "A window", date(2020, 4, 8), date(2020, 4, 28), "a source")


def test_that_a_refused_result_knows_nothing() -> None:
    result = StressResult(WINDOW, "no history")
    assert not result.is_known
    assert result.words == ("no history",)
    assert isnan(result.drawdown_base)
    assert result.recovery_days is None


def test_that_recovery_counts_from_the_trough() -> None:
    result = StressResult(WINDOW, trough_day=10, recovery_day=31)
    assert result.recovery_days == 21


def test_that_proxies_price_changes_and_still_currencies_are_all_named() -> None:
    result = StressResult(
        WINDOW,
        positions=(
            PositionReplay("A.US", "Energy", -1.0, 1.0, ReplayRoad.OWN),
            PositionReplay("OIL", "Energy", -1.0, 1.0, ReplayRoad.CHANGE),
            PositionReplay("N.US", "Tech", -1.0, 1.0, ReplayRoad.PROXY, StandIn("N.US", "US500", 1.2)),
        ),
        fx_still=("EUR",),
    )
    proxy, change, still = result.words
    assert proxy.startswith("N.US: 0 days by US500 × 1.20")
    assert change.endswith("OIL")
    assert still.endswith("EUR")


def test_that_a_method_that_was_not_measured_is_unknown() -> None:
    result = StressResult(WINDOW, methods=(MethodFigure("normal", 3.0, 4.0),))
    assert result.method("normal").var == 3.0
    assert isnan(result.method("ewma").var)
