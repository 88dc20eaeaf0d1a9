from pathlib import Path

import pytest

from plimsoll.bridge.people_sign import MISSING, PeopleSign, sign_from, sign_of_one
from plimsoll.domain.person import Person, Right
from plimsoll.storage.people_file import person_lines

ADA = Person("Ada", frozenset({Right.LOOSEN, Right.CONFIRM}))
BEN = Person("Ben", frozenset({Right.CONFIRM}))
EVE = Person("Eve", frozenset({Right.ACKNOWLEDGE}))


@pytest.fixture(scope="module")
def text() -> str:
    return "".join(person_lines(person, pin) for person, pin in ((ADA, "1815"), (BEN, "2718"), (EVE, "3141")))


@pytest.fixture
def sign(tmp_path: Path, text: str) -> PeopleSign:
    path = tmp_path / "people.toml"
    path.write_text(text)
    return sign_from(path, "Ada")


def test_that_the_right_person_with_the_right_pin_signs(sign: PeopleSign) -> None:
    assert sign.why_not("Ben", "2718", Right.CONFIRM, but="Ada") == ""
    assert sign.names(Right.CONFIRM, but="Ada") == ("Ben",)


@pytest.mark.parametrize(
    ("name", "pin", "words"),
    [
        ("Ben", "0000", "The name or the PIN is wrong."),
        ("Ben", "", "The name or the PIN is wrong."),
        ("Ada", "1815", "Ada asked for it: a second person has to sign."),
        ("ada", "1815", "Ada asked for it: a second person has to sign."),
        ("Eve", "3141", "Eve has no right to confirm: see people.toml."),
        ("Mallory", "1815", "Mallory has no right to confirm: see people.toml."),
    ],
)
def test_that_every_other_signature_is_refused_with_its_reason(
    sign: PeopleSign, name: str, pin: str, words: str
) -> None:
    assert sign.why_not(name, pin, Right.CONFIRM, but="Ada") == words


def test_that_without_a_people_file_nothing_that_needs_two_is_signed(tmp_path: Path) -> None:
    for sign in (sign_from(tmp_path / "people.toml", "ana"), sign_of_one("ana")):
        assert sign.why_nobody(Right.CONFIRM, but="ana") == MISSING
        assert sign.why_not("ana", "", Right.CONFIRM, but="ana") == MISSING
        assert not sign.asks_for_pin
        assert sign.why_not("ana", "", Right.LOOSEN) == ""


def test_that_a_people_file_written_meanwhile_counts_at_once(tmp_path: Path, text: str) -> None:
    path = tmp_path / "people.toml"
    sign = sign_from(path, "Ada")
    assert not sign.asks_for_pin
    path.write_text(text)
    assert sign.asks_for_pin
    assert sign.why_not("Ben", "2718", Right.CONFIRM, but="Ada") == ""


def test_that_a_refused_people_file_lets_nobody_sign(tmp_path: Path) -> None:
    path = tmp_path / "people.toml"
    path.write_text("[[person]]\nname = ''")
    sign = sign_from(path, "Ada")
    assert sign.asks_for_pin
    assert sign.names(Right.CONFIRM) == ()
    assert sign.why_not("Ada", "1815", Right.CONFIRM).startswith("people.toml was refused: ")


def test_that_nobody_with_the_right_is_said_by_name(tmp_path: Path) -> None:
    path = tmp_path / "people.toml"
    path.write_text(person_lines(ADA, "1815"))
    sign = sign_from(path, "Ada")
    assert sign.why_nobody(Right.CONFIRM, but="Ada") == (
        "Nobody but Ada has the right to confirm: see people.toml."
    )
