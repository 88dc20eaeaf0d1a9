"""A quantity as a person types it into a leg of a plan: read exactly, or refused with what is wrong."""

import re
from decimal import Decimal

from plimsoll.domain.proposal import PlanLeg

MINUS = "\N{MINUS SIGN}"
_NUMBER = re.compile(r"\d{1,3}(,\d{3})+(\.\d+)?|\d+(\.\d+)?|\.\d+", re.ASCII)
_SPACES = re.compile(r"\s+")


class QuantityRefused(ValueError):
    """What was typed is no quantity that this leg may have."""


def quantity_from(text: str, leg: PlanLeg, lot: Decimal) -> Decimal:
    """Return the signed quantity that a text means for a leg; without a sign it has the leg's side.

    Parameters
    ----------
    text : str
        As typed; thousands may be set apart by commas in their places, never a decimal comma.
    leg : PlanLeg
        As planned: it gives the side, and what is held.
    lot : Decimal
        Smallest step; 0 where nobody knows it.

    Raises
    ------
    QuantityRefused
        If it is no number, turns the side, takes off more than is held, or is no multiple of the lot.

    Examples
    --------
    >>> leg = PlanLeg("MSFT.US", Decimal(-190), None, 430.9, Decimal(2600), 81_871.0)
    >>> quantity_from("1,200", leg, Decimal(1)), quantity_from("0", leg, Decimal(1))
    (Decimal('-1200'), Decimal('0'))
    """
    typed = _SPACES.sub("", text)
    sign, digits = (typed[:1], typed[1:]) if typed[:1] in ("-", "+", MINUS) else ("", typed)
    if not _NUMBER.fullmatch(digits):
        raise QuantityRefused(f"was {text.strip() or 'empty'}, expected a number like 1,500 or 0.25")
    size = Decimal(digits.replace(",", ""))
    is_sold = leg.quantity < 0
    if size and ((sign == "+" and is_sold) or (sign in ("-", MINUS) and not is_sold)):
        raise QuantityRefused(f"would {'buy' if is_sold else 'sell'}: the side stays, zero takes it out")
    _refuse_misfit(size, leg, lot)
    return -size if is_sold and size else size


def quantity_text(quantity: Decimal) -> str:
    """Return the size of a quantity with every digit it has: 610,000 or 0.25.

    Examples
    --------
    >>> quantity_text(Decimal("-610000.00")), quantity_text(Decimal("0.000125"))
    ('610,000', '0.000125')
    """
    return f"{abs(quantity).normalize():,f}"


def _refuse_misfit(size: Decimal, leg: PlanLeg, lot: Decimal) -> None:
    held = abs(leg.held)
    is_reducing = bool(leg.held) and (leg.held > 0) != (leg.quantity > 0) and abs(leg.quantity) <= held
    if is_reducing and size > held:
        raise QuantityRefused(f"was {quantity_text(size)}, expected at most the {quantity_text(held)} held")
    is_whole = is_reducing and size == held
    if lot > 0 and size % lot and not is_whole:
        raise QuantityRefused(f"was {quantity_text(size)}, expected a multiple of {quantity_text(lot)}")
