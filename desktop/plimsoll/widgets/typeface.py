"""The bundled typeface, with figures of one width."""

from functools import cache

from PySide6.QtGui import QFont, QFontDatabase

from plimsoll import assets

FAMILY = "Inter"
FACES = ("Regular", "SemiBold")
SMALL, BODY, TITLE, FIGURE = 12, 13, 15, 21  # pixels


@cache
def load_faces() -> None:
    """Make the bundled faces known to Qt: a bare machine has none at all."""
    for face in FACES:
        QFontDatabase.addApplicationFont(str(assets.path(f"fonts/Inter-{face}.otf")))


@cache
def face(pixels: int = BODY, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
    """Return the typeface in a size and weight, all digits of one width: ticking figures stand still."""
    load_faces()
    font = QFont(FAMILY)
    font.setPixelSize(pixels)
    font.setWeight(weight)
    font.setFeature(QFont.Tag("tnum"), 1)
    font.setHintingPreference(QFont.HintingPreference.PreferVerticalHinting)
    return font


def bold(pixels: int = BODY) -> QFont:
    """Return the semi-bold face, the one headings and values are set in."""
    return face(pixels, QFont.Weight.DemiBold)
