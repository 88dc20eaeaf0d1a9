"""Measures an instant and judges it: limits, the evidence of breaches, the mark, and trust in the data."""

import numpy as np

from plimsoll.engine.book_path import BookPath
from plimsoll.engine.day_course import DayCourse
from plimsoll.engine.desk_memory import DeskMemory
from plimsoll.engine.events import Event
from plimsoll.engine.evidence import EvidenceBook
from plimsoll.engine.instant import Instant
from plimsoll.engine.limit_watch import LimitWatch
from plimsoll.engine.mark_note import MarkNote
from plimsoll.engine.measurement import Measurement
from plimsoll.engine.measurer import Measurer
from plimsoll.engine.ports import JournalUnavailable
from plimsoll.engine.second_hand import SecondHand
from plimsoll.engine.sight import Sight
from plimsoll.engine.trust_watch import TrustWatch


class Judge:
    """Judges each batch and each beat; one owner, the risk thread.

    Attributes
    ----------
    measured : Measurement or None
        As last judged; None where the book or the limits have changed since.
    overrides_are_due : bool
        Whether a day has ended since: overrides end with it.
    """

    def __init__(
        self,
        path: BookPath,
        course: DayCourse,
        measurer: Measurer,
        watch: LimitWatch,
        evidence: EvidenceBook,
        second: SecondHand,
        sight: Sight,
        memory: DeskMemory,
    ) -> None:
        self.measured: Measurement | None = None
        self.overrides_are_due = False
        self._path = path
        self._course = course
        self._measurer = measurer
        self._watch = watch
        self._evidence = evidence
        self._second = second
        self._sight = sight
        self._memory = memory
        self._mark_note = MarkNote(path, evidence.codes, memory.append)
        self._trust = TrustWatch()

    def forget(self) -> None:
        """Know no figure of this instant any more: limits or history have changed."""
        self.measured = None

    def forget_book(self) -> None:
        """Know no figure of another book: nothing is planned or approved on it."""
        self.measured = self._sight.measured = None
        self._mark_note.forget()

    def look(self, now_ns: int) -> Measurement:
        """Return the figures of this instant without judging them, where there are none."""
        if self.measured is None:
            self.measured = self._measurer.measure(now_ns)
            self._watch.read(self.measured)
        return self.measured

    def judge(self, now_ns: int, *, heard_ns: int, at_once: bool = True) -> list[Event]:
        """Measure and judge.

        Parameters
        ----------
        now_ns : int
            By the desk's clock.
        heard_ns : int
            When the oldest tick judged was received, 0 of none.
        at_once : bool
            Whether figures that change slowly are worked out here as well.
        """
        measured = self._measurer.measure(now_ns, at_once=at_once)
        self.measured = self._sight.measured = measured
        instant = Instant(self._path.exchange_ns, now_ns, heard_ns)
        self._note_evidence(measured)
        self._watch.read(measured)
        if at_once:
            self._second.go(measured, self._watch, instant, self._course.next_roll_ns)
        events: list[Event] = []
        try:
            self._mark_note.write(self._watch.limits, now_ns)
            if self.overrides_are_due:
                self._watch.day_rolled(instant, events.append)
                self.overrides_are_due = False
            self._watch.judge(instant, self._evidence, events.append, has_ticks=heard_ns > 0)
        except JournalUnavailable as failure:
            # The extremes stay until they can be judged: their breach is raised once rows can be written.
            events += self._memory.alarm(failure)
        else:
            if events:
                self._memory.note_written()
            self._path.settle(measured.nav)
        self._evidence.note_course(self._path.exchange_ns, now_ns, self._watch.limits, self._watch.readings)
        return events

    def pursue(self, now_ns: int) -> None:
        """Work on what changes slowly for a few milliseconds: the market's figures, then the second's."""
        if self.measured is not None and not self._measurer.pursue(self.measured, now_ns):
            instant = Instant(self._path.exchange_ns, now_ns)
            self._second.go(self.measured, self._watch, instant, self._course.next_roll_ns)

    def tell_of_trust(self, now_ns: int) -> list[Event]:
        """Tell when prices no longer vouch for the book, or do so again; in the journal first."""
        notice = self._trust.notice(self.measured, now_ns) if self.measured is not None else None
        if notice is None:
            return []
        try:
            self._memory.append("notice", {"text": notice.text, "is_alarm": notice.is_alarm}, now_ns)
        except JournalUnavailable as failure:
            return [notice, *self._memory.alarm(failure)]
        return [notice]

    def _note_evidence(self, measured: Measurement) -> None:
        n_held = len(measured.value)
        marks = self._path.board.mark[:n_held]
        with np.errstate(divide="ignore", invalid="ignore"):
            day_change = marks / self._path.day.mark[:n_held] - 1.0
        if measured.position_day_pnl is not None and measured.es_contribution is not None:
            self._evidence.note_figures(
                measured, measured.position_day_pnl, day_change, measured.es_contribution
            )
