import json
from collections.abc import Iterable

import pytest

from plimsoll.domain.tick import QUOTE, TRADE
from plimsoll.feed.alltick_protocol import AllTickProtocol, BadFrame, Ending, depth_level
from plimsoll.feed.gate import Gate

CODES = ("AAPL.US", "700.HK", "EURUSD")
WANTED = CODES[:2]
T_MS = 1_751_068_801_000
NOW_NS = (T_MS + 100) * 1_000_000
STEP_S = 0.25


def trade(code: str = "AAPL.US", price: str = "201.187000", at_ms: int = T_MS, seq: int = 1) -> bytes:
    push = {"code": code, "seq": seq, "tick_time": at_ms, "price": price, "volume": "5", "trade_direction": 1}
    return json.dumps({"cmd_id": 22998, "data": push}).encode()


BOOK = (
    b'{"cmd_id":22999,"data":{"code":"700.HK","seq":1,"tick_time":1751068801000,'
    b'"bids":[{"price":"511.5","volume":"1200"}],"asks":[{"price":"512.0","volume":"800"}]}}'
)


def answer(request: dict, ret: int = 200, **changed: object) -> bytes:
    told = {
        "ret": ret, "msg": "whatever", "cmd_id": request["cmd_id"] + 1, "seq_id": request["seq_id"],
        "trace": request["trace"], "data": {},
    }  # fmt: skip
    return json.dumps({**told, **changed}).encode()


class Desk:
    """A protocol with its clock and AllTick's answers in hand."""

    def __init__(
        self, wanted: Iterable[str] = WANTED, *, has_depth: bool = True, gate: Gate | None = None
    ) -> None:
        self.protocol = AllTickProtocol("stocks", CODES, tuple(wanted), gate or Gate(), has_depth=has_depth)
        self.now_s = 100.0
        self.sent: list[tuple[float, dict]] = []
        self.protocol.connected(self.now_s)

    def hear(self, *frames: bytes) -> None:
        self.protocol.receive_all(frames, self.now_s, NOW_NS)

    def until_sent(self, *, within_s: float = 70.0) -> dict:
        deadline_s = self.now_s + within_s
        while self.now_s < deadline_s:
            for frame in self.protocol.due(self.now_s):
                self.sent.append((self.now_s, json.loads(frame)))
                return self.sent[-1][1]
            self.now_s += STEP_S
        raise AssertionError(f"nothing was sent within {within_s} s; ending {self.protocol.ending}")

    def until_asked(self, *, within_s: float = 70.0) -> dict:
        """Answer heartbeats until something else is sent."""
        while (request := self.until_sent(within_s=within_s))["cmd_id"] == 22000:
            self.hear(answer(request))
        return request

    def pass_time(self, seconds: float) -> list[dict]:
        sent = []
        until_s = self.now_s + seconds
        while self.now_s < until_s:
            self.now_s += STEP_S
            for frame in self.protocol.due(self.now_s):
                request = json.loads(frame)
                sent.append(request)
                if request["cmd_id"] == 22000:
                    self.hear(answer(request))
        return sent


def listed(request: dict) -> list[str]:
    return [each["code"] for each in request["data"]["symbol_list"]]


@pytest.fixture
def desk() -> Desk:
    return Desk()


def subscribed(desk: Desk) -> Desk:
    desk.hear(answer(desk.until_asked()))
    desk.hear(answer(desk.until_asked()))
    return desk


# Asking


def test_that_trades_are_asked_for_first_and_books_after_the_answer(desk: Desk) -> None:
    first = desk.until_sent()
    assert (first["cmd_id"], listed(first)) == (22004, list(WANTED))
    assert desk.protocol.due(desk.now_s + 2.0) == []
    desk.hear(answer(first))
    assert desk.protocol.is_subscribed
    second = desk.until_sent()
    assert (second["cmd_id"], listed(second)) == (22002, list(WANTED))
    assert desk.sent[1][0] - desk.sent[0][0] >= 1.05


def test_that_every_request_has_a_number_and_a_trace_of_its_own(desk: Desk) -> None:
    subscribed(desk)
    desk.pass_time(30.0)
    sent = [request for _, request in desk.sent]
    assert (
        len({request["seq_id"] for request in sent})
        == len({request["trace"] for request in sent})
        == len(sent)
    )


@pytest.mark.parametrize(
    ("code", "levels"),
    [("700.HK", 10), ("600519.SH", 5), ("000001.SZ", 5), ("BTCUSDT", 5), ("AAPL.US", 1), ("EURUSD", 1)],
)
def test_that_the_depth_of_each_market_is_asked_for_by_number(code: str, levels: int) -> None:
    assert depth_level(code) == levels


