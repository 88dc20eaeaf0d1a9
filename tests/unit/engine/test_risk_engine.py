"""What happens: ticks, days, fills, flows, a failing journal and a restart."""

import math
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import numpy as np
import pytest

from fakes.memory_journal import MemoryJournal
from fakes.trading_desk import MASTER, MIXED, OPEN_NS, PRICES, Desk, S, book_of, random_window
from plimsoll.domain.decision import Decision, DecisionKind
from plimsoll.domain.errors import FillRefused, FlowRefused, UnknownInstrument
from plimsoll.domain.limit import Limit, LimitState, Measure, Severity
from plimsoll.domain.position import Fill
from plimsoll.domain.snapshot import PositionState, RiskSnapshot
from plimsoll.domain.tick import TickBatch, TickCounts
from plimsoll.engine.events import BreachRaised, DayRolled, DecisionRejected, NoticeRaised
from plimsoll.engine.ports import JournalUnavailable
from plimsoll.engine.scenario_window import PriceWindow

CASH = {"USD": 900_000.0, "EUR": 120_000.0, "JPY": -5_000_000.0}
MIXED_BOOK = book_of(MIXED, CASH)
DRAWDOWN = Limit("dd", "Drawdown", Measure.DRAWDOWN, 0.05, Severity.CRITICAL)


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * S


def next_day(desk: Desk) -> None:
    desk.exchange_ns += 86_400 * S


def history(desk: Desk, prices: dict[str, float] = PRICES) -> None:
    """Give the desk closes that end at these prices."""
    known = {"USDTUSD": 1.0, **prices}
    last = {number: known[code] for number, code in enumerate(desk.universe.codes) if code in known}
    desk.engine.use_window(random_window(len(desk.universe.codes), 260, 5, last))


def rolled(book_cash: dict[str, float] | None = None) -> Desk:
    """Return a desk that has just rolled into a new day at known prices."""
    desk = Desk(book_of(MIXED, CASH if book_cash is None else book_cash))
    desk.open()
    next_day(desk)
    desk.open()
    return desk


def moved(desk: Desk) -> None:
    desk.trade({"EURUSD": 1.12, "AAPL.US": 290.0, "USDJPY": 108.0, "GER40": 12_900.0, "GOLD": 1700.0})


def figures(shot: RiskSnapshot) -> dict[str, object]:
    names = ("nav", "day_pnl", "day_pnl_fx", "high_water_mark", "drawdown", "gross", "net")
    return {name: pytest.approx(getattr(shot, name), rel=1e-12, nan_ok=True) for name in names}


