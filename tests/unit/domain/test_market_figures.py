import numpy as np

from plimsoll.domain.market_figures import (
    METHOD_NAMES,
    CorrelationFigures,
    LiquidityFigures,
    MarginFigures,
    MarketFigures,
    MethodFigure,
)


def test_that_figures_nobody_measured_are_unknown_and_never_zero() -> None:
    figures = MarketFigures()
    assert figures.as_of_ns == 0
    assert np.isnan([figures.liquidity.exit_share_1d, figures.liquidity.known_fraction]).all()
    margin = figures.margin
    assert np.isnan([margin.total_base, margin.use_fraction, margin.cushion_fraction]).all()
    assert np.isnan([margin.initial_base, margin.scan_base]).all()
    correlation = figures.correlation
    assert np.isnan([correlation.shift, correlation.absorption_ratio, correlation.turbulence]).all()
    assert correlation.n_broken_pairs == -1
    for figure in (LiquidityFigures(), MarginFigures(), CorrelationFigures()):
        assert figure.words == "not measured yet"


def test_that_columns_nobody_measured_are_empty_and_of_their_kind() -> None:
    liquidity, correlation = LiquidityFigures(), CorrelationFigures()
    assert liquidity.days_to_exit.shape == liquidity.spread_fraction.shape == (0,)
    assert liquidity.is_by_depth.dtype == np.bool_
    assert MarginFigures().requirement_base.shape == (0,)
    assert correlation.matrix.shape == (0, 0)


def test_that_a_method_is_found_by_its_name_and_another_is_unknown() -> None:
    ewma = MethodFigure("ewma", 1.0, 2.0, 500, "normal", 7)
    figures = MarketFigures(var_methods=(ewma,))
    assert figures.method("ewma") is ewma
    missing = figures.method("cornish-fisher")
    assert missing.name == "cornish-fisher"
    assert np.isnan(missing.var)
    assert np.isnan(missing.es)


def test_that_each_method_has_a_name_of_its_own() -> None:
    assert len(set(METHOD_NAMES)) == len(METHOD_NAMES) == 6
