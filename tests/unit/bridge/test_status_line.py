"""The desk's line a second: unknown is null or a word, money is readable, a reader may go away."""

import io
import json
import os
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from fakes.snapshot_maker import Recipe, make_breaches, make_snapshot
from plimsoll.bridge.risk_model import RiskModel
from plimsoll.bridge.status_line import StatusLine, json_line, plain_line
from plimsoll.domain.feed_status import FeedState, FeedStatus
from plimsoll.domain.tick import TickCounts

NAN = float("nan")


@pytest.fixture
def model(qapp: QApplication) -> RiskModel:
    return RiskModel("ana", is_demo=True)


@pytest.mark.parametrize("field", ["nav", "day_pnl", "var", "es", "drawdown", "gross", "hhi"])
@pytest.mark.parametrize("unknown", [NAN, float("inf"), float("-inf")])
def test_that_what_is_not_a_number_is_null(field: str, unknown: float) -> None:
    snapshot = replace(make_snapshot(Recipe()), **{field: unknown})
    told = json.loads(json_line(snapshot), parse_constant=pytest.fail)
    assert told[field] is None


def test_that_figures_are_told_to_the_last_digit() -> None:
    snapshot = make_snapshot(Recipe())
    told = json.loads(json_line(snapshot))
    for name in ("nav", "day_pnl", "var", "es", "drawdown", "gross", "hhi", "n_scenarios"):
        assert told[name] == getattr(snapshot, name), name


def test_that_each_fate_of_a_tick_has_a_key_of_its_own() -> None:
    trades, books = TickCounts(28, 1, 2, 3, 4, 5, 6, 7), TickCounts(2800, 100, 200, 300, 400, 500, 600, 700)
    told = json.loads(json_line(replace(make_snapshot(Recipe()), trades=trades, books=books)))
    fates = ("received", "applied", "folded", "refused", "repeated", "late", "not_held", "waiting")
    assert [told[f"ticks_{fate}"] for fate in fates] == [28, 1, 2, 3, 4, 5, 6, 7]
    assert [told[f"books_{fate}"] for fate in fates] == [2800, 100, 200, 300, 400, 500, 600, 700]


def test_that_no_limit_known_is_null_and_not_an_empty_name() -> None:
    told = json.loads(json_line(replace(make_snapshot(Recipe()), worst=None)))
    assert (told["worst_limit"], told["worst_limit_use"]) == (None, None)


def test_that_times_are_utc_and_null_before_the_first_tick() -> None:
    snapshot = replace(
        make_snapshot(Recipe()), exchange_time_ns=0, received_time_ns=1_582_554_600_123_000_000
    )
    told = json.loads(json_line(snapshot))
    assert told["exchange_time"] is None
    assert told["received_time"] == "2020-02-24T14:30:00.123+00:00"


def test_that_an_unknown_var_is_told_with_its_reason() -> None:
    snapshot = replace(make_snapshot(Recipe()), var=NAN, var_note="loading 3 of 24", nav=NAN, day_pnl=NAN)
    line = plain_line(snapshot, ())
    assert "VaR unknown (loading 3 of 24)" in line
    assert "NAV unknown" in line
    assert "day P&L unknown" in line
    assert "VaR 0" not in line


def test_that_a_loss_carries_a_true_minus_sign_and_a_gain_a_plus() -> None:
    snapshot = make_snapshot(Recipe())
    assert "day P&L −1,234,567" in plain_line(replace(snapshot, day_pnl=-1_234_567.0), ())
    assert "day P&L +1,234,567" in plain_line(replace(snapshot, day_pnl=1_234_567.0), ())


def test_that_the_rates_of_both_connections_are_added() -> None:
    feeds = tuple(FeedStatus(name, FeedState.LIVE, messages_per_s=1_000.0) for name in ("a", "b"))
    assert "2,000 ticks/s" in plain_line(make_snapshot(Recipe()), feeds)


@pytest.mark.parametrize(
    ("n_open", "words"), [(0, "0 open breaches"), (1, "1 open breach"), (2, "2 open breaches")]
)
def test_that_open_breaches_are_counted_in_words(n_open: int, words: str) -> None:
    breach = next(breach for breach in make_breaches() if breach.is_open)
    snapshot = replace(make_snapshot(Recipe()), breaches=(breach,) * n_open, limits=())
    assert plain_line(snapshot, ()).endswith(words)


def test_that_nothing_is_written_before_the_first_snapshot(model: RiskModel) -> None:
    out = io.StringIO()
    StatusLine(model, json_lines=True, out=out).write()
    assert out.getvalue() == ""


def test_that_a_line_is_flushed_when_it_is_written(model: RiskModel) -> None:
    reading, writing = os.pipe()
    model.take_snapshot(make_snapshot(Recipe()))
    with os.fdopen(reading, encoding="utf-8") as reader, os.fdopen(writing, "w", encoding="utf-8") as writer:
        StatusLine(model, json_lines=True, out=writer).write()
        assert json.loads(reader.readline())["nav"]


def test_that_a_reader_who_went_away_ends_the_writing_and_nothing_else(model: RiskModel) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    model.take_snapshot(make_snapshot(Recipe()))
    with os.fdopen(writing, "w", encoding="utf-8") as writer:
        line = StatusLine(model, json_lines=True, out=writer)
        line.write()
        assert not line._timer.isActive()
        writer.write("what the interpreter flushes at its end is heard by nobody")


def test_that_a_full_disk_ends_the_writing_and_nothing_else(model: RiskModel) -> None:
    model.take_snapshot(make_snapshot(Recipe()))
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        line = StatusLine(model, json_lines=False, out=full)
        line.write()
        assert not line._timer.isActive()
