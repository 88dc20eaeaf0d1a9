"""Everything found wrong with one file, so that a person mends it in one go."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

from plimsoll.domain.errors import Complaint, FileRefused

MOST_COMPLAINTS = 200
_LONGEST_SHOWN = 60
_TOKEN = re.compile(r"token=[^&\s]+", re.IGNORECASE)


@dataclass(slots=True)
class ComplaintList:
    """Everything found wrong with one file so far, in the file's order.

    Attributes
    ----------
    path : Path
        The file.
    found : list of Complaint
        Two hundred at most: beyond that the file is of another kind, and nobody reads on.
    """

    path: Path
    found: list[Complaint] = field(default_factory=list)

    def add(self, where: str, was: str, expected: str) -> None:
        """Keep one complaint.

        Raises
        ------
        FileRefused
            At the two hundredth, without looking further.
        """
        self.found.append(Complaint(where, _shown(was), expected))
        if len(self.found) >= MOST_COMPLAINTS:
            self.found.append(Complaint("further on", "not looked at", "these mended first; then try again"))
            self.refuse()

    def refuse(self) -> NoReturn:
        """Raise FileRefused with all of them."""
        raise FileRefused(self.path, tuple(self.found))

    def refuse_if_any(self) -> None:
        """Raise FileRefused if there is any."""
        if self.found:
            self.refuse()


def _shown(text: str) -> str:
    """Return a value as it may be shown: a token pasted with its address is not, and length has an end."""
    text = _TOKEN.sub("token=•••", text)
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"
