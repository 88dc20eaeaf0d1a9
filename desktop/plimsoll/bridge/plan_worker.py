"""The plan thread: works out proposals and what-ifs, so that the risk thread never waits for them."""

import logging

from PySide6.QtCore import QObject, Signal, Slot

from plimsoll.engine.plan_job import PlanJob, PlanMade, WhatIfJob

log = logging.getLogger("plimsoll.plan")


class PlanWorker(QObject):
    """Works at one job after the other, each packed by the engine with all that it needs.

    Signals
    -------
    plan_made(PlanMade)
        For the engine.
    what_if_answered(WhatIfAnswer)
        For whoever asked.
    failed(str)
        A fault of ours in a what-if; one in a plan is told by the engine.
    """

    plan_made = Signal(object)
    what_if_answered = Signal(object)
    failed = Signal(str)

    @Slot(object)
    def work(self, job: PlanJob | WhatIfJob) -> None:
        """Work a job out and tell what came of it; a fault too, or the desk would wait for ever."""
        try:
            if isinstance(job, PlanJob):
                self.plan_made.emit(job.make())
            else:
                self.what_if_answered.emit(job.make())
        except Exception as fault:
            log.exception("a plan could not be worked out")
            words = f"{type(fault).__name__}: {fault}"
            if isinstance(job, PlanJob):
                self.plan_made.emit(PlanMade(job, None, words))
            else:
                self.failed.emit(f"What the changed plan would do could not be worked out ({words}).")
