"""The rows of each division of the book add up to the book, under every scenario."""

import math

import numpy as np
import pytest

from fakes.study_case import MASTER, book_of, history_of, window_of
from plimsoll.domain.hypothetical_stress import BookPnl
from plimsoll.domain.method import RiskMethod
from plimsoll.domain.stress_matrix import NodeKind, ScenarioColumn
from plimsoll.domain.stress_result import StressResult
from plimsoll.engine.crisis_replay import CrisisReplay
from plimsoll.engine.stress_matrix import crisis_column, stress_matrix

BOOK = book_of({"A.US": 100.0, "B.US": 50.0, "E.DE": 40.0, "OIL": -30.0}, cash={"USD": 10.0, "EUR": 5.0})


def column(name: str, positions: list[float], cash: list[float]) -> ScenarioColumn:
    return ScenarioColumn(name, "hypothetical", BookPnl(np.array(positions), np.array(cash)))


def test_that_every_division_adds_up_to_the_book() -> None:
    columns = (
        column("one", [-20.0, 5.0, -8.0, 3.0], [0.0, -1.0]),
        column("two", [1.0, 2.0, 4.0, 8.0], [0.0, 0.5]),
    )
    matrix = stress_matrix(BOOK, MASTER, columns)
    assert matrix.nodes[0].kind is NodeKind.BOOK
    assert matrix.values[0] == pytest.approx([-21.0, 15.5])
    for kind in NodeKind:
        assert matrix.values[matrix.rows_of(kind)].sum(axis=0) == pytest.approx(matrix.values[0])
    assert matrix.row_totals == pytest.approx(matrix.values.sum(axis=1))
    assert matrix.row_worst[0] == pytest.approx(-21.0)
    sectors = {matrix.nodes[row].name: matrix.values[row, 0] for row in matrix.rows_of(NodeKind.SECTOR)}
    assert sectors == pytest.approx({"Energy": -28.0, "unclassified": 8.0, "Cash": -1.0})


def test_that_what_is_unknown_leaves_every_sum_that_holds_it_unknown_and_no_other() -> None:
    matrix = stress_matrix(BOOK, MASTER, (column("one", [math.nan, 5.0, -8.0, 3.0], [0.0, 0.0]),))
    unknown = {
        (node.kind.value, node.name)
        for node, v in zip(matrix.nodes, matrix.values, strict=True)
        if math.isnan(v[0])
    }
    assert unknown == {
        ("book", "Book"),
        ("asset class", "equity"),
        ("sector", "Energy"),
        ("currency", "USD"),
        ("position", "A.US"),
    }
    assert math.isnan(matrix.row_worst[0])
    assert math.isnan(matrix.row_totals[0])


def test_that_a_replayed_crisis_adds_up_to_its_drawdown() -> None:
    history = history_of({"A.US": [100.0, 90.0, 70.0, 80.0], "B.US": [50.0, 60.0, 55.0, 58.0]})
    book = book_of({"A.US": 1000.0, "B.US": 400.0})
    result = CrisisReplay(book, history, RiskMethod()).over(window_of(0, 3))
    larger = book_of({"A.US": 1000.0, "B.US": 400.0, "OIL": 5.0})
    matrix = stress_matrix(book, MASTER, (crisis_column(result, book),))
    assert matrix.values[0, 0] == pytest.approx(-result.drawdown_base)
    assert math.isnan(stress_matrix(larger, MASTER, (crisis_column(result, larger),)).values[0, 0])


def test_that_rows_keep_their_order_while_they_are_the_same() -> None:
    first = stress_matrix(BOOK, MASTER, (column("one", [-20.0, 5.0, -8.0, 3.0], [0.0, -1.0]),))
    other = column("one", [20.0, -50.0, 8.0, -3.0], [0.0, 1.0])
    again = stress_matrix(BOOK, MASTER, (other,), like=first)
    assert again.nodes == first.nodes
    assert again.values[0] == pytest.approx(-24.0)
    assert stress_matrix(BOOK, MASTER, (other,)).nodes != first.nodes


def test_that_a_crisis_that_could_not_be_replayed_is_unknown_and_says_why() -> None:
    refused = StressResult(window_of(0, 3), "no history at its start")
    column_of = crisis_column(refused, BOOK)
    assert column_of.note == "no history at its start"
    assert np.isnan(stress_matrix(BOOK, MASTER, (column_of,)).values).all()


def test_that_a_book_without_scenarios_has_rows_and_no_figures() -> None:
    matrix = stress_matrix(BOOK, MASTER, ())
    assert matrix.values.shape == (len(matrix.nodes), 0)
    assert np.isnan(matrix.row_worst).all()
