"""What the desk sees of the present when it plans, approves or acts alone."""

from decimal import Decimal

from plimsoll.domain.book import Book
from plimsoll.domain.grade import FigureGrade
from plimsoll.domain.limit import Limit
from plimsoll.domain.position import ZERO
from plimsoll.domain.session import SessionTable
from plimsoll.domain.snapshot import PositionState
from plimsoll.engine.book_path import BookPath
from plimsoll.engine.desk_rules import DeskRules
from plimsoll.engine.grade import grade_of
from plimsoll.engine.instant import Instant
from plimsoll.engine.measurement import Measurement
from plimsoll.engine.order_desk import OrderDesk
from plimsoll.engine.plan_input import PlanInput, plan_input_of
from plimsoll.engine.scenario_risk import ScenarioRisk
from plimsoll.engine.second_hand import SecondHand
from plimsoll.engine.tick_gate import TickGate
from plimsoll.engine.universe import Universe

NAN = float("nan")
_NO_PRICE = frozenset({PositionState.STALE, PositionState.UNPRICEABLE, PositionState.HALTED})


class Sight:
    """Looks at the engine's own arrays; one owner, the risk thread.

    Attributes
    ----------
    measured : Measurement or None
        As last judged; None before the first.
    book : Book
        As it stands.
    """

    def __init__(
        self,
        universe: Universe,
        rules: DeskRules,
        path: BookPath,
        risk: ScenarioRisk,
        gate: TickGate,
        second: SecondHand,
        book: Book,
    ) -> None:
        self.measured: Measurement | None = None
        self.book = book
        self._universe = universe
        self._rules = rules
        self._path = path
        self._risk = risk
        self._gate = gate
        self._second = second
        self._sessions: SessionTable | None = None
        self._number = {code: number for number, code in enumerate(universe.codes)}

    def use_sessions(self, table: SessionTable) -> None:
        """Take when closed markets open again."""
        self._sessions = table

    def held(self, code: str) -> Decimal:
        """Return the signed quantity held."""
        position = self.book.position(code)
        return ZERO if position is None else position.quantity

    def price(self, code: str) -> float:
        """Return a price an order may rest on; NaN for a stale one, a halted one, and none."""
        number = self._number.get(code)
        if number is None or self.measured is None:
            return NAN
        state = self.measured.state
        if number < len(state) and PositionState(int(state[number])) in _NO_PRICE:
            return NAN
        return float(self._path.board.mark[number])

    def is_open(self, code: str, now_ns: int) -> bool:
        """Tell whether the market of an instrument is in session."""
        number = self._number.get(code)
        return number is not None and bool(self._gate.sessions.is_open(now_ns)[number])

    def grade(self, limit: Limit, value: float) -> FigureGrade | None:
        """Return how good a figure is that a limit is on; None where there are no figures yet."""
        slow, measured = self._second.figures, self.measured
        if measured is None:
            return None
        is_es = limit.measure.value.startswith("es")
        error = slow.es_error_fraction if is_es else slow.var_error_fraction
        return grade_of(
            limit.measure,
            value,
            measured.coverage,
            method=self._rules.method,
            n_scenarios=self._risk.n_scenarios,
            sampling_error_fraction=error,
            n_doubts=len(slow.doubts),
        )

    def plan_input(self, orders: OrderDesk, instant: Instant) -> PlanInput | None:
        """Return the instant as planners take it; None where there are no figures yet."""
        measured = self.measured
        if measured is None:
            return None
        return plan_input_of(
            measured=measured,
            book=self.book,
            universe=self._universe,
            ledger=self._path.ledger,
            mark=self._path.board.mark,
            risk=self._risk,
            method=self._rules.method,
            is_open=self._gate.sessions.is_open(instant.received_time_ns),
            exchange_ns=instant.exchange_time_ns,
            now_ns=instant.received_time_ns,
            to_come={order.code: orders.to_come(order.code) for order in orders.live},
            sessions=self._sessions,
        )
