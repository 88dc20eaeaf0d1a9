"""How far a run in another process is, and whether it is still wanted, by a small file that both can see."""

import os
import platform
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

PERCENT = 100


class RunGivenUp(RuntimeError):
    """Nobody waits for the run any more."""


@dataclass(frozen=True, slots=True)
class RunMark:
    """The file of one run, in a folder that is there for as long as somebody waits.

    On a machine of a cluster that does not see the folder it says nothing; what it says is never wrong.

    Attributes
    ----------
    folder : str
        Of all runs of a job; empty for a run that tells nobody.
    number : int
        Of the run.
    machine : str
        Where the folder was made.
    """

    folder: str = ""
    number: int = 0
    machine: str = ""

    def tell(self, done: int, of: int) -> None:
        """Write how far the run is, at each percent.

        Raises
        ------
        RunGivenUp
            If nobody waits for it any more.
        """
        percent = PERCENT * done // of
        if not self.folder or percent == PERCENT * (done - 1) // of:
            return
        try:
            # One byte put over the other: no reader ever finds an empty file.
            file = os.open(self._file, os.O_CREAT | os.O_WRONLY, 0o600)
            try:
                os.write(file, bytes([percent]))
            finally:
                os.close(file)
        except OSError:
            if self.machine == platform.node():
                raise RunGivenUp("the run was cancelled") from None

    @property
    def percent(self) -> int:
        """How far the run is; 0 where it has not said."""
        try:
            said = self._file.read_bytes()
        except OSError:
            return 0
        return said[0] if said else 0

    @property
    def _file(self) -> Path:
        return Path(self.folder, str(self.number))


def new_marks(n_runs: int) -> list[RunMark]:
    """Return the marks of the runs of one job, in a folder of their own."""
    folder, machine = tempfile.mkdtemp(prefix="plimsoll-runs-"), platform.node()
    return [RunMark(folder, number, machine) for number in range(n_runs)]


def sweep(marks: list[RunMark]) -> None:
    """Take the marks of a job away: what still runs for them gives up."""
    for folder in {mark.folder for mark in marks}:
        shutil.rmtree(folder, ignore_errors=True)
