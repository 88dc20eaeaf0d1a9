"""Every check value of reference/risk-definitions.md, by the room's figures and by a formula written here.

Each case is the printed value, the figure the room returns, and the same by numpy and scipy alone.
"""

import math

import numpy as np
import pytest
from scipy import stats
from scipy.optimize import minimize_scalar

from plimsoll.risk import (
    absorption_ratio,
    acerbi_szekely_critical,
    almgren_chriss_schedule,
    average_drawdown,
    benjamini_hochberg,
    binomial_test,
    christoffersen_independence,
    component_var,
    conditional_coverage,
    cornish_fisher_es,
    cornish_fisher_var,
    distance_to_breach,
    diversification_ratio,
    drawdowns,
    dynamic_quantile,
    effective_number,
    effective_observations,
    factor_shock,
    fisher_z_test,
    haas_tbf,
    herfindahl,
    historical_es,
    historical_var,
    horizon_factor,
    incremental_var,
    kupiec_pof,
    kupiec_region,
    kupiec_tuff,
    liquidity_cost,
    marginal_var,
    max_drawdown,
    min_variance_hedge,
    most_plausible_scenario,
    parametric_es,
    parametric_var,
    pnl_attribution_test,
    price_move_to_call,
    reg_t_margin,
    scan_points,
    square_root_impact,
    traffic_light,
    ulcer_index,
    undiversified_var,
    weibull_duration,
)

BOOK = np.array([600e3, -250e3, 400e3])
SD = np.array([0.015, 0.02, 0.009])
COVARIANCE = np.array([[1, 0.5, 0.2], [0.5, 1, -0.1], [0.2, -0.1, 1]]) * np.outer(SD, SD)
SPREAD = math.sqrt(BOOK @ COVARIANCE @ BOOK)
Z99 = stats.norm.ppf(0.99)
DAYS = np.isin(np.arange(250), [9, 10, 11, 99, 199])
EQUITY = [110.0, 105.0, 120.0, 90.0, 95.0, 125.0]
Case = tuple[str, float, float, float]


def cornish_fisher(alpha: float, skew: float, kurtosis: float) -> float:
    z = stats.norm.ppf(alpha)
    rise, bend = (z**2 - 1) / 6, (2 * z**3 - 5 * z) / 36
    return float(z + rise * skew + (z**3 - 3 * z) * kurtosis / 24 - bend * skew**2)


def expanded_mean(alpha: float, skew: float, kurtosis: float) -> float:
    """Average the expanded quantile over the tail, by quadrature."""
    nodes, weights = np.polynomial.legendre.leggauss(400)
    # u = α s³ draws the nodes towards the end of the tail, where the quantile runs off.
    s = (nodes + 1) / 2
    values = np.array([cornish_fisher(alpha * x**3, skew, kurtosis) for x in s])
    return -float((weights / 2 * values * 3 * s**2).sum())


def edgeworth_mean(alpha: float, skew: float, kurtosis: float) -> float:
    """Average z below the expanded quantile under the Edgeworth density, by quadrature (Boudt 2008)."""
    z = np.linspace(-40, cornish_fisher(alpha, skew, kurtosis), 2_000_001)
    he3, he4 = z**3 - 3 * z, z**4 - 6 * z**2 + 3
    he6 = z**6 - 15 * z**4 + 45 * z**2 - 15
    density = stats.norm.pdf(z) * (1 + skew * he3 / 6 + kurtosis * he4 / 24 + skew**2 * he6 / 72)
    return -float(np.trapezoid(z * density, z)) / alpha


def likelihood_ratio(n_exceptions: int, n_days: int, p: float) -> float:
    share = n_exceptions / n_days
    log = stats.binom.logpmf
    return float(2 * (log(n_exceptions, n_days, share) - log(n_exceptions, n_days, p)))


def waiting_ratio(days: int, p: float) -> float:
    return float(2 * (stats.geom.logpmf(days, 1 / days) - stats.geom.logpmf(days, p)))


