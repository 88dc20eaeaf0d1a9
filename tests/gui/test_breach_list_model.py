from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from fakes.snapshot_maker import make_breaches
from plimsoll.bridge.breach_list_model import BreachListModel
from plimsoll.bridge.roles import Role
from plimsoll.domain.breach import BreachState


@pytest.fixture
def breaches(qapp: QApplication) -> Iterator[BreachListModel]:
    model = BreachListModel()
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    model.take_breaches(make_breaches())
    yield model
    del tester


def ids(model: BreachListModel) -> list[str]:
    return [model.index(row, 0).data(Role.VALUE).lead.breach_id for row in range(model.rowCount())]


def test_that_the_newest_breach_stands_first(breaches: BreachListModel) -> None:
    assert ids(breaches) == [breach.breach_id for breach in make_breaches()]


def test_that_a_new_breach_is_inserted_and_a_closed_one_removed_without_a_reset(
    qtbot: QtBot, breaches: BreachListModel
) -> None:
    first, second, third, fourth = make_breaches()
    newer = replace(first, breach_id="B-9999")
    with qtbot.assertNotEmitted(breaches.modelReset):
        breaches.take_breaches((newer, first, third, fourth))
    assert ids(breaches) == ["B-9999", first.breach_id, third.breach_id, fourth.breach_id]
    assert second.breach_id not in ids(breaches)


def test_that_only_a_breach_that_changed_is_announced(breaches: BreachListModel) -> None:
    told = []
    breaches.dataChanged.connect(lambda index, _last: told.append(index.row()))
    first, *others = make_breaches()
    breaches.take_breaches((replace(first, state=BreachState.ACKNOWLEDGED), *others))
    assert told == [0]


def test_that_breaches_of_one_cause_are_one_row_that_keeps_its_place(breaches: BreachListModel) -> None:
    first, second, third, fourth = (
        replace(breach, cause_id="C-1" if place in (0, 2) else "")
        for place, breach in enumerate(make_breaches())
    )
    breaches.take_breaches((first, second, third, fourth))
    assert breaches.rowCount() == 3
    storm = next(group for group in breaches.groups if group.group_id == "C-1")
    assert storm.breaches == (first, third)
    assert breaches.index(breaches.groups.index(storm), 0).data() == "2 limits broken at once"
    told = []
    breaches.dataChanged.connect(lambda index, _last: told.append(index.row()))
    breaches.take_breaches((first, second, replace(third, state=BreachState.EASED), fourth))
    assert told == [breaches.groups.index(next(g for g in breaches.groups if g.group_id == "C-1"))]
