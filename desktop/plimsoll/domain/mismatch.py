"""A mismatch: where the broker's positions and the book's do not say the same, and what is done about it."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum


class MismatchKind(StrEnum):
    """In which way they differ."""

    IN_FLIGHT = "in flight"
    ONLY_IN_BOOK = "only in the book"
    ONLY_AT_BROKER = "only at the broker"
    OTHER_SIDE = "the other side"
    OTHER_QUANTITY = "another quantity"


class MismatchPolicy(StrEnum):
    """What the desk does by itself; none of them changes a position, for either side may be the wrong one."""

    WAIT = "wait for the orders that explain it"
    TELL = "tell a person"
    HOLD = "tell a person, and add to nothing in this instrument until it is settled"


POLICIES: dict[MismatchKind, MismatchPolicy] = {
    # Orders that still work, or are in doubt, may have filled by just so much: their answers are on the way.
    MismatchKind.IN_FLIGHT: MismatchPolicy.WAIT,
    # The size of the risk is off, its direction is not: figures are wrong by the difference.
    MismatchKind.OTHER_QUANTITY: MismatchPolicy.TELL,
    # What is not there cannot be sold, and what nobody knows of is limited by nothing.
    MismatchKind.ONLY_IN_BOOK: MismatchPolicy.HOLD,
    MismatchKind.ONLY_AT_BROKER: MismatchPolicy.HOLD,
    # A "reduction" by the book's sign would add to the position that is really held.
    MismatchKind.OTHER_SIDE: MismatchPolicy.HOLD,
}


@dataclass(frozen=True, slots=True)
class Mismatch:
    """One instrument on which broker and book disagree.

    Attributes
    ----------
    code : str
        The instrument, in the broker's or the book's spelling.
    in_book, at_broker : Decimal
        Signed quantities.
    kind : MismatchKind
        In which way.
    n_seen : int
        Reconciliations in a row that found just this; one alone may have crossed a fill on its way.
    """

    code: str
    in_book: Decimal
    at_broker: Decimal
    kind: MismatchKind
    n_seen: int = 1

    @property
    def difference(self) -> Decimal:
        """What the broker holds beyond the book, signed."""
        return self.at_broker - self.in_book

    @property
    def policy(self) -> MismatchPolicy:
        """What is done about it."""
        return POLICIES[self.kind]

    @property
    def is_confirmed(self) -> bool:
        """Whether it counts: not explained by what is under way, and seen again."""
        return self.kind is not MismatchKind.IN_FLIGHT and self.n_seen > 1

    @property
    def words(self) -> str:
        """What a person reads."""
        return (
            f"{self.code}: {self.kind}; the book says {self.in_book:+,f}, "
            f"the broker {self.at_broker:+,f}: {self.policy}"
        )


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """One comparison of everything held.

    Attributes
    ----------
    checked_ns : int
        When the broker's word was heard.
    n_codes : int
        Instruments compared: the union of both sides.
    mismatches : tuple of Mismatch
        By code.
    """

    checked_ns: int
    n_codes: int
    mismatches: tuple[Mismatch, ...]

    @property
    def confirmed(self) -> tuple[Mismatch, ...]:
        """Those that count for the limit."""
        return tuple(mismatch for mismatch in self.mismatches if mismatch.is_confirmed)

    @property
    def has_doubt(self) -> bool:
        """Whether something should be looked at again soon."""
        return any(not mismatch.is_confirmed for mismatch in self.mismatches)

    @property
    def held_back(self) -> frozenset[str]:
        """Instruments in which nothing may be added until a person has settled them."""
        return frozenset(each.code for each in self.confirmed if each.policy is MismatchPolicy.HOLD)
