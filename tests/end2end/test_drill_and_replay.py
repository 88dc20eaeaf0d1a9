"""A drill as a child process: its card; then the desk around its breaches, played again from what it left."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from plimsoll import cli
from plimsoll.desk import DeskPlan, rules_of
from plimsoll.desk_drill import drill_book, resolved
from plimsoll.desk_files import files_of
from plimsoll.desk_replay import BreachUnknown, ReplaySources, recipe_of
from plimsoll.domain.errors import FileRefused
from plimsoll.engine.breach_record import breach_from
from plimsoll.engine.events import BreachRaised
from plimsoll.engine.ports import JournalRow
from plimsoll.engine.replay import Replay
from plimsoll.storage.folders import folders_for
from plimsoll.storage.journal import sealed_rows

OPTIONS = ("drill", "2008-10", "--json", "--exit-after", "14", "--day-seconds", "3", "--rate", "8")
HISTORY_S = 4.0
"""By then the history is there; when exactly it came is not kept."""


class Drilled:
    def __init__(self, data: Path, code: int | None, lines: list[dict[str, Any]], errors: str) -> None:
        self.code = code
        self.lines = lines
        self.errors = errors
        request = resolved(cli.request_from([*OPTIONS, "--data-dir", str(data)]))
        self.folders = folders_for(is_demo=True, data_dir=data)
        files = files_of(request, self.folders)
        files = replace(files, book=drill_book(files.book, files.master, request.first_day))
        rules = rules_of(
            files.settings, files.limits, files.scenarios, files.people, files.policy, files.margin
        )
        plan = DeskPlan.of(request, self.folders, files.settings, files.book, files.master, rules)
        self.sources = ReplaySources(
            files.book, plan.universe, rules, self.folders, plan.source, is_demo=True
        )
        self.rows: list[JournalRow] = [sealed.row for sealed in sealed_rows(self.folders.journal_file)]


@pytest.fixture(scope="module")
def drilled(tmp_path_factory: pytest.TempPathFactory, open_process: type) -> Drilled:
    home = tmp_path_factory.mktemp("drill")
    data = home / "data"
    with open_process([*OPTIONS, "--data-dir", data], home) as desk:
        desk.until(lambda line: True)
        code = desk.end(None, within_s=40.0)
        return Drilled(data, code, desk.lines, desk.said)


def test_that_a_drill_ends_with_its_card_printed_and_journalled(drilled: Drilled) -> None:
    assert (drilled.code, drilled.errors) == (0, "")
    card = drilled.lines[-1]["drill"]
    assert card["crisis"] == "2008-10"
    assert card["n_breaches"] == sum(row.kind == "breach_raised" for row in drilled.rows) > 0
    assert card["n_answered"] == 0
    assert card["pnl_base"] is not None
    assert drilled.rows[-1].kind == "drill_card"
    assert json.loads(json.dumps(drilled.rows[-1].body)) == card


def test_that_the_replay_raises_the_breaches_of_the_drill(drilled: Drilled) -> None:
    raised = [row for row in drilled.rows if row.kind == "breach_raised"]
    recipe = recipe_of(drilled.sources, str(raised[-1].body["breach_id"]))
    replay = Replay(recipe)
    told = replay.advance(recipe.end_ns)
    since_ns = recipe.begin_ns + int(HISTORY_S * 1e9)
    again = [event.breach for event in told if isinstance(event, BreachRaised)]
    again = [breach for breach in again if breach.raised_received_ns >= since_ns]
    then = [breach_from(row.body) for row in raised if row.received_time_ns >= since_ns]
    assert then, "the market of October 2008 should break a limit"
    keys = [(each.limit.limit_id, each.member, each.raised_exchange_ns) for each in again]
    assert keys == [(each.limit.limit_id, each.member, each.raised_exchange_ns) for each in then]
    assert [each.value for each in again] == pytest.approx([each.value for each in then], rel=1e-9)


def test_that_what_cannot_be_replayed_or_drilled_is_said_in_a_sentence(drilled: Drilled) -> None:
    with pytest.raises(BreachUnknown, match=r"does not tell of B-9999"):
        recipe_of(drilled.sources, "B-9999")
    with pytest.raises(FileRefused, match=r"was 'tulips', expected a month like 2008-09, or one of .*lehman"):
        resolved(cli.request_from(["drill", "tulips"]))
    lehman = resolved(cli.request_from(["drill", "lehman-2008"]))
    assert (lehman.first_day.isoformat(), lehman.last_day.isoformat()) == ("2008-09-13", "2008-11-20")
