"""Joins the scoreboard to the job that fills it: run when somebody looks, or when something happened."""

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from plimsoll.bridge.lone_job import LoneJob
from plimsoll.bridge.score_job import ScoreRecipe
from plimsoll.domain.score import Scoreboard
from plimsoll.widgets.scoreboard_panel import ScoreboardPanel

PATIENCE_MS, FIRST_MS = 5_000, 1_000
"""News come in storms: scores are worked out once this long after the first; sooner while there are none."""


class ScoreStation(QObject):
    """Keeps the newest scores; what happens meanwhile is scored by the next run.

    Signals
    -------
    board_made(Scoreboard)
        Newer scores.

    Parameters
    ----------
    job : LoneJob
        Works scores out.
    panel : ScoreboardPanel
        Shows them.
    make_recipe : callable
        Returns where the facts lie now; None before there are any.
    """

    board_made = Signal(object)

    def __init__(
        self,
        job: LoneJob,
        panel: ScoreboardPanel,
        make_recipe: Callable[[], ScoreRecipe | None],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._job = job
        self._panel = panel
        self._make_recipe = make_recipe
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.refresh)
        panel.bar.asked.connect(self.refresh)
        panel.bar.cancel_asked.connect(job.cancel)
        panel.wanted.connect(self.refresh)
        job.started.connect(self._show_start)
        job.finished.connect(self._take)
        job.refused.connect(panel.bar.show_end)
        job.cancelled.connect(self._show_cancelled)

    @property
    def board(self) -> Scoreboard:
        """The newest scores; none before the first run."""
        return self._panel.board

    @Slot()
    def refresh(self) -> None:
        """Work the scores out anew."""
        recipe = self._make_recipe()
        if recipe is not None:
            self._job.start(recipe)

    @Slot()
    def expect(self) -> None:
        """Hear that something happened that scores or the history of a rule may speak of."""
        if not self._timer.isActive():
            self._timer.start(PATIENCE_MS if self.board.exchange_ns else FIRST_MS)

    @Slot()
    def end(self) -> None:
        """Give up what is under way."""
        self._timer.stop()
        self._job.cancel()

    @Slot(object)
    def _take(self, board: Scoreboard) -> None:
        self._panel.show_board(board)
        self.board_made.emit(board)

    @Slot()
    def _show_start(self) -> None:
        self._panel.bar.show_progress(0, 1, "reading the journal and the prices after")

    @Slot()
    def _show_cancelled(self) -> None:
        self._panel.bar.show_end("Cancelled; what is shown is of the run before.")
