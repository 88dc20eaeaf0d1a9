import numpy as np
import pytest

from plimsoll.risk.errors import NotFinite, OutOfRange
from plimsoll.risk.false_discovery import benjamini_hochberg

# Benjamini and Hochberg 1995, section 3.1: fifteen p-values of a trial of thrombolysis.
PAPER = [
    *(0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344),
    *(0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0),
]


def test_that_the_four_rejections_of_the_paper_are_found() -> None:
    assert (
        benjamini_hochberg(PAPER, false_discovery_rate=0.05).is_rejected.tolist() == [True] * 4 + [False] * 11
    )


def test_that_a_rejected_test_takes_every_smaller_p_value_with_it() -> None:
    judged = benjamini_hochberg([0.03, 0.04, 0.05], false_discovery_rate=0.05)
    assert judged.is_rejected.tolist() == [True, True, True]
    assert judged.adjusted.tolist() == pytest.approx([0.05, 0.05, 0.05])


def test_that_order_does_not_matter() -> None:
    order = np.random.default_rng(0).permutation(15)
    shuffled = benjamini_hochberg(np.array(PAPER)[order])
    assert shuffled.adjusted == pytest.approx(benjamini_hochberg(PAPER).adjusted[order])


def test_that_scipy_agrees() -> None:
    from scipy.stats import false_discovery_control

    assert benjamini_hochberg(PAPER).adjusted == pytest.approx(false_discovery_control(PAPER))


def test_that_no_test_at_all_has_an_empty_answer() -> None:
    assert benjamini_hochberg([]).is_rejected.shape == (0,)


def test_that_bad_inputs_are_refused_by_name() -> None:
    with pytest.raises(OutOfRange, match="p_values"):
        benjamini_hochberg([0.5, 1.5])
    with pytest.raises(OutOfRange, match="p_values"):
        benjamini_hochberg([-0.1])
    with pytest.raises(OutOfRange, match="false_discovery_rate"):
        benjamini_hochberg([0.5], false_discovery_rate=0.0)
    with pytest.raises(NotFinite):
        benjamini_hochberg([np.nan])
