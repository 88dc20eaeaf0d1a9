"""A report's figures are those of the journal and of the snapshot, or they are said to be unknown."""

import math
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest

from fakes.memory_journal import MemoryJournal
from fakes.snapshot_maker import START_NS, make_breach, make_limits, make_snapshot
from plimsoll.domain.backtest_result import BacktestResult, Lamp, MethodBacktest
from plimsoll.domain.book_event import CashMoved
from plimsoll.domain.breach import Breach, BreachState
from plimsoll.domain.incident import IncidentCause, Resolution
from plimsoll.domain.limit import LimitState
from plimsoll.domain.report import CellKind, Report, ReportKind, ReportPart, Tone
from plimsoll.domain.response_policy import BUILT_IN
from plimsoll.engine.book_entry import BookEntry, Moved, entry_body
from plimsoll.engine.breach_record import body_of, change_of
from plimsoll.engine.figure_record import DAY_FIGURES, body_of_figures, figures_from, figures_of
from plimsoll.engine.limit_record import body_of_limits
from plimsoll.engine.report_maker import ReportRecipe, make_report

DAY_NS = 86_400_000_000_000
DAY = START_NS // DAY_NS
"""Monday 24 February 2020: START_NS is its opening bell."""
NOW_NS = 1_795_000_000_000_000_000
NAN = float("nan")


class Past:
    """Writes rows as a desk does, and makes the report of them."""

    def __init__(self) -> None:
        self.journal = MemoryJournal(source="demo 2020-02-24")
        self.at_ns = START_NS

    def write(self, kind: str, body: Mapping[str, object], person: str = "") -> None:
        self.journal.append(
            kind, body, exchange_time_ns=self.at_ns, received_time_ns=self.at_ns, person=person
        )

    def roll(self, day: int, nav: float, mark: float) -> None:
        self.at_ns = START_NS + (day - DAY) * DAY_NS
        self.write("high_water_mark", {"high_water_mark": mark, "nav": nav})
        self.write("day_roll", {"nav": nav, "day": day, "marks": {}})

    def report(self, kind: ReportKind = ReportKind.END_OF_DAY, **wanted: object) -> Report:
        return make_report(self.journal.rows, replace(ReportRecipe(kind, NOW_NS), **wanted))  # type: ignore[arg-type]


@pytest.fixture
def past() -> Past:
    return Past()


def column(part: ReportPart, title: str) -> list[object]:
    place = [column.title for column in part.columns].index(title)
    return [row[place].value for row in part.rows]


def changed(breach: Breach, **changes: object) -> Mapping[str, object]:
    return change_of(replace(breach, **changes))  # type: ignore[arg-type]


def test_that_the_figures_of_a_day_are_those_of_its_snapshot(past: Past) -> None:
    snapshot = make_snapshot()
    figures = figures_of(snapshot)
    past.write(DAY_FIGURES, body_of_figures(figures))
    report = past.report()
    headline = {line.title: line.cell.value for line in report.headlines}
    assert headline["NAV"] == pytest.approx(snapshot.nav)
    assert headline["Day P&L"] == snapshot.day_pnl
    assert headline["VaR, 1 day"] == snapshot.var
    assert headline["Expected shortfall"] == snapshot.es
    assert headline["Drawdown"] == snapshot.drawdown
    assert headline["Limits over"] == sum(line.state is LimitState.OVER for line in snapshot.limits)
    book = report.part("Book and P&L")
    table = snapshot.table
    told = {str(row[0].value).split("  ")[0]: row for row in book.rows}
    for place, item in enumerate(table.instruments):
        row = told[item.code]
        assert row[1].value == table.quantity[place]
        assert row[3].value == pytest.approx(table.value_base[place], nan_ok=True)
        assert row[5].value == pytest.approx(table.day_pnl_base[place], nan_ok=True)
    quality = report.part("What the figures rest on")
    assert column(quality, "Figure") == [gauge.title for gauge in snapshot.gauges]


