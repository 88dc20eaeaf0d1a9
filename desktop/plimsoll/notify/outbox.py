"""A channel's outbox: a thread of its own that sends, tries again, and accounts for every alert."""

import heapq
import logging
import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum

from plimsoll.notify.alert import Alert
from plimsoll.notify.channel import Channel, NotDelivered

log = logging.getLogger("plimsoll.notify")

PAUSES_S = (5.0, 15.0, 60.0, 300.0)
"""Between tries: a busy server gets time, and an alert older than some minutes is no alert any more."""
MOST_HELD = 200
"""Alerts in the house at once; a storm is one alert already, so more means that nothing goes out."""
STOP_DEADLINE_S = 5.0


class ReceiptState(StrEnum):
    """What became of an alert so far; every one ends sent, failed or refused."""

    SENT = "sent"
    TRYING = "trying again"
    FAILED = "failed"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of one alert on one channel.

    Attributes
    ----------
    channel : str
        The channel's name.
    alert : Alert
        What was to be sent.
    state : ReceiptState
        Where it stands.
    words : str
        What the other side answered, or why it failed; never a secret.
    n_tries : int
        How often it was tried.
    """

    channel: str
    alert: Alert
    state: ReceiptState
    words: str
    n_tries: int

    @property
    def is_final(self) -> bool:
        """Whether nothing more happens to it."""
        return self.state is not ReceiptState.TRYING


@dataclass(frozen=True, slots=True, order=True)
class _Parcel:
    due_s: float
    number: int
    alert: Alert
    n_tries: int = 0


class Outbox:
    """Sends the alerts of one channel; `put` never blocks.

    Parameters
    ----------
    channel : Channel
        What sends; it alone may block.
    tell : Callable
        Told each receipt, on the outbox's thread (a refusal: on the caller's).
    pauses_s : tuple of float
        Between tries; one more try than pauses.
    most_held : int
        Alerts held at once.
    clock : Callable
        Monotonic seconds.
    """

    def __init__(
        self,
        channel: Channel,
        tell: Callable[[Receipt], None],
        *,
        pauses_s: tuple[float, ...] = PAUSES_S,
        most_held: int = MOST_HELD,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._channel = channel
        self._tell = tell
        self._pauses_s = pauses_s
        self._most_held = most_held
        self._clock = clock
        self._fresh: queue.Queue[_Parcel | None] = queue.Queue(most_held + 1)
        self._again: list[_Parcel] = []
        self._n_put = 0
        self._is_stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"alerts-{channel.name}", daemon=True)

    @property
    def name(self) -> str:
        """Return the channel's name."""
        return self._channel.name

    @property
    def n_held(self) -> int:
        """Return how many alerts wait, to be sent or to be tried again."""
        return self._fresh.qsize() + len(self._again)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def put(self, alert: Alert) -> None:
        """Take an alert to be sent; where there is no room for it, that is told at once."""
        if self._is_stopping.is_set():
            self._settle(_Parcel(0.0, 0, alert), ReceiptState.REFUSED, "the desk is closing")
            return
        self._n_put += 1
        if self.n_held >= self._most_held:
            words = f"{self._most_held} alerts wait already; nothing gets through"
            self._settle(_Parcel(0.0, self._n_put, alert), ReceiptState.REFUSED, words)
            return
        self._fresh.put_nowait(_Parcel(self._clock(), self._n_put, alert))

    def stop(self, deadline_s: float = STOP_DEADLINE_S) -> bool:
        """Try what is fresh once more, give up the rest, and tell whether the thread ended in time.

        A thread that hangs in the other side's silence does not keep the program: it is a daemon.
        """
        if not self._thread.is_alive():
            return True
        self._is_stopping.set()
        self._fresh.put_nowait(None)  # one place more than alerts is kept for this
        self._thread.join(deadline_s)
        if self._thread.is_alive():
            log.warning(
                "the %s did not end within %g s; %d alerts unsent", self.name, deadline_s, self.n_held
            )
        return not self._thread.is_alive()

    def _run(self) -> None:
        while True:
            parcel = self._next()
            if parcel is None:
                break
            self._send(parcel)
        for parcel in self._again:
            self._settle(parcel, ReceiptState.FAILED, "the desk closed before it could be tried again")

    def _next(self) -> _Parcel | None:
        """Return what to send now; fresh alerts go before second tries, None is the end."""
        wait_s = max(self._again[0].due_s - self._clock(), 0.0) if self._again else None
        try:
            return self._fresh.get(timeout=wait_s) if wait_s != 0.0 else self._fresh.get_nowait()
        except queue.Empty:
            # A wait may end a hair before its time; trying that much early harms nobody.
            return heapq.heappop(self._again)

    def _send(self, parcel: _Parcel) -> None:
        tried = replace(parcel, n_tries=parcel.n_tries + 1)
        try:
            words = self._channel.send(parcel.alert)
        except NotDelivered as failure:
            self._fail(tried, failure.reason, may_pass=failure.may_pass)
        except Exception as fault:  # noqa: BLE001  the thread's last net; its text might quote a secret
            self._fail(tried, f"a fault in the program ({type(fault).__name__})", may_pass=False)
        else:
            self._settle(tried, ReceiptState.SENT, words)

    def _fail(self, tried: _Parcel, reason: str, *, may_pass: bool) -> None:
        if may_pass and tried.n_tries <= len(self._pauses_s) and not self._is_stopping.is_set():
            pause_s = self._pauses_s[tried.n_tries - 1]
            heapq.heappush(self._again, replace(tried, due_s=self._clock() + pause_s))
            self._settle(tried, ReceiptState.TRYING, f"{reason}; tried again in {pause_s:g} s")
            return
        self._settle(tried, ReceiptState.FAILED, reason)

    def _settle(self, parcel: _Parcel, state: ReceiptState, words: str) -> None:
        level = logging.INFO if state is ReceiptState.SENT else logging.WARNING
        log.log(level, "%s: alert %s %s: %s", self.name, parcel.alert.alert_id, state, words)
        self._tell(Receipt(self.name, parcel.alert, state, words, parcel.n_tries))
