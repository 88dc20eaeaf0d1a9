import math

import pytest

from plimsoll.domain.limit import (
    ALWAYS_NS,
    Limit,
    LimitState,
    Measure,
    Scope,
    ScopeKind,
    Severity,
    Unit,
    instant_ns,
)

LIMIT = Limit("var", "VaR of NAV", Measure.VAR_FRACTION, 0.02, Severity.CRITICAL)


def test_that_every_measure_has_a_unit_and_a_caption() -> None:
    units = {measure: measure.unit for measure in Measure}
    assert len({measure.caption for measure in Measure}) == len(Measure)
    assert [m for m, unit in units.items() if unit is Unit.MONEY] == [
        Measure.VAR,
        Measure.ES,
        Measure.DAILY_LOSS,
        Measure.TRAILING_LOSS,
        Measure.GROSS_EXPOSURE,
        Measure.NET_EXPOSURE,
        Measure.POSITION_LOSS,
        Measure.POSITION_SIZE,
        Measure.STRESS_LOSS,
    ]
    ratios = {measure for measure, unit in units.items() if unit is Unit.RATIO}
    assert ratios == {Measure.GROSS_LEVERAGE, Measure.NET_LEVERAGE}
    indices = {measure for measure, unit in units.items() if unit is Unit.INDEX}
    assert indices == {Measure.HHI, Measure.CORRELATION_SHIFT, Measure.TURBULENCE}
    shares = [m for m in Measure if m.value.endswith(("_fraction", "_weight", "drawdown", "_share"))]
    assert {units[measure] for measure in shares} == {Unit.FRACTION}


def test_that_every_measure_has_a_scope_and_a_share_of_the_book_never_asks_the_book() -> None:
    assert all(measure.scopes for measure in Measure)
    assert ScopeKind.BOOK not in Measure.RISK_SHARE.scopes
    assert Measure.DRAWDOWN.scopes == (ScopeKind.BOOK,)
    assert ScopeKind.INSTRUMENT not in Measure.HHI.scopes
    assert Measure.VAR.scopes == tuple(ScopeKind)


FLOOR = Limit("cushion", "Cushion", Measure.MARGIN_CUSHION, 0.25, Severity.HIGH)


@pytest.mark.parametrize(
    ("value", "state", "use"),
    [
        (1.0, LimitState.FINE, 0.25),
        (0.3125, LimitState.NEAR, 0.8),
        (0.25, LimitState.NEAR, 1.0),
        (0.2, LimitState.OVER, 1.25),
        (0.0, LimitState.OVER, math.inf),
        (-0.1, LimitState.OVER, math.inf),
    ],
)
def test_that_a_floor_breaks_below_its_line(value: float, state: LimitState, use: float) -> None:
    assert FLOOR.state_of(value) is state
    assert FLOOR.use_of(value) == pytest.approx(use)
    assert FLOOR.is_crossed_by(value) is (state is LimitState.OVER)


def test_that_an_unknown_floor_is_unknown_and_never_crossed() -> None:
    assert FLOOR.state_of(math.nan) is LimitState.UNKNOWN
    assert math.isnan(FLOOR.use_of(math.nan))
    assert not FLOOR.is_crossed_by(math.nan)


def test_that_of_a_floor_less_is_worse_and_of_a_loss_more() -> None:
    assert FLOOR.is_worse(0.1, 0.2)
    assert not FLOOR.is_worse(0.2, 0.2)
    assert LIMIT.is_worse(0.2, 0.1)
    assert not LIMIT.is_worse(math.nan, 0.1)


def test_that_a_gain_uses_none_of_a_limit() -> None:
    """Pitfall 1: a loss limit never fires on a gain."""
    assert LIMIT.use_of(-0.5) == 0.0
    assert not LIMIT.is_crossed_by(-0.5)
    assert LIMIT.state_of(-0.5) is LimitState.FINE


@pytest.mark.parametrize(
    ("value", "state"),
    [
        (0.0, LimitState.FINE),
        (math.nextafter(0.016, 0), LimitState.FINE),
        (0.016, LimitState.NEAR),
        (0.02, LimitState.NEAR),
        (math.nextafter(0.02, 1), LimitState.OVER),
        (math.inf, LimitState.OVER),
        (math.nan, LimitState.UNKNOWN),
    ],
)
def test_that_a_value_on_the_line_is_near_and_only_beyond_it_over(value: float, state: LimitState) -> None:
    assert LIMIT.state_of(value) is state


def test_that_unknown_is_never_taken_for_fine() -> None:
    """Pitfall 5: a figure that is missing is a state."""
    assert LIMIT.state_of(math.nan) is LimitState.UNKNOWN
    assert math.isnan(LIMIT.use_of(math.nan))


def test_that_a_scope_is_the_book_unless_it_says_otherwise() -> None:
    assert LIMIT.scope == Scope(ScopeKind.BOOK, "")


def test_that_a_limit_stands_from_its_beginning_until_its_end() -> None:
    begin, end = "1970-01-01T00:00:10Z", "1970-01-01T00:00:20+00:00"
    limit = Limit("l", "L", Measure.VAR, 1.0, Severity.HIGH, effective_from=begin, effective_until=end)
    assert [limit.is_effective_at(second * 10**9) for second in (9, 10, 19, 20)] == [False, True, True, False]
    assert LIMIT.is_effective_at(0)
    assert (LIMIT.from_ns, LIMIT.until_ns) == (0, ALWAYS_NS)


@pytest.mark.parametrize("text", ["2026-11-23T17:00:00", "2026-11-23T17:00:00+02:00", "2026-11-23"])
def test_that_an_instant_says_that_it_is_in_utc(text: str) -> None:
    with pytest.raises(ValueError, match="expected UTC, like 2026-11-23T17:00:00Z"):
        instant_ns(text)
