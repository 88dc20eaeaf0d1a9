"""Numbers as a person types them: thousands apart or not, with a sign behind or not, exact to the digit."""

import re
from decimal import Decimal, InvalidOperation

_SUFFIXES = {"k": 1_000, "m": 1_000_000, "b": 1_000_000_000}
_NOISE = re.compile(r"[\s,'’_\u00a0\u202f]")  # what separates thousands
AMOUNT = re.compile(r"[A-Z$€£¥₹]*(?P<number>[0-9.]+)(?P<size>[kmb]?)", re.IGNORECASE)
PLAIN = re.compile(r"(?P<number>[0-9.]+)(?:%|×|x|d|s)?", re.IGNORECASE)
_BOUND = re.compile(r"\bat most (?P<most>[0-9.]+)")


def number_in(pattern: re.Pattern[str], text: str, expected: str) -> Decimal:
    """Return the number of a text in one of the two forms.

    Raises
    ------
    ValueError
        With what was expected, if it has none.
    """
    match = pattern.fullmatch(_NOISE.sub("", text))
    if match is None:
        raise ValueError(expected)
    try:
        number = Decimal(match["number"])
    except InvalidOperation:
        raise ValueError(expected) from None
    size = match.groupdict().get("size") or ""
    return number * _SUFFIXES.get(size.lower(), 1)


def shortest(number: Decimal) -> str:
    """Return a number in as few digits as say it all."""
    return f"{number.normalize():f}"


def expected_in_percent(expected: str) -> str:
    """Return what a file expects of a fraction, in the words of a form: there it is typed in per cent."""
    bound = _BOUND.search(expected)
    return f"above 0 and at most {shortest(Decimal(bound['most']) * 100)} %" if bound else "above 0 %"
