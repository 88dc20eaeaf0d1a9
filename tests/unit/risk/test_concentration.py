from collections.abc import Callable

import numpy as np
import pytest

from plimsoll.risk.concentration import (
    effective_number,
    gross_weights,
    herfindahl,
    normalised_herfindahl,
    risk_concentration,
)
from plimsoll.risk.errors import InsufficientHistory, NotFinite, NotPositive


def test_that_a_neutral_pair_is_two_equal_names_and_not_a_division_by_zero() -> None:
    assert herfindahl([50.0, -50.0]) == 0.5
    assert effective_number([50.0, -50.0]) == 2.0
    assert normalised_herfindahl([50.0, -50.0]) == 0.0


def test_that_a_single_name_is_fully_concentrated() -> None:
    assert herfindahl([-3.0]) == 1.0
    assert normalised_herfindahl([-3.0]) == 1.0


def test_that_weights_neither_underflow_nor_overflow() -> None:
    assert gross_weights([1e-320, 1e-320]).tolist() == [0.5, 0.5]
    assert gross_weights([1e308, -1e308]).tolist() == [0.5, 0.5]


def test_that_equal_lines_have_a_normalised_index_of_zero_at_every_count() -> None:
    for n_lines in range(2, 200):
        assert normalised_herfindahl(np.full(n_lines, 0.1)) == pytest.approx(0.0, abs=1e-15)
        assert normalised_herfindahl(np.full(n_lines, 0.1)) >= 0.0


@pytest.mark.parametrize("measure", [herfindahl, effective_number, normalised_herfindahl, risk_concentration])
def test_that_an_empty_a_flat_and_a_broken_book_are_refused_by_name(measure: Callable[..., object]) -> None:
    with pytest.raises(InsufficientHistory, match="no entry"):
        measure([])
    with pytest.raises(NotPositive):
        measure([0.0, 0.0])
    with pytest.raises(NotFinite):
        measure([1.0, np.nan])


def test_that_a_book_of_diversifiers_alone_has_no_risk_concentration() -> None:
    with pytest.raises(NotPositive, match="adds risk"):
        risk_concentration([-1.0, -2.0])


def test_that_diversifiers_stand_apart_from_the_shares_of_risk() -> None:
    result = risk_concentration([30.0, -5.0, 10.0, 0.0])
    assert result.herfindahl == pytest.approx(0.75**2 + 0.25**2)
    assert result.effective_number == pytest.approx(1.6)
    assert result.normalised == pytest.approx(0.25)
    assert (result.adding, result.diversifying, result.diversifiers) == (40.0, -5.0, (1,))