def shortfall_of(alpha: float, degrees_of_freedom: float) -> float:
    """Average the Student quantile of unit variance over the tail."""
    t = stats.t(degrees_of_freedom)
    tail = -t.expect(lambda x: x, ub=t.ppf(alpha)) / alpha
    return float(tail * math.sqrt((degrees_of_freedom - 2) / degrees_of_freedom))


def moments(alpha: float, skew: float, kurtosis: float) -> dict[str, float]:
    return {
        "var": cornish_fisher_var(0.0, 1.0, skew, kurtosis, confidence=1 - alpha),
        "es": cornish_fisher_es(0.0, 1.0, skew, kurtosis, confidence=1 - alpha),
        "boudt": cornish_fisher_es(
            0.0, 1.0, skew, kurtosis, confidence=1 - alpha, variant="boudt", floor_at_var=False
        ),
    }


def incremental(index: int) -> float:
    rest = np.where(np.arange(3) == index, 0.0, BOOK)
    return Z99 * (SPREAD - math.sqrt(rest @ COVARIANCE @ rest))


def schedule() -> list[Case]:
    options = {"horizon": 4, "n_periods": 4, "volatility": 1.2}
    options |= {"temporary": 2e-5, "permanent": 2e-6, "fixed": 0.02}
    bent = almgren_chriss_schedule(1e5, risk_aversion=1e-5, **options)
    straight = almgren_chriss_schedule(1e5, risk_aversion=0.0, **options)

    def cost(holdings: np.ndarray) -> float:
        # Almgren and Chriss before they simplify: half a period's permanent impact falls on the trade itself.
        trades = -np.diff(holdings)
        permanent = 2e-6 * float(holdings[1:] @ trades)
        return permanent + 0.02 * np.abs(trades).sum() + 2e-5 * float(trades @ trades)

    def utility(inner: np.ndarray) -> float:
        path = np.concatenate(([1e5], inner, [0.0]))
        return cost(path) + 1e-5 * 1.44 * float(path[1:] @ path[1:])

    # Quadratic where every trade is a sale: from the straight line one Newton step finds the optimum.
    line, steps = np.linspace(1e5, 0, 5)[1:-1], np.eye(3) * 1e4
    slope = np.array([(utility(line + u) - utility(line - u)) / 2 for u in steps])
    curve = np.array(
        [
            [utility(line + u + v) - utility(line + u) - utility(line + v) + utility(line) for v in steps]
            for u in steps
        ]
    )
    inner = line - np.linalg.solve(curve, slope) * 1e4
    rate = math.acosh(1 + 1e-5 * 1.44 / (2e-5 - 1e-6) / 2)
    cases = [
        (f"holding {j + 1}", printed, float(bent.holdings[j + 1]), float(inner[j]))
        for j, printed in enumerate((42_727.55, 17_838.08, 6_468.01))
    ]
    return [
        *cases,
        ("kappa", 0.845189, bent.kappa, rate),
        ("cost", 89_343.92, bent.expected_cost, cost(bent.holdings)),
        ("straight", 59_500.0, straight.expected_cost, cost(np.linspace(1e5, 0, 5))),
    ]


def regions() -> list[Case]:
    cases: list[Case] = []
    for n_days, confidence, low, high in (
        (250, 0.99, 1, 6),
        (500, 0.95, 17, 35),
        (250, 0.95, 7, 19),
        (1000, 0.99, 5, 16),
    ):
        line = stats.chi2.ppf(0.95, 1)
        kept = [x for x in range(n_days) if likelihood_ratio(x, n_days, 1 - confidence) <= line]
        found = kupiec_region(n_days, confidence=confidence)
        cases += [
            (f"POF {n_days} {confidence} from", low, found[0], min(kept)),
            (f"POF {n_days} {confidence} to", high, found[1], max(kept)),
        ]
    for confidence, low, high in ((0.99, 7, 438), (0.95, 2, 86)):
        kept = [d for d in range(1, 600) if waiting_ratio(d, 1 - confidence) <= stats.chi2.ppf(0.95, 1)]
        said = [d for d in range(1, 600) if kupiec_tuff(d, confidence=confidence).verdict == "accept"]
        cases += [
            (f"TUFF {confidence} from", low, min(said), min(kept)),
            (f"TUFF {confidence} to", high, max(said), max(kept)),
        ]
    return cases


