"""The arrays say of every member what its limit would say of it alone."""

import math
from typing import cast

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from plimsoll.domain.limit import Limit, LimitState, Measure, Severity
from plimsoll.engine.limit_reading import BoardReading, Doubt, Layout
from plimsoll.engine.line_board import LineBoard
from plimsoll.engine.measurement import Measurement

VALUES = st.one_of(
    st.sampled_from((math.nan, math.inf)),
    st.floats(-3.0, 3.0),
    st.sampled_from((0.0, 0.5, 0.8, 0.95, 1.0, 2.0)),
)
ROWS = st.lists(st.tuples(VALUES, st.booleans()), max_size=4)
MEASURES = st.sampled_from((Measure.VAR, Measure.NET_WEIGHT, Measure.MARGIN_CUSHION))
LIMITS = st.lists(st.tuples(MEASURES, st.sampled_from((0.5, 1.0)), ROWS), max_size=5)
Drawn = list[tuple[Measure, float, list[tuple[float, bool]]]]


def board_of(drawn: Drawn) -> tuple[LineBoard, BoardReading]:
    limits = tuple(
        Limit(f"l{number}", "limit", measure, line, Severity.HIGH)
        for number, (measure, line, _) in enumerate(drawn)
    )
    members = tuple(tuple(map(str, range(len(rows)))) for _, _, rows in drawn)
    starts = tuple(np.cumsum([0, *map(len, members)]).tolist())
    flat = [row for _, _, rows in drawn for row in rows]
    value = np.array([value for value, _ in flat], dtype=np.float64)
    trusted = np.array([is_trusted for _, is_trusted in flat], dtype=np.bool_)
    doubt = np.full(len(flat), Doubt.UNPRICED, dtype=np.uint8)
    nothing_measured = cast("Measurement", None)
    layout = Layout(limits, members, starts)
    reading = BoardReading(layout, nothing_measured, value, value, trusted, doubt)
    board = LineBoard(limits)
    board.take(reading)
    return board, reading


@given(LIMITS)
def test_that_beyond_and_below_are_what_each_limit_says(drawn: Drawn) -> None:
    board, readings = board_of(drawn)
    beyond, below = board.beyond(board.worst), board.below()
    for limit, reading in zip(board.limits, readings, strict=True):
        for member, value, is_trusted in zip(reading.members, reading.value, reading.is_trusted, strict=True):
            place = board.places[(limit.limit_id, member)]
            assert board.key_at(place) == (limit.limit_id, member)
            assert beyond[place] == limit.is_crossed_by(float(value))
            is_known = bool(is_trusted) and not math.isnan(value)
            assert below[place] == (is_known and limit.use_of(float(value)) < limit.reset_fraction)


@given(LIMITS)
def test_that_a_limit_is_as_bad_as_its_worst_member_and_unknown_if_any_is_and_none_is_over(
    drawn: Drawn,
) -> None:
    board, readings = board_of(drawn)
    statuses = board.statuses()
    assert len(statuses) == len(drawn)
    for limit, reading, status in zip(board.limits, readings, statuses, strict=True):
        known = [float(value) for value in reading.value if not math.isnan(value)]
        is_sure = len(known) == len(reading.value) > 0 and bool(reading.is_trusted.all())
        if any(limit.is_crossed_by(value) for value in known):
            expected = LimitState.OVER
        elif not is_sure:
            expected = LimitState.UNKNOWN
        else:
            expected = max((limit.state_of(value) for value in known), key=list(LimitState).index)
        assert status.state is expected
        if known:
            assert not any(limit.is_worse(value, status.value) for value in known)
        if status.state is LimitState.UNKNOWN:
            assert status.reason == ("a price is missing" if reading.members else "nothing is held there")
            assert math.isnan(status.use_fraction)
        else:
            assert status.use_fraction == limit.use_of(status.value)


@given(LIMITS)
def test_that_a_limit_is_known_if_any_member_is(drawn: Drawn) -> None:
    board, readings = board_of(drawn)
    assert board.is_known().tolist() == [bool((~np.isnan(reading.value)).any()) for reading in readings]
