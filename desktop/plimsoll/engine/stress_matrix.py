"""Every part of the book under every scenario, in figures that add up."""

import math
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from plimsoll.domain.hypothetical_stress import BookPnl
from plimsoll.domain.instrument import Instrument
from plimsoll.domain.stress_matrix import Node, NodeKind, ScenarioColumn, StressMatrix
from plimsoll.domain.stress_result import StressResult
from plimsoll.domain.study_book import StudyBook

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
CASH = "Cash"
UNCLASSIFIED = "unclassified"


def stress_matrix(
    book: StudyBook,
    master: Mapping[str, Instrument],
    columns: Sequence[ScenarioColumn],
    *,
    like: StressMatrix | None = None,
) -> StressMatrix:
    """Return the matrix of a book; cash is a row of its own in each division but the currencies'.

    Parameters
    ----------
    book : StudyBook
        Whose parts are the rows.
    master : Mapping
        The instrument master.
    columns : sequence of ScenarioColumn
        The scenarios.
    like : StressMatrix, optional
        An earlier one: with the same rows they keep its order, so that nothing moves under a reader's eye.
    """
    nodes, (rows, members) = _divided(book, master)
    if not columns:
        return StressMatrix(tuple(nodes), (), np.zeros((len(nodes), 0)))
    parts = np.array([np.concatenate([column.pnl.positions, column.pnl.cash]) for column in columns]).T
    is_unknown = ~np.isfinite(parts)
    values = np.zeros((len(nodes), len(columns)))
    # Added up part by part: a product with a matrix of noughts and ones would wake every core for it.
    np.add.at(values, rows, np.where(is_unknown, np.nan, parts)[members])
    if like is not None and set(like.nodes) == set(nodes):
        place = {node: row for row, node in enumerate(nodes)}
        order = [place[node] for node in like.nodes]
    else:
        order = _by_loss(nodes, values)
    return StressMatrix(tuple(nodes[row] for row in order), tuple(columns), values[order])


def crisis_column(result: StressResult, book: StudyBook) -> ScenarioColumn:
    """Return a replayed crisis as a column: from the high before its deepest fall to the bottom.

    A position that was not in the book when the crisis was replayed is unknown.
    """
    name = result.window.name
    if not result.is_known:
        nothing = BookPnl(np.full(len(book.codes), np.nan), np.full(len(book.currencies), np.nan))
        return ScenarioColumn(name, "historical", nothing, result.refusal)
    by_code = {part.code: -part.drawdown_part_base for part in result.positions}
    cash = {part.name: -part.drawdown_part_base for part in result.cash}
    return ScenarioColumn(
        name,
        "historical",
        BookPnl(
            np.array([by_code.get(code, math.nan) for code in book.codes], dtype=np.float64),
            np.array([cash.get(currency, 0.0) for currency in book.currencies], dtype=np.float64),
        ),
        result.window.note,
    )


def _divided(
    book: StudyBook, master: Mapping[str, Instrument]
) -> tuple[list[Node], tuple[IntArray, IntArray]]:
    """Return the rows and, pair by pair, which of them holds which position or cash line."""
    held = [master[code] for code in book.codes]
    cash = [CASH] * len(book.currencies)
    names: dict[NodeKind, list[str]] = {
        NodeKind.BOOK: ["Book"] * (len(held) + len(cash)),
        NodeKind.ASSET_CLASS: [*(str(item.asset_class) for item in held), *cash],
        NodeKind.SECTOR: [*(item.sector or UNCLASSIFIED for item in held), *cash],
        NodeKind.CURRENCY: [*(book.currencies[n] for n in book.currency_of.tolist()), *book.currencies],
        NodeKind.POSITION: [*book.codes, *cash],
    }
    is_used = [*((book.exposure != 0.0) | ~book.is_priced), *(book.cash != 0.0)]
    nodes: list[Node] = []
    owner_rows: list[tuple[int, int]] = []
    for kind, owners in names.items():
        row_of: dict[str, int] = {}
        for number, (name, used) in enumerate(zip(owners, is_used, strict=True)):
            if not used and kind is not NodeKind.BOOK:
                continue
            if name not in row_of:
                row_of[name] = len(nodes)
                nodes.append(Node(kind, name))
            owner_rows.append((row_of[name], number))
    rows, members = np.array(owner_rows, dtype=np.int64).T
    return nodes, (rows, members)


def _by_loss(nodes: Sequence[Node], values: FloatArray) -> list[int]:
    """Return the order of the rows: division by division, the worst sum first, what is unknown last."""
    kinds = list(NodeKind)
    total = np.where(np.isfinite(values), values, 0.0).sum(axis=1)
    return sorted(range(len(nodes)), key=lambda row: (kinds.index(nodes[row].kind), total[row]))
