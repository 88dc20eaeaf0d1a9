"""A change of a limit, and the limits it began with, as facts for the journal, and back again."""

from collections.abc import Mapping
from typing import Any

import msgspec

from plimsoll.domain.limit import Limit
from plimsoll.domain.limit_change import LimitChange


def body_of_change(change: LimitChange) -> dict[str, object]:
    """Return a change as JSON-able facts: who, when, why, before and after."""
    body: dict[str, object] = msgspec.to_builtins(change)
    return body


def change_from(body: Mapping[str, Any]) -> LimitChange:
    """Return the change that `body_of_change` wrote.

    Raises
    ------
    msgspec.ValidationError
        If the facts are not those of a change.
    """
    return msgspec.convert(dict(body), LimitChange)


def body_of_limits(limits: tuple[Limit, ...]) -> dict[str, object]:
    """Return all official and temporary limits as JSON-able facts."""
    return {"limits": msgspec.to_builtins(limits)}


def limits_from(body: Mapping[str, Any]) -> tuple[Limit, ...]:
    """Return the limits that `body_of_limits` wrote.

    Raises
    ------
    msgspec.ValidationError
        If the facts are not those of limits.
    """
    return msgspec.convert(body.get("limits"), tuple[Limit, ...])
