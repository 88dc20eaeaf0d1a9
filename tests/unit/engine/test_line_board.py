"""Places come and go with the members of limits."""

from typing import cast

import numpy as np

from plimsoll.domain.limit import Limit, LimitState, Measure, Severity
from plimsoll.engine.limit_reading import BoardReading, Doubt, Layout
from plimsoll.engine.line_board import LineBoard
from plimsoll.engine.measurement import Measurement

LIMIT = Limit("l", "Size", Measure.POSITION_SIZE, 1.0, Severity.HIGH)
NOTHING = cast("Measurement", None)


def layout(members: tuple[str, ...]) -> Layout:
    return Layout((LIMIT,), (members,), (0, len(members)))


def reading(of: Layout, *, is_trusted: bool = True) -> BoardReading:
    n_rows = of.starts[-1]
    value, trusted = np.full(n_rows, 0.5), np.full(n_rows, is_trusted)
    return BoardReading(of, NOTHING, value, value, trusted, np.full(n_rows, Doubt.NONE, dtype=np.uint8))


def test_that_the_places_are_laid_out_anew_only_with_another_layout() -> None:
    board = LineBoard((LIMIT,))
    two = layout(("A", "B"))
    assert board.take(reading(two))
    assert not board.take(reading(two))
    assert board.take(reading(layout(("A", "B", "C"))))
    assert dict(board.places) == {("l", "A"): 0, ("l", "B"): 1, ("l", "C"): 2}


def test_that_no_limits_are_no_places() -> None:
    board = LineBoard(())
    assert board.statuses() == ()
    assert not board.beyond(board.worst).any()


def test_that_before_the_first_reading_every_limit_is_unknown() -> None:
    (status,) = LineBoard((LIMIT,)).statuses()
    assert status.state is LimitState.UNKNOWN


def test_that_untrusted_prices_are_named_where_the_reading_gives_no_reason() -> None:
    board = LineBoard((LIMIT,))
    board.take(reading(layout(("A",)), is_trusted=False))
    (status,) = board.statuses()
    assert (status.state, status.reason) == (LimitState.UNKNOWN, "prices are stale")
