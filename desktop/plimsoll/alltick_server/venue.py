"""What all connections and REST calls of one server share: market, clock, rules, faults, counts."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from hmac import compare_digest

import numpy as np
import numpy.typing as npt

from plimsoll.alltick_server.fault import Faults
from plimsoll.alltick_server.frame import Wording
from plimsoll.alltick_server.listing import ALIASES, Group
from plimsoll.alltick_server.market import NS_PER_S, Market
from plimsoll.alltick_server.pacing import Pacing
from plimsoll.alltick_server.plan import Plan
from plimsoll.alltick_server.reading import Readings

OK, BAD_HEADER, BAD_DATA, TOKEN_INVALID, QUERY_INVALID = 200, 400, 400, 401, 402
RATE_LIMIT, CODE_INVALID, BODY_EMPTY, LEVEL_TOO_LOW, CODE_UNAUTHORIZED = 429, 600, 601, 603, 604
TOO_MANY, TOO_MANY_CLOSING = 605, 606
HEADER_TEXT, DATA_TEXT = "request header param invalid", "request data param invalid"
TEXT_BY_RET = {
    OK: "ok",
    TOKEN_INVALID: "token invalid",
    QUERY_INVALID: "query invalid",
    RATE_LIMIT: "Too Many Requests",
    CODE_INVALID: "code invalid",
    BODY_EMPTY: "body empty",
    LEVEL_TOO_LOW: "token level not enough",
    CODE_UNAUTHORIZED: "code unauthorized",
    TOO_MANY: "too many requests",
    TOO_MANY_CLOSING: "too many requests and connection will be closed",
}


@dataclass(slots=True)
class Tally:
    """What one connection was sent, to the tick; rows of `n_sent` are trades and books, columns codes."""

    id: int
    group: Group
    n_sent: npt.NDArray[np.int64]
    n_repeats: int = 0
    n_late: int = 0
    n_extra: int = 0
    is_open: bool = True


class Venue:
    """One AllTick: all that is not one connection's own."""

    def __init__(
        self,
        market: Market,
        *,
        token: str,
        plan: Plan,
        pacing: Pacing,
        readings: Readings,
        seed: int,
        on_start: Callable[[], None],
    ) -> None:
        self.market, self.plan, self.pacing, self.readings, self.seed = market, plan, pacing, readings, seed
        self.faults = Faults()
        self.tallies: list[Tally] = []
        self.last_handshake_s = -np.inf
        self.last_request: tuple[int, float] = (-1, -np.inf)
        self._token = token
        self._on_start = on_start
        self._started_s: float | None = None
        self.wall_start_ns: int | None = None
        self._position = {listing.code: i for i, listing in enumerate(market.listings)}
        self._wording = Wording(
            numbers=readings.numbers,
            time_unit=readings.time_unit,
            direction=readings.direction,
            fx_direction=readings.fx_direction,
            fx_volume=readings.fx_volume,
            empty_side=readings.empty_side,
        )

    def accepts(self, token: str) -> bool:
        """Compare a client's token without telling by the time taken how much of it was right."""
        return compare_digest(token.encode(), self._token.encode())

    def start(self) -> None:
        """Let the market's clock run, unless it does."""
        if self._started_s is None:
            self._started_s = time.monotonic()
            self.wall_start_ns = time.time_ns()
            self._on_start()

    @property
    def elapsed_ns(self) -> int | None:
        """Return the wall time since the market started, None before."""
        return None if self._started_s is None else int((time.monotonic() - self._started_s) * NS_PER_S)

    @property
    def exchange_time_ns(self) -> int:
        """Return the time at the exchange; before the start, a moment before its opening."""
        elapsed_ns = self.elapsed_ns
        if elapsed_ns is None:
            return self.market.exchange_start_ns - 1
        return self.market.exchange_time_ns(elapsed_ns)

    @property
    def wording(self) -> Wording:
        """Return how ticks are spelled just now."""
        return self.faults.reworded(self._wording)

    def position(self, code: str) -> int | None:
        """Return where a code stands among the listings; upper and lower case differ."""
        if self.readings.names == "aliases":
            code = ALIASES.get(code, code)
        return self._position.get(code)

    def refusal_of(self, code: str, group: Group) -> int:
        """Return the `ret` a code answers with on a path: 200, or 600 or 604."""
        position = self.position(code)
        if position is None or self.market.listings[position].group != group:
            return CODE_INVALID
        allowed = self.readings.allowed_codes
        if not self.plan.allows(code) or (allowed is not None and code not in allowed):
            return CODE_UNAUTHORIZED
        return OK

    @property
    def n_ws_codes(self) -> int:
        """Return how many codes one subscription may name."""
        return self.readings.max_codes or self.plan.n_ws_codes

    def bad_request(self, text: str) -> int:
        """Return the `ret` for a request that could not be understood."""
        if self.readings.bad_request == "400":
            return BAD_HEADER
        return 201 if text == HEADER_TEXT else 202

    def opened(self, group: Group) -> Tally:
        """Enter a new connection into the counts."""
        tally = Tally(len(self.tallies), group, np.zeros((2, len(self.market.listings)), np.int64))
        self.tallies.append(tally)
        return tally

    def has_room_for(self, group: Group) -> bool:
        """Say whether the plan allows one more connection on this path."""
        n_open = {"stock": 0, "other": 0}
        for tally in self.tallies:
            n_open[tally.group] += tally.is_open
        n_open[group] += 1
        in_use = max(n_open.values()) if self.readings.connections == "pair" else sum(n_open.values())
        return in_use <= self.plan.n_connections

    def counts(self) -> list[dict[str, object]]:
        """Return what every connection, open or closed, was sent, code by code."""
        codes = [listing.code for listing in self.market.listings]
        return [
            {
                "connection": tally.id,
                "path": tally.group,
                "open": tally.is_open,
                "trades": {codes[i]: int(n) for i, n in enumerate(tally.n_sent[0]) if n},
                "books": {codes[i]: int(n) for i, n in enumerate(tally.n_sent[1]) if n},
                "n_trades": int(tally.n_sent[0].sum()),
                "n_books": int(tally.n_sent[1].sum()),
                "n_repeats": tally.n_repeats,
                "n_late": tally.n_late,
                "n_extra": tally.n_extra,
            }
            for tally in self.tallies
        ]
