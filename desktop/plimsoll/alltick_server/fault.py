"""Misbehaviour on demand, switched while the server runs."""

from dataclasses import dataclass, field, replace

from plimsoll.alltick_server.frame import Wording

#: Faults that hit a share of the pushes, each drawn from the connection's own seeded dice.
SHARES = {
    "repeats": "the frame is sent twice",
    "late": "the frame is held back until the next tick of its code has been sent",
    "bad_price": "a trade with a price no client may take goes out besides",
    "unknown_cmd": "a push with an unknown cmd_id goes out besides",
    "bad_json": "a torn JSON text goes out besides",
    "array": "the frame is sent as a JSON array of one",
}
#: Faults that are on or off.
SWITCHES = {
    "strings": "seq and tick_time are strings",
    "second_stamps": "tick_time counts seconds",
    "empty_strings": "volume and turnover are empty",
    "missing_turnover": "turnover is left out",
    "zero_bids": "bids are empty, as at a price limit",
    "zero_asks": "asks are empty, as at a price limit",
    "stall": "nothing at all is sent or answered on open websockets",
    "silence": "no ticks are sent, heartbeats are answered",
    "shuffled_bars": "bars come in no order and with repeats",
    "no_forming_bar": "the newest bar is a finished one",
    "rest_stall": "REST calls are not answered",
}
#: Faults that hit the next `times` occasions.
OCCASIONS = {
    "cut": "every open websocket is dropped without a close frame",
    "close": "every open websocket is closed with a close frame",
    "refuse_429": "the next handshakes are answered 429",
    "refuse_401": "the next handshakes are answered 401",
    "answer_605": "the next websocket requests are answered 605",
    "answer_606": "the next websocket requests are answered 606 and the connection closed",
    "rest_429": "the next REST calls are answered 429",
    "rest_605": "the next REST calls are answered 605",
}


class UnknownFault(Exception):
    """The side channel named a fault there is not, or gave it a value it cannot have."""


@dataclass(slots=True)
class Faults:
    """Which faults are on; all off at first."""

    share: dict[str, float] = field(default_factory=dict)
    switches: set[str] = field(default_factory=set)
    times: dict[str, int] = field(default_factory=dict)

    def switch(self, name: str, *, share: float = 1.0, on: bool = True, times: int = 1) -> None:
        """Turn one fault on or off; a share of 0, or times of 0, is off.

        Raises
        ------
        UnknownFault
            If there is no such fault, or the value is out of its range.
        """
        if name in SHARES:
            if not 0.0 <= share <= 1.0:
                raise UnknownFault(f"the share of {name!r} was {share}, expected 0 to 1")
            self.share[name] = share if on else 0.0
        elif name in SWITCHES:
            (self.switches.add if on else self.switches.discard)(name)
        elif name in OCCASIONS:
            if times < 0:
                raise UnknownFault(f"the times of {name!r} were {times}, expected 0 or more")
            self.times[name] = times if on else 0
        else:
            known = ", ".join(sorted(SHARES | SWITCHES | OCCASIONS))
            raise UnknownFault(f"the fault was {name!r}, expected one of {known}")

    def clear(self) -> None:
        """Turn all faults off."""
        self.share.clear()
        self.switches.clear()
        self.times.clear()

    def strikes(self, name: str) -> bool:
        """Say whether the next occasion is hit, and count it."""
        left = self.times.get(name, 0)
        if left:
            self.times[name] = left - 1
        return left > 0

    @property
    def disturbs_pushes(self) -> bool:
        """Say whether pushes must be looked at one by one."""
        return any(self.share.values())

    def reworded(self, wording: Wording) -> Wording:
        """Return how ticks are spelled under the faults in force."""
        on = self.switches
        return replace(
            wording,
            numbers="strings" if "strings" in on else wording.numbers,
            time_unit="s" if "second_stamps" in on else wording.time_unit,
            has_empty_strings="empty_strings" in on,
            has_no_turnover="missing_turnover" in on,
            gone_sides=frozenset(side for side in ("bids", "asks") if f"zero_{side}" in on),
        )
