"""A grade compares with letters, and an unknown figure is never good enough."""

import pytest

from plimsoll.domain.grade import FigureGrade, GradeLetter
from plimsoll.domain.quality import Quality


def grade(letter: GradeLetter, *reasons: str) -> FigureGrade:
    return FigureGrade(letter, 1.0, 1.0, 1.0, 0.0, 499, 0.05, reasons)


def test_that_each_letter_is_at_least_itself_and_all_below_it() -> None:
    letters = "ABCD"
    for place, mine in enumerate(letters):
        held = [grade(GradeLetter(mine)).at_least(asked) for asked in letters]
        assert held == [asked >= place for asked in range(4)]
    assert not any(grade(GradeLetter.UNKNOWN).at_least(asked) for asked in letters)


@pytest.mark.parametrize("letter", ["unknown", "E", "", "a"])
def test_that_a_rule_bound_to_no_letter_is_refused(letter: str) -> None:
    with pytest.raises(ValueError, match=r"letter|not a valid"):
        grade(GradeLetter.A).at_least(letter)


def test_that_two_letters_are_good_and_two_low() -> None:
    assert [grade(letter).quality for letter in GradeLetter] == [
        Quality.GOOD,
        Quality.GOOD,
        Quality.LOW,
        Quality.LOW,
        Quality.UNKNOWN,
    ]


def test_that_the_words_say_why() -> None:
    assert grade(GradeLetter.A).words == "Grade A: all of it priced, fresh and with its own history"
    assert grade(GradeLetter.C, "this", "that").words == "Grade C: this; that"
    assert grade(GradeLetter.UNKNOWN, "no prices").words == "Not known: no prices"
