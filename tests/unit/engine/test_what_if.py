"""A plan's before and after, against an engine that took the same fills."""

import math
from decimal import Decimal

import numpy as np
import pytest

from fakes.plan_case import desk_of, plan_input_from, shares_input
from fakes.trading_desk import MIXED, Desk
from plimsoll.domain.errors import UnknownInstrument
from plimsoll.domain.limit import Limit, LimitState, Measure, Scope, ScopeKind, Severity
from plimsoll.domain.method import RiskMethod
from plimsoll.domain.position import Fill
from plimsoll.domain.proposal import Plan, PlanLeg
from plimsoll.domain.stress_scenario import Shock, StressScenario
from plimsoll.engine.gauge_board import GaugeBoard
from plimsoll.engine.hypothetical_book import HypotheticalBook
from plimsoll.engine.measurement import groups_of
from plimsoll.engine.what_if import WhatIfBoard

M = Measure
SCENARIOS = (
    StressScenario("crash", "Shares fall by a fifth", (Shock(Scope(ScopeKind.ASSET_CLASS, "equity"), -0.2),)),
    StressScenario("dollar", "The euro falls", (Shock(Scope(ScopeKind.CURRENCY, "EUR"), -0.1),)),
)
DETAIL = {
    M.STRESS_LOSS: "crash",
    M.STRESS_LOSS_FRACTION: "dollar",
    M.HEDGE_EFFECTIVENESS: "GOLD/USOIL",
    M.TOP_N_WEIGHT: "3",
}
EXACT = tuple(measure for measure in Measure if measure is not M.EXIT_COST_FRACTION)
TRADES = {
    "AAPL.US": -400,  # some of a long sold
    "XOM.US": 2000,  # a short closed
    "0700.HK": -3000,  # in another currency, closed
    "EURUSD": 250_000,  # more of what is held
    "USDJPY": 3_000_000,  # turned from short to long
    "USOIL": -5,
    "GER40": 1,
}


def limits_of(measures: tuple[Measure, ...] = EXACT) -> tuple[Limit, ...]:
    """Return a limit on every measure over every scope it has a meaning for."""
    return tuple(
        Limit(
            f"{measure}-{kind}",
            f"{measure} {kind}",
            measure,
            0.3,
            Severity.HIGH,
            Scope(kind),
            detail=DETAIL.get(measure, ""),
        )
        for measure in measures
        for kind in measure.scopes
    )


def desk(held: dict[str, tuple[float, float]] | None = None, limits: tuple[Limit, ...] = ()) -> Desk:
    return desk_of(held, limits, SCENARIOS)


def leg(code: str, quantity: object, cost: float = 0.0, mark: float = 1.0) -> PlanLeg:
    return PlanLeg(code, Decimal(str(quantity)), None, mark, Decimal(0), 0.0, cost)


def filled(desk: Desk, trades: dict[str, float]) -> None:
    """Let the engine take the trades at its own marks, without fees."""
    for number, (code, quantity) in enumerate(trades.items()):
        mark = float(desk.engine._board.mark[desk.universe.codes.index(code)])
        fill = Fill(f"f{number}", code, Decimal(str(quantity)), Decimal(repr(mark)))
        desk.engine.take_fill(fill, desk.now_ns)


def readings(desk: Desk, limits: tuple[Limit, ...]) -> list[np.ndarray]:
    measured = desk.engine._measurer.measure(desk.now_ns)
    return [reading.value for reading in GaugeBoard(limits, groups_of(desk.universe)).read(measured)]