def lights() -> list[Case]:
    cases: list[Case] = []
    for n_days, confidence, yellow, red in (
        (250, 0.99, 5, 10),
        (250, 0.975, 11, 17),
        (250, 0.95, 18, 27),
        (500, 0.99, 9, 15),
        (500, 0.95, 33, 45),
        (1000, 0.99, 15, 24),
    ):
        zones = [traffic_light(x, n_days, confidence=confidence).zone for x in range(60)]
        below = stats.binom.cdf(np.arange(60), n_days, 1 - confidence)
        cases += [
            (f"yellow {n_days} {confidence}", yellow, zones.index("yellow"), int((below < 0.95).sum())),
            (f"red {n_days} {confidence}", red, zones.index("red"), int((below < 0.9999).sum())),
        ]
    shares = (8.11, 28.58, 54.32, 75.81, 89.22, 95.88, 98.63, 99.60, 99.89, 99.97, 99.99)
    return cases + [
        (
            f"CDF {x}",
            share,
            100 * traffic_light(x, 250, confidence=0.99).cumulative_probability,
            100 * stats.binom.cdf(x, 250, 0.01),
        )
        for x, share in enumerate(shares)
    ]


def timing() -> list[Case]:
    independence = christoffersen_independence(DAYS)
    n = np.histogram2d(DAYS[:-1], DAYS[1:], bins=2)[0]
    log = stats.binom.logpmf
    apart = sum(log(row[1], row.sum(), row[1] / row.sum()) for row in n)
    joint = sum(log(row[1], row.sum(), n[:, 1].sum() / n.sum()) for row in n)
    alone, gaps = 2 * (apart - joint), [10, 1, 1, 88, 100]
    pof, waits = likelihood_ratio(5, 250, 0.01), sum(waiting_ratio(gap, 0.01) for gap in gaps)
    tail = stats.chi2.sf
    covered, mixed = conditional_coverage(DAYS, confidence=0.99), haas_tbf(DAYS, confidence=0.99)
    weibull = weibull_duration(DAYS)
    gap, ends = np.array(gaps[1:]), np.array([10, 50])

    def fit(b: float) -> float:
        a_to_b = gap.size / ((gap**b).sum() + (ends**b).sum())
        return float((np.log(a_to_b * b) + (b - 1) * np.log(gap)).sum() - gap.size)

    b = minimize_scalar(lambda b: -fit(b), bounds=(0.1, 3), method="bounded", options={"xatol": 1e-9}).x
    ratio = 2 * (fit(b) - fit(1.0))
    return [
        ("independence", 9.8947, independence.statistic, alone),
        ("independence p", 0.00166, independence.p_value, tail(alone, 1)),
        ("coverage", 11.8515, covered.statistic, alone + pof),
        ("coverage p", 0.00267, covered.p_value, tail(alone + pof, 2)),
        ("TBFI", 21.3261, mixed.independence_statistic, waits),
        ("TBFI p", 0.00070, mixed.independence_p_value, tail(waits, 5)),
        ("TBF", 23.2829, mixed.statistic, waits + pof),
        ("TBF p", 0.00071, mixed.p_value, tail(waits + pof, 6)),
        ("Weibull b", 0.5796, weibull.shape, b),
        ("Weibull", 2.0306, weibull.statistic, ratio),
        ("Weibull p", 0.154, weibull.p_value, tail(ratio, 1)),
    ]


