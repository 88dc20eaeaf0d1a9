"""Files of recorded ticks: trades, best quotes, or ten levels of a book."""

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from plimsoll import assets
from plimsoll.alltick_server.close_series import BadMarketFile, Floats, number, opened_text
from plimsoll.alltick_server.listing import code_from_symbol
from plimsoll.alltick_server.market import Codes, Flags, Ints

_N_LEVELS = 10
_LEVEL = ("bid{}", "bid{}_size", "ask{}", "ask{}_size")
_DIRECTION = {"": 0, "buy": 1, "sell": 2}
_EXPECTED = "ts_ms,symbol and either price,volume or bid,ask or bid1…ask10_size"


@dataclass(frozen=True, slots=True)
class RecordedTicks:
    """Rows of one or more files in order of time, equal times as they stood.

    The columns are a chunk's (`plimsoll.alltick_server.market.Chunk`); `ladder_row` is the row's whole book
    in `ladders`, (n_books, 10, 4), or -1.
    """

    codes: tuple[str, ...]
    code: Codes
    time_ms: Ints
    is_book: Flags
    price: Floats
    size: Floats
    ask: Floats
    ask_size: Floats
    direction: Codes
    ladder_row: Ints
    ladders: Floats

    def __len__(self) -> int:
        return len(self.code)


@dataclass(slots=True)
class _File:
    symbol: list[str]
    time_ms: Ints
    is_book: bool
    price: Floats
    size: Floats
    ask: Floats
    ask_size: Floats
    direction: Codes
    ladders: Floats | None


@dataclass(frozen=True, slots=True)
class _Table:
    path: Path
    columns: dict[str, tuple[str, ...]]

    def column(self, name: str) -> tuple[str, ...]:
        if name not in self.columns:
            raise BadMarketFile(f"{self.path.name} line 1: column {name} was missing, expected {_EXPECTED}")
        return self.columns[name]

    def numbers(self, name: str, *, may_be_empty: bool = False) -> Floats:
        """Return a column as numbers, finite ones but for empty cells where those are allowed (NaN)."""
        texts = self.column(name)
        try:
            found: Floats = np.array([text or "nan" for text in texts] if may_be_empty else texts, np.float64)
        except ValueError:
            found = np.full(len(texts), np.nan)
        for row in np.flatnonzero(~np.isfinite(found)).tolist():
            if texts[row] or not may_be_empty:
                found[row] = number(self.path, row + 2, name, texts[row])
        return found


def bundled_ticks() -> list[Path]:
    """Return the tick files that come with the program."""
    return sorted(assets.path("market/ticks").glob("*.csv.gz"))


def recorded_ticks(paths: tuple[Path, ...]) -> RecordedTicks:
    """Read and merge files of recorded ticks; a name without a folder may be a bundled file's.

    A code of which no file has trades is sent as trades at mid too, with volume 0.

    Raises
    ------
    BadMarketFile
        Naming file, line, column, value and what was expected.
    """
    bundled = {path.name: path for path in bundled_ticks()}
    files = [_read(path if path.exists() else bundled.get(path.name, path)) for path in paths]
    traded = {symbol for file in files if not file.is_book for symbol in file.symbol}
    files += [_at_mid(file, traded) for file in files if file.is_book and not traded.issuperset(file.symbol)]
    symbols = [symbol for file in files for symbol in file.symbol]
    if not symbols:
        raise BadMarketFile(f"{paths[0].name}: held no ticks, expected lines after the first")
    code_of = {symbol: code_from_symbol(symbol) for symbol in set(symbols)}
    codes = tuple(sorted(set(code_of.values())))
    place = {symbol: codes.index(code) for symbol, code in code_of.items()}
    time_ms = np.concatenate([file.time_ms for file in files])
    order = np.argsort(time_ms, kind="stable")
    n_ladders = np.cumsum([0, *(0 if file.ladders is None else len(file.ladders) for file in files)])
    ladder_row = np.concatenate(
        [
            np.full(len(file.symbol), -1) if file.ladders is None else np.arange(len(file.ladders)) + first
            for file, first in zip(files, n_ladders, strict=False)
        ]
    )
    ladders = [file.ladders for file in files if file.ladders is not None]
    return RecordedTicks(
        codes=codes,
        code=np.array([place[symbol] for symbol in symbols], np.int32)[order],
        time_ms=time_ms[order],
        is_book=np.concatenate([np.full(len(file.symbol), file.is_book) for file in files])[order],
        price=np.concatenate([file.price for file in files])[order],
        size=np.concatenate([file.size for file in files])[order],
        ask=np.concatenate([file.ask for file in files])[order],
        ask_size=np.concatenate([file.ask_size for file in files])[order],
        direction=np.concatenate([file.direction for file in files])[order],
        ladder_row=ladder_row[order],
        ladders=np.concatenate(ladders) if ladders else np.zeros((0, _N_LEVELS, 4)),
    )