class TestAgainstTheEngine:
    @pytest.mark.parametrize("trades", [{}, TRADES, {code: -q for code, (q, _) in MIXED.items()}])
    def test_that_every_limit_reads_as_after_the_fills(self, trades: dict[str, float]) -> None:
        limits = limits_of()
        before, twin = desk(limits=limits), desk(limits=limits)
        plan_input = plan_input_from(before)
        told = HypotheticalBook(before.universe, SCENARIOS).measure(
            plan_input, [leg(code, quantity) for code, quantity in trades.items()]
        )
        said = [reading.value for reading in GaugeBoard(limits, groups_of(before.universe)).read(told)]
        filled(twin, trades)
        twin.pass_time(0.3)  # stress losses are worked out anew four times a second
        twin.engine._measurer.market.figures = type(twin.engine._measurer.market.figures)()  # and these, once
        twin.engine._measurer._parts = None
        for limit, mine, theirs in zip(limits, said, readings(twin, limits), strict=True):
            np.testing.assert_allclose(mine, theirs, rtol=1e-9, atol=1e-9, err_msg=limit.limit_id)

    def test_that_a_desk_opened_with_the_traded_book_says_the_same(self) -> None:
        """State that only fills leave behind (the day, realised P&L) has no part in these."""
        measures = (M.VAR, M.ES, M.GROSS_EXPOSURE, M.HHI, M.STRESS_LOSS, M.MARGIN_USE, M.DAYS_TO_EXIT)
        limits = limits_of(measures)
        before = desk()
        told = HypotheticalBook(before.universe, SCENARIOS).measure(
            plan_input_from(before), [leg("AAPL.US", -400), leg("XOM.US", 500)]
        )
        held = {**MIXED, "AAPL.US": (600, 280.0), "XOM.US": (-1500, 55.0)}
        cash = {"USD": 900_000.0 + 400 * 300.0 - 500 * 60.0, "EUR": 120_000.0, "JPY": -5_000_000.0}
        other = desk_of(held, (), SCENARIOS, cash=cash)
        said = [reading.value for reading in GaugeBoard(limits, groups_of(before.universe)).read(told)]
        for limit, mine, theirs in zip(limits, said, readings(other, limits), strict=True):
            np.testing.assert_allclose(mine, theirs, rtol=1e-9, atol=1e-9, err_msg=limit.limit_id)

    def test_that_an_exit_costs_no_more_than_said_once_a_part_is_gone(self) -> None:
        before, twin = desk(), desk()
        told = HypotheticalBook(before.universe, ()).measure(plan_input_from(before), [leg("AAPL.US", -400)])
        filled(twin, {"AAPL.US": -400})
        twin.engine._measurer.market.figures = type(twin.engine._measurer.market.figures)()
        real = twin.engine._measurer.measure(twin.now_ns).market.liquidity.exit_cost_base
        assert (told.market.liquidity.exit_cost_base >= real - 1e-9).all()

    @pytest.mark.parametrize(
        "changed", [{"n_scenarios": 50}, {"method": RiskMethod(es_confidence=0.9999)}], ids=str
    )
    def test_that_a_tail_of_too_few_days_stays_unknown(self, changed: dict[str, object]) -> None:
        case = shares_input([1000], **changed)
        told = HypotheticalBook(case.universe, ()).measure(case)
        assert math.isnan(told.var)
        assert math.isnan(told.es)
        assert np.isnan(told.es_contribution).all()

    def test_that_shares_of_es_still_sum_to_it(self) -> None:
        case = desk_of(cash={"USD": 1e6})
        told = HypotheticalBook(case.universe, ()).measure(plan_input_from(case), [leg("GOLD", -8)])
        engine = plan_input_from(case).measured
        assert told.es < engine.es
        # What is missing is the part of cash and results in foreign money.
        gap = told.es - told.es_contribution.sum()
        assert gap == pytest.approx(engine.es - engine.es_contribution.sum(), abs=0.05 * engine.es)


