"""A table of a TOML file being read: what is asked for is ticked off, the rest is a complaint."""

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from plimsoll.storage.complaint_list import ComplaintList

_Value = TypeVar("_Value")


@dataclass(slots=True)
class TomlTable:
    """One table.

    Attributes
    ----------
    table : Mapping
        Its keys and values, as `tomllib` has them.
    name : str
        With its dot, as complaints begin: ``"method."``; empty for the whole file.
    complaints : ComplaintList
        Where what is wrong is kept.
    asked : set of str
        Keys that were asked for.
    """

    table: Mapping[str, object]
    name: str
    complaints: ComplaintList
    asked: set[str] = field(default_factory=set)

    def sub_table(self, name: str) -> "TomlTable":
        """Return a table of this one; an empty one where it is not there, or is something else."""
        self.asked.add(name)
        value = self.table.get(name, {})
        if isinstance(value, dict):
            return TomlTable(value, f"{name}.", self.complaints)
        self.complaints.add(f"key {name}", str(value), f"a table [{name}]")
        return TomlTable({}, f"{name}.", self.complaints)

    def take(
        self, key: str, read: Callable[[object], _Value | None], expected: str, default: _Value
    ) -> _Value:
        """Return what `read` makes of a key; `default` where it is not there or after a complaint."""
        self.asked.add(key)
        if key not in self.table:
            return default
        value = read(self.table[key])
        if value is None:
            self.complaints.add(f"key {self.name}{key}", str(self.table[key]), expected)
            return default
        return value

    def complain_of_the_rest(self) -> None:
        """Complain of every key that nobody asked for."""
        for key in self.table:
            if key not in self.asked:
                known = ", ".join(sorted(self.asked))
                self.complaints.add(f"key {self.name}{key}", key, f"one of {known}")


def document_of(text: str, complaints: ComplaintList, expected: str) -> dict[str, Any]:
    """Return the document a text is; `expected` says what it should have been.

    Raises
    ------
    FileRefused
        If it is no TOML.
    """
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError, ValueError) as error:
        complaints.add("the file", str(error) or "nested too deep", expected)
        complaints.refuse()


def a_text(value: object) -> str | None:
    """Read one line of text that is not empty."""
    return value.strip() if isinstance(value, str) and "\n" not in value and value.strip() else None


def some_texts(value: object) -> tuple[str, ...] | None:
    """Read a list of such lines, or a single one."""
    if isinstance(value, str):
        value = [value]
    if not isinstance(value, list):
        return None
    found = [a_text(one) for one in value]
    return tuple(one for one in found if one) if all(found) else None


def fitting(pattern: re.Pattern[str]) -> Callable[[object], str | None]:
    """Return what reads a text that a pattern fits."""
    return lambda value: value if isinstance(value, str) and pattern.fullmatch(value) else None


def one_of(known: tuple[str, ...]) -> Callable[[object], str | None]:
    """Return what reads one of some words."""
    return lambda value: value if isinstance(value, str) and value in known else None


def between(low: float, high: float) -> Callable[[object], float | None]:
    """Return what reads a number between two, neither of them included."""

    def read(value: object) -> float | None:
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return float(value) if is_number and low < value < high else None  # type: ignore[arg-type, operator]

    return read


def whole(low: int, high: int) -> Callable[[object], int | None]:
    """Return what reads a whole number between two, both included."""

    def read(value: object) -> int | None:
        is_whole = isinstance(value, int) and not isinstance(value, bool)
        return value if is_whole and low <= value <= high else None  # type: ignore[return-value, operator]

    return read