def _at_mid(file: _File, traded: set[str]) -> _File:
    """Return trades at the middle of the quotes of codes that have no trades of their own."""
    rows = np.array([i for i, symbol in enumerate(file.symbol) if symbol not in traded])
    middle = (file.price[rows] + file.ask[rows]) / 2.0
    rows = rows[np.isfinite(middle)]
    nothing = np.zeros(len(rows))
    return _File(
        symbol=[file.symbol[i] for i in rows],
        time_ms=file.time_ms[rows],
        is_book=False,
        price=middle[np.isfinite(middle)],
        size=nothing,
        ask=nothing,
        ask_size=nothing,
        direction=np.ones(len(rows), np.int32),
        ladders=None,
    )


def _direction(path: Path, row: int, side: str) -> int:
    if side not in _DIRECTION:
        # Updates of single price levels look like trades but for this column.
        raise BadMarketFile(
            f"{path.name} line {row + 2}, column side: {side!r} was found, expected buy or sell, the taker's"
        )
    return _DIRECTION[side]


def _read(path: Path) -> _File:
    table = _table(path)
    time_ms = table.numbers("ts_ms").astype(np.int64)
    symbol = list(table.column("symbol"))
    n = len(symbol)
    if {"price", "volume"} <= table.columns.keys():
        sides = table.columns.get("side", ("",) * n)
        direction = np.array([_direction(path, row, side) for row, side in enumerate(sides)], np.int32)
        nothing = np.zeros(n)
        price, size = table.numbers("price"), table.numbers("volume")
        return _File(symbol, time_ms, False, price, size, nothing, nothing, direction, None)
    neutral = np.zeros(n, np.int32)
    if {"bid", "ask"} <= table.columns.keys():
        sizes = [
            table.numbers(name) if name in table.columns else np.ones(n) for name in ("bid_size", "ask_size")
        ]
        bid, ask = table.numbers("bid"), table.numbers("ask")
        return _File(symbol, time_ms, True, bid, sizes[0], ask, sizes[1], neutral, None)
    if not {"bid1", "ask1"} <= table.columns.keys():
        columns = ",".join(table.columns)
        raise BadMarketFile(f"{path.name} line 1: the columns were {columns}, expected {_EXPECTED}")
    levels = [
        [table.numbers(name.format(k), may_be_empty=True) for name in _LEVEL] for k in range(1, _N_LEVELS + 1)
    ]
    ladders = np.moveaxis(np.array(levels), 2, 0)
    best = ladders[:, 0].T
    return _File(symbol, time_ms, True, best[0], best[1], best[2], best[3], neutral, ladders)


def _table(path: Path) -> _Table:
    try:
        with opened_text(path) as lines:
            header, *rows = list(csv.reader(lines)) or [[]]
    except (OSError, EOFError, UnicodeDecodeError, csv.Error) as bad:
        raise BadMarketFile(f"{path} could not be read ({bad}), expected a CSV file of ticks") from bad
    while rows and not rows[-1]:
        rows.pop()
    for line, row in enumerate(rows, start=2):
        if len(row) != len(header):
            raise BadMarketFile(f"{path.name} line {line}: had {len(row)} values, expected {len(header)}")
    columns = zip(*rows, strict=True) if rows else ((),) * len(header)
    return _Table(path, dict(zip(header, columns, strict=True)))
