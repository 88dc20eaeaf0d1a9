"""Puts limits into force: what judges, measures, draws or plans by them takes each change together."""

from collections.abc import Callable, Iterable
from typing import Protocol

from plimsoll.domain.limit import Limit
from plimsoll.engine.desk_memory import DeskMemory
from plimsoll.engine.events import Event, LimitsChanged, NoticeRaised, RequestTaken
from plimsoll.engine.limit_keeper import LimitKeeper, LimitRequest
from plimsoll.engine.ports import JournalUnavailable


class TakesLimits(Protocol):
    """Whatever works by the limits in force."""

    def take_limits(self, limits: tuple[Limit, ...]) -> None:
        """Work by these from now on."""


class LimitHand:
    """Leads changes of limits to everybody who works by them; one owner, the risk thread."""

    def __init__(
        self,
        keeper: LimitKeeper,
        memory: DeskMemory,
        takers: Iterable[TakesLimits],
        forget: Callable[[], None],
    ) -> None:
        self._keeper = keeper
        self._memory = memory
        self._takers = tuple(takers)
        self._forget = forget
        self._used: tuple[Limit, ...] | None = None
        self._refused_of_file: list[str] = []

    def begin(self, now_ns: int) -> None:
        """Put into force what file and journal say together.

        Raises
        ------
        JournalUnavailable
            If a row could not be written.
        """
        self._refused_of_file = self._keeper.begin(now_ns)
        self._use()

    def take(self, request: LimitRequest, now_ns: int) -> list[Event]:
        """Carry out a request.

        Raises
        ------
        DecisionRefused, JournalUnavailable
            Nothing has changed then.
        """
        self._keeper.take(request, now_ns)
        self._use()
        return [RequestTaken(request), LimitsChanged(self._keeper.written(now_ns))]

    def follow(self, now_ns: int) -> list[Event]:
        """Let loosenings act and temporary limits begin and end."""
        told: list[Event] = [
            NoticeRaised(f"A change of the limits file was refused: {words}.", is_alarm=True)
            for words in self._refused_of_file
        ]
        self._refused_of_file = []
        try:
            due = self._keeper.follow(now_ns)
        except JournalUnavailable as failure:
            return told + self._memory.alarm(failure)
        if self._keeper.limits is not self._used:
            self._use()
        if due:
            names = ", ".join(change.limit_id for change in due)
            told.append(NoticeRaised(f"What was loosened acts from now on: {names}."))
            told.append(LimitsChanged(self._keeper.written(now_ns)))
        return told

    def _use(self) -> None:
        self._used = self._keeper.limits
        for taker in self._takers:
            taker.take_limits(self._used)
        self._forget()
