import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QKeySequence
from PySide6.QtWidgets import QAbstractButton, QAbstractItemView, QLineEdit
from pytestqt.qtbot import QtBot

from fakes.snapshot_maker import Recipe, make_breaches, make_snapshot
from plimsoll.bridge.risk_model import RiskModel
from plimsoll.domain.feed_status import FeedState, FeedStatus
from plimsoll.domain.snapshot import RiskSnapshot
from plimsoll.widgets.command_palette import CommandPalette
from plimsoll.widgets.help_card import HelpCard
from plimsoll.widgets.load_line_gauge import LoadLineGauge
from plimsoll.widgets.main_window import MainWindow


def plain(text: str) -> str:
    return text.replace("\u00a0", " ")


def test_that_the_window_stands_empty_and_honest_before_the_first_snapshot(window: MainWindow) -> None:
    assert window.strip._nav.text() == "—"
    assert window.breach_column._empty._words.text() == "No limit has been judged yet."
    assert not window.grab().isNull()


def test_that_only_figures_that_are_alive_have_a_gauge(
    show: Callable[..., RiskSnapshot], window: MainWindow
) -> None:
    snapshot = show()
    assert list(window.gauge_row.gauges) == [reading.key for reading in snapshot.gauges]


@pytest.mark.parametrize(
    "recipe",
    [Recipe(), Recipe(n_positions=0), Recipe(n_positions=500), Recipe(loaded=0), Recipe(n_positions=10_000)],
    ids=["24", "empty", "500", "no history", "10 000"],
)
def test_that_every_size_of_book_can_be_painted(
    show: Callable[..., RiskSnapshot], window: MainWindow, recipe: Recipe
) -> None:
    window.load_charts()
    show(recipe=recipe)
    show(recipe=recipe, step=1)
    assert window.centre.positions.model.rowCount() == recipe.n_positions
    assert not window.grab().isNull()


def test_that_a_demo_says_so_with_the_replayed_date(
    show: Callable[..., RiskSnapshot], window: MainWindow
) -> None:
    show()
    assert window.notices._demo.isVisible()
    words = window.notices._demo_words.text()
    assert words.startswith("Mon 24 Feb 2020 09:30 New York · simulated between real closes")
    assert "DEMO" in window.windowTitle()


def test_that_the_strip_and_the_grid_tell_of_the_same_snapshot(
    show: Callable[..., RiskSnapshot], window: MainWindow
) -> None:
    snapshot = show(step=3)
    assert plain(window.strip._nav.text()) == f"${snapshot.nav:,.0f}"
    assert window.centre.positions.model.table is snapshot.table


def test_that_each_connection_has_a_lamp_with_its_word(window: MainWindow, model: RiskModel) -> None:
    model.take_feed_status(FeedStatus("stocks", FeedState.LIVE, 16, 1700.0, 41.0))
    model.take_feed_status(
        FeedStatus("fx · crypto · commodities", FeedState.WAITING, 8, note="next try in 3 s")
    )
    lamps = window.strip._feeds
    assert lamps["stocks"].accessibleName() == "Stocks live 1,700 ticks/s · lag 41 ms"
    assert lamps["fx · crypto · commodities"].accessibleName() == "FX · crypto · commodities waiting"
    assert "next try in 3 s" in lamps["fx · crypto · commodities"].toolTip()


def test_that_a_broken_connection_is_told_with_what_it_means(window: MainWindow, model: RiskModel) -> None:
    model.take_feed_status(FeedStatus("stocks", FeedState.WAITING, 16, note="next try in 3 s"))
    words = window.notices._outage.words.text()
    assert words.startswith("No prices from stocks (waiting): its 16 codes turn stale")
    assert words.endswith("Next try in 3 s.")
    model.take_feed_status(FeedStatus("stocks", FeedState.LIVE, 16))
    assert not window.notices._outage.isVisible()


def test_that_the_count_of_stale_positions_opens_their_list(
    show: Callable[..., RiskSnapshot], window: MainWindow
) -> None:
    show()
    window.strip._stale.click()
    assert window.centre.positions.model.rowCount() == 2


def test_that_no_broken_limit_is_claimed_while_some_cannot_be_computed(
    show: Callable[..., RiskSnapshot], window: MainWindow
) -> None:
    show(recipe=Recipe(loaded=3))
    words = window.breach_column._empty._words.text()
    assert words == "No limit is known to be broken; 2 cannot be computed."