def book() -> list[Case]:
    marginal = marginal_var(BOOK, COVARIANCE, confidence=0.99)
    component = component_var(BOOK, COVARIANCE, confidence=0.99)
    alone = incremental_var(BOOK, COVARIANCE, confidence=0.99)
    slope = Z99 * COVARIANCE @ BOOK / SPREAD
    weights = np.abs(BOOK) / np.abs(BOOK).sum()
    tail = stats.norm.pdf(stats.norm.ppf(0.975)) / 0.025
    cases: list[Case] = [
        ("sigma", 9_514.20, parametric_var(BOOK, COVARIANCE, confidence=0.99) / Z99, SPREAD),
        ("VaR", 22_133.34, parametric_var(BOOK, COVARIANCE, confidence=0.99), Z99 * SPREAD),
        ("ES", 22_242.32, parametric_es(BOOK, COVARIANCE, confidence=0.975), tail * SPREAD),
        (
            "undiversified",
            40_943.72,
            undiversified_var(BOOK, COVARIANCE, confidence=0.99),
            Z99 * np.abs(BOOK) @ SD,
        ),
        ("HHI", 0.3728, herfindahl(BOOK), float((weights**2).sum())),
        ("N_eff", 2.68, effective_number(BOOK), 1 / float((weights**2).sum())),
        ("DR", 1.850, diversification_ratio(BOOK, COVARIANCE), np.abs(BOOK) @ SD / SPREAD),
    ]
    for i, (m, c, a) in enumerate(
        (
            (0.026481, 15_888.47, 7_136.06),
            (-0.004206, 1_051.41, -1_921.59),
            (0.012984, 5_193.46, 3_963.98),
        )
    ):
        cases += [
            (f"marginal {i}", m, float(marginal[i]), float(slope[i])),
            (f"component {i}", c, float(component[i]), float(BOOK[i] * slope[i])),
            (f"incremental {i}", a, float(alone[i]), incremental(i)),
        ]
    for i, (trade, after) in enumerate(((-481_333, 14_414), (43_000, 22_043), (-655_556, 17_364))):
        hedge = min_variance_hedge(BOOK, COVARIANCE, instruments=[i])
        best = -(COVARIANCE @ BOOK)[i] / COVARIANCE[i, i]
        hedged = BOOK + best * np.eye(3)[i]
        cases += [
            (f"hedge {i}", trade, float(hedge.trades[0]), best),
            (f"hedged {i}", after, Z99 * hedge.volatility_after, Z99 * (hedged @ COVARIANCE @ hedged) ** 0.5),
        ]
    worst = most_plausible_scenario(BOOK, COVARIANCE, loss=50_000.0)
    breach = distance_to_breach(0.0, BOOK, COVARIANCE, line=-50_000.0, breach_above=False)
    move = -50_000 * COVARIANCE @ BOOK / SPREAD**2
    shock = factor_shock(BOOK, COVARIANCE, shocked=[0], returns=[-0.10])
    follow = -0.10 * COVARIANCE[0] / COVARIANCE[0, 0]
    cases += [
        ("worst distance", 5.2553, worst.distance, 50_000 / SPREAD),
        ("breach distance", 5.2553, breach.sigmas, 50_000 / SPREAD),
        *(
            (f"worst {i}", printed, 100 * float(worst.returns[i]), 100 * float(move[i]))
            for i, printed in enumerate((-5.98, 0.95, -2.93))
        ),
        ("isolated", -60_000, shock.isolated_pnl, -0.1 * 600e3),
        ("transitive", -48_133.33, shock.transitive_pnl, float(BOOK @ follow)),
        ("follows 1", -6.667, 100 * float(shock.returns[1]), 100 * float(follow[1])),
        ("follows 2", -1.200, 100 * float(shock.returns[2]), 100 * float(follow[2])),
    ]
    return cases


