"""Every push of any stream is counted once, held against a judge written the slow way."""

from hypothesis import given, settings
from hypothesis import strategies as st

from plimsoll.domain.tick import TRADE
from plimsoll.feed.message import NAN, Fields
from plimsoll.feed.tick_columns import TickColumns

T_MS = 1_751_068_801_000
CODES = ("A.US", "B.US", "C.US")

TICKS = st.lists(
    st.tuples(
        st.sampled_from([*CODES, "other"]),
        st.integers(0, 3),
        st.integers(0, 6),
        st.sampled_from([1.0, 1.5, 0.0, -1.0, NAN]),
        st.sampled_from([1.0, NAN]),
    ),
    max_size=120,
)


def judged(ticks: list[tuple[str, int, int, float, float]]) -> tuple[dict[str, int], list[float]]:
    n = dict.fromkeys(("applied", "refused", "repeated", "late", "not_held"), 0)
    newest: dict[str, int] = {}
    last32: dict[str, list[str]] = {}
    prices = []
    for code, seq, after_ms, price, volume in ticks:
        key = repr((seq, after_ms, price, volume))
        if code not in CODES[:2]:
            n["not_held"] += 1
        elif not price > 0.0:
            n["refused"] += 1
        elif key in last32.setdefault(code, [])[-32:]:
            n["repeated"] += 1
        else:
            last32[code].append(key)
            if after_ms < newest.get(code, 0):
                n["late"] += 1
            else:
                newest[code] = after_ms
                n["applied"] += 1
                prices.append(price)
    return n, prices


@settings(deadline=None, max_examples=200)
@given(ticks=TICKS, take_every=st.integers(1, 50))
def test_that_every_tick_goes_where_a_slow_and_plain_judge_sends_it(
    ticks: list[tuple[str, int, int, float, float]], take_every: int
) -> None:
    columns = TickColumns(CODES)
    columns.hold(CODES[:2])
    columns.stamp(T_MS * 1_000_000, is_live=True)
    prices: list[float] = []
    for index, (code, seq, after_ms, price, volume) in enumerate(ticks):
        columns.add_trade(Fields(code=code, seq=seq, tick_time=T_MS + after_ms, price=price, volume=volume))
        if index % take_every == 0:
            prices += columns.take()["price"].tolist()
    prices += columns.take()["price"].tolist()
    expected, accepted = judged(ticks)
    counts = columns.counts(TRADE)
    assert {name: getattr(counts, name) for name in expected} == expected
    assert counts.received == len(ticks)
    assert counts.unaccounted == 0
    assert prices == accepted


@settings(deadline=None)
@given(ticks=TICKS)
def test_that_no_tick_passed_on_is_older_than_one_of_its_code_before_it(
    ticks: list[tuple[str, int, int, float, float]],
) -> None:
    columns = TickColumns(CODES)
    columns.hold(CODES)
    columns.stamp(T_MS * 1_000_000, is_live=True)
    for code, seq, after_ms, price, volume in ticks:
        columns.add_trade(Fields(code=code, seq=seq, tick_time=T_MS + after_ms, price=price, volume=volume))
    newest: dict[int, int] = {}
    for row in columns.take():
        assert row["exchange_time_ns"] >= newest.get(int(row["instrument"]), 0)
        newest[int(row["instrument"])] = int(row["exchange_time_ns"])
