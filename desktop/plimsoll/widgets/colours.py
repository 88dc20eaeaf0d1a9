"""The two palettes of the screen, each colour under the meaning it carries."""

from dataclasses import dataclass, replace
from functools import cache

from plimsoll.bridge.roles import Meaning

READABLE_CONTRAST = 4.5


@dataclass(frozen=True, slots=True)
class Colours:
    """One palette; all values are "#rrggbb".

    Attributes
    ----------
    background, panel, raised : str
        Surfaces, from the back to the front.
    rule : str
        Lines between things.
    text, muted, faint : str
        Writing; faint is for disabled text and rules alone.
    gain, loss : str
        Direction of money.
    within, near, close, over : str
        Use of a limit.
    accent : str
        Selection, focus, the NAV line.
    """

    background: str
    panel: str
    raised: str
    rule: str
    text: str
    muted: str
    faint: str
    gain: str
    loss: str
    within: str
    near: str
    close: str
    over: str
    accent: str

    def fill(self, meaning: Meaning) -> str:
        """Return the colour of a bar or mark that says `meaning`."""
        return {
            Meaning.PLAIN: self.accent,
            Meaning.GAIN: self.gain,
            Meaning.LOSS: self.loss,
            Meaning.WITHIN: self.within,
            Meaning.NEAR: self.near,
            Meaning.CLOSE: self.close,
            Meaning.OVER: self.over,
            Meaning.STALE: self.near,
            Meaning.UNKNOWN: self.muted,
        }[meaning]

    def ink(self, meaning: Meaning) -> str:
        """Return the colour of writing that says `meaning`: its fill where that reads, else the text's."""
        return _ink(self, meaning)

    def with_direction(self, gain: str, loss: str) -> "Colours":
        """Return the palette with other colours of gain and loss."""
        return replace(self, gain=gain, loss=loss)


@cache
def _ink(colours: Colours, meaning: Meaning) -> str:
    # Kept: weighing a colour against three grounds costs more than painting a bar in it.
    if meaning in (Meaning.PLAIN, Meaning.WITHIN):
        return colours.text
    colour = colours.fill(meaning)
    grounds = (colours.panel, colours.raised, colours.background)
    readable = min(contrast(colour, ground) for ground in grounds)
    return colour if readable >= READABLE_CONTRAST else colours.text


NIGHT = Colours(
    background="#0f1419",
    panel="#161c23",
    raised="#1b222b",
    rule="#27303b",
    text="#dbe2ea",
    muted="#8592a0",  # the drawing's #7d8b9a a shade lighter: 4.5 : 1 on a raised ground
    faint="#55616e",
    gain="#4aa3ff",
    loss="#ff9f43",
    within="#3fb6a8",
    near="#f2c14e",
    close="#ff8c42",
    over="#ff4d5e",
    accent="#8ab4f8",
)
DAY = Colours(
    background="#f5f7f9",
    panel="#ffffff",
    raised="#eef1f4",
    rule="#d5dbe1",
    text="#1c232b",
    muted="#5b6874",
    faint="#98a3ae",
    gain="#0b63c4",
    loss="#a65300",  # the drawing's #b85c00 darkened until it reads as text on a raised ground
    within="#1b8a7d",
    near="#a87800",
    close="#ad4e00",  # likewise from #c65a00
    over="#c81e32",
    accent="#1a5fb4",
)
DIRECTIONS = {
    "blue up, orange down": {"night": (NIGHT.gain, NIGHT.loss), "day": (DAY.gain, DAY.loss)},
    "green up, red down": {"night": ("#45c08a", "#ff7a85"), "day": ("#0f7040", "#b81d30")},
    "red up, green down": {"night": ("#ff7a85", "#45c08a"), "day": ("#b81d30", "#0f7040")},
}


def luminance(colour: str) -> float:
    """Return the relative luminance of "#rrggbb" (WCAG 2.2, "relative luminance")."""
    channels = [int(colour[place : place + 2], 16) / 255.0 for place in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours (WCAG 2.2, "contrast ratio"), 1 to 21."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def mixed(front: str, ground: str, share: float) -> str:
    """Return `front` laid over `ground` with the opacity `share`."""
    parts = [
        round(int(front[p : p + 2], 16) * share + int(ground[p : p + 2], 16) * (1.0 - share))
        for p in (1, 3, 5)
    ]
    return "#" + "".join(f"{part:02x}" for part in parts)