def quantiles() -> list[Case]:
    one, unit = [1.0], [[1.0]]
    cases: list[Case] = []
    for confidence, z, mean in (
        (0.95, 1.64485, 2.06271),
        (0.975, 1.95996, 2.33780),
        (0.99, 2.32635, 2.66521),
    ):
        normal = stats.norm
        tail = -normal.expect(lambda x: x, ub=normal.ppf(1 - confidence)) / (1 - confidence)
        cases += [
            (f"z {confidence}", z, parametric_var(one, unit, confidence=confidence), normal.ppf(confidence)),
            (f"ES {confidence}", mean, parametric_es(one, unit, confidence=confidence), tail),
        ]
    student = {"confidence": 0.99, "degrees_of_freedom": 5}
    cases += [
        ("t5 VaR", 2.60646, parametric_var(one, unit, **student), stats.t.ppf(0.99, 5) * 0.6**0.5),
        ("t5 ES", 3.44884, parametric_es(one, unit, **student), shortfall_of(0.01, 5)),
    ]
    for alpha, skew, kurtosis, name, printed in (
        (0.01, -0.5, 2.0, "var", 3.0675),
        (0.05, -0.5, 2.0, "var", 1.7419),
        (0.01, -1.0, 3.0, "var", 3.3867),
        (0.05, -1.0, 3.0, "var", 1.8498),
        (0.01, -0.5, 2.0, "es", 3.97996),
        (0.025, -0.5, 2.0, "es", 3.16471),
        (0.05, -0.5, 2.0, "es", 2.57544),
        (0.05, -0.5, 2.0, "boudt", 2.6831),
        (0.025, -0.5, 2.0, "boudt", 3.6288),
        (0.01, -0.5, 2.0, "boudt", 3.4532),
    ):
        own = {
            "var": lambda *args: -cornish_fisher(*args),
            "es": expanded_mean,
            "boudt": edgeworth_mean,
        }[name]
        found = moments(alpha, skew, kurtosis)[name]
        cases.append((f"{name} {alpha} {skew}", printed, found, own(alpha, skew, kurtosis)))
    pnl, weights = [-5.0, -3.0, 1.0, 2.0], np.array([0.1, 0.3, 0.3, 0.3])
    options = {"confidence": 0.75, "weights": weights}
    return [
        *cases,
        ("weighted VaR", 3.0, historical_var(pnl, **options), 3.0),
        ("weighted ES", 3.8, historical_es(pnl, **options), (0.1 * 5 + 0.15 * 3) / 0.25),
        (
            "weighted type 4",
            1.0,
            historical_var(pnl, **options, rule="interpolated_inverted_cdf"),
            -1 + 4 * 0.15 / 0.3,
        ),
        ("horizon", 10**0.5, horizon_factor(10), math.sqrt(10)),
        ("half-width 0.94", 32, round(effective_observations(0.94)), round(1.94 / 0.06)),
        ("half-width 0.97", 66, round(effective_observations(0.97)), round(1.97 / 0.03)),
        ("half-width 0.99", 199, round(effective_observations(0.99)), round(1.99 / 0.01)),
    ]


def single_checks() -> list[Case]:
    series = drawdowns(EQUITY, start=100.0)
    path = np.array([100.0, *EQUITY])
    fall = (1 - path / np.maximum.accumulate(path))[1:]
    z = fisher_z_test(0.6, 0.1, n_first=30, n_second=250)
    by_hand = (math.atanh(0.6) - math.atanh(0.1)) / math.sqrt(1 / 27 + 1 / 247)
    margin = reg_t_margin([180e3, -40e3], equity=100e3)
    call = price_move_to_call([180e3, -40e3], equity=100e3)
    pof = [kupiec_pof(5, 250, confidence=0.99), kupiec_pof(0, 250, confidence=0.99)]
    pof.append(kupiec_pof(36, 500, confidence=0.95))
    return [
        ("MDD", 0.25, max_drawdown(EQUITY, start=100.0), float(fall.max())),
        ("ulcer", 0.134145, ulcer_index(series), float((fall**2).mean() ** 0.5)),
        ("average drawdown", 0.083965, average_drawdown(series), float(fall.mean())),
        ("LVaR cost", 250.0, liquidity_cost([250e3], 8e-4, 4e-4, spread_multiple=3.0), 125e3 * 20e-4),
        ("half-spread", 100.0, liquidity_cost([250e3], 8e-4), 125e3 * 8e-4),
        ("impact bp", 40, round(1e4 * square_root_impact(0.05, 1.0, 0.018)), round(180 * 0.05**0.5)),
        ("Fisher z", 2.925, z.statistic, by_hand),
        ("Fisher p", 0.0034, z.p_value, 2 * stats.norm.sf(by_hand)),
        ("initial", 110_000, margin.initial, 0.5 * 220e3),
        ("maintenance", 57_000, margin.maintenance, 0.25 * 180e3 + 0.3 * 40e3),
        ("call", -51.81, 100 * float(call or 0), -100 * 43 / (180 - 40 - 57)),
        ("TIMS points", 10, len(scan_points("single")), 10),
        ("POF 5", 1.9568, pof[0].statistic, likelihood_ratio(5, 250, 0.01)),
        ("POF 5 p", 0.1619, pof[0].p_value, stats.chi2.sf(likelihood_ratio(5, 250, 0.01), 1)),
        ("POF 0", 5.0252, pof[1].statistic, likelihood_ratio(0, 250, 0.01)),
        ("POF 36", 4.5110, pof[2].statistic, likelihood_ratio(36, 500, 0.05)),
        ("POF 36 p", 0.0337, pof[2].p_value, stats.chi2.sf(likelihood_ratio(36, 500, 0.05), 1)),
        (
            "binomial",
            0.1078,
            binomial_test(5, 250, confidence=0.99).probability_at_least,
            stats.binom.sf(4, 250, 0.01),
        ),
    ]


