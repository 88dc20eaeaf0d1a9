"""A kill's step as facts for a file, and back."""

from collections.abc import Mapping
from typing import Any

from plimsoll.domain.kill import KillRequest, KillRow, KillScope, KillStep
from plimsoll.engine.order_record import body_of, order_from


def kill_body(row: KillRow) -> dict[str, object]:
    """Return the facts of one step."""
    request = row.request
    codes = request.scope.codes
    return {
        "number": row.number,
        "kill_id": request.kill_id,
        "scope": request.scope.words,
        "codes": None if codes is None else sorted(codes),
        "pressed_by": request.person,
        "reason": request.reason,
        "flattens": request.flattens,
        "is_drill": request.is_drill,
        "asked_ns": request.asked_ns,
        "step": str(row.step),
        "words": row.words,
        "at_ns": row.at_ns,
        "person": row.person,
        "orders": [body_of(order) for order in row.orders],
    }


def kill_row_from(body: Mapping[str, Any]) -> KillRow:
    """Return the step that facts tell of.

    Raises
    ------
    KeyError, ValueError, TypeError
        If they are no step of a kill.
    """
    codes = body["codes"]
    request = KillRequest(
        kill_id=str(body["kill_id"]),
        scope=KillScope(str(body["scope"]), None if codes is None else frozenset(map(str, codes))),
        person=str(body["pressed_by"]),
        reason=str(body["reason"]),
        flattens=bool(body["flattens"]),
        is_drill=bool(body["is_drill"]),
        asked_ns=int(body["asked_ns"]),
    )
    return KillRow(
        number=int(body["number"]),
        request=request,
        step=KillStep(str(body["step"])),
        words=str(body["words"]),
        at_ns=int(body["at_ns"]),
        person=str(body["person"]),
        orders=tuple(order_from(order) for order in body["orders"]),
    )
