"""A score keeps the unknown unknown, and tells when too few were scored."""

import math

import pytest

from plimsoll.domain.proposal_standing import ProposalState
from plimsoll.domain.score import FEW, Horizon, HorizonScore, ProposalScore, Scoreboard, Tally, tallies

NAN = math.nan


def score(state: ProposalState, *worth: tuple[float, float], person: str = "ana") -> ProposalScore:
    horizons = tuple(
        HorizonScore(horizon, 0, acted, plan) for horizon, (acted, plan) in zip(Horizon, worth, strict=False)
    )
    return ProposalScore("P", "B", "L", "Limit", "cut", state, person, "", "", 0, 0, 0.0, 0.0, horizons)


def test_that_the_newest_known_horizon_is_the_longest_one_with_a_figure() -> None:
    both = score(ProposalState.APPROVED, (1.0, 2.0), (3.0, 4.0), (NAN, NAN))
    assert both.newest_known is both.horizons[1]
    assert score(ProposalState.APPROVED, (NAN, NAN)).newest_known is None
    left = score(ProposalState.REJECTED, (0.0, 2.0), (0.0, NAN))
    assert left.newest_known is left.horizons[0]


def test_that_doing_is_measured_against_nothing_and_not_doing_against_the_plan() -> None:
    assert score(ProposalState.CHANGED, (5.0, 7.0)).decision_base(Horizon.HOUR) == 5.0
    assert score(ProposalState.REJECTED, (0.0, 7.0)).decision_base(Horizon.HOUR) == -7.0


def test_that_a_tally_counts_the_known_alone() -> None:
    done = ProposalState.APPROVED
    (tally,) = tallies(
        [score(done, (3.0, 1.0)), score(done, (-1.0, NAN)), score(done, (NAN, NAN))],
        Horizon.HOUR,
        lambda _: "x",
    )
    assert (tally.n, tally.n_known, tally.n_hits, tally.total_base) == (3, 2, 1, 2.0)
    assert (tally.mean_base, tally.n_against, tally.mean_against_base) == (1.0, 1, 2.0)
    assert tally.hit_fraction == 0.5


@pytest.mark.parametrize(("n", "is_few"), [(FEW - 1, True), (FEW, False)])
def test_that_few_are_called_few(n: int, is_few: bool) -> None:
    assert Tally("x", n, n, 0, 0.0, 0, NAN).is_few is is_few


def test_that_nothing_known_has_no_mean_and_no_rate() -> None:
    empty = Tally("x", 2, 0, 0, NAN, 0, NAN)
    assert math.isnan(empty.hit_fraction)
    assert math.isnan(empty.mean_base)
    assert math.isnan(empty.mean_against_base)


def test_that_a_board_is_added_up_by_rule_and_by_person() -> None:
    done = ProposalState.APPROVED
    board = Scoreboard((score(done, (1.0, 1.0)), score(done, (2.0, 1.0), person="bo")))
    assert [tally.name for tally in board.by_rule(Horizon.HOUR)] == ["Limit"]
    assert [tally.name for tally in board.by_person(Horizon.HOUR)] == ["ana", "bo"]
