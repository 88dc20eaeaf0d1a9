"""The main window: every view of one snapshot, in panels that go where the trader wants them."""

import time
from pathlib import Path

from PySide6.QtCore import QEvent, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QAction, QActionGroup, QCloseEvent, QIcon, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QApplication, QDockWidget, QFrame, QMainWindow, QVBoxLayout, QWidget

from plimsoll import assets
from plimsoll.bridge.figure_pages import figure_pages
from plimsoll.bridge.risk_model import RiskModel
from plimsoll.domain.snapshot import RiskSnapshot
from plimsoll.widgets import help_card
from plimsoll.widgets.action_registry import ActionRegistry
from plimsoll.widgets.breach_column import BreachColumn
from plimsoll.widgets.breach_queue import BreachQueue
from plimsoll.widgets.centre import Centre
from plimsoll.widgets.colours import DIRECTIONS
from plimsoll.widgets.command_palette import CommandPalette
from plimsoll.widgets.desk_status_bar import DeskStatusBar
from plimsoll.widgets.equity_chart import EquityChart
from plimsoll.widgets.exposure_bars import ExposureBars
from plimsoll.widgets.figure_guide import FigureGuide
from plimsoll.widgets.frame_time import FrameTime
from plimsoll.widgets.gauge_row import GaugeRow
from plimsoll.widgets.nearest_limits import NearestLimits
from plimsoll.widgets.notice_bar import NoticeBar
from plimsoll.widgets.panel import Panel
from plimsoll.widgets.pnl_distribution import PnlDistribution
from plimsoll.widgets.risk_contribution import RiskContribution
from plimsoll.widgets.status_strip import StatusStrip
from plimsoll.widgets.theme import CHOICES, Theme
from plimsoll.widgets.workspace import Workspace, load_workspace, packed, save_workspace, unpacked

BEAT_MS = 100  # at most ten text updates a second, all of one snapshot, so that no two figures disagree
FIRST_SIZE = (1680, 1050)
FRAME = (4, 36)  # pixels a window manager's frame takes: else the status bar lies below the screen
NARROW, LOW = 1500, 900  # pixels of window below which a small screen is laid out for
GROUPINGS = (
    ("sector", "Sector"),
    ("asset_class", "Asset class"),
    ("currency", "Currency"),
    ("country", "Country"),
)
STATE_VERSION = 1


