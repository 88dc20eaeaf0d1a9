import math
from dataclasses import replace

import pytest

from fakes.snapshot_maker import make_snapshot
from plimsoll.bridge.limit_outlook import details_of, members_of, outlook_of, value_now
from plimsoll.domain.errors import DecisionRefused
from plimsoll.domain.limit import Limit, Measure, Scope, ScopeKind, Severity
from plimsoll.domain.person import Person
from plimsoll.domain.stress_scenario import StressLine
from plimsoll.engine.limit_register import LimitRegister

NOW_NS = 1_763_821_885_000_000_000
BEFORE = Limit("var", "VaR", Measure.VAR, 400_000.0, Severity.HIGH, cool_down_s=60.0)
RELIEF = replace(
    BEFORE, limit_id="tmp", line=500_000.0, stands_in_for="var", effective_until="2026-12-01T00:00:00Z"
)
CHANGES = [
    (BEFORE, replace(BEFORE, line=300_000.0)),
    (BEFORE, replace(BEFORE, line=500_000.0)),
    (BEFORE, replace(BEFORE, line=300_000.0, cool_down_s=600.0)),
    (BEFORE, replace(BEFORE, severity=Severity.MEDIUM)),
    (BEFORE, replace(BEFORE, measure=Measure.ES)),
    (BEFORE, replace(BEFORE, owner="ben")),
    (BEFORE, None),
    (None, replace(BEFORE, limit_id="new")),
    (None, RELIEF),
]


@pytest.mark.parametrize(("before", "after"), CHANGES)
def test_that_what_is_foretold_is_what_the_register_does(before: Limit | None, after: Limit | None) -> None:
    known = {"var": BEFORE}
    told = outlook_of(before, after, known, NOW_NS, "Monday")
    limit_id = (before or after or BEFORE).limit_id
    done = LimitRegister((BEFORE,)).propose("c", limit_id, after, Person("ana"), "as the desk agreed", NOW_NS)
    assert told.waits == done.is_waiting
    assert told.acts_ns == done.acts_ns
    assert ("at once" in told.words) == (not done.is_waiting or done.at_once != before)
    assert ("Monday" in told.words) == done.is_waiting


def test_that_tightening_and_loosening_say_plainly_when_they_act() -> None:
    def words(after: Limit | None) -> str:
        return outlook_of(BEFORE, after, {}, NOW_NS, "23 Nov 17:00 UTC").words

    assert words(replace(BEFORE, line=1.0)) == "Tightening: acts at once."
    assert words(replace(BEFORE, line=5e5)) == (
        "Loosening: acts on 23 Nov 17:00 UTC unless a second person with the right to confirm signs."
    )
    mixed = words(replace(BEFORE, line=1.0, cool_down_s=600.0))
    assert mixed.startswith(
        "Tightening acts at once (line); the rest loosens (cool down s) and acts on 23 Nov"
    )
    assert words(BEFORE) == "Nothing would change."
    with pytest.raises(DecisionRefused, match="nothing would change"):
        LimitRegister((BEFORE,)).propose("c", "var", BEFORE, Person("ana"), "for the sake of it", NOW_NS)


def test_that_the_use_now_is_the_figure_of_the_snapshot_over_the_new_line() -> None:
    snapshot = make_snapshot()
    value, member = value_now(replace(BEFORE, limit_id="new", line=1.0), snapshot)
    assert (value, member) == (snapshot.var, "")
    sector = Limit("s", "S", Measure.GROSS_WEIGHT, 0.5, Severity.HIGH, Scope(ScopeKind.SECTOR))
    assert value_now(sector, snapshot) == (0.196, "Technology")


@pytest.mark.parametrize("measure", list(Measure))
@pytest.mark.parametrize("kind", list(ScopeKind))
def test_that_a_figure_the_snapshot_does_not_tell_is_unknown_and_never_nought(
    measure: Measure, kind: ScopeKind
) -> None:
    snapshot = replace(make_snapshot(), limits=())
    value, _ = value_now(Limit("x", "X", measure, 1.0, Severity.HIGH, Scope(kind)), snapshot)
    assert math.isnan(value) or value != 0.0


def test_that_parts_are_measured_from_groups_and_positions() -> None:
    snapshot = replace(make_snapshot(), limits=())
    grouping = next(one for one in snapshot.groupings if one.name == "country")
    country = Limit("c", "C", Measure.GROSS_WEIGHT, 1.0, Severity.HIGH, Scope(ScopeKind.COUNTRY))
    assert value_now(country, snapshot) == (
        pytest.approx(max(grouping.gross_weight_fraction)),
        grouping.labels[int(grouping.gross_weight_fraction.argmax())],
    )
    size = Limit("p", "P", Measure.POSITION_SIZE, 1.0, Severity.HIGH, Scope(ScopeKind.INSTRUMENT, "9988.HK"))
    place = [item.code for item in snapshot.table.instruments].index("9988.HK")
    assert value_now(size, snapshot) == (abs(snapshot.table.value_base[place]), "9988.HK")
    nobody = replace(size, scope=Scope(ScopeKind.INSTRUMENT, "NOBODY"))
    assert math.isnan(value_now(nobody, snapshot)[0])


def test_that_the_stress_loss_of_a_named_scenario_is_found_by_its_id() -> None:
    line = StressLine("crash", "Crash of 1987", 900_000.0, 0.036)
    snapshot = replace(make_snapshot(), stress=(line,))
    stress = Limit("s", "S", Measure.STRESS_LOSS, 1e6, Severity.HIGH, detail="crash")
    assert value_now(stress, snapshot)[0] == 900_000.0
    assert value_now(replace(stress, measure=Measure.STRESS_LOSS_FRACTION), snapshot)[0] == 0.036
    assert details_of(Measure.STRESS_LOSS, ScopeKind.BOOK, snapshot) == ("crash",)


def test_that_members_and_details_are_offered_from_the_book() -> None:
    snapshot = make_snapshot()
    assert "Technology" in members_of(ScopeKind.SECTOR, snapshot)
    assert "AAPL.US" in members_of(ScopeKind.INSTRUMENT, snapshot)
    assert members_of(ScopeKind.BOOK, snapshot) == ()
    assert "ewma" in details_of(Measure.VAR, ScopeKind.BOOK, snapshot)
    assert details_of(Measure.VAR, ScopeKind.SECTOR, snapshot) == ("historical",)
    assert details_of(Measure.DRAWDOWN, ScopeKind.BOOK, snapshot)[0] == "high_water_mark"
