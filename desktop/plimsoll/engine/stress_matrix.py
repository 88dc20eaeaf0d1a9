"""Every part of the book under every scenario, in figures that add up."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from plimsoll.domain.instrument import Instrument
from plimsoll.domain.stress_result import StressResult
from plimsoll.engine.hypothetical_stress import BookPnl
from plimsoll.engine.study_book import StudyBook

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
CASH = "Cash"
UNCLASSIFIED = "unclassified"


class NodeKind(StrEnum):
    """What a row of the matrix gathers."""

    BOOK = "book"
    ASSET_CLASS = "asset class"
    SECTOR = "sector"
    CURRENCY = "currency"
    POSITION = "position"


@dataclass(frozen=True, slots=True)
class Node:
    """One row.

    Attributes
    ----------
    kind : NodeKind
        The division of the book it belongs to; the rows of each division add up to the book.
    name : str
        The class, sector, currency or code; "Cash" for what belongs to none of them.
    """

    kind: NodeKind
    name: str


@dataclass(frozen=True, slots=True, eq=False)
class ScenarioColumn:
    """One column before it is divided up.

    Attributes
    ----------
    name, kind : str
        What it is called; "hypothetical" or "historical".
    pnl : BookPnl
        In base money.
    note : str
        What the tooltip adds; why every figure is unknown, where it is.
    """

    name: str
    kind: str
    pnl: BookPnl
    note: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class StressMatrix:
    """The figures.

    Attributes
    ----------
    nodes : tuple of Node
        The book first, then classes, sectors, currencies and positions, each division by its worst loss.
    columns : tuple of ScenarioColumn
        As they were given.
    values : ndarray, shape (n_nodes, n_columns)
        P&L in base money, a loss below zero; NaN unknown, and with it every sum that holds it.
    """

    nodes: tuple[Node, ...]
    columns: tuple[ScenarioColumn, ...]
    values: FloatArray

    def rows_of(self, kind: NodeKind) -> list[int]:
        """Return the rows of one division."""
        return [row for row, node in enumerate(self.nodes) if node.kind is kind]

    @property
    def row_totals(self) -> FloatArray:
        """Sum over the scenarios that are known, shape (n_nodes,); NaN without any."""
        known = np.isfinite(self.values)
        total = np.where(known, self.values, 0.0).sum(axis=1)
        return np.where(known.any(axis=1), total, np.nan)

    @property
    def row_worst(self) -> FloatArray:
        """The worst of the known scenarios, shape (n_nodes,); NaN without any."""
        known = np.isfinite(self.values)
        worst = np.where(known, self.values, np.inf).min(axis=1, initial=np.inf)
        return np.where(known.any(axis=1), worst, np.nan)


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
