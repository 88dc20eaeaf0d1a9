"""The thread of a replay: plays at a chosen speed, seeks, and hands out snapshots as the desk does."""

import logging
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot

from plimsoll.domain.units import NS_PER_S
from plimsoll.engine.breach_record import breach_from
from plimsoll.engine.replay import Replay
from plimsoll.engine.replay_engine import ReplayRecipe

log = logging.getLogger("plimsoll.replay")

TURN_MS = 20
BEAT_MS = 250
LONGEST_TURN_NS = 60_000_000
"""After this long of playing the thread listens again: a pause must not wait."""
STRIDE_NS = NS_PER_S // 4
HURRIED_STRIDE_NS = NS_PER_S
HURRIED_FROM = 5.0
"""From this speed on batches are joined between the steps of breaches."""
SNAPSHOT_OVERDUE_NS = 2 * NS_PER_S
HURRIED_SNAPSHOT_NS = NS_PER_S // 10
"""In a hurry a snapshot goes no more often: painting would take the time from playing."""
FAULT = "The replay stopped by a fault; the desk itself goes on. Close this window and try again."


@dataclass(frozen=True, slots=True)
class ReplayMark:
    """A breach the journal tells of, on the way of a replay.

    Attributes
    ----------
    breach_id, title, severity : str
        Which.
    at_ns, exchange_ns : int
        When it was raised, on the desk's clock and by the market.
    """

    breach_id: str
    title: str
    severity: str
    at_ns: int
    exchange_ns: int


@dataclass(frozen=True, slots=True)
class ReplaySpan:
    """What there is to be played.

    Attributes
    ----------
    begin_ns, end_ns : int
        On the desk's clock of then.
    marks : tuple of ReplayMark
        The breaches on the way, oldest first.
    book_name : str
        Whose book.
    """

    begin_ns: int
    end_ns: int
    marks: tuple[ReplayMark, ...]
    book_name: str


@dataclass(frozen=True, slots=True)
class ReplayStand:
    """How far a replay is.

    Attributes
    ----------
    now_ns, exchange_ns : int
        On the desk's clock of then, and by the market.
    is_playing : bool
        Whether it plays.
    speed : float
        Desk seconds a second, as asked for.
    reached : float
        As played in the last second; NaN while it stands.
    seek_s : float
        How long the last seek took; NaN before the first.
    """

    now_ns: int
    exchange_ns: int
    is_playing: bool
    speed: float
    reached: float
    seek_s: float


def marks_of(recipe: ReplayRecipe) -> tuple[ReplayMark, ...]:
    """Return the breaches that the journal tells of within a recipe."""
    found = []
    for row in recipe.later:
        if row.kind == "breach_raised" and row.received_time_ns <= recipe.end_ns:
            breach = breach_from(row.body)
            found.append(
                ReplayMark(
                    breach.breach_id,
                    breach.title,
                    breach.limit.severity.value,
                    row.received_time_ns,
                    row.exchange_time_ns,
                )
            )
    return tuple(found)


