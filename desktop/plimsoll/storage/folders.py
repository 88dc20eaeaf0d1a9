"""Where the program's files live: the platform's proper folders, and a directory of its own for each demo."""

import shutil
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from plimsoll.storage.instance_lock import LOCK_NAME, InstanceLock

_APPLICATION = "plimsoll"
_MARK = {True: ".plimsoll-demo", False: ".plimsoll-live"}
_KIND = {True: "a demo", False: "a live book"}


class FolderRefused(RuntimeError):
    """A directory that this kind of session may not use."""


@dataclass(frozen=True, slots=True)
class Folders:
    """The directories of one session.

    Attributes
    ----------
    config, data, cache, logs : Path
        Settings; journal and tick archive; price history; logs. The lock lies in `data`.
    is_demo : bool
        A demo never shares a directory with the live book.
    is_fresh : bool
        Whether it is emptied at each start: a demo without a directory named by the user.
    """

    config: Path
    data: Path
    cache: Path
    logs: Path
    is_demo: bool
    is_fresh: bool

    @property
    def settings_file(self) -> Path:
        """Where the settings lie."""
        return self.config / "settings.toml"

    @property
    def journal_file(self) -> Path:
        """Where the journal lies."""
        return self.data / "journal.sqlite"

    @property
    def history_file(self) -> Path:
        """Where the cached daily bars lie."""
        return self.cache / "price_history.sqlite"

    @property
    def tick_directory(self) -> Path:
        """Where the accepted ticks lie."""
        return self.data / "ticks"


def folders_for(*, is_demo: bool, data_dir: Path | None = None) -> Folders:
    """Return where a session's files live; nothing is made yet.

    Parameters
    ----------
    is_demo : bool
        Demo or live.
    data_dir : Path or None
        Puts everything that is written under this directory.
    """
    if data_dir is not None:
        root = data_dir.expanduser().absolute()
        return Folders(root / "config", root, root / "cache", root / "logs", is_demo, is_fresh=False)
    places = platformdirs.PlatformDirs(_APPLICATION, appauthor=False, roaming=False)
    if is_demo:
        root = Path(places.user_data_dir) / "demo"
        return Folders(root / "config", root, root / "cache", root / "logs", is_demo=True, is_fresh=True)
    return Folders(
        Path(places.user_config_dir),
        Path(places.user_data_dir) / "live",
        Path(places.user_cache_dir) / "live",
        Path(places.user_log_dir) / "live",
        is_demo=False,
        is_fresh=False,
    )


def claim(folders: Folders) -> InstanceLock:
    """Make the directories, take the lock, and empty a fresh demo's; keep the lock while the session lives.

    Raises
    ------
    AlreadyRunning
        If another program uses the data directory.
    FolderRefused
        If the directory belongs to the other kind of session, or one cannot be made.
    """
    try:
        _make(folders.data)
        lock = InstanceLock(folders.data)
    except OSError as error:
        raise FolderRefused(f"{folders.data} could not be used: {error.strerror or error}") from error
    try:
        _mark(folders)
        if folders.is_fresh:
            _empty(folders.data)
        for folder in (folders.config, folders.cache, folders.logs):
            _make(folder)
    except OSError as error:
        lock.release()
        raise FolderRefused(f"{folders.data} could not be used: {error.strerror or error}") from error
    except FolderRefused:
        lock.release()
        raise
    return lock


def _make(folder: Path) -> None:
    """Make a folder for its owner only; one that is there already keeps its mode (it may be /tmp)."""
    folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.mkdir(mode=0o700, exist_ok=True)


def _mark(folders: Folders) -> None:
    """Say whose directory it is, and refuse the other kind's."""
    if (folders.data / _MARK[not folders.is_demo]).exists():
        raise FolderRefused(
            f"{folders.data} belongs to {_KIND[not folders.is_demo]}, expected one of "
            f"{_KIND[folders.is_demo]}: two books never mix, so name another directory"
        )
    (folders.data / _MARK[folders.is_demo]).touch(mode=0o600)


def _empty(folder: Path) -> None:
    """Remove what an earlier demo left; the lock and the mark stay, and links are not followed."""
    for entry in folder.iterdir():
        if entry.name in {LOCK_NAME, _MARK[True]}:
            continue
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()