class TestDay:
    def test_that_day_pnl_is_unknown_before_a_reference_and_not_zero(self) -> None:
        desk = Desk(MIXED_BOOK)
        desk.open()
        shot = desk.snapshot
        assert math.isnan(shot.day_pnl)
        assert math.isnan(shot.day_pnl_fx)
        assert np.isnan(shot.table.day_pnl_base).all()

    def test_that_one_missing_reference_keeps_the_total_unknown(self) -> None:
        desk = Desk(MIXED_BOOK)
        history(desk, {code: price for code, price in PRICES.items() if code != "GOLD"})
        desk.open()
        assert math.isnan(desk.snapshot.day_pnl)
        known = np.isfinite(desk.snapshot.table.day_pnl_base)
        codes = [item.code for item in desk.snapshot.table.instruments]
        assert [code for code, is_known in zip(codes, known, strict=True) if not is_known] == ["GOLD"]

    def test_that_a_missing_reference_rate_keeps_the_total_unknown(self) -> None:
        desk = Desk(book_of({"0700.HK": (3000, 400.0)}, {"USD": 1e6}))
        history(desk, {"0700.HK": 410.0})
        desk.open()
        assert desk.snapshot.nav == pytest.approx(1e6 + 3000 * 410.0 / 7.79)
        assert math.isnan(desk.snapshot.day_pnl)

    def test_that_the_last_close_is_the_reference_and_day_pnl_is_nav_now_less_nav_then(self) -> None:
        desk = Desk(MIXED_BOOK)
        history(desk)
        nav = desk.snapshot.nav
        desk.open()
        assert desk.snapshot.day_pnl == pytest.approx(0.0, abs=1e-6)
        moved(desk)
        assert desk.snapshot.day_pnl == pytest.approx(desk.snapshot.nav - nav, rel=1e-9)

    def test_that_the_roll_is_told_journalled_and_starts_the_day_anew(self) -> None:
        desk = Desk(MIXED_BOOK)
        desk.open()
        moved(desk)
        nav = desk.snapshot.nav
        next_day(desk)
        (event,) = [e for e in desk.trade({"AAPL.US": 290.0}) if isinstance(e, DayRolled)]
        assert event.nav_base == pytest.approx(nav)
        (row,) = desk.journal.rows(("day_roll",))
        assert row.body["nav"] == pytest.approx(nav)
        assert desk.snapshot.day_pnl == pytest.approx(0.0, abs=1e-6)
        desk.trade({"AAPL.US": 280.0})
        assert desk.snapshot.day_pnl == pytest.approx(-10_000.0)
        assert desk.snapshot.table.day_low[0] == 280.0
        assert desk.snapshot.table.day_high[0] == 290.0

    def test_that_the_fx_line_is_what_currencies_made_of_the_holdings_at_the_roll(self) -> None:
        desk = Desk(book_of({"GER40": (4, 12_000.0)}, {"EUR": 50_000.0, "USD": 0.0}))
        prices = {"GER40": 13_000.0, "EURUSD": 1.10}
        desk.trade(prices)
        next_day(desk)
        desk.trade(prices)
        desk.trade(EURUSD=1.20)
        # 50 000 euros of cash and 100·1 000 euros of profit, each worth ten cents more.
        assert desk.snapshot.day_pnl_fx == pytest.approx(150_000 * 0.10)
        assert desk.snapshot.day_pnl == pytest.approx(150_000 * 0.10)
        desk.trade(GER40=13_100.0)
        assert desk.snapshot.day_pnl_fx == pytest.approx(15_000.0)
        assert desk.snapshot.day_pnl == pytest.approx(15_000.0 + 100 * 100 * 1.2)

    @pytest.mark.parametrize(
        ("before", "after"),
        [
            ("2020-03-06T21:59:59", "2020-03-06T22:00:00"),  # Friday, 17:00 EST
            ("2020-03-09T20:59:59", "2020-03-09T21:00:00"),  # Monday after the clocks changed, 17:00 EDT
            ("2020-10-30T20:59:59", "2020-10-30T21:00:00"),
            ("2020-11-02T21:59:59", "2020-11-02T22:00:00"),
        ],
    )
    def test_that_the_day_rolls_at_17_new_york_in_winter_and_in_summer(self, before: str, after: str) -> None:
        desk = Desk(MIXED_BOOK, exchange_ns=at(before))
        assert not [e for e in desk.open() if isinstance(e, DayRolled)]
        desk.exchange_ns = at(after)
        assert [e for e in desk.open() if isinstance(e, DayRolled)]

    def test_that_a_weekend_of_crypto_belongs_to_monday(self) -> None:
        desk = Desk(MIXED_BOOK, exchange_ns=at("2020-03-06T21:00:00"))
        desk.open()
        rolls = []
        for instant in ("2020-03-06T23:00", "2020-03-07T23:00", "2020-03-08T23:00", "2020-03-09T20:00"):
            desk.exchange_ns = at(instant)
            rolls += [e for e in desk.trade(BTCUSDT=9_400.0) if isinstance(e, DayRolled)]
        assert [event.exchange_time_ns for event in rolls] == [at("2020-03-06T23:00")]

    def test_that_a_loss_before_the_roll_counts_against_the_day_it_happened_in(self) -> None:
        limit = Limit("loss", "Daily loss", Measure.DAILY_LOSS, 15_000.0, Severity.HIGH)
        desk = Desk(book_of({"AAPL.US": (1000, 280.0)}), (limit,))
        desk.open()
        next_day(desk)
        desk.open()
        rows = [desk.row("AAPL.US", 284.0), desk.row("AAPL.US", 290.0)]
        next_day(desk)
        rows += [desk.row("AAPL.US", 299.0), desk.row("AAPL.US", 300.0)]
        events = desk.apply(rows)
        raised = [event for event in events if isinstance(event, BreachRaised)]
        assert [event.breach.value for event in raised] == [pytest.approx(16_000.0)]
        # The new day's anchor is 290: the low of 284 before it is no loss of today.
        assert desk.snapshot.limits[0].value == pytest.approx(-10_000.0)
        assert [type(event) for event in events][:2] == [BreachRaised, DayRolled]

    def test_that_several_days_may_pass_within_one_batch(self) -> None:
        desk = Desk(book_of({"AAPL.US": (1000, 280.0)}))
        rows = []
        for price in (300.0, 301.0, 303.0, 306.0):
            rows.append(desk.row("AAPL.US", price))
            next_day(desk)
        events = desk.apply(rows)
        assert sum(isinstance(event, DayRolled) for event in events) == 3
        assert desk.snapshot.day_pnl == pytest.approx(3_000.0)


