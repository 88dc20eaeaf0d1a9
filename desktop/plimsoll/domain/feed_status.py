"""What one connection to AllTick reports of itself."""

from dataclasses import dataclass
from enum import StrEnum


class FeedState(StrEnum):
    """The life of a connection."""

    IDLE = "idle"
    CONNECTING = "connecting"
    SUBSCRIBING = "subscribing"
    LIVE = "live"
    WAITING = "waiting"
    REFUSED = "refused"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class FeedStatus:
    """One connection, at one instant.

    Attributes
    ----------
    name : str
        "stocks" or "fx · crypto · commodities".
    state : FeedState
        REFUSED is final until there is a new token; WAITING is between two tries.
    n_codes : int
        Codes asked for on it.
    messages_per_s : float
        Ticks heard a second, over the last few seconds.
    lag_ms : float
        Newest arrival − its tick_time mapped to the desk's clock; NaN unknown.
    silent_codes : tuple of str
        Codes asked for that have not ticked.
    note : str
        What a trader should know: why it waits, what was refused, until when.
    """

    name: str
    state: FeedState
    n_codes: int = 0
    messages_per_s: float = 0.0
    lag_ms: float = float("nan")
    silent_codes: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class MarketClock:
    """How exchange time maps to the desk's clock: live it is the same, a replay runs faster.

    Attributes
    ----------
    exchange_start_ns, wall_start_ns : int
        One instant on both clocks.
    speed : float
        Exchange seconds a second.
    """

    exchange_start_ns: int = 0
    wall_start_ns: int = 0
    speed: float = 1.0
