"""Closes everything at the market's own pace: in slices by volume, closed markets at their open."""

from collections.abc import Collection

import numpy as np

from plimsoll.domain.proposal import Plan
from plimsoll.engine.plan_input import PlanInput
from plimsoll.engine.planner_legs import PlanTerms, lots_of_cut, plan_of

NAME = "orderly liquidation"
SLICE_SHARE = 0.01
"""Of an average day's volume in one order: what goes through without being seen."""


def orderly_liquidation(
    plan_input: PlanInput,
    terms: PlanTerms,
    *,
    fraction: float = 1.0,
    codes: Collection[str] | None = None,
) -> Plan:
    """Return the plan that takes a share off positions, no faster than the market can take it.

    A liquidity crisis is no time to sell everything at once: each slice is a small share of a day's volume,
    and the slices follow each other at the pace by which days to exit are reckoned.

    Parameters
    ----------
    plan_input : PlanInput
        The instant.
    terms : PlanTerms
        How it is carried out.
    fraction : float
        Of each position.
    codes : collection of str, optional
        Only these.

    Raises
    ------
    ValueError
        If the fraction lies outside [0, 1].
    """
    if not 0.0 <= fraction <= 1.0:
        raise ValueError(f"fraction was {fraction}, expected a share from 0 to 1")
    wanted = np.array([codes is None or code in codes for code in plan_input.codes], dtype=np.bool_)
    trades = lots_of_cut(plan_input, np.where(wanted, fraction, 0.0))
    pace = plan_input.method.participation
    what = "to cash" if fraction == 1.0 else f"down by {fraction:.0%}"
    words = f"{what} in slices, no faster than {pace:.0%} of the market's volume"
    return plan_of(NAME, trades, plan_input, terms, words, slice_share=SLICE_SHARE)
