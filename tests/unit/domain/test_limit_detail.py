import pytest

from plimsoll.domain.limit import Limit, Measure, ScopeKind, Severity
from plimsoll.domain.limit_detail import (
    anchor,
    anchors_wanted,
    detail_expected,
    high_of,
    is_headline_method,
    top_n,
    trailing_days,
)


def test_that_an_empty_detail_is_the_measure_s_default() -> None:
    assert (top_n(""), trailing_days(""), anchor("")) == (5, 20, "high_water_mark")
    assert is_headline_method("")
    assert is_headline_method("historical")
    assert not is_headline_method("ewma")


def test_that_a_detail_says_how_many_or_since_when() -> None:
    assert (top_n("3"), trailing_days("60"), anchor("month"), high_of(60)) == (3, 60, "month", "high_60d")


def test_that_limits_tell_which_anchors_have_to_be_followed() -> None:
    def limit(measure: Measure, detail: str = "") -> Limit:
        return Limit("l", "L", measure, 0.1, Severity.HIGH, detail=detail)

    limits = (
        limit(Measure.DRAWDOWN),
        limit(Measure.DRAWDOWN, "month"),
        limit(Measure.TRAILING_LOSS),
        limit(Measure.TRAILING_LOSS_FRACTION, "5"),
        limit(Measure.VAR),
    )
    assert anchors_wanted(limits) == {"month", "high_20d", "high_5d"}
    assert anchors_wanted(limits[:1]) == frozenset()


@pytest.mark.parametrize("measure", Measure)
def test_that_only_a_named_thing_has_no_default(measure: Measure) -> None:
    needs_name = {Measure.STRESS_LOSS, Measure.STRESS_LOSS_FRACTION, Measure.HEDGE_EFFECTIVENESS}
    assert bool(detail_expected(measure, measure.scopes[0], "")) == (measure in needs_name)


@pytest.mark.parametrize(
    ("measure", "kind", "detail"),
    [
        (Measure.STRESS_LOSS, ScopeKind.SECTOR, "oil −30 %"),
        (Measure.HEDGE_EFFECTIVENESS, ScopeKind.BOOK, "A/B"),
        (Measure.TOP_N_WEIGHT, ScopeKind.BOOK, "1000"),
        (Measure.TRAILING_LOSS, ScopeKind.BOOK, "500"),
        (Measure.DRAWDOWN, ScopeKind.BOOK, "start"),
        (Measure.VAR, ScopeKind.SECTOR, "historical"),
        (Measure.ES, ScopeKind.BOOK, "monte carlo t"),
    ],
)
def test_that_a_right_detail_asks_for_nothing_else(measure: Measure, kind: ScopeKind, detail: str) -> None:
    assert detail_expected(measure, kind, detail) == ""


@pytest.mark.parametrize(
    ("measure", "kind", "detail", "words"),
    [
        (Measure.TOP_N_WEIGHT, ScopeKind.BOOK, "0", "how many positions, 1 to 1000"),
        (Measure.TOP_N_WEIGHT, ScopeKind.BOOK, "1001", "how many positions"),
        (Measure.TOP_N_WEIGHT, ScopeKind.BOOK, "9" * 5_000, "how many positions"),
        (Measure.TRAILING_LOSS, ScopeKind.BOOK, "٣", "how many days"),
        (Measure.DRAWDOWN, ScopeKind.BOOK, "week", "one of high_water_mark, day, month, start"),
        (Measure.VAR, ScopeKind.BOOK, "magic", "one of historical, ewma"),
        (Measure.VAR, ScopeKind.TAG, "ewma", "historical or nothing"),
        (Measure.HHI, ScopeKind.BOOK, "x", "nothing: the measure hhi has no detail"),
    ],
)
def test_that_a_wrong_detail_is_told_what_was_expected(
    measure: Measure, kind: ScopeKind, detail: str, words: str
) -> None:
    assert words in detail_expected(measure, kind, detail)
