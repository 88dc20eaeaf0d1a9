"""A scenario's cost is the book repriced: by hand for one pair, and narrow shocks before broad ones."""

import math

import numpy as np
import pytest

from fakes.trading_desk import MASTER, book_of
from plimsoll.domain.instrument import AssetClass, Instrument, Settlement
from plimsoll.domain.limit import Scope, ScopeKind
from plimsoll.domain.stress_scenario import Shock, StressScenario
from plimsoll.engine.ledger import Ledger
from plimsoll.engine.stress_watch import StressWatch
from plimsoll.engine.universe import universe_of

USDJPY = Instrument("USDJPY", "Dollar against yen", AssetClass.FX, "JPY", Settlement.UNFUNDED)


def scenario_of(*shocks: tuple[ScopeKind, str, float]) -> StressScenario:
    return StressScenario(
        "s", "S", tuple(Shock(Scope(kind, member), change) for kind, member, change in shocks)
    )


def loss_of(scenario: StressScenario, positions: dict[str, tuple[float, float]], marks: dict[str, float]):
    book = book_of(positions, {"USD": 1000.0})
    universe = universe_of(book, {**MASTER, "USDJPY": USDJPY})
    ledger = Ledger(universe, book)
    mark = np.array([marks.get(code, math.nan) for code in universe.codes])
    ledger.revalue(mark)
    return StressWatch(universe, (scenario,)).losses(ledger, mark)["s"]


def test_that_a_pair_moves_with_its_currencies_and_its_money_too() -> None:
    # SEMANTICS, Money: −2 000 000 USDJPY at 154.21, bought there, USD book, +1 % → −19 801.98 USD.
    yen_falls = scenario_of((ScopeKind.CURRENCY, "JPY", 1 / 1.01 - 1))
    found = loss_of(yen_falls, {"USDJPY": (-2_000_000, 154.21)}, {"USDJPY": 154.21})
    assert found.total == pytest.approx(19_801.98, abs=0.005)
    assert found.by_position == pytest.approx([19_801.98], abs=0.005)


def test_that_the_narrowest_shock_holds() -> None:
    shocks = scenario_of(
        (ScopeKind.INSTRUMENT, "XOM.US", 0.5),
        (ScopeKind.BOOK, "", -0.1),
        (ScopeKind.ASSET_CLASS, "equity", -0.2),
    )
    found = loss_of(
        shocks, {"AAPL.US": (10, 90.0), "XOM.US": (10, 90.0)}, {"AAPL.US": 100.0, "XOM.US": 100.0}
    )
    assert found.by_position == pytest.approx([200.0, -500.0])
    assert found.total == pytest.approx(-300.0)


def test_that_what_nothing_names_stands_still_and_what_has_no_price_is_unknown() -> None:
    crypto = scenario_of((ScopeKind.ASSET_CLASS, "crypto", -0.5))
    held = {"AAPL.US": (10.0, 90.0), "XOM.US": (10.0, 90.0)}
    assert loss_of(crypto, held, {"AAPL.US": 100.0, "XOM.US": 60.0}).total == 0.0
    found = loss_of(crypto, held, {"AAPL.US": 100.0})
    assert math.isnan(found.total)
    assert not math.isnan(found.by_position[0])


@pytest.mark.parametrize(
    ("kind", "member"), [(ScopeKind.COUNTRY, "US"), (ScopeKind.SECTOR, "Energy"), (ScopeKind.TAG, "core")]
)
def test_that_a_shock_speaks_of_its_members_alone(kind: ScopeKind, member: str) -> None:
    xom = MASTER["XOM.US"]
    found = loss_of(scenario_of((kind, member, -0.1)), {"XOM.US": (10, 50.0)}, {"XOM.US": 60.0}).by_position[
        0
    ]
    belongs = {ScopeKind.COUNTRY: xom.country == "US", ScopeKind.SECTOR: xom.sector == "Energy"}
    assert found == pytest.approx(60.0 if belongs.get(kind, False) else 0.0)
