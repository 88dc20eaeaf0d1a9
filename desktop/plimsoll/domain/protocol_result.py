"""What a protocol backtest found: the book with and without the protocol, each episode, each policy."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plimsoll.domain.limit import Severity

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
UNKNOWN = float("nan")

FALSE_ALARM_DAYS = 5
"""A breach is a false alarm if the untouched book stands no lower so many days later than on its day."""


@dataclass(frozen=True, slots=True)
class ProtocolEpisode:
    """One breach and what the protocol made of it.

    Attributes
    ----------
    breach_id, limit_id, limit_name, member : str
        What broke.
    severity : Severity
        How bad.
    raised_ns : int
        Exchange time.
    value, line : float
        In the limit's unit.
    under_ns : int
        Exchange time at which it had come back under its reset level; 0 never.
    planner : str
        Of the plan that was decided, else of the newest proposed; empty where nothing was proposed.
    state : str
        What became of the newest proposal that ended otherwise than outdated: `ProposalState`'s words, or
        "told" where nothing was proposed.
    decided_ns : int
        When its first orders were decided; 0 never.
    n_orders, n_fills : int
        Sent and filled.
    turnover_base, cost_base : float
        Money traded; half spreads, slippage and fees paid.
    is_false_alarm : bool or None
        See `FALSE_ALARM_DAYS`; None where history ends before that can be said.
    """

    breach_id: str
    limit_id: str
    limit_name: str
    member: str
    severity: Severity
    raised_ns: int
    value: float
    line: float
    under_ns: int = 0
    planner: str = ""
    state: str = "told"
    decided_ns: int = 0
    n_orders: int = 0
    n_fills: int = 0
    turnover_base: float = 0.0
    cost_base: float = 0.0
    is_false_alarm: bool | None = None

    @property
    def under_after_s(self) -> float:
        """Seconds from the breach until it was back under its reset level; NaN never."""
        return (self.under_ns - self.raised_ns) / 1e9 if self.under_ns else UNKNOWN


@dataclass(frozen=True, slots=True)
class ProtocolFigures:
    """One run in figures; money in the base currency.

    Attributes
    ----------
    final_base, untouched_base : float
        What the book is worth at the end, with the protocol and held still.
    drawdown_fraction, untouched_drawdown_fraction : float
        The deepest fall from a high, by the days' ends, as shares of the high.
    cost_base, turnover_base : float
        Paid for trading, and traded.
    n_breaches, n_acted, n_false_alarms, n_judged : int
        Breaches; those answered by orders; false alarms among those that can be judged.
    never_under : int
        Breaches that had not come back under their line by the end.
    under_after_s : float
        Median time back under the line of those that came back; NaN of none.
    """

    final_base: float
    untouched_base: float
    drawdown_fraction: float
    untouched_drawdown_fraction: float
    cost_base: float
    turnover_base: float
    n_breaches: int
    n_acted: int
    n_false_alarms: int
    n_judged: int
    never_under: int
    under_after_s: float

    @property
    def gain_base(self) -> float:
        """What the protocol brought, costs paid; below zero it cost more than it saved."""
        return self.final_base - self.untouched_base

    @property
    def drawdown_avoided_fraction(self) -> float:
        """By how much the deepest fall was less deep."""
        return self.untouched_drawdown_fraction - self.drawdown_fraction


@dataclass(frozen=True, slots=True, eq=False)
class ProtocolCourse:
    """One run of one policy over one history with one draw of the human.

    Attributes
    ----------
    policy : str
        Its name.
    days : ndarray of int64, shape (n_days,)
        Days from 1970-01-01.
    equity, untouched : ndarray, shape (n_days,)
        Worth at the end of each day, with the protocol and held still.
    episodes : tuple of ProtocolEpisode
        Oldest first.
    figures : ProtocolFigures
        The run in figures.
    seal : str
        Digest of the run's journal: runs that did the same have the same.
    """

    policy: str
    days: IntArray
    equity: FloatArray
    untouched: FloatArray
    episodes: tuple[ProtocolEpisode, ...]
    figures: ProtocolFigures
    seal: str


@dataclass(frozen=True, slots=True)
class PolicyTrials:
    """One policy over many draws.

    Attributes
    ----------
    policy : str
        Its name.
    by_human : tuple of ProtocolFigures
        Over the history as it was, a draw of the human each.
    by_history : tuple of ProtocolFigures
        Over block-bootstrapped histories, each with its own draw of the human.
    """

    policy: str
    by_human: tuple[ProtocolFigures, ...] = ()
    by_history: tuple[ProtocolFigures, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class ProtocolResult:
    """A whole protocol backtest.

    Attributes
    ----------
    courses : tuple of ProtocolCourse
        Each policy over the history as it was, with the first draw of the human.
    trials : tuple of PolicyTrials
        The same policies over all draws.
    words : tuple of str
        What was assumed and left out.
    refusal : str
        Why there is no result; empty where there is one.
    currency : str
        Base currency.
    """

    courses: tuple[ProtocolCourse, ...] = ()
    trials: tuple[PolicyTrials, ...] = ()
    words: tuple[str, ...] = ()
    refusal: str = ""
    currency: str = "USD"

    @property
    def is_known(self) -> bool:
        """Whether there is a result."""
        return not self.refusal
