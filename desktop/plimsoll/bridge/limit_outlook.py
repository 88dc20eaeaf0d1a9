"""What a changed limit would mean: its use at the figures of now, when it acts, and what may be chosen."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from math import nan

from plimsoll.domain.limit import Limit, Measure, Scope, ScopeKind
from plimsoll.domain.limit_change import LOOSENING_DELAY_S, tightened_part
from plimsoll.domain.limit_detail import ANCHORS, HEADLINE_METHOD, HIGH_WATER_MARK, anchor, is_headline_method
from plimsoll.domain.market_figures import METHOD_NAMES
from plimsoll.domain.snapshot import LimitStatus, RiskSnapshot
from plimsoll.domain.units import NS_PER_S

_TAIL = frozenset({Measure.VAR, Measure.VAR_FRACTION, Measure.ES, Measure.ES_FRACTION})
_STRESS = frozenset({Measure.STRESS_LOSS, Measure.STRESS_LOSS_FRACTION})
_OF_ALL_OR_NOTHING = ("limit_id", "measure", "scope", "detail", "stands_in_for")
_WORDS = frozenset({"name", "purpose", "owner", "next_review"})


@dataclass(frozen=True, slots=True)
class Outlook:
    """What would happen if a change were asked for now.

    Attributes
    ----------
    changed : tuple of str
        Names of the attributes of `Limit` that differ; empty for a new limit or a removal.
    at_once, later : tuple of str
        Those that act at once, and those that wait.
    waits : bool
        Whether a part of it, or all, waits for its time or a second person.
    acts_ns : int
        When the last of it acts, by the desk's clock.
    words : str
        All of that in a sentence.
    """

    changed: tuple[str, ...]
    at_once: tuple[str, ...]
    later: tuple[str, ...]
    waits: bool
    acts_ns: int
    words: str


def outlook_of(
    before: Limit | None,
    after: Limit | None,
    known: Mapping[str, Limit],
    now_ns: int,
    when: str,
    delay_s: float = LOOSENING_DELAY_S,
) -> Outlook:
    """Return what the register would do with a change, by the comparison that it makes itself.

    Parameters
    ----------
    before, after : Limit or None
        None for a limit that is new, and for one that is removed.
    known : Mapping
        The limits there are, by id: among them the one a temporary limit stands in for.
    now_ns : int
        The desk's clock.
    when : str
        How the instant ``now + delay`` is written on the screen.
    delay_s : float
        How long a loosening waits.
    """
    standing = before if before is not None else after
    official = known.get(standing.stands_in_for) if standing is not None and standing.stands_in_for else None
    at_once = tightened_part(before, after, official)
    changed = _differences(before, after)
    later = _differences(at_once, after)
    sooner = tuple(name for name in changed if name not in later)
    waits = at_once != after
    return Outlook(
        changed,
        sooner,
        later,
        waits,
        now_ns + round(delay_s * NS_PER_S) if waits else now_ns,
        _words(before, after, at_once, sooner, later, when),
    )


def _differences(one: Limit | None, other: Limit | None) -> tuple[str, ...]:
    if one is None or other is None:
        return ()
    names = (field.name for field in fields(Limit))
    return tuple(name for name in names if getattr(one, name) != getattr(other, name))


def _words(
    before: Limit | None,
    after: Limit | None,
    at_once: Limit | None,
    sooner: tuple[str, ...],
    later: tuple[str, ...],
    when: str,
) -> str:
    if before == after:
        return "Nothing would change."
    if at_once == after:
        return f"{_tightening(before, after, sooner)}: acts at once."
    waiting = f"acts on {when} unless a second person with the right to confirm signs"
    if at_once == before:
        return f"{_loosening(before, after, later)}: {waiting}."
    return f"Tightening acts at once ({_list(sooner)}); the rest loosens ({_list(later)}) and {waiting}."


def _tightening(before: Limit | None, after: Limit | None, sooner: tuple[str, ...]) -> str:
    if before is None:
        return "A new limit"
    if after is None:
        return "Removing it tightens, for it allowed more than the limit it stands in for"
    return "Neither tighter nor looser" if _WORDS.issuperset(sooner) else "Tightening"


def _loosening(before: Limit | None, after: Limit | None, later: tuple[str, ...]) -> str:
    if before is None:
        return "It allows more than the limit it stands in for, a loosening"
    if after is None:
        return "Removing it, a loosening"
    if any(name in later for name in _OF_ALL_OR_NOTHING):
        return "It would be another limit, which counts as loosening"
    return "Loosening"


def _list(names: Iterable[str]) -> str:
    return ", ".join(name.replace("_", " ") for name in names)


def value_now(limit: Limit, snapshot: RiskSnapshot) -> tuple[float, str]:
    """Return what a limit would measure now and its worst member; NaN where the snapshot does not tell."""
    like = _status_like(limit, snapshot.limits)
    if like is not None:
        return like.value, like.member
    if limit.scope.kind is ScopeKind.BOOK:
        return _book_value(limit.measure, limit.detail, snapshot), ""
    if limit.scope.kind is ScopeKind.INSTRUMENT:
        return _worst(limit, _by_instrument(limit.measure, snapshot))
    return _worst(limit, _by_group(limit.measure, limit.scope.kind, snapshot))


def members_of(kind: ScopeKind, snapshot: RiskSnapshot) -> tuple[str, ...]:
    """Return the members of a grouping that the book holds, as an editor offers them."""
    if kind is ScopeKind.INSTRUMENT:
        return tuple(instrument.code for instrument in snapshot.table.instruments)
    if kind is ScopeKind.TAG:
        return tuple(dict.fromkeys(tag for item in snapshot.table.instruments for tag in item.tags))
    return next((grouping.labels for grouping in snapshot.groupings if grouping.name == kind), ())


def details_of(measure: Measure, kind: ScopeKind, snapshot: RiskSnapshot) -> tuple[str, ...]:
    """Return what a measure's detail may say, as far as that can be listed; the first is the default."""
    if measure in _STRESS:
        return tuple(line.scenario_id for line in snapshot.stress)
    if measure is Measure.DRAWDOWN:
        return ANCHORS
    if measure in _TAIL:
        return (HEADLINE_METHOD, *METHOD_NAMES) if kind is ScopeKind.BOOK else (HEADLINE_METHOD,)
    return _COUNTS.get(measure, ())


