"""Finds a file of resources/ in a checkout, in an installed wheel or in a frozen bundle."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


class MissingAsset(FileNotFoundError):
    """A file the program ships with is not where any of its forms keeps it."""


def path(name: str) -> Path:
    """Return where the resource `name` lies, e.g. ``"fonts/Inter-Regular.ttf"``.

    Raises
    ------
    MissingAsset
        If neither the package nor the checkout holds it.
    """
    for root in (_PACKAGE / "resources", _PACKAGE.parents[1] / "resources"):
        candidate = root / name
        if candidate.exists():
            return candidate
    raise MissingAsset(f"the resource {name!r} was not found beside {_PACKAGE}: install plimsoll again")


def is_ours(file: Path) -> bool:
    """Tell whether a file came with the program: such a one is never written."""
    roots = (_PACKAGE / "resources", _PACKAGE.parents[1] / "resources")
    return any(file.resolve().is_relative_to(root) for root in roots)
