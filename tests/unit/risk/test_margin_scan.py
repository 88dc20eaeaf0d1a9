import numpy as np
import pytest

from plimsoll.risk.errors import NotFinite, OutOfRange, ShapeMismatch
from plimsoll.risk.margin_scan import portfolio_margin, scan_margin, scan_points


@pytest.mark.parametrize(
    ("product", "fall", "rise"),
    [
        ("single", -0.15, 0.15),
        ("narrow_index", -0.15, 0.15),
        ("broad_index", -0.10, 0.10),
        ("high_cap_broad_index", -0.08, 0.06),
    ],
)
def test_that_each_class_scans_ten_points_over_its_range_without_zero(
    product: str, fall: float, rise: float
) -> None:
    points = scan_points(product)
    assert points.shape == (10,)
    assert (points[0], points[-1]) == (fall, rise)
    assert (np.diff(points) > 0.0).all()
    assert not (points == 0.0).any()


def test_that_underlyings_do_not_offset_each_other() -> None:
    found = portfolio_margin([100.0, -100.0])
    assert found.by_underlying.tolist() == [15.0, 15.0]
    assert found.requirement == 30.0
    assert found.worst_point.tolist() == [0, 9]


def test_that_a_minimum_holds_and_no_requirement_is_below_zero() -> None:
    assert portfolio_margin([1.0, 0.0], minimum=[37.5, 0.0]).by_underlying.tolist() == [37.5, 0.0]
    assert scan_margin([[3.0, 4.0]]).requirement == 0.0


def test_that_an_empty_book_needs_nothing() -> None:
    assert portfolio_margin([]).requirement == 0.0


def test_that_bad_inputs_are_refused_by_name() -> None:
    with pytest.raises(OutOfRange, match="product"):
        portfolio_margin([1.0], "bond")
    with pytest.raises(ShapeMismatch, match="products"):
        portfolio_margin([1.0], ["single", "single"])
    with pytest.raises(ShapeMismatch, match="minimum"):
        portfolio_margin([1.0], minimum=[1.0, 2.0])
    with pytest.raises(OutOfRange, match="minimum"):
        portfolio_margin([1.0], minimum=[-1.0])
    with pytest.raises(ShapeMismatch, match="column"):
        scan_margin(np.zeros((2, 0)))
    with pytest.raises(NotFinite):
        portfolio_margin([np.inf])
