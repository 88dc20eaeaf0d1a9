"""After a restart the engine is what it was, whatever fills, flows, ticks, decisions and days went before."""

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fakes.trading_desk import MIXED, PRICES, Desk, S, book_of
from plimsoll.domain.decision import Decision, DecisionKind
from plimsoll.domain.limit import Limit, Measure, Scope, ScopeKind, Severity
from plimsoll.domain.position import Fill
from plimsoll.domain.snapshot import RiskSnapshot

LIMITS = (
    Limit("dd", "Drawdown", Measure.DRAWDOWN, 0.01, Severity.CRITICAL),
    Limit("loss", "Daily loss", Measure.DAILY_LOSS, 20_000.0, Severity.HIGH),
    Limit("size", "Size", Measure.POSITION_SIZE, 310_000.0, Severity.HIGH, Scope(ScopeKind.INSTRUMENT)),
)
HELD = sorted(MIXED)
STEP = st.one_of(
    st.tuples(st.just("tick"), st.sampled_from(sorted(PRICES)), st.floats(0.97, 1.03)),
    st.tuples(st.just("fill"), st.sampled_from(HELD), st.sampled_from((-1.0, -0.5, -2.0, 0.25))),
    st.tuples(st.just("flow"), st.sampled_from(("USD", "EUR", "JPY")), st.sampled_from((-5e4, 1e5))),
    st.tuples(st.just("decide"), st.sampled_from(sorted(DecisionKind)), st.just(0.0)),
    st.tuples(st.just("day"), st.just(""), st.just(0.0)),
    st.tuples(st.just("wait"), st.just(""), st.sampled_from((0.5, 6.0, 70.0))),
)


class Hand:
    """Does to a desk what a step says."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.price = {code: price for code, price in PRICES.items() if code in desk.universe.codes}
        self.n = 0

    def do(self, what: str, name: str, amount: float) -> None:
        self.n += 1
        getattr(self, what)(name, amount)

    def tick(self, code: str, factor: float) -> None:
        if code in self.price:
            self.price[code] *= factor
            self.desk.trade({code: self.price[code]})

    def fill(self, code: str, part: float) -> None:
        quantity = Decimal(str(MIXED[code][0])) * Decimal(str(part))
        price = Decimal(str(round(self.price[code] * 1.001, 6)))
        fill = Fill(f"F{self.n}", code, quantity, price, Decimal("3.5"))
        self.desk.engine.take_fill(fill, self.desk.now_ns)

    def flow(self, currency: str, amount: float) -> None:
        self.desk.take_flow(currency, Decimal(str(amount)))

    def decide(self, kind: str, _: float) -> None:
        for breach in self.desk.snapshot.breaches[:1]:
            until_ns = self.desk.now_ns + 30 * S
            decision = Decision(
                f"D{self.n}",
                DecisionKind(kind),
                breach.breach_id,
                "Ada",
                "hedge executes soon",
                until_ns,
            )
            self.desk.engine.decide(decision, self.desk.now_ns)

    def day(self, *_: object) -> None:
        self.desk.exchange_ns += 86_400 * S
        self.desk.trade(self.price)

    def wait(self, _: str, seconds: float) -> None:
        self.desk.pass_time(seconds)
        self.desk.trade(self.price)


def figures(shot: RiskSnapshot) -> dict[str, float]:
    names = ("nav", "day_pnl", "day_pnl_fx", "high_water_mark", "drawdown", "gross", "net", "long")
    return {name: getattr(shot, name) for name in names}


@settings(max_examples=30, deadline=None)
@given(steps=st.lists(STEP, max_size=25))
def test_that_a_restart_at_any_moment_changes_no_figure_breach_or_book(
    steps: list[tuple[str, str, float]],
) -> None:
    desk = Desk(book_of(MIXED, {"USD": 2e6, "EUR": 120_000.0, "JPY": -5_000_000.0}), LIMITS)
    hand = Hand(desk)
    desk.open()
    hand.day()
    for step in steps:
        hand.do(*step)
    hand.wait("", 1.5)  # the high-water mark is written at most once a second
    again = desk.restarted()
    assert again.engine.book == desk.engine.book
    again.trade(hand.price)
    assert figures(again.snapshot) == pytest.approx(figures(desk.snapshot), rel=1e-9, abs=1e-5)
    assert again.snapshot.table.day_pnl_base == pytest.approx(
        desk.snapshot.table.day_pnl_base, rel=1e-9, abs=1e-5
    )
    assert [(b.breach_id, b.state) for b in again.snapshot.breaches] == [
        (b.breach_id, b.state) for b in desk.snapshot.breaches
    ]


@settings(max_examples=30, deadline=None)
@given(steps=st.lists(STEP, max_size=25))
def test_that_day_pnl_is_nav_now_less_nav_then_less_what_came_from_outside(
    steps: list[tuple[str, str, float]],
) -> None:
    desk = Desk(book_of(MIXED, {"USD": 2e6, "EUR": 120_000.0, "JPY": -5_000_000.0}))
    hand = Hand(desk)
    desk.open()
    hand.day()
    anchor, flows = desk.snapshot.nav, 0.0
    for what, name, amount in steps:
        before = desk.snapshot
        if what == "day":
            n_rolls = desk.journal.kinds().count("day_roll")
            hand.do(what, name, amount)
            if desk.journal.kinds().count("day_roll") > n_rolls:  # from Saturday to Sunday nothing rolls
                anchor, flows = before.nav, 0.0  # the first tick after the roll belongs to the new day
            continue
        hand.do(what, name, amount)
        if what == "flow":
            flows += desk.snapshot.nav - before.nav
            assert desk.snapshot.drawdown == pytest.approx(before.drawdown, abs=1e-12)
            assert desk.snapshot.day_pnl_fx == pytest.approx(before.day_pnl_fx, abs=1e-6)
        assert desk.snapshot.day_pnl == pytest.approx(desk.snapshot.nav - anchor - flows, abs=1e-5)
        own = float(np.nansum(desk.snapshot.table.day_pnl_base))
        cash_fx = desk.snapshot.day_pnl - own  # what is left is the rates' work on cash
        if all(step[0] != "tick" or step[1] not in {"EURUSD", "USDJPY", "USDHKD"} for step in steps):
            assert cash_fx == pytest.approx(0.0, abs=1e-5)
