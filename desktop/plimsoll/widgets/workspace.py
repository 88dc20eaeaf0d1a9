"""A workspace on disk: where every panel stands, which columns show, night or day."""

import base64
import json
import logging
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from PySide6.QtCore import QByteArray

VERSION = 1
LOG = logging.getLogger("plimsoll.widgets")


@dataclass(frozen=True, slots=True)
class Workspace:
    """What is kept from one start to the next.

    Attributes
    ----------
    geometry, docks, grid_header : str
        Qt's own states, as base64.
    theme, direction : str
        The chosen look.
    tabs : dict of str to int
        The tab in front of each panel, by the panel's name.
    version : int
        Of this form; another version is not read.
    """

    geometry: str
    docks: str
    grid_header: str
    theme: str
    direction: str
    tabs: dict[str, int]
    version: int = VERSION


def load_workspace(path: Path) -> Workspace | None:
    """Return the workspace kept at `path`, or None where there is none that can be read."""
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        if kept["version"] != VERSION:
            LOG.warning(
                "workspace %s was of version %s, expected %s: starting afresh", path, kept["version"], VERSION
            )
            return None
        return Workspace(**{name: kept[name] for name in Workspace.__slots__})
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as why:
        LOG.warning("workspace %s could not be read (%s): starting afresh", path, why)
        return None


def save_workspace(path: Path, workspace: Workspace) -> None:
    """Write a workspace whole or not at all; the one before it stays beside it as ``.previous``."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_suffix(".new")
    with new.open("w", encoding="utf-8") as file:
        json.dump(asdict(workspace), file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    if path.exists():
        path.replace(path.with_suffix(".previous"))
    new.replace(path)


def packed(state: QByteArray) -> str:
    """Return a Qt state as text."""
    return base64.b64encode(state.data()).decode("ascii")


def unpacked(text: str) -> QByteArray:
    """Return the Qt state a text stands for."""
    return QByteArray(base64.b64decode(text, validate=True))
