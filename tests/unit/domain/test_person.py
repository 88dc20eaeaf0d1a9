from plimsoll.domain.person import ALL_RIGHTS, People, Person, Right, only_person

ADA = Person("Ada", frozenset({Right.LOOSEN, Right.OVERRIDE}))
BEN = Person("Ben", frozenset({Right.CONFIRM}))


def test_that_a_person_may_what_their_rights_say() -> None:
    assert ADA.may(Right.LOOSEN)
    assert not ADA.may(Right.CONFIRM)


def test_that_a_stranger_has_a_name_and_no_rights() -> None:
    assert People((ADA, BEN)).of("Eve") == Person("Eve", frozenset())
    assert People((ADA, BEN)).of("Ben") is BEN


def test_that_the_only_person_has_every_right_but_no_second() -> None:
    alone = only_person("root")
    assert alone.of("root").rights == ALL_RIGHTS
    assert alone.why_no_second("root", Right.CONFIRM) == (
        "there is no people.toml: root is the only person, and this needs two"
    )


def test_that_a_second_person_needs_the_right_and_another_name() -> None:
    assert not People((ADA, BEN)).why_no_second("Ada", Right.CONFIRM)
    assert "nobody but Ben has the right to confirm" in People((ADA, BEN)).why_no_second("Ben", Right.CONFIRM)
    assert "nobody but Ada has the right to approve" in People((ADA, BEN)).why_no_second("Ada", Right.APPROVE)