class TestFill:
    def test_that_a_fill_moves_day_pnl_only_by_its_distance_from_the_mark_and_its_fee(self) -> None:
        desk = rolled()
        moved(desk)
        before = desk.snapshot
        desk.engine.take_fill(Fill("F1", "AAPL.US", Decimal(500), Decimal(289), Decimal(25)), desk.now_ns)
        after = desk.snapshot
        assert after.day_pnl - before.day_pnl == pytest.approx(500 * 1.0 - 25)
        assert after.nav - before.nav == pytest.approx(475.0)
        assert after.day_pnl_fx == pytest.approx(before.day_pnl_fx)
        assert after.table.day_pnl_base[0] - before.table.day_pnl_base[0] == pytest.approx(475.0)
        desk.trade({"AAPL.US": 291.0})
        assert desk.snapshot.day_pnl - after.day_pnl == pytest.approx(1_500.0)

    def test_that_closing_an_unfunded_position_leaves_what_it_earned_today(self) -> None:
        desk = rolled()
        moved(desk)
        before = desk.snapshot
        number = desk.universe.codes.index("USDJPY")
        desk.engine.take_fill(Fill("F1", "USDJPY", Decimal(2_000_000), Decimal(108)), desk.now_ns)
        after = desk.snapshot
        assert after.nav == pytest.approx(before.nav)
        assert after.day_pnl == pytest.approx(before.day_pnl)
        assert after.table.day_pnl_base[number] == pytest.approx(before.table.day_pnl_base[number])
        assert after.table.value_base[number] == 0.0
        assert after.coverage.n_unpriceable == 0

    def test_that_a_fill_before_the_reference_is_known_leaves_the_day_right_once_it_is(self) -> None:
        desk = Desk(book_of({"AAPL.US": (1000, 280.0)}))
        desk.trade({"AAPL.US": 300.0})
        desk.engine.take_fill(Fill("F1", "AAPL.US", Decimal(-400), Decimal(301)), desk.now_ns)
        history(desk, {"AAPL.US": 290.0})
        # 1 000 shares from 290 to 300, 400 of them sold a dollar better.
        assert desk.snapshot.day_pnl == pytest.approx(10_400.0)
        assert desk.snapshot.table.day_pnl_base[0] == pytest.approx(10_400.0)

    def test_that_nothing_is_taken_twice(self) -> None:
        desk = rolled()
        fill = Fill("F1", "AAPL.US", Decimal(500), Decimal(300))
        desk.engine.take_fill(fill, desk.now_ns)
        for again in (desk, desk.restarted()):
            n_rows = desk.journal.n_rows
            with pytest.raises(FillRefused, match="in the book already"):
                again.engine.take_fill(fill, desk.now_ns)
            position = again.engine.book.position("AAPL.US")
            assert position is not None
            assert position.quantity == 1500
            assert desk.journal.n_rows == n_rows

    def test_that_a_fill_of_something_not_held_is_refused_and_changes_nothing(self) -> None:
        desk = rolled()
        before = figures(desk.snapshot)
        for code in ("USDHKD", "VOD.L"):  # one only converts, the other is unknown
            with pytest.raises(UnknownInstrument):
                desk.engine.take_fill(Fill("F1", code, Decimal(1), Decimal(8)), desk.now_ns)
        assert figures(desk.snapshot) == before

    def test_that_a_fill_not_journalled_did_not_happen(self) -> None:
        desk = rolled()
        before, book = figures(desk.snapshot), desk.engine.book
        desk.journal.fails = lambda kind: kind == "book_event"
        fill = Fill("F1", "AAPL.US", Decimal(500), Decimal(300))
        with pytest.raises(JournalUnavailable):
            desk.engine.take_fill(fill, desk.now_ns)
        with pytest.raises(JournalUnavailable):
            desk.take_flow("USD", Decimal(1))
        assert desk.engine.book == book
        assert figures(desk.snapshot) == before
        desk.journal.fails = lambda _kind: False
        desk.engine.take_fill(fill, desk.now_ns)  # the same fill may be told again

    def test_that_a_fill_at_a_loss_is_seen_by_drawdown_at_once(self) -> None:
        desk = Desk(book_of({"AAPL.US": (1000, 280.0)}, {"USD": 0.0}))
        desk.trade({"AAPL.US": 100.0})
        desk.engine.take_fill(Fill("F1", "AAPL.US", Decimal(1000), Decimal(110)), desk.now_ns)
        assert desk.snapshot.drawdown == pytest.approx(0.10)

    def test_that_buying_then_selling_everything_leaves_pnl_equal_to_the_cash_flows(self) -> None:
        desk = Desk(book_of({"AAPL.US": (0, 0.0)}, {"USD": 1e6}))
        desk.trade({"AAPL.US": 300.0})
        next_day(desk)
        desk.trade({"AAPL.US": 300.0})
        for number, (q, p) in enumerate(((100, 300), (50, 302), (-120, 305), (-30, 299))):
            desk.engine.take_fill(
                Fill(f"F{number}", "AAPL.US", Decimal(q), Decimal(p), Decimal(1)), desk.now_ns
            )
        earned = -100 * 300 - 50 * 302 + 120 * 305 + 30 * 299 - 4
        shot = desk.snapshot
        assert (shot.nav, shot.day_pnl) == (pytest.approx(1e6 + earned), pytest.approx(earned))
        assert shot.table.day_pnl_base[0] == pytest.approx(earned)


