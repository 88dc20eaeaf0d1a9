"""The latch before the broker's door: what a kill has halted stays halted until a person releases it."""

from collections.abc import Callable
from dataclasses import replace

from plimsoll.broker.kill_file import KillFile
from plimsoll.domain.kill import (
    HaltRelease,
    KillRequest,
    KillRow,
    KillStep,
    interrupted_kills,
    standing_halts,
)
from plimsoll.domain.order import Order

Tell = Callable[[KillRow], None]


class Latch:
    """Which scopes are halted; one owner, the broker thread.

    It is restored from the kill's own record, so that a crash or a restart opens nothing. A record that
    cannot be written does not keep a kill from acting: it can only make things safer, so it acts and says so.

    Attributes
    ----------
    interrupted : tuple of KillRequest
        Kills of an earlier session that died before their end.
    """

    def __init__(self, file: KillFile, tell: Tell) -> None:
        self._file = file
        self._tell = tell
        self._halts = {row.request.kill_id: row for row in standing_halts(tuple(file.rows))}
        self.interrupted = interrupted_kills(tuple(file.rows))
        self._seen = {row.request.kill_id for row in file.rows}

    @property
    def halts(self) -> tuple[KillRow, ...]:
        """The kills that stand, oldest first."""
        return tuple(self._halts.values())

    def has_seen(self, kill_id: str) -> bool:
        """Tell whether this kill was carried out before, in this session or an earlier one."""
        return kill_id in self._seen

    def why_not_sent(self, code: str) -> str:
        """Return why an order may not pass; empty where it may. Cancels and questions always pass."""
        for row in self._halts.values():
            if row.request.scope.covers(code):
                return f"trading is HALTED for {row.request.scope.words} by {row.request.person}"
        return ""

    def close(self, request: KillRequest, words: str, now_ns: int) -> None:
        """Halt a scope: in memory first, then on the disk, then told."""
        self._seen.add(request.kill_id)
        row = KillRow(0, request, KillStep.LATCHED, words, now_ns, request.person)
        if not request.is_drill:
            self._halts[request.kill_id] = row
        self._write(row)

    def open(self, release: HaltRelease, now_ns: int) -> bool:
        """Release one halt, on the disk first; tell whether there was one.

        Raises
        ------
        OSError
            If it could not be written; the halt then stands.
        """
        halt = self._halts.get(release.kill_id)
        if halt is None:
            return False
        words = f"{release.person} released the halt of {halt.request.scope.words}: {release.reason}"
        row = KillRow(0, halt.request, KillStep.RELEASED, words, now_ns, release.person)
        row = self._file.append(row)
        del self._halts[release.kill_id]
        self._tell(row)
        return True

    def note(
        self, request: KillRequest, step: KillStep, words: str, now_ns: int, orders: tuple[Order, ...] = ()
    ) -> None:
        """Write and tell one step of a kill."""
        self._write(KillRow(0, request, step, words, now_ns, request.person, orders))

    def _write(self, row: KillRow) -> None:
        try:
            row = self._file.append(row)
        except OSError as error:
            row = replace(row, words=f"{row.words} (NOT on the disk: {error.strerror or error})")
        self._tell(row)
