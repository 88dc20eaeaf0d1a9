"""The risk thread's one net: after a fault nothing acts and nothing beats, and the person is told."""

import pytest

from plimsoll.bridge.risk_worker import RiskWorker
from plimsoll.bridge.tick_buffer import TickBuffer
from plimsoll.domain.decision import Decision, DecisionKind
from plimsoll.engine.events import NoticeRaised

pytestmark = pytest.mark.logs_warnings


class BrokenEngine:
    """Fails wherever it is told to."""

    def __init__(self, broken: str) -> None:
        self._broken = broken
        self.asked: list[str] = []

    def _do(self, name: str) -> list:
        self.asked.append(name)
        if name == self._broken:
            raise ZeroDivisionError(name)
        return []

    def beat(self, _now_ns: int) -> list:
        return self._do("beat")

    def decide(self, _decision: Decision, _now_ns: int) -> list:
        return self._do("decide")

    record = None

    def ask(self, _request: object, _now_ns: int) -> list:
        return self._do("ask")

    def preview_event(self, _event: object) -> str:
        self._do("preview")
        return "preview"

    def study_book(self) -> str:
        self._do("study_book")
        return "book"

    def use_sessions(self, _table: object) -> None:
        self._do("use_sessions")

    def follow_clock(self, _clock: object) -> None:
        self._do("follow_clock")

    def use_window(self, _window: object) -> None:
        self._do("use_window")

    def note_history(self, _loaded: int, _wanted: int) -> None:
        self._do("note_history")

    def snapshot(self, _now_ns: int) -> str:
        self._do("snapshot")
        return "snapshot"


ACTS = {
    "beat": lambda worker: worker._beat(),
    "decide": lambda worker: worker.decide(Decision("d", DecisionKind.ACKNOWLEDGE, "B-1", "Ada")),
    "ask": lambda worker: worker.ask(None),
    "preview": lambda worker: worker.preview(None),
    "follow_clock": lambda worker: worker.follow_clock(None),
    "study_book": lambda worker: worker.make_study_book(),
    "use_sessions": lambda worker: worker.use_sessions(None),
    "use_window": lambda worker: worker.use_window(None),
    "note_history": lambda worker: worker.note_history(1, 2),
    "snapshot": lambda worker: (worker.note_painted(), worker._beat()),
}


@pytest.mark.parametrize("broken", list(ACTS))
def test_that_a_fault_anywhere_stops_the_beat_and_is_told_once(qapp, broken: str) -> None:
    engine = BrokenEngine("")
    worker = RiskWorker(lambda: (engine, lambda: None), TickBuffer())
    told, beats, failures = [], [], []
    worker.event_happened.connect(told.append)
    worker.beaten.connect(lambda: beats.append(1))
    worker.failed.connect(failures.append)
    worker.start()
    assert len(beats) == 1
    engine._broken = broken
    ACTS[broken](worker)
    n_beats = len(beats)
    asked = len(engine.asked)
    worker._beat()
    worker.decide(Decision("e", DecisionKind.ACKNOWLEDGE, "B-1", "Ada"))
    assert len(engine.asked) == asked
    assert len(beats) == n_beats
    assert len(failures) == 1
    assert [event.is_alarm for event in told if isinstance(event, NoticeRaised)] == [True]
    worker.close()


def test_that_an_engine_that_cannot_be_built_is_told_with_its_reason(qapp) -> None:
    def make() -> tuple:
        raise OSError("the disk is full")

    worker = RiskWorker(make, TickBuffer())
    told = []
    worker.event_happened.connect(told.append)
    worker.start()
    assert "the disk is full" in told[0].text
    worker.close()
