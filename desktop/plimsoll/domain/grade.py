"""How far a figure can be trusted: a letter that automation may be bound to, and the reasons in words."""

from dataclasses import dataclass
from enum import StrEnum

from plimsoll.domain.quality import Quality


class GradeLetter(StrEnum):
    """From the best to a figure that is not known."""

    A = "A"
    B = "B"
    C = "C"
    D = "D"
    UNKNOWN = "unknown"

    @property
    def rank(self) -> int:
        """0 for A; more is worse."""
        return _ORDER.index(self)


_ORDER = tuple(GradeLetter)
_QUALITY = {
    GradeLetter.A: Quality.GOOD,
    GradeLetter.B: Quality.GOOD,
    GradeLetter.C: Quality.LOW,
    GradeLetter.D: Quality.LOW,
    GradeLetter.UNKNOWN: Quality.UNKNOWN,
}


@dataclass(frozen=True, slots=True)
class FigureGrade:
    """The grade of one figure and what it rests on.

    Attributes
    ----------
    letter : GradeLetter
        The worst of what the reasons say; A without any.
    priced_fraction, fresh_fraction, history_fraction, proxy_fraction : float
        Coverage of gross exposure: priced, fresh, with history, by proxy.
    n_scenarios : int
        Daily scenarios in use; 0 for a figure that needs none.
    sampling_error_fraction : float
        Standard error over the figure; NaN where none is estimated.
    reasons : tuple of str
        Everything that costs it a letter, the worst first.
    """

    letter: GradeLetter
    priced_fraction: float
    fresh_fraction: float
    history_fraction: float
    proxy_fraction: float
    n_scenarios: int
    sampling_error_fraction: float
    reasons: tuple[str, ...] = ()

    def at_least(self, letter: str) -> bool:
        """Tell whether the grade is as good as a letter or better; an unknown figure never is.

        Raises
        ------
        ValueError
            If it is no letter from A to D: a rule bound to it must not silently hold always or never.

        Examples
        --------
        >>> nan = float("nan")
        >>> grade = FigureGrade(GradeLetter.B, 1.0, 0.97, 1.0, 0.0, 499, nan)
        >>> grade.at_least("C"), grade.at_least("A")
        (True, False)
        """
        asked = GradeLetter(letter)
        if asked is GradeLetter.UNKNOWN:
            raise ValueError("the letter was 'unknown', expected one of A, B, C, D")
        return self.letter.rank <= asked.rank

    @property
    def quality(self) -> Quality:
        """The same in three steps: A and B are good, C and D low."""
        return _QUALITY[self.letter]

    @property
    def words(self) -> str:
        """What the tooltip says."""
        said = "; ".join(self.reasons) or "all of it priced, fresh and with its own history"
        name = "Not known" if self.letter is GradeLetter.UNKNOWN else f"Grade {self.letter}"
        return f"{name}: {said}"