def test_that_a_depth_request_says_how_deep(desk: Desk) -> None:
    desk.hear(answer(desk.until_asked()))
    levels = {each["code"]: each["depth_level"] for each in desk.until_asked()["data"]["symbol_list"]}
    assert levels == {"AAPL.US": 1, "700.HK": 10}


def test_that_without_depth_only_trades_are_asked_for() -> None:
    desk = Desk(has_depth=False)
    desk.hear(answer(desk.until_asked()))
    desk.protocol.want(("EURUSD",), desk.now_s)
    desk.hear(answer(desk.until_asked()))
    assert {request["cmd_id"] for request in desk.pass_time(20.0)} == {22000}
    assert 22002 not in {request["cmd_id"] for _, request in desk.sent}


def test_that_a_connection_without_codes_only_beats() -> None:
    assert {request["cmd_id"] for request in Desk(()).pass_time(30.0)} == {22000}


def test_that_a_second_connection_asks_three_seconds_after_the_first() -> None:
    gate = Gate()
    first = Desk(gate=gate)
    second = Desk(("EURUSD",), gate=gate)
    second.protocol._name = "fx"
    first.until_sent()
    second.until_sent()
    assert second.sent[0][0] - first.sent[0][0] >= 3.0


# Changing the list


def test_that_a_changed_list_is_sent_whole_after_a_second_s_collecting(desk: Desk) -> None:
    subscribed(desk)
    asked_s = desk.now_s
    desk.protocol.want(("EURUSD",), asked_s)
    desk.protocol.want(("EURUSD", "AAPL.US"), asked_s + 0.5)
    request = desk.until_asked()
    assert listed(request) == ["EURUSD", "AAPL.US"]
    assert 1.05 <= desk.now_s - asked_s < 2.0
    assert desk.protocol.wanted == ("EURUSD", "AAPL.US")


def test_that_the_same_list_again_asks_for_nothing(desk: Desk) -> None:
    subscribed(desk)
    desk.protocol.want(WANTED, desk.now_s)
    assert {request["cmd_id"] for request in desk.pass_time(20.0)} == {22000}


def test_that_an_emptied_list_is_cancelled_by_kind(desk: Desk) -> None:
    subscribed(desk)
    desk.protocol.want((), desk.now_s)
    cancels = []
    for _ in range(2):
        cancels.append(desk.until_asked())
        desk.hear(answer(cancels[-1]))
    assert [(each["cmd_id"], each["data"]) for each in cancels] == [
        (22006, {"cancel_type": 2}),
        (22006, {"cancel_type": 1}),
    ]


def test_that_the_answer_to_an_earlier_list_says_nothing_of_the_new_one(desk: Desk) -> None:
    earlier = desk.until_asked()
    desk.protocol.want(("EURUSD",), desk.now_s)
    desk.hear(answer(earlier))
    assert not desk.protocol.is_subscribed
    assert desk.protocol.n_unknown_frames == 1
    assert listed(desk.until_asked()) == ["EURUSD"]


def test_that_a_code_that_is_not_the_desk_s_is_not_asked_for(desk: Desk) -> None:
    with pytest.raises(ValueError, match="expected a code of the desk"):
        desk.protocol.want(("NOKIA.HE",), desk.now_s)
    assert desk.protocol.wanted == WANTED


# Answers


@pytest.mark.parametrize("ret", [600, 601, 604])
def test_that_a_bad_code_is_found_by_halving_and_named(desk: Desk, ret: int) -> None:
    while not desk.protocol._trades.subscription.refused:
        request = desk.until_asked()
        desk.hear(answer(request, ret if "700.HK" in listed(request) else 200))
    assert desk.protocol.note == "AllTick refused 700.HK"
    desk.hear(answer(desk.until_asked()))
    depth = desk.until_asked()
    assert (depth["cmd_id"], listed(depth)) == (22002, ["AAPL.US"])


def test_that_a_bad_code_of_the_books_leaves_the_trades_alone(desk: Desk) -> None:
    desk.hear(answer(desk.until_asked()))
    for _ in range(8):
        if (request := next(iter(desk.pass_time(3.0)), None)) is None:
            break
        if request["cmd_id"] == 22002:
            desk.hear(answer(request, 600 if "700.HK" in listed(request) else 200))
    assert desk.protocol._trades.subscription.accepted == WANTED
    assert desk.protocol._depth.subscription.accepted == ("AAPL.US",)


def test_that_a_list_too_long_for_the_plan_is_shortened_and_said_so(desk: Desk) -> None:
    desk.hear(answer(desk.until_asked(), 603))
    assert listed(desk.until_asked()) == ["AAPL.US"]
    assert desk.protocol.note == "the plan has no room for 700.HK"


