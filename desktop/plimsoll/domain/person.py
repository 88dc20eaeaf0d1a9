"""A named person at the desk and what the desk lets that name do: a record, not security."""

from dataclasses import dataclass
from enum import StrEnum


class Right(StrEnum):
    """What a person may do beyond looking and tightening."""

    ACKNOWLEDGE = "acknowledge"
    OVERRIDE = "override"
    APPROVE = "approve"
    LOOSEN = "loosen"
    CONFIRM = "confirm"


ALL_RIGHTS = frozenset(Right)


@dataclass(frozen=True, slots=True)
class Person:
    """One name.

    Attributes
    ----------
    name : str
        As it stands in journal rows.
    rights : frozenset of Right
        What that name may do.
    """

    name: str
    rights: frozenset[Right] = ALL_RIGHTS

    def may(self, right: Right) -> bool:
        """Tell whether this person has a right."""
        return right in self.rights


@dataclass(frozen=True, slots=True)
class People:
    """Everybody who may sign at this desk.

    Attributes
    ----------
    persons : tuple of Person
        In the file's order; without a file the operating system's account alone, with every right.
    is_from_file : bool
        Whether somebody wrote them down.
    """

    persons: tuple[Person, ...]
    is_from_file: bool = True

    def of(self, name: str) -> Person:
        """Return a person by name; a stranger has no rights."""
        found = (person for person in self.persons if person.name == name)
        return next(found, Person(name, frozenset()))

    def why_may_not(self, name: str, right: Right) -> str:
        """Return why that name may not do what needs a right, naming the file; empty if it may."""
        if self.of(name).may(right):
            return ""
        if self.is_from_file:
            return f"{name} has no right to {right}: see people.toml"
        alone = " and ".join(person.name for person in self.persons)
        return f"{name} has no right to {right}: there is no people.toml, so only {alone} may"

    def why_no_second(self, first: str, right: Right) -> str:
        """Return why nobody but `first` could be the second person with a right; empty if somebody could."""
        if not self.is_from_file:
            return f"there is no people.toml: {first} is the only person, and this needs two"
        if any(person.may(right) and person.name != first for person in self.persons):
            return ""
        return f"nobody but {first} has the right to {right}: see people.toml"


def only_person(account: str) -> People:
    """Return the people of a desk without a people file."""
    return People((Person(account),), is_from_file=False)