class TestWhatIf:
    LIMITS = (
        Limit("var", "VaR", M.VAR, 90_000.0, Severity.CRITICAL),
        Limit("name", "One name", M.GROSS_WEIGHT, 1.5, Severity.HIGH, Scope(ScopeKind.INSTRUMENT)),
        Limit("loss", "Daily loss", M.DAILY_LOSS, 100.0, Severity.HIGH),
        Limit("cushion", "Cushion", M.MARGIN_CUSHION, 0.5, Severity.HIGH),
    )

    def test_that_a_cut_shows_its_limit_over_before_and_fine_after(self) -> None:
        case = desk(limits=self.LIMITS)
        plan_input = plan_input_from(case)
        answer = WhatIfBoard(case.universe, self.LIMITS).of(Plan("x", (leg("GOLD", -20),)), plan_input)
        var = answer.effect("var")
        assert (var.state_before, var.state_after) == (LimitState.OVER, LimitState.FINE)
        assert (answer.var_before, answer.var_after) == (var.before, var.after)
        assert var.use_after < 1.0 < var.use_before
        name = answer.effect("name")
        assert (name.member_before, name.member_after) == ("GOLD", "USDJPY")
        assert answer.gross_after == pytest.approx(answer.gross_before - 3_300_000.0)
        assert answer.margin_after < answer.margin_before
        assert answer.newly_broken == ()
        assert answer.effect("no such") is None

    def test_that_what_a_plan_would_break_is_named_and_what_is_broken_already_is_not(self) -> None:
        case = desk(limits=self.LIMITS)
        plan = Plan("x", (leg("USDJPY", -2_000_000), leg("GOLD", 1)))
        answer = WhatIfBoard(case.universe, self.LIMITS).of(plan, plan_input_from(case))
        assert answer.newly_broken == ("One name · USDJPY",)  # GOLD and VaR were over before

    def test_that_a_cost_can_break_a_limit_of_its_own(self) -> None:
        case = desk(limits=self.LIMITS)
        board, plan_input = WhatIfBoard(case.universe, self.LIMITS), plan_input_from(case)
        cheap = board.of(Plan("x", (leg("GOLD", -1, 10.0),)), plan_input)
        dear = board.of(Plan("x", (leg("GOLD", -1, 250.0),)), plan_input)
        assert cheap.newly_broken == ()
        assert dear.newly_broken == ("Daily loss",)
        assert dear.effect("loss").after == pytest.approx(0.0, abs=1e-6)  # at the mark nothing is lost
        assert dear.nav_after_cost == pytest.approx(plan_input.measured.nav - 250.0)

    def test_that_what_can_no_longer_be_judged_is_named(self) -> None:
        limits = (Limit("hhi", "Concentration", M.HHI, 0.5, Severity.HIGH),)
        case = desk({"AAPL.US": (1000, 280.0)}, limits)
        plan = Plan("x", (leg("AAPL.US", -1000),))
        answer = WhatIfBoard(case.universe, limits).of(plan, plan_input_from(case))
        assert answer.newly_unknown == ("Concentration",)
        assert math.isnan(answer.effect("hhi").use_after)

    def test_that_legs_of_later_count_in_the_whole_and_not_in_now(self) -> None:
        case = desk(limits=self.LIMITS)
        board, plan_input = WhatIfBoard(case.universe, self.LIMITS), plan_input_from(case)
        plan = Plan("x", (leg("GOLD", -5),), (leg("GOLD", -15),))
        now, whole = board.of_now(plan, plan_input), board.of(plan, plan_input)
        assert whole.gross_after < now.gross_after < now.gross_before
        assert whole.gross_before == now.gross_before

    def test_that_a_rival_method_and_the_cost_of_exit_are_marked_as_estimates(self) -> None:
        limits = (
            Limit("ewma", "EWMA", M.VAR, 1.0, Severity.HIGH, detail="ewma"),
            Limit("exit", "Exit", M.EXIT_COST_FRACTION, 0.5, Severity.HIGH),
            *self.LIMITS,
        )
        case = desk(limits=limits)
        answer = WhatIfBoard(case.universe, limits).of(Plan("x", (leg("GOLD", -5),)), plan_input_from(case))
        assert [effect.is_estimate for effect in answer.effects] == [True, True, False, False, False, False]

    def test_that_other_limits_are_read_from_then_on(self) -> None:
        case = desk()
        board, plan_input = WhatIfBoard(case.universe, self.LIMITS), plan_input_from(case)
        board.take_limits(self.LIMITS[:1])
        assert len(board.of(Plan("x"), plan_input).effects) == 1

    def test_that_one_limit_can_be_asked_for_by_itself(self) -> None:
        case = desk()
        board, plan_input = WhatIfBoard(case.universe, ()), plan_input_from(case)
        var = self.LIMITS[0]
        assert board.measure(plan_input, var, "", ()) == pytest.approx(plan_input.measured.var)
        assert math.isnan(board.measure(plan_input, var, "no such", ()))

    def test_that_a_code_that_is_not_held_is_refused(self) -> None:
        case = desk()
        with pytest.raises(UnknownInstrument):
            WhatIfBoard(case.universe, ()).of(Plan("x", (leg("MSFT.US", 1),)), plan_input_from(case))
