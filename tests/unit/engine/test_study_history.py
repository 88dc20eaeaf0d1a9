"""Histories of several sources are merged so that no seam ever becomes a return."""

import numpy as np
import pytest

from plimsoll.domain.instrument import AssetClass, Instrument, Settlement
from plimsoll.engine.study_history import CloseColumns, StudyHistory, study_history

MONDAY = 4  # 1970-01-05
FUNDED = Settlement.FUNDED
MASTER = {
    code: Instrument(code, code, AssetClass.EQUITY, "USD", FUNDED, may_be_negative=code == "OIL")
    for code in ("A.US", "B.US", "OIL")
}
MASTER["USDTUSD"] = Instrument("USDTUSD", "Tether", AssetClass.FX, "USD", FUNDED, fixed_price=1.0)


def weekdays(first: int, n: int) -> list[int]:
    days = [day for day in range(first, first + 2 * n + 7) if (day + 3) % 7 < 5]
    return days[:n]


def columns(source: str, **closes: dict[int, float]) -> CloseColumns:
    codes = tuple(code.replace("_", ".") for code in closes)
    rows = [(number, day, close) for number, own in enumerate(closes.values()) for day, close in own.items()]
    index, days, values = zip(*rows, strict=True) if rows else ((), (), ())
    return CloseColumns(
        source,
        "as given",
        codes,
        np.array(days, dtype=np.int64),
        np.array(index, dtype=np.int64),
        np.array(values, dtype=np.float64),
    )


def merged(*sources: CloseColumns, held: tuple[str, ...] = ("A.US",)) -> StudyHistory:
    return study_history(sources, held, MASTER)


def test_that_the_earlier_source_counts_where_both_have_a_close() -> None:
    days = weekdays(MONDAY, 5)
    first = columns("own", A_US=dict.fromkeys(days, 10.0))
    second = columns("bundled", A_US=dict.fromkeys(days, 20.0))
    history = merged(first, second)
    assert history.closes[:, 0].tolist() == [10.0] * 5
    assert [part.source for part in history.parts] == ["own"]


def test_that_a_later_source_is_scaled_to_meet_the_earlier_one() -> None:
    days = weekdays(MONDAY, 40)
    new = columns("AllTick", A_US=dict.fromkeys(days[20:], 10.0))
    old = columns("bundled", A_US={day: 40.0 + n for n, day in enumerate(days[:25])})
    history = merged(new, old)
    scale = 10.0 / 60.0  # of the first day both have
    np.testing.assert_allclose(history.closes[:20, 0], [(40.0 + n) * scale for n in range(20)])
    assert not history.is_seam.any()
    assert np.isfinite(history.returns()[1:, 0]).all()
    older, newer = history.parts
    assert (older.source, older.scale, newer.scale) == ("bundled", pytest.approx(scale), 1.0)
    assert "times 0.166667 to meet its neighbour" in older.words


def test_that_a_later_source_may_follow_the_earlier_one() -> None:
    days = weekdays(MONDAY, 40)
    first = columns("own", A_US=dict.fromkeys(days[:20], 10.0))
    second = columns("bundled", A_US=dict.fromkeys(days[15:], 5.0))
    history = merged(first, second)
    assert history.closes[:, 0].tolist() == [10.0] * 40
    assert history.parts[1].scale == 2.0


def test_that_the_change_across_a_join_without_a_common_day_is_unknown() -> None:
    days = weekdays(MONDAY, 60)
    new = columns("AllTick", A_US=dict.fromkeys(days[40:], 10.0))
    old = columns("bundled", A_US=dict.fromkeys(days[:40], 40.0))
    history = merged(new, old)
    returns = history.returns()[:, 0]
    assert np.flatnonzero(~np.isfinite(returns)).tolist() == [0, 40]
    assert history.is_seam[40, 0]


def test_that_a_hole_of_years_between_two_parts_is_filled_with_seams_at_both_ends() -> None:
    days = weekdays(MONDAY, 90)
    own = columns("own", A_US={**dict.fromkeys(days[:30], 1.0), **dict.fromkeys(days[60:], 3.0)})
    other = columns("bundled", A_US=dict.fromkeys(days[31:59], 2.0))
    history = merged(own, other)
    values = history.closes[:, 0]
    assert set(values.tolist()) == {1.0, 2.0, 3.0}
    assert history.is_seam[:, 0].sum() == 2
    assert not np.isin(history.returns()[1:, 0], [1.0, 0.5]).any()


