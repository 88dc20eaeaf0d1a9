"""What an event would do to the book, before it is entered: each figure before and after."""

from dataclasses import dataclass
from enum import StrEnum

from plimsoll.domain.book_event import BookEvent


class PreviewUnit(StrEnum):
    """What a figure of a preview counts."""

    QUANTITY = "quantity"
    PRICE = "price"
    MONEY = "money"
    USE = "use"


@dataclass(frozen=True, slots=True)
class PreviewLine:
    """One figure that would change.

    Attributes
    ----------
    caption : str
        What it is: "AAPL.US quantity", "Cash EUR", "NAV", a limit's name.
    unit : PreviewUnit
        What it counts.
    currency : str
        Of a price or money; empty otherwise.
    before, after : float
        NaN where there is none or it is not known.
    """

    caption: str
    unit: PreviewUnit
    currency: str
    before: float
    after: float


@dataclass(frozen=True, slots=True)
class BookPreview:
    """The answer to one event shown on trial.

    Attributes
    ----------
    event : BookEvent
        What was asked about.
    lines : tuple of PreviewLine
        Figures that would change; empty where it was refused.
    refusal : str
        Why the book cannot take it; empty where it can.
    note : str
        What it means for profit and drawdown, in words.
    """

    event: BookEvent
    lines: tuple[PreviewLine, ...] = ()
    refusal: str = ""
    note: str = ""
