"""Products with the moves, made without the moves, are those made with them."""

import numpy as np
import pytest

from plimsoll.domain.instrument import AssetClass, Instrument, Settlement
from plimsoll.engine.distance_cloud import cloud_of
from plimsoll.engine.scenario_window import PriceWindow, scenario_matrix
from plimsoll.engine.universe import Universe

N_SHARES, N_DAYS = 300, 41


def universe() -> Universe:
    shares = [
        Instrument(f"S{k}", "", AssetClass.EQUITY, ("USD", "JPY", "EUR")[k % 3], Settlement.FUNDED)
        for k in range(N_SHARES)
    ]
    pairs = [
        Instrument("USDJPY", "", AssetClass.FX, "JPY", Settlement.UNFUNDED),
        Instrument("EURUSD", "", AssetClass.FX, "USD", Settlement.UNFUNDED),
    ]
    return Universe(
        instruments=(*shares, *pairs),
        n_held=N_SHARES,
        currencies=("USD", "JPY", "EUR"),
        currency_of=(*(k % 3 for k in range(N_SHARES)), 1, 0),
        routes=((), ((N_SHARES, -1),), ((N_SHARES + 1, 1),)),
    )


@pytest.mark.parametrize("amount", ["all", "one currency", "none"])
def test_that_every_product_is_the_one_with_returns_over_the_root_of_the_days(amount: str) -> None:
    random = np.random.default_rng(4)
    world = universe()
    n = len(world.instruments)
    closes = 100.0 * np.exp(np.cumsum(0.02 * random.standard_normal((N_DAYS, n)), axis=0))
    cloud = cloud_of(scenario_matrix(PriceWindow(np.arange(N_DAYS), closes), world), world)
    moves = (closes[1:] / closes[:-1] - 1.0).T / np.sqrt(N_DAYS - 1)
    weights = random.standard_normal(n)
    if amount != "all":
        weights[np.array(world.currency_of) != 1] = 0.0
    if amount == "none":
        weights[:] = 0.0
    series = weights @ moves
    some = np.flatnonzero(random.random(n) < 0.6)
    close = {"rtol": 1e-11, "atol": 1e-15}
    np.testing.assert_allclose(cloud.moves(some), moves[some], **close)
    np.testing.assert_allclose(cloud.series(weights), series, **close)
    np.testing.assert_allclose(cloud.series_of(some, weights[some]), weights[some] @ moves[some], **close)
    np.testing.assert_allclose(cloud.with_series(series, some), moves[some] @ series, **close)
    np.testing.assert_allclose(cloud.with_series(series), moves @ series, **close)
    np.testing.assert_allclose(cloud.own, (moves**2).sum(axis=1), **close)
    np.testing.assert_allclose(cloud.rates, cloud.powers @ moves, **close)
    rate_of_own = cloud.rates[list(world.currency_of)]
    np.testing.assert_allclose(cloud.own_rate, (moves * rate_of_own).sum(axis=1), **close)
