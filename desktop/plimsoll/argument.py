"""One word of the command line, read as what it means; a wrong one is refused with what was expected."""

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