def test_that_many_refused_codes_are_named_briefly() -> None:
    codes = tuple(f"{number}.HK" for number in range(1, 9))
    protocol = AllTickProtocol("stocks", codes, codes, Gate())
    protocol._trades.subscription.refused.extend(codes)
    assert protocol.note == "AllTick refused 1.HK, 2.HK, 3.HK, 4.HK, 5.HK and 3 more"


@pytest.mark.parametrize(("ret", "wait_s"), [(605, 3.0), (429, 15.0), (599, 3.0)])
def test_that_a_request_put_off_is_sent_again_later(desk: Desk, ret: int, wait_s: float) -> None:
    desk.hear(answer(desk.until_asked(), ret))
    put_off_s = desk.now_s
    assert f"({ret})" in desk.protocol.note
    request = desk.until_asked()
    # Meanwhile the books may be asked for; the trades wait.
    if request["cmd_id"] == 22002:
        desk.hear(answer(request))
        request = desk.until_asked()
    assert request["cmd_id"] == 22004
    assert wait_s <= desk.now_s - put_off_s < wait_s + 2.0
    assert desk.protocol.ending is None


def test_that_waits_of_a_request_put_off_again_double_up_to_a_minute() -> None:
    desk = Desk(has_depth=False)
    waits = []
    request = desk.until_asked()
    for _ in range(7):
        desk.hear(answer(request, 605))
        put_off_s = desk.now_s
        request = desk.until_asked()
        waits.append(desk.now_s - put_off_s)
    for wait_s, least_s in zip(waits, (3, 6, 12, 24, 48, 60, 60), strict=True):
        assert least_s <= wait_s < least_s + 2.0
    desk.hear(answer(request))
    assert desk.protocol.note == ""


@pytest.mark.parametrize("ret", [400, 201, 202, 402])
def test_that_a_request_alltick_cannot_read_is_not_repeated(desk: Desk, ret: int) -> None:
    desk.hear(answer(desk.until_asked(), ret, cmd_id=0, seq_id=0, trace=""))
    assert f"({ret})" in desk.protocol.note
    assert 22004 not in {request["cmd_id"] for request in desk.pass_time(60.0)}


@pytest.mark.parametrize("ret", [401, 403])
def test_that_a_refused_token_ends_the_connection_for_good(desk: Desk, ret: int) -> None:
    desk.hear(b'{"msg":"token invalid","ret":%d}' % ret)
    assert desk.protocol.ending is Ending.REFUSED
    assert desk.protocol.due(desk.now_s + 60.0) == []


def test_that_606_ends_the_connection_to_be_taken_up_slowly(desk: Desk) -> None:
    desk.hear(answer(desk.until_asked(), 606))
    assert desk.protocol.ending is Ending.RATE_LIMITED


@pytest.mark.parametrize("changed", [{"seq_id": 999}, {"trace": "other"}])
def test_that_an_answer_to_nothing_that_was_asked_is_only_counted(desk: Desk, changed: dict) -> None:
    desk.hear(answer(desk.until_asked(), **changed))
    assert not desk.protocol.is_subscribed
    assert desk.protocol.n_unknown_frames == 1


def test_that_trades_never_answered_end_the_connection_after_three_tries() -> None:
    desk = Desk(has_depth=False)
    asked = 0
    while desk.protocol.ending is None:
        asked += sum(request["cmd_id"] == 22004 for request in desk.pass_time(STEP_S))
        desk.hear(trade())
    assert asked == 3
    assert desk.protocol.ending is Ending.LOST
    assert desk.protocol.note == "subscriptions went unanswered"


def test_that_books_never_answered_leave_the_trades_running(desk: Desk) -> None:
    desk.hear(answer(desk.until_asked()))
    sent = desk.pass_time(120.0)
    assert sum(request["cmd_id"] == 22002 for request in sent) == 3
    assert desk.protocol.ending is None
    assert desk.protocol.note == "order books went unanswered; trades only"


# Beating and silence


def test_that_beats_go_every_eight_seconds_subscribed_or_not(desk: Desk) -> None:
    beats: list[float] = []
    start_s = desk.now_s
    while len(beats) < 5:
        request = desk.until_sent()
        if request["cmd_id"] == 22000:
            beats.append(desk.now_s - start_s)
        desk.hear(answer(request))
    assert beats == [8.0, 16.0, 24.0, 32.0, 40.0]


def test_that_a_beat_goes_before_a_request_that_is_due_as_well(desk: Desk) -> None:
    subscribed(desk)
    desk.now_s = 107.0
    desk.protocol.want(("EURUSD",), desk.now_s)
    desk.now_s = 108.05
    assert desk.until_sent()["cmd_id"] == 22000
    assert desk.until_sent()["cmd_id"] == 22004


