"""Makes snapshots with market figures by hand: every page of the market panel has something to show."""

from dataclasses import replace

import numpy as np

from fakes.snapshot_maker import Recipe, make_snapshot
from plimsoll.domain.market_figures import (
    METHOD_NAMES,
    BrokenPair,
    CorrelationFigures,
    LiquidityFigures,
    MarginFigures,
    MarketFigures,
    MethodFigure,
)
from plimsoll.domain.snapshot import RiskSnapshot

NAN = float("nan")
MAX_CODES = 60


def measured(n_positions: int = 24, step: int = 0) -> RiskSnapshot:
    """Return a snapshot whose market figures are of its own second.

    The book's first position takes ever to leave; of its last, which has no price, nothing is known.
    """
    snapshot = make_snapshot(Recipe(n_positions=n_positions, n_stale=0), step=step)
    return replace(snapshot, market=make_market(snapshot))


def make_market(snapshot: RiskSnapshot) -> MarketFigures:
    """Return market figures for a snapshot's book."""
    table = snapshot.table
    size = np.abs(table.value_base)
    days = size / 1e6
    days[0] = np.inf
    requirement = size * 0.25
    total = float(np.nansum(requirement))
    return MarketFigures(
        snapshot.received_time_ns,
        LiquidityFigures(
            days_to_exit=days,
            exit_share_1d=0.921,
            spread_fraction=np.where(np.isnan(size), np.nan, 0.00012),
            exit_cost_base=size * 0.0005,
            is_by_depth=np.arange(len(table)) % 2 == 0,
            known_fraction=0.93,
            words="days at 10% of the volume",
        ),
        MarginFigures(
            requirement_base=requirement,
            total_base=total,
            use_fraction=0.89,
            cushion_fraction=0.11,
            words="an estimate, your broker's figure rules: Reg T",
            initial_base=2.0 * total,
            scan_base=0.7 * total,
        ),
        make_correlation(tuple(item.code for item in table.instruments[:MAX_CODES])),
        make_methods(snapshot),
    )


def make_correlation(codes: tuple[str, ...]) -> CorrelationFigures:
    """Return correlations that fall off with the distance of two codes; the first two broke."""
    place = np.arange(len(codes))
    matrix = 0.9 ** np.abs(place[:, np.newaxis] - place) * np.where((place[:, np.newaxis] + place) % 2, -1, 1)
    pairs = (BrokenPair(codes[0], codes[1], -0.9, 0.35, 0.004),) if len(codes) > 1 else ()
    return CorrelationFigures(
        shift=2.3,
        n_broken_pairs=len(pairs),
        broken_pairs=pairs,
        absorption_ratio=0.81,
        turbulence=1.94,
        codes=codes,
        matrix=matrix,
        words="EWMA 0.94 against the days before",
    )


def make_methods(snapshot: RiskSnapshot) -> tuple[MethodFigure, ...]:
    """Return a figure for every method: the first half as large again, the others near, the last unknown."""
    times = (1.5, 1.1, 1.0, 0.9, 1.0, NAN)
    return tuple(
        MethodFigure(name, snapshot.var * k, snapshot.es * k, 499, f"by {name}", snapshot.received_time_ns)
        for name, k in zip(METHOD_NAMES, times, strict=True)
    )
