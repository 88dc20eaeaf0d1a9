"""Real daily closes: the bundled set, or the user's own file."""

import csv
import gzip
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

import numpy as np
import numpy.typing as npt

from plimsoll import assets
from plimsoll.alltick_server.listing import Listing, code_from_symbol, listing

Days = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]


class BadMarketFile(Exception):
    """A file of closes or ticks says something the server cannot replay."""


@dataclass(frozen=True, slots=True)
class Bars:
    """Published bars of some days: `table` is (n_days, 4): open, high, low, volume."""

    day: Days
    table: Floats


@dataclass(frozen=True, slots=True)
class CloseSeries:
    """Closes of one code, oldest first, without NaN; `day` counts from 1970-01-01."""

    listing: Listing
    day: Days
    close: Floats
    published: Bars | None = field(default=None)


def bundled_closes() -> list[CloseSeries]:
    """Return the closes that come with the program (resources/market/README.md names their sources)."""
    folder = assets.path("market")
    with np.load(folder / "closes.npz", allow_pickle=False) as file:
        codes = [str(code) for code in file["code"]]
        at = np.concatenate([[0], np.cumsum(file["n_days"])])
        day, close = file["day"], file["close"]
    with np.load(folder / "ohlcv.npz", allow_pickle=False) as file:
        starts = np.concatenate([[0], np.cumsum(file["n_days"])])
        days, table = file["day"], file["bars"].astype(np.float64)
        published = {
            str(code): Bars(days[starts[i] : starts[i + 1]], table[starts[i] : starts[i + 1]])
            for i, code in enumerate(file["code"])
        }
    with (folder / "codes.csv").open(encoding="utf-8", newline="") as lines:
        about = {row["code"]: row for row in csv.DictReader(lines)}
    return [
        CloseSeries(
            listing(code, **{key: about[code][key] for key in ("name", "exchange", "stands_for")}),
            day[at[i] : at[i + 1]],
            close[at[i] : at[i + 1]],
            published.get(code),
        )
        for i, code in enumerate(codes)
    ]


def closes_from_file(path: Path) -> list[CloseSeries]:
    """Read the user's own `date,symbol,close` file, plain or gzipped.

    Raises
    ------
    BadMarketFile
        Naming line, column, value and what was expected; nothing of a bad file is replayed.
    """
    rows: dict[str, dict[int, float]] = {}
    symbols: dict[str, str] = {}
    for line, row in csv_rows(path, ("date", "symbol", "close")):
        symbol = row["symbol"].strip()
        if not symbol:
            raise BadMarketFile(
                f"{path.name} line {line}, column symbol: was empty, expected a symbol such as AAPL"
            )
        code = code_from_symbol(symbol)
        if symbols.setdefault(code, symbol) != symbol:
            raise BadMarketFile(
                f"{path.name} line {line}, column symbol: {symbol!r} and {symbols[code]!r} were both given "
                f"for {code}, expected one symbol a code: remove one"
            )
        day = _day(path, line, row["date"])
        if day in rows.setdefault(code, {}):
            raise BadMarketFile(
                f"{path.name} line {line}, column date: {row['date']!r} was given twice for {symbol}, "
                "expected one close a day: remove one"
            )
        rows[code][day] = number(path, line, "close", row["close"])
    if not rows:
        raise BadMarketFile(f"{path.name}: held no closes, expected lines such as 2020-03-09,AAPL,65.155")
    series = []
    for code in sorted(rows):
        days = sorted(rows[code])
        closes = [rows[code][day] for day in days]
        stands_for = symbols[code] if symbols[code] != code else ""
        series.append(
            CloseSeries(
                listing(code, stands_for=stands_for), np.array(days, np.int32), np.array(closes, np.float64)
            )
        )
    return series


def csv_rows(path: Path, columns: tuple[str, ...]) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield (line number, row) of a CSV file that has at least these columns, gzipped if its name says so."""
    try:
        with opened_text(path) as file:
            reader = csv.DictReader(file)
            missing = [name for name in columns if name not in (reader.fieldnames or ())]
            if missing:
                raise BadMarketFile(
                    f"{path.name} line 1: column {missing[0]} was missing, expected {','.join(columns)}"
                )
            for row in reader:
                short = [name for name in columns if row[name] is None]
                if short:
                    raise BadMarketFile(
                        f"{path.name} line {reader.line_num}, column {short[0]}: was missing, expected one"
                    )
                yield reader.line_num, row
    except (OSError, EOFError, UnicodeDecodeError, csv.Error) as bad:
        raise BadMarketFile(f"{path} could not be read ({bad}), expected a CSV file") from bad


def opened_text(path: Path) -> TextIO:
    """Open a text file for reading, through gzip if its name says so."""
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8-sig", newline="")
    return path.open(encoding="utf-8-sig", newline="")


def number(path: Path, line: int, column: str, text: str) -> float:
    """Return a finite number, or complain with its place."""
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not np.isfinite(value):
        raise BadMarketFile(
            f"{path.name} line {line}, column {column}: {text!r} was found, expected a number"
        )
    return value


def _day(path: Path, line: int, text: str) -> int:
    try:
        if len(text.strip()) != len("2020-03-09"):
            raise ValueError(text)  # noqa: TRY301  numpy would take "2020-03" for a month
        return int(np.datetime64(text.strip(), "D").astype(np.int64))
    except ValueError:
        raise BadMarketFile(
            f"{path.name} line {line}, column date: {text!r} was found, expected a date such as 2020-03-09"
        ) from None
