"""Who may sign at this desk, from ``people.toml``: a record, not security against the machine's owner.

::

    [[person]]
    name = "Ada"
    rights = ["acknowledge", "override", "approve", "loosen", "confirm"]
    pin = "scrypt:16384:8:1:…:…"  # `plimsoll add-person Ada` makes it; never the PIN itself
"""

import base64
import binascii
import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from plimsoll.domain.person import People, Person, Right, only_person
from plimsoll.storage.complaint_list import ComplaintList
from plimsoll.storage.text_file import text_of
from plimsoll.storage.toml_table import document_of

SHORTEST_PIN, LONGEST_PIN = 4, 64
_FIELDS = ("name", "rights", "pin")
_LONGEST_NAME = 60
_SALT_BYTES, _HASH_BYTES = 16, 32
_MOST_MEMORY = 256 * 1024 * 1024
_PIN_WORDS = "the line pin = … that `plimsoll add-person` makes: scrypt:n:r:p:salt:hash"


@dataclass(frozen=True, slots=True)
class PinHash:
    """A PIN as the file keeps it.

    Attributes
    ----------
    n, r, p : int
        Cost, block size and parallelism of scrypt (RFC 7914).
    salt, digest : bytes
    """

    n: int
    r: int
    p: int
    salt: bytes
    digest: bytes

    def is_of(self, pin: str) -> bool:
        """Tell whether this is the hash of a PIN, in a time that says nothing about how nearly."""
        return hmac.compare_digest(_scrypt(pin, self.n, self.r, self.p, self.salt), self.digest)

    def __str__(self) -> str:
        salt, digest = (base64.b64encode(part).decode("ascii") for part in (self.salt, self.digest))
        return f"scrypt:{self.n}:{self.r}:{self.p}:{salt}:{digest}"


@dataclass(frozen=True, slots=True)
class PeopleFile:
    """The people of a desk and the hashes of their PINs.

    Attributes
    ----------
    people : People
        Names and rights.
    pins : Mapping
        PIN hash by name; empty without a file, and then no PIN is asked for.
    """

    people: People
    pins: Mapping[str, PinHash]

    @property
    def asks_for_pin(self) -> bool:
        """Whether a decision has to be signed with a PIN."""
        return self.people.is_from_file

    def is_signed(self, name: str, pin: str) -> bool:
        """Tell whether a PIN is that person's; for a stranger it takes as long to say no."""
        if not self.asks_for_pin:
            return name == self.people.persons[0].name
        known = self.pins.get(name)
        is_right = (known or _NOBODY).is_of(pin)
        return is_right and known is not None


def people_from_file(path: Path, account: str) -> PeopleFile:
    """Return the people of a file; where there is none, the account of the operating system alone.

    Raises
    ------
    FileRefused
        With every complaint about it.
    """
    if not path.exists():
        return PeopleFile(only_person(account), {})
    return people_from_text(text_of(path), path)


def people_from_text(text: str, path: Path) -> PeopleFile:
    """Return the people a text describes; `path` is named in the complaints.

    Raises
    ------
    FileRefused
        With every complaint about it.
    """
    complaints = ComplaintList(path)
    document = document_of(text, complaints, "TOML with tables [[person]]")
    for key in document:
        if key != "person":
            complaints.add(f"key {key}", key, "tables [[person]] only")
    tables = document.get("person", [])
    if not isinstance(tables, list) or not tables or not all(isinstance(table, dict) for table in tables):
        complaints.add("the file", "without people", "at least one table [[person]]")
        complaints.refuse()
    persons: list[Person] = []
    pins: dict[str, PinHash] = {}
    for number, table in enumerate(tables, start=1):
        name = _name(table, number, {person.name.casefold() for person in persons}, complaints)
        persons.append(Person(name, _rights(table, number, complaints)))
        pin = _pin(table, number, complaints)
        if pin is not None:
            pins[name] = pin
        for key in table:
            if key not in _FIELDS:
                complaints.add(f"person {number}, field {key}", key, f"one of {', '.join(_FIELDS)}")
    complaints.refuse_if_any()
    return PeopleFile(People(tuple(persons)), pins)