class ReplayWorker(QObject):
    """Owns a replay on its own QThread.

    Signals
    -------
    begun(ReplaySpan)
        It stands at its beginning; once.
    refused(str)
        There is nothing to play, in a sentence; then nothing follows.
    snapshot_taken(RiskSnapshot)
        The next one follows only after `note_painted`.
    event_happened(Event)
        Each, as it was told then.
    stood(ReplayStand)
        How far it is; with every turn.
    rewound()
        What follows lies before what was told.
    beaten()
        Four times a second; silence means the thread hangs.
    failed(str)
        A fault; the figures stand still.
    closed()
        The replay has been let go.
    """

    begun = Signal(object)
    refused = Signal(str)
    snapshot_taken = Signal(object)
    event_happened = Signal(object)
    stood = Signal(object)
    rewound = Signal()
    beaten = Signal()
    failed = Signal(str)
    closed = Signal()

    def __init__(
        self, make_recipe: Callable[[], ReplayRecipe], start_at: Callable[[ReplayRecipe], int]
    ) -> None:
        super().__init__()
        self._make_recipe = make_recipe
        self._start_at = start_at
        self._recipe: ReplayRecipe | None = None
        self._replay: Replay | None = None
        self._timer: QTimer | None = None
        self._beat_timer: QTimer | None = None
        self._is_playing = False
        self._speed = 1.0
        self._reached = self._seek_s = float("nan")
        self._turned_ns = 0
        self._in_flight_since_ns = self._offered_ns = 0
        self._is_dirty = False

    @Slot()
    def start(self) -> None:
        """Read the files, build the engine of then, and lead it to where it is to be seen first."""
        try:
            self._recipe = self._make_recipe()
        except (LookupError, OSError, ValueError, RuntimeError) as why:
            self.refused.emit(str(why.args[0]) if why.args else str(why))
            return
        if not self._do(self._begin):
            return
        self._timer = self._ticking(TURN_MS, self._turn)
        self._beat_timer = self._ticking(BEAT_MS, self.beaten.emit)

    @Slot()
    def play(self) -> None:
        """Play on."""
        self._is_playing = True
        self._turned_ns = time.monotonic_ns()
        self._tell_stand()

    @Slot()
    def pause(self) -> None:
        """Stand still."""
        self._is_playing = False
        self._reached = float("nan")
        self._tell_stand()

    @Slot(float)
    def set_speed(self, speed: float) -> None:
        """Play so many desk seconds a second from now on."""
        self._speed = speed
        self._reached = float("nan")
        if self._replay is not None:
            self._replay.is_hurried = speed >= HURRIED_FROM
        self._tell_stand()

    @Slot(object)
    def seek(self, at_ns: int) -> None:
        """Go to an instant of the desk's clock: on from here, or from the beginning where it lies before."""
        self._do(lambda: self._seek(at_ns))

    @Slot()
    def note_painted(self) -> None:
        """Hear that the views have painted: another snapshot may go."""
        self._in_flight_since_ns = 0
        if self._is_dirty:
            self._offer_snapshot()

    @Slot()
    def close(self) -> None:
        """Let the replay go."""
        for timer in (self._timer, self._beat_timer):
            if timer is not None:
                timer.stop()
        self._replay = self._recipe = None
        self.closed.emit()

    def _begin(self) -> None:
        recipe = self._recipe
        assert recipe is not None, "made by start"  # noqa: S101  tells mypy
        self._replay = Replay(recipe)
        self.begun.emit(ReplaySpan(recipe.begin_ns, recipe.end_ns, marks_of(recipe), recipe.book.name))
        self._tell(self._replay.begin())
        self._seek(self._start_at(recipe))

    def _seek(self, at_ns: int) -> None:
        recipe, replay = self._recipe, self._replay
        if recipe is None or replay is None:
            return
        began_ns = time.monotonic_ns()
        at_ns = min(max(at_ns, recipe.begin_ns), recipe.end_ns)
        if at_ns < replay.now_ns:
            replay = self._replay = Replay(recipe)
            self.rewound.emit()
            self._tell(replay.begin())
        replay.is_hurried = True
        self._tell(replay.advance(at_ns))
        replay.is_hurried = self._speed >= HURRIED_FROM
        self._turned_ns = time.monotonic_ns()
        self._seek_s = (self._turned_ns - began_ns) / NS_PER_S
        self._offer_snapshot()
        self._tell_stand()

    @Slot()
    def _turn(self) -> None:
        if self._is_playing:
            self._do(self._play_on)

    def _play_on(self) -> None:
        replay = self._replay
        if replay is None:
            return
        began_ns = time.monotonic_ns()
        since_ns = began_ns - self._turned_ns
        self._turned_ns = began_ns
        from_ns = replay.now_ns
        target_ns = from_ns + int(since_ns * self._speed)
        stride_ns = HURRIED_STRIDE_NS if replay.is_hurried else STRIDE_NS
        while replay.now_ns < target_ns and not replay.is_over:
            self._tell(replay.advance(min(replay.now_ns + stride_ns, target_ns)))
            if time.monotonic_ns() - began_ns > LONGEST_TURN_NS:
                break  # slower than asked for, but listening; what was reached is told
        self._note_reached((replay.now_ns - from_ns) / max(since_ns, 1))
        if replay.is_over:
            self._is_playing = False
            self._reached = float("nan")
        self._offer_snapshot()
        self._tell_stand()

    def _note_reached(self, reached: float) -> None:
        """Smooth over about a second of turns."""
        old = self._reached
        self._reached = reached if math.isnan(old) else 0.95 * old + 0.05 * reached

    def _tell(self, events: Sequence[object]) -> None:
        for event in events:
            self.event_happened.emit(event)

    def _tell_stand(self) -> None:
        replay = self._replay
        if replay is not None:
            self.stood.emit(
                ReplayStand(
                    replay.now_ns,
                    replay.exchange_ns,
                    self._is_playing,
                    self._speed,
                    self._reached,
                    self._seek_s,
                )
            )

    def _offer_snapshot(self) -> None:
        """Send a snapshot unless one is on its way to the screen."""
        now_ns = time.monotonic_ns()
        is_in_flight = self._in_flight_since_ns and now_ns - self._in_flight_since_ns < SNAPSHOT_OVERDUE_NS
        is_early = self._is_playing and self._speed >= HURRIED_FROM
        if is_in_flight or (is_early and now_ns - self._offered_ns < HURRIED_SNAPSHOT_NS):
            self._is_dirty = True
            return
        if self._replay is not None:
            self._is_dirty = False
            self._in_flight_since_ns = self._offered_ns = now_ns
            self.snapshot_taken.emit(self._replay.snapshot())

    def _do(self, act: Callable[[], None]) -> bool:
        """Act under the thread's one net; tell whether it went well."""
        try:
            act()
        except Exception:  # the thread's last net
            log.exception("the replay failed")
            self._replay = None
            self._is_playing = False
            self.failed.emit(FAULT)
            return False
        return True

    def _ticking(self, period_ms: int, act: Callable[[], object]) -> QTimer:
        timer = QTimer(self)
        timer.setInterval(period_ms)
        timer.setTimerType(Qt.TimerType.PreciseTimer)
        timer.timeout.connect(act)
        timer.start()
        return timer
