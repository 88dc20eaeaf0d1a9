"""When each rule was last evaluated and last fired, and how often: what tells a dead rule from a calm one."""

from collections import deque

import numpy as np
from numpy.typing import NDArray

from plimsoll.domain.limit import Limit
from plimsoll.domain.rule_standing import RuleStanding
from plimsoll.domain.units import NS_PER_S

WEEK_NS = 7 * 86_400 * NS_PER_S


class RuleRecord:
    """Counts for every rule; those of removed rules are kept for the day they come back."""

    def __init__(self, limits: tuple[Limit, ...]) -> None:
        self._limits = limits
        self._evaluated_ns: NDArray[np.int64] = np.zeros(len(limits), dtype=np.int64)
        self._fired_ns: dict[str, deque[int]] = {}
        self._n_fired: dict[str, int] = {}

    def take_limits(self, limits: tuple[Limit, ...]) -> None:
        """Take another set of rules; what is known of those that stay is kept."""
        known = dict(
            zip((limit.limit_id for limit in self._limits), self._evaluated_ns.tolist(), strict=True)
        )
        self._limits = limits
        self._evaluated_ns = np.array([known.get(limit.limit_id, 0) for limit in limits], dtype=np.int64)

    def note_evaluated(self, is_known: NDArray[np.bool_], now_ns: int) -> None:
        """Note which limits could be compared just now, shape (n_limits,); the unknown ones were not."""
        self._evaluated_ns[is_known] = now_ns

    def note_fired(self, limit_id: str, fired_ns: int) -> None:
        """Note a breach, raised now or read from the journal."""
        fired = self._fired_ns.setdefault(limit_id, deque())
        fired.append(fired_ns)
        self._n_fired[limit_id] = self._n_fired.get(limit_id, 0) + 1
        while fired[0] <= fired_ns - WEEK_NS:
            fired.popleft()

    def standings(self, now_ns: int) -> tuple[RuleStanding, ...]:
        """Return the rule table, in the limits' order."""
        return tuple(
            self._standing(limit.limit_id, evaluated_ns, now_ns)
            for limit, evaluated_ns in zip(self._limits, self._evaluated_ns.tolist(), strict=True)
        )

    def _standing(self, limit_id: str, evaluated_ns: int, now_ns: int) -> RuleStanding:
        fired = self._fired_ns.get(limit_id, ())
        return RuleStanding(
            limit_id,
            evaluated_ns,
            fired[-1] if fired else 0,
            sum(fired_ns > now_ns - WEEK_NS for fired_ns in fired),
            self._n_fired.get(limit_id, 0),
        )
