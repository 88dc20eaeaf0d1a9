"""The views no first paint waits for: what breaks first, alerts, and the market's slow figures."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject

from plimsoll.bridge.risk_model import RiskModel
from plimsoll.domain.snapshot import RiskSnapshot
from plimsoll.widgets.alert_station import AlertStation
from plimsoll.widgets.breach_ladder import BreachLadder
from plimsoll.widgets.centre import Centre
from plimsoll.widgets.panel import Panel
from plimsoll.widgets.theme import Theme


class LateViews(QObject):
    """Built behind the first paint, into panels that stand already.

    Attributes
    ----------
    alerts : AlertStation
        The alert centre, sounds, mute and tray.
    ladder : BreachLadder
        What breaks first.
    alerts_tab, ladder_tab : int
        Where they stand among the tabs.
    """

    def __init__(
        self,
        model: RiskModel,
        theme: Theme,
        centre: Centre,
        limits_panel: Panel,
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
        self.ladder_tab = limits_panel.add_page("What breaks first", self.ladder)
        model.day_rolled.connect(self.alerts.mute.end_day)

    def show_snapshot(self, snapshot: RiskSnapshot) -> None:
        self.alerts.show_snapshot(snapshot)
        self.ladder.show_ladder(snapshot.ladder)
        if snapshot.rules is not self._rules:
            self._rules = snapshot.rules
            self.alerts.centre.show_rules(snapshot.rules)

    def end(self) -> None:
        """Fall silent and leave the tray."""
        self.alerts.end()
