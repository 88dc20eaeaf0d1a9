"""Makes pictures of states the demo does not come to by itself, to be looked at: into build/shots."""

import os
import sys
from argparse import ArgumentParser
from dataclasses import dataclass, replace
from pathlib import Path

from PySide6.QtWidgets import QApplication, QWidget

from plimsoll.bridge.risk_model import RiskModel
from plimsoll.domain.feed_status import FeedState, FeedStatus
from plimsoll.domain.method import RiskMethod
from plimsoll.engine.events import BreachRaised
from plimsoll.widgets.gauge_row import BEATS_PER_COURSE
from plimsoll.widgets.main_window import MainWindow

sys.path.insert(0, str(Path(__file__).parents[1]))  # tests are not a package; pytest does the same
from fakes.snapshot_maker import Recipe, make_breaches, make_snapshot

ROOT = Path(__file__).parents[2]
LARGE, SMALL, DIALOG = (1680, 1050), (1366, 768), (1060, 600)
N_STEPS = 240
CONNECTIONS = (("stocks", 18), ("fx · crypto · commodities", 6))


CALM = Recipe(n_stale=0, n_unpriceable=0)


@dataclass(frozen=True)
class Scene:
    """One picture.

    Attributes
    ----------
    name : str
        Of the file.
    recipe : Recipe
        The book.
    theme : str
        Night or day.
    size : tuple of int
        Of the window, in pixels.
    in_breach, is_connected : bool
        Whether limits are broken; whether the feeds live.
    tab : int
        Of the centre.
    """

    name: str
    recipe: Recipe = CALM
    theme: str = "night"
    size: tuple[int, int] = LARGE
    in_breach: bool = False
    is_connected: bool = True
    tab: int = 0


BREACHED = Recipe(var_over=True)
SCENES = (
    Scene("main-window-night", BREACHED, in_breach=True),
    Scene("main-window-day", BREACHED, theme="day", in_breach=True),
    Scene("main-window-calm"),
    Scene("main-window-1366x768", BREACHED, size=SMALL, in_breach=True),
    Scene("main-window-limits", BREACHED, size=SMALL, in_breach=True, tab=1),
    Scene("main-window-500-positions", Recipe(n_positions=500), size=SMALL, theme="day"),
    Scene("main-window-loading", Recipe(loaded=3), size=SMALL),
    Scene("main-window-empty", Recipe(n_positions=0), size=SMALL),
    Scene("main-window-disconnected", Recipe(n_stale=21), size=SMALL, is_connected=False),
)


def staged(scene: Scene) -> tuple[RiskModel, MainWindow]:
    """Return a model and its window showing the scene."""
    model = RiskModel("ana", is_demo=True)
    model.method_words = RiskMethod().in_words(500)
    window = MainWindow(model, workspace_path=None, theme=scene.theme)
    window.resize(*scene.size)
    window.show()
    state = FeedState.LIVE if scene.is_connected else FeedState.WAITING
    for name, n_codes in CONNECTIONS:
        status = FeedStatus(name, state, n_codes, 85.0, 41.0)
        model.take_feed_status(status if scene.is_connected else replace(status, note="next try in 3 s"))
    breaches = make_breaches() if scene.in_breach else ()
    window.load_charts()
    for step in range(N_STEPS):
        model.take_snapshot(make_snapshot(scene.recipe, step=step, breaches=breaches))
        model._tell_the_views()
    if scene.recipe.loaded < scene.recipe.n_positions == Recipe().n_positions:
        model.history_progressed.emit(scene.recipe.loaded, scene.recipe.n_positions, "AAPL.US")
    window.centre.header.choose(scene.tab)
    for _ in range(BEATS_PER_COURSE + 1):
        window._show_newest()
    return model, window


def settle() -> None:
    """Let layouts and queued paints come to rest."""
    for _ in range(5):
        QApplication.processEvents()


def save(widget: QWidget, folder: Path | None, name: str) -> None:
    """Write a picture of a widget."""
    settle()
    home = folder or ROOT / "build" / "shots"
    home.mkdir(parents=True, exist_ok=True)
    widget.grab().save(str(home / f"{name}.png"))
    sys.stdout.write(f"{home / name}.png\n")


def main() -> None:
    """Make every picture."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, help="where all go, instead of build/shots")
    folder = parser.parse_args().folder
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    application = QApplication(sys.argv)
    for scene in SCENES:
        _model, window = staged(scene)
        save(window, folder, scene.name)
        window.close()
    for theme in ("night", "day"):
        model, window = staged(replace(SCENES[0], theme=theme))
        for breach in make_breaches()[:3]:
            model.take_event(BreachRaised(breach, 0))
        dialog = window.queue.dialog
        if dialog is None:
            raise SystemExit("the breach dialog did not open")
        dialog.resize(*DIALOG)
        save(dialog, folder, f"breach-dialog-{theme}")
        window.close()
    application.quit()


if __name__ == "__main__":
    main()
