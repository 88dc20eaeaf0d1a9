"""What the header of a table answers: the caption of a column, on the side where its cells stand."""

from collections.abc import Container, Mapping
from typing import Any

from PySide6.QtCore import Qt

_MIDDLE = Qt.AlignmentFlag.AlignVCenter


def side_of(*, is_number: bool) -> Qt.AlignmentFlag:
    """Return where the text of a column stands: figures to the right, words to the left."""
    return (Qt.AlignmentFlag.AlignRight if is_number else Qt.AlignmentFlag.AlignLeft) | _MIDDLE


def header_of(
    captions: Mapping[Any, str], numbers: Container[Any], section: int, orientation: Qt.Orientation, role: int
) -> str | Qt.AlignmentFlag | None:
    """Return what `QAbstractItemModel.headerData` answers; None for rows and where there is no such column.

    Parameters
    ----------
    captions : Mapping
        By column: an enum of whole numbers.
    numbers : Container
        The columns of figures.
    section, orientation, role
        As Qt asks.
    """
    if orientation != Qt.Orientation.Horizontal or section not in captions:
        return None
    if role == Qt.ItemDataRole.DisplayRole:
        return captions[section]
    return side_of(is_number=section in numbers) if role == Qt.ItemDataRole.TextAlignmentRole else None