CASES = [*quantiles(), *book(), *regions(), *lights(), *timing(), *schedule(), *single_checks()]


@pytest.mark.parametrize(("printed", "found", "by_hand"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_that_the_printed_the_found_and_the_formula_agree(
    printed: float, found: float, by_hand: float
) -> None:
    assert found == pytest.approx(by_hand, rel=1e-6, abs=1e-9)
    # Printed to at least three digits, and to at most two decimals of money.
    digits = len(f"{printed!r}".partition(".")[2])
    assert found == pytest.approx(printed, abs=0.51 * 10.0**-digits if digits else 0.5)


@pytest.mark.parametrize(
    ("degrees_of_freedom", "significance", "printed", "width"),
    [(None, 0.05, -0.70, 0.015), (10, 0.05, -0.71, 0.015), (5, 0.05, -0.74, 0.02), (3, 0.05, -0.82, 0.02)],
)
def test_that_the_critical_z2_is_the_published_one(
    degrees_of_freedom: float | None, significance: float, printed: float, width: float
) -> None:
    found = acerbi_szekely_critical(
        250,
        confidence=0.975,
        significance=significance,
        degrees_of_freedom=degrees_of_freedom,
        n_simulations=60_000,
        seed=2,
    )
    assert found == pytest.approx(printed, abs=width)


def test_that_the_dynamic_quantile_is_the_wald_form() -> None:
    var = 2.0 + np.sin(np.arange(250.0))
    hit = DAYS - 0.01
    x = np.column_stack([np.ones(246), var[4:], *(hit[4 - k : 250 - k] for k in range(1, 5))])
    by_hand = hit[4:] @ x @ np.linalg.inv(x.T @ x) @ x.T @ hit[4:] / (0.01 * 0.99)
    found = dynamic_quantile(DAYS, var, confidence=0.99)
    assert found.statistic == pytest.approx(by_hand)
    assert found.p_value == pytest.approx(stats.chi2.sf(by_hand, 6))


def test_that_absorption_attribution_and_discovery_agree_with_scipy() -> None:
    draws = np.random.default_rng(1)
    returns = draws.normal(size=(300, 10)) @ draws.normal(size=(10, 10))
    values = np.linalg.eigvalsh(np.cov(returns.T))
    assert absorption_ratio(returns) == pytest.approx(values[-2:].sum() / values.sum())
    book, model = returns[:, 0], returns[:, 0] + 0.3 * returns[:, 1]
    found = pnl_attribution_test(model, book)
    assert found.spearman == pytest.approx(stats.spearmanr(model, book).statistic)
    assert found.kolmogorov_smirnov == pytest.approx(stats.ks_2samp(model, book).statistic)
    chances = draws.uniform(size=40) ** 3
    assert benjamini_hochberg(chances).adjusted == pytest.approx(stats.false_discovery_control(chances))
