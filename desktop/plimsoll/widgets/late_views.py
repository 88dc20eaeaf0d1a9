"""The views no first paint waits for: what breaks first, alerts, and the market's slow figures."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QHBoxLayout, QWidget

from plimsoll.bridge.risk_model import RiskModel
from plimsoll.domain.snapshot import RiskSnapshot
from plimsoll.widgets.alert_station import AlertStation
from plimsoll.widgets.breach_ladder import BreachLadder
from plimsoll.widgets.centre import Centre
from plimsoll.widgets.correlation_panel import CorrelationPanel
from plimsoll.widgets.liquidity_panel import LiquidityPanel
from plimsoll.widgets.margin_panel import MarginPanel
from plimsoll.widgets.method_panel import MethodPanel
from plimsoll.widgets.panel import Panel
from plimsoll.widgets.quality_panel import QualityPanel
from plimsoll.widgets.theme import Theme


class LateViews(QObject):
    """Built behind the first paint, into panels that stand already.

    Attributes
    ----------
    alerts : AlertStation
        The alert centre, sounds, mute and tray.
    ladder : BreachLadder
        What breaks first.
    correlation, quality : QWidget
        How things move together; what the figures rest on.
    market : tuple of QWidget
        Liquidity, margin, and VaR by every method.
    alerts_tab, ladder_tab, market_tab : int
        Where they stand among the tabs.
    """

    def __init__(
        self,
        model: RiskModel,
        theme: Theme,
        centre: Centre,
        panels: Sequence[Panel],
        *,
        latencies_ms: Callable[[], Sequence[float]],
        is_quiet: bool,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._model = model
        self._centre = centre
        self._rules: object = None
        self.alerts = AlertStation(
            model,
            theme,
            latencies_ms=latencies_ms,
            has_sound=not is_quiet,
            has_notifications=not is_quiet,
            parent=self,
        )
        self.ladder = BreachLadder(theme)
        self.alerts_tab = centre.add_page("Alerts", self.alerts.centre)
        self.ladder_tab = panels[4].add_page("What breaks first", self.ladder)
        self.correlation = CorrelationPanel(theme)
        self.quality = QualityPanel(theme)
        self.market = (LiquidityPanel(theme), MarginPanel(theme), MethodPanel(theme))
        panels[2].add_page("Correlation", self.correlation)
        panels[5].add_page("Data quality", self.quality)
        self.market_tab = centre.add_page("Market", _side_by_side("Market", self.market))
        model.day_rolled.connect(self.alerts.mute.end_day)

    def show_snapshot(self, snapshot: RiskSnapshot) -> None:
        self.alerts.show_snapshot(snapshot)
        self.ladder.show_ladder(snapshot.ladder)
        for page in (self.correlation, self.quality, *self.market):
            page.show_snapshot(snapshot)
        if snapshot.rules is not self._rules:
            self._rules = snapshot.rules
            self.alerts.centre.show_rules(snapshot.rules)

    def grey_out(self, silent: bool) -> None:  # noqa: FBT001  a slot of engine_silent_changed(bool)
        """Show that the figures stand still."""
        for page in (self.correlation, self.quality, *self.market):
            page.grey_out(silent)

    def end(self) -> None:
        """Fall silent and leave the tray."""
        self.alerts.end()


def _side_by_side(name: str, pages: Sequence[QWidget]) -> QWidget:
    """Return the pages in a row of equal shares."""
    row_of_pages = QWidget()
    row_of_pages.setAccessibleName(name)
    row = QHBoxLayout(row_of_pages)
    row.setContentsMargins(0, 0, 0, 0)
    for page in pages:
        row.addWidget(page, 1)
    return row_of_pages
