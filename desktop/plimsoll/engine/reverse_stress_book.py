"""The likeliest joint move that loses today's book a given sum, and how often history came near it."""

import math

import numpy as np
from numpy.typing import NDArray

from plimsoll.domain.hypothetical_stress import BookMoves
from plimsoll.domain.market_past import MarketPast
from plimsoll.domain.reverse_stress import TAIL_FREEDOM, PastLoss, ReverseStress
from plimsoll.domain.study_book import StudyBook
from plimsoll.engine.hypothetical_stress import pnl_of
from plimsoll.risk.errors import RiskInputError
from plimsoll.risk.normal import normal_cdf
from plimsoll.risk.reverse_stress import most_plausible_scenario

FloatArray = NDArray[np.float64]

N_WORST = 8


def reverse_stress(
    book: StudyBook, past: MarketPast, *, loss_base: float, horizon_days: int = 1
) -> ReverseStress:
    """Return the likeliest move that loses a sum within a horizon.

    Parameters
    ----------
    book : StudyBook
        At its present prices.
    past : MarketPast
        The covariance, and the days beside the answer.
    loss_base : float
        The sum, base currency, positive.
    horizon_days : int
        Days in which it is lost; the covariance grows with them.

    Notes
    -----
    x* = −ℓ ΣV/(VᵀΣV), distance ℓ/σ_p: of all moves that lose ℓ the one of least Mahalanobis distance, so the
    likeliest under every elliptical law [1]_. The book is taken as linear, which it is to
    first order. Probabilities are of a model, not of the world; a t-law's stands beside the normal one [2]_.

    References
    ----------
    .. [1] Breuer, Jandačka, Rheinberger and Summer, "How to Find Plausible, Severe, and Useful Stress
       Scenarios", International Journal of Central Banking 5(3), 2009, pp. 205-224.
    .. [2] Cont, "Empirical properties of asset returns: stylized facts and statistical issues", Quantitative
       Finance 1(2), 2001, section 5.
    """
    refusal = _refusal(past, loss_base)
    if refusal:
        return ReverseStress(loss_base, horizon_days, refusal)
    covariance = past.covariance * horizon_days
    weights = past.weights(book)
    try:
        found = most_plausible_scenario(weights, covariance, loss=loss_base)
    except RiskInputError as why:
        return ReverseStress(loss_base, horizon_days, f"{why}")
    returns = np.asarray(found.returns)
    moves = _book_moves(book, past, returns)
    spread = np.sqrt(np.diag(covariance))
    own_spread = spread[past.columns_of(book.codes)]
    own = np.divide(moves.price, own_spread, out=np.zeros(len(own_spread)), where=own_spread > 0.0)
    n_directions = past.n_directions
    worst, n_spells, n_as_bad = _worst(past, weights, returns, horizon_days, loss_base)
    return ReverseStress(
        loss_base,
        horizon_days,
        moves=moves,
        own_sigma=own,
        pnl=pnl_of(book, moves),
        distance=found.distance,
        n_directions=n_directions,
        loss_probability=normal_cdf(-found.distance),
        tail_probability=_student_tail(found.distance),
        move_probability=_chi_square_tail(found.distance, n_directions),
        worst=worst,
        n_spells=n_spells,
        n_as_bad=n_as_bad,
        unknown_codes=past.unknown_codes(book),
    )


def _refusal(past: MarketPast, loss_base: float) -> str:
    if not past.is_known:
        return f"the history had {len(past.days)} days, too few for a covariance"
    if not (math.isfinite(loss_base) and loss_base > 0.0):
        return "no sum to lose was given: one above zero is expected"
    return ""


def _book_moves(book: StudyBook, past: MarketPast, returns: FloatArray) -> BookMoves:
    columns = past.columns_of(book.codes)
    price = np.where(columns < 0, 0.0, returns[columns])
    place = {currency: len(past.codes) + n for n, currency in enumerate(past.currencies)}
    fx = np.array([returns[place[one]] if one in place else 0.0 for one in book.currencies])
    fx[0] = 0.0
    return BookMoves(price, fx, np.zeros(len(price), dtype=np.bool_))


def _worst(
    past: MarketPast, weights: FloatArray, returns: FloatArray, horizon_days: int, loss_base: float
) -> tuple[tuple[PastLoss, ...], int, int]:
    """Return the worst spells that do not overlap, how many there are, and how many lost so much."""
    summed = np.cumsum(np.vstack([np.zeros((1, past.moves.shape[1])), past.moves]), axis=0)
    spells = summed[horizon_days:] - summed[:-horizon_days]
    pnl = spells @ weights
    chosen: list[int] = []
    for start in np.argsort(pnl, kind="stable").tolist():
        if len(chosen) == N_WORST or pnl[start] >= 0.0:
            break
        if all(abs(start - other) >= horizon_days for other in chosen):
            chosen.append(start)
    spread = past.volatility
    unit = np.where(spread > 0.0, spread, np.inf)
    answer = returns / unit
    found = []
    for start in chosen:
        spell = spells[start]
        scaled = spell / unit
        length = float(np.linalg.norm(scaled) * np.linalg.norm(answer))
        squared = float(spell @ past.inverse @ spell) / horizon_days
        found.append(
            PastLoss(
                int(past.days[start]),
                int(past.days[start + horizon_days - 1]),
                float(pnl[start]),
                math.sqrt(max(squared, 0.0)),
                float(scaled @ answer) / length if length else math.nan,
            )
        )
    return tuple(found), len(pnl), int((pnl <= -loss_base).sum())


def _student_tail(distance: float) -> float:
    """Return the chance beyond a distance in deviations, Student's t with four degrees of freedom."""
    # The law's own deviation is √(ν/(ν−2)) = √2; for ν = 4 its distribution has a closed form.
    t = distance * math.sqrt(TAIL_FREEDOM / (TAIL_FREEDOM - 2))
    return 0.5 - t * (t * t + 6.0) / (2.0 * math.pow(t * t + 4.0, 1.5))


def _chi_square_tail(distance: float, n_directions: int) -> float:
    """Return the chance that so many independent standard normals lie so far from nought together."""
    # Q(a + 1, x) = Q(a, x) + xᵃe⁻ˣ/Γ(a + 1), Abramowitz and Stegun 6.5.21 and 26.4.4: scipy's import would
    # take half a second of whoever looks first.
    x = distance * distance / 2.0
    if x == 0.0 or n_directions == 0:
        return 1.0
    is_odd = n_directions % 2 == 1
    a, tail = (0.5, math.erfc(math.sqrt(x))) if is_odd else (1.0, math.exp(-x))
    while a < n_directions / 2.0:
        tail += math.exp(a * math.log(x) - x - math.lgamma(a + 1.0))
        a += 1.0
    return min(tail, 1.0)
