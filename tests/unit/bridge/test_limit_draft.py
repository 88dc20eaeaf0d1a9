from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plimsoll.bridge.limit_draft import FIELDS, draft_of, line_text, texts_of
from plimsoll.domain.limit import Limit, Measure, Scope, ScopeKind, Severity, Unit

VAR = Limit("var", "VaR of NAV", Measure.VAR_FRACTION, 0.0175, Severity.HIGH, owner="ana")
LOSS = Limit("loss", "Loss", Measure.DAILY_LOSS, 250_000.0, Severity.CRITICAL)


@given(
    st.sampled_from(list(Measure)),
    st.integers(1, 99_999).map(lambda number: number / 100_000),
    st.integers(1, 100).map(lambda number: number / 100),
    st.integers(0, 3600),
)
def test_that_a_limit_typed_as_it_is_written_is_the_same_limit(
    measure: Measure, line: float, warning: float, seconds: int
) -> None:
    details = {
        Measure.STRESS_LOSS: "crash",
        Measure.STRESS_LOSS_FRACTION: "crash",
        Measure.HEDGE_EFFECTIVENESS: "a/b",
    }
    limit = Limit(
        "any-1",
        "Any",
        measure,
        line,
        Severity.MEDIUM,
        Scope(measure.scopes[0]),
        warning_fraction=warning,
        confirm_s=float(seconds),
        detail=details.get(measure, ""),
        effective_until="2026-12-01T00:00:00Z",
    )
    assert set(texts_of(limit)) == set(FIELDS)
    assert draft_of(texts_of(limit), {}, is_new=True).limit == limit


@pytest.mark.parametrize(
    ("measure", "text", "line"),
    [
        (Measure.VAR_FRACTION, "1.75", 0.0175),
        (Measure.VAR_FRACTION, "1.75 %", 0.0175),
        (Measure.DAILY_LOSS, "250,000", 250_000.0),
        (Measure.DAILY_LOSS, "$1.5m", 1_500_000.0),
        (Measure.DAILY_LOSS, "250 k", 250_000.0),
        (Measure.GROSS_LEVERAGE, "2.5×", 2.5),
        (Measure.DAYS_TO_EXIT, "5 d", 5.0),
        (Measure.HHI, "0.25", 0.25),
    ],
)
def test_that_a_line_is_typed_in_the_unit_of_its_measure(measure: Measure, text: str, line: float) -> None:
    texts = texts_of(LOSS) | {"measure": str(measure), "line": text}
    limit = draft_of(texts, {}, is_new=False).limit
    assert limit is not None
    assert limit.line == line


@pytest.mark.parametrize(
    ("field", "text", "words"),
    [
        ("id", "Has Capitals", "a short name of small letters"),
        ("name", "", "what the trader calls it"),
        ("measure", "luck", "one of var"),
        ("line", "", "a share in per cent above 0, like 1.75"),
        ("line", "much", "a share in per cent above 0, like 1.75"),
        ("line", "1.2.3", "a share in per cent above 0, like 1.75"),
        ("line", "-3", "a share in per cent above 0, like 1.75"),
        ("line", "0", "above 0 %"),
        ("line", "130", "above 0 and at most 100 %"),
        ("warning_fraction", "101", "above 0 and at most 100 %"),
        ("reset_fraction", "most", "a share in per cent, like 80"),
        ("confirm_updates", "2.5", "a whole number of updates, like 3"),
        ("confirm_updates", "4", "at most confirm_of, which is 1"),
        ("confirm_s", "soon", "seconds, like 60"),
        ("detail", "luck", "one of historical, ewma"),
        ("member", "Energy", "nothing: the book has no members"),
        ("effective_from", "tomorrow", "an instant in UTC"),
        ("next_review", "31.12.2026", "a day in quotes, like 2026-11-23"),
        ("stands_in_for", "nobody", "the id of an official limit"),
    ],
)
def test_that_a_wrong_field_has_its_own_complaint(field: str, text: str, words: str) -> None:
    draft = draft_of(texts_of(VAR) | {field: text}, {"var": VAR}, is_new=False)
    assert draft.limit is None
    assert list(draft.complaints) == [field]
    assert words in draft.complaints[field]


def test_that_every_wrong_field_is_named_at_once() -> None:
    texts = texts_of(VAR) | {"id": "?", "line": "much", "warning_fraction": "0", "next_review": "soon"}
    draft = draft_of(texts, {}, is_new=True)
    assert set(draft.complaints) == {"id", "line", "warning_fraction", "next_review"}


def test_that_a_new_limit_needs_an_id_of_its_own() -> None:
    known = {"var": VAR}
    assert "no other limit" in draft_of(texts_of(VAR), known, is_new=True).complaints["id"]
    assert draft_of(texts_of(VAR), known, is_new=False).limit == VAR


def test_that_a_temporary_limit_needs_an_end_and_a_like_one() -> None:
    twin = replace(VAR, limit_id="var-tmp", stands_in_for="var")
    known = {"var": VAR, "loss": LOSS}
    assert "effective_until" in draft_of(texts_of(twin), known, is_new=True).complaints
    ended = replace(twin, effective_until="2026-12-01T00:00:00Z")
    assert draft_of(texts_of(ended), known, is_new=True).limit == ended
    other = replace(ended, scope=Scope(ScopeKind.SECTOR))
    assert "same measure" in draft_of(texts_of(other), known, is_new=True).complaints["stands_in_for"]


def test_that_a_line_is_written_to_its_last_digit() -> None:
    assert line_text(0.0175, Unit.FRACTION) == "1.75"
    assert line_text(250_000.0, Unit.MONEY) == "250,000"
    assert line_text(0.1, Unit.FRACTION) == "10"
    assert line_text(2.5, Unit.RATIO) == "2.5"