class TestFlow:
    @pytest.mark.parametrize(
        ("currency", "amount"), [("USD", 400_000), ("EUR", -100_000), ("JPY", 9_000_000)]
    )
    def test_that_money_from_outside_leaves_day_pnl_fx_line_and_drawdown_alone(
        self, currency: str, amount: int
    ) -> None:
        desk = rolled()
        moved(desk)
        desk.trade({"AAPL.US": 280.0})
        before = desk.snapshot
        assert before.drawdown > 0.0
        desk.take_flow(currency, Decimal(amount))
        after = desk.snapshot
        rate = {"USD": 1.0, "EUR": 1.12, "JPY": 1 / 108.0}[currency]
        assert after.nav - before.nav == pytest.approx(amount * rate)
        assert after.day_pnl == pytest.approx(before.day_pnl)
        assert after.day_pnl_fx == pytest.approx(before.day_pnl_fx)
        assert after.drawdown == pytest.approx(before.drawdown)
        assert after.max_drawdown == pytest.approx(before.max_drawdown)
        assert after.table.day_pnl_base == pytest.approx(before.table.day_pnl_base)

    def test_that_a_deposit_earns_from_its_own_rate_on(self) -> None:
        desk = rolled()
        moved(desk)  # EURUSD 1.12
        before = desk.snapshot
        desk.take_flow("EUR", Decimal(100_000))
        other = rolled()
        moved(other)
        for each in (desk, other):
            each.trade(EURUSD=1.13)
        extra = desk.snapshot.day_pnl - other.snapshot.day_pnl
        assert extra == pytest.approx(100_000 * 0.01)
        assert desk.snapshot.day_pnl_fx - other.snapshot.day_pnl_fx == pytest.approx(1_000.0)
        assert before.day_pnl_fx != 0.0

    def test_that_a_currency_the_book_does_not_keep_is_refused(self) -> None:
        desk = rolled()
        with pytest.raises(FlowRefused, match="'GBP', expected one of USD"):
            desk.take_flow("GBP", Decimal(1))

    def test_that_a_flow_waits_until_its_worth_is_known(self) -> None:
        desk = Desk(MIXED_BOOK)
        with pytest.raises(FlowRefused, match="not known yet"):
            desk.take_flow("EUR", Decimal(1))
        desk.open()
        again = desk.restarted()
        with pytest.raises(FlowRefused, match="not known yet"):
            again.take_flow("USD", Decimal(1))
        again.open()
        again.take_flow("USD", Decimal(1))

    def test_that_a_flow_may_come_before_a_first_session_has_prices(self) -> None:
        desk = Desk(MIXED_BOOK)
        desk.take_flow("USD", Decimal(100_000))
        desk.open()
        assert desk.snapshot.drawdown == 0.0


