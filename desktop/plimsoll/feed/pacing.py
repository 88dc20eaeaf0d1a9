"""How often we may speak to AllTick, and how long we wait for an answer."""

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Pacing:
    """Every duration of the client's side of the protocol, in seconds.

    The sources are AllTick's published limits (10 s heartbeat, 30 s cut, one request a second, three
    seconds across connections), each kept with a margin.

    Attributes
    ----------
    request_gap_s : float
        Between two frames on one connection; AllTick refuses a second one in the same second.
    connection_gap_s : float
        Between requests or handshakes on different connections of one token.
    beat_every_s : float
        Between two heartbeats.
    beat_patience_s : float
        How long a heartbeat waits for requests on other connections.
    beat_answer_s : float
        How long a heartbeat may stay unanswered while nothing else is heard.
    silence_s : float
        The longest total silence on a connection.
    ack_s : float
        How long a subscription may stay unanswered.
    debounce_s : float
        How long changes of the list are collected before they are sent.
    backoff_floor_s, backoff_cap_s : float
        The first wait before connecting again, and the longest.
    rate_limited_wait_s : float
        The wait after AllTick said "too many requests".
    healthy_s : float
        How long a connection must have ticked for the waits to start over.
    read_wait_s : float
        The longest a thread sits in one read.
    connect_wait_s : float
        The longest a connection may take to open.
    """

    request_gap_s: float = 1.05
    connection_gap_s: float = 3.0
    beat_every_s: float = 8.0
    beat_patience_s: float = 1.0
    beat_answer_s: float = 5.0
    silence_s: float = 15.0
    ack_s: float = 5.0
    debounce_s: float = 1.05
    backoff_floor_s: float = 3.0
    backoff_cap_s: float = 60.0
    rate_limited_wait_s: float = 15.0
    healthy_s: float = 60.0
    read_wait_s: float = 0.25
    connect_wait_s: float = 5.0

    def scaled(self, factor: float) -> "Pacing":
        """Return the same pacing with every duration multiplied by `factor`, which must be positive."""
        if not factor > 0.0:
            raise ValueError(f"factor was {factor}, expected more than 0: use 1/20 in tests")
        durations = {name: getattr(self, name) * factor for name in self.__dataclass_fields__}
        return replace(self, **durations)


@dataclass(frozen=True, slots=True)
class Plan:
    """What one of AllTick's price plans allows.

    Attributes
    ----------
    name : str
        As AllTick calls it.
    rest_gap_s : float
        Between any two REST calls of the token.
    batch_gap_s : float
        Between two calls of ``/batch-kline``.
    batch_groups : int
        Codes × bar types in one ``/batch-kline``.
    reconnect_floor_s : float
        The shortest wait before connecting again.
    """

    name: str
    rest_gap_s: float
    batch_gap_s: float
    batch_groups: int
    reconnect_floor_s: float = 3.0

    def paced(self, factor: float) -> "Plan":
        """Return the same plan with its durations multiplied by `factor`."""
        return replace(
            self,
            rest_gap_s=self.rest_gap_s * factor,
            batch_gap_s=self.batch_gap_s * factor,
            reconnect_floor_s=self.reconnect_floor_s * factor,
        )


# Rates of AllTick's HTTP limits, five percent slower: its seconds need not be ours.
FREE = Plan("Free", rest_gap_s=10.5, batch_gap_s=10.5, batch_groups=5, reconnect_floor_s=10.0)
BASIC = Plan("Basic", rest_gap_s=1.05, batch_gap_s=3.15, batch_groups=100)
PREMIUM = Plan("Premium", rest_gap_s=0.105, batch_gap_s=2.1, batch_groups=200)
PROFESSIONAL = Plan("Professional", rest_gap_s=0.0525, batch_gap_s=1.05, batch_groups=500)
MARKETS = tuple(replace(PROFESSIONAL, name=f"All {market}") for market in ("HK", "CN", "US"))
PLAN_BY_NAME = {plan.name.lower(): plan for plan in (FREE, BASIC, PREMIUM, PROFESSIONAL, *MARKETS)}
