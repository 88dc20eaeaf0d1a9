"""What is doubted of the data under a figure, and why."""

from dataclasses import dataclass
from enum import StrEnum


class DoubtKind(StrEnum):
    """What may be wrong."""

    SPLIT_IN_HISTORY = "split_in_history"
    SPLIT_AT_OPEN = "split_at_open"
    CURRENCY_SCALE = "currency_scale"
    CURRENCY_OF_CODE = "currency_of_code"


@dataclass(frozen=True, slots=True)
class DataDoubt:
    """One doubt about one instrument: suspected, not proven.

    Attributes
    ----------
    code : str
        The instrument.
    kind : DoubtKind
        What may be wrong.
    words : str
        What was seen and what to look at, as the notice says it.
    """

    code: str
    kind: DoubtKind
    words: str
