"""The score card of a drill: what a trader's decisions in a replayed crisis were worth."""

from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class DrillCard:
    """One drill's figures; NaN is unknown.

    Attributes
    ----------
    crisis, currency : str
        What was drilled; the base currency.
    n_breaches, n_answered : int
        Breaches raised, and those a person answered: acknowledged, snoozed, overridden, or decided a proposal
        of.
    n_eased_alone : int
        Unanswered ones that eased by themselves.
    median_reaction_s, worst_reaction_s : float
        From raised to the first answer, on the desk's clock, of the answered ones.
    n_proposals : int
        Episodes in which the engine proposed something.
    n_as_proposed, n_changed, n_turned_down, n_by_itself, n_let_go : int
        What became of them: approved as proposed, approved with changes, rejected or overridden, carried out
        by the engine alone, and neither.
    pnl_base : float
        NAV at the end less NAV when the book was first priced.
    against_nothing_base : float
        What the trades were worth at the end against none: quantity · (price at the end − price paid), less
        fees. The market moved the rest.
    against_all_base : float
        The same less what the first proposal of each episode would have been worth, taken at once at its
        marks and its estimated cost, one after the other: what one has sold the next cannot sell again. What
        would have waited is left out.
    fees_base, slippage_base : float
        Fees of all fills; what the fills of decided proposals cost against the marks of the decision. Above
        zero is a cost.
    n_fills : int
        Trades entered.
    """

    crisis: str
    currency: str
    n_breaches: int
    n_answered: int
    n_eased_alone: int
    median_reaction_s: float
    worst_reaction_s: float
    n_proposals: int
    n_as_proposed: int
    n_changed: int
    n_turned_down: int
    n_by_itself: int
    n_let_go: int
    pnl_base: float
    against_nothing_base: float
    against_all_base: float
    fees_base: float
    slippage_base: float
    n_fills: int

    @property
    def n_unanswered(self) -> int:
        """Breaches that nobody answered."""
        return self.n_breaches - self.n_answered

    def facts(self) -> dict[str, object]:
        """Return every figure by its name."""
        return asdict(self)
