"""A drill's card in words: what each figure is called, what it was, and how it is worked out."""

import math
from dataclasses import dataclass

from plimsoll.domain.drill_card import DrillCard

UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class DrillLine:
    """One figure.

    Attributes
    ----------
    caption, value, meaning : str
        Its name, what it was, and how it is worked out.
    """

    caption: str
    value: str
    meaning: str


def drill_lines(card: DrillCard) -> tuple[DrillLine, ...]:
    """Return the lines of a card, the most telling first."""
    money = _Money(card.currency)
    alone = f", {card.n_eased_alone} of them eased by themselves" if card.n_eased_alone else ""
    return (
        DrillLine("Breaches", f"{card.n_breaches}", "raised in the drill"),
        DrillLine(
            "Reaction, median",
            _seconds(card.median_reaction_s),
            "from raised to the first answer: acknowledged, snoozed, overridden or a proposal decided",
        ),
        DrillLine("Reaction, worst", _seconds(card.worst_reaction_s), "of the breaches that were answered"),
        DrillLine("Unanswered", f"{card.n_unanswered}", f"breaches nobody answered{alone}"),
        DrillLine(
            "Proposals",
            f"{card.n_proposals}",
            "episodes in which the engine proposed a way out",
        ),
        DrillLine(
            "Your decisions",
            f"{card.n_as_proposed} approved · {card.n_changed} changed · {card.n_turned_down} turned down · "
            f"{card.n_let_go} let go",
            f"against the engine's own proposals; {card.n_by_itself} it carried out alone",
        ),
        DrillLine(
            "P&L of the drill", money.of(card.pnl_base), "NAV at the end less NAV when the book was priced"
        ),
        DrillLine(
            "Against doing nothing",
            money.of(card.against_nothing_base),
            "your trades at the prices of the end, less fees; the market moved the rest",
        ),
        DrillLine(
            "Against approving all at once",
            money.of(card.against_all_base),
            "less what the first proposals would have been worth, one after the other, after cost",
        ),
        DrillLine(
            "Costs",
            f"{money.cost(card.fees_base)} fees · {money.cost(card.slippage_base)} slippage",
            f"of {card.n_fills} fills; slippage against the marks of the decisions",
        ),
    )


@dataclass(frozen=True, slots=True)
class _Money:
    currency: str

    def of(self, amount: float) -> str:
        return f"{amount:+,.0f} {self.currency}".replace("-", "−") if math.isfinite(amount) else UNKNOWN

    def cost(self, amount: float) -> str:
        return f"{amount:,.0f} {self.currency}".replace("-", "−") if math.isfinite(amount) else UNKNOWN


def _seconds(seconds: float) -> str:
    return f"{seconds:,.1f} s" if math.isfinite(seconds) else "nothing answered"