def test_that_figures_survive_the_journal_and_the_unknown_stays_unknown() -> None:
    figures = replace(figures_of(make_snapshot()), var=NAN, es=float("inf"))
    body = body_of_figures(figures)
    assert body["var"] is None
    back = figures_from(body)
    assert math.isnan(back.var)
    assert back.positions[0] == figures.positions[0]
    assert back.limits == pytest.approx(figures.limits) or back.limits[0] == figures.limits[0]


def test_that_a_journal_without_figures_says_so_and_shows_no_nought(past: Past) -> None:
    past.roll(DAY, 100.0, 125.0)
    report = past.report()
    headline = {line.title: line.cell.value for line in report.headlines}
    assert (headline["NAV"], headline["Drawdown"]) == (100.0, pytest.approx(0.2))
    assert math.isnan(float(headline["VaR, 1 day"]))
    assert math.isnan(float(headline["Limits over"]))
    assert any("unknown here, not zero" in words for words in report.cautions)


@pytest.mark.parametrize("kind", list(ReportKind))
def test_that_an_empty_journal_makes_a_report_that_says_it_is_empty(past: Past, kind: ReportKind) -> None:
    report = past.report(kind)
    assert report.n_journal_rows == 0
    assert report.cautions[0].startswith("The journal is empty")
    assert all(not part.rows for part in report.parts if part.title != "Untested controls")


def test_that_the_days_of_a_review_are_those_of_the_rolls_without_flows(past: Past) -> None:
    past.roll(DAY, 100.0, 100.0)
    past.roll(DAY + 1, 90.0, 100.0)
    paid_in = CashMoved(event_id="c1", time_ns=past.at_ns, currency="USD", amount=Decimal(20))
    entry = BookEntry(paid_in, (Moved("", "USD", 20.0, 1.0),), True, None, 90.0, 110.0)
    past.write("book_event", entry_body(entry))
    past.roll(DAY + 2, 115.0, 122.0)
    days = past.report(ReportKind.REVIEW).part("Day by day")
    assert column(days, "Day") == [DAY + 2, DAY + 1, DAY]
    assert column(days, "NAV") == [115.0, 90.0, 100.0]
    assert column(days, "P&L")[:2] == [5.0, -10.0]
    assert column(days, "Drawdown")[1] == pytest.approx(0.1)
    (nav, drawdown) = days.charts
    assert nav.series[1].values == (100.0, 90.0, 115.0)
    assert drawdown.series[0].values[1] == pytest.approx(0.1)


def test_that_a_breach_is_told_with_its_cause_and_when_it_ended(past: Past) -> None:
    limit = make_limits()[0]
    breach = make_breach(1, limit, limit.line * 1.1)
    past.write("breach_raised", body_of(breach))
    past.at_ns += 60_000_000_000
    ended_ns = past.at_ns
    past.write("breach_changed", changed(breach, state=BreachState.CLOSED, cause_id="S"))
    past.write(
        "breach_changed",
        changed(
            breach, state=BreachState.CLOSED, cause_id="S", cause=IncidentCause.BAD_PRICE,
            resolution=Resolution.DATA_CORRECTED, comment="a bad print", person="ana",
        ),
    )  # fmt: skip
    part = past.report().part("Breaches")
    assert column(part, "Ended") == [ended_ns]
    assert column(part, "Cause") == [IncidentCause.BAD_PRICE.caption]
    assert column(part, "Resolution") == [Resolution.DATA_CORRECTED.caption]
    assert column(part, "By and why") == ["ana: a bad print"]
    assert "0 open" in part.words


