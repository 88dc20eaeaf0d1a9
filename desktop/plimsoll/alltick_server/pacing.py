"""Every duration AllTick's rules name, in one value that tests can shrink."""

from dataclasses import dataclass, fields

#: The network may bring two requests this much closer together than they were sent, at any scale.
ARRIVAL_JITTER_S = 0.02


@dataclass(frozen=True, slots=True)
class Pacing:
    """Durations of protocol section 3, in seconds.

    Attributes
    ----------
    gate_s
        Least time between two requests on one connection (3.3).
    heartbeat_cut_s
        A connection that sent no heartbeat for this long is closed (3.2).
    cross_connection_s
        Least time between handshakes, or requests on different connections, of one token (3.3); only
        where the reading `reconnect_gap` is "on".
    free_reconnect_s
        The same for handshakes of the free plan.
    rest_second_s, rest_minute_s, rest_day_s
        What "second", "minute" and "day" mean in the table of REST limits (3.5).
    pump_s
        How often the market is looked at; not AllTick's, so it does not shrink with the rest.
    """

    gate_s: float = 1.0
    heartbeat_cut_s: float = 30.0
    cross_connection_s: float = 3.0
    free_reconnect_s: float = 10.0
    rest_second_s: float = 1.0
    rest_minute_s: float = 60.0
    rest_day_s: float = 86_400.0
    pump_s: float = 0.01

    def scaled(self, factor: float) -> "Pacing":
        """Return the same rules with every duration but the pump's multiplied by `factor`."""
        durations = {
            field.name: getattr(self, field.name) * factor for field in fields(self) if field.name != "pump_s"
        }
        return Pacing(**durations, pump_s=self.pump_s)
