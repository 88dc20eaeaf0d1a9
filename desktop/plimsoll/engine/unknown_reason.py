"""Why a measure has no value, in words a trader can act on."""

import math

from plimsoll.domain.limit import Measure, ScopeKind
from plimsoll.domain.limit_detail import is_headline_method
from plimsoll.engine.book_measures import NO_MARKET
from plimsoll.engine.measurement import Measurement

_TAIL = frozenset({Measure.VAR, Measure.VAR_FRACTION, Measure.ES, Measure.ES_FRACTION, Measure.RISK_SHARE})
_OF_NAV = frozenset({Measure.VAR_FRACTION, Measure.ES_FRACTION, Measure.STRESS_LOSS_FRACTION})
_DAY = frozenset({Measure.DAILY_LOSS, Measure.DAILY_LOSS_FRACTION})
_STRESS = frozenset({Measure.STRESS_LOSS, Measure.STRESS_LOSS_FRACTION})
_ANCHORED = frozenset({Measure.DRAWDOWN, Measure.TRAILING_LOSS, Measure.TRAILING_LOSS_FRACTION})
_MARKET = frozenset(
    {
        Measure.MARGIN_USE,
        Measure.MARGIN_CUSHION,
        Measure.DAYS_TO_EXIT,
        Measure.EXIT_SHARE_1D,
        Measure.SPREAD_FRACTION,
        Measure.EXIT_COST_FRACTION,
        Measure.CORRELATION_SHIFT,
        Measure.ABSORPTION_RATIO,
        Measure.TURBULENCE,
    }
)
OF_THE_DATA = {
    Measure.FEED_LAG_S: "no tick was heard yet",
    Measure.STALE_FRACTION: "nothing is held there",
    Measure.MISMATCH_COUNT: "the book was not compared with the records yet",
}
"""Measures of the data itself: they need no price to be known, and no fresh price to be trusted."""


def why_unknown(measure: Measure, detail: str, kind: ScopeKind, measured: Measurement) -> str:
    """Return in words why a measure has no value."""
    if kind is not ScopeKind.BOOK and kind not in measure.scopes:
        return f"{measure} has a meaning for {' or '.join(measure.scopes)} only"
    if measure in OF_THE_DATA:
        return OF_THE_DATA[measure]
    if measured.coverage.priced_fraction == 0.0:
        return "nothing is priced yet"
    is_nav_missing = measure in _OF_NAV and not measured.nav > 0.0
    own = "" if is_nav_missing else _own_reason(measure, detail, kind, measured)
    if own:
        return own
    if measured.nav <= 0.0:
        return "NAV is not above zero"
    return "not every position has a price yet"


def why_partial(measure: Measure) -> str:
    """Return in words what the known part of a measure leaves out."""
    if measure is Measure.DAYS_TO_EXIT:
        return "the volume of some positions is not known"
    return "some positions have no fresh quote"


def _own_reason(measure: Measure, detail: str, kind: ScopeKind, measured: Measurement) -> str:
    """Return what the measure itself lacks; empty if nothing."""
    reason = ""
    if measure in _TAIL and is_headline_method(detail):
        if math.isnan(measured.var):
            reason = "price history is missing"
        elif kind is not ScopeKind.BOOK:
            reason = "price history of some positions is missing"
    elif measure in _TAIL:
        reason = (measured.market or NO_MARKET).method(detail).words
    elif measure in _DAY and math.isfinite(measured.nav):
        reason = "the reference of the day is not known yet"
    elif measure in _STRESS:
        reason = "" if detail in measured.stress else f"the scenario {detail!r} is not worked out"
    elif measure in _ANCHORED and measured.nav > 0.0:
        reason = "the NAV to fall from is not known yet"
    elif measure in _MARKET:
        reason = _market_reason(measure, measured)
    elif measure is Measure.HEDGE_EFFECTIVENESS:
        reason = f"the pair {detail!r} is not measured"
    return reason


def _market_reason(measure: Measure, measured: Measurement) -> str:
    market = measured.market
    if market is None:
        return "not measured yet"
    if measure in {Measure.MARGIN_USE, Measure.MARGIN_CUSHION}:
        return market.margin.words
    if measure in {Measure.CORRELATION_SHIFT, Measure.ABSORPTION_RATIO, Measure.TURBULENCE}:
        return market.correlation.words
    if measure in {Measure.DAYS_TO_EXIT, Measure.EXIT_SHARE_1D}:
        return "the volume of some positions is not known"
    return "no fresh quotes"