class TestRestart:
    def test_that_a_restart_within_the_day_shows_the_same_figures(self) -> None:
        desk = rolled()
        moved(desk)
        desk.engine.take_fill(Fill("F1", "AAPL.US", Decimal(500), Decimal(289), Decimal(25)), desk.now_ns)
        desk.engine.take_fill(Fill("F2", "GER40", Decimal(-1), Decimal(12_950)), desk.now_ns)
        desk.take_flow("EUR", Decimal(70_000))
        desk.trade({"AAPL.US": 285.0, "EURUSD": 1.11})
        desk.pass_time(2)
        desk.open()
        again = desk.restarted()
        again.open()
        assert figures(again.snapshot) == figures(desk.snapshot)
        assert again.snapshot.table.day_pnl_base == pytest.approx(desk.snapshot.table.day_pnl_base)
        assert again.engine.book == desk.engine.book

    def test_that_fills_and_flows_of_a_day_without_a_roll_count_as_today_s_after_a_restart(self) -> None:
        desk = Desk(MIXED_BOOK)
        history(desk)
        desk.open()
        desk.engine.take_fill(Fill("F1", "AAPL.US", Decimal(500), Decimal(299)), desk.now_ns)
        desk.take_flow("USD", Decimal(70_000))
        desk.trade({"AAPL.US": 305.0})
        desk.pass_time(2)
        desk.beat()
        again = desk.restarted()
        history(again)
        again.open(**{"AAPL.US": 305.0})
        assert again.snapshot.day_pnl == pytest.approx(desk.snapshot.day_pnl)
        assert again.snapshot.day_pnl == pytest.approx(500 * 1 + 1500 * 5)
        assert again.snapshot.drawdown == pytest.approx(desk.snapshot.drawdown)

    def test_that_yesterday_s_fills_are_today_s_opening(self) -> None:
        desk = Desk(MIXED_BOOK)
        history(desk)
        desk.open()
        desk.engine.take_fill(Fill("F1", "AAPL.US", Decimal(500), Decimal(250)), desk.now_ns)
        again = desk.restarted()
        next_day(again)
        history(again)
        again.open(**{"AAPL.US": 301.0})
        assert again.snapshot.day_pnl == pytest.approx(1_500.0)

    def test_that_the_journalled_anchor_outranks_a_close_from_the_price_history(self) -> None:
        desk = rolled()
        again = desk.restarted()
        history(again, {code: price * 0.9 for code, price in PRICES.items()})
        again.open()
        assert again.snapshot.day_pnl == pytest.approx(0.0, abs=1e-6)

    def test_that_another_book_starts_anew(self) -> None:
        desk = rolled()
        desk.engine.take_fill(Fill("F1", "AAPL.US", Decimal(500), Decimal(289)), desk.now_ns)
        other = desk.restarted(book_of({**MIXED, "AAPL.US": (7, 280.0)}, CASH))
        position = other.engine.book.position("AAPL.US")
        assert position is not None
        assert position.quantity == 7
        other.open()
        assert other.snapshot.drawdown == 0.0
        assert math.isnan(other.snapshot.day_pnl)
        other.engine.take_fill(Fill("F1", "AAPL.US", Decimal(1), Decimal(300)), desk.now_ns)
        back = other.restarted(MIXED_BOOK)
        assert back.engine.book == MIXED_BOOK

    def test_that_the_mark_and_the_drawdown_from_it_survive_the_night(self) -> None:
        desk = rolled()
        desk.pass_time(2)
        desk.beat()
        high = desk.snapshot.high_water_mark
        again = desk.restarted()
        again.open(**{"AAPL.US": 200.0})
        assert again.snapshot.high_water_mark == pytest.approx(high)
        assert again.snapshot.drawdown == pytest.approx(1 - again.snapshot.nav / high)

    def test_that_a_withdrawal_just_before_the_end_is_no_drawdown_after_it(self) -> None:
        desk = rolled()
        desk.take_flow("USD", Decimal(-500_000))  # no mark is written after it
        again = desk.restarted()
        again.open()
        assert again.snapshot.drawdown == pytest.approx(0.0, abs=1e-12)

    def test_that_a_book_half_priced_is_not_measured_against_the_whole_book_s_mark(self) -> None:
        desk = rolled()
        again = desk.restarted()
        for _ in range(3):
            again.pass_time(40)
            again.trade({"AAPL.US": 300.0, "EURUSD": 1.085})
            assert math.isnan(again.snapshot.drawdown)
        again.open(**{"AAPL.US": 290.0})
        expected = 1 - again.snapshot.nav / desk.snapshot.nav
        assert again.snapshot.drawdown == pytest.approx(expected)

    def test_that_a_mark_made_without_a_position_is_scaled_when_it_has_a_price_now(self) -> None:
        book = book_of({"AAPL.US": (1000, 280.0), "SPIN.US": (1000, 0.0)}, {"USD": 0.0})
        desk = Desk(book)
        desk.trade({"AAPL.US": 300.0})
        desk.pass_time(31)
        desk.trade({"AAPL.US": 300.0})
        desk.pass_time(2)
        desk.trade({"AAPL.US": 270.0})
        assert desk.snapshot.drawdown == pytest.approx(0.10)
        same = desk.restarted()
        same.trade({"AAPL.US": 240.0})
        assert same.snapshot.drawdown == pytest.approx(0.20)
        more = desk.restarted()
        more.trade({"SPIN.US": 100.0, "AAPL.US": 240.0})
        assert more.snapshot.drawdown == pytest.approx(0.20)


