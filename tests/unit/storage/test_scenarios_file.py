"""Stress scenarios are taken whole or refused with every complaint."""

from dataclasses import replace
from pathlib import Path

import pytest

from plimsoll.domain.errors import FileRefused
from plimsoll.domain.limit import Scope, ScopeKind
from plimsoll.domain.stress_scenario import Shock, StressScenario
from plimsoll.storage.scenarios_file import scenarios_from_file, scenarios_from_text, write_scenarios

SAMPLE = Path(__file__).parents[3] / "resources" / "samples" / "scenarios.toml"
GOOD = """
[[scenario]]
id = "crash"
name = "A crash"
shock = [{ scope = "asset_class", member = "equity", change = -0.2 }, { scope = "book", change = -0.1 }]
"""


def test_that_a_scenario_is_read_with_its_shocks() -> None:
    (scenario,) = scenarios_from_text(GOOD, Path("s.toml"))
    assert scenario.shocks == (
        Shock(Scope(ScopeKind.ASSET_CLASS, "equity"), -0.2),
        Shock(Scope(), -0.1),
    )


def test_that_the_sample_file_is_taken() -> None:
    assert len(scenarios_from_file(SAMPLE)) == 11


@pytest.mark.parametrize(
    ("was", "becomes", "words"),
    [
        ('id = "crash"', 'id = "A crash!"', "small letters"),
        ('name = "A crash"', "", "what the trader calls it"),
        ('name = "A crash"', "name = 3", "a text in quotes"),
        ("change = -0.2", "change = -20", "above -1"),
        ("change = -0.2", "change = true", "a number"),
        ("change = -0.2", "change = nan", "a number"),
        ('scope = "asset_class"', 'scope = "class"', "one of book"),
        ('member = "equity", ', "", "which asset class moves"),
        ('scope = "book"', 'scope = "book", member = "x"', "nothing for the book"),
        ("change = -0.1", "change = -0.1, price = 2", "one of scope, member, change"),
        ('name = "A crash"', 'name = "A crash"\nwhen = "now"', "one of id, name, source, shock"),
        ("[[scenario]]", "other = 1\n[[scenario]]", "tables [[scenario]] only"),
        ("[[scenario]]", "[[scenario", "TOML"),
        ("[[scenario]]", "[scenario]", "tables [[scenario]]"),
    ],
)
def test_that_each_wrong_field_is_complained_of(was: str, becomes: str, words: str) -> None:
    assert was in GOOD
    with pytest.raises(FileRefused) as refusal:
        scenarios_from_text(GOOD.replace(was, becomes), Path("s.toml"))
    assert words in str(refusal.value)


def test_that_two_scenarios_of_one_id_are_refused() -> None:
    with pytest.raises(FileRefused, match="an id of its own"):
        scenarios_from_text(GOOD + GOOD, Path("s.toml"))


def test_that_a_scenario_without_shocks_is_refused() -> None:
    with pytest.raises(FileRefused, match="a list of shocks"):
        scenarios_from_text('[[scenario]]\nid = "a"\nname = "A"\n', Path("s.toml"))


def test_that_what_is_written_is_read_back_and_comments_stay(tmp_path: Path) -> None:
    path = tmp_path / "scenarios.toml"
    path.write_text(SAMPLE.read_text(encoding="utf-8"), encoding="utf-8")
    old = scenarios_from_file(path)
    write_scenarios(path, old)
    assert path.read_text(encoding="utf-8") == SAMPLE.read_text(encoding="utf-8")
    changed = replace(
        old[0], name='Ours: "½"', shocks=(Shock(Scope(ScopeKind.TAG, "core"), 1 / 3),), source=""
    )
    added = StressScenario(
        "own", "My own", (Shock(Scope(), -0.07), Shock(Scope(ScopeKind.CURRENCY, "EUR"), 0.1))
    )
    write_scenarios(path, (changed, *old[2:], added))
    assert scenarios_from_file(path) == (changed, *old[2:], added)
    assert "# Stress scenarios" in path.read_text(encoding="utf-8")


def test_that_a_new_file_is_made_and_what_cannot_be_read_back_is_not_written(tmp_path: Path) -> None:
    path = tmp_path / "new.toml"
    own = StressScenario("own", "My own", (Shock(Scope(), -0.07),), "a talk")
    write_scenarios(path, (own,))
    assert scenarios_from_file(path) == (own,)
    with pytest.raises(FileRefused, match="the same scenarios"):
        write_scenarios(path, (own, own))
    with pytest.raises(FileRefused, match="above -1"):
        write_scenarios(path, (StressScenario("own", "x", (Shock(Scope(), -2.0),)),))
    assert scenarios_from_file(path) == (own,)
    write_scenarios(path, ())
    assert scenarios_from_file(path) == ()
