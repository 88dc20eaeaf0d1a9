"""The laws of AllTickProtocol: what it survives, and when it speaks."""

import contextlib
import json
import math
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from plimsoll.domain.tick import QUOTE, TRADE
from plimsoll.feed.alltick_protocol import AllTickProtocol
from plimsoll.feed.gate import Gate
from plimsoll.feed.message import BadFrame
from plimsoll.feed.pacing import Pacing

CODES = ("AAPL.US", "MSFT.US", "700.HK", "EURUSD")
NOW_NS = 1_751_068_801_000_000_000

SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8),
    st.sampled_from(["AAPL.US", "1751068801000", 1751068801000, "201.5", "", "nan", "-1e999", 22998, 600]),
)  # fmt: skip
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
)
LEVELS = st.lists(
    st.fixed_dictionaries({}, optional={"price": SCALARS, "volume": SCALARS}) | SCALARS, max_size=3
)
FIELDS = st.fixed_dictionaries(
    {},
    optional={
        "code": st.sampled_from(CODES) | SCALARS, "seq": SCALARS, "tick_time": SCALARS, "price": SCALARS,
        "volume": SCALARS, "bids": LEVELS | SCALARS, "asks": LEVELS | SCALARS, "turnover": JSON,
    },
)  # fmt: skip
MESSAGES = st.fixed_dictionaries(
    {},
    optional={
        "cmd_id": st.sampled_from([0, 22001, 22003, 22005, 22007, 22998, 22999, "22998"]) | SCALARS,
        "data": FIELDS | JSON,
        "ret": st.sampled_from([200, 400, 401, 429, 600, 603, 604, 605, 606, "600"]) | SCALARS,
        "seq_id": st.integers(0, 5) | SCALARS,
        "trace": st.sampled_from(["t-1", "d-2", "hb-3"]) | SCALARS,
    },
)
FRAMES = st.one_of(
    st.binary(max_size=60),
    MESSAGES.map(lambda each: json.dumps(each).encode()),
    st.lists(MESSAGES, max_size=3).map(lambda each: json.dumps(each).encode()),
    JSON.map(lambda each: json.dumps(each).encode()),
    MESSAGES.map(lambda each: json.dumps(each).encode()[:-3]),
)


def protocol(gate: Gate | None = None) -> AllTickProtocol:
    made = AllTickProtocol("stocks", CODES, CODES[:3], gate or Gate(), may_be_negative={"MSFT.US"})
    made.connected(0.0)
    return made


@settings(deadline=None, max_examples=300)
@given(frames=st.lists(FRAMES, max_size=12))
def test_that_no_bytes_whatsoever_make_it_raise_anything_but_a_bad_frame(frames: list[bytes]) -> None:
    desk = protocol()
    desk.columns.stamp(NOW_NS, is_live=True)
    for index, frame in enumerate(frames):
        desk.due(float(index))
        with contextlib.suppress(BadFrame):
            desk.receive(frame)
        assert isinstance(desk.note, str)
        desk.columns.take()
        desk.columns.take_depth()
    for kind in (TRADE, QUOTE):
        assert desk.columns.counts(kind).unaccounted == 0


@settings(deadline=None, max_examples=300)
@given(frames=st.lists(FRAMES, max_size=12))
def test_that_whatever_arrives_every_row_has_a_price_a_code_held_and_a_time(frames: list[bytes]) -> None:
    desk = protocol()
    desk.receive_all(frames, 1.0, NOW_NS)
    rows = desk.columns.take()
    applied = desk.columns.counts(TRADE).applied + desk.columns.counts(QUOTE).applied
    assert len(rows) == applied
    for row in rows:
        best = [price for price in (row["price"], row["ask"]) if not math.isnan(price)]
        assert best
        assert all(abs(price) < float("inf") and price != 0.0 for price in best)
        assert row["instrument"] < 3
        if row["instrument"] != 1:
            assert min(best) > 0.0
        assert 0 < row["exchange_time_ns"] <= NOW_NS + 86_400 * 10**9
        assert row["received_time_ns"] == NOW_NS


GAPS = st.lists(st.floats(0.001, 0.25), min_size=200, max_size=400)
DEEDS = st.lists(st.sampled_from(["", "", "", "want", "ack", "later", "refuse"]), min_size=400, max_size=400)


@settings(deadline=None, max_examples=60)
@given(gaps=GAPS, deeds=DEEDS, answers_beats=st.booleans())
def test_that_beats_are_never_more_than_ten_seconds_apart_and_frames_never_within_a_second(
    gaps: list[float], deeds: list[str], answers_beats: bool
) -> None:
    desk = protocol()
    now_s = 0.0
    sent: list[tuple[float, int]] = []
    latest: dict[str, object] = {}
    for gap_s, deed in zip(gaps, deeds, strict=False):
        now_s += gap_s
        if deed == "want":
            desk.want(CODES[: 1 + int(now_s * 7) % 4], now_s)
        elif deed and latest:
            ret = {"ack": 200, "later": 605, "refuse": 600}[deed]
            desk.receive(json.dumps({**latest, "ret": ret}).encode())
        for frame in desk.due(now_s):
            latest = json.loads(frame)
            sent.append((now_s, int(latest["cmd_id"])))  # type: ignore[call-overload]
            if latest["cmd_id"] == 22000:
                # Ticks keep the connection alive where its beats go unanswered.
                desk.receive(b'{"cmd_id":22001,"ret":200}' if answers_beats else b'{"cmd_id":22998}')
    beats = [0.0, *(at_s for at_s, cmd_id in sent if cmd_id == 22000), now_s]
    if desk.ending is None:
        assert all(later - earlier <= 10.0 for earlier, later in pairwise(beats))
        assert all(later - earlier >= Pacing().beat_every_s for earlier, later in pairwise(beats[:-1]))
    times = [at_s for at_s, _ in sent]
    assert all(later - earlier >= 1.0 for earlier, later in pairwise(times))


@settings(deadline=None, max_examples=60)
@given(gaps=GAPS, turns=st.lists(st.booleans(), min_size=400, max_size=400))
def test_that_requests_of_two_connections_are_three_seconds_apart_and_beats_still_in_time(
    gaps: list[float], turns: list[bool]
) -> None:
    gate = Gate()
    desks = [AllTickProtocol(name, CODES, CODES, gate) for name in ("stocks", "fx")]
    for desk in desks:
        desk.connected(0.0)
    now_s = 0.0
    asked: list[tuple[float, int]] = []
    beats: dict[int, list[float]] = {0: [0.0], 1: [0.0]}
    for gap_s, turn in zip(gaps, turns, strict=False):
        now_s += gap_s
        for place in (0, 1) if turn else (1, 0):
            desk = desks[place]
            desk.want(CODES[: 1 + int(now_s) % 4], now_s)
            for frame in desk.due(now_s):
                cmd_id = json.loads(frame)["cmd_id"]
                if cmd_id == 22000:
                    beats[place].append(now_s)
                else:
                    asked.append((now_s, place))
            desk.receive(b'{"cmd_id":22998}')
    for (earlier_s, one), (later_s, other) in pairwise(asked):
        assert later_s - earlier_s >= (1.0 if one == other else 3.0)
    for times in beats.values():
        assert all(later - earlier <= 10.0 for earlier, later in zip(times, [*times[1:], now_s], strict=True))
