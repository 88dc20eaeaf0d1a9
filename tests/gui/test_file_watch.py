"""A file is told of once when it has changed and stands still, however it was written."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import shiboken6
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from plimsoll.bridge.file_watch import FileWatch

SETTLE_MS = 60


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "positions.csv"
    path.write_text("one")
    return path


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def watch(qapp: QApplication, path: Path, told: list[str]) -> Iterator[FileWatch]:
    watch = FileWatch(path, settle_ms=SETTLE_MS)
    watch.changed.connect(lambda changed: told.append(changed.read_text()))
    watch.gone.connect(lambda _gone: told.append("gone"))
    yield watch
    shiboken6.delete(watch)


def put_in_place(path: Path, text: str) -> None:
    fresh = path.with_suffix(".new")
    fresh.write_text(text)
    os.replace(fresh, path)  # noqa: PTH105  what editors call


def wait_for(qtbot: QtBot, told: list[str], *expected: str) -> None:
    qtbot.waitUntil(lambda: told == list(expected), timeout=5000)


def test_that_a_file_written_in_place_is_told_once(
    watch: FileWatch, path: Path, told: list[str], qtbot: QtBot
) -> None:
    path.write_text("two")
    wait_for(qtbot, told, "two")
    path.write_text("three")
    wait_for(qtbot, told, "two", "three")


def test_that_files_put_in_its_place_one_after_the_other_are_each_told(
    watch: FileWatch, path: Path, told: list[str], qtbot: QtBot
) -> None:
    for number, text in enumerate(("two", "three", "four")):
        put_in_place(path, text)
        wait_for(qtbot, told, *("two", "three", "four")[: number + 1])


def test_that_a_half_written_file_is_not_told_until_it_stands_still(
    watch: FileWatch, path: Path, told: list[str], qtbot: QtBot
) -> None:
    with path.open("w") as file:
        for word in ("two ", "and ", "a ", "half"):
            file.write(word)
            file.flush()
            QApplication.processEvents()
    wait_for(qtbot, told, "two and a half")


def test_that_a_file_that_goes_and_comes_back_is_told_both_times(
    watch: FileWatch, path: Path, told: list[str], qtbot: QtBot
) -> None:
    path.unlink()
    wait_for(qtbot, told, "gone")
    path.write_text("back")
    wait_for(qtbot, told, "gone", "back")


def test_that_the_same_content_written_again_or_accepted_is_not_told(
    watch: FileWatch, path: Path, told: list[str], qtbot: QtBot
) -> None:
    path.write_text("one")
    path.write_text("our own")
    watch.accept()
    put_in_place(path, "our own")
    path.with_name("another.csv").write_text("x")
    put_in_place(path, "theirs")
    wait_for(qtbot, told, "theirs")
