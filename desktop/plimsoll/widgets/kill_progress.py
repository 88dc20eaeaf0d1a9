"""How far a kill has come: cancel, verify, flatten, verify, and the log of every step with its time."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QListWidget, QVBoxLayout, QWidget

from plimsoll.domain.kill import KillRow, KillStep
from plimsoll.widgets import formats
from plimsoll.widgets.tone import ToneLabel
from plimsoll.widgets.typeface import bold

WAITS, RUNS, DONE, FAILED = "○", "◐", "✓", "✗"
N_DONE = {KillStep.LATCHED: 1, KillStep.CANCELLED: 3, KillStep.FLATTENING: 3, KillStep.FLAT: 5}
"""Stages that are behind after each step."""


class KillProgress(QWidget):
    """A line of stages with their marks, and a log of at most a few lines in sight."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._stages: tuple[str, ...] = ()
        self.line = ToneLabel(bold(), self)
        self.line.setAccessibleName("Progress")
        self.log = QListWidget(self)
        self.log.setAccessibleName("Log of the kill")
        self.log.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.log.setFixedHeight(96)
        self.log.setWordWrap(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.line)
        column.addWidget(self.log)
        self.hide()  # until something was pressed or told

    def begin(self, *, flattens: bool, is_drill: bool) -> None:
        """Show the stages of a kill that was just pressed."""
        first = "drill" if is_drill else "halt"
        rest = ("ask", "verify") if is_drill else ("cancel", "verify")
        self.show()
        self._stages = (first, *rest, *(("flatten", "verify") if flattens and not is_drill else ()))
        self._show(0)

    def take(self, row: KillRow, *, is_this: bool) -> None:
        """Log a step of any kill; the stages follow the one that was pressed here."""
        drill = "DRILL " if row.request.is_drill and row.step is not KillStep.DRILLED else ""
        self.show()
        self.log.addItem(f"{formats.time_utc(row.at_ns)}  {drill}{row.words}")
        self.log.scrollToBottom()
        if not is_this:
            return
        if row.step is KillStep.GIVEN_UP:
            self._show(self._n_done, failed=True)
        else:
            self._show(N_DONE.get(row.step, len(self._stages)))

    def _show(self, n_done: int, *, failed: bool = False) -> None:
        self._n_done = n_done
        marks = [DONE if number < n_done else WAITS for number in range(len(self._stages))]
        if n_done < len(marks):
            marks[n_done] = FAILED if failed else RUNS
        told = "  →  ".join(f"{mark} {stage}" for mark, stage in zip(marks, self._stages, strict=True))
        self.line.say(told + ("   NOT verified: call the broker" if failed else ""), "over" if failed else "")
