"""A paper broker for a rehearsal: it fills at what the rehearsed market quotes, and forgets with it."""

from collections.abc import Callable, Mapping
from decimal import Decimal

from plimsoll.broker.paper import PaperBroker, PaperTerms
from plimsoll.broker.paper_record import PaperRecord
from plimsoll.domain.book import Book
from plimsoll.domain.protocol_terms import CostModel
from plimsoll.engine.quote_shelf import QuoteShelf


def rehearsal_broker(
    costs: CostModel, multipliers: Mapping[str, float]
) -> Callable[[QuoteShelf, Book], PaperBroker]:
    """Return what makes a broker that holds a book's positions and fills at the quotes of a shelf.

    Parameters
    ----------
    costs : CostModel
        The fee; the spread is in the quotes.
    multipliers : Mapping
        Of the instruments, by code.
    """
    terms = PaperTerms(fee_fraction=Decimal(str(costs.fee_fraction)), multipliers=multipliers)

    def make(quotes: QuoteShelf, book: Book) -> PaperBroker:
        record = PaperRecord(":memory:")
        record.begin_with({line.code: line.quantity for line in book.positions})
        return PaperBroker(record, quotes.depth_of, terms)

    return make
