"""What is typed becomes a scenario or a complaint at its field, and nothing typed is lost on the way."""

from dataclasses import replace
from pathlib import Path

import pytest

from plimsoll.bridge.scenario_draft import ScenarioTexts, ShockTexts, draft_of, texts_of
from plimsoll.bridge.scenario_shelf import ScenarioShelf
from plimsoll.storage.scenarios_file import scenarios_from_file

SAMPLE = scenarios_from_file(Path(__file__).parents[3] / "resources" / "samples" / "scenarios.toml")
GOOD = ScenarioTexts(
    "own", "Own", "a talk", (ShockTexts("sector", "Energy", "−20 %"), ShockTexts("book", "", "+1.5"))
)


def test_that_every_sample_survives_being_typed() -> None:
    assert tuple(draft_of(texts_of(scenario)).scenario for scenario in SAMPLE) == SAMPLE


def test_that_per_cent_are_read_as_they_are_written() -> None:
    scenario = draft_of(GOOD).scenario
    assert scenario is not None
    assert [shock.change_fraction for shock in scenario.shocks] == [-0.2, 0.015]


@pytest.mark.parametrize(
    ("texts", "key", "words"),
    [
        (replace(GOOD, scenario_id="Not So"), "id", "small letters"),
        (replace(GOOD, scenario_id="taken"), "id", "another scenario"),
        (replace(GOOD, name=" "), "name", "what the trader calls it"),
        (replace(GOOD, shocks=()), "shock", "one shock at least"),
        (replace(GOOD, shocks=(ShockTexts("sector", "", "-1"),)), "0 member", "which sector moves"),
        (replace(GOOD, shocks=(ShockTexts("book", "x", "-1"),)), "0 member", "nothing for the book"),
        (replace(GOOD, shocks=(*GOOD.shocks, ShockTexts("tag", "core", "a lot"))), "2 change", "per cent"),
        (replace(GOOD, shocks=(ShockTexts("tag", "core", "-100"),)), "0 change", "per cent above"),
        (replace(GOOD, shocks=(ShockTexts("tag", "core", "nan"),)), "0 change", "per cent above"),
    ],
)
def test_that_each_wrong_field_has_its_complaint_and_only_it(
    texts: ScenarioTexts, key: str, words: str
) -> None:
    draft = draft_of(texts, frozenset({"taken"}))
    assert draft.scenario is None
    assert list(draft.complaints) == [key]
    assert words in draft.complaints[key]


def test_that_the_shelf_knows_what_differs_from_the_file() -> None:
    shelf = ScenarioShelf(SAMPLE)
    assert not shelf.has_changes
    assert shelf.scenarios() == SAMPLE
    shelf.type(1, replace(shelf.texts(1), name="Otherwise"))
    assert [place for place in range(len(shelf)) if shelf.is_changed(place)] == [1]
    place = shelf.copy(1)
    assert shelf.name(place) == "Otherwise (copy)"
    assert shelf.texts(place).scenario_id == f"{SAMPLE[1].scenario_id}-2"
    assert shelf.is_changed(place)
    assert not shelf.refusal
    shelf.revert()
    assert not shelf.has_changes
    shelf.remove(0)
    assert shelf.has_changes
    assert shelf.scenarios() == SAMPLE[1:]


def test_that_two_scenarios_of_one_id_cannot_be_saved() -> None:
    shelf = ScenarioShelf(SAMPLE[:2])
    shelf.type(1, replace(shelf.texts(1), scenario_id=SAMPLE[0].scenario_id))
    assert "cannot be saved yet" in shelf.refusal
    assert "another scenario" in shelf.draft(0).complaints["id"]


def test_that_a_scenario_a_limit_names_keeps_its_id_and_stays() -> None:
    shelf = ScenarioShelf(SAMPLE, {SAMPLE[0].scenario_id: "Crash"})
    assert "Crash" in shelf.why_not_removable(0)
    assert not shelf.why_not_removable(1)
    shelf.type(0, replace(shelf.texts(0), scenario_id="other"))
    assert "Crash" in shelf.draft(0).complaints["id"]
    assert shelf.refusal