def test_that_a_beat_just_after_a_request_waits_for_the_gap_and_holds_up_others(desk: Desk) -> None:
    subscribed(desk)
    desk.protocol.want(("EURUSD",), 106.5)
    desk.now_s = 107.75
    assert desk.until_sent()["cmd_id"] == 22004
    assert desk.protocol.due(108.0) == []
    desk.now_s = 108.0
    assert desk.until_sent()["cmd_id"] == 22000
    assert desk.now_s == 109.0


def test_that_an_unanswered_beat_ends_the_connection_within_fifteen_seconds(desk: Desk) -> None:
    subscribed(desk)
    heard_s = desk.now_s
    while desk.protocol.ending is None:
        desk.now_s += STEP_S
        desk.protocol.due(desk.now_s)
    assert desk.protocol.ending is Ending.LOST
    assert desk.now_s - heard_s <= 15.0
    assert "nothing was heard" in desk.protocol.note


def test_that_total_silence_ends_the_connection_even_when_no_beat_could_be_sent() -> None:
    desk = Desk()
    desk.now_s += 15.5
    assert desk.protocol.due(desk.now_s) == []
    assert desk.protocol.ending is Ending.LOST


def test_that_ticks_without_an_answer_to_the_beat_keep_the_connection(desk: Desk) -> None:
    subscribed(desk)
    for second in range(60):
        desk.now_s += 1.0
        desk.protocol.due(desk.now_s)
        desk.hear(trade(at_ms=T_MS + second))
    assert desk.protocol.ending is None


def test_that_a_beat_refused_for_its_rate_is_only_a_beat(desk: Desk) -> None:
    subscribed(desk)
    beat = desk.until_sent()
    assert beat["cmd_id"] == 22000
    desk.hear(answer(beat, 605))
    assert desk.protocol.ending is None
    assert desk.protocol.note == ""


def test_that_a_new_connection_begins_anew_and_keeps_what_was_counted(desk: Desk) -> None:
    subscribed(desk)
    desk.hear(trade(), answer({"cmd_id": 1, "seq_id": 0, "trace": ""}, 606))
    desk.now_s += 20.0
    desk.protocol.connected(desk.now_s)
    assert desk.protocol.ending is None
    assert desk.protocol.note == ""
    assert not desk.protocol.is_subscribed
    assert listed(desk.until_asked()) == list(WANTED)
    desk.hear(trade())
    counts = desk.protocol.columns.counts(TRADE)
    assert (counts.received, counts.applied, counts.repeated) == (2, 1, 1)


# Receiving


def test_that_ticks_become_rows_and_books_books(desk: Desk) -> None:
    desk.hear(trade(), BOOK)
    assert desk.protocol.columns.take()["kind"].tolist() == [TRADE, QUOTE]
    assert desk.protocol.columns.take_depth()[0].code == "700.HK"


def test_that_an_oddly_spelt_tick_becomes_the_same_row(desk: Desk) -> None:
    desk.hear(
        b'[{"cmd_id":"22998","data":{"code":"AAPL.US","tick_time":"1751068801","price":"5","volume":""}}]'
    )
    row = desk.protocol.columns.take()[0]
    assert (row["price"], row["exchange_time_ns"]) == (5.0, 1_751_068_801_000_000_000)


def test_that_bad_frames_are_counted_and_what_surrounds_them_is_kept(desk: Desk) -> None:
    desk.hear(trade(), b"{oops", b"\xff", trade(at_ms=T_MS + 1))
    assert desk.protocol.n_bad_frames == 2
    assert len(desk.protocol.columns.take()) == 2


def test_that_one_frame_alone_may_raise_only_a_bad_frame(desk: Desk) -> None:
    with pytest.raises(BadFrame):
        desk.protocol.receive(b"{oops")


def test_that_a_push_of_no_known_kind_is_counted(desk: Desk) -> None:
    desk.hear(b'{"cmd_id":23456,"data":{}}', b"{}")
    assert desk.protocol.n_unknown_frames == 2


def test_that_a_push_with_a_verdict_is_an_answer_and_no_tick(desk: Desk) -> None:
    desk.hear(trade().replace(b'{"cmd_id"', b'{"ret":200,"cmd_id"'))
    assert desk.protocol.columns.n_received == 0
    assert desk.protocol.n_unknown_frames == 1


def test_that_no_word_of_the_server_s_own_reaches_the_note(desk: Desk) -> None:
    for ret in (605, 400, 599):
        desk.hear(answer(desk.until_asked(), ret, msg="token secret-4711 is bad"))
        assert "4711" not in desk.protocol.note
        desk = Desk()