_COUNTS = {
    Measure.TOP_N_WEIGHT: ("5", "1", "3", "10"),
    Measure.TRAILING_LOSS: ("20", "5", "60", "250"),
    Measure.TRAILING_LOSS_FRACTION: ("20", "5", "60", "250"),
}
DETAIL_CAPTIONS = {
    **dict.fromkeys(_TAIL, "Method"),
    **dict.fromkeys(_STRESS, "Scenario"),
    Measure.DRAWDOWN: "Measured from",
    Measure.TOP_N_WEIGHT: "How many positions",
    Measure.TRAILING_LOSS: "Over how many days",
    Measure.TRAILING_LOSS_FRACTION: "Over how many days",
    Measure.HEDGE_EFFECTIVENESS: "Hedged pair",
}
"""What the detail of a measure is called; a measure that is not here has none."""


def _status_like(limit: Limit, statuses: Iterable[LimitStatus]) -> LimitStatus | None:
    """Return where a limit that measures the same stands: its figure is the new one's too."""
    wanted = _what(limit)
    return next((status for status in statuses if _what(status.limit) == wanted), None)


def _what(limit: Limit) -> tuple[Measure, Scope, str]:
    detail = limit.detail
    if limit.measure in _TAIL and is_headline_method(detail):
        detail = ""
    if limit.measure is Measure.DRAWDOWN and anchor(detail) == HIGH_WATER_MARK:
        detail = ""
    return limit.measure, limit.scope, detail


