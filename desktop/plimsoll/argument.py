"""What several commands of the command line share: how a word is read, and options of the same name."""

import argparse
from collections.abc import Callable
from datetime import date
from pathlib import Path


def day(text: str) -> date:
    """Return a date like 2020-02-24."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"was {text!r}, expected a date like 2020-02-24") from None


def n_days(text: str) -> int:
    """Return a number of days, at most ten years."""
    if not text.isdecimal() or not 1 <= int(text) <= 3660:
        raise argparse.ArgumentTypeError(f"was {text!r}, expected a whole number of days, 1 to 3660")
    return int(text)


def file_of(suffixes: tuple[str, ...]) -> Callable[[str], Path]:
    """Return what reads a file name with one of these endings."""

    def read(text: str) -> Path:
        path = Path(text)
        if path.suffix.lower() not in suffixes:
            raise argparse.ArgumentTypeError(
                f"was {text!r}, expected a name that ends in {', '.join(suffixes)}"
            )
        return path

    return read


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"was {text!r}, expected a number") from None


def above_zero(text: str) -> float:
    """Return a finite number above zero."""
    number = _number(text)
    if not 0.0 < number < float("inf"):
        raise argparse.ArgumentTypeError(f"was {text!r}, expected a number above zero")
    return number


def zero_or_more(text: str) -> float:
    """Return a finite number, zero or more."""
    number = _number(text)
    if not 0.0 <= number < float("inf"):
        raise argparse.ArgumentTypeError(f"was {text!r}, expected zero or more")
    return number


def port(text: str) -> int:
    """Return a port, 0 for a free one."""
    number = _number(text)
    # Range first: int() of a number that is none would end in a traceback.
    if not 0 <= number < 65536 or number != int(number):
        raise argparse.ArgumentTypeError(f"was {text!r}, expected a port from 0 to 65535")
    return int(number)


def seed(text: str) -> int:
    """Return a whole number, zero or more."""
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"was {text!r}, expected a whole number, zero or more")
    return int(text)


def codes_and_rate(parser: argparse.ArgumentParser, codes: float, rate: float) -> tuple[int, float]:
    """Return a load of ticks; argparse reads its two numbers, and cannot refuse one for what it is."""
    if not 1 <= codes <= 99_999 or codes != int(codes) or not 0.0 <= rate < float("inf"):
        parser.error(f"--load was {codes:g} {rate:g}, expected 1 to 99999 codes and a rate of zero or more")
    return int(codes), rate


def add_desk_options(parser: argparse.ArgumentParser) -> None:
    """Add what every command that opens a desk takes."""
    parser.add_argument("--headless", action="store_true", help="a line a second instead of a screen")
    parser.add_argument(
        "--json", action="store_true", help="those lines as JSON objects (implies --headless)"
    )
    parser.add_argument("--exit-after", type=above_zero, metavar="SECONDS", help="end by itself")
    parser.add_argument("--data-dir", type=Path, metavar="DIR", help="put all that is written there")
    parser.add_argument("--portfolio", type=Path, metavar="FILE", help="positions as CSV")
    parser.add_argument("--limits", type=Path, metavar="FILE", help="limits as TOML")
    parser.add_argument("--theme", choices=("system", "night", "day"), default="system")
    parser.add_argument("--verbose", action="store_true", help="the whole log on standard error")
    parser.add_argument(
        "--profile", type=Path, metavar="FILE", help="record the running desk for speedscope (needs py-spy)"
    )


def add_days(parser: argparse.ArgumentParser, first_day: date | None, last_day: date | None) -> None:
    """Add the first and the last day of a replay."""
    parser.add_argument(
        "--from", dest="first_day", type=day, default=first_day, metavar="DATE", help="YYYY-MM-DD"
    )
    parser.add_argument(
        "--to", dest="last_day", type=day, default=last_day, metavar="DATE", help="YYYY-MM-DD"
    )


def add_replay_options(parser: argparse.ArgumentParser) -> None:
    """Add what every command with a market of its own takes."""
    parser.add_argument(
        "--day-seconds", type=above_zero, default=60.0, metavar="N", help="how long a day lasts"
    )
    parser.add_argument("--closes", type=Path, metavar="FILE", help="your own date,symbol,close file")
    parser.add_argument(
        "--ticks", type=Path, action="append", default=[], metavar="FILE", help="recorded ticks"
    )
    parser.add_argument(
        "--speed",
        type=zero_or_more,
        default=1.0,
        metavar="X",
        help="of recorded ticks; 0 is flat out",
    )
    parser.add_argument(
        "--rate", type=above_zero, default=5.0, metavar="R", help="messages a second and code"
    )
    parser.add_argument("--seed", type=seed, default=0, metavar="N", help="the same seed repeats to the tick")
