"""Every part of the book under every scenario, as it is shown: rows, columns and figures that add up."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from plimsoll.domain.hypothetical_stress import BookPnl

FloatArray = NDArray[np.float64]


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
