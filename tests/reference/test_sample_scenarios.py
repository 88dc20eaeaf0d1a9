"""The sample scenarios' figures are worked out again from the bundled closes."""

import re
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from plimsoll.alltick_server.close_series import bundled_closes
from plimsoll.domain.limit import ScopeKind
from plimsoll.domain.stress_scenario import Shock, StressScenario
from plimsoll.storage.scenarios_file import scenarios_from_file

SAMPLE = Path(__file__).parents[2] / "resources" / "samples" / "scenarios.toml"
SCENARIOS = scenarios_from_file(SAMPLE)
SERIES = {series.listing.code: series for series in bundled_closes()}
STANDS_FOR = {"equity": "US500", "etf": "US500", "index": "US500", "crypto": "BTCUSDT"}
PAIRS = {"EUR": ("EURUSD", 1), "GBP": ("GBPUSD", 1), "AUD": ("AUDUSD", 1), "NZD": ("NZDUSD", 1)}
INVERSE = {"JPY": ("USDJPY", -1), "CHF": ("USDCHF", -1), "CAD": ("USDCAD", -1)}


def day_of(text: str) -> int:
    return (date.fromisoformat(text) - date(1970, 1, 1)).days


def change_of(code: str, begin: str, end: str) -> float:
    series = SERIES[code]
    first, last = (int(np.searchsorted(series.day, day_of(day), side="right")) - 1 for day in (begin, end))
    return float(series.close[last] / series.close[first] - 1.0)


def expected(shock: Shock, begin: str, end: str) -> float:
    member = shock.scope.member
    if shock.scope.kind is ScopeKind.CURRENCY:
        code, power = {**PAIRS, **INVERSE}[member]
        return (1.0 + change_of(code, begin, end)) ** power - 1.0
    return change_of(STANDS_FOR.get(member, member), begin, end)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.scenario_id)
def test_that_each_figure_is_a_change_between_two_bundled_closes(scenario: StressScenario) -> None:
    dates = re.findall(r"\d{4}-\d{2}-\d{2}", scenario.source)
    if not dates:
        assert scenario.source == "a round number"
        return
    begin, end = dates
    for shock in scenario.shocks:
        assert shock.change_fraction == pytest.approx(expected(shock, begin, end), abs=5.1e-5)
