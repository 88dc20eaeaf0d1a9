"""The one gate all of a token's requests pass, because AllTick paces by token and not by connection."""

import threading

from plimsoll.feed.pacing import BASIC, Pacing, Plan

_ASKS_WHILE_LETTING = 60


class Gate:
    """Grants one request at a time; shared by both connections and the REST calls of a token.

    Every claim takes the time as an argument and either grants it, returning 0.0 and remembering it, or
    refuses it, returning how many seconds to wait before asking again. Nothing blocks in here.

    Whether AllTick counts heartbeats among the requests that must be three seconds apart is said nowhere.
    So they are spaced like requests as long as that costs them little; but a connection without them is
    cut, so after `beat_patience_s` they keep the gap on their own connection only. Two connections that
    beat at the same moment are apart after a few beats, and stay so.

    Parameters
    ----------
    pacing : Pacing
        The gaps.
    plan : Plan
        The rates of the REST calls.
    first : str
        The connection that goes first when several start at once: the others let it for
        `connection_gap_s`, so that what matters most is not three seconds late by chance.
    """

    def __init__(self, pacing: Pacing | None = None, plan: Plan = BASIC, *, first: str = "") -> None:
        self.pacing = pacing or Pacing()
        self.plan = plan
        self._lock = threading.Lock()
        self._first = first
        self._let_until_s: float | None = None
        self._framed_s: dict[str, float] = {}
        self._requested_s: dict[str, float] = {}
        self._called_s = float("-inf")
        self._batched_s = float("-inf")

    def claim_handshake(self, connection: str, now_s: float) -> float:
        """Claim the right to open `connection`; see the class for what is returned."""
        with self._lock:
            if self._lets_the_first(connection, now_s):
                return self.pacing.connection_gap_s / _ASKS_WHILE_LETTING
            wait_s = self._wait_for_others(connection, now_s)
            own_s = self._requested_s.get(connection, float("-inf")) + self.pacing.connection_gap_s - now_s
            wait_s = max(wait_s, own_s)
            if wait_s > 0.0:
                return wait_s
            self._requested_s[connection] = now_s
            self._framed_s.pop(connection, None)
            return 0.0

    def claim_request(self, connection: str, now_s: float) -> float:
        """Claim the right to send a subscription on `connection`."""
        with self._lock:
            wait_s = max(self._wait_for_others(connection, now_s), self._wait_for_own(connection, now_s))
            if wait_s > 0.0:
                return wait_s
            self._requested_s[connection] = self._framed_s[connection] = now_s
            return 0.0

    def claim_beat(self, connection: str, now_s: float, *, waited_s: float = 0.0) -> float:
        """Claim the right to send a heartbeat on `connection` that has been due for `waited_s`."""
        with self._lock:
            wait_s = self._wait_for_others(connection, now_s)
            wait_s = min(wait_s, self.pacing.beat_patience_s - waited_s)
            wait_s = max(wait_s, self._wait_for_own(connection, now_s))
            if wait_s > 0.0:
                return wait_s
            self._requested_s[connection] = self._framed_s[connection] = now_s
            return 0.0

    def claim_call(self, path: str, now_s: float) -> float:
        """Claim the right to make a REST call of `path`, such as ``"/kline"``."""
        with self._lock:
            is_batch = path == "/batch-kline"
            wait_s = self._called_s + self.plan.rest_gap_s - now_s
            if is_batch:
                wait_s = max(wait_s, self._batched_s + self.plan.batch_gap_s - now_s)
            if wait_s > 0.0:
                return wait_s
            self._called_s = now_s
            if is_batch:
                self._batched_s = now_s
            return 0.0

    def _lets_the_first(self, connection: str, now_s: float) -> bool:
        if not self._first or connection == self._first or self._first in self._requested_s:
            return False
        if self._let_until_s is None:
            self._let_until_s = now_s + self.pacing.connection_gap_s
        return now_s < self._let_until_s

    def _wait_for_own(self, connection: str, now_s: float) -> float:
        return self._framed_s.get(connection, float("-inf")) + self.pacing.request_gap_s - now_s

    def _wait_for_others(self, connection: str, now_s: float) -> float:
        others = (when_s for name, when_s in self._requested_s.items() if name != connection)
        return max(others, default=float("-inf")) + self.pacing.connection_gap_s - now_s
