"""Everything found wrong with one file, so that a person mends it in one go."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

from plimsoll.domain.errors import Complaint, FileRefused

MOST_COMPLAINTS = 200
_LONGEST_SHOWN = 60


@dataclass(slots=True)
class ComplaintList:
    """Everything found wrong with one file so far, in the file's order.

    Attributes
    ----------
    path : Path
        The file.
    found : list of Complaint
        The first two hundred; the rest are counted.
    n_more : int
        How many were not listed.
    """

    path: Path
    found: list[Complaint] = field(default_factory=list)
    n_more: int = 0

    def add(self, where: str, was: str, expected: str) -> None:
        """Keep one complaint."""
        if len(self.found) >= MOST_COMPLAINTS:
            self.n_more += 1
            return
        self.found.append(Complaint(where, _shortened(was), expected))

    def refuse(self) -> NoReturn:
        """Raise FileRefused with all of them."""
        rest = (
            Complaint("further on", f"{self.n_more} more faults", "the first ones mended; then try again"),
        )
        raise FileRefused(self.path, (*self.found, *(rest if self.n_more else ())))

    def refuse_if_any(self) -> None:
        """Raise FileRefused if there is any."""
        if self.found:
            self.refuse()


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"
