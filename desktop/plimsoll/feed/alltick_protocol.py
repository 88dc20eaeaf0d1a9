"""One connection's side of AllTick's protocol, without a socket and without a clock."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import msgspec

from plimsoll.feed import message as wire
from plimsoll.feed.gate import Gate
from plimsoll.feed.message import TRADE_PUSH, BadFrame, Message, decode_swiftly
from plimsoll.feed.subscription import Subscription
from plimsoll.feed.tick_columns import TickColumns

_UNREADABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
_TOKEN_REFUSED = {401, 403}
_CODE_REFUSED = {600, 601, 604}
_TOO_MANY_CODES = 603
_ABOUT_TO_CLOSE = 606
_RATE_LIMITED = 429
_OUR_MISTAKE = {201, 202, 400, 402}
_N_TRIES = 3
_N_NAMED = 5


class Ending(StrEnum):
    """Why a connection must be given up."""

    REFUSED = "the token was refused"
    RATE_LIMITED = "AllTick asked for fewer requests"
    LOST = "the connection fell silent"


def depth_level(code: str) -> int:
    """Return how many price levels AllTick has for `code`; it is always asked for, its default is unclear."""
    if code.endswith(".HK"):
        return 10
    if code.endswith((".SH", ".SZ", "USDT")):
        return 5
    return 1


@dataclass(slots=True)
class _Asking:
    # One kind of list on the connection: trades or depth.
    subscription: Subscription
    cmd_id: int
    cancel_type: int
    letter: str
    not_before_s: float = float("-inf")
    n_troubles: int = 0
    complaint: str = ""

    def content(self, codes: tuple[str, ...]) -> tuple[int, dict[str, object]]:
        """Return the command and data that make `codes` the whole list."""
        if not codes:
            # What an empty symbol_list does is documented nowhere; a cancel is.
            return wire.CANCEL, {"cancel_type": self.cancel_type}
        if self.cmd_id == wire.SUBSCRIBE_DEPTH:
            listed = [{"code": code, "depth_level": depth_level(code)} for code in codes]
        else:
            listed = [{"code": code} for code in codes]
        return self.cmd_id, {"symbol_list": listed}


@dataclass(frozen=True, slots=True)
class _Pending:
    asking: _Asking
    seq_id: int
    trace: str
    sent_s: float


class AllTickProtocol:
    """What to say to AllTick and what to make of its answers.

    Whoever owns the socket calls `connected` once it is open, `receive_all` with what has arrived and
    `due` at least every quarter of a second, sends what `due` returns, takes the rows from `columns`, and
    hangs up when `ending` is set. Seconds are of any clock that never jumps; nanoseconds of the arrival
    are wall time.

    Parameters
    ----------
    name : str
        The connection's name at the gate.
    codes : sequence of str
        Every code of the desk, of both connections.
    wanted : sequence of str
        The codes to ask for on this one, most important first: beyond the plan AllTick cuts the list
        without a word.
    gate : Gate
        Shared by all that uses the token.
    may_be_negative : collection of str
        Codes whose price may be below zero.
    has_depth : bool
        Whether order books are asked for beside trades.

    Attributes
    ----------
    columns : TickColumns
        The accepted ticks, and the counts; they outlive a connection.
    ending : Ending or None
        Why this connection must be given up, once it must.
    n_bad_frames, n_unknown_frames : int
        Frames that were no message at all, and messages nobody asked for.
    """

    def __init__(
        self,
        name: str,
        codes: Sequence[str],
        wanted: Sequence[str],
        gate: Gate,
        *,
        may_be_negative: Collection[str] = (),
        has_depth: bool = True,
    ) -> None:
        self.columns = TickColumns(codes, may_be_negative, has_books=has_depth)
        self.columns.hold(wanted)
        self.ending: Ending | None = None
        self.n_bad_frames = 0
        self.n_unknown_frames = 0
        self._name = name
        self._gate = gate
        self._pacing = gate.pacing
        self._trades = _Asking(Subscription(wanted), wire.SUBSCRIBE_TRADES, wire.CANCEL_TRADES, "t")
        self._depth = _Asking(
            Subscription(wanted if has_depth else ()), wire.SUBSCRIBE_DEPTH, wire.CANCEL_DEPTH, "d"
        )
        self._has_depth = has_depth
        self._wanted = tuple(wanted)
        self._pending: _Pending | None = None
        self._n_sent = 0
        self._now_s = 0.0
        self._next_beat_s = 0.0
        self._beaten_s: float | None = None
        self._heard_s = 0.0
        self._has_heard = False
        self._complaint = ""

    @property
    def wanted(self) -> tuple[str, ...]:
        """The codes asked for."""
        return self._wanted

    @property
    def is_subscribed(self) -> bool:
        """Whether AllTick has said yes to a list of trades."""
        return bool(self._trades.subscription.accepted)

    @property
    def note(self) -> str:
        """What a trader should know of this connection; never a word of the server's own."""
        complaints = (self._complaint, self._trades.complaint, self._depth.complaint)
        parts = [complaint for complaint in complaints if complaint]
        refused = self._trades.subscription.refused
        if refused:
            parts.append(f"AllTick refused {_named(refused)}")
        cut = self._trades.subscription.cut
        if cut:
            parts.append(f"the plan has no room for {_named(cut)}")
        return "; ".join(parts)

    def connected(self, now_s: float) -> None:
        """Begin on a fresh connection: nothing is subscribed, and the first beat is a beat away."""
        self.ending = None
        self._complaint = ""
        self._pending = None
        self._beaten_s = None
        self._now_s = self._heard_s = now_s
        self._has_heard = False
        self._next_beat_s = now_s + self._pacing.beat_every_s
        for asking in (self._trades, self._depth):
            asking.subscription.forget_answers()
            asking.not_before_s = float("-inf")
            asking.n_troubles = 0
            asking.complaint = ""

    def want(self, wanted: Sequence[str], now_s: float) -> None:
        """Ask for this list from now on; changes within a second travel as one request.

        Raises
        ------
        ValueError
            If a code is not among the desk's.
        """
        if tuple(wanted) == self._wanted:
            return
        self.columns.hold(wanted)
        self._wanted = tuple(wanted)
        # The answer to a list that is no longer wanted would be taken for one to the new list.
        self._pending = None
        for asking in (self._trades, self._depth) if self._has_depth else (self._trades,):
            if asking.not_before_s <= now_s:
                asking.not_before_s = now_s + self._pacing.debounce_s
            asking.subscription.want(wanted)

    def receive(self, frame: bytes) -> None:
        """Take one frame.

        Raises
        ------
        BadFrame
            If it is no JSON object; whatever else the bytes, nothing else is raised.
        """
        self._has_heard = True
        try:
            message = decode_swiftly(frame)
        except _UNREADABLE:
            for each in wire.decode_leniently(frame):
                self._take(each)
            return
        if message.cmd_id == TRADE_PUSH and message.ret is None:
            self.columns.add_trade(message.data)
        else:
            self._take(message)

    def receive_all(
        self, frames: Iterable[bytes], now_s: float, received_ns: int, *, is_live: bool = True
    ) -> None:
        """Take frames that arrived together; bad ones are counted."""
        self._now_s = now_s
        self.columns.stamp(received_ns, is_live=is_live)
        receive = self.receive
        for frame in frames:
            try:
                receive(frame)
            except BadFrame:
                self.n_bad_frames += 1

    def due(self, now_s: float) -> list[str]:
        """Return the frames to send now: at most one, a heartbeat before anything else."""
        self._now_s = now_s
        self._listen(now_s)
        if self.ending is not None:
            return []
        if now_s >= self._next_beat_s:
            return self._beat(now_s)
        self._miss_answer(now_s)
        if self._pending is None and self.ending is None:
            for asking in (self._trades, self._depth):
                if asking.subscription.needs_request and now_s >= asking.not_before_s:
                    return self._ask(asking, now_s)
        return []

    def _listen(self, now_s: float) -> None:
        if self._has_heard:
            self._has_heard = False
            self._heard_s = now_s
        silence_s = now_s - self._heard_s
        unanswered_s = 0.0
        if self._beaten_s is not None and self._heard_s <= self._beaten_s:
            unanswered_s = now_s - self._beaten_s
        if silence_s > self._pacing.silence_s or unanswered_s > self._pacing.beat_answer_s:
            self._end(Ending.LOST, f"nothing was heard for {silence_s:.0f} s")

    def _beat(self, now_s: float) -> list[str]:
        if self._gate.claim_beat(self._name, now_s, waited_s=now_s - self._next_beat_s) > 0.0:
            return []
        self._n_sent += 1
        self._beaten_s = now_s
        self._next_beat_s = now_s + self._pacing.beat_every_s
        return [wire.encode_request(wire.BEAT, self._n_sent, f"hb-{self._n_sent}", {})]

    def _ask(self, asking: _Asking, now_s: float) -> list[str]:
        if self._gate.claim_request(self._name, now_s) > 0.0:
            return []
        self._n_sent += 1
        trace = f"{asking.letter}-{self._n_sent}"
        cmd_id, content = asking.content(asking.subscription.next_list())
        self._pending = _Pending(asking, self._n_sent, trace, now_s)
        return [wire.encode_request(cmd_id, self._n_sent, trace, content)]

    def _miss_answer(self, now_s: float) -> None:
        pending = self._pending
        if pending is None or now_s - pending.sent_s <= self._pacing.ack_s:
            return
        self._pending = None
        asking = pending.asking
        self._wait(asking, self._pacing.backoff_floor_s)
        if asking.n_troubles < _N_TRIES:
            return
        if asking is self._trades:
            self._end(Ending.LOST, "subscriptions went unanswered")
        else:
            # Some servers never answer a depth request for FX: trades alone are still worth having.
            asking.subscription.give_up()
            asking.complaint = "order books went unanswered; trades only"

    def _take(self, message: Message) -> None:
        if message.ret is not None:
            self._take_answer(message, message.ret)
        elif message.cmd_id == TRADE_PUSH:
            self.columns.add_trade(message.data)
        elif message.cmd_id == wire.DEPTH_PUSH:
            self.columns.add_book(message.data)
        else:
            self.n_unknown_frames += 1

    def _take_answer(self, message: Message, ret: int) -> None:
        if message.cmd_id == wire.BEAT_ANSWER:
            self._beaten_s = None
        if ret in _TOKEN_REFUSED:
            self._end(Ending.REFUSED, f"AllTick refused the token ({ret})")
        elif ret == _ABOUT_TO_CLOSE:
            self._end(Ending.RATE_LIMITED, "AllTick counted too many requests (606)")
        elif message.cmd_id != wire.BEAT_ANSWER:
            self._match(message, ret)

    def _match(self, message: Message, ret: int) -> None:
        pending = self._pending
        # A request AllTick could not parse is answered with nothing but zeros: it means the latest one.
        is_ours = pending is not None and (
            message.cmd_id == 0 or (message.seq_id == pending.seq_id and message.trace == pending.trace)
        )
        if pending is None or not is_ours:
            self.n_unknown_frames += 1
            return
        self._pending = None
        self._learn(pending.asking, ret)

    def _learn(self, asking: _Asking, ret: int) -> None:
        subscription = asking.subscription
        if ret == wire.OK:
            asking.n_troubles = 0
            asking.complaint = ""
            subscription.accept()
        elif ret in _CODE_REFUSED:
            subscription.refuse()
            if asking is self._trades:
                self._depth.subscription.drop(subscription.refused)
        elif ret == _TOO_MANY_CODES:
            subscription.shorten()
        elif ret in _OUR_MISTAKE:
            subscription.give_up()
            asking.complaint = f"AllTick could not read a subscription ({ret})"
        else:
            is_limited = ret == _RATE_LIMITED
            pacing = self._pacing
            self._wait(asking, pacing.rate_limited_wait_s if is_limited else pacing.backoff_floor_s)
            asking.complaint = f"AllTick put a subscription off ({ret})"

    def _wait(self, asking: _Asking, floor_s: float) -> None:
        doubled_s = floor_s * 2.0 ** min(asking.n_troubles, 32)
        asking.n_troubles += 1
        asking.not_before_s = self._now_s + min(doubled_s, self._pacing.backoff_cap_s)

    def _end(self, ending: Ending, complaint: str) -> None:
        self.ending = ending
        self._complaint = complaint


def _named(codes: Sequence[str]) -> str:
    more = f" and {len(codes) - _N_NAMED} more" if len(codes) > _N_NAMED else ""
    return ", ".join(codes[:_N_NAMED]) + more