class TestJournalFailing:
    def test_that_a_breach_not_written_is_not_told_and_one_alarm_is(self) -> None:
        desk = Desk(book_of({"AAPL.US": (1000, 280.0)}, {"USD": 0.0}), (DRAWDOWN,))
        desk.trade({"AAPL.US": 100.0})
        desk.journal.fails = lambda kind: kind == "breach_raised"
        (notice,) = desk.trade({"AAPL.US": 90.0})
        assert isinstance(notice, NoticeRaised)
        assert notice.is_alarm
        assert desk.trade({"AAPL.US": 89.0}) == []
        assert desk.snapshot.breaches == ()
        assert desk.snapshot.limits[0].state is LimitState.OVER

    def test_that_an_excursion_while_the_journal_was_down_is_raised_when_it_is_back(self) -> None:
        desk = Desk(book_of({"AAPL.US": (1000, 280.0)}, {"USD": 0.0}), (DRAWDOWN,))
        desk.trade({"AAPL.US": 100.0})
        desk.journal.fails = lambda _kind: True
        desk.apply([desk.row("AAPL.US", price) for price in (90.0, 100.0)])
        desk.trade({"AAPL.US": 100.0})
        desk.journal.fails = lambda _kind: False
        (event,) = desk.trade({"AAPL.US": 100.0})
        assert isinstance(event, BreachRaised)
        assert event.breach.value == pytest.approx(0.10)

    def test_that_what_was_written_before_the_failing_row_is_told(self) -> None:
        second = replace(DRAWDOWN, limit_id="dd2", line=0.06)
        desk = Desk(book_of({"AAPL.US": (1000, 280.0)}, {"USD": 0.0}), (DRAWDOWN, second))
        desk.trade({"AAPL.US": 100.0})
        seen: list[str] = []

        def fails(kind: str) -> bool:
            seen.append(kind)
            return seen.count("breach_raised") == 2

        desk.journal.fails = fails
        events = desk.trade({"AAPL.US": 90.0})
        assert [type(event) for event in events] == [BreachRaised, NoticeRaised]
        desk.journal.fails = lambda _kind: False
        (late,) = desk.trade({"AAPL.US": 90.0})
        assert isinstance(late, BreachRaised)
        assert late.breach.limit == second

    def test_that_a_second_failure_is_told_again(self) -> None:
        desk = Desk(book_of({"AAPL.US": (1000, 280.0)}, {"USD": 0.0}), (DRAWDOWN,))
        desk.trade({"AAPL.US": 100.0})
        for price in (101.0, 102.0):
            desk.pass_time(2)
            desk.journal.fails = lambda _kind: True
            (notice,) = desk.trade({"AAPL.US": price})
            assert isinstance(notice, NoticeRaised)
            desk.journal.fails = lambda _kind: False
            assert desk.trade({"AAPL.US": price}) == []

    def test_that_a_breach_written_again_ends_the_alarm(self) -> None:
        desk = Desk(book_of({"AAPL.US": (1000, 280.0)}, {"USD": 0.0}), (DRAWDOWN,))
        desk.trade({"AAPL.US": 100.0})
        desk.journal.fails = lambda _kind: True
        assert [type(e) for e in desk.trade({"AAPL.US": 90.0})] == [NoticeRaised]
        desk.journal.fails = lambda _kind: False
        assert [type(e) for e in desk.trade({"AAPL.US": 90.0})] == [BreachRaised]
        desk.pass_time(2)
        desk.journal.fails = lambda _kind: True
        assert [type(e) for e in desk.trade({"AAPL.US": 120.0})] == [NoticeRaised]

    def test_that_the_old_day_goes_on_until_its_roll_can_be_written(self) -> None:
        desk = rolled()
        next_day(desk)
        desk.journal.fails = lambda kind: kind == "day_roll"
        events = desk.trade({"AAPL.US": 290.0})
        assert [type(event) for event in events] == [NoticeRaised]
        assert desk.snapshot.day_pnl == pytest.approx(-10_000.0)  # the tick itself is followed
        desk.journal.fails = lambda _kind: False
        events = desk.trade({"AAPL.US": 289.0})
        assert [type(event) for event in events] == [DayRolled]
        assert desk.snapshot.day_pnl == pytest.approx(-1_000.0)

    def test_that_overrides_end_once_the_journal_lets_them(self) -> None:
        desk = Desk(book_of({"AAPL.US": (1000, 280.0)}, {"USD": 0.0}), (DRAWDOWN,))
        desk.trade({"AAPL.US": 100.0})
        desk.trade({"AAPL.US": 90.0})
        override = Decision("D", DecisionKind.OVERRIDE, "B-0001", "Ada", "hedge executes soon")
        desk.engine.decide(override, desk.now_ns)
        next_day(desk)
        desk.journal.fails = lambda kind: kind == "breach_changed"
        desk.trade({"AAPL.US": 90.0})
        desk.journal.fails = lambda _kind: False
        desk.trade({"AAPL.US": 90.0})
        assert [breach.breach_id for breach in desk.snapshot.breaches] == ["B-0002"]

    @pytest.mark.parametrize("kind", ["decision", "breach_changed"])
    def test_that_a_decision_not_written_has_not_been_taken_and_may_be_asked_again(self, kind: str) -> None:
        desk = Desk(book_of({"AAPL.US": (1000, 280.0)}, {"USD": 0.0}), (DRAWDOWN,))
        desk.trade({"AAPL.US": 100.0})
        desk.trade({"AAPL.US": 90.0})
        decision = Decision("D", DecisionKind.ACKNOWLEDGE, "B-0001", "Ada")
        desk.journal.fails = lambda row: row == kind
        before = desk.snapshot.breaches
        (refused,) = desk.engine.decide(decision, desk.now_ns)
        assert isinstance(refused, DecisionRejected)
        assert "the journal could not be written" in refused.reason
        assert desk.snapshot.breaches == before
        desk.journal.fails = lambda _row: False
        assert len(desk.engine.decide(decision, desk.now_ns)) == 2

    def test_that_a_journal_that_cannot_note_a_new_book_stops_the_start(self) -> None:
        journal = MemoryJournal()
        journal.fails = lambda _kind: True
        with pytest.raises(JournalUnavailable):
            Desk(MIXED_BOOK, journal=journal)


class TestArchiveFailing:
    def test_that_a_full_disk_stops_no_figure_and_is_told_once(self) -> None:
        desk = Desk(book_of({"AAPL.US": (1000, 280.0)}, {"USD": 0.0}), (DRAWDOWN,))
        desk.trade({"AAPL.US": 100.0})
        keep, flush = desk.archive.append, desk.archive.flush

        def full(*_rows: object) -> None:
            raise OSError("no space left on device")

        for _ in range(2):
            desk.archive.append = desk.archive.flush = full  # type: ignore[method-assign,assignment]
            events = desk.trade({"AAPL.US": 99.0})
            (notice,) = events
            assert isinstance(notice, NoticeRaised)
            assert "no space left" in notice.text
            assert desk.beat() == []
            assert desk.snapshot.nav == pytest.approx(99_000.0)
            desk.archive.append, desk.archive.flush = keep, flush  # type: ignore[method-assign]
            assert desk.beat() == []