def person_lines(person: Person, pin: str) -> str:
    """Return the table that makes a person known to the file, with the hash of the PIN and a fresh salt.

    Raises
    ------
    ValueError
        If the PIN is too short or too long.
    """
    if not SHORTEST_PIN <= len(pin) <= LONGEST_PIN:
        raise ValueError(
            f"the PIN had {len(pin)} characters, expected {SHORTEST_PIN} to {LONGEST_PIN}: choose another"
        )
    salt = secrets.token_bytes(_SALT_BYTES)
    cost = (_NOBODY.n, _NOBODY.r, _NOBODY.p)
    rights = ", ".join(f'"{right}"' for right in Right if right in person.rights)
    name = re.sub(r'(["\\])', r"\\\1", person.name)
    pin_hash = PinHash(*cost, salt, _scrypt(pin, *cost, salt))
    return f'[[person]]\nname = "{name}"\nrights = [{rights}]\npin = "{pin_hash}"\n'


def _name(table: Mapping[str, object], number: int, taken: set[str], complaints: ComplaintList) -> str:
    name = table.get("name")
    where = f"person {number}, field name"
    if not isinstance(name, str) or not name.strip() or not name.isprintable() or len(name) > _LONGEST_NAME:
        complaints.add(where, str(table.get("name", "missing")), f"a name of 1 to {_LONGEST_NAME} characters")
        return ""
    if name.strip().casefold() in taken:
        complaints.add(where, name, "a name of its own")
    return name.strip()


def _rights(table: Mapping[str, object], number: int, complaints: ComplaintList) -> frozenset[Right]:
    rights = table.get("rights", [])
    where = f"person {number}, field rights"
    known = tuple(Right)
    if not isinstance(rights, list):
        complaints.add(where, str(rights), f"a list of {', '.join(known)}")
        return frozenset()
    for right in rights:
        if right not in known:
            complaints.add(where, str(right), f"one of {', '.join(known)}")
    return frozenset(Right(right) for right in rights if right in known)


def _pin(table: Mapping[str, object], number: int, complaints: ComplaintList) -> PinHash | None:
    text = table.get("pin")
    found = _pin_hash(text) if isinstance(text, str) else None
    if found is None:
        # What stands there may be the PIN itself: it is not shown.
        was = "missing" if text is None else "something else"
        complaints.add(f"person {number}, field pin", was, _PIN_WORDS)
    return found


def _pin_hash(text: str) -> PinHash | None:
    """Return the hash a text stands for; None if it is none, or one too cheap or too dear to work out."""
    match = re.fullmatch(r"scrypt:(\d{1,7}):(\d{1,2}):(\d{1,2}):([^:]+):([^:]+)", text)
    if match is None:
        return None
    n, r, p = (int(match[group]) for group in (1, 2, 3))
    is_cost = n >= _NOBODY.n and n & (n - 1) == 0 and r >= 1 and 1 <= p <= 16
    if not is_cost or 128 * n * r > _MOST_MEMORY // 2:
        return None
    try:
        salt, digest = (base64.b64decode(match[group], validate=True) for group in (4, 5))
    except (binascii.Error, ValueError):
        return None
    return PinHash(n, r, p, salt, digest) if len(salt) >= _SALT_BYTES and len(digest) == _HASH_BYTES else None


def _scrypt(pin: str, n: int, r: int, p: int, salt: bytes) -> bytes:
    return hashlib.scrypt(
        pin.encode("utf-8"), salt=salt, n=n, r=r, p=p, maxmem=_MOST_MEMORY, dklen=_HASH_BYTES
    )


# n and r of RFC 7914's recommendation for interactive use: some 50 ms and 16 MiB a try.
_NOBODY = PinHash(2**14, 8, 1, bytes(_SALT_BYTES), bytes(_HASH_BYTES))
"""Compared with when nobody of that name is known."""
