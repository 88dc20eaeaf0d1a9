import math
from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QApplication

from fakes.snapshot_maker import Recipe, make_snapshot
from plimsoll.bridge.limit_table_model import LimitColumn, LimitTableModel
from plimsoll.bridge.roles import Meaning, Role


@pytest.fixture
def limits(qapp: QApplication) -> Iterator[LimitTableModel]:
    model = LimitTableModel()
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    model.take_limits(make_snapshot(Recipe(loaded=3)).limits)
    yield model
    del tester


def test_that_an_unknown_limit_says_so_with_its_reason(limits: LimitTableModel) -> None:
    assert limits.index(0, LimitColumn.STATE).data() == "unknown: loading 3 of 24"
    assert limits.index(0, LimitColumn.STATE).data(Role.MEANING) == Meaning.UNKNOWN


def test_that_each_limit_names_its_scope_and_worst_member(limits: LimitTableModel) -> None:
    scopes = [limits.index(row, LimitColumn.SCOPE).data() for row in range(limits.rowCount())]
    assert scopes[0] == "book"
    assert "each sector, worst Technology" in scopes


@pytest.mark.parametrize("order", list(Qt.SortOrder))
def test_that_limits_sort_by_use_with_the_unknown_last(limits: LimitTableModel, order: Qt.SortOrder) -> None:
    limits.sort(LimitColumn.USE, order)
    uses = [limits.index(row, LimitColumn.USE).data(Role.VALUE) for row in range(limits.rowCount())]
    known = [use for use in uses if not math.isnan(use)]
    assert all(math.isnan(use) for use in uses[len(known) :])
    assert known == sorted(known, reverse=order == Qt.SortOrder.DescendingOrder)


def test_that_only_limits_that_changed_are_announced(limits: LimitTableModel) -> None:
    told = []
    limits.dataChanged.connect(lambda first, _last: told.append(first.row()))
    limits.take_limits(make_snapshot(Recipe(loaded=24)).limits)
    assert told == [0, 1]