class MainWindow(QMainWindow):
    """The desk; it speaks to the model alone.

    Signals
    -------
    painted_first()
        The window stands on the screen for the first time; whatever is heavy may begin now.
    """

    painted_first = Signal()

    def __init__(self, model: RiskModel, *, workspace_path: Path | None, theme: str) -> None:
        super().__init__()
        self._model = model
        self._workspace_path = workspace_path
        self._kept = load_workspace(workspace_path) if workspace_path is not None else None
        self.theme = Theme(self._kept.theme if self._kept is not None else theme, self)
        self._last_beat_ns = 0
        self._frames = FrameTime()
        self._shown_number = -1
        self.setWindowTitle("Plimsoll (DEMO)" if model.is_demo else "Plimsoll")
        self.setWindowIcon(QIcon(str(assets.path("icons/plimsoll.svg"))))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.registry = ActionRegistry(self)
        self._make_views()
        self._make_panels()
        self._make_actions()
        room = self.screen().availableGeometry().size() - QSize(*FRAME)
        self.resize(QSize(*FIRST_SIZE).boundedTo(room))
        self._arrange()
        self._restore()
        self._beat = QTimer(self)
        self._beat.setSingleShot(True)
        self._beat.timeout.connect(self._show_newest)
        model.snapshot_taken.connect(self.show_snapshot)
        model.engine_silent_changed.connect(self.grey_out)
        self.queue = BreachQueue(model, self.theme, self)
        self.breach_column.review_wanted.connect(self.queue.open_breach)
        self._has_charts = False
        self._has_painted = False
        self._was_shown = False
        if model.snapshot is not None:
            self._show_newest()

    @Slot(object)
    def show_snapshot(self, snapshot: RiskSnapshot) -> None:
        """Show the newest figures: all of them at once after a silence, else at the next beat.

        Between beats the grid alone follows: no cell of it changes more often than the beat, but most have
        not changed for longer, and need not wait.
        """
        since_ms = (time.monotonic_ns() - self._last_beat_ns) / 1e6
        if since_ms >= BEAT_MS:
            self._show_newest()
            return
        self._frames.began()
        self.centre.positions.show_snapshot(snapshot, with_ages=False)
        self._shown_number = snapshot.number
        self._frames.ended()
        if not self._beat.isActive():
            self._beat.start(max(int(BEAT_MS - since_ms), 1))

    @Slot(bool)
    def grey_out(self, silent: bool) -> None:  # noqa: FBT001  a slot of engine_silent_changed(bool)
        """Show that the figures stand still."""
        self.centre.positions.grey_out(silent)

    def load_charts(self) -> None:
        """Build the charts; called by itself after the first paint, which goes without them."""
        if self._has_charts:
            return
        self._has_charts = True
        self.equity_chart.load()
        self.pnl_distribution.load()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not self._was_shown:
            self._was_shown = True
            # Else the first control of the strip would get it, as if somebody had asked for it.
            self.setFocus()
            if self._kept is None:
                self._share_out()
                if self.width() < NARROW:
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
        self._arrange()

    @Slot()
    def _open_up(self) -> None:
        self.painted_first.emit()
        self.load_charts()

    @Slot()
    def _show_newest(self) -> None:
        snapshot = self._model.snapshot
        if snapshot is None:
            return
        self._frames.began()
        self._last_beat_ns = time.monotonic_ns()
        for view in self._views:
            view.show_snapshot(snapshot)
        for grouping in snapshot.groupings:
            bars = self.exposure_bars.get(grouping.name)
            if bars is not None:
                bars.show_grouping(grouping)
        self._count_breaches(snapshot)
        self._shown_number = snapshot.number
        self.status_bar.show_frame(self._frames.p99_ms())
        self._frames.ended()

    def _make_views(self) -> None:
        model, theme = self._model, self.theme
        self.strip = StatusStrip(model, theme, self.registry.menu)
        self.notices = NoticeBar(model)
        self.gauge_row = GaugeRow(model, theme)
        self.centre = Centre(theme)
        self.breach_column = BreachColumn(model, theme)
        self.nearest_limits = NearestLimits(theme)
        self.equity_chart = EquityChart(model, theme)
        self.pnl_distribution = PnlDistribution(theme)
        self.risk_contribution = RiskContribution(theme)
        self.exposure_bars = {name: ExposureBars(theme, f"Exposure by {title}") for name, title in GROUPINGS}
        self.status_bar = DeskStatusBar(model, self)
        self._views = (
            self.strip,
            self.notices,
            self.gauge_row,
            self.centre,
            self.breach_column,
            self.nearest_limits,
            self.equity_chart,
            self.pnl_distribution,
            self.risk_contribution,
            self.status_bar,
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
        )
        self.panels[2].header.words.say("share of ES")
        for panel in self.panels:
            panel.header.tab_chosen.connect(self._show_newest)

    def _arrange(self) -> None:
        equity, exposure, risk, breaches, nearest = self.panels
        bottom, right = Qt.DockWidgetArea.BottomDockWidgetArea, Qt.DockWidgetArea.RightDockWidgetArea
        self.setDockOptions(
            QMainWindow.DockOption.AllowNestedDocks
            | QMainWindow.DockOption.AllowTabbedDocks
            | QMainWindow.DockOption.GroupedDragging
        )
        self.setCorner(Qt.Corner.TopRightCorner, right)
        self.setCorner(Qt.Corner.BottomRightCorner, right)
        self.addDockWidget(Qt.DockWidgetArea.TopDockWidgetArea, self.gauges_dock)
        for panel in (equity, exposure, risk):
            self.addDockWidget(bottom, panel)
        self.splitDockWidget(equity, exposure, Qt.Orientation.Horizontal)
        self.splitDockWidget(exposure, risk, Qt.Orientation.Horizontal)
        self.addDockWidget(right, breaches)
        self.addDockWidget(right, nearest)
        self.splitDockWidget(breaches, nearest, Qt.Orientation.Vertical)
        self._share_out()

    def _share_out(self) -> None:
        equity, exposure, risk, breaches, nearest = self.panels
        is_narrow, is_low = self.width() < NARROW, self.height() < LOW
        self.resizeDocks([breaches, nearest], [316 if is_narrow else 372] * 2, Qt.Orientation.Horizontal)
        self.resizeDocks([equity, exposure, risk], [500, 410, 390], Qt.Orientation.Horizontal)
        height = 224 if is_low else 310
        self.resizeDocks([equity, exposure, risk], [height] * 3, Qt.Orientation.Vertical)
        self.resizeDocks([breaches, nearest], [2 * height, height], Qt.Orientation.Vertical)

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

    def _count_breaches(self, snapshot: RiskSnapshot) -> None:
        n_open = snapshot.n_open_breaches
        self.panels[3].header.rename(0, f"Breaches ({n_open})" if n_open else "Breaches")

    @Slot()
    def _open_palette(self) -> None:
        CommandPalette(self.registry, self).open_over(self)

    @Slot()
    def _review_newest(self) -> None:
        cards = self.breach_column.cards
        if cards:
            self.queue.open_breach(cards[0].breach.breach_id)

    @Slot()
    def _show_help(self) -> None:
        names = set(help_card.HELP)
        widget = QApplication.focusWidget()
        while widget is not None and widget.accessibleName() not in names:
            widget = widget.parentWidget()
        title = widget.accessibleName() if widget is not None else "Positions"
        self._open_help(title, help_card.HELP[title])

    @Slot()
    def _show_book_help(self) -> None:
        self._open_help("Your own book", help_card.BOOK)

    @Slot()
    def _show_figure_guide(self) -> None:
        FigureGuide(figure_pages(), self).show()

    def _open_help(self, title: str, words: str) -> None:
        card = help_card.HelpCard(self)
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
