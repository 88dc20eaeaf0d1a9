"""Laws of the backtests: what must hold for every record of exceptions."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from plimsoll.risk.errors import RiskInputError
from plimsoll.risk.es_backtest import acerbi_szekely_z2
from plimsoll.risk.es_calibration import conditional_calibration, mcneil_frey
from plimsoll.risk.exception_count import binomial_test, kupiec_pof, kupiec_region, kupiec_tuff, traffic_light
from plimsoll.risk.exception_forecast import dynamic_quantile, weibull_duration
from plimsoll.risk.exception_timing import christoffersen_independence, conditional_coverage, haas_tbf
from plimsoll.risk.pnl_attribution import pnl_attribution_test

# The first call loads scipy, and two cores are shared: a law knows no deadline.
NO_DEADLINE = settings(deadline=None)
CONFIDENCE = st.sampled_from([0.9, 0.95, 0.975, 0.99])
RECORD = st.lists(st.booleans(), min_size=2, max_size=300)
GAPS = st.lists(st.integers(1, 60), min_size=2, max_size=30)
MONEY = st.floats(-1e6, 1e6, allow_nan=False).map(lambda money: round(money, 2))


@NO_DEADLINE
@given(days=st.integers(1, 2000), confidence=CONFIDENCE, share=st.floats(0.0, 1.0))
def test_that_the_region_is_what_the_test_accepts(days: int, confidence: float, share: float) -> None:
    lowest, highest = kupiec_region(days, confidence=confidence)
    count = round(share * days)
    accepted = kupiec_pof(count, days, confidence=confidence).verdict == "accept"
    assert accepted == (lowest <= count <= highest)


@NO_DEADLINE
@given(days=st.integers(1, 2000), confidence=CONFIDENCE, share=st.floats(0.0, 1.0))
def test_that_the_two_tails_share_the_count_itself_and_zones_never_improve(
    days: int, confidence: float, share: float
) -> None:
    count = round(share * days)
    result = binomial_test(count, days, confidence=confidence)
    assert result.probability_at_most + result.probability_at_least >= 1.0 - 1e-9
    assert 0.0 <= result.p_value <= 1.0
    if count:
        order = ["green", "yellow", "red"]
        zones = [traffic_light(n, days, confidence=confidence).zone for n in (count - 1, count)]
        assert order.index(zones[0]) <= order.index(zones[1])


@NO_DEADLINE
@given(day=st.integers(1, 5000), confidence=CONFIDENCE)
def test_that_a_first_failure_on_the_expected_day_is_the_best_of_all(day: int, confidence: float) -> None:
    expected = round(1.0 / (1.0 - confidence))
    best = kupiec_tuff(expected, confidence=confidence).statistic
    statistic = kupiec_tuff(day, confidence=confidence).statistic
    assert best is not None
    assert statistic is not None
    assert statistic >= best - 1e-12


@NO_DEADLINE
@given(record=RECORD, confidence=CONFIDENCE)
def test_that_coverage_is_the_sum_of_its_parts_and_every_p_value_a_probability(
    record: list[bool], confidence: float
) -> None:
    coverage = conditional_coverage(record, confidence=confidence)
    count = kupiec_pof(sum(record), len(record), confidence=confidence)
    alone = christoffersen_independence(record)
    assert coverage.statistic == pytest.approx(count.statistic + alone.statistic)
    between = haas_tbf(record, confidence=confidence)
    assert between.statistic == pytest.approx(between.independence_statistic + count.statistic)
    assert between.degrees_of_freedom == sum(record) + 1
    for result in (coverage, alone, between):
        assert result.statistic >= 0.0
        assert 0.0 <= result.p_value <= 1.0


@NO_DEADLINE
@given(record=RECORD)
def test_that_reading_the_record_backwards_leaves_independence_and_duration_alone(record: list[bool]) -> None:
    # Transitions 01 and 10 change places; the ratio is not symmetric in them unless they are as many.
    forwards, backwards = christoffersen_independence(record), christoffersen_independence(record[::-1])
    assert forwards.transitions[0] == backwards.transitions[0]
    assert forwards.transitions[1] == backwards.transitions[2]
    assert forwards.transitions[3] == backwards.transitions[3]


@NO_DEADLINE
@given(gaps=GAPS, quiet_end=st.integers(0, 60))
def test_that_the_fitted_duration_is_never_less_likely_than_no_memory(
    gaps: list[int], quiet_end: int
) -> None:
    days = np.cumsum(gaps)
    record = np.zeros(days[-1] + quiet_end)
    record[days - 1] = 1.0
    # Where every gap is the longest stretch the shape has no estimate, and the test says so.
    assume(min(gaps[1:]) < max(*gaps, quiet_end))
    result = weibull_duration(record)
    assert result.shape > 0.0
    assert result.log_likelihood >= result.null_log_likelihood - 1e-9
    assert result.statistic == pytest.approx(
        2 * (result.log_likelihood - result.null_log_likelihood), abs=1e-7
    )


@NO_DEADLINE
@given(record=st.lists(st.booleans(), min_size=30, max_size=200), scale=st.floats(1e-6, 1e9))
def test_that_the_dynamic_quantile_knows_no_unit_of_money(record: list[bool], scale: float) -> None:
    var = 1.0 + np.arange(len(record)) % 5
    small = dynamic_quantile(record, var, confidence=0.95)
    large = dynamic_quantile(record, scale * var, confidence=0.95)
    assert large.statistic == pytest.approx(small.statistic, rel=1e-6, abs=1e-9)
    assert small.statistic >= 0.0


@NO_DEADLINE
@given(
    pnl=st.lists(MONEY, min_size=4, max_size=60),
    var=st.floats(1.0, 1e5),
    surplus=st.floats(0.0, 1e5),
    scale=st.floats(1e-3, 1e3),
)
def test_that_tests_of_the_shortfall_know_no_unit_of_money(
    pnl: list[float], var: float, surplus: float, scale: float
) -> None:
    losses, es = np.array(pnl), var + surplus
    first = acerbi_szekely_z2(losses, var, es, confidence=0.975, n_simulations=10)
    second = acerbi_szekely_z2(scale * losses, scale * var, scale * es, confidence=0.975, n_simulations=10)
    assert second.statistic == pytest.approx(first.statistic, rel=1e-9, abs=1e-9)
    assert first.statistic <= 1.0


@NO_DEADLINE
@given(pnl=st.lists(MONEY, min_size=4, max_size=60), var=st.floats(1.0, 1e4), surplus=st.floats(1.0, 1e5))
def test_that_a_larger_shortfall_forecast_never_looks_worse(
    pnl: list[float], var: float, surplus: float
) -> None:
    small = acerbi_szekely_z2(pnl, var, var + surplus, confidence=0.975, n_simulations=10)
    large = acerbi_szekely_z2(pnl, var, var + 2 * surplus, confidence=0.975, n_simulations=10)
    assert large.statistic >= small.statistic
    try:
        below = mcneil_frey(pnl, var, var + surplus, confidence=0.975)
        above = mcneil_frey(pnl, var, var + 2 * surplus, confidence=0.975)
    except RiskInputError:
        return
    assert above.p_value >= below.p_value - 1e-12


@NO_DEADLINE
@given(pnl=st.lists(MONEY, max_size=30), var=MONEY, es=MONEY, volatility=st.floats(0.0, 10.0))
def test_that_whatever_comes_is_answered_in_numbers_or_refused_by_name(
    pnl: list[float], var: float, es: float, volatility: float
) -> None:
    for test in (acerbi_szekely_z2, mcneil_frey, conditional_calibration):
        extra = {"n_simulations": 10} if test is acerbi_szekely_z2 else {"volatility": volatility}
        try:
            result = test(pnl, var, es, confidence=0.975, **extra)
        except RiskInputError:
            continue
        assert np.isfinite(result.statistic)
        assert 0.0 <= result.p_value <= 1.0


@NO_DEADLINE
@given(
    pnl=st.lists(st.integers(-1000, 1000), min_size=3, max_size=60, unique=True),
    order=st.randoms(use_true_random=False),
)
def test_that_a_model_of_the_same_profits_is_green_and_of_their_shuffle_as_near(
    pnl: list[int], order: object
) -> None:
    assert pnl_attribution_test(pnl, pnl).zone == "green"
    shuffled = list(pnl)
    order.shuffle(shuffled)  # type: ignore[attr-defined]
    assert pnl_attribution_test(pnl, shuffled).kolmogorov_smirnov == 0.0
