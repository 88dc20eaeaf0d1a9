"""How far a figure can be trusted, in three steps."""

from enum import StrEnum


class Quality(StrEnum):
    """How far a figure can be trusted."""

    GOOD = "good"
    LOW = "low"
    UNKNOWN = "unknown"
