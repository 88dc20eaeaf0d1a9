"""What a table cell answers beside its text: numbers and meanings, never fonts or colours."""

from enum import IntEnum, StrEnum

from PySide6.QtCore import Qt

NEAR_FRACTION = 0.75
CLOSE_FRACTION = 0.9


class Role(IntEnum):
    """Item data roles of every model of the bridge.

    Attributes
    ----------
    VALUE : int
        The number or the enum behind the text, by which cells sort and filter.
    MEANING : int
        The Meaning of the cell.
    AGE : int
        Seconds since the figure was last heard.
    """

    VALUE = Qt.ItemDataRole.UserRole + 1
    MEANING = Qt.ItemDataRole.UserRole + 2
    AGE = Qt.ItemDataRole.UserRole + 3


class Meaning(StrEnum):
    """What a figure says; the theme alone knows how that looks."""

    PLAIN = "plain"
    GAIN = "gain"
    LOSS = "loss"
    WITHIN = "within"
    NEAR = "near"
    CLOSE = "close"
    OVER = "over"
    STALE = "stale"
    UNKNOWN = "unknown"


def meaning_of_use(use_fraction: float) -> Meaning:
    """Return what a limit's use says: near from 75 %, close from 90 %, over beyond the line; NaN unknown."""
    if use_fraction != use_fraction:  # noqa: PLR0124  NaN is the one value unequal to itself
        return Meaning.UNKNOWN
    if use_fraction > 1.0:
        return Meaning.OVER
    if use_fraction >= CLOSE_FRACTION:
        return Meaning.CLOSE
    return Meaning.NEAR if use_fraction >= NEAR_FRACTION else Meaning.WITHIN


def meaning_of_sign(value: float) -> Meaning:
    """Return whether a profit-and-loss figure is a gain, a loss or neither; NaN unknown."""
    if value != value:  # noqa: PLR0124  NaN is the one value unequal to itself
        return Meaning.UNKNOWN
    if value == 0.0:
        return Meaning.PLAIN
    return Meaning.GAIN if value > 0.0 else Meaning.LOSS