def test_that_an_open_breach_is_as_bad_as_the_newest_figures_say(past: Past) -> None:
    snapshot = make_snapshot()
    status = next(line for line in snapshot.limits if math.isfinite(line.value) and not line.member)
    past.write("breach_raised", body_of(make_breach(1, status.limit, status.limit.line * 1.01)))
    worse = replace(
        figures_of(snapshot),
        limits=tuple(
            replace(line, value=status.limit.line * 3.0)
            for line in figures_of(snapshot).limits
            if line.limit_id == status.limit.limit_id
        ),
    )
    past.write(DAY_FIGURES, body_of_figures(worse))
    assert column(past.report().part("Breaches"), "Worst") == [pytest.approx(status.limit.line * 3.0)]


def test_that_an_overdue_review_is_marked(past: Past) -> None:
    limits = (
        replace(make_limits()[0], next_review="2020-01-01"),
        replace(make_limits()[1], next_review="2099-01-01"),
    )
    past.write("limits_taken", body_of_limits(limits))
    part = past.report().part("Limits")
    review = [row[8] for row in part.rows]
    assert (review[0].value, review[0].tone) == ("2020-01-01 OVERDUE", Tone.OVER)
    assert (review[1].value, review[1].tone) == ("2099-01-01", Tone.PLAIN)
    assert "review of 1 is OVERDUE" in part.words


def test_that_what_was_proposed_decided_and_sent_stands_in_order(past: Past) -> None:
    breach = make_breach(1, make_limits()[0], 1.0)
    past.write("breach_raised", body_of(breach))
    past.write(
        "proposal",
        {"proposal_id": "P1", "breach_id": breach.breach_id, "response": "cut-half", "planner": "uniform",
         "words": "half of it", "legs": [{}, {}], "later": []},
    )  # fmt: skip
    past.at_ns += 1
    past.write(
        "proposal_decision",
        {
            "proposal_id": "P1",
            "breach_id": breach.breach_id,
            "state": "approved",
            "second": "bob",
            "words": "",
        },
        "ana",
    )
    order = {"client_id": "P-1", "code": "AAPL.US", "quantity": "-10", "limit_price": "9", "filled": "0"}
    past.write("order", {**order, "state": "sent"})
    past.write("order", {**order, "state": "filled", "filled": "-10"})
    past.write("trading_state", {"state": "REDUCING", "reason": "calm down"}, "ana")
    past.write("kill", {"step": "asked", "scope": "book", "is_drill": True, "words": ""}, "ana")
    report = past.report()
    rows = {row[1].value: row for row in report.part("Actions").rows}
    assert rows["proposal"][5].value == "approved"
    assert rows["proposal decided"][4].value == "(confirmed by bob)"
    assert rows["order"][5].value == "filled, −10 filled"
    assert {"trading state", "kill switch drill"} <= rows.keys()
    untested = column(report.part("Untested controls"), "Name")
    assert "cut-half (uniform reduction)" not in untested
    assert not any("kill" in str(name) for name in column(report.part("Untested controls"), "Control"))


def test_that_a_limit_that_never_fired_and_a_response_never_tried_are_untested(past: Past) -> None:
    fired, calm = make_limits()[:2]
    past.write("limits_taken", body_of_limits((fired, calm)))
    past.write("breach_raised", body_of(make_breach(1, fired, fired.line * 2.0)))
    part = past.report().part("Untested controls")
    names = column(part, "Name")
    assert calm.name in names
    assert fired.name not in names
    tried = [response for response in BUILT_IN.responses if response.name != "alert"]
    assert column(part, "Control").count("response") == len(tried)


def test_that_a_row_nobody_understands_is_counted_and_costs_no_other(past: Past) -> None:
    past.write("breach_raised", {"limit": "?"})
    past.write("order", {})
    past.roll(DAY, 100.0, 100.0)
    report = past.report()
    assert "2 rows of the journal could not be understood and are left out." in report.cautions
    assert report.headlines[0].cell.value == 100.0


def test_that_a_report_of_an_earlier_day_knows_nothing_of_later_ones(past: Past) -> None:
    past.roll(DAY, 100.0, 100.0)
    past.roll(DAY + 1, 50.0, 100.0)
    assert past.report(day=DAY).headlines[0].cell.value == 100.0
    assert past.report().headlines[0].cell.value == 50.0


