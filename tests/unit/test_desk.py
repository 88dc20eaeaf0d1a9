from decimal import Decimal

import pytest

from plimsoll.desk import CODES_A_CONNECTION, connections_of
from plimsoll.domain.book import Book, Cash
from plimsoll.domain.instrument import AssetClass, Instrument, Settlement
from plimsoll.domain.position import Position
from plimsoll.engine.universe import Universe, universe_of
from plimsoll.feed.address import Door


def universe(n_shares: int) -> Universe:
    master = {
        f"L{k:05d}.US": Instrument(f"L{k:05d}.US", f"Share {k}", AssetClass.EQUITY, "USD", Settlement.FUNDED)
        for k in range(n_shares)
    }
    master["EURUSD"] = Instrument("EURUSD", "Euro", AssetClass.FX, "USD", Settlement.UNFUNDED)
    positions = tuple(Position(code, Decimal(1), Decimal(1)) for code in master)
    return universe_of(Book("Any", "USD", positions, (Cash("USD", Decimal(1)),)), master)


def test_that_a_door_has_one_connection_while_its_codes_fit() -> None:
    connections = connections_of(universe(3))
    assert [(name, door) for name, door, _ in connections] == [
        (Door.STOCKS.value, Door.STOCKS),
        (Door.OTHERS.value, Door.OTHERS),
    ]


@pytest.mark.parametrize("n_shares", [CODES_A_CONNECTION, CODES_A_CONNECTION + 1, 3 * CODES_A_CONNECTION + 5])
def test_that_no_connection_asks_for_more_than_alltick_serves_and_none_is_left_out(n_shares: int) -> None:
    book = universe(n_shares)
    connections = connections_of(book)
    assert max(len(wanted) for _, _, wanted in connections) <= CODES_A_CONNECTION
    asked = [code for _, _, wanted in connections for code in wanted]
    assert sorted(asked) == sorted(item.code for item in book.instruments)
    names = [name for name, _, _ in connections]
    assert len(set(names)) == len(names)
    assert sum(door is Door.STOCKS for _, door, _ in connections) == -(-n_shares // CODES_A_CONNECTION)