def test_that_loading_tells_how_far_it_is_and_can_be_cancelled(
    qtbot: QtBot, window: MainWindow, model: RiskModel
) -> None:
    model.history_progressed.emit(3, 24, "AAPL.US")
    assert "loading 3 of 24 (AAPL.US)" in window.notices._history.words.text()
    with qtbot.waitSignal(model.history_cancelled):
        window.notices._history._button.click()
    model.history_progressed.emit(24, 24, "")
    assert not window.notices._history.isVisible()


def test_that_a_silent_engine_is_told_in_words_and_greys_the_gauges(
    show: Callable[..., RiskSnapshot], window: MainWindow, model: RiskModel
) -> None:
    show()
    model.engine_silent_changed.emit(True)
    assert window.notices._silence.isVisible()
    assert all("silent" in gauge.text() for gauge in window.gauge_row.gauges.values())
    model.engine_silent_changed.emit(False)
    assert not window.notices._silence.isVisible()


def test_that_each_open_breach_has_a_card_that_offers_no_override(
    show: Callable[..., RiskSnapshot], window: MainWindow
) -> None:
    show(breaches=make_breaches())
    cards = window.breach_column.cards
    assert [card.breach.breach_id for card in cards] == [breach.breach_id for breach in make_breaches()]
    words = {b.text() for card in cards for b in card.findChildren(QAbstractButton)}
    assert words == {"Review…", "Acknowledge", "Snooze"}


def test_that_typing_in_the_filter_narrows_the_grid(
    qtbot: QtBot, show: Callable[..., RiskSnapshot], window: MainWindow
) -> None:
    show()
    window.centre.open_filter()
    field = window.centre.positions.filter_field
    assert field.isVisible()
    qtbot.keyClicks(field, "energy")
    assert window.centre.positions.model.rowCount() == 3
    window.centre.positions.close_filter()
    assert window.centre.positions.model.rowCount() == 24


def test_that_copied_rows_are_tab_separated_with_their_headers(
    show: Callable[..., RiskSnapshot], window: MainWindow
) -> None:
    show()
    window.centre.positions.select_code("AAPL.US")
    window.centre.positions.copy_selection()
    head, row = QGuiApplication.clipboard().text().split("\n")
    assert head.split("\t")[:2] == ["Symbol", "Class"]
    assert row.split("\t")[0] == "AAPL.US"
    assert len(head.split("\t")) == len(row.split("\t"))


def test_that_the_palette_finds_and_runs_an_action(
    qtbot: QtBot, show: Callable[..., RiskSnapshot], window: MainWindow
) -> None:
    show()
    palette = CommandPalette(window.registry, window)
    qtbot.addWidget(palette)
    palette.open_over(window)
    palette.narrow("look day")
    assert [plain(name) for name in palette.shown] == ["Look: Day"]
    palette.run_chosen()
    assert window.theme.choice == "day"


def test_that_no_two_actions_share_a_shortcut(window: MainWindow) -> None:
    keys = [
        action.shortcut().toString(QKeySequence.SequenceFormat.PortableText)
        for action in window.registry.actions
        if not action.shortcut().isEmpty()
    ]
    assert len(keys) == len(set(keys))


def test_that_no_shortcut_decides_about_a_breach(window: MainWindow) -> None:
    names = " ".join(action.text().casefold() for action in window.registry.actions)
    assert not [word for word in ("acknowledge", "override", "snooze", "approve") if word in names]


def test_that_every_control_has_a_name_for_assistive_technology(
    show: Callable[..., RiskSnapshot], window: MainWindow
) -> None:
    show(breaches=make_breaches())
    nameless = [
        control
        for kind in (QAbstractButton, QLineEdit, QAbstractItemView, LoadLineGauge)
        for control in window.findChildren(kind)
        if not control.objectName().startswith("qt_")
        and not (control.accessibleName() or (isinstance(control, QAbstractButton) and control.text()))
        and control.isVisible()
    ]
    assert nameless == []


@pytest.mark.parametrize("size", [(1282, 764), (1366, 768), (1500, 900), (1680, 1050)])
def test_that_the_window_fits_its_screen_without_a_sideways_scroll(
    open_desk: Callable[..., MainWindow], model: RiskModel, size: tuple[int, int]
) -> None:
    desk = open_desk(size)
    model.take_snapshot(make_snapshot(breaches=make_breaches()))
    desk._show_newest()
    desk.grab()
    assert (desk.width(), desk.height()) == size
    assert desk.centre.positions.view.horizontalScrollBar().maximum() == 0


