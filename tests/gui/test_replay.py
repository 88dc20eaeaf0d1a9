"""A replay's worker, bar and window: what plays, what steers it, and that nothing is decided there."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
import shiboken6
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from fakes.snapshot_maker import Recipe, make_snapshot
from fakes.trading_desk import OPEN_NS, Desk, S, book_of, random_window, rows_of
from plimsoll.bridge.replay_model import REFUSAL, ReplayModel
from plimsoll.bridge.replay_worker import ReplayMark, ReplaySpan, ReplayStand, ReplayWorker
from plimsoll.domain.limit import Limit, Measure, Severity
from plimsoll.domain.snapshot import RiskSnapshot
from plimsoll.engine.events import BreachRaised
from plimsoll.engine.replay_engine import ReplayRecipe
from plimsoll.storage.tick_reading import TicksMissing
from plimsoll.widgets.replay_bar import BEFORE_NS, ReplayBar
from plimsoll.widgets.replay_window import ReplayWindow
from plimsoll.widgets.theme import Theme

N_BATCHES = 120
LIMIT = Limit("dd", "Drawdown", Measure.DRAWDOWN, 0.05, Severity.CRITICAL)


def made_recipe() -> ReplayRecipe:
    """Return twelve seconds in which a share loses a tenth a second from the sixth on."""
    desk = Desk(book_of({"AAPL.US": (1000, 300.0)}, {"USD": 0.0}), (LIMIT,))
    rows = []
    for place in range(N_BATCHES):
        desk.pass_time(0.1)
        rows.append(desk.row("AAPL.US", 300.0 - max(place - 60, 0)))
    return ReplayRecipe(
        book=desk.book,
        universe=desk.universe,
        rules=desk.engine.rules,
        window=random_window(len(desk.universe.codes), 260, 5, {0: 300.0}),
        earlier=tuple(desk.journal.kept),
        later=(),
        before=rows_of([])[:0],
        rows=rows_of(rows),
        starts=np.arange(N_BATCHES),
        applied_ns=np.array([OPEN_NS + (place + 1) * S // 10 for place in range(N_BATCHES)]),
    )


class Heard:
    def __init__(self, worker: ReplayWorker) -> None:
        self.snapshots: list[RiskSnapshot] = []
        self.breaches: list[str] = []
        self.stands: list[ReplayStand] = []
        worker.snapshot_taken.connect(self._take)
        worker.event_happened.connect(self._hear)
        worker.stood.connect(self.stands.append)
        self._worker = worker

    def _take(self, snapshot: RiskSnapshot) -> None:
        self.snapshots.append(snapshot)
        self._worker.note_painted()

    def _hear(self, event: object) -> None:
        if isinstance(event, BreachRaised):
            self.breaches.append(event.breach.limit.limit_id)


@pytest.fixture
def worker(qapp: QApplication) -> Iterator[ReplayWorker]:
    worker = ReplayWorker(made_recipe, lambda recipe: recipe.begin_ns)
    yield worker
    worker.close()


def test_that_it_plays_to_the_end_at_a_hundred_times_and_stands(qtbot: QtBot, worker: ReplayWorker) -> None:
    heard = Heard(worker)
    worker.start()
    worker.set_speed(100.0)
    worker.play()
    qtbot.waitUntil(lambda: not heard.stands[-1].is_playing, timeout=10_000)
    assert heard.breaches == ["dd"]
    assert heard.snapshots[-1].nav == pytest.approx(1000 * (300.0 - (N_BATCHES - 61)))
    assert heard.stands[-1].now_ns == OPEN_NS + N_BATCHES * S // 10


def test_that_seeking_back_rebuilds_the_past_to_the_same_figures(qtbot: QtBot, worker: ReplayWorker) -> None:
    heard = Heard(worker)
    worker.start()
    at_ns = OPEN_NS + 8 * S
    worker.seek(at_ns)
    before = heard.snapshots[-1]
    worker.seek(OPEN_NS + 12 * S)
    with qtbot.waitSignal(worker.rewound):
        worker.seek(at_ns)
    again = heard.snapshots[-1]
    assert (again.nav, again.drawdown, again.high_water_mark) == (
        before.nav,
        before.drawdown,
        before.high_water_mark,
    )
    assert heard.snapshots[-2].nav < again.nav


def test_that_missing_ticks_are_told_and_nothing_follows(qtbot: QtBot) -> None:
    def refuse() -> ReplayRecipe:
        raise TicksMissing("No ticks of that time are kept.")

    worker = ReplayWorker(refuse, lambda recipe: recipe.begin_ns)
    with qtbot.assertNotEmitted(worker.begun), qtbot.waitSignal(worker.refused) as told:
        worker.start()
    assert told.args == ["No ticks of that time are kept."]


def test_that_decisions_are_refused_with_a_sentence(qtbot: QtBot) -> None:
    model = ReplayModel("ana", is_demo=True)
    with qtbot.waitSignal(model.decision_rejected) as told:
        decision_id = model.acknowledge("B-0001")
    assert told.args is not None
    assert (told.args[0].decision_id, told.args[1]) == (decision_id, REFUSAL)


def test_that_the_bar_steps_to_shortly_before_each_breach(qtbot: QtBot, theme: Theme) -> None:
    bar = ReplayBar(theme)
    qtbot.addWidget(bar)
    marks = tuple(ReplayMark(f"B-{n}", "Drawdown", "HIGH", n * 10 * S, OPEN_NS) for n in (1, 2, 3))
    bar.show_span(ReplaySpan(0, 40 * S, marks, "book"))
    bar.show_stand(ReplayStand(15 * S, OPEN_NS, is_playing=False, speed=1.0, reached=1.0, seek_s=0.1))
    for button, wanted in ((bar.next_button, 20 * S), (bar.previous_button, 10 * S)):
        with qtbot.waitSignal(bar.sought) as told:
            button.click()
        assert told.args == [wanted - BEFORE_NS]
    with qtbot.waitSignal(bar.play_wanted):
        bar.play_button.click()
    assert "15 s in" in bar.track.accessibleDescription()


def test_that_the_keyboard_moves_along_the_way(qtbot: QtBot, theme: Theme) -> None:
    bar = ReplayBar(theme)
    qtbot.addWidget(bar)
    bar.show_span(ReplaySpan(0, 40 * S, (), "book"))
    bar.show_stand(ReplayStand(15 * S, OPEN_NS, is_playing=False, speed=1.0, reached=1.0, seek_s=0.1))
    with qtbot.waitSignal(bar.sought) as told:
        qtbot.keyClick(bar.track, Qt.Key.Key_Left)
    assert told.args == [10 * S]
    assert not bar.next_button.isEnabled()


def test_that_a_replayed_breach_opens_no_dialog_and_the_window_says_replay(qapp: QApplication) -> None:
    model = ReplayModel("ana", is_demo=False)
    window = ReplayWindow(model, "Plimsoll · REPLAY of B-0001", "night")
    window.show()
    window.load_charts()
    snapshot = make_snapshot(Recipe())
    model.take_snapshot(snapshot)
    for breach in snapshot.breaches:
        model.take_event(BreachRaised(replace(breach, breach_id="B-9"), 0))
    assert window.queue.dialog is None
    assert window.bar.badge.text() == "REPLAY"
    assert "REPLAY" in window.windowTitle()
    window.close()
    shiboken6.delete(window)
