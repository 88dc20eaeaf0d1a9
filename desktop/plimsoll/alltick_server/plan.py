"""What each of AllTick's plans allows (protocol sections 3.4 and 3.5)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Plan:
    """One row of the plan tables.

    `per_endpoint`, `batch` and `together` are (calls, seconds) windows; a call must fit into all that apply.
    """

    name: str
    n_connections: int
    n_ws_codes: int
    per_endpoint: tuple[int, float]
    batch: tuple[int, float]
    together: tuple[tuple[int, float], ...]
    n_calls_per_day: int
    n_batch_groups: int
    n_rest_codes: int
    history_years: float
    n_history_bars: int = 500
    suffixes: tuple[str, ...] = ()

    def allows(self, code: str) -> bool:
        """Say whether the plan covers the code at all; the All-plans sell one market only."""
        return not self.suffixes or code.endswith(self.suffixes)


def _professional(name: str, suffixes: tuple[str, ...] = ()) -> Plan:
    # The All-plans promise "about 500 bars", which at a bar a day is two years.
    years = 2.0 if suffixes else 5.0
    together = ((20, 1.0), (1200, 60.0))
    return Plan(name, 10, 3000, (20, 1.0), (1, 1.0), together, 1_728_000, 500, 100, years, 500, suffixes)


PLANS = {
    plan.name: plan
    for plan in (
        Plan("Free", 1, 5, (1, 10.0), (1, 10.0), ((1, 10.0), (10, 60.0)), 1_000, 5, 5, 1.0),
        Plan("Basic", 1, 100, (1, 1.0), (1, 3.0), ((60, 60.0),), 86_400, 100, 100, 1.0),
        Plan("Premium", 3, 200, (10, 1.0), (1, 2.0), ((10, 1.0), (600, 60.0)), 864_000, 200, 100, 3.0),
        _professional("Professional"),
        _professional("All HK", (".HK",)),
        _professional("All CN", (".SH", ".SZ")),
        _professional("All US", (".US",)),
    )
}
