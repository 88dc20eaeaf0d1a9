"""Crisis windows are taken whole or refused with every complaint."""

from datetime import date
from pathlib import Path

import pytest

from plimsoll.domain.crisis_window import CrisisWindow
from plimsoll.domain.errors import FileRefused
from plimsoll.storage.crisis_file import (
    crisis_windows_from_file,
    crisis_windows_from_folder,
    crisis_windows_from_text,
)

LIBRARY = Path(__file__).parents[3] / "resources" / "stress"
GOOD = """\
id = "crash"
name = "A crash"
start = 1987-08-25
end = 1987-12-04
source = "A report"
"""
ASKED_FOR = {
    "black-monday-1987",
    "gulf-1990",
    "rates-1994",
    "asia-1997",
    "russia-ltcm-1998",
    "dotcom-2000",
    "financial-2007",
    "flash-crash-2010",
    "euro-2011",
    "taper-2013",
    "franc-2015",
    "renminbi-2015",
    "brexit-2016",
    "volmageddon-2018",
    "covid-2020",
    "negative-oil-2020",
    "inflation-2022",
    "banks-2023",
    "carry-2024",
}


def test_that_a_window_is_read_with_its_dates_and_source() -> None:
    assert crisis_windows_from_text(GOOD, Path("w.toml")) == (
        CrisisWindow("crash", "A crash", date(1987, 8, 25), date(1987, 12, 4), "A report"),
    )


def test_that_a_file_of_ones_own_may_hold_several_windows() -> None:
    second = GOOD.replace('"crash"', '"other"')
    windows = crisis_windows_from_text(f"[[window]]\n{GOOD}\n[[window]]\n{second}", Path("w.toml"))
    assert [window.window_id for window in windows] == ["crash", "other"]


def test_that_the_library_is_taken_whole_and_holds_every_window_asked_for() -> None:
    windows = crisis_windows_from_folder(LIBRARY)
    assert {window.window_id for window in windows} >= ASKED_FOR
    assert [window.start for window in windows] == sorted(window.start for window in windows)
    assert all(window.source for window in windows)


def test_that_each_file_of_the_library_is_named_by_its_id() -> None:
    for path in LIBRARY.glob("*.toml"):
        (window,) = crisis_windows_from_file(path)
        assert path.stem == window.window_id


@pytest.mark.parametrize(
    ("was", "becomes", "words"),
    [
        ('id = "crash"', 'id = "A crash!"', "small letters"),
        ('name = "A crash"', "", "what the trader calls it"),
        ('source = "A report"', "", "a window has a source"),
        ('source = "A report"', "source = 3", "a text in quotes"),
        ("start = 1987-08-25", "", "a date without quotes"),
        ("start = 1987-08-25", 'start = "1987-08-25"', "a date without quotes"),
        ("start = 1987-08-25", "start = 1987-08-25T10:00:00", "a date without quotes"),
        ("end = 1987-12-04", "end = 1987-08-25", "a date after the start"),
        ("end = 1987-12-04", "end = 1987-12-04\ncolour = 1", "one of id, name"),
        ("end = 1987-12-04", "end = 1987-13-04", "TOML"),
    ],
)
def test_that_a_fault_is_named(was: str, becomes: str, words: str) -> None:
    with pytest.raises(FileRefused, match=words):
        crisis_windows_from_text(GOOD.replace(was, becomes), Path("w.toml"))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("window = 3", "tables"),
        (f"lonely = 1\n[[window]]\n{GOOD}", "tables .* only"),
        (f"[[window]]\n{GOOD}\n[[window]]\n{GOOD}", "an id of its own"),
    ],
)
def test_that_tables_are_checked_as_a_whole(text: str, words: str) -> None:
    with pytest.raises(FileRefused, match=words):
        crisis_windows_from_text(text, Path("w.toml"))


def test_that_every_file_of_a_folder_complains_at_once(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(GOOD)
    (tmp_path / "b.toml").write_text(GOOD)
    (tmp_path / "c.toml").write_text("name = 3")
    with pytest.raises(FileRefused) as refused:
        crisis_windows_from_folder(tmp_path)
    places = " ".join(complaint.where for complaint in refused.value.complaints)
    assert "b.toml, field id" in places
    assert "c.toml" in places


def test_that_a_folder_that_is_not_there_holds_nothing(tmp_path: Path) -> None:
    assert crisis_windows_from_folder(tmp_path / "none") == ()
