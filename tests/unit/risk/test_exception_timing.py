"""Clusters of exceptions against printed statistics."""

import numpy as np
import pytest

from plimsoll.risk.errors import InsufficientHistory, NotFinite, OutOfRange, RiskInputError, ShapeMismatch
from plimsoll.risk.exception_timing import christoffersen_independence, conditional_coverage, haas_tbf


def flags(*days: int, n_days: int = 250) -> np.ndarray:
    record = np.zeros(n_days, dtype=bool)
    record[[day - 1 for day in days]] = True
    return record


CLUSTERED = flags(10, 11, 12, 100, 200)


def test_that_days_and_their_transitions_give_the_same_answer() -> None:
    by_day = christoffersen_independence(CLUSTERED)
    assert by_day.transitions == (241, 3, 3, 2)
    assert by_day == christoffersen_independence(transitions=(241, 3, 3, 2))
    assert by_day.after_quiet == pytest.approx(3 / 244)
    assert by_day.after_exception == pytest.approx(2 / 5)


@pytest.mark.parametrize("record", [flags(), flags(250)])
def test_that_no_exception_before_the_last_day_is_no_evidence_of_clusters(record: np.ndarray) -> None:
    result = christoffersen_independence(record)
    assert (result.statistic, result.p_value, result.verdict) == (0.0, 1.0, "accept")
    assert result.after_exception == 0.0


def test_that_a_record_of_exceptions_only_is_no_evidence_of_clusters() -> None:
    result = christoffersen_independence([1, 1, 1])
    assert (result.statistic, result.after_quiet, result.after_exception) == (0.0, 0.0, 1.0)


def test_that_both_records_or_none_are_refused() -> None:
    with pytest.raises(ShapeMismatch):
        christoffersen_independence()
    with pytest.raises(ShapeMismatch):
        christoffersen_independence([1, 0], transitions=(1, 0, 0, 0))


def test_that_transitions_must_be_four_counts() -> None:
    with pytest.raises(ShapeMismatch):
        christoffersen_independence(transitions=(1, 2, 3))  # type: ignore[arg-type]
    with pytest.raises(OutOfRange):
        christoffersen_independence(transitions=(1, 2, 3, -1))


def test_that_one_day_has_no_pair() -> None:
    with pytest.raises(InsufficientHistory):
        christoffersen_independence([1])
    with pytest.raises(InsufficientHistory):
        conditional_coverage([0], confidence=0.99)


@pytest.mark.parametrize(
    ("bad", "error"),
    [
        ([0.0, 2.0], OutOfRange),
        ([0.0, np.nan], NotFinite),
        ([[0, 1]], ShapeMismatch),
        ([], InsufficientHistory),
    ],
)
def test_that_a_record_of_other_things_than_flags_is_refused(
    bad: object, error: type[RiskInputError]
) -> None:
    with pytest.raises(error):
        haas_tbf(bad, confidence=0.99)  # type: ignore[arg-type]


def test_that_coverage_adds_the_proportion_on_all_days_to_independence_on_the_pairs() -> None:
    result = conditional_coverage(CLUSTERED, confidence=0.99)
    assert result.proportion_statistic == pytest.approx(1.9568, abs=5e-5)
    assert result.independence_statistic == pytest.approx(9.8947, abs=5e-5)
    assert result.statistic == result.proportion_statistic + result.independence_statistic
    assert (result.degrees_of_freedom, result.verdict) == (2, "reject")


def test_that_haas_counts_the_first_gap_from_the_start() -> None:
    result = haas_tbf(CLUSTERED, confidence=0.99)
    assert result.gaps == (10, 1, 1, 88, 100)
    assert result.independence_p_value == pytest.approx(0.00070, abs=5e-6)
    assert result.p_value == pytest.approx(0.00071, abs=5e-6)


def test_that_haas_without_an_exception_rests_on_the_proportion_alone() -> None:
    result = haas_tbf(flags(), confidence=0.99)
    assert (result.independence_statistic, result.independence_p_value) == (0.0, 1.0)
    assert result.statistic == pytest.approx(5.0252, abs=5e-5)
    assert result.degrees_of_freedom == 1
