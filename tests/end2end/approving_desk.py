"""The program as it is, with a hand inside: it approves the first plan, and dies while the orders are out.

Given the program's own arguments. A line tells what was approved; the end is a kill -9 from within, at the
moment the main thread hears that an order was handed over: its fills are still to come.
"""

import json
import os
import signal
import sys

from PySide6.QtCore import QObject, QTimer, Slot

from plimsoll import app
from plimsoll.bridge.risk_model import RiskModel
from plimsoll.domain.order import Order
from plimsoll.domain.proposal_standing import ProposalState

LOOK_MS = 50


class Hand(QObject):
    """Approves once, then waits for the first order."""

    def __init__(self, model: RiskModel) -> None:
        super().__init__()
        self._model = model
        self._is_done = False
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.look)
        self._timer.start(LOOK_MS)
        model.order_changed.connect(self.die)

    @Slot()
    def look(self) -> None:
        for standing in list(self._model.proposals.values()):
            proposal = standing.proposal
            may = standing.state is ProposalState.OPEN and not proposal.needs_two_persons
            if not self._is_done and may and proposal.plan.legs:
                self._is_done = True
                decision_id = self._model.approve(proposal.proposal_id)
                say({"approved": proposal.proposal_id, "decision": decision_id})
                self._model.request_rejected.connect(self.try_again)

    @Slot(object, str)
    def try_again(self, _request: object, reason: str) -> None:
        say({"refused": reason})
        self._is_done = False

    @Slot(object)
    def die(self, order: Order) -> None:
        say({"order": order.client_id, "state": str(order.state)})
        os.kill(os.getpid(), signal.SIGKILL)


def say(line: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


def main() -> int:
    company = app._company

    def with_a_hand(model: RiskModel, *others: object) -> list[QObject]:
        return [*company(model, *others), Hand(model)]

    app._company = with_a_hand
    return app.run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
