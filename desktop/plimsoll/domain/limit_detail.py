"""What a limit's detail says: how many positions, since when, by which method."""

from plimsoll.domain.limit import Limit, Measure, ScopeKind
from plimsoll.domain.market_figures import METHOD_NAMES

HEADLINE_METHOD = "historical"
"""The VaR method meant by an empty detail."""
DEFAULT_TOP_N = 5
DEFAULT_TRAILING_DAYS = 20
"""A trading month."""
MOST_TRAILING_DAYS = 500
MOST_TOP_N = 1_000
HIGH_WATER_MARK = "high_water_mark"
ANCHORS = (HIGH_WATER_MARK, "day", "month", "start")
"""From which NAV a drawdown is measured."""

_TAIL = frozenset({Measure.VAR, Measure.VAR_FRACTION, Measure.ES, Measure.ES_FRACTION})
_TRAILING = frozenset({Measure.TRAILING_LOSS, Measure.TRAILING_LOSS_FRACTION})
_STRESS = frozenset({Measure.STRESS_LOSS, Measure.STRESS_LOSS_FRACTION})


def top_n(detail: str) -> int:
    """Return how many of the largest positions count together."""
    return int(detail) if detail else DEFAULT_TOP_N


def trailing_days(detail: str) -> int:
    """Return over how many days the highest NAV is looked for."""
    return int(detail) if detail else DEFAULT_TRAILING_DAYS


def anchor(detail: str) -> str:
    """Return from which NAV a drawdown is measured."""
    return detail or HIGH_WATER_MARK


def high_of(days: int) -> str:
    """Return the name of the highest NAV of the last `days` days among a measurement's anchors."""
    return f"high_{days}d"


def is_headline_method(detail: str) -> bool:
    """Tell whether VaR by the headline method is meant."""
    return detail in {"", HEADLINE_METHOD}


def anchors_wanted(limits: tuple[Limit, ...]) -> frozenset[str]:
    """Return the anchors that limits ask for beside the high-water mark."""
    trailing = {high_of(trailing_days(limit.detail)) for limit in limits if limit.measure in _TRAILING}
    falls = {anchor(limit.detail) for limit in limits if limit.measure is Measure.DRAWDOWN}
    return frozenset((trailing | falls) - {HIGH_WATER_MARK})


def detail_expected(measure: Measure, kind: ScopeKind, detail: str) -> str:
    """Return what a detail should have been; empty where it is right."""
    expected = ""
    if measure in _STRESS:
        expected = "" if detail else "the name of a stress scenario"
    elif measure is Measure.HEDGE_EFFECTIVENESS:
        expected = "" if detail else "the name of a hedged pair"
    elif measure is Measure.TOP_N_WEIGHT:
        expected = _count_expected(detail, MOST_TOP_N, f"how many positions, 1 to {MOST_TOP_N}")
    elif measure in _TRAILING:
        expected = _count_expected(detail, MOST_TRAILING_DAYS, f"how many days, 1 to {MOST_TRAILING_DAYS}")
    elif measure is Measure.DRAWDOWN:
        expected = "" if anchor(detail) in ANCHORS else f"one of {', '.join(ANCHORS)}"
    elif measure in _TAIL:
        expected = _method_expected(kind, detail)
    elif detail:
        expected = f"nothing: the measure {measure} has no detail"
    return expected


def _count_expected(detail: str, most: int, words: str) -> str:
    is_count = not detail or (detail.isascii() and detail.isdigit() and 1 <= int(detail[:9]) <= most)
    return "" if is_count and len(detail) <= len(str(most)) else words


def _method_expected(kind: ScopeKind, detail: str) -> str:
    if is_headline_method(detail):
        return ""
    if kind is not ScopeKind.BOOK:
        return f"{HEADLINE_METHOD} or nothing: the other methods are measured for the whole book"
    return "" if detail in METHOD_NAMES else f"one of {', '.join((HEADLINE_METHOD, *METHOD_NAMES))}"
