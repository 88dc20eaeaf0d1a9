"""The model of a replay's window: figures as any model has them, and a refusal for whoever would decide."""

from PySide6.QtCore import QObject, Qt, Slot

from plimsoll.bridge.risk_model import SERIES_KEYS, RiskModel
from plimsoll.bridge.series_ring import SeriesRing
from plimsoll.domain.decision import Decision
from plimsoll.domain.desk_request import DeskRequest

REFUSAL = "This is a replay of what has been: nothing can be decided here. Decide in the live window."


class ReplayModel(RiskModel):
    """A model whose past can be forgotten, and to which nobody answers but with a refusal."""

    def __init__(self, person: str, *, is_demo: bool, parent: QObject | None = None) -> None:
        super().__init__(person, is_demo=is_demo, parent=parent)
        # Queued: who decides learns the decision's id before what became of it.
        self.decision_made.connect(self._refuse_decision, Qt.ConnectionType.QueuedConnection)
        self.request_made.connect(self._refuse_request, Qt.ConnectionType.QueuedConnection)

    @Slot()
    def forget(self) -> None:
        """Forget the courses and the proposals: the replay begins anew, earlier."""
        self.proposals.clear()
        self._series = {key: SeriesRing() for key in SERIES_KEYS}

    @Slot(object)
    def _refuse_decision(self, decision: Decision) -> None:
        self.decision_rejected.emit(decision, REFUSAL)

    @Slot(object)
    def _refuse_request(self, request: DeskRequest) -> None:
        self.request_rejected.emit(request, REFUSAL)