def _book_value(measure: Measure, detail: str, snapshot: RiskSnapshot) -> float:
    if measure in _TAIL:
        return _tail_value(measure, detail, snapshot)
    if measure in _STRESS:
        line = next((line for line in snapshot.stress if line.scenario_id == detail), None)
        if line is None:
            return nan
        return line.loss_base if measure is Measure.STRESS_LOSS else line.loss_fraction
    if measure is Measure.DRAWDOWN:
        return snapshot.drawdown if anchor(detail) == HIGH_WATER_MARK else nan
    market = snapshot.market
    return {
        Measure.DAILY_LOSS: -snapshot.day_pnl,
        Measure.DAILY_LOSS_FRACTION: -snapshot.day_pnl_fraction,
        Measure.GROSS_LEVERAGE: snapshot.leverage,
        Measure.NET_LEVERAGE: snapshot.net_leverage,
        Measure.GROSS_EXPOSURE: snapshot.gross,
        Measure.NET_EXPOSURE: abs(snapshot.net),
        Measure.HHI: snapshot.hhi,
        Measure.MARGIN_USE: market.margin.use_fraction,
        Measure.MARGIN_CUSHION: market.margin.cushion_fraction,
        Measure.EXIT_SHARE_1D: market.liquidity.exit_share_1d,
        Measure.CORRELATION_SHIFT: market.correlation.shift,
        Measure.ABSORPTION_RATIO: market.correlation.absorption_ratio,
        Measure.TURBULENCE: market.correlation.turbulence,
    }.get(measure, nan)


def _tail_value(measure: Measure, detail: str, snapshot: RiskSnapshot) -> float:
    method = snapshot.market.method(detail)
    is_var = measure in {Measure.VAR, Measure.VAR_FRACTION}
    if is_headline_method(detail):
        money = snapshot.var if is_var else snapshot.es
    else:
        money = method.var if is_var else method.es
    if measure in {Measure.VAR, Measure.ES}:
        return money
    return money / snapshot.nav if snapshot.nav > 0.0 else nan


def _by_instrument(measure: Measure, snapshot: RiskSnapshot) -> dict[str, float]:
    table = snapshot.table
    columns = {
        Measure.POSITION_LOSS: -table.unrealised_base,
        Measure.DAILY_LOSS: -table.day_pnl_base,
        Measure.POSITION_SIZE: abs(table.value_base),
        Measure.GROSS_EXPOSURE: abs(table.value_base),
        Measure.NET_EXPOSURE: abs(table.value_base),
        Measure.GROSS_WEIGHT: abs(table.weight_fraction),
        Measure.NET_WEIGHT: abs(table.weight_fraction),
    }
    if measure not in columns:
        return {}
    codes = (instrument.code for instrument in table.instruments)
    return dict(zip(codes, columns[measure].tolist(), strict=True))


def _by_group(measure: Measure, kind: ScopeKind, snapshot: RiskSnapshot) -> dict[str, float]:
    grouping = next((grouping for grouping in snapshot.groupings if grouping.name == kind), None)
    if grouping is None:
        return {}
    columns = {
        Measure.GROSS_EXPOSURE: grouping.gross_base,
        Measure.NET_EXPOSURE: abs(grouping.net_base),
        Measure.POSITION_SIZE: abs(grouping.net_base),
        Measure.GROSS_WEIGHT: grouping.gross_weight_fraction,
        Measure.NET_WEIGHT: abs(grouping.net_weight_fraction),
    }
    if measure not in columns:
        return {}
    return dict(zip(grouping.labels, columns[measure].tolist(), strict=True))


def _worst(limit: Limit, values: Mapping[str, float]) -> tuple[float, str]:
    """Return the worst member's figure; the unknown ones are left out only where one is known."""
    member = limit.scope.member
    if member:
        return values.get(member, nan), member
    known = {name: value for name, value in values.items() if value == value}  # noqa: PLR0124  not NaN
    if not known:
        return nan, ""
    worst = max(known, key=lambda name: limit.use_of(known[name]))
    return known[worst], worst
