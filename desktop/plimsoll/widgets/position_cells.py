"""What the position grid writes in each cell, and the words of a position's state."""

import math
from collections.abc import Callable

from plimsoll.bridge.position_table_model import PositionColumn
from plimsoll.domain.snapshot import PositionState, PositionTable
from plimsoll.widgets import formats

COLUMN_WIDTHS = {
    PositionColumn.SYMBOL: 98,
    PositionColumn.NAME: 150,
    PositionColumn.ASSET_CLASS: 80,
    PositionColumn.SECTOR: 150,
    PositionColumn.CURRENCY: 70,
    PositionColumn.QUANTITY: 90,
    PositionColumn.AVERAGE_PRICE: 92,
    PositionColumn.MARK: 90,
    PositionColumn.DAY_CHANGE: 80,
    PositionColumn.DAY_LOW: 90,
    PositionColumn.DAY_HIGH: 90,
    PositionColumn.VALUE: 100,
    PositionColumn.WEIGHT: 68,
    PositionColumn.DAY_PNL: 82,
    PositionColumn.UNREALISED: 90,
    PositionColumn.UNREALISED_FRACTION: 66,
    PositionColumn.ES_CONTRIBUTION: 84,
    PositionColumn.LIMIT_USE: 108,
    PositionColumn.AGE: 84,
}
HIDDEN_AT_FIRST = (
    PositionColumn.NAME,
    PositionColumn.CURRENCY,
    PositionColumn.AVERAGE_PRICE,
    PositionColumn.DAY_LOW,
    PositionColumn.DAY_HIGH,
)
ELASTIC = frozenset({PositionColumn.NAME, PositionColumn.SECTOR})  # give way before the grid scrolls
NARROW_SECTOR_WIDTH = 110
GIVEN_UP_WHEN_NARROW = (
    PositionColumn.ASSET_CLASS,
    PositionColumn.UNREALISED_FRACTION,
    PositionColumn.ES_CONTRIBUTION,
)
LEFT_ALIGNED = frozenset(
    {
        PositionColumn.SYMBOL,
        PositionColumn.NAME,
        PositionColumn.ASSET_CLASS,
        PositionColumn.SECTOR,
        PositionColumn.CURRENCY,
    }
)
FADING = frozenset({PositionColumn.QUANTITY, PositionColumn.MARK, PositionColumn.DAY_PNL})
STATE_WORDS = {
    PositionState.STALE: "stale",
    PositionState.CLOSED: "closed",
    PositionState.HALTED: "halted",
    PositionState.UNPRICEABLE: "no price",
}


def captions(base_currency: str) -> dict[PositionColumn, str]:
    """Return the headers; the base currency is named once, in the value column."""
    return {
        PositionColumn.SYMBOL: "Symbol",
        PositionColumn.NAME: "Name",
        PositionColumn.ASSET_CLASS: "Class",
        PositionColumn.SECTOR: "Sector",
        PositionColumn.CURRENCY: "Currency",
        PositionColumn.QUANTITY: "Quantity",
        PositionColumn.AVERAGE_PRICE: "Average",
        PositionColumn.MARK: "Mark",
        PositionColumn.DAY_CHANGE: "Day %",
        PositionColumn.DAY_LOW: "Day low",
        PositionColumn.DAY_HIGH: "Day high",
        PositionColumn.VALUE: f"Value ({base_currency})" if base_currency else "Value",
        PositionColumn.WEIGHT: "Weight",
        PositionColumn.DAY_PNL: "Day P&L",
        PositionColumn.UNREALISED: "Unrealised",
        PositionColumn.UNREALISED_FRACTION: "P&L %",
        PositionColumn.ES_CONTRIBUTION: "ES contrib.",
        PositionColumn.LIMIT_USE: "Limit use",
        PositionColumn.AGE: "Age",
    }


def write_cell(column: PositionColumn, value: float, table: PositionTable, row: int) -> str:
    """Return a figure of the grid as it stands on the screen."""
    return _WRITERS[column](value, table, row)


def age_and_state(table: PositionTable, row: int) -> str:
    """Return how old a price is, after the word for what is wrong with it."""
    word = STATE_WORDS.get(PositionState(int(table.state[row])), "")
    age_s = float(table.age_s[row])
    if math.isnan(age_s):
        return word or formats.UNKNOWN
    return f"{word} {formats.age(age_s)}" if word else formats.age(age_s)


def _day_change(value: float, _table: PositionTable, _row: int) -> str:
    shown = formats.number(value * 100.0, 2, plus=True)
    return f"{formats.arrow(value)} {shown}" if shown[0] in (formats.MINUS, "+") else shown


def _price(value: float, table: PositionTable, row: int) -> str:
    return formats.price(value, table.instruments[row])


_WRITERS: dict[PositionColumn, Callable[[float, PositionTable, int], str]] = {
    PositionColumn.QUANTITY: lambda value, _table, _row: formats.quantity(value),
    PositionColumn.AVERAGE_PRICE: _price,
    PositionColumn.MARK: _price,
    PositionColumn.DAY_CHANGE: _day_change,
    PositionColumn.DAY_LOW: _price,
    PositionColumn.DAY_HIGH: _price,
    PositionColumn.VALUE: lambda value, _table, _row: formats.number(value),
    PositionColumn.WEIGHT: lambda value, _table, _row: formats.fraction(value, 1),
    PositionColumn.DAY_PNL: lambda value, _table, _row: formats.number(value, plus=True),
    PositionColumn.UNREALISED: lambda value, _table, _row: formats.number(value, plus=True),
    PositionColumn.UNREALISED_FRACTION: lambda value, _t, _row: formats.number(value * 100.0, 1, plus=True),
    PositionColumn.ES_CONTRIBUTION: lambda value, _table, _row: formats.number(value),
    PositionColumn.LIMIT_USE: lambda value, _table, _row: "" if math.isnan(value) else formats.use(value),
    PositionColumn.AGE: lambda _value, table, row: age_and_state(table, row),
}
