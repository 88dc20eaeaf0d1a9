"""The newest order book of every code, where feed threads put it and the broker thread reads it."""

from collections.abc import Iterable

from plimsoll.domain.tick import DepthBook


class DepthShelf:
    """One place a code; the latest book wins.

    It needs no lock: a book is frozen, and putting or getting one place of a dict is a single step that the
    interpreter never cuts in two, so that a reader finds the book before or the book after, each whole. A
    code is put by the one feed thread it comes from, in its order, and nobody walks over the dict.
    """

    def __init__(self) -> None:
        self._book_by_code: dict[str, DepthBook] = {}

    def put(self, books: Iterable[DepthBook]) -> None:
        """Keep the newest books; on a feed's thread."""
        for book in books:
            self._book_by_code[book.code] = book

    def book_of(self, code: str) -> DepthBook | None:
        """Return the newest book of a code, None where none was heard; on any thread."""
        return self._book_by_code.get(code)