class TestTime:
    def test_that_a_lapsed_quote_gives_way_to_the_last_trade_in_every_figure(self) -> None:
        desk = Desk(book_of({"AAPL.US": (1000, 280.0)}, {"USD": 0.0}))
        desk.apply([desk.row("AAPL.US", 95.0), desk.row("AAPL.US", 100.0, 100.0)])
        assert desk.snapshot.nav == pytest.approx(100_000.0)
        desk.pass_time(11)
        desk.beat()
        shot = desk.snapshot
        assert shot.table.mark[0] == 95.0
        assert shot.nav == pytest.approx(95_000.0)
        assert shot.drawdown == pytest.approx(0.05)
        assert shot.table.day_low[0] == 95.0

    def test_that_a_lapsed_quote_without_any_trade_stays_the_mark(self) -> None:
        desk = Desk(book_of({"EURUSD": (500_000, 1.08)}))
        history(desk, {"EURUSD": 1.05})
        desk.apply([desk.row("EURUSD", 1.0850, 1.0852)])
        desk.pass_time(60)
        assert all(isinstance(event, NoticeRaised) for event in desk.beat())
        assert desk.snapshot.table.mark[0] == pytest.approx(1.0851)

    def test_that_a_price_turns_stale_and_its_age_is_told(self) -> None:
        desk = Desk(MIXED_BOOK)
        desk.open()
        desk.pass_time(14)
        desk.trade({"AAPL.US": 300.0})
        desk.pass_time(2)
        desk.beat()
        shot = desk.snapshot
        states = dict(zip([i.code for i in shot.table.instruments], shot.table.state, strict=True))
        assert states["AAPL.US"] == PositionState.PRICED
        assert states["XOM.US"] == PositionState.STALE
        assert shot.table.age_s[:2].tolist() == [2.0, 16.0]
        assert shot.coverage.n_stale == 8
        assert shot.coverage.fresh_fraction < 1.0

    def test_that_a_stale_rate_makes_what_it_converts_stale(self) -> None:
        desk = Desk(book_of({"0700.HK": (3000, 400.0)}))
        desk.open()
        desk.pass_time(20)
        desk.trade({"0700.HK": 410.0})
        assert desk.snapshot.table.state.tolist() == [PositionState.STALE]

    def test_that_a_close_from_history_is_a_mark_but_a_stale_one(self) -> None:
        desk = Desk(book_of({"AAPL.US": (1000, 280.0)}))
        history(desk)
        desk.beat()
        assert desk.snapshot.table.mark[0] == pytest.approx(300.0)
        assert desk.snapshot.table.state.tolist() == [PositionState.STALE]
        assert np.isnan(desk.snapshot.table.age_s[0])

    def test_that_the_mark_is_journalled_at_most_once_a_second(self) -> None:
        desk = Desk(book_of({"AAPL.US": (1000, 280.0)}))
        for step in range(100):
            desk.trade({"AAPL.US": 300.0 + step})
            desk.pass_time(0.1)
        assert 9 <= desk.journal.kinds().count("high_water_mark") <= 11

    def test_that_the_path_begins_after_the_grace_without_what_never_ticks(self) -> None:
        desk = Desk(MIXED_BOOK)
        desk.trade({"AAPL.US": 300.0})
        assert math.isnan(desk.snapshot.drawdown)
        desk.pass_time(31)
        desk.trade({"AAPL.US": 300.0})
        assert desk.snapshot.drawdown == 0.0

    def test_that_a_book_worth_nothing_has_no_drawdown(self) -> None:
        desk = Desk(book_of({"AAPL.US": (1000, 280.0)}, {"USD": -300_000.0}))
        desk.trade({"AAPL.US": 300.0})
        assert desk.snapshot.nav == 0.0
        assert math.isnan(desk.snapshot.drawdown)
        desk.trade({"AAPL.US": 310.0})
        assert desk.snapshot.drawdown == 0.0


