import gc
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import shiboken6
from PySide6.QtWidgets import QApplication

from fakes.breach_scene import decisions, dialog  # noqa: F401  fixtures of the breach tests
from fakes.proposal_scene import open_dialog, quick, scene, sign  # noqa: F401  fixtures of the proposal tests
from fakes.snapshot_maker import Recipe, make_snapshot
from plimsoll.bridge.risk_model import RiskModel
from plimsoll.domain.snapshot import RiskSnapshot
from plimsoll.widgets.main_window import MainWindow
from plimsoll.widgets.theme import Theme

HERE = Path(__file__).parent
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
OpenDesk = Callable[..., MainWindow]
Show = Callable[..., RiskSnapshot]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    # The offscreen platform has no window manager, and warns of whatever only one could do.
    for item in items:
        if item.path.parent == HERE:
            item.add_marker(pytest.mark.qt_log_ignore("This plugin does not support"))


@pytest.fixture(scope="session", autouse=True)
def _no_collection_elsewhere() -> Iterator[None]:
    """Let no worker thread collect what is left of an earlier test's widgets, as in the program."""
    gc.collect()
    gc.freeze()
    gc.disable()
    yield
    gc.enable()


@pytest.fixture(autouse=True)
def _collection_here() -> Iterator[None]:
    yield
    gc.collect(2 if gc.get_count()[0] > 20_000 else 1)


@pytest.fixture
def model(qapp: QApplication) -> RiskModel:
    return RiskModel("ana", is_demo=True)


@pytest.fixture
def theme(qapp: QApplication) -> Theme:
    return Theme("night")


@pytest.fixture
def open_desk(model: RiskModel) -> Iterator[OpenDesk]:
    """Open desks that are gone for good after the test: a window left alive makes every later one slower."""
    desks = []

    def opened(size: tuple[int, int] = (1680, 1050), workspace_path: Path | None = None) -> MainWindow:
        desk = MainWindow(model, workspace_path=workspace_path, theme="night")
        desks.append(desk)
        desk.resize(*size)
        desk.show()
        return desk

    yield opened
    for desk in desks:
        desk.close()
        shiboken6.delete(desk)


@pytest.fixture
def window(open_desk: OpenDesk) -> MainWindow:
    return open_desk()


@pytest.fixture
def show(model: RiskModel, window: MainWindow) -> Show:
    """Give the model a snapshot and have every view draw it now."""

    def give(snapshot: RiskSnapshot | None = None, **made: Any) -> RiskSnapshot:
        recipe = made.pop("recipe", Recipe())
        snapshot = snapshot if snapshot is not None else make_snapshot(recipe, **made)
        model.take_snapshot(snapshot)
        model._tell_the_views()
        window._show_newest()
        return snapshot

    return give
