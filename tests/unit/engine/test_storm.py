"""One cause for what breaks together, another for what breaks later."""

from plimsoll.engine.storm import LONGEST_STORM_NS, STORM_GAP_NS, Storm


def raised(storm: Storm, number: int, now_ns: int) -> str:
    cause_id = storm.cause_of(f"B-{number:04d}", now_ns)
    storm.note_raised(cause_id, now_ns)
    return cause_id


def test_that_what_breaks_at_once_has_the_cause_of_the_first() -> None:
    storm = Storm()
    assert {raised(storm, number, 10) for number in range(7, 107)} == {"C-0007"}


def test_that_a_storm_goes_on_while_its_breaches_follow_each_other() -> None:
    storm = Storm()
    assert [raised(storm, n, 10 + n * STORM_GAP_NS) for n in range(4)] == ["C-0000"] * 4
    assert raised(storm, 9, 10 + 4 * STORM_GAP_NS + 1) == "C-0009"


def test_that_no_storm_outlasts_its_longest_time() -> None:
    storm = Storm()
    n_steps = 2 * LONGEST_STORM_NS // STORM_GAP_NS
    causes = [raised(storm, n, 1 + n * STORM_GAP_NS) for n in range(n_steps)]
    assert len(set(causes)) == 2


def test_that_a_breach_that_could_not_be_written_founds_no_storm() -> None:
    storm = Storm()
    assert storm.cause_of("B-0001", 10) == "C-0001"
    assert storm.cause_of("B-0001", 11) == "C-0001"
    assert raised(storm, 1, 12) == "C-0001"
