"""What a crisis of the past would do to today's book, and on what each figure rests."""

from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from plimsoll.domain.crisis_window import CrisisWindow
from plimsoll.domain.market_figures import MethodFigure
from plimsoll.domain.stand_in import StandIn

UNKNOWN = float("nan")


class ReplayRoad(StrEnum):
    """How a position went through a window."""

    OWN = "own prices"
    CHANGE = "own price changes"
    PROXY = "by proxy"
    STILL = "held still"


@dataclass(frozen=True, slots=True)
class PositionReplay:
    """One position's part in a window.

    Attributes
    ----------
    code, sector : str
        Which; the sector is "unclassified" where nobody named one.
    pnl_base : float
        From the start of the window to its end, its currency included.
    drawdown_part_base : float
        What it lost between the book's peak and trough, a loss positive; the parts add up to the drawdown.
    road : ReplayRoad
        By its own prices, by a proxy, or not at all.
    stand_in : StandIn or None
        The proxy, or why there is none; None for a position with prices of its own.
    """

    code: str
    sector: str
    pnl_base: float
    drawdown_part_base: float
    road: ReplayRoad
    stand_in: StandIn | None = None


@dataclass(frozen=True, slots=True)
class PartReplay:
    """A sector's, or a currency's cash's, part in a window; as `PositionReplay`."""

    name: str
    pnl_base: float
    drawdown_part_base: float


def _no_days() -> NDArray[np.int64]:
    return np.empty(0, dtype=np.int64)


def _no_floats() -> NDArray[np.float64]:
    return np.empty(0)


@dataclass(frozen=True, slots=True, eq=False)
class StressResult:
    """Today's book led through one window, its quantities held still.

    Attributes
    ----------
    window : CrisisWindow
        Which.
    refusal : str
        Why there is no result; empty where there is one. Every figure is then NaN or empty.
    days : ndarray of int64, shape (n_rows,)
        Days from 1970-01-01: the window, then the days searched for the recovery.
    pnl_base : ndarray, shape (n_rows,)
        Profit since the start of the window, 0 on its first day.
    n_window : int
        How many of the rows are the window itself.
    drawdown_base, drawdown_fraction : float
        Largest fall below the high-water mark inside the window, the start counting as one; a loss positive.
        The fraction is of the equity at that high; NaN without a net asset value above zero.
    peak_day, trough_day : int
        Last day at the high before the fall, first day at its bottom; both the start for one that never fell.
    recovery_day : int or None
        First day at or above the high again, after the window too; None if not by `searched_until_day`.
    searched_until_day : int
        Last day on which every position had a price.
    worst_day, worst_day_pnl_base : int, float
        The day of the largest fall along the path.
    pnl_end_base : float
        At the end of the window.
    methods : tuple of MethodFigure
        One-day VaR and ES of today's exposures over the days of the window, by each method.
    positions : tuple of PositionReplay
        In the book's order.
    sectors : tuple of PartReplay
        The largest part in the drawdown first.
    cash : tuple of PartReplay
        Cash and its conversion, a line a currency.
    proxy_fraction, still_fraction : float
        Share of gross exposure that went by proxy, or was held still for want of one.
    residual_base : float
        One standard deviation of what the proxies do not explain, from the start to the trough.
    fx_still : tuple of str
        Currencies held at today's rate because the window has none of theirs.
    """

    window: CrisisWindow
    refusal: str = ""
    days: NDArray[np.int64] = field(default_factory=_no_days)
    pnl_base: NDArray[np.float64] = field(default_factory=_no_floats)
    n_window: int = 0
    drawdown_base: float = UNKNOWN
    drawdown_fraction: float = UNKNOWN
    peak_day: int = 0
    trough_day: int = 0
    recovery_day: int | None = None
    searched_until_day: int = 0
    worst_day: int = 0
    worst_day_pnl_base: float = UNKNOWN
    pnl_end_base: float = UNKNOWN
    methods: tuple[MethodFigure, ...] = ()
    positions: tuple[PositionReplay, ...] = ()
    sectors: tuple[PartReplay, ...] = ()
    cash: tuple[PartReplay, ...] = ()
    proxy_fraction: float = UNKNOWN
    still_fraction: float = UNKNOWN
    residual_base: float = UNKNOWN
    fx_still: tuple[str, ...] = ()

    @property
    def is_known(self) -> bool:
        """Whether there is a result."""
        return not self.refusal

    @property
    def recovery_days(self) -> int | None:
        """Calendar days from the trough back to the high; None while there was no way back."""
        return None if self.recovery_day is None else self.recovery_day - self.trough_day

    def method(self, name: str) -> MethodFigure:
        """Return one method's figures; unknown ones where it was not measured."""
        return next((figure for figure in self.methods if figure.name == name), MethodFigure(name))

    @property
    def words(self) -> tuple[str, ...]:
        """What stands below the figures: everything that was not the book's own history."""
        if self.refusal:
            return (self.refusal,)
        by_change = ", ".join(part.code for part in self.positions if part.road is ReplayRoad.CHANGE)
        said = [part.stand_in.words for part in self.positions if part.stand_in is not None]
        if by_change:
            said.append(f"by price changes, for a price at or below zero in the window: {by_change}")
        if self.fx_still:
            said.append(f"held at today's rate, for the window has none: {', '.join(self.fx_still)}")
        return tuple(said)
