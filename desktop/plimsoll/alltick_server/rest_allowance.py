"""How many REST calls a plan still allows (protocol section 3.5)."""

from collections import deque

from plimsoll.alltick_server.pacing import Pacing
from plimsoll.alltick_server.plan import Plan


class RestAllowance:
    """Sliding windows over one token's calls; a refused call does not count."""

    def __init__(self, plan: Plan, pacing: Pacing) -> None:
        self._plan, self._pacing = plan, pacing
        self._calls: deque[tuple[float, str]] = deque()
        self._n_today = 0
        self._today_s = -pacing.rest_day_s

    def grants(self, endpoint: str, now_s: float) -> bool:
        """Say whether a call fits into every window, and count it if so."""
        if now_s - self._today_s >= self._pacing.rest_day_s:
            self._today_s, self._n_today = now_s, 0
        own = self._plan.batch if endpoint == "batch-kline" else self._plan.per_endpoint
        fits = self._n_today < self._plan.n_calls_per_day and self._fits(own, now_s, endpoint)
        fits = fits and all(self._fits(window, now_s, None) for window in self._plan.together)
        if fits:
            self._n_today += 1
            self._calls.append((now_s, endpoint))
            while now_s - self._calls[0][0] > self._seconds(60.0):
                self._calls.popleft()
        return fits

    def _fits(self, window: tuple[int, float], now_s: float, endpoint: str | None) -> bool:
        n_allowed, length_s = window
        since = now_s - self._seconds(length_s)
        recent = sum(when > since and endpoint in {None, name} for when, name in self._calls)
        return recent < n_allowed

    def _seconds(self, length_s: float) -> float:
        minute = length_s >= 60.0
        unit = self._pacing.rest_minute_s / 60.0 if minute else self._pacing.rest_second_s
        return length_s * unit
