import pytest

from plimsoll.feed.frame_reader import FrameReader

TEXT, BINARY, CONTINUATION, CLOSE, PING, PONG = 0x1, 0x2, 0x0, 0x8, 0x9, 0xA


def frame(payload: bytes, opcode: int = TEXT, *, is_final: bool = True) -> bytes:
    first = (0x80 if is_final else 0) | opcode
    if len(payload) < 126:
        return bytes((first, len(payload))) + payload
    if len(payload) < 65536:
        return bytes((first, 126)) + len(payload).to_bytes(2, "big") + payload
    return bytes((first, 127)) + len(payload).to_bytes(8, "big") + payload


@pytest.mark.parametrize("length", [0, 1, 125, 126, 127, 65535, 65536, 300_000])
def test_that_a_message_of_any_length_comes_out_whole(length: int) -> None:
    payload = bytes(index % 251 for index in range(length))
    assert FrameReader().feed(frame(payload) + frame(b"next")) == [payload, b"next"]


STREAM = (
    frame(b'{"a":1}')
    + frame(b"x" * 200)
    + frame(b"frag", is_final=False)
    + frame(b"beat", PING)
    + frame(b"men", CONTINUATION, is_final=False)
    + frame(b"", PONG)
    + frame(b"ted", CONTINUATION)
    + frame(b"bin", BINARY)
    + frame(b"y" * 70_000)
)
MESSAGES = [b'{"a":1}', b"x" * 200, b"fragmented", b"bin", b"y" * 70_000]


def test_that_a_break_at_any_byte_changes_nothing() -> None:
    for at in (*range(310), 5000, len(STREAM) - 1):
        reader = FrameReader()
        assert reader.feed(STREAM[:at]) + reader.feed(STREAM[at:]) == MESSAGES, at
        assert reader.take_pings() == [b"beat"]
        assert reader.take_pings() == []
        assert reader.ended == ""


def test_that_bytes_one_by_one_change_nothing() -> None:
    reader = FrameReader()
    found = [message for index in range(len(STREAM)) for message in reader.feed(STREAM[index : index + 1])]
    assert found == MESSAGES


@pytest.mark.parametrize(
    ("payload", "why"),
    [
        (b"\x03\xe8bye", "closed by the server with 1000"),
        (b"", "closed by the server with 1005"),
        (b"\x03", "closed by the server with 1005"),
    ],
)
def test_that_a_close_frame_ends_the_reader(payload: bytes, why: str) -> None:
    reader = FrameReader()
    assert reader.feed(frame(b"last") + frame(payload, CLOSE) + frame(b"never")) == [b"last"]
    assert reader.ended == why
    assert reader.feed(frame(b"never")) == []


@pytest.mark.parametrize(
    ("broken", "why"),
    [
        (b"\xc1\x01a", "a reserved bit was set"),
        (b"\x81\x81\x00\x00\x00\x00a", "a frame was masked"),
        (b"\x81\xfe\x00\x80", "a frame was masked"),
        (b"\x83\x01a", "unknown opcode 3"),
        (b"\x09\x01a", "a control frame was long or in fragments"),
        (b"\x89\x7e\x00\x7e", "a control frame was long or in fragments"),
        (b"\x80\x01a", "a fragment was out of turn"),
        (frame(b"a", is_final=False) + frame(b"b"), "a fragment was out of turn"),
        (frame(b"a", is_final=False) + frame(b"b", BINARY), "a fragment was out of turn"),
    ],
)
def test_that_a_broken_rule_ends_the_reader_and_keeps_what_came_before(broken: bytes, why: str) -> None:
    reader = FrameReader()
    assert reader.feed(frame(b"good") + broken) == [b"good"]
    assert why in reader.ended
    assert reader.feed(frame(b"never")) == []


def test_that_an_oversize_message_is_refused_before_it_is_gathered() -> None:
    for header in (b"\x81\x7f" + (1000).to_bytes(8, "big"), b"\x81\x7f" + b"\xff" * 8):
        reader = FrameReader(largest_message_bytes=999)
        assert reader.feed(header) == []
        assert "a message of" in reader.ended


def test_that_an_oversize_message_in_one_read_is_refused_too() -> None:
    reader = FrameReader(largest_message_bytes=999)
    assert reader.feed(frame(b"a" * 999) + frame(b"a" * 1000)) == [b"a" * 999]
    assert reader.ended == "a message of 1000 bytes"


def test_that_fragments_together_may_not_be_oversize_either() -> None:
    reader = FrameReader(largest_message_bytes=10)
    reader.feed(frame(b"a" * 6, is_final=False))
    assert reader.feed(frame(b"a" * 5, CONTINUATION)) == []
    assert reader.ended == "a message of 11 bytes"


def test_that_a_long_message_in_small_reads_costs_no_square_of_its_length() -> None:
    payload = b"z" * 2_000_000
    whole = frame(payload)
    reader = FrameReader()
    found = [message for at in range(0, len(whole), 100) for message in reader.feed(whole[at : at + 100])]
    assert found == [payload]
