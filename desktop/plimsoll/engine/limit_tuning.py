"""What a limit makes of a path: warnings, breaches and what acting on them would have cost and saved.

By the rules of `limit_watch`, with one look a day: a value is judged at its close and stands until the next,
so that easing, cool-down and confirmation by time run on in between; n of m updates are closes.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from plimsoll.domain.limit import Limit
from plimsoll.domain.response_policy import PAST_LOSSES
from plimsoll.domain.tuning import MeasurePath, PastCrossings, Tuning
from plimsoll.domain.units import NS_PER_S
from plimsoll.engine.limit_watch import EASE_AFTER_NS

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
IntArray = NDArray[np.int64]

DAY_NS = 24 * 3600 * NS_PER_S
LOSS_CUT = 0.5
"""What is sold of each position where the loss is past and no cut brings it under its line."""
_BELOW, _BETWEEN, _OVER = 0, 1, 2


def tuned(path: MeasurePath, limit: Limit) -> Tuning:
    """Return what a limit would have done over a path.

    Each breach is acted on once, at the close that raises it: every position of the member is cut by the
    share that brings the measure to its line (by `LOSS_CUT` where it is a loss of the past), and bought back
    at the close that ends the breach; each trade pays half the spread. The path itself stays as it is.

    Parameters
    ----------
    path : MeasurePath
        Of the limit's measure.
    limit : Limit
        With the line, warning, reset, confirmation and cool-down to try.
    """
    values = path.values
    if not values.size:
        return Tuning(len(path.days), 0, 0, 0, _crossings(path, limit, []))
    use, beyond = _use(values, limit), _beyond(values, limit)
    near = beyond | (use >= limit.warning_fraction)
    came_near = near & ~np.vstack([np.zeros_like(near[:1]), near[:-1]])
    believed = beyond & _often(beyond, ~np.isnan(values), limit) & _lasting(beyond, values, path.days, limit)
    mark = np.where(believed, _OVER, np.where(use < limit.reset_fraction, _BELOW, _BETWEEN))
    mark[np.isnan(values)] = _BETWEEN
    found = [
        (member, *breach)
        for member in np.flatnonzero(believed.any(axis=0)).tolist()
        for breach in _breaches(mark[:, member], path.days, limit)
    ]
    return Tuning(
        n_days=len(path.days),
        n_warnings=int(came_near.sum()),
        n_warning_days=int(near.any(axis=1).sum()),
        n_over_days=int(beyond.any(axis=1).sum()),
        crossings=_crossings(path, limit, found),
    )


def _beyond(values: FloatArray, limit: Limit) -> BoolArray:
    """Return what `Limit.is_crossed_by` does; NaN is not beyond."""
    found: BoolArray = values < limit.line if limit.measure.is_floor else values > limit.line
    return found


def _use(values: FloatArray, limit: Limit) -> FloatArray:
    """Return what `Limit.use_of` does; NaN stays NaN."""
    if not limit.measure.is_floor:
        return np.maximum(values, 0.0) / limit.line
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(values <= 0.0, np.inf, limit.line / values)


def _often(beyond: BoolArray, is_known: BoolArray, limit: Limit) -> BoolArray:
    """Return where n of the last m known closes were beyond, as `Confirmation` counts updates."""
    wanted = limit.confirm_updates
    size = max(limit.confirm_of, wanted)
    found = np.ones_like(beyond)
    if size <= 1:
        return found
    for member in range(beyond.shape[1]):
        rows = np.flatnonzero(is_known[:, member])
        n_beyond = np.concatenate([[0], np.cumsum(beyond[rows, member])])
        first = np.maximum(np.arange(len(rows)) + 1 - size, 0)
        found[rows, member] = n_beyond[1:] - n_beyond[first] >= wanted
    return found


def _lasting(beyond: BoolArray, values: FloatArray, days: IntArray, limit: Limit) -> BoolArray:
    """Return where a value has been beyond, and stands so until the next close, for as long as is asked.

    As in `Confirmation` the unknown neither begins nor ends the time.
    """
    if limit.confirm_s <= 0.0:
        return np.ones_like(beyond)
    place = np.arange(len(days))[:, None]
    back = np.maximum.accumulate(np.where(~beyond & ~np.isnan(values), place, -1), axis=0)
    ahead = np.minimum.accumulate(np.where(beyond, place, len(days) - 1)[::-1], axis=0)[::-1]
    since = np.take_along_axis(ahead, np.minimum(back + 1, len(days) - 1), axis=0)
    stands_ns = (_until(days)[:, None] - days[since]) * DAY_NS
    lasted: BoolArray = stands_ns >= limit.confirm_s * NS_PER_S
    return lasted


def _until(days: IntArray) -> IntArray:
    """Return the day of the next close, shape (n_days,): until then a value stands."""
    return np.append(days[1:], days[-1] + 1)


def _runs(mark: NDArray[np.int64]) -> Iterator[tuple[int, int, int]]:
    """Yield (mark, first row, first row of the next run) of a column."""
    edges = np.flatnonzero(np.diff(mark)) + 1
    starts = [0, *edges.tolist()]
    ends = [*edges.tolist(), len(mark)]
    for start, end, kind in zip(starts, ends, mark[starts].tolist(), strict=True):
        yield kind, start, end


def _breaches(mark: NDArray[np.int64], days: IntArray, limit: Limit) -> Iterator[tuple[int, int, bool]]:
    """Yield the row that raises each breach, the row whose standing value ends it, and whether any does.

    Below its reset level for `EASE_AFTER_NS` a breach eases; it closes once eased for its cool-down, and
    below it then. Over its line again in between it is the same breach.
    """
    cool_down_ns = limit.cool_down_s * NS_PER_S
    until_ns = _until(days) * DAY_NS
    raised: int | None = None
    eased_row: int | None = None
    eased_ns = 0
    for kind, start, end in _runs(mark):
        if kind == _OVER:
            raised = start if raised is None else raised
            eased_row = None
        elif kind == _BELOW and raised is not None:
            begin_ns, end_ns = int(days[start]) * DAY_NS, int(until_ns[end - 1])
            if eased_row is None and end_ns - begin_ns >= EASE_AFTER_NS:
                eased_row, eased_ns = start, begin_ns + EASE_AFTER_NS
            if eased_row is not None and max(eased_ns + cool_down_ns, begin_ns) < end_ns:
                yield raised, eased_row, True
                raised = eased_row = None
    if raised is not None:
        yield raised, len(days) - 1 if eased_row is None else eased_row, eased_row is not None


def _crossings(path: MeasurePath, limit: Limit, found: list[tuple[int, int, int, bool]]) -> PastCrossings:
    """Return breaches with what acting on them would have cost and saved."""
    table = np.array(found, dtype=np.int64).reshape(len(found), 4)
    member, raised, over, is_over = table.T
    cut = _cut(path.values[raised, member], limit) if len(table) else np.empty(0)
    earned = np.vstack([np.zeros_like(path.pnl[:1]), np.cumsum(path.pnl, axis=0)])
    # The day of the close that raises it was lost already; the next is the first that the cut changes.
    since = earned[over + 1, member] - earned[raised + 1, member] if len(table) else np.empty(0)
    return PastCrossings(
        member=member,
        raised_day=path.days[raised],
        over_day=path.days[over],
        is_over=is_over.astype(np.bool_),
        cut_fraction=cut,
        cost_base=cut * (1 + is_over) * path.exit_cost_base[member],
        saved_base=-cut * since,
    )


def _cut(values: FloatArray, limit: Limit) -> FloatArray:
    """Return the share of each position whose sale brings a measure to its line."""
    if limit.measure in PAST_LOSSES:
        return np.full(len(values), LOSS_CUT)
    ratio = values / limit.line if limit.measure.is_floor else limit.line / values
    return np.clip(1.0 - ratio, 0.0, 1.0)
