"""A small book with a history of its own making, as studies are given it."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from plimsoll.domain.crisis_window import CrisisWindow, date_of
from plimsoll.domain.instrument import AssetClass, Instrument, Settlement
from plimsoll.engine.study_book import StudyBook
from plimsoll.engine.study_history import CloseColumns, StudyHistory, study_history

FloatArray = NDArray[np.float64]
FIRST = 7305  # 1990-01-01, a Monday
NAN = float("nan")

_A = AssetClass
MASTER = {
    item.code: item
    for item in (
        Instrument("A.US", "A", _A.EQUITY, "USD", Settlement.FUNDED, sector="Energy"),
        Instrument("B.US", "B", _A.EQUITY, "USD", Settlement.FUNDED),
        Instrument("E.DE", "E", _A.EQUITY, "EUR", Settlement.FUNDED, sector="Energy"),
        Instrument("US500", "Index", _A.INDEX, "USD", Settlement.UNFUNDED),
        Instrument("OIL", "Oil", _A.COMMODITY, "USD", Settlement.UNFUNDED, may_be_negative=True),
        Instrument("EURUSD", "Euro", _A.FX, "USD", Settlement.UNFUNDED),
    )
}


def weekdays(n: int) -> list[int]:
    """Return n weekdays from FIRST on."""
    return [FIRST + 7 * (k // 5) + k % 5 for k in range(n)]


def history_of(
    closes: Mapping[str, Sequence[float]], master: Mapping[str, Instrument] = MASTER, held: Sequence[str] = ()
) -> StudyHistory:
    """Return a history of closes on successive weekdays; NaN where there is none."""
    codes = tuple(closes)
    table = np.array([closes[code] for code in codes]).T
    days = np.repeat(weekdays(len(table)), len(codes)).astype(np.int64)
    known = np.isfinite(table.ravel())
    index = np.tile(np.arange(len(codes)), len(table))
    source = CloseColumns("made", "made", codes, days[known], index[known], table.ravel()[known])
    # The pair that converts has a column in every study, as the universe gives it one.
    wanted = held or (*codes, *({"EURUSD"} - set(codes)))
    return study_history([source], wanted, master)


def book_of(
    exposure: Mapping[str, float],
    *,
    cash: Mapping[str, float] | None = None,
    nav: float = 1000.0,
    points: Mapping[str, float] | None = None,
    unpriced: Sequence[str] = (),
    fx_weight: Mapping[str, float] | None = None,
    master: Mapping[str, Instrument] = MASTER,
) -> StudyBook:
    """Return a funded book in dollars and euros."""
    codes = tuple(exposure)
    currencies = ("USD", "EUR")
    value = np.array(list(exposure.values()), dtype=np.float64)
    return StudyBook(
        codes=codes,
        sectors=tuple(master[code].sector or "unclassified" for code in codes),
        exposure=value,
        money_per_point=np.array([(points or {}).get(code, 1.0) for code in codes]),
        fx_weight=np.array([(fx_weight or exposure)[code] for code in codes], dtype=np.float64),
        is_priced=np.array([code not in unpriced for code in codes], dtype=np.bool_),
        currency_of=np.array([currencies.index(master[code].currency) for code in codes], dtype=np.int64),
        currencies=currencies,
        cash=np.array([(cash or {}).get(currency, 0.0) for currency in currencies]),
        routes=((), (("EURUSD", 1),)),
        nav=nav,
    )


def window_of(first: int, last: int) -> CrisisWindow:
    """Return the window from one weekday of the history to another, by their numbers."""
    days = weekdays(last + 1)
    return CrisisWindow("w", "A window", date_of(days[first]), date_of(days[last]), "made")


def walk(seed: int, n: int, volatility: float = 0.01) -> FloatArray:
    """Return closes that begin at 100 and walk at random."""
    steps = np.random.default_rng(seed).normal(0.0, volatility, n - 1)
    return np.concatenate([[100.0], 100.0 * np.cumprod(1.0 + steps)])
