import csv
import math
from pathlib import Path

import numpy as np
import pytest

from plimsoll.risk.errors import NotFinite, NotPositive, OutOfRange, ShapeMismatch
from plimsoll.risk.market_impact import almgren_impact, square_root_impact

REFERENCE = Path(__file__).parents[2] / "reference"


def test_that_table_3_of_the_paper_is_met_to_all_printed_digits() -> None:
    with (REFERENCE / "almgren_2005_table_3.csv").open() as rows:
        cases = list(csv.DictReader(rows))
    assert len(cases) == 6
    for case in cases:
        volume = float(case["volume_million"])
        impact = almgren_impact(
            0.1 * volume,
            volume,
            float(case["outstanding_million"]),
            float(case["volatility_percent"]) / 100.0,
            days=float(case["days"]),
        )
        printed = [int(case[name]) for name in ("permanent_bp", "temporary_bp", "cost_bp")]
        assert [round(1e4 * part) for part in (impact.permanent, impact.temporary, impact.cost)] == printed


def test_that_a_purchase_and_a_sale_of_one_size_cost_alike() -> None:
    sale = almgren_impact(-1e5, 1e6, 1e8, 0.02, days=0.5)
    purchase = almgren_impact(1e5, 1e6, 1e8, 0.02, days=0.5)
    assert sale.cost == -purchase.cost < 0.0


def test_that_no_order_has_no_impact() -> None:
    impact = almgren_impact(0.0, 1e6, 1e8, 0.02, days=0.5)
    assert (impact.permanent, impact.temporary, impact.cost) == (0.0, 0.0, 0.0)
    assert square_root_impact(0.0, 1e6, 0.02) == 0.0


def test_that_four_times_the_size_has_twice_the_impact() -> None:
    impacts = square_root_impact([1e4, -4e4], 1e6, 0.02, coefficient=0.5)
    assert impacts.tolist() == pytest.approx([0.001, 0.002])


def test_that_bad_inputs_are_refused_by_name() -> None:
    with pytest.raises(NotPositive, match="average_daily_volume"):
        square_root_impact(1.0, 0.0, 0.02)
    with pytest.raises(NotPositive, match="volatility"):
        square_root_impact(1.0, 1.0, -0.02)
    with pytest.raises(OutOfRange, match="coefficient"):
        square_root_impact(1.0, 1.0, 0.02, coefficient=0.0)
    with pytest.raises(ShapeMismatch):
        square_root_impact([1.0, 2.0], [1.0, 2.0, 3.0], 0.02)
    with pytest.raises(ShapeMismatch):
        square_root_impact([[1.0]], 1.0, 0.02)
    with pytest.raises(NotFinite, match="volatility"):
        square_root_impact(1.0, 1.0, np.nan)
    for name in ("average_daily_volume", "shares_outstanding", "days"):
        arguments = {"average_daily_volume": 1e6, "shares_outstanding": 1e8, "days": 1.0, name: 0.0}
        with pytest.raises(OutOfRange, match=name):
            almgren_impact(1.0, volatility=0.02, **arguments)
    with pytest.raises(OutOfRange, match="quantity"):
        almgren_impact(math.inf, 1e6, 1e8, 0.02, days=1.0)
