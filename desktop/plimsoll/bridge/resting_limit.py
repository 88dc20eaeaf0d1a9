"""Limits that are not in force now: scheduled, over, or suspended by a temporary one."""

from collections.abc import Iterable
from datetime import UTC, datetime

from plimsoll.domain.limit import Limit, LimitState
from plimsoll.domain.snapshot import LimitStatus
from plimsoll.domain.units import NS_PER_S

NAN = float("nan")


def minute_words(time_ns: int) -> str:
    """Return an instant to the minute: 2026-11-23 17:00 UTC."""
    return f"{datetime.fromtimestamp(time_ns / NS_PER_S, UTC):%Y-%m-%d %H:%M} UTC"


def resting_of(
    known: Iterable[Limit], in_force: Iterable[Limit], now_ns: int
) -> tuple[tuple[LimitStatus, str], ...]:
    """Return the limits that are known but not in force, each with a few words for its state.

    Their figures are NaN, for nobody measures them; their reason says in full why.
    """
    standing = tuple(in_force)
    ids = {limit.limit_id for limit in standing}
    stand_ins = {limit.stands_in_for: limit for limit in standing if limit.stands_in_for}
    found = []
    for limit in known:
        if limit.limit_id not in ids:
            words, reason = _words(limit, stand_ins, now_ns)
            found.append((LimitStatus(limit, "", NAN, NAN, LimitState.UNKNOWN, reason), words))
    return tuple(found)


def _words(limit: Limit, stand_ins: dict[str, Limit], now_ns: int) -> tuple[str, str]:
    if now_ns < limit.from_ns:
        return f"from {_day(limit.from_ns)}", f"It will stand from {minute_words(limit.from_ns)} on."
    if now_ns >= limit.until_ns:
        return f"ended {_day(limit.until_ns)}", f"It stood until {minute_words(limit.until_ns)}."
    stand_in = stand_ins.get(limit.limit_id)
    if stand_in is None:
        return "not in force", ""
    until = minute_words(stand_in.until_ns)
    return f"back {_day(stand_in.until_ns)}", f"{stand_in.name} stands in for it until {until}."


def _day(time_ns: int) -> str:
    return f"{datetime.fromtimestamp(time_ns / NS_PER_S, UTC):%Y-%m-%d}"
