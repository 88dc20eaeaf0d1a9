"""Who signs: a name, that name's right, and its PIN, checked against the people of the desk."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from plimsoll.domain.errors import FileRefused
from plimsoll.domain.person import Right, only_person

if TYPE_CHECKING:
    from plimsoll.storage.people_file import PeopleFile

MISSING = (
    "There is no people.toml, so the account of this computer is the only person: what needs a second one "
    "is refused. Write the file and start again."
)


@dataclass(frozen=True, slots=True)
class PeopleSign:
    """Reads the people anew at each question, so that an edited file counts at once.

    Attributes
    ----------
    read : callable
        Returns the people file, or raises FileRefused.
    account : str
        The person of this session.
    """

    read: "Callable[[], PeopleFile]"
    account: str

    @property
    def asks_for_pin(self) -> bool:
        """Whether a signature needs a PIN; a file that is refused lets nobody sign without one."""
        try:
            return self.read().asks_for_pin
        except FileRefused:
            return True

    def names(self, right: Right | None = None, *, but: str = "") -> tuple[str, ...]:
        """Return who may sign something that needs a right, all but one person."""
        try:
            persons = self.read().people.persons
        except FileRefused:
            return ()
        return tuple(
            person.name
            for person in persons
            if (right is None or person.may(right)) and not _is_same(person.name, but)
        )

    def why_nobody(self, right: Right | None = None, *, but: str = "") -> str:
        """Return why nobody could sign; empty if somebody could."""
        try:
            people = self.read().people
        except FileRefused as refusal:
            return f"people.toml was refused: {refusal.complaints[0]}. Mend it first."
        if but and not people.is_from_file:
            return MISSING
        if self.names(right, but=but):
            return ""
        others = f" but {but}" if but else ""
        return f"Nobody{others} has the right to {right}: see people.toml."

    def why_not(self, name: str, pin: str, right: Right | None = None, *, but: str = "") -> str:
        """Return why this signature does not count; empty if it does. Looking a PIN up takes some 50 ms."""
        nobody = self.why_nobody(right, but=but)
        if nobody:
            return nobody
        people_file = self.read()
        if but and _is_same(name, but):
            return f"{but} asked for it: a second person has to sign."
        person = people_file.people.of(name)
        if right is not None and not person.may(right):
            return f"{name} has no right to {right}: see people.toml."
        if not people_file.is_signed(name, pin):
            return "The name or the PIN is wrong."
        return ""


def sign_from(path: Path, account: str) -> PeopleSign:
    """Return who signs by a people file, which need not be there yet."""
    return PeopleSign(partial(_people_of, path, account), account)


def sign_of_one(account: str) -> PeopleSign:
    """Return who signs at a desk without a people file: the account alone."""
    return PeopleSign(partial(_alone, account), account)


def _people_of(path: Path, account: str) -> "PeopleFile":
    # Scrypt and its kin wait for the first signature: the first paint needs none of them.
    from plimsoll.storage.people_file import people_from_file  # noqa: PLC0415

    return people_from_file(path, account)


def _alone(account: str) -> "PeopleFile":
    from plimsoll.storage.people_file import PeopleFile  # noqa: PLC0415  as above

    return PeopleFile(only_person(account), {})


def _is_same(one: str, other: str) -> bool:
    return one.strip().casefold() == other.strip().casefold()
