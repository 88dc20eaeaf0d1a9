from collections.abc import Callable

from pytestqt.qtbot import QtBot

from fakes.snapshot_maker import make_snapshot
from plimsoll.bridge.risk_model import RiskModel
from plimsoll.domain.snapshot import RiskSnapshot
from plimsoll.widgets.beat import Beat
from plimsoll.widgets.main_window import MainWindow


def test_that_each_call_shows_one_part_until_all_show_the_snapshot() -> None:
    shown: list[tuple[str, int]] = []
    beat = Beat([lambda s: shown.append(("strip", s.number)), lambda s: shown.append(("bars", s.number))])
    snapshot = make_snapshot(step=4)
    beat.begin(snapshot)
    assert shown == []
    beat.show_next()
    assert shown == [("strip", snapshot.number)]
    assert beat.is_under_way
    beat.show_next()
    assert shown == [("strip", snapshot.number), ("bars", snapshot.number)]
    assert not beat.is_under_way
    beat.show_next()
    assert len(shown) == 2


def test_that_the_rest_of_a_beat_can_be_shown_at_once() -> None:
    shown: list[int] = []
    beat = Beat([lambda _: shown.append(1), lambda _: shown.append(2), lambda _: shown.append(3)])
    beat.begin(make_snapshot())
    beat.show_next()
    beat.show_rest()
    assert shown == [1, 2, 3]
    assert not beat.is_under_way


def test_that_every_beat_is_shown_whole_and_the_last_snapshot_comes_to_stand_everywhere(
    qtbot: QtBot, window: MainWindow, model: RiskModel, show: Callable[..., RiskSnapshot]
) -> None:
    show(step=0)
    seen: list[tuple[str, int]] = []
    beat = window._beat
    beat._parts = tuple(
        lambda snapshot, part=part, k=k: (seen.append((str(k), snapshot.number)), part(snapshot))[0]
        for k, part in enumerate(beat._parts)
    )
    n_parts = len(beat._parts)
    steps = iter(range(1, 10_000))

    def three_rounds_are_shown() -> bool:
        model.take_snapshot(make_snapshot(step=next(steps)))
        return len(seen) >= 3 * n_parts

    qtbot.waitUntil(three_rounds_are_shown)
    qtbot.waitUntil(lambda: beat.snapshot is model.snapshot and not beat.is_under_way)
    assert len(seen) % n_parts == 0
    rounds = [seen[k : k + n_parts] for k in range(0, len(seen), n_parts)]
    for one in rounds:
        assert [part for part, _ in one] == [str(k) for k in range(n_parts)]
        assert len({number for _, number in one}) == 1


def test_that_a_picture_shows_one_snapshot_in_every_part(
    window: MainWindow, model: RiskModel, show: Callable[..., RiskSnapshot]
) -> None:
    show(step=0)
    window._begin_beat(make_snapshot(step=1))
    assert window._beat.is_under_way
    assert not window.picture().isNull()
    assert not window._beat.is_under_way
