"""A scenario of one's own over today's book: alone, and with everything else following as it used to."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from plimsoll.domain.hypothetical_stress import BookMoves, BookPnl, HypotheticalStress
from plimsoll.domain.instrument import Instrument
from plimsoll.domain.limit import ScopeKind
from plimsoll.domain.market_past import MarketPast
from plimsoll.domain.stress_scenario import StressScenario
from plimsoll.domain.study_book import StudyBook
from plimsoll.engine.stress_watch import moves_of

FloatArray = NDArray[np.float64]

LEAST_SHARE = 1e-8
"""Smaller eigenvalues of the factors' correlation are noise: two factors are one and the same."""
WORST_MOVE = -0.99
"""What falls by more than it is worth is worth nothing, never less."""


def hypothetical_stress(
    scenario: StressScenario,
    book: StudyBook,
    master: Mapping[str, Instrument],
    past: MarketPast | None = None,
) -> HypotheticalStress:
    """Return what a scenario does to the book.

    Parameters
    ----------
    scenario : StressScenario
        The shocks, all at once.
    book : StudyBook
        At its present prices.
    master : Mapping
        The instrument master.
    past : MarketPast, optional
        How things moved together; without it, or with too few days in it, nothing follows.

    Returns
    -------
    HypotheticalStress
        Isolated and transitive.

    Notes
    -----
    Each shock is a factor: the mean of what it names (a currency, one instrument, all shares). What no shock
    names moves by its expectation given the factors, E[r] = Σ_rf Σ_ff⁻¹ f with means at zero [1]_, Σ the
    shrunk covariance of daily moves; a shock that is the others' sum adds nothing. The result is repriced in
    full: price and currency together.

    References
    ----------
    .. [1] Kupiec, "Stress Testing in a Value at Risk Framework", Journal of Derivatives 6(1), 1998, pp. 7-24.
    """
    held = [master[code] for code in book.codes]
    alone = moves_of(scenario, held, book.currencies)
    shocked_fx = _shocked_currencies(scenario, book.currencies)
    is_named = (alone.decided_by >= 0) | _pairs_of(held, scenario)
    moves = BookMoves(alone.price, alone.fx, is_named)
    if past is None or not past.is_known:
        return HypotheticalStress(scenario, moves, pnl_of(book, moves), None, None)
    expected, unheard = _expected(scenario, master, past)
    columns = past.columns_of(book.codes)
    follows = np.where(columns < 0, 0.0, expected[columns])
    fx = alone.fx.copy()
    for number, currency in enumerate(book.currencies):
        if number and currency not in shocked_fx and currency in past.currencies:
            fx[number] = expected[len(past.codes) + past.currencies.index(currency)]
    following = BookMoves(np.where(is_named, alone.price, follows), fx, is_named)
    return HypotheticalStress(
        scenario, moves, pnl_of(book, moves), following, pnl_of(book, following), unheard
    )


def repriced(stress: HypotheticalStress, book: StudyBook) -> HypotheticalStress:
    """Return the same moves over a book of the same positions and currencies, at its newer prices."""
    following = stress.following_moves
    return replace(
        stress,
        pnl=pnl_of(book, stress.moves),
        following_pnl=None if following is None else pnl_of(book, following),
    )


def pnl_of(book: StudyBook, moves: BookMoves) -> BookPnl:
    """Return what the book earns when it moves so."""
    growth = 1.0 + moves.fx[None, :]
    positions = book.position_pnl(moves.price[None, :], book.exposure, growth)[0]
    return BookPnl(np.where(book.is_priced, positions, np.nan), book.cash * moves.fx)


def _expected(
    scenario: StressScenario, master: Mapping[str, Instrument], past: MarketPast
) -> tuple[FloatArray, tuple[str, ...]]:
    """Return every column's expected move given the shocks, and the shocks nothing answers to."""
    instruments = [master[code] for code in past.codes]
    found = moves_of(scenario, instruments, past.currencies)
    spread = past.volatility
    rows: list[FloatArray] = []
    sizes: list[float] = []
    unheard: list[str] = []
    for number, shock in enumerate(scenario.shocks):
        row = np.zeros(len(spread))
        if shock.scope.kind is ScopeKind.CURRENCY:
            if shock.scope.member in past.currencies[1:]:
                row[len(past.codes) + past.currencies.index(shock.scope.member)] = 1.0
        else:
            row[: len(past.codes)] = found.decided_by == number
        row[spread == 0.0] = 0.0
        if not row.any():
            unheard.append(f"{shock.scope.kind.replace('_', ' ')} {shock.scope.member}".strip())
            continue
        rows.append(row / row.sum())
        sizes.append(shock.change_fraction)
    if not rows:
        return np.zeros(len(spread)), tuple(unheard)
    factors = np.array(rows)
    joint = past.covariance @ factors.T
    own = factors @ joint
    variance = np.diag(own)
    # A mean of things that cancel does not move, and nothing follows it.
    deviation = np.sqrt(np.where(variance > 0.0, variance, 1.0))
    correlation = own / np.outer(deviation, deviation)
    solved = np.linalg.pinv(correlation, rcond=LEAST_SHARE, hermitian=True) @ (np.array(sizes) / deviation)
    expected = (joint / deviation) @ solved
    return np.maximum(expected, WORST_MOVE), tuple(unheard)


def _shocked_currencies(scenario: StressScenario, currencies: Sequence[str]) -> frozenset[str]:
    named = {shock.scope.member for shock in scenario.shocks if shock.scope.kind is ScopeKind.CURRENCY}
    return frozenset(named.intersection(currencies))


def _pairs_of(instruments: Sequence[Instrument], scenario: StressScenario) -> NDArray[np.bool_]:
    """Tell which instruments are pairs of a shocked currency: their move is named by it."""
    named = {shock.scope.member for shock in scenario.shocks if shock.scope.kind is ScopeKind.CURRENCY}
    pairs = [item.currency_pair for item in instruments]
    return np.array([pair is not None and not named.isdisjoint(pair) for pair in pairs], dtype=np.bool_)
