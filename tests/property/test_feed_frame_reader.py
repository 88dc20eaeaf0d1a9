"""The frame reader held against websocket-client's own decoder, and against bytes of no sense at all."""

from hypothesis import given, settings
from hypothesis import strategies as st
from websocket import ABNF
from websocket._abnf import continuous_frame, frame_buffer

from plimsoll.feed.frame_reader import FrameReader

LENGTHS = st.one_of(st.integers(0, 140), st.sampled_from([65535, 65536, 70_000]))


def frame(opcode: int, payload: bytes, *, is_final: bool = True) -> bytes:
    made = ABNF(int(is_final), 0, 0, 0, opcode, 0, payload)
    return made.format()


@st.composite
def lawful_streams(draw: st.DrawFn) -> bytes:
    """Text and binary messages, some in fragments with control frames between them."""
    pieces = []
    for _ in range(draw(st.integers(0, 6))):
        payload = bytes(draw(st.integers(32, 126)) for _ in range(1)) * draw(LENGTHS)
        opcode = draw(st.sampled_from([ABNF.OPCODE_TEXT, ABNF.OPCODE_BINARY]))
        cuts = sorted(draw(st.lists(st.integers(0, len(payload)), max_size=3)))
        parts = [payload[a:b] for a, b in zip([0, *cuts], [*cuts, len(payload)], strict=True)]
        for index, part in enumerate(parts):
            pieces.append(frame(opcode if index == 0 else 0, part, is_final=index == len(parts) - 1))
            if draw(st.booleans()):
                control = draw(st.sampled_from([ABNF.OPCODE_PING, ABNF.OPCODE_PONG]))
                pieces.append(frame(control, draw(st.binary(max_size=125))))
    if draw(st.booleans()):
        pieces.append(frame(ABNF.OPCODE_CLOSE, b"\x03\xe8bye"))
    return b"".join(pieces)


def theirs(stream: bytes) -> tuple[list[bytes], list[bytes]]:
    """Decode with websocket-client: its frame buffer, then its fragments' gatherer."""
    left = bytearray(stream)

    def recv(n_bytes: int) -> bytes:
        taken = bytes(left[:n_bytes])
        del left[:n_bytes]
        return taken

    buffer, gatherer = frame_buffer(recv, skip_utf8_validation=True), continuous_frame(False, True)
    messages, pings = [], []
    while left or buffer.recv_buffer:
        found = buffer.recv_frame()
        if found.opcode == ABNF.OPCODE_CLOSE:
            break
        if found.opcode == ABNF.OPCODE_PING:
            pings.append(bytes(found.data))
        elif found.opcode != ABNF.OPCODE_PONG:
            gatherer.validate(found)
            gatherer.add(found)
            if gatherer.is_fire(found):
                messages.append(bytes(gatherer.extract(found)[1].data))
    return messages, pings


@settings(deadline=None)
@given(stream=lawful_streams(), data=st.data())
def test_that_any_lawful_stream_in_any_pieces_is_read_as_websocket_client_reads_it(
    stream: bytes, data: st.DataObject
) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=8)))
    reader = FrameReader()
    messages, pings = [], []
    for start, stop in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        messages += reader.feed(stream[start:stop])
        pings += reader.take_pings()
    assert (messages, pings) == theirs(stream)
    assert bool(reader.ended) == stream.endswith(b"\x03\xe8bye")


@settings(deadline=None)
@given(pieces=st.lists(st.binary(max_size=300), max_size=10))
def test_that_no_bytes_whatsoever_make_the_reader_raise(pieces: list[bytes]) -> None:
    reader = FrameReader(largest_message_bytes=1000)
    for piece in pieces:
        for message in reader.feed(piece):
            assert len(message) <= 1000


@settings(deadline=None)
@given(stream=lawful_streams(), at=st.integers(0, 2000), flip=st.integers(1, 255))
def test_that_bytes_in_pieces_and_at_once_are_the_same_even_when_one_is_flipped(
    stream: bytes, at: int, flip: int
) -> None:
    spoilt = bytearray(stream)
    if spoilt:
        spoilt[at % len(spoilt)] ^= flip
    whole, pieced = FrameReader(), FrameReader()
    at_once = whole.feed(bytes(spoilt))
    in_pieces = [
        message
        for start in range(0, len(spoilt), 97)
        for message in pieced.feed(bytes(spoilt[start : start + 97]))
    ]
    assert at_once == in_pieces
    assert whole.ended == pieced.ended