def test_that_ten_thousand_breaches_are_all_kept_and_the_paper_says_what_it_leaves_out(past: Past) -> None:
    limits = make_limits()
    bodies = [change_of(make_breach(n, limits[n % len(limits)], 1.0)) for n in range(8)]
    for number in range(10_000):
        past.at_ns += 1_000_000
        past.write("breach_raised", {**bodies[number % 8], "breach_id": f"B-{number:04d}"})
    part = past.report().part("Breaches")
    assert len(part.rows) == 10_000
    assert len(part.printed) + part.n_left_out == 10_000
    assert part.columns[3].kind is CellKind.INSTANT


def verdict(lamp: Lamp, *, refusal: str = "") -> BacktestResult:
    none = np.empty(0)
    record = MethodBacktest(
        name="historical", var=none, es=none, is_exception=none.astype(bool), n_exceptions=31,
        n_expected=25.0, lamp=lamp, reason="Kupiec rejects", zone="yellow", basel_zone="",
        basel_multiplier=NAN, tests=(),
        mean_pinball=1.0, mean_score=1.25, worse_than_best_p=NAN, n_replaced=0, words="rank rule",
    )  # fmt: skip
    return BacktestResult(refusal, methods=() if refusal else (record,), var_confidence=0.95, n_window=500)


def test_that_the_lamps_are_those_of_the_backtest(past: Past) -> None:
    past.roll(DAY, 100.0, 100.0)
    part = past.report(backtest=verdict(Lamp.RED)).part("VaR models")
    (row,) = part.rows
    assert [cell.value for cell in row[:4]] == ["historical: rank rule", "red", 31, 25.0]
    assert row[1].tone is Tone.OVER
    assert "95.0%" in part.words
    assert (
        "too short" in past.report(backtest=verdict(Lamp.RED, refusal="too short")).part("VaR models").words
    )
    assert "No backtest was run" in past.report().part("VaR models").words


def test_that_the_lamps_a_desk_gave_outrank_those_worked_out_later(past: Past) -> None:
    past.write(DAY_FIGURES, body_of_figures(figures_of(make_snapshot(), verdict(Lamp.GREEN))))
    (row,) = past.report(backtest=verdict(Lamp.RED)).part("VaR models").rows
    assert row[1].value == "green"


def test_that_a_running_desk_knows_a_day_that_is_not_over(past: Past) -> None:
    past.write("high_water_mark", {"high_water_mark": 25e6, "nav": 24e6})
    figures = figures_of(make_snapshot())
    report = past.report(figures=figures)
    assert report.headlines[0].cell.value == pytest.approx(figures.nav)
    assert report.period.endswith("not over yet")
    of_another_day = replace(figures, exchange_time_ns=START_NS - 3 * DAY_NS)
    assert past.report(figures=of_another_day).headlines[0].cell.value == 24e6


def test_that_a_review_says_when_its_figures_are_of_an_earlier_day(past: Past) -> None:
    past.write(DAY_FIGURES, body_of_figures(figures_of(make_snapshot())))
    past.roll(DAY + 2, 100.0, 100.0)
    assert "older than the last day" in " ".join(past.report(ReportKind.REVIEW).cautions)


def test_that_a_review_date_nobody_can_read_is_shown_as_it_is(past: Past) -> None:
    past.write("limits_taken", body_of_limits((replace(make_limits()[0], next_review="soon"),)))
    past.write(
        "proposal",
        {"proposal_id": "P", "breach_id": "B", "response": "hedge", "planner": "p", "words": "", "legs": [],
         "later": []},
    )  # fmt: skip
    report = past.report()
    assert report.part("Limits").rows[0][8].value == "soon"
    assert "was proposed 1 time and never carried out" in column(
        report.part("Untested controls"), "Why it stands here"
    )
    with pytest.raises(KeyError):
        report.part("Weather")
