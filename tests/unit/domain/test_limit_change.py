"""What tightens a limit and what loosens it, field by field."""

from dataclasses import fields, replace

import pytest

from plimsoll.domain.limit import Limit, Measure, Scope, ScopeKind, Severity
from plimsoll.domain.limit_change import is_relief, tightened_part

LIMIT = Limit(
    "var", "VaR", Measure.VAR, 1_000.0, Severity.HIGH, warning_fraction=0.8, reset_fraction=0.9,
    cool_down_s=60.0, confirm_updates=2, confirm_of=4, confirm_s=1.0,
    effective_from="2026-11-23T00:00:00Z", effective_until="2026-11-30T00:00:00Z", response="cut-half",
)  # fmt: skip
FLOOR = Limit("c", "Cushion", Measure.MARGIN_CUSHION, 0.3, Severity.HIGH)


@pytest.mark.parametrize(
    "change",
    [
        {"line": 900.0},
        {"severity": Severity.CRITICAL},
        {"warning_fraction": 0.7},
        {"reset_fraction": 0.8},
        {"cool_down_s": 10.0},
        {"confirm_updates": 1},
        {"confirm_updates": 1, "confirm_of": 1},
        {"confirm_of": 9},
        {"confirm_s": 0.0},
        {"effective_from": ""},
        {"effective_until": ""},
        {"effective_until": "2026-12-01T00:00:00Z"},
        {"name": "Another name", "purpose": "why", "owner": "Ada", "next_review": "2027-01-01"},
    ],
)
def test_that_a_tightening_or_mere_words_acts_at_once(change: dict[str, object]) -> None:
    after = replace(LIMIT, **change)  # type: ignore[arg-type]
    assert tightened_part(LIMIT, after) == after


@pytest.mark.parametrize(
    "change",
    [
        {"line": 1_100.0},
        {"severity": Severity.MEDIUM},
        {"warning_fraction": 0.9},
        {"reset_fraction": 0.95},
        {"cool_down_s": 61.0},
        {"confirm_updates": 3},
        {"confirm_of": 3},
        {"confirm_s": 2.0},
        {"effective_from": "2026-11-24T00:00:00Z"},
        {"effective_until": "2026-11-29T00:00:00Z"},
        {"response": ""},
        {"response": "cut-third"},
        {"measure": Measure.ES},
        {"scope": Scope(ScopeKind.SECTOR)},
        {"detail": "ewma"},
        {"stands_in_for": "other"},
    ],
)
def test_that_nothing_of_a_loosening_acts_at_once(change: dict[str, object]) -> None:
    assert tightened_part(LIMIT, replace(LIMIT, **change)) == LIMIT  # type: ignore[arg-type]


def test_that_every_field_of_a_limit_has_been_thought_of() -> None:
    """A new field must be named above as strictness or as words before it may be changed."""
    known = {
        "limit_id", "name", "measure", "line", "severity", "scope", "warning_fraction", "reset_fraction",
        "cool_down_s", "purpose", "owner", "detail", "confirm_updates", "confirm_of", "confirm_s",
        "effective_from", "effective_until", "stands_in_for", "next_review", "response",
    }  # fmt: skip
    assert {field.name for field in fields(Limit)} == known


def test_that_a_floor_is_tightened_upwards() -> None:
    higher, lower = replace(FLOOR, line=0.4), replace(FLOOR, line=0.2)
    assert tightened_part(FLOOR, higher) == higher
    assert tightened_part(FLOOR, lower) == FLOOR


def test_that_of_a_mixed_change_only_the_tightening_part_acts_at_once() -> None:
    after = replace(LIMIT, line=900.0, cool_down_s=600.0, confirm_s=9.0, name="Mixed")
    assert tightened_part(LIMIT, after) == replace(LIMIT, line=900.0, name="Mixed")


def test_that_binding_a_first_response_tightens() -> None:
    bare = replace(LIMIT, response="")
    assert tightened_part(bare, LIMIT) == LIMIT


def test_that_a_new_limit_stands_at_once_and_an_old_one_does_not_go_at_once() -> None:
    assert tightened_part(None, LIMIT) == LIMIT
    assert tightened_part(LIMIT, None) == LIMIT


def temporary(line: float) -> Limit:
    return replace(
        LIMIT, limit_id="t", name="Today", line=line, stands_in_for="var", effective_from="",
        effective_until="2026-11-25T00:00:00Z",
    )  # fmt: skip


def test_that_a_temporary_limit_that_allows_more_is_a_relief() -> None:
    assert is_relief(temporary(1_001.0), LIMIT)
    assert not is_relief(temporary(1_000.0), LIMIT)
    assert not is_relief(temporary(900.0), LIMIT)
    assert is_relief(replace(temporary(900.0), confirm_s=9.0), LIMIT)
    assert not is_relief(temporary(1e9), None)


def test_that_a_relief_waits_to_come_and_goes_at_once() -> None:
    relief = temporary(2_000.0)
    assert tightened_part(None, relief, LIMIT) is None
    assert tightened_part(relief, None, LIMIT) is None


def test_that_a_tighter_stand_in_comes_at_once_and_waits_to_go() -> None:
    tighter = temporary(500.0)
    assert tightened_part(None, tighter, LIMIT) == tighter
    assert tightened_part(tighter, None, LIMIT) == tighter


def test_that_a_relief_loosens_by_lasting_longer_and_a_tighter_one_by_ending_sooner() -> None:
    sooner, later = "2026-11-24T00:00:00Z", "2026-11-26T00:00:00Z"
    relief, tighter = temporary(2_000.0), temporary(500.0)
    assert tightened_part(relief, replace(relief, effective_until=later), LIMIT) == relief
    ended = replace(relief, effective_until=sooner)
    assert tightened_part(relief, ended, LIMIT) == ended
    assert tightened_part(tighter, replace(tighter, effective_until=sooner), LIMIT) == tighter
    prolonged = replace(tighter, effective_until=later)
    assert tightened_part(tighter, prolonged, LIMIT) == prolonged