def test_that_a_layout_is_kept_and_found_again(open_desk: Callable[..., MainWindow], tmp_path: Path) -> None:
    path = tmp_path / "deep" / "workspace.json"
    first = open_desk(workspace_path=path)
    first.panels[2].hide()
    first.panels[1].header.choose(3)
    first.theme.choose("day")
    first.close()
    assert json.loads(path.read_text(encoding="utf-8"))["theme"] == "day"
    second = open_desk(workspace_path=path)
    assert second.panels[2].isHidden()
    assert second.panels[1].header.chosen == 3
    assert second.theme.choice == "day"


@pytest.mark.parametrize("text", ["", "{", '{"version": 99}', '{"version": 1}', "[]"])
def test_that_a_broken_layout_file_starts_the_desk_afresh_and_says_so(
    open_desk: Callable[..., MainWindow], tmp_path: Path, text: str, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "workspace.json"
    path.write_text(text, encoding="utf-8")
    assert not open_desk(workspace_path=path).panels[0].isHidden()
    assert "starting afresh" in caplog.text


FIRST_PAINT = """
import sys
from PySide6.QtWidgets import QApplication
from plimsoll.bridge.risk_model import RiskModel
from plimsoll.widgets.main_window import MainWindow
app = QApplication([])
window = MainWindow(RiskModel("ana", is_demo=True), workspace_path=None, theme="night")
window.show()
assert not window.grab().isNull()
print({"pyqtgraph", "pandas", "scipy"} & set(sys.modules) or "light")
"""


REAL_START = """
import sys
from PySide6.QtCore import QCoreApplication
from plimsoll import app
HEAVY = {"pandas", "scipy", "pyqtgraph", "aiohttp", "keyring", "sqlite3", "websocket", "plimsoll.desk"}
paint = app.MainWindow.paintEvent
def painted(window, event):
    paint(window, event)
    print(HEAVY & set(sys.modules) or "light", flush=True)
    QCoreApplication.exit(0)
app.MainWindow.paintEvent = painted
sys.exit(app.run(["demo", *sys.argv[1:]]))
"""


def test_that_the_program_paints_its_window_before_it_loads_the_house(tmp_path: Path) -> None:
    told = subprocess.run(
        [sys.executable, "-c", REAL_START, "--data-dir", str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        timeout=50,
    )
    assert told.stdout.splitlines()[0] == "light"


def test_that_a_bad_file_is_refused_before_any_window(tmp_path: Path) -> None:
    bad = tmp_path / "positions.csv"
    bad.write_text("code,quantity\nAAPL.US,many\n", encoding="utf-8")
    told = subprocess.run(
        [sys.executable, "-c", REAL_START, "--data-dir", str(tmp_path / "desk"), "--portfolio", str(bad)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        timeout=50,
    )
    assert told.returncode == 2
    assert told.stdout == ""
    assert "positions.csv" in told.stderr or "instruments" in told.stderr


def test_that_the_day_is_told_in_money_and_as_a_share(
    show: Callable[..., RiskSnapshot], window: MainWindow
) -> None:
    snapshot = replace(make_snapshot(), day_pnl=-186_240.0, day_pnl_fraction=-0.0074)
    show(snapshot)
    assert plain(window.strip._day_pnl.text()) == "▼ −$186,240 (−0.74 %)"


def test_that_the_first_window_is_painted_without_pyqtgraph() -> None:
    offscreen = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    told = subprocess.run(
        [sys.executable, "-c", FIRST_PAINT],
        capture_output=True,
        text=True,
        check=True,
        env=offscreen,
        timeout=50,
    )
    assert told.stdout.strip() == "light"


def test_that_esc_closes_the_help_though_the_window_keeps_the_keyboard(
    qtbot: QtBot, show: Callable[..., RiskSnapshot], window: MainWindow
) -> None:
    show()
    window._show_help()
    (card,) = window.findChildren(HelpCard)
    closed: list[bool] = []
    card.destroyed.connect(lambda: closed.append(True))
    window.activateWindow()
    window.setFocus()
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: bool(closed))
    window._show_help()
    assert len([each for each in window.findChildren(HelpCard) if each.isVisible()]) == 1
