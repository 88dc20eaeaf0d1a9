"""The main window: every view of one snapshot, in panels that go where the trader wants them."""

import time
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QAction, QActionGroup, QCloseEvent, QIcon, QPaintEvent, QPixmap, QShowEvent
from PySide6.QtWidgets import QApplication, QDockWidget, QFrame, QMainWindow, QVBoxLayout, QWidget

from plimsoll import assets
from plimsoll.bridge.risk_model import RiskModel
from plimsoll.domain.snapshot import RiskSnapshot
from plimsoll.widgets.action_registry import ActionRegistry
from plimsoll.widgets.arrangement import arrange, share_out
from plimsoll.widgets.beat import Beat
from plimsoll.widgets.breach_column import BreachColumn
from plimsoll.widgets.breach_queue import BreachQueue
from plimsoll.widgets.centre import Centre
from plimsoll.widgets.colours import DIRECTIONS
from plimsoll.widgets.desk_status_bar import DeskStatusBar
from plimsoll.widgets.equity_chart import EquityChart
from plimsoll.widgets.exposure_bars import ExposureBars
from plimsoll.widgets.frame_time import FrameTime
from plimsoll.widgets.gauge_row import GaugeRow
from plimsoll.widgets.nearest_limits import NearestLimits
from plimsoll.widgets.notice_bar import NoticeBar
from plimsoll.widgets.panel import Panel
from plimsoll.widgets.pnl_distribution import PnlDistribution
from plimsoll.widgets.quick_stress import QuickStress
from plimsoll.widgets.risk_contribution import RiskContribution
from plimsoll.widgets.status_strip import StatusStrip
from plimsoll.widgets.theme import CHOICES, Theme
from plimsoll.widgets.workspace import Workspace, load_workspace, packed, save_workspace, unpacked

if TYPE_CHECKING:
    from plimsoll.widgets.late_views import LateViews

BEAT_MS = 100  # at most ten text updates a second, all of one snapshot, so that no two figures disagree
PART_MS = 16  # a part of the window a frame: all of them in one frame would cost the next (performance)
SILENCE_MS = 1000  # after this long nothing moves that a long frame could hold up
FIRST_SIZE = (1680, 1050)
FRAME = (4, 36)  # pixels a window manager's frame takes: else the status bar lies below the screen
GROUPINGS = (
    ("sector", "Sector"),
    ("asset_class", "Asset class"),
    ("currency", "Currency"),
    ("country", "Country"),
)
STATE_VERSION = 2


