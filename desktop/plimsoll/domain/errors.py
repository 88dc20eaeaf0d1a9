"""What is refused at the border, in words a trader can act on.

- FileRefused            a file the trader gave; carries every complaint, and nothing of it was taken
- UnknownInstrument      a code nobody described
- NotFollowed            a code that the running session does not follow
- FillRefused            a fill the book cannot take
- FlowRefused            money in a currency the book does not keep
- EventRefused           a book event that cannot be taken
- DecisionRefused        a decision that may not stand: closed, expired, not entitled, no reason
- IllegalTransition      a breach asked to go where its life does not lead
"""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Complaint:
    """One thing wrong with a file.

    Attributes
    ----------
    where : str
        Line and column as a person finds them, e.g. ``"line 7, column quantity"``.
    was : str
        The value found.
    expected : str
        What should have stood there, and what to do.
    """

    where: str
    was: str
    expected: str

    def __str__(self) -> str:
        return f"{self.where}: was {self.was!r}, expected {self.expected}"


class FileRefused(ValueError):
    """A file was not taken, and nothing of it was.

    Attributes
    ----------
    path : Path
        The file.
    complaints : tuple of Complaint
        Everything wrong with it, in the file's order.
    """

    def __init__(self, path: Path, complaints: tuple[Complaint, ...]) -> None:
        lines = "\n".join(f"  {complaint}" for complaint in complaints)
        super().__init__(f"{path} was refused, nothing of it was taken:\n{lines}")
        self.path = path
        self.complaints = complaints


class UnknownInstrument(LookupError):
    """A code that the instrument master does not describe."""

    def __init__(self, code: str) -> None:
        super().__init__(f"{code!r} is not in the instrument master: add a line for it")
        self.code = code


class NotFollowed(UnknownInstrument):
    """A code that the running session does not follow, described or not."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        words = "add a line for it to the positions file (to the instrument master too, if it has none)"
        self.args = (f"{code!r} is not followed in this session: {words}, and start again",)


class EventRefused(ValueError):
    """A dividend, fee, split, exchange or undo that the book cannot take."""


class FillRefused(EventRefused):
    """A fill that the book cannot take."""


class FlowRefused(EventRefused):
    """A deposit or withdrawal that the book cannot take."""


class DecisionRefused(ValueError):
    """A decision that may not stand, with the reason the person reads."""


class IllegalTransition(ValueError):
    """A breach was asked to go where its life does not lead."""
