"""Coverage and groups: what a total rests on, and who belongs where."""

import numpy as np
import pytest
from numpy.typing import NDArray

from fakes.trading_desk import MASTER, MIXED, book_of
from plimsoll.domain.limit import ScopeKind
from plimsoll.domain.snapshot import Coverage, PositionState
from plimsoll.engine.measurement import coverage_of, groups_of
from plimsoll.engine.universe import universe_of

PRICED, STALE, MISSING = PositionState.PRICED, PositionState.STALE, PositionState.UNPRICEABLE


def flags(*values: bool) -> NDArray[np.bool_]:
    return np.array(values, dtype=np.bool_)


def test_that_coverage_is_shares_of_gross_and_the_unpriced_lower_it_by_their_number() -> None:
    value = np.array([300.0, -100.0, np.nan, 100.0])
    state = np.array([PRICED, STALE, MISSING, PRICED], dtype=np.uint8)
    found = coverage_of(value, state, flags(True, True, True, False), flags(False, False, False, True))
    assert found == Coverage(
        priced_fraction=0.75,
        fresh_fraction=pytest.approx(0.75 * 0.8),
        history_fraction=pytest.approx(0.75 * 0.8),
        proxy_fraction=pytest.approx(0.2),
        n_positions=4,
        n_stale=1,
        n_unpriceable=1,
        n_without_history=1,
    )


def test_that_an_empty_book_is_wholly_covered() -> None:
    none = np.empty(0)
    assert coverage_of(none, none.astype(np.uint8), flags(), flags()) == Coverage(1.0, 1.0, 1.0)


def test_that_a_book_of_closed_positions_is_covered_by_their_number() -> None:
    found = coverage_of(
        np.zeros(2), np.array([PRICED, STALE], dtype=np.uint8), flags(True, False), flags(False, False)
    )
    assert (found.fresh_fraction, found.history_fraction) == (0.5, 0.5)


def test_that_a_pair_stands_in_both_its_currencies_with_opposite_signs() -> None:
    universe = universe_of(book_of({"USDJPY": (1, 110.0), "AAPL.US": (1, 1.0)}), MASTER)
    groups = groups_of(universe)[ScopeKind.CURRENCY]
    net, gross = groups.totals(np.array([100.0, 50.0]))
    assert dict(zip(groups.labels, zip(net, gross, strict=True), strict=True)) == {
        "USD": (150.0, 150.0),
        "JPY": (-100.0, 100.0),
    }


def test_that_the_unclassified_stand_under_their_own_code_never_in_one_bucket() -> None:
    held = dict.fromkeys(("SPIN.US", "BTCUSDT", "GOLD"), (1.0, 1.0))
    groups = groups_of(universe_of(book_of(held), MASTER))
    assert groups[ScopeKind.SECTOR].labels == ("SPIN.US", "Digital Assets", "Metals")
    assert groups[ScopeKind.COUNTRY].labels == ("SPIN.US", "BTCUSDT", "GOLD")


def test_that_every_grouping_accounts_for_the_whole_book() -> None:
    universe = universe_of(book_of(MIXED), MASTER)
    value = np.arange(1.0, len(MIXED) + 1)
    for kind, groups in groups_of(universe).items():
        net, gross = groups.totals(value)
        if kind not in {ScopeKind.CURRENCY, ScopeKind.TAG}:
            assert net.sum() == pytest.approx(value.sum())
            assert gross.sum() == pytest.approx(value.sum())


def test_that_a_group_is_flagged_by_any_of_its_members() -> None:
    groups = groups_of(
        universe_of(book_of({"AAPL.US": (1, 1.0), "0700.HK": (1, 1.0), "XOM.US": (1, 1.0)}), MASTER)
    )
    assert groups[ScopeKind.SECTOR].any_of(flags(False, True, False)).tolist() == [True, False]
