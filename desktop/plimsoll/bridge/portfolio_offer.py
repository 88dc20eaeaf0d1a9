"""Reads a positions file that changed and says what it would change, or why it cannot be followed."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from plimsoll.domain.book import Book
from plimsoll.domain.book_difference import LineDifference, differences, restatement_of
from plimsoll.domain.book_event import HoldingsRestated
from plimsoll.domain.instrument import Instrument
from plimsoll.engine.restoration import fingerprint
from plimsoll.storage.portfolio_file import check


@dataclass(frozen=True, slots=True)
class PortfolioOffer:
    """A changed positions file, looked at.

    Attributes
    ----------
    lines : tuple of LineDifference
        What it says otherwise than the book held.
    event : HoldingsRestated or None
        What accepting it enters; None where it cannot be.
    refusal : str
        Why it cannot be accepted in this session; empty where it can.
    """

    lines: tuple[LineDifference, ...]
    event: HoldingsRestated | None
    refusal: str = ""


def offer_of(
    path: Path,
    instruments_path: Path | None,
    held: Book,
    master: Mapping[str, Instrument],
    *,
    person: str,
    time_ns: int,
) -> PortfolioOffer:
    """Return what a positions file would change.

    Parameters
    ----------
    path, instruments_path : Path
        The files, as at the start.
    held : Book
        The book as it stands.
    master : Mapping
        The instruments described when the session began, by code.
    person : str
        Who is asked.
    time_ns : int
        When.
    """
    found = check(path, instruments_path, held.base_currency)
    if found.book is None:
        told = "; ".join(map(str, found.complaints[:5]))
        return PortfolioOffer((), None, f"{found.path.name} was refused, so the book stays: {told}")
    lines = differences(held, found.book)
    new = [line.code for line in found.book.positions if line.code not in master]
    if new:
        words = (
            f"{', '.join(new)} was not in the instrument master when this session began: start again to "
            "take the file up."
        )
        return PortfolioOffer(lines, None, words)
    event = restatement_of(
        found.book, fingerprint(found.book), person=person, source=path.name, time_ns=time_ns
    )
    return PortfolioOffer(lines, event)
