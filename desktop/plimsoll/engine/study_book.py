"""Makes today's book into plain arrays, for studies on other threads and in other processes."""

import numpy as np
from numpy.typing import NDArray

from plimsoll.domain.study_book import StudyBook
from plimsoll.engine.ledger import Ledger
from plimsoll.engine.universe import Leg, Universe

__all__ = ["StudyBook", "study_book"]

FloatArray = NDArray[np.float64]


def study_book(universe: Universe, ledger: Ledger, mark: FloatArray) -> StudyBook:
    """Return the book as it stands at the marks, shape (n_instruments,)."""
    n = universe.n_held
    currency_of = ledger.currency_of[:n].copy()
    is_held = ledger.quantity[:n] != 0.0
    is_priced = ~is_held | np.isfinite(ledger.exposure(mark)[:n])
    counts = is_held & is_priced
    funded = ledger.is_funded[:n]
    exposure = _where(counts, ledger.exposure(mark)[:n])
    money_per_point = _where(counts, (ledger.quantity * ledger.multiplier)[:n] * ledger.fx[currency_of])
    return StudyBook(
        codes=universe.codes[:n],
        sectors=tuple(item.sector or "unclassified" for item in universe.instruments[:n]),
        exposure=exposure,
        money_per_point=money_per_point,
        fx_weight=np.where(funded, exposure, _where(counts & ~funded, ledger.unrealised(mark)[:n])),
        is_priced=is_priced,
        currency_of=currency_of,
        currencies=universe.currencies,
        cash=_where((ledger.cash != 0.0) & np.isfinite(ledger.fx), ledger.cash * ledger.fx),
        routes=tuple(_by_code(route, universe) for route in universe.routes),
        nav=ledger.nav(),
    )


def _where(counts: NDArray[np.bool_], values: FloatArray) -> FloatArray:
    return np.where(counts, values, 0.0)


def _by_code(route: tuple[Leg, ...] | None, universe: Universe) -> tuple[tuple[str, int], ...] | None:
    return None if route is None else tuple((universe.codes[leg], power) for leg, power in route)