def test_that_a_part_that_begins_after_the_last_common_day_needs_no_seam() -> None:
    days = weekdays(MONDAY, 10)
    saturday = days[-1] + 15  # a Saturday long after the last weekday that has closes
    own = columns("own", A_US=dict.fromkeys(days, 1.0))
    history = merged(own, columns("bundled", A_US={saturday: 5.0}))
    assert history.days.tolist() == days
    assert not history.is_seam.any()


def test_that_prices_that_may_be_negative_are_joined_without_scaling() -> None:
    days = weekdays(MONDAY, 40)
    new = columns("AllTick", OIL=dict.fromkeys(days[20:], 10.0))
    old = columns("bundled", OIL={**dict.fromkeys(days[:20], -5.0), days[20]: 20.0})
    history = merged(new, old, held=("OIL",))
    assert history.closes[:20, 0].tolist() == [-5.0] * 20
    assert not history.is_seam.any()


def test_that_zero_and_undue_negative_closes_are_missing_ones() -> None:
    days = weekdays(MONDAY, 5)
    history = merged(
        columns(
            "own",
            A_US=dict(zip(days, (1.0, 0.0, -3.0, 2.0, 2.0), strict=True)),
            B_US=dict.fromkeys(days, 1.0),
        )
    )
    assert history.closes[:, 0].tolist() == [1.0, 1.0, 1.0, 2.0, 2.0]


def test_that_a_price_is_not_carried_beyond_the_end_of_its_series() -> None:
    days = weekdays(MONDAY, 8)
    history = merged(columns("own", A_US=dict.fromkeys(days[:6], 1.0), B_US=dict.fromkeys(days, 1.0)))
    assert np.isnan(history.closes[6:, 0]).all()
    assert np.isfinite(history.closes[:6, 0]).all()


def test_that_a_gap_of_one_code_takes_no_days_from_the_others() -> None:
    days = weekdays(MONDAY, 100)
    with_gap = dict.fromkeys((*days[:10], *days[90:]), 1.0)
    history = merged(
        columns("own", A_US=with_gap, OIL=with_gap, B_US=dict.fromkeys(days, 1.0)),
        held=("A.US", "B.US", "OIL"),
    )
    assert history.days.tolist() == days


def test_that_weekends_and_days_of_a_minority_are_no_days() -> None:
    days = weekdays(MONDAY, 10)
    some = dict.fromkeys([*days, days[4] + 1], 1.0)
    without = {day: 1.0 for day in days if day != days[6]}
    history = merged(columns("own", A_US=some, B_US=without, OIL=without))
    assert history.days.tolist() == [day for day in days if day != days[6]]


def test_that_a_fixed_price_holds_on_every_day() -> None:
    days = weekdays(MONDAY, 5)
    history = merged(columns("own", A_US=dict.fromkeys(days, 2.0)), held=("A.US", "USDTUSD"))
    assert history.closes[:, 1].tolist() == [1.0] * 5


def test_that_codes_nobody_described_are_left_out() -> None:
    days = weekdays(MONDAY, 5)
    history = merged(columns("own", A_US=dict.fromkeys(days, 1.0), Z_US=dict.fromkeys(days, 1.0)))
    assert history.codes == ("A.US",)


def test_that_no_source_makes_no_days() -> None:
    history = merged()
    assert (len(history.days), history.closes.shape) == (0, (0, 1))
    assert history.row_at(10) == -1
    one_day = merged(columns("own", A_US={MONDAY: 1.0}))
    assert len(one_day.days) == 0


def test_that_a_history_can_end_earlier_than_it_is_known() -> None:
    days = weekdays(MONDAY, 10)
    history = merged(columns("own", A_US={day: float(day) for day in days}))
    assert history.until(days[6]).closes[:, 0].tolist() == [float(day) for day in days[:7]]
    assert len(history.until(days[0] - 1).days) == 0


def test_that_rows_are_found_by_day() -> None:
    days = weekdays(MONDAY, 10)
    history = merged(columns("own", A_US=dict.fromkeys(days, 1.0)))
    assert history.row_at(days[4] + 2) == 4  # a Sunday: the Friday before
    assert history.row_at(days[0] - 1) == -1
