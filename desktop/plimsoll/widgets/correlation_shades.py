"""The shades of a correlation, told apart with any colour vision: blue below nought, orange above."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QColor, QImage

from plimsoll.widgets.colours import DAY, NIGHT, Colours

STEPS = 255  # shades from −1 to +1: an odd number, so that 0 has one of its own

FloatArray = NDArray[np.float64]


def image_of(matrix: FloatArray, colours: Colours) -> QImage:
    """Return a matrix as an image, a pixel a cell; an unknown correlation has the colour of rules."""
    pixels = shades(colours)[levels_of(matrix)]
    pixels[np.isnan(matrix)] = QColor(colours.rule).rgb()
    n_rows, n_columns = matrix.shape
    # Copied: QImage only borrows the bytes, and the array goes with this call.
    return QImage(pixels.tobytes(), n_columns, n_rows, 4 * n_columns, QImage.Format.Format_RGB32).copy()


def shades(colours: Colours) -> NDArray[np.uint32]:
    """Return the shades from −1 to +1, shape (STEPS,), as 0xffRRGGBB.

    Blue below nought, orange above, the panel's own ground between: a pair told apart with any colour
    vision. Whoever swaps gain and loss to green and red keeps it here.
    """
    own = NIGHT if colours.background == NIGHT.background else DAY
    low, ground, high = (_channels(colour) for colour in (own.gain, own.raised, own.loss))
    level = np.linspace(-1.0, 1.0, STEPS)[:, np.newaxis]
    mixed = ground + np.abs(level) * (np.where(level < 0.0, low, high) - ground)
    channels = np.rint(mixed).astype(np.uint32)
    packed: NDArray[np.uint32] = channels @ np.array([1 << 16, 1 << 8, 1], dtype=np.uint32)
    return packed | np.uint32(0xFF000000)


def levels_of(matrix: FloatArray) -> NDArray[np.intp]:
    """Return the shade of each correlation; that of nought where it is unknown."""
    level = np.clip((np.nan_to_num(matrix) + 1.0) / 2.0, 0.0, 1.0)
    return np.rint(level * (STEPS - 1)).astype(np.intp)


def _channels(colour: str) -> FloatArray:
    return np.array([int(colour[place : place + 2], 16) for place in (1, 3, 5)], dtype=np.float64)
