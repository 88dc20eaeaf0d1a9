import math

import pytest

from plimsoll.domain.limit import Limit, LimitState, Measure, Scope, ScopeKind, Severity, Unit

LIMIT = Limit("var", "VaR of NAV", Measure.VAR_FRACTION, 0.02, Severity.CRITICAL)


def test_that_every_measure_has_a_unit_and_a_caption() -> None:
    units = {measure: measure.unit for measure in Measure}
    assert len({measure.caption for measure in Measure}) == len(Measure)
    assert [m for m, unit in units.items() if unit is Unit.MONEY] == [
        Measure.VAR,
        Measure.ES,
        Measure.DAILY_LOSS,
        Measure.POSITION_LOSS,
        Measure.POSITION_SIZE,
    ]
    ratios = {measure for measure, unit in units.items() if unit is Unit.RATIO}
    assert ratios == {Measure.GROSS_LEVERAGE, Measure.NET_LEVERAGE}
    assert units[Measure.HHI] is Unit.INDEX
    shares = [m for m in Measure if m.value.endswith(("_fraction", "_weight", "drawdown"))]
    assert {units[measure] for measure in shares} == {Unit.FRACTION}


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
