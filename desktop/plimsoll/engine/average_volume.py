"""How much of an instrument is traded a day: from its bars, or where they mean nothing as published.

AllTick's volume of FX, metals, oil and CFD indices is noise of its liquidity providers; it is never used. A
CFD is left as fast as its underlying is traded, for that is where the dealer hedges it.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from plimsoll.domain.instrument import AssetClass, Instrument

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

N_DAYS: Final = 20
"""Days whose median is the average: one month, and no single auction day counts (risk-definitions, 8)."""
ENOUGH_DAYS: Final = 5

_PIECES_BY_CODE: Final = {"USOIL": 891_646 * 1_000.0, "US500": 2.3e6 * 50.0}
_GOLD_TURNOVER_USD: Final = 163e9
GOLD_CODES: Final = frozenset({"GOLD", "XAUUSD"})
_FX_TURNOVER_USD: Final = 7_506e9
_SPOT_FRACTION: Final = 0.28
_SHARE_BY_PAIR: Final = {
    frozenset(pair.split("/")): share
    for pair, share in {
        "USD/EUR": 0.227,
        "USD/JPY": 0.135,
        "USD/GBP": 0.095,
        "USD/CNH": 0.066,
        "USD/CAD": 0.055,
        "USD/AUD": 0.051,
        "USD/CHF": 0.039,
        "USD/HKD": 0.024,
        "USD/SGD": 0.023,
        "EUR/GBP": 0.020,
        "USD/NZD": 0.015,
        "EUR/JPY": 0.014,
        "EUR/CHF": 0.009,
    }.items()
}


def has_volume(instrument: Instrument) -> bool:
    """Tell whether AllTick's volume of this instrument means trades of a market."""
    return instrument.fixed_price is None and instrument.asset_class in {
        AssetClass.EQUITY,
        AssetClass.ETF,
        AssetClass.CRYPTO,
    }


def spot_turnover_usd(instrument: Instrument) -> float:
    """Return what a currency pair (spot only) or gold turns over in a day, in dollars; NaN if unpublished.

    References
    ----------
    .. [1] Bank for International Settlements, "Triennial Central Bank Survey: OTC foreign exchange turnover
       in April 2022", 2022: 7 506 billion dollars a day, 28 % of it spot, shares by currency pair.
    .. [2] World Gold Council, "Gold's key attributes: liquidity", 28 March 2024: 163 billion dollars a day in
       2023, over the counter, futures and funds.
    """
    if instrument.code in GOLD_CODES:
        return _GOLD_TURNOVER_USD
    pair = frozenset(instrument.currency_pair or ())
    return _FX_TURNOVER_USD * _SPOT_FRACTION * _SHARE_BY_PAIR.get(pair, float("nan"))


def average_volumes(
    day_numbers: IntArray, numbers: IntArray, volumes: FloatArray, instruments: tuple[Instrument, ...]
) -> FloatArray:
    """Return the median volume of each instrument's newest days, in pieces; of two CFDs that of the future.

    Parameters
    ----------
    day_numbers, numbers, volumes : ndarray, shape (n_bars,)
        Days since 1970-01-01, places among `instruments`, and volumes of finished days, in any order; NaN is
        unknown, zero a day without a trade.
    instruments : tuple of Instrument
        Of the universe.

    Returns
    -------
    ndarray, shape (n_instruments,)
        NaN where fewer than `ENOUGH_DAYS` are known, or where the volume means nothing.

    References
    ----------
    .. [1] CME Group, press release of 31 January 2011: 891 646 WTI futures a day of 1 000 barrels; and of 2
       October 2018: 2.3 million E-mini S&P 500 futures and options a day of 50 times the index.
    """
    average = np.array([_PIECES_BY_CODE.get(item.code, np.nan) for item in instruments])
    known = np.isfinite(volumes) & (volumes >= 0.0)
    day_numbers, numbers, volumes = day_numbers[known], numbers[known], volumes[known]
    order = np.lexsort((day_numbers, numbers))
    numbers, volumes = numbers[order], volumes[order]
    ends = np.searchsorted(numbers, np.arange(len(instruments)), side="right")
    starts = np.searchsorted(numbers, np.arange(len(instruments)), side="left")
    for number, instrument in enumerate(instruments):
        newest = volumes[max(starts[number], ends[number] - N_DAYS) : ends[number]]
        if len(newest) >= ENOUGH_DAYS and has_volume(instrument):
            average[number] = np.median(newest)
    return average
