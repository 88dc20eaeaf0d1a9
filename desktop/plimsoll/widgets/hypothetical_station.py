"""Joins what-if and P&L attribution to the study they rest on, made while somebody looks."""

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from plimsoll.bridge.lone_job import LoneJob
from plimsoll.bridge.market_study import MarketRecipe, MarketStudy
from plimsoll.domain.limit import Measure
from plimsoll.domain.snapshot import RiskSnapshot
from plimsoll.domain.study_book import StudyBook
from plimsoll.widgets.hypothetical_page import HypotheticalPage
from plimsoll.widgets.pnl_attribution_panel import PnlAttributionPanel

PERIOD_MS = 1_000
_STRESS = (Measure.STRESS_LOSS, Measure.STRESS_LOSS_FRACTION)


class HypotheticalStation(QObject):
    """Asks for the book once a second while a page is in sight, and for the study when it is out of date.

    Signals
    -------
    book_asked()
        Hand today's book over by `take_book`.
    save_wanted(tuple of StressScenario)
        They shall stand in the file and in the running desk.
    """

    book_asked = Signal()
    save_wanted = Signal(object)

    def __init__(
        self,
        page: HypotheticalPage,
        attribution: PnlAttributionPanel,
        job: LoneJob,
        make_recipe: Callable[[StudyBook], MarketRecipe],
        currency: str,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.page = page
        self._job = job
        self._make_recipe = make_recipe
        self._currency = currency
        self._attribution = attribution
        self._is_due = True
        self._codes: tuple[str, ...] = ()
        self._timer = QTimer(self)
        self._timer.setInterval(PERIOD_MS)
        self._timer.timeout.connect(self.book_asked)
        for part in (page, attribution):
            part.seen.connect(self._follow)
        page.editor.save_wanted.connect(self.save_wanted)
        job.finished.connect(self._show)
        job.refused.connect(page.show_refusal)

    def end(self) -> None:
        """Give up what runs."""
        self._timer.stop()
        self._job.cancel()

    @property
    def _is_seen(self) -> bool:
        return self.page.isVisible() or self._attribution.isVisible()

    @Slot()
    def expect(self) -> None:
        """Work the study out again when somebody looks: the book or the day is another."""
        self._is_due = True

    @Slot(object)
    def take_book(self, book: StudyBook) -> None:
        """Take the book as it is now."""
        if not self._is_seen:
            return
        self.page.show_book(book, self._currency)
        if (self._is_due or book.codes != self._codes) and book.is_priced.any():
            self._is_due, self._codes = False, book.codes
            self._job.start(self._make_recipe(book))

    @Slot(object)
    def take_snapshot(self, snapshot: RiskSnapshot) -> None:
        """Take what limits name, and how far they are from breaking."""
        if self._is_seen:
            limits = (status.limit for status in snapshot.limits)
            needed = {limit.detail: limit.name for limit in limits if limit.measure in _STRESS}
            self.page.editor.shelf.needed = needed
            self.page.show_snapshot(snapshot)

    @Slot(bool)
    def _follow(self, is_seen: bool) -> None:  # noqa: FBT001  a slot of seen(bool)
        if is_seen:
            self.book_asked.emit()
            self._timer.start()
        elif not self._is_seen:
            self._timer.stop()

    @Slot(object)
    def _show(self, study: MarketStudy) -> None:
        n_known = sum(result.is_known for result in study.crises)
        words = f"historical: {n_known} of {len(study.crises)} crises, high to trough, the book held still"
        self.page.show_study(study.past, study.crises, words)
        self._attribution.show_record(study.pnl, self._currency)
