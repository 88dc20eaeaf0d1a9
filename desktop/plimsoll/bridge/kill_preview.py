"""What a kill would do, worked out before it is pressed: from the broker's own words, not the engine's."""

import math
from dataclasses import dataclass
from decimal import Decimal

from plimsoll.bridge.broker_model import BrokerModel
from plimsoll.domain.kill import WHOLE_BOOK, KillScope
from plimsoll.domain.order import Order
from plimsoll.domain.snapshot import RiskSnapshot


@dataclass(frozen=True, slots=True)
class Closing:
    """A position that flattening would close.

    Attributes
    ----------
    code : str
        The instrument.
    quantity : Decimal
        Held, signed; the order would be its opposite.
    value_base : float
        Its value by the newest snapshot; NaN where that does not know it.
    """

    code: str
    quantity: Decimal
    value_base: float


@dataclass(frozen=True, slots=True)
class KillPreview:
    """What a kill of one scope would cancel and close.

    Attributes
    ----------
    orders : tuple of Order
        To be cancelled.
    closings : tuple of Closing or None
        To be closed if it flattens, the largest first; None where nobody knows what is held.
    gross_base : float
        Of the closings whose value is known, the sizes added up.
    n_unvalued : int
        Closings whose value nobody knows.
    currency : str
        Of the values.
    age_s : float
        How old the broker's word on positions is; NaN where there is none.
    """

    orders: tuple[Order, ...]
    closings: tuple[Closing, ...] | None
    gross_base: float
    n_unvalued: int
    currency: str
    age_s: float


def scopes_of(broker: BrokerModel, snapshot: RiskSnapshot | None) -> tuple[KillScope, ...]:
    """Return what may be stopped: everything, each asset class held, each instrument that anyone knows of."""
    by_class: dict[str, set[str]] = {}
    codes = {order.code for order in broker.orders} | set(broker.positions or ())
    if snapshot is not None:
        for instrument in snapshot.table.instruments:
            by_class.setdefault(instrument.asset_class.value, set()).add(instrument.code)
            codes.add(instrument.code)
    classes = (KillScope(f"all of {name}", frozenset(by_class[name])) for name in sorted(by_class))
    return WHOLE_BOOK, *classes, *(KillScope(code, frozenset({code})) for code in sorted(codes))


def preview_of(broker: BrokerModel, snapshot: RiskSnapshot | None, scope: KillScope) -> KillPreview:
    """Return what a kill of `scope` would do now."""
    orders = tuple(order for order in broker.orders if scope.covers(order.code))
    values: dict[str, float] = {}
    currency = ""
    if snapshot is not None:
        table, currency = snapshot.table, snapshot.base_currency
        for row, instrument in enumerate(table.instruments):
            values[instrument.code] = float(table.value_base[row])
    if broker.positions is None:
        return KillPreview(orders, None, math.nan, 0, currency, math.nan)
    closings = [
        Closing(code, quantity, values.get(code, math.nan))
        for code, quantity in broker.positions.items()
        if quantity and scope.covers(code)
    ]
    closings.sort(key=_size, reverse=True)
    sizes = [abs(each.value_base) for each in closings if not math.isnan(each.value_base)]
    n_unvalued = len(closings) - len(sizes)
    return KillPreview(orders, tuple(closings), sum(sizes), n_unvalued, currency, broker.positions_age_s)


def _size(closing: Closing) -> tuple[float, str]:
    """Return what closings are sorted by; one without a value comes first: it may be the largest."""
    value = closing.value_base
    return (math.inf if math.isnan(value) else abs(value), closing.code)
