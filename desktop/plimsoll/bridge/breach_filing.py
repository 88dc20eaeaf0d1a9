"""Asks the engine to file the incidents behind breaches, by the one way decisions go."""

import os
import time
from collections.abc import Iterable

from plimsoll.bridge.risk_model import RiskModel
from plimsoll.domain.breach import Breach
from plimsoll.domain.decision import Decision, DecisionKind
from plimsoll.domain.incident import IncidentCause, Resolution


def file_incidents(
    model: RiskModel,
    breaches: Iterable[Breach],
    cause: IncidentCause,
    resolution: Resolution,
    comment: str,
) -> None:
    """Ask to close the incidents of these breaches, one decision each."""
    for breach in breaches:
        decision = Decision(
            os.urandom(16).hex(),
            DecisionKind.CLOSE_INCIDENT,
            breach.breach_id,
            model.person,
            decided_ns=time.time_ns(),
            cause=cause,
            resolution=resolution,
            comment=comment,
        )
        model.decision_made.emit(decision)
