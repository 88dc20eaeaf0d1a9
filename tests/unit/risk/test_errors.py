"""Refusals: one name catches them all, and each carries what was and what was needed."""

from plimsoll.risk import errors
from plimsoll.risk.errors import InsufficientHistory, RiskInputError


def test_that_one_name_catches_every_refusal() -> None:
    refusals = [value for value in vars(errors).values() if isinstance(value, type)]
    assert len(refusals) == 9 + 1
    assert all(issubclass(refusal, RiskInputError) for refusal in refusals)
    assert issubclass(RiskInputError, ValueError)


def test_that_too_short_a_history_says_how_short() -> None:
    short = InsufficientHistory("too few", n_observations=3, n_needed=5)
    assert (str(short), short.n_observations, short.n_needed) == ("too few", 3, 5)
