"""What a broker would ask to be left in the account: an estimate by asset class."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from plimsoll.domain.instrument import AssetClass, Instrument, Settlement
from plimsoll.domain.margin_rates import STANDARD_RATES, MarginRates
from plimsoll.domain.market_figures import MarginFigures
from plimsoll.engine.average_volume import GOLD_CODES
from plimsoll.engine.universe import Universe
from plimsoll.risk.margin import leverage_margin, margin_cushion, reg_t_margin, tiered_margin
from plimsoll.risk.margin_scan import ProductClass, scan_margin, scan_points

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

SCAN_CLASS: Final[dict[AssetClass, ProductClass]] = {
    AssetClass.EQUITY: "single",
    AssetClass.ETF: "narrow_index",
    AssetClass.INDEX: "broad_index",
}

_AS_SOURCE: Final = {
    "reg_t": "shares and ETFs by Reg-T and FINRA 4210 (long 25 %, short 30 %)",
    "fx": "FX 2 % between major currencies, 5 % with another (NFA)",
    "cfd": "CFDs by ESMA's leverage (index 20:1, gold 20:1, commodity 10:1, share 5:1)",
    "paid": "coins paid in full 100 %",
    "tiers": "coins short or unfunded by leverage tiers (1 % to 50 %)",
}
"""The rules as their sources have them."""


def words_of(rates: MarginRates) -> dict[str, str]:
    """Return each rule in words, with its rates."""
    if rates.asks_as(STANDARD_RATES):
        return _AS_SOURCE
    r = rates
    return {
        "reg_t": f"shares and ETFs long {r.share_long:.4g}, short {r.share_short:.4g} of value and at least "
        f"${r.short_least_usd:g} a share",
        "fx": f"FX {r.fx_major_leverage:g}:1 between majors, {r.fx_minor_leverage:g}:1 with another currency",
        "cfd": f"CFDs on an index {r.index_leverage:g}:1, gold {r.gold_leverage:g}:1, "
        f"a commodity {r.commodity_leverage:g}:1, a share {r.share_leverage:g}:1",
        "paid": _AS_SOURCE["paid"],
        "tiers": f"coins short or unfunded {r.coin_fractions[0]:.4g} to {r.coin_fractions[-1]:.4g} by tiers",
    }


def rule_of(instrument: Instrument, *, is_short: bool = False) -> str:
    """Return the rule, a key of `words_of`, that a position in `instrument` falls under."""
    is_funded = instrument.settlement is Settlement.FUNDED
    if instrument.asset_class is AssetClass.FX:
        return "fx"
    if instrument.asset_class is AssetClass.CRYPTO:
        return "paid" if is_funded and not is_short else "tiers"
    if is_funded and instrument.asset_class in {AssetClass.EQUITY, AssetClass.ETF}:
        return "reg_t"
    return "cfd"


class MarginWatch:
    """Margin of the held positions.

    Parameters
    ----------
    universe : Universe
        Held instruments first.
    rates : MarginRates
        What is asked of each kind of position.
    """

    def __init__(self, universe: Universe, rates: MarginRates = STANDARD_RATES) -> None:
        self._rates = rates
        self._words = words_of(rates)
        held = universe.instruments[: universe.n_held]
        self._held = held
        self._currency_of = np.array(universe.currency_of[: universe.n_held], dtype=np.int64)
        self._dollar = universe.currencies.index("USD") if "USD" in universe.currencies else None
        self._long_rule = np.array([rule_of(item) for item in held], dtype=object)
        self._short_rule = np.array([rule_of(item, is_short=True) for item in held], dtype=object)
        # Money asked for a unit of exposure; tiers and cheap shorts are worked out one by one.
        self._long_rate = np.array([_rate(item, rates, is_short=False) for item in held], dtype=np.float64)
        self._short_rate = np.array([_rate(item, rates, is_short=True) for item in held], dtype=np.float64)
        self._is_us_share = np.array(
            [rule_of(item) == "reg_t" and item.currency == "USD" for item in held],
            dtype=np.bool_,
        )
        self._points = np.array([_points(item, rates) for item in held], dtype=np.float64).reshape(
            len(held), 10
        )
        self._is_scanned = np.isfinite(self._points).all(axis=1)

    def figures(self, value: FloatArray, mark: FloatArray, fx: FloatArray, nav: float) -> MarginFigures:
        """Return the margin of positions.

        Parameters
        ----------
        value : ndarray, shape (n_held,)
            Exposures in base money, NaN where one cannot be priced.
        mark : ndarray, shape (n_held,)
            Prices in the instruments' currencies.
        fx : ndarray, shape (n_currencies,)
            Base money per unit; the tiers and the 5 dollars a share need the dollar's.
        nav : float
            Equity of the account; NaN unknown.
        """
        is_short = value < 0.0
        rule = np.where(is_short, self._short_rule, self._long_rule)
        requirement = np.abs(value) * np.where(is_short, self._short_rate, self._long_rate)
        dollar = float("nan") if self._dollar is None else float(fx[self._dollar])
        for place in np.flatnonzero((rule == "tiers") & np.isfinite(value)).tolist():
            bounds = np.array(self._rates.coin_bounds_usd) * dollar
            known = np.isfinite(dollar) and dollar > 0.0
            requirement[place] = (
                tiered_margin(float(value[place]), upper_bounds=bounds, rates=self._rates.coin_fractions)
                if known
                else np.nan
            )
        cheap = (
            is_short
            & self._is_us_share
            & (mark > 0.0)
            & (mark < self._rates.short_least_usd / self._rates.share_short)
        )
        for place in np.flatnonzero(cheap).tolist():
            # Dollars a share, scaled to the position: the rule is homogeneous in its size.
            price = float(mark[place])
            short_fraction = self._rates.share_short
            one = reg_t_margin(
                [-price],
                equity=0.0,
                prices=[price],
                short_fraction=short_fraction,
                least_per_share=self._rates.short_least_usd,
            )
            requirement[place] = -float(value[place]) / price * one.maintenance
        total = float(requirement.sum())
        cushion = margin_cushion(nav, total) if np.isfinite(nav) and np.isfinite(total) else None
        requirement.flags.writeable = False
        return MarginFigures(
            requirement_base=requirement,
            total_base=total,
            use_fraction=total / nav if nav > 0.0 else float("nan"),
            cushion_fraction=float("nan") if cushion is None else cushion,
            words=self._in_words(rule[value != 0.0], int(np.isnan(requirement).sum())),
            initial_base=self._initial(value, requirement, rule, nav),
            scan_base=self._scan(value, requirement),
            source=self._rates.source,
        )

    def _initial(
        self, value: FloatArray, requirement: FloatArray, rule: NDArray[np.object_], nav: float
    ) -> float:
        shares = rule == "reg_t"
        if not np.isfinite(requirement).all():
            return float("nan")
        account = nav if np.isfinite(nav) else 0.0
        fraction = self._rates.share_initial
        opening = reg_t_margin(value[shares], equity=account, initial_fraction=fraction).initial
        return max(opening, float(requirement[shares].sum())) + float(requirement[~shares].sum())

    def _scan(self, value: FloatArray, requirement: FloatArray) -> float:
        scanned = self._is_scanned
        if not np.isfinite(requirement).all():
            return float("nan")
        worst = scan_margin(value[scanned, None] * self._points[scanned]).requirement
        return worst + float(requirement[~scanned].sum())

    def _in_words(self, rules: NDArray[np.object_], n_unknown: int) -> str:
        used = [words for rule, words in self._words.items() if (rules == rule).any()]
        unknown = f"; unknown for {n_unknown} positions without a price or rate" if n_unknown else ""
        by = "" if self._rates.is_built_in else f" by {self._rates.source}"
        what = "; ".join(used) or "nothing is held"
        return f"an estimate{by}, your broker's figure rules: {what}{unknown}"


def _rate(instrument: Instrument, rates: MarginRates, *, is_short: bool) -> float:
    rule = rule_of(instrument, is_short=is_short)
    if rule == "reg_t":
        return rates.share_short if is_short else rates.share_long
    if rule == "fx":
        pair = instrument.currency_pair or (instrument.currency, "")
        is_major = all(currency in rates.majors for currency in pair)
        return leverage_margin(1.0, leverage=rates.fx_major_leverage if is_major else rates.fx_minor_leverage)
    if rule == "cfd":
        times = rates.cfd_leverage(instrument.asset_class)
        is_gold = instrument.code in GOLD_CODES
        return leverage_margin(1.0, leverage=rates.gold_leverage if is_gold else times)
    return 1.0 if rule == "paid" else float("nan")


def _points(instrument: Instrument, rates: MarginRates) -> FloatArray:
    """Return the moves scanned: those of the rule's class, stretched to what the rates say."""
    product = SCAN_CLASS.get(instrument.asset_class)
    fraction = rates.scan_fraction(instrument.asset_class)
    if product is None or fraction is None:
        return np.full(10, np.nan)
    points = scan_points(product)
    return points * (fraction / float(points[-1]))
