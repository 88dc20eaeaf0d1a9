"""Margin rates from a TOML file: all of it or every complaint; what it leaves out stays as built in.

::

    [shares]  # and ETFs, paid in full
    initial_fraction = 0.50
    long_fraction = 0.25
    short_fraction = 0.30
    short_least_usd = 5.0  # a share sold short; 0 for none

    [scan]  # of portfolio margin: how far up and down
    share_fraction = 0.15
    etf_fraction = 0.15
    index_fraction = 0.10

    [fx]
    major_leverage = 50
    minor_leverage = 20
    majors = ["USD", "EUR", "JPY"]

    [cfd]
    index_leverage = 20
    commodity_leverage = 10
    share_leverage = 5
    gold_leverage = 20

    [[coin_tier]]  # sold short or not paid in full; the last tier has no end
    up_to_usd = 50_000
    fraction = 0.01

    [[coin_tier]]
    fraction = 0.5
"""

import re
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path

from plimsoll.domain.margin_rates import STANDARD_RATES, MarginRates
from plimsoll.storage.complaint_list import ComplaintList
from plimsoll.storage.text_file import text_of
from plimsoll.storage.toml_table import TomlTable, between, document_of, some_texts

_MOST_FRACTION = 2.0
_MOST_LEVERAGE = 1_000.0
_MOST_USD = 1e15
_CURRENCY = re.compile(r"[A-Z]{3}")
_A_FRACTION = f"a fraction of the value above 0 and at most {_MOST_FRACTION:g}, like 0.25"
_A_LEVERAGE = f"exposure for one unit of margin, 1 to {_MOST_LEVERAGE:g}, like 20"
_SOME_CURRENCIES = 'a list of currencies, like ["USD", "EUR"]'
_A_MOVE = "a fraction of the price above 0 and below 1, like 0.15"
_SOME_USD = "dollars a share, 0 to 1000, like 5"
_scanned = between(0.0, 1.0)
_usd = between(-1e-12, 1_000.0 * (1 + 1e-12))
_fraction = between(0.0, _MOST_FRACTION * (1 + 1e-12))
_leverage = between(1.0 - 1e-12, _MOST_LEVERAGE * (1 + 1e-12))


def margin_from_file(path: Path) -> MarginRates:
    """Return the margin rates of a TOML file, named after it.

    Raises
    ------
    FileRefused
        With every complaint about it.
    """
    return margin_from_text(text_of(path), path)


def margin_from_text(text: str, path: Path) -> MarginRates:
    """Return the rates a text describes; `path` names them, and stands in the complaints.

    Raises
    ------
    FileRefused
        With every complaint about it.
    """
    complaints = ComplaintList(path)
    document = document_of(text, complaints, "TOML: see the sample margin file")
    whole = TomlTable(document, "", complaints)
    shares, scan, fx, cfd = (whole.sub_table(name) for name in ("shares", "scan", "fx", "cfd"))
    whole.asked.add("coin_tier")
    bounds, fractions = _tiers(document.get("coin_tier"), complaints)
    standard = STANDARD_RATES
    rates = MarginRates(
        source=path.name,
        share_initial=shares.take("initial_fraction", _fraction, _A_FRACTION, standard.share_initial),
        share_long=shares.take("long_fraction", _fraction, _A_FRACTION, standard.share_long),
        share_short=shares.take("short_fraction", _fraction, _A_FRACTION, standard.share_short),
        short_least_usd=shares.take("short_least_usd", _usd, _SOME_USD, standard.short_least_usd),
        scan_share=scan.take("share_fraction", _scanned, _A_MOVE, standard.scan_share),
        scan_etf=scan.take("etf_fraction", _scanned, _A_MOVE, standard.scan_etf),
        scan_index=scan.take("index_fraction", _scanned, _A_MOVE, standard.scan_index),
        fx_major_leverage=fx.take("major_leverage", _leverage, _A_LEVERAGE, standard.fx_major_leverage),
        fx_minor_leverage=fx.take("minor_leverage", _leverage, _A_LEVERAGE, standard.fx_minor_leverage),
        majors=frozenset(fx.take("majors", _currencies, _SOME_CURRENCIES, tuple(standard.majors))),
        index_leverage=cfd.take("index_leverage", _leverage, _A_LEVERAGE, standard.index_leverage),
        commodity_leverage=cfd.take(
            "commodity_leverage", _leverage, _A_LEVERAGE, standard.commodity_leverage
        ),
        share_leverage=cfd.take("share_leverage", _leverage, _A_LEVERAGE, standard.share_leverage),
        gold_leverage=cfd.take("gold_leverage", _leverage, _A_LEVERAGE, standard.gold_leverage),
        coin_bounds_usd=bounds,
        coin_fractions=fractions,
    )
    for table in (whole, shares, scan, fx, cfd):
        table.complain_of_the_rest()
    complaints.refuse_if_any()
    return rates


def _currencies(value: object) -> tuple[str, ...] | None:
    found = some_texts(value) if isinstance(value, list) and value else None
    return found if found and all(map(_CURRENCY.fullmatch, found)) else None


def _tiers(tables: object, complaints: ComplaintList) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Return where each tier ends and what it asks, each tier beginning where the one before it ends."""
    standard = STANDARD_RATES.coin_bounds_usd, STANDARD_RATES.coin_fractions
    if tables is None:
        return standard
    if not isinstance(tables, list) or not tables or not all(isinstance(table, dict) for table in tables):
        complaints.add("key coin_tier", str(tables), "tables [[coin_tier]]")
        return standard
    rows = [
        _tier(table, number, complaints, is_last=number == len(tables))
        for number, table in enumerate(tables, 1)
    ]
    bounds = tuple(bound for bound, _ in rows)
    for number, (lower, upper) in enumerate(pairwise(bounds), start=2):
        if upper <= lower != float("inf"):  # an end that is missing was complained about
            where = f"key coin_tier {number}.up_to_usd"
            complaints.add(where, f"{upper:g}", f"more than the {lower:g} of the tier before")
    return bounds, tuple(fraction for _, fraction in rows)


def _tier(
    fields: Mapping[str, object],
    number: int,
    complaints: ComplaintList,
    *,
    is_last: bool,
) -> tuple[float, float]:
    table = TomlTable(fields, f"coin_tier {number}.", complaints)
    fraction = table.take("fraction", between(0.0, 1.0 + 1e-12), "a fraction above 0 and at most 1", 0.0)
    bound = table.take("up_to_usd", between(0.0, _MOST_USD), "dollars above 0", float("inf"))
    for key, is_missing in (
        ("fraction", "fraction" not in fields),
        ("up_to_usd", not is_last and "up_to_usd" not in fields),
    ):
        if is_missing:
            complaints.add(f"key {table.name}{key}", "missing", "one: only the last tier has no end")
    if is_last and "up_to_usd" in fields:
        complaints.add(
            f"key {table.name}up_to_usd", str(fields["up_to_usd"]), "none: the last tier has no end"
        )
    table.complain_of_the_rest()
    return bound, fraction
