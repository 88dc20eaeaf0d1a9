"""Places come and go with the members of limits."""

import numpy as np

from plimsoll.domain.limit import Limit, LimitState, Measure, Severity
from plimsoll.engine.limit_gauge import LimitReading
from plimsoll.engine.line_board import LineBoard

LIMIT = Limit("l", "Size", Measure.POSITION_SIZE, 1.0, Severity.HIGH)


def reading(members: tuple[str, ...], reason: str = "") -> LimitReading:
    value = np.linspace(0.1, 2.0, len(members))
    return LimitReading(members, value, value, np.ones(len(members), dtype=np.bool_), reason)


def test_that_the_places_are_laid_out_anew_only_when_members_change() -> None:
    board = LineBoard((LIMIT,))
    members = ("A", "B")
    assert board.take((reading(members),))
    assert not board.take((reading(members),))
    assert board.take((reading(("A", "B", "C")),))
    assert dict(board.places) == {("l", "A"): 0, ("l", "B"): 1, ("l", "C"): 2}


def test_that_no_limits_are_no_places() -> None:
    board = LineBoard(())
    assert not board.take(())
    assert board.statuses() == ()
    assert not board.beyond(board.worst).any()


def test_that_untrusted_prices_are_named_where_the_reading_gives_no_reason() -> None:
    board = LineBoard((LIMIT,))
    stale = LimitReading(("A",), np.array([0.5]), np.array([0.5]), np.zeros(1, dtype=np.bool_), "")
    board.take((stale,))
    (status,) = board.statuses()
    assert (status.state, status.reason) == (LimitState.UNKNOWN, "prices are stale")
