"""What a person makes of a proposal: the option chosen, the quantities typed, the answer for just these."""

import os
import time
from decimal import Decimal

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from plimsoll.bridge.proposal_quantity import QuantityRefused, quantity_from
from plimsoll.bridge.risk_model import RiskModel
from plimsoll.domain.proposal import Plan, PlanOption, Proposal
from plimsoll.domain.proposal_request import Quantities, WhatIfAnswer, WhatIfAsked
from plimsoll.domain.proposal_standing import ProposalStanding, ProposalState

TYPING_MS = 100
REFRESH_MS = 2000
FORGOTTEN_S = 5.0  # after which a question without an answer is asked again
NOTHING = Decimal(0)
Key = tuple[int, Quantities]


class ProposalDraft(QObject):
    """Asks what the shown quantities would do, while somebody types and while the market moves.

    The effects of an open proposal are asked for again every two seconds, so that before and after stand at
    live prices; an answer counts only for the quantities that are shown when it comes.

    Signals
    -------
    changed()
        What is shown, or whether it is settled, is another.
    """

    changed = Signal()

    def __init__(self, model: RiskModel, standing: ProposalStanding, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self.standing = standing
        self.option = 0
        self.refusal = ""
        self.complaints: dict[str, str] = {}
        self._typed: dict[str, Decimal] = {}
        self._asked: WhatIfAsked | None = None
        self._asked_s = 0.0
        self._answer: WhatIfAnswer | None = None
        self._typing = QTimer(self)
        self._typing.setSingleShot(True)
        self._typing.setInterval(TYPING_MS)
        self._typing.timeout.connect(self._ask)
        self._refresh = QTimer(self)
        self._refresh.setInterval(REFRESH_MS)
        self._refresh.timeout.connect(self._ask_again)
        self._refresh.start()
        model.what_if_answered.connect(self._take_answer)
        self.take(standing)

    @property
    def proposal(self) -> Proposal:
        """The proposal it is about."""
        return self.standing.proposal

    @property
    def proposed(self) -> PlanOption:
        """The option in front, as the desk made it."""
        return options_of(self.proposal)[self.option]

    @property
    def shown(self) -> PlanOption:
        """The option with what was changed, as far as it is worked out."""
        if self._answer is not None and self._answer.answer is not None and self._is_for_now(self._answer):
            return self._answer.answer
        return self.proposed

    @property
    def quantities(self) -> Quantities:
        """Signed quantities of the legs that were changed."""
        legs = self.proposed.plan.legs
        return tuple(
            (leg.code, self._typed[leg.code])
            for leg in legs
            if self._typed.get(leg.code, leg.quantity) != leg.quantity
        )

    @property
    def is_changed(self) -> bool:
        """Whether it is other than the plan the desk proposed: that needs a reason."""
        return self.option != 0 or bool(self.quantities) or bool(self.complaints)

    @property
    def is_settled(self) -> bool:
        """Whether what is shown is worked out for exactly these quantities."""
        if self.complaints or self.refusal:
            return False
        return not self.quantities or (self._answer is not None and self._is_for_now(self._answer))

    @property
    def is_recomputing(self) -> bool:
        """Whether an answer for the shown quantities is still to come."""
        return not self.is_settled and not self.complaints and not self.refusal

    @property
    def n_orders(self) -> int:
        """Orders that would go out at once."""
        if self.is_settled:
            return sum(bool(leg.quantity) for leg in self.shown.plan.legs)
        changed = dict(self.quantities)
        return sum(bool(changed.get(leg.code, leg.quantity)) for leg in self.proposed.plan.legs)

    def take(self, standing: ProposalStanding) -> bool:
        """Follow the proposal; tell whether another one took its place and changes were dropped."""
        is_other = standing.proposal.proposal_id != self.proposal.proposal_id
        had_changes = self.is_changed
        self.standing = standing
        if is_other:
            self._forget(option=0)
        if standing.state is ProposalState.AWAITS_SECOND:
            self._adopt(standing.decided)
        elif standing.state.is_end:
            self._typing.stop()
            self._refresh.stop()
        self.changed.emit()
        return is_other and had_changes

    def choose(self, option: int) -> None:
        """Bring another option to the front; what was typed in the last one is gone."""
        if option != self.option:
            self._forget(option=option)
            self.changed.emit()

    def write(self, code: str, text: str) -> None:
        """Take what was typed for a leg; what it would do is asked for once the typing rests."""
        leg = next(leg for leg in self.proposed.plan.legs if leg.code == code)
        try:
            self._typed[code] = quantity_from(text, leg, self._lot_of(code))
            self.complaints.pop(code, None)
        except QuantityRefused as refusal:
            self.complaints[code] = str(refusal)
        self.refusal = ""
        self._typing.start()
        self.changed.emit()

    def _lot_of(self, code: str) -> Decimal:
        snapshot = self._model.snapshot
        held = snapshot.table.instruments if snapshot is not None else ()
        return next((Decimal(str(item.lot)) for item in held if item.code == code), NOTHING)

    def _adopt(self, decided: Plan) -> None:
        """Show what the first person approved: the second confirms exactly that, in whichever window."""
        wanted = {leg.code: leg.quantity for leg in decided.legs}
        options = options_of(self.proposal)
        fitting = (
            number
            for number, option in enumerate(options)
            if option.plan.planner == decided.planner
            and wanted.keys() <= {leg.code for leg in option.plan.legs}
        )
        self.option = next(fitting, self.option)
        self._typed = {leg.code: wanted.get(leg.code, NOTHING) for leg in self.proposed.plan.legs}
        self.complaints.clear()
        if not self.is_settled:
            self._typing.start()

    def _forget(self, *, option: int) -> None:
        self.option = option
        self.refusal = ""
        self.complaints.clear()
        self._typed.clear()
        self._typing.stop()
        self._refresh.start()
        self._asked = self._answer = None

    def _is_for_now(self, answer: WhatIfAnswer) -> bool:
        asked = answer.asked
        return (asked.proposal_id, asked.option, asked.quantities) == (
            self.proposal.proposal_id,
            self.option,
            self.quantities,
        )

    @Slot()
    def _ask_again(self) -> None:
        is_waiting = self._asked is not None and time.monotonic() - self._asked_s < FORGOTTEN_S
        if not is_waiting and not self._typing.isActive() and time.time_ns() < self.proposal.expires_ns:
            self._ask()

    @Slot()
    def _ask(self) -> None:
        if self.complaints or self.standing.state.is_end:
            return
        self._asked = WhatIfAsked(
            os.urandom(8).hex(), self.proposal.proposal_id, self.option, self.quantities
        )
        self._asked_s = time.monotonic()
        self._model.ask_what_if(self._asked)

    @Slot(object)
    def _take_answer(self, answer: WhatIfAnswer) -> None:
        if self._asked is None or answer.asked.ask_id != self._asked.ask_id:
            return
        self._asked = None
        if self.complaints or not self._is_for_now(answer):
            return
        self._answer = answer if answer.answer is not None else None
        self.refusal = answer.refusal if answer.answer is None else ""
        self.changed.emit()


def options_of(proposal: Proposal) -> tuple[PlanOption, ...]:
    """Return the plan and the alternatives beside it, in the order of their tabs."""
    return (PlanOption(proposal.plan, proposal.what_if), *proposal.alternatives)
