"""A stress scenario: what moves, by how much, all at once."""

from dataclasses import dataclass

from plimsoll.domain.limit import Scope


@dataclass(frozen=True, slots=True)
class Shock:
    """One change.

    Attributes
    ----------
    scope : Scope
        What moves: the book, an asset class, a sector, a country, a tag, an instrument by its code; or a
        currency against the base currency.
    change_fraction : float
        Of the price, or of the base money one unit of the currency is worth; −0.2 is a fall of 20 %.
    """

    scope: Scope
    change_fraction: float


@dataclass(frozen=True, slots=True)
class StressScenario:
    """A named set of shocks; where several speak of one instrument the narrowest holds.

    Attributes
    ----------
    scenario_id : str
        Short and stable: limits name it.
    name : str
        What the trader calls it.
    shocks : tuple of Shock
        In the file's order.
    source : str
        Where the figures come from.
    """

    scenario_id: str
    name: str
    shocks: tuple[Shock, ...]
    source: str = ""


@dataclass(frozen=True, slots=True)
class StressLine:
    """What one scenario would cost the book as it stands.

    Attributes
    ----------
    scenario_id, name : str
        Which.
    loss_base, loss_fraction : float
        A loss positive, in base money and of NAV; NaN unknown.
    """

    scenario_id: str
    name: str
    loss_base: float
    loss_fraction: float