class MainWindow(QMainWindow):
    """The desk; it speaks to the model alone.

    Signals
    -------
    painted_first()
        The window stands on the screen for the first time; whatever is heavy may begin now.
    late_views_built()
        The views that no first paint waits for stand too.
    """

    painted_first = Signal()
    late_views_built = Signal()

    def __init__(self, model: RiskModel, *, workspace_path: Path | None, theme: str) -> None:
        super().__init__()
        self._model = model
        self._workspace_path = workspace_path
        self._kept = load_workspace(workspace_path) if workspace_path is not None else None
        self.theme = Theme(self._kept.theme if self._kept is not None else theme, self)
        self._last_beat_ns = 0
        self._frames = FrameTime()
        self.setWindowTitle("Plimsoll (DEMO)" if model.is_demo else "Plimsoll")
        self.setWindowIcon(QIcon(str(assets.path("icons/plimsoll.svg"))))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.registry = ActionRegistry(self)
        self._make_views()
        self._make_panels()
        self._make_actions()
        room = self.screen().availableGeometry().size() - QSize(*FRAME)
        self.resize(QSize(*FIRST_SIZE).boundedTo(room))
        arrange(self, self.gauges_dock, self.panels)
        self._restore()
        self._beat_timer = QTimer(self)
        self._beat_timer.setSingleShot(True)
        self._beat_timer.timeout.connect(self._go_on)
        model.snapshot_taken.connect(self.show_snapshot)
        model.engine_silent_changed.connect(self.grey_out)
        self.queue = BreachQueue(model, self.theme, self)
        self.breach_column.review_wanted.connect(self.queue.open_breach)
        self._has_charts = False
        self.late: LateViews | None = None
        self._has_painted = False
        self._was_shown = False
        if model.snapshot is not None:
            self._show_newest()

    @Slot(object)
    def show_snapshot(self, snapshot: RiskSnapshot) -> None:
        """Show the newest figures: all of them at once after a silence, else part by part at the next beat.

        Between beats the grid alone follows: no cell of it changes more often than the beat, but most have
        not changed for longer, and need not wait.
        """
        since_ms = (time.monotonic_ns() - self._last_beat_ns) / 1e6
        if since_ms >= SILENCE_MS:
            self._show_newest()
        elif since_ms >= BEAT_MS and not self._beat.is_under_way:
            self._begin_beat(snapshot)
        else:
            self._frames.began()
            self.centre.positions.show_snapshot(snapshot, with_ages=False)
            self._frames.ended()
            if not self._beat_timer.isActive():
                self._beat_timer.start(max(int(BEAT_MS - since_ms), 1))

    @Slot(bool)
    def grey_out(self, silent: bool) -> None:  # noqa: FBT001  a slot of engine_silent_changed(bool)
        """Show that the figures stand still."""
        self.centre.positions.grey_out(silent)
        self.quick_stress.grey_out(silent)
        if self.late is not None:
            self.late.grey_out(silent)

    def load_charts(self) -> None:
        """Build the charts; called by itself after the first paint, which goes without them."""
        if self._has_charts:
            return
        self._has_charts = True
        self.equity_chart.load()
        self.pnl_distribution.load()
        # 90 ms of modules that no first paint should wait for; the first breach and F1 must not either.
        from plimsoll.widgets import breach_card, breach_dialog, help_card  # noqa: F401, PLC0415
        from plimsoll.widgets.late_views import LateViews  # noqa: PLC0415

        late = LateViews(
            self._model,
            self.theme,
            self.centre,
            self.panels,
            latencies_ms=lambda: self.queue.latencies_ms,
            is_quiet=QApplication.platformName() == "offscreen",
            parent=self,
        )
        late.alerts.review_wanted.connect(self.queue.open_breach)
        late.alerts.window_wanted.connect(self._come_forward)
        self.strip.add_control(late.alerts.strip_button)
        self.panels[4].header.choose(late.ladder_tab)
        self.registry.add("Go", "Alerts", "Ctrl+3", self.show_alerts)
        self.late = late
        self.late_views_built.emit()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not self._was_shown:
            self._was_shown = True
            # Else the first control of the strip would get it, as if somebody had asked for it.
            self.setFocus()
            if self._kept is None:
                share_out(self, self.panels)
                self.centre.positions.give_up_columns()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._has_painted:
            self._has_painted = True
            QTimer.singleShot(0, self._open_up)

    def event(self, event: QEvent) -> bool:
        # All paints of a frame happen inside this one event of the window that owns the surface.
        if event.type() != QEvent.Type.UpdateRequest:
            return super().event(event)
        self._frames.began()
        done = super().event(event)
        self._frames.ended()
        self._frames.cut()
        return done

    def closeEvent(self, event: QCloseEvent) -> None:
        self.save_layout()
        self.queue.close_all()
        if self.late is not None:
            self.late.end()
        super().closeEvent(event)

    @Slot()
    def save_layout(self) -> None:
        """Keep where everything stands."""
        if self._workspace_path is None:
            return
        save_workspace(
            self._workspace_path,
            Workspace(
                geometry=packed(self.saveGeometry()),
                docks=packed(self.saveState(STATE_VERSION)),
                grid_header=packed(self.centre.positions.view.horizontalHeader().saveState()),
                theme=self.theme.choice,
                direction=self.theme.direction,
                tabs={panel.objectName(): panel.header.chosen for panel in self.panels},
            ),
        )

    @Slot()
    def reset_layout(self) -> None:
        """Put every panel back where it first stood."""
        for panel in self.panels:
            panel.setFloating(False)
            panel.show()
        arrange(self, self.gauges_dock, self.panels)

    @Slot()
    def _open_up(self) -> None:
        self.painted_first.emit()
        self.load_charts()

    def picture(self) -> QPixmap:
        """Return the window as it stands, all parts of one snapshot."""
        self._beat.show_rest()
        return self.grab()

    @Slot()
    def _show_newest(self) -> None:
        """Show the newest snapshot everywhere, now."""
        snapshot = self._model.snapshot
        if snapshot is not None:
            self._begin_beat(snapshot)
            self._frames.began()
            self._beat.show_rest()
            self._frames.ended()

    def _begin_beat(self, snapshot: RiskSnapshot) -> None:
        self._last_beat_ns = time.monotonic_ns()
        self._beat.begin(snapshot)
        self._go_on()

    @Slot()
    def _go_on(self) -> None:
        """Show another part of the beat under way, or begin the beat that is due."""
        if self._beat.is_under_way:
            self._frames.began()
            self._beat.show_next()
            self._frames.ended()
            since_ms = (time.monotonic_ns() - self._last_beat_ns) / 1e6
            self._beat_timer.start(PART_MS if self._beat.is_under_way else max(int(BEAT_MS - since_ms), 1))
        elif self._model.snapshot is not None and self._model.snapshot is not self._beat.snapshot:
            self._begin_beat(self._model.snapshot)

    def _show_outline(self, snapshot: RiskSnapshot) -> None:
        self.strip.show_snapshot(snapshot)
        self.notices.show_snapshot(snapshot)
        self.centre.show_snapshot(snapshot)
        self.status_bar.show_snapshot(snapshot)
        self.status_bar.show_frame(self._frames.p99_ms())

    def _show_breaches(self, snapshot: RiskSnapshot) -> None:
        self.breach_column.show_snapshot(snapshot)
        self.nearest_limits.show_snapshot(snapshot)
        self.quick_stress.show_snapshot(snapshot)
        n_open = snapshot.n_open_breaches
        self.panels[3].header.rename(0, f"Breaches ({n_open})" if n_open else "Breaches")

    def _show_late_views(self, snapshot: RiskSnapshot) -> None:
        if self.late is not None:
            self.late.show_snapshot(snapshot)

    def _show_charts(self, snapshot: RiskSnapshot) -> None:
        self.equity_chart.show_snapshot(snapshot)
        self.pnl_distribution.show_snapshot(snapshot)

    def _show_exposure(self, snapshot: RiskSnapshot) -> None:
        self.risk_contribution.show_snapshot(snapshot)
        for grouping in snapshot.groupings:
            bars = self.exposure_bars.get(grouping.name)
            if bars is not None:
                bars.show_grouping(grouping)

    def _make_views(self) -> None:
        model, theme = self._model, self.theme
        self.strip = StatusStrip(model, theme, self.registry.menu)
        self.notices = NoticeBar(model)
        self.gauge_row = GaugeRow(model, theme)
        self.centre = Centre(theme)
        self.breach_column = BreachColumn(model, theme)
        self.nearest_limits = NearestLimits(theme)
        self.quick_stress = QuickStress(theme)
        self.equity_chart = EquityChart(model, theme)
        self.pnl_distribution = PnlDistribution(theme)
        self.risk_contribution = RiskContribution(theme)
        self.exposure_bars = {name: ExposureBars(theme, f"Exposure by {title}") for name, title in GROUPINGS}
        self.status_bar = DeskStatusBar(model, self)
        self._beat = Beat(
            (
                self._show_outline,
                self.gauge_row.show_snapshot,
                self._show_breaches,
                self._show_late_views,
                self._show_charts,
                self._show_exposure,
            )
        )
        top = QFrame(self)
        column = QVBoxLayout(top)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.strip)
        column.addWidget(self.notices)
        self.setMenuWidget(top)
        self.setCentralWidget(self.centre)
        self.setStatusBar(self.status_bar)
        self.strip.doubted_wanted.connect(self.centre.show_doubted)
        self.centre.positions.help_wanted.connect(self._show_book_help)

    def _make_panels(self) -> None:
        exposure = tuple((title, self.exposure_bars[name]) for name, title in GROUPINGS)
        self.gauges_dock = QDockWidget("Gauges", self)
        self.gauges_dock.setObjectName("Gauges")
        self.gauges_dock.setTitleBarWidget(QWidget(self.gauges_dock))
        self.gauges_dock.setWidget(self.gauge_row)
        self.gauges_dock.setFeatures(QDockWidget.DockWidgetFeature.NoDockWidgetFeatures)
        self.panels = (
            Panel(
                "Equity",
                (("Equity & drawdown", self.equity_chart), ("P&L distribution", self.pnl_distribution)),
                self,
            ),
            Panel("Exposure", exposure, self),
            Panel("Risk contribution", (("Risk contribution", self.risk_contribution),), self),
            Panel("Breaches", (("Breaches", self.breach_column),), self),
            Panel("Limits by use", (("Limits by use", self.nearest_limits),), self),
            Panel("Quick stress", (("Quick stress", self.quick_stress),), self),
        )
        self.panels[2].header.words.say("share of ES")
        for panel in self.panels:
            panel.header.tab_chosen.connect(self._show_newest)

    def _make_actions(self) -> None:
        add, positions = self.registry.add, self.centre.positions
        add("Go", "Command palette", "Ctrl+K", self._open_palette)
        add("Go", "Positions", "Ctrl+1", self.centre.show_positions)
        add("Go", "Limits", "Ctrl+2", self.centre.show_limits)
        add("Go", "Review the newest breach", "Ctrl+B", self._review_newest)
        add("Go", "Menu", "F10", self.strip.open_menu)
        add("Positions", "Filter positions", "Ctrl+F", self.centre.open_filter)
        add("Positions", "Clear the filter", "Ctrl+Shift+F", positions.close_filter)
        add("Positions", "Copy rows", "Ctrl+Shift+C", positions.copy_selection)
        self.registry.adopt("Positions", positions.doubted_action)
        for number, panel in enumerate(self.panels, start=1):
            action = panel.toggleViewAction()
            action.setShortcut(f"Alt+{number}")
            self.registry.adopt("Panels", action)
        add("Panels", "Save the layout", "Ctrl+S", self.save_layout)
        add("Panels", "Reset the layout", "", self.reset_layout)
        self._choice_actions("Look", [name.capitalize() for name in CHOICES], self._choose_theme)
        self._choice_actions("Look", list(DIRECTIONS), self._choose_direction)
        add("Help", "Help on this panel", "F1", self._show_help)
        add("Help", "How to bring your own book", "", self._show_book_help)
        add("Help", "How each figure is made", "Shift+F1", self._show_figure_guide)
        add("Go", "Quit", "Ctrl+Q", self.close)

    def _choice_actions(self, section: str, names: list[str], choose: object) -> None:
        group = QActionGroup(self)
        self.registry.section(section).addSeparator()
        for name in names:
            action = self.registry.add(section, f"Look: {name}", "", choose)  # type: ignore[arg-type]
            action.setData(name)
            action.setCheckable(True)
            action.setChecked(name.casefold() in (self.theme.choice, self.theme.direction))
            group.addAction(action)

    def _restore(self) -> None:
        kept = self._kept
        if kept is None:
            return
        self.theme.choose_direction(kept.direction)
        self.restoreGeometry(unpacked(kept.geometry))
        self.restoreState(unpacked(kept.docks), STATE_VERSION)
        self.centre.positions.view.horizontalHeader().restoreState(unpacked(kept.grid_header))
        self.centre.positions.spread.adopt()
        for panel in self.panels:
            panel.header.choose(kept.tabs.get(panel.objectName(), 0))

    @Slot()
    def show_alerts(self) -> None:
        """Bring the alert centre to the front, ready to be searched."""
        if self.late is not None:
            self.centre.header.choose(self.late.alerts_tab)
            self.late.alerts.centre.open_search()

    @Slot()
    def _come_forward(self) -> None:
        self.showNormal()
        self.raise_()
        self.activateWindow()

    @Slot()
    def _open_palette(self) -> None:
        from plimsoll.widgets.command_palette import CommandPalette  # noqa: PLC0415  as in load_charts

        CommandPalette(self.registry, self).open_over(self)

    @Slot()
    def _review_newest(self) -> None:
        cards = self.breach_column.cards
        if cards:
            self.queue.open_breach(cards[0].breach.breach_id)

    @Slot()
    def _show_help(self) -> None:
        from plimsoll.widgets import help_card  # noqa: PLC0415  as in load_charts

        title = help_card.title_around(QApplication.focusWidget(), self.centre.front)
        self._open_help(title, help_card.HELP[title])

    @Slot()
    def _show_book_help(self) -> None:
        from plimsoll.widgets import help_card  # noqa: PLC0415  as in load_charts

        self._open_help("Your own book", help_card.BOOK)

    @Slot()
    def _show_figure_guide(self) -> None:
        from plimsoll.bridge.figure_pages import figure_pages  # noqa: PLC0415  as in load_charts
        from plimsoll.widgets.figure_guide import FigureGuide  # noqa: PLC0415

        FigureGuide(figure_pages(), self).show()

    def _open_help(self, title: str, words: str) -> None:
        from plimsoll.widgets.help_card import HelpCard  # noqa: PLC0415  as in load_charts

        card = HelpCard(self)
        card.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        card.show_help(title, words)

    @Slot()
    def _choose_theme(self) -> None:
        action = self.sender()
        if isinstance(action, QAction):
            self.theme.choose(str(action.data()).casefold())

    @Slot()
    def _choose_direction(self) -> None:
        action = self.sender()
        if isinstance(action, QAction):
            self.theme.choose_direction(str(action.data()))
