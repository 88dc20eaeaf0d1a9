"""The kill's own record: one JSON line a step, on the disk before anything is done.

It is not the journal, which belongs to the risk thread and may be busy just when a kill must not wait. The
risk thread folds these lines into the journal when it can (engine/kill_fold.py).
"""

import json
import os
from dataclasses import replace
from pathlib import Path

from plimsoll.domain.kill import KillRow
from plimsoll.engine.kill_record import kill_body, kill_row_from


class KillFile:
    """An append-only file of one owner, the broker thread; anyone may read it with `kill_rows`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.rows = list(kill_rows(path))

    def append(self, row: KillRow) -> KillRow:
        """Put a row on the disk under the next number.

        Raises
        ------
        OSError
            If it could not be written.
        """
        row = replace(row, number=self.rows[-1].number + 1 if self.rows else 1)
        line = json.dumps(kill_body(row), ensure_ascii=False, sort_keys=True)
        is_new = not self._path.exists()
        file = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            # A line cut short by a power cut must not swallow this one.
            _write_all(file, f"\n{line}\n".encode())
            os.fsync(file)
        finally:
            os.close(file)
        if is_new:
            _sync_folder(self._path.parent)
        self.rows.append(row)
        return row


def kill_rows(path: Path) -> tuple[KillRow, ...]:
    """Return the steps on the disk, oldest first; a line that was cut short is none."""
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return ()
    rows = []
    for line in text.split("\n"):
        try:
            rows.append(kill_row_from(json.loads(line)))
        except (ValueError, KeyError, TypeError):
            continue
    return tuple(rows)


def _write_all(file: int, text: bytes) -> None:
    while text:
        text = text[os.write(file, text) :]


def _sync_folder(folder: Path) -> None:
    """Let the new name itself reach the disk; Windows does so by itself and cannot open a folder."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
