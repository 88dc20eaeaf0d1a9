"""A journal in memory that keeps the port's promises, and fails on demand."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping

from plimsoll.engine.ports import JournalRow, JournalUnavailable


class MemoryJournal:
    """Rows as they would be read back from the disk: each body has been through JSON.

    Attributes
    ----------
    kept : list of JournalRow
        Oldest first.
    fails : Callable
        Told the row's kind; while it says yes, nothing is written.
    """

    def __init__(self, source: str = "test") -> None:
        self.kept: list[JournalRow] = []
        self.source = source
        self.fails: Callable[[str], bool] = lambda _kind: False

    @property
    def n_rows(self) -> int:
        return len(self.kept)

    def append(
        self,
        kind: str,
        body: Mapping[str, object],
        *,
        exchange_time_ns: int,
        received_time_ns: int,
        person: str = "",
    ) -> int:
        if self.fails(kind):
            raise JournalUnavailable(f"row {self.n_rows + 1} ({kind}) was not written: told to fail")
        facts = json.loads(json.dumps(dict(body)))
        row = JournalRow(
            self.n_rows + 1, kind, facts, person, self.source, int(exchange_time_ns), int(received_time_ns)
        )
        self.kept.append(row)
        return row.number

    def rows(self, kinds: Iterable[str] = ()) -> Iterator[JournalRow]:
        wanted = frozenset(kinds)
        # Rows written while these are read are not among them.
        return iter([row for row in self.kept if not wanted or row.kind in wanted])

    def kinds(self) -> list[str]:
        """Return what was written, oldest first."""
        return [row.kind for row in self.kept]
