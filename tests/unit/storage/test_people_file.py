from pathlib import Path

import pytest

from plimsoll.domain.errors import FileRefused
from plimsoll.domain.person import ALL_RIGHTS, Person, Right
from plimsoll.storage.people_file import people_from_file, people_from_text, person_lines

ADA = Person("Ada", frozenset({Right.LOOSEN, Right.OVERRIDE}))
BEN = Person('Ben "the \\ pen"', frozenset({Right.CONFIRM}))
PATH = Path("people.toml")


@pytest.fixture(scope="module")
def text() -> str:
    return person_lines(ADA, "1815") + "\n" + person_lines(BEN, "correct horse")


def complaints_about(text: str) -> list[str]:
    with pytest.raises(FileRefused) as refusal:
        people_from_text(text, PATH)
    return [str(complaint) for complaint in refusal.value.complaints]


def test_that_people_are_read_with_their_rights(text: str, tmp_path: Path) -> None:
    path = tmp_path / "people.toml"
    path.write_text(text)
    found = people_from_file(path, "root")
    assert found.people.persons == (ADA, BEN)
    assert found.asks_for_pin


def test_that_only_the_right_pin_of_that_person_signs(text: str) -> None:
    found = people_from_text(text, PATH)
    assert found.is_signed("Ada", "1815")
    assert found.is_signed(BEN.name, "correct horse")
    assert not found.is_signed("Ada", "1816")
    assert not found.is_signed("Ada", "")
    assert not found.is_signed("Ada", "correct horse")
    assert not found.is_signed("Eve", "1815")


def test_that_no_pin_stands_in_the_file_and_one_pin_never_looks_the_same_twice(text: str) -> None:
    assert "1815" not in text
    assert person_lines(ADA, "1815") != person_lines(ADA, "1815")


def test_that_without_a_file_the_account_is_the_only_person_and_signs_without_a_pin(tmp_path: Path) -> None:
    found = people_from_file(tmp_path / "people.toml", "root")
    assert found.people.persons == (Person("root", ALL_RIGHTS),)
    assert found.is_signed("root", "")
    assert not found.is_signed("Ada", "1815")


@pytest.mark.parametrize("pin", ["123", "", "x" * 65])
def test_that_a_pin_too_short_or_too_long_is_refused(pin: str) -> None:
    with pytest.raises(ValueError, match=f"the PIN had {len(pin)} characters, expected 4 to 64"):
        person_lines(ADA, pin)


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ('name = "Ada"', "name = 7", "person 1, field name: was '7', expected a name of 1 to 60"),
        ('name = "Ada"', 'name = " "', "person 1, field name: was ' ', expected a name"),
        ('name = "Ada"\n', "", "person 1, field name: was 'missing', expected a name"),
        ('name = "Ada"', 'name = "Ben \\"the \\\\ pen\\""', "person 2, field name"),
        ('"override"', '"rule"', "person 1, field rights: was 'rule', expected one of acknowledge, override"),
        ('["override", "loosen"]', '"all"', "person 1, field rights: was 'all', expected a list of"),
        ("pin = ", "pine = ", "person 1, field pin: was 'missing', expected the line pin"),
        ("pin = ", "pine = ", "person 1, field pine: was 'pine', expected one of name, rights, pin"),
        ("scrypt:16384", "scrypt:1024", "person 1, field pin: was 'something else', expected the line pin"),
        ("scrypt:16384", "scrypt:16385", "person 1, field pin"),
        ("scrypt:16384", "scrypt:1048576", "person 1, field pin"),
        (":8:1:", ":0:1:", "person 1, field pin"),
        (":8:1:", ":8:99:", "person 1, field pin"),
        (":8:1:", ":8:1:é", "person 1, field pin"),
        (":8:1:", ":8:1:AAAA:", "person 1, field pin"),
        ("scrypt:", "md5:", "person 1, field pin"),
        ("[[person]]", "[extra]\n[[person]]", "key extra: was 'extra', expected tables [[person]] only"),
    ],
)
def test_that_a_wrong_field_is_named_with_its_person(text: str, old: str, new: str, complaint: str) -> None:
    assert old in text
    found = complaints_about(text.replace(old, new, 1))
    assert any(complaint in told for told in found), found


def test_that_a_pin_written_in_the_open_is_refused_and_not_shown() -> None:
    (complaint,) = complaints_about('[[person]]\nname = "Ada"\nrights = []\npin = "1815"\n')
    assert "1815" not in complaint


def test_that_two_names_that_differ_in_case_only_are_one_name_too_many(text: str) -> None:
    twice = text + person_lines(Person("ADA", frozenset()), "1234")
    assert "person 3, field name: was 'ADA', expected a name of its own" in complaints_about(twice)


@pytest.mark.parametrize("text", ["", "person = 1", "person = []", "[person]\nname = 'x'"])
def test_that_a_file_without_people_is_refused(text: str) -> None:
    assert any("without people" in told for told in complaints_about(text))


@pytest.mark.parametrize("text", ["[[person]", "x" * 9, "a = " + "[" * 100_000])
def test_that_what_is_not_toml_is_refused_in_words(text: str) -> None:
    assert "TOML" in complaints_about(text)[0]
