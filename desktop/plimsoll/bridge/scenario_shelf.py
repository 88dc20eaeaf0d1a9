"""The scenarios under edit: what stands in the file, what was typed since, and whether it may be saved."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from plimsoll.bridge.scenario_draft import ScenarioDraft, ScenarioTexts, draft_of, texts_of
from plimsoll.domain.stress_scenario import StressScenario

_LONGEST_ID = 40


@dataclass(slots=True)
class _Entry:
    saved: StressScenario | None
    texts: ScenarioTexts


class ScenarioShelf:
    """Scenarios in their order, by place; nothing is written here.

    Parameters
    ----------
    saved : sequence of StressScenario
        What the file says.
    needed : Mapping
        Ids that limits name, with the limit's name: such a scenario keeps its id and stays.
    """

    def __init__(self, saved: Sequence[StressScenario], needed: Mapping[str, str] | None = None) -> None:
        self.needed: Mapping[str, str] = needed or {}
        self._saved: tuple[StressScenario, ...] = ()
        self._entries: list[_Entry] = []
        self.take_saved(saved)

    def __len__(self) -> int:
        return len(self._entries)

    def take_saved(self, saved: Sequence[StressScenario]) -> None:
        """Begin anew with what the file says."""
        self._saved = tuple(saved)
        self._entries = [_Entry(one, texts_of(one)) for one in saved]

    def texts(self, place: int) -> ScenarioTexts:
        """Return what is typed for a scenario."""
        return self._entries[place].texts

    def type(self, place: int, texts: ScenarioTexts) -> None:
        """Take what is typed."""
        self._entries[place].texts = texts

    def draft(self, place: int) -> ScenarioDraft:
        """Return what a scenario's texts make, its id checked against the others'."""
        others = {entry.texts.scenario_id.strip() for n, entry in enumerate(self._entries) if n != place}
        draft = draft_of(self.texts(place), frozenset(others))
        saved = self._entries[place].saved
        if saved is not None and saved.scenario_id in self.needed and self._has_other_id(place):
            limit = self.needed[saved.scenario_id]
            words = f"{saved.scenario_id}: the limit “{limit}” names it"
            return ScenarioDraft(None, {**draft.complaints, "id": words})
        return draft

    def name(self, place: int) -> str:
        """Return what a scenario is called in a list."""
        texts = self.texts(place)
        return texts.name.strip() or texts.scenario_id.strip() or "Without a name"

    def is_changed(self, place: int) -> bool:
        """Tell whether a scenario differs from what the file says."""
        entry = self._entries[place]
        return entry.saved is None or self.draft(place).scenario != entry.saved

    @property
    def has_changes(self) -> bool:
        """Whether anything differs from the file, a scenario removed among it."""
        return tuple(entry.saved for entry in self._entries) != self._saved or any(
            self.is_changed(place) for place in range(len(self))
        )

    @property
    def refusal(self) -> str:
        """Why the shelf cannot be saved; empty where it can."""
        wrong = [self.name(place) for place in range(len(self)) if self.draft(place).scenario is None]
        return f"cannot be saved yet: {', '.join(wrong[:3])}" if wrong else ""

    def scenarios(self) -> tuple[StressScenario, ...]:
        """Return the scenarios that are right, in their order."""
        drafts = (self.draft(place).scenario for place in range(len(self)))
        return tuple(scenario for scenario in drafts if scenario is not None)

    def add(self, texts: ScenarioTexts | None = None) -> int:
        """Put a new scenario behind the others and return its place."""
        given = texts if texts is not None else ScenarioTexts("new-scenario", "New scenario")
        self._entries.append(_Entry(None, replace(given, scenario_id=self._free_id(given.scenario_id))))
        return len(self._entries) - 1

    def add_scenario(self, scenario: StressScenario) -> int:
        """Put a scenario from elsewhere behind the others and return its place."""
        return self.add(texts_of(scenario))

    def copy(self, place: int) -> int:
        """Put a copy behind the others and return its place."""
        texts = self.texts(place)
        return self.add(replace(texts, name=f"{texts.name} (copy)"))

    def why_not_removable(self, place: int) -> str:
        """Return why a scenario has to stay; empty where it may go."""
        saved = self._entries[place].saved
        if saved is None or saved.scenario_id not in self.needed:
            return ""
        return f"The limit “{self.needed[saved.scenario_id]}” names it: change the limit first."

    def remove(self, place: int) -> None:
        """Take a scenario off the shelf; the file keeps it until the shelf is saved."""
        del self._entries[place]

    def revert(self) -> None:
        """Forget everything typed."""
        self.take_saved(self._saved)

    def _has_other_id(self, place: int) -> bool:
        entry = self._entries[place]
        return entry.saved is not None and entry.texts.scenario_id.strip() != entry.saved.scenario_id

    def _free_id(self, wanted: str) -> str:
        taken = {entry.texts.scenario_id.strip() for entry in self._entries}
        if wanted not in taken:
            return wanted
        number = 2
        while (found := f"{wanted[: _LONGEST_ID - 4]}-{number}") in taken:
            number += 1
        return found