class TestSnapshot:
    def test_that_the_first_snapshot_knows_nothing_and_says_so(self) -> None:
        desk = Desk(MIXED_BOOK, (DRAWDOWN,))
        shot = desk.snapshot
        assert math.isnan(shot.nav)
        assert math.isnan(shot.var)
        assert shot.limits[0].state is LimitState.UNKNOWN
        assert shot.n_unknown_limits == 1
        assert shot.worst is None
        assert shot.exchange_time_ns == 0
        assert (shot.table.state == PositionState.UNPRICEABLE).all()

    def test_that_figures_agree_right_after_a_fill(self) -> None:
        desk = rolled()
        desk.engine.take_fill(Fill("F1", "AAPL.US", Decimal(500), Decimal(300)), desk.now_ns)
        shot = desk.snapshot
        assert shot.gross == pytest.approx(float(np.abs(shot.table.value_base).sum()))
        assert shot.table.value_base[0] == pytest.approx(1500 * 300.0)

    def test_that_a_missing_rate_makes_the_position_unpriceable_and_is_never_one(self) -> None:
        desk = Desk(book_of({"AAPL.US": (1000, 280.0), "0700.HK": (3000, 400.0)}, {"USD": 0.0}))
        desk.trade({"AAPL.US": 300.0, "0700.HK": 410.0})
        shot = desk.snapshot
        assert shot.table.state.tolist() == [PositionState.PRICED, PositionState.UNPRICEABLE]
        assert math.isnan(shot.nav)  # half a book is not spoken of while first prices may still come
        desk.pass_time(31.0)
        desk.trade({"AAPL.US": 300.0})
        shot = desk.snapshot
        assert shot.nav == pytest.approx(300_000.0)
        assert shot.coverage.priced_fraction == 0.5
        assert shot.coverage.n_unpriceable == 1

    def test_that_a_close_that_may_be_old_gives_scenarios_but_no_reference(self) -> None:
        desk = Desk(book_of({"AAPL.US": (1000, 280.0)}))
        window = random_window(len(desk.engine.universe.instruments), 301, 3, {0: 300.0})
        desk.engine.use_window(replace(window, stale=frozenset({0})))
        desk.trade({"AAPL.US": 310.0})
        assert math.isnan(desk.snapshot.day_pnl)
        assert desk.snapshot.var > 0.0
        desk.engine.use_window(window)
        desk.trade({"AAPL.US": 310.0})
        assert desk.snapshot.day_pnl == pytest.approx(10_000.0)

    def test_that_half_a_priced_book_breaks_no_concentration_limit(self) -> None:
        limit = Limit("hhi", "Concentration", Measure.HHI, 0.8, Severity.MEDIUM)
        desk = Desk(book_of({"AAPL.US": (1000, 280.0), "BTCUSDT": (30, 9_000.0)}, {"USD": 1e6}), (limit,))
        assert desk.trade({"AAPL.US": 300.0}) == []
        assert desk.snapshot.limits[0].state is LimitState.UNKNOWN
        assert math.isnan(desk.snapshot.hhi)
        assert desk.trade({"BTCUSDT": 9_500.0}) == []
        assert desk.snapshot.limits[0].state is LimitState.FINE

    def test_that_what_counts_by_decree_is_shown_as_a_proxy(self) -> None:
        desk = Desk(book_of({"AAPL.US": (1000, 280.0), "BTCUSDT": (12, 9_000.0)}))
        desk.open()
        shot = desk.snapshot
        assert shot.coverage.proxy_fraction == pytest.approx(12 * 9_500 / (12 * 9_500 + 300_000))
        assert shot.coverage.fresh_fraction == 1.0
        without = {code: item for code, item in MASTER.items() if code != "USDTUSD"}
        other = Desk(desk.book, master=without)
        other.open()
        assert other.snapshot.table.state.tolist() == [PositionState.PRICED, PositionState.UNPRICEABLE]

    def test_that_history_coverage_and_counts_are_told(self) -> None:
        desk = Desk(MIXED_BOOK)
        desk.engine.note_history(3, 12)
        desk.open()
        assert (desk.snapshot.history_loaded, desk.snapshot.history_wanted) == (3, 12)
        assert desk.snapshot.var_note == "loading 3 of 12"
        history(desk)
        desk.engine.note_history(12, 12)
        counts = TickCounts(received=5, applied=4, late=1)
        desk.engine.apply(TickBatch(np.empty(0, desk.archive.rows.dtype), counts, counts), desk.now_ns)
        shot = desk.snapshot
        assert (shot.trades, shot.books) == (counts, counts)
        assert shot.n_scenarios == 259
        assert shot.var > 0.0
        assert shot.coverage.history_fraction == pytest.approx(1.0)

    def test_that_an_empty_window_changes_nothing(self) -> None:
        desk = Desk(MIXED_BOOK)
        desk.engine.use_window(PriceWindow(np.empty(0, dtype=np.int64), np.empty((0, 11))))
        assert math.isnan(desk.snapshot.var)

    def test_that_every_accepted_tick_is_archived_in_the_order_applied(self) -> None:
        desk = Desk(MIXED_BOOK)
        rows = [desk.row("AAPL.US", 300.0 + n) for n in range(5)]
        desk.apply(rows[:2])
        desk.apply(rows[2:])
        assert desk.archive.rows["price"].tolist() == [300.0, 301.0, 302.0, 303.0, 304.0]

    def test_that_the_newest_exchange_time_never_runs_back(self) -> None:
        desk = Desk(MIXED_BOOK)
        desk.trade({"AAPL.US": 300.0})
        desk.exchange_ns -= 5 * S
        desk.trade({"XOM.US": 60.0})
        assert desk.snapshot.exchange_time_ns == OPEN_NS

    def test_that_a_crossed_first_quote_is_no_price(self) -> None:
        desk = Desk(book_of({"AAPL.US": (1000, 280.0)}))
        desk.apply([desk.row("AAPL.US", 301.0, 300.0)])
        assert desk.snapshot.table.state.tolist() == [PositionState.UNPRICEABLE]
