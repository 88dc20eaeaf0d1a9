"""The nearest positive semidefinite matrix: Higham's example, and no repair where none is needed."""

import math

import numpy as np
import pytest

from plimsoll.risk import psd_repair
from plimsoll.risk.errors import NotConverged, NotPositive, ShapeMismatch
from plimsoll.risk.psd_repair import nearest_psd

HIGHAM = np.array([[1.0, 1, 0], [1, 1, 1], [0, 1, 1]])


def test_that_a_clip_reports_the_eigenvalue_it_clipped() -> None:
    # Eigenvalues of Higham's matrix: 1 − √2, 1, 1 + √2.
    repair = nearest_psd(HIGHAM)
    assert repair.clipped == pytest.approx([1 - math.sqrt(2)])
    assert repair.n_clipped == 1
    assert repair.is_changed
    assert repair.distance == pytest.approx(math.sqrt(2) - 1)
    assert np.linalg.eigvalsh(repair.matrix) == pytest.approx([0.0, 1.0, 1 + math.sqrt(2)], abs=1e-12)


def test_that_an_entry_too_small_to_square_spoils_no_eigenvalue() -> None:
    speck = np.zeros((4, 4))
    speck[0, 1] = speck[1, 0] = 6.9e-162
    speck[1, 2] = speck[2, 1] = 0.1875
    repair = nearest_psd(speck)
    assert repair.clipped == pytest.approx([-0.1875])
    assert repair.distance == pytest.approx(0.1875)


def test_that_a_covariance_is_returned_to_the_last_bit() -> None:
    good = np.cov(np.random.default_rng(0).normal(size=(3, 50)))
    repair = nearest_psd(good)
    assert not repair.is_changed
    assert repair.distance == 0.0
    assert (repair.matrix == good).all()


def test_that_a_singular_matrix_needs_no_repair() -> None:
    assert nearest_psd(np.ones((4, 4))).n_clipped == 0


def test_that_keeping_the_diagonal_keeps_the_variances() -> None:
    deviation = np.array([0.01, 0.5, 3.0])
    repair = nearest_psd(HIGHAM * np.outer(deviation, deviation), keep_diagonal=True)
    assert np.diag(repair.matrix) == pytest.approx(deviation**2, rel=1e-12)
    correlation = repair.matrix / np.outer(deviation, deviation)
    assert correlation[0, 1] == pytest.approx(0.7607, abs=5e-5)
    assert np.linalg.eigvalsh(repair.matrix)[0] > -1e-12


def test_that_a_variance_of_zero_cannot_be_kept() -> None:
    with pytest.raises(NotPositive, match="diagonal"):
        nearest_psd([[0.0, 1.0], [1.0, 1.0]], keep_diagonal=True)


def test_that_projections_that_do_not_settle_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(psd_repair, "_MOST_ROUNDS", 2)
    with pytest.raises(NotConverged, match="did not settle"):
        nearest_psd(HIGHAM, keep_diagonal=True)


def test_that_a_lopsided_matrix_is_refused() -> None:
    with pytest.raises(ShapeMismatch, match="symmetric"):
        nearest_psd([[1.0, 2.0], [0.0, 1.0]])


def test_that_no_matrix_at_all_needs_no_repair() -> None:
    assert nearest_psd(np.zeros((0, 0))).n_clipped == 0
