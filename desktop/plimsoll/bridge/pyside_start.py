"""Keeps PySide6 from reading the source of every module that is imported after it."""

import sys
from types import ModuleType

import PySide6.QtCore  # noqa: F401  it brings with it what is looked for below


def spare_sources() -> None:
    """Have PySide6 tell its users by their names.

    To find out which modules use it, PySide6 has `inspect` read each one's whole source on import and keeps
    the text: numpy and pyqtgraph are 15 MB of it, and a tenth of the time before the first paint. What it
    looks for are the switches of ``from __feature__ import …``, of which this program uses none.
    """
    # WORKAROUND(PySide6 6.x): https://doc.qt.io/qtforpython-6/considerations.html#the-feature-imports
    feature = sys.modules.get("shibokensupport.feature")
    if feature is not None and hasattr(feature, "_mod_uses_pyside"):
        feature._mod_uses_pyside = _is_ours  # type: ignore[attr-defined]  # noqa: SLF001  no public switch


def _is_ours(module: ModuleType) -> bool:
    return module.__name__.startswith("plimsoll")
