from pathlib import Path

import pytest

from plimsoll.storage.folders import FolderRefused, claim, folders_for
from plimsoll.storage.instance_lock import AlreadyRunning


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME"):
        monkeypatch.delenv(name, raising=False)
    return home


def test_that_live_and_demo_never_share_a_directory() -> None:
    live, demo = folders_for(is_demo=False), folders_for(is_demo=True)
    for mine in (live.config, live.data, live.cache, live.logs):
        for other in (demo.config, demo.data, demo.cache, demo.logs):
            assert mine != other
            assert other not in mine.parents
            assert mine not in other.parents


def test_that_a_data_dir_holds_everything_that_is_written(tmp_path: Path) -> None:
    for is_demo in (False, True):
        folders = folders_for(is_demo=is_demo, data_dir=tmp_path / "here")
        for path in (
            folders.settings_file,
            folders.journal_file,
            folders.history_file,
            folders.tick_directory,
            folders.logs,
        ):
            assert (tmp_path / "here") in path.parents
        assert not folders.is_fresh


def test_that_a_relative_data_dir_stays_where_it_was_when_the_program_moves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert folders_for(is_demo=False, data_dir=Path("here")).data == tmp_path / "here"
    assert folders_for(is_demo=False, data_dir=Path("~/there")).data == Path.home() / "there"


def test_that_folders_are_made_for_their_owner_only() -> None:
    folders = folders_for(is_demo=False)
    with claim(folders):
        for folder in (folders.config, folders.data, folders.cache, folders.logs):
            assert folder.stat().st_mode & 0o777 == 0o700


def test_that_a_directory_that_was_there_keeps_its_mode(tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    shared.mkdir(mode=0o755)
    shared.chmod(0o755)
    claim(folders_for(is_demo=False, data_dir=shared)).release()
    assert shared.stat().st_mode & 0o777 == 0o755


def test_that_a_demo_begins_empty_and_follows_no_link(tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "file").write_text("keep me")
    folders = folders_for(is_demo=True)
    with claim(folders):
        folders.journal_file.write_text("old")
        folders.tick_directory.mkdir()
        (folders.tick_directory / "ticks-000001.plt").write_text("old")
        (folders.cache / "price_history.sqlite").write_text("old")
        (folders.data / "link").symlink_to(precious)
    with claim(folders):
        assert sorted(path.name for path in folders.data.iterdir()) == [
            ".plimsoll-demo",
            "cache",
            "config",
            "instance.lock",
            "logs",
        ]
        assert not any(folders.cache.iterdir())
    assert (precious / "file").read_text() == "keep me"


def test_that_a_demo_in_a_data_dir_and_a_live_book_keep_what_they_have(tmp_path: Path) -> None:
    for folders in (folders_for(is_demo=True, data_dir=tmp_path / "demo"), folders_for(is_demo=False)):
        with claim(folders):
            folders.journal_file.write_text("rows")
        with claim(folders):
            assert folders.journal_file.read_text() == "rows"


@pytest.mark.parametrize("first", [True, False])
def test_that_a_directory_of_one_kind_is_refused_to_the_other_and_left_free(
    tmp_path: Path, first: bool
) -> None:
    claim(folders_for(is_demo=first, data_dir=tmp_path / "d")).release()
    with pytest.raises(FolderRefused, match="two books never mix"):
        claim(folders_for(is_demo=not first, data_dir=tmp_path / "d"))
    claim(folders_for(is_demo=first, data_dir=tmp_path / "d")).release()


def test_that_a_second_program_is_refused_before_it_empties_anything() -> None:
    folders = folders_for(is_demo=True)
    with claim(folders):
        folders.journal_file.write_text("rows")
        with pytest.raises(AlreadyRunning):
            claim(folders)
        assert folders.journal_file.read_text() == "rows"


def test_that_a_place_where_no_folder_can_be_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(FolderRefused, match="could not be used"):
        claim(folders_for(is_demo=False, data_dir=tmp_path / "file" / "inside"))
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "cache").write_text("a file where a folder should be")
    folders = folders_for(is_demo=False, data_dir=tmp_path / "d")
    with pytest.raises(FolderRefused, match="could not be used"):
        claim(folders)
    (tmp_path / "d" / "cache").unlink()
    claim(folders).release()
