"""Every measure on every scope it has a meaning on, against values worked out by hand.

The book: A long 400, B short 200, gold long 300, EURUSD long 100; NAV 1 000. A and B are the equities, the
country US and the tag core; B alone is the sector Energy; in USD stand all four, the pair with a minus.
"""

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from plimsoll.domain.instrument import AssetClass, Instrument, Settlement
from plimsoll.domain.limit import Limit, Measure, Scope, ScopeKind, Severity
from plimsoll.domain.market_figures import (
    CorrelationFigures,
    LiquidityFigures,
    MarginFigures,
    MarketFigures,
    MethodFigure,
)
from plimsoll.domain.snapshot import Coverage, PositionState
from plimsoll.engine.gauge_board import GaugeBoard
from plimsoll.engine.limit_reading import LimitReading
from plimsoll.engine.measurement import Groups, Measurement, StressLoss, TailFigures, groups_of
from plimsoll.engine.universe import Universe

NAN = math.nan
M = Measure
BOOK = ScopeKind.BOOK


def instrument(
    code: str, kind: AssetClass, sector: str | None, country: str | None, *tags: str
) -> Instrument:
    return Instrument(code, code, kind, "USD", Settlement.FUNDED, sector, country, tags=tags)


HELD = (
    instrument("A", AssetClass.EQUITY, "Technology", "US", "core", "chips"),
    instrument("B", AssetClass.EQUITY, "Energy", "US", "core"),
    instrument("GOLD", AssetClass.COMMODITY, None, None),
    instrument("EURUSD", AssetClass.FX, None, None),
)
GROUPS = groups_of(Universe(HELD, 4, ("USD",), (0, 0, 0, 0), ((),)))


def array(*values: float) -> np.ndarray:
    return np.array(values, dtype=np.float64)


def part_tail(groups: Groups) -> TailFigures:
    """VaR of 40, 30, 20 and 10 that add up, so that a part's is told by hand."""
    return TailFigures(groups.sums(array(40, 30, 20, 10)), groups.sums(array(60, 45, 30, 15)))


MARKET = MarketFigures(
    liquidity=LiquidityFigures(
        days_to_exit=array(0.5, 2, 4, 1),
        exit_share_1d=0.675,
        spread_fraction=array(0.001, 0.002, 0.004, 0.0005),
        exit_cost_base=array(4, 2, 6, 3),
    ),
    margin=MarginFigures(array(100, 60, 90, 5), 255, 0.255, 0.745, "an estimate"),
    correlation=CorrelationFigures(shift=1.5, absorption_ratio=0.6, turbulence=2.5, words="60 days"),
    var_methods=(MethodFigure("ewma", 55, 90),),
)
MEASURED = Measurement(
    nav=1_000, day_pnl=-100, day_pnl_fx=0, day_nav=1_100, batch_low_nav=980, var=50, es=80,
    drawdown=0.1, batch_drawdown=0.12,
    value=array(400, -200, 300, 100), unrealised=array(10, -20, 30, -40),
    worst_unrealised=array(5, -25, 30, -45), state=np.zeros(4, dtype=np.uint8),
    coverage=Coverage(1, 1, 1, 0, 4), position_day_pnl=array(-60, 20, -50, -10),
    es_contribution=array(48, -8, 32, 8),
    anchor_nav={"day": 1_100, "month": 1_250, "start": 800, "high_20d": 1_200, "high_5d": 1_000},
    stress={"oil": StressLoss(150, array(20, -10, 120, 20))}, market=MARKET,
    hedge_effectiveness={"A/B": 0.7}, feed_lag_s=1.25, mismatch_count=2, part_tail=part_tail,
)  # fmt: skip
DETAILS = {
    M.TOP_N_WEIGHT: "2",
    M.STRESS_LOSS: "oil",
    M.STRESS_LOSS_FRACTION: "oil",
    M.HEDGE_EFFECTIVENESS: "A/B",
}

PLACES = {  # which column of the table below speaks of each scope
    BOOK: ("", 0),
    ScopeKind.INSTRUMENT: ("B", 1),
    ScopeKind.SECTOR: ("Energy", 1),
    ScopeKind.ASSET_CLASS: ("equity", 2),
    ScopeKind.COUNTRY: ("US", 2),
    ScopeKind.TAG: ("core", 2),
    ScopeKind.CURRENCY: ("USD", 3),
}
TABLE = {  # book, B alone, A and B, all in USD
    M.VAR: (50, 30, 70, 100),
    M.VAR_FRACTION: (0.05, 0.03, 0.07, 0.1),
    M.ES: (80, 45, 105, 150),
    M.ES_FRACTION: (0.08, 0.045, 0.105, 0.15),
    M.RISK_SHARE: (None, -0.1, 0.5, 1.0),  # −8 and 48 − 8 of 80
    M.DRAWDOWN: (0.1,),
    M.DAILY_LOSS: (100, -20, 40, 100),
    M.DAILY_LOSS_FRACTION: (100 / 1_100, -20 / 1_100, 40 / 1_100, 100 / 1_100),
    M.TRAILING_LOSS: (200,),  # 1 200 − 1 000
    M.TRAILING_LOSS_FRACTION: (200 / 1_200,),
    M.GROSS_LEVERAGE: (1.0,),
    M.NET_LEVERAGE: (0.6,),  # 400 − 200 + 300 + 100
    M.GROSS_EXPOSURE: (1_000, 200, 600, 1_000),
    M.NET_EXPOSURE: (600, 200, 200, 400),  # in USD the pair's dollars are owed: 500 − 100
    M.HHI: (0.30, 1.0, 5 / 9, 0.30),  # (16 + 4 + 9 + 1)/100, (16 + 4)/36
    M.TOP_N_WEIGHT: (0.7, 0.2, 0.6, 0.7),
    M.POSITION_LOSS: (None, 20, 10, 20),
    M.POSITION_SIZE: (None, 200, 200, 400),
    M.NET_WEIGHT: (None, 0.2, 0.2, 0.4),
    M.GROSS_WEIGHT: (None, 0.2, 0.6, 1.0),
    M.STRESS_LOSS: (150, -10, 10, 150),
    M.STRESS_LOSS_FRACTION: (0.15, -0.01, 0.01, 0.15),
    M.MARGIN_USE: (0.255, 0.06, 0.16, 0.255),
    M.MARGIN_CUSHION: (0.745,),
    M.DAYS_TO_EXIT: (4, 2, 2, 4),
    M.EXIT_SHARE_1D: (0.675, 0.5, 5 / 6, 0.675),  # (400 + 200/2)/600; (400 + 100 + 300/4 + 100)/1 000
    M.SPREAD_FRACTION: (0.00205, 0.002, 0.8 / 600, 0.00205),  # (0.4 + 0.4 + 1.2 + 0.05)/1 000
    M.EXIT_COST_FRACTION: (0.015, 0.002, 0.006, 0.015),
    M.CORRELATION_SHIFT: (1.5,),
    M.ABSORPTION_RATIO: (0.6,),
    M.TURBULENCE: (2.5,),
    M.HEDGE_EFFECTIVENESS: (0.7,),
    M.FEED_LAG_S: (1.25,),
    M.STALE_FRACTION: (0, 0, 0, 0),
    M.MISMATCH_COUNT: (2,),
}
WORST = {  # where a tick since the last measurement was worse: book, B alone, A and B, all in USD
    M.DRAWDOWN: (0.12,),
    M.DAILY_LOSS: (120, -15, 50, 115),  # NAV was 20 lower; positions 5, 5, 0 and 5
    M.DAILY_LOSS_FRACTION: (120 / 1_100, -15 / 1_100, 50 / 1_100, 115 / 1_100),
    M.TRAILING_LOSS: (220,),
    M.TRAILING_LOSS_FRACTION: (220 / 1_200,),
    M.POSITION_LOSS: (None, 25, 20, 35),
}
CASES = [(measure, kind) for measure in Measure for kind in measure.scopes]


def limit_on(measure: Measure, kind: ScopeKind = BOOK, member: str = "", detail: str | None = None) -> Limit:
    text = DETAILS.get(measure, "") if detail is None else detail
    return Limit("l", "L", measure, 1.0, Severity.HIGH, Scope(kind, member), detail=text)


def reading_of(limit: Limit, measured: Measurement = MEASURED) -> LimitReading:
    (reading,) = GaugeBoard((limit,), GROUPS).read(measured)
    return reading


def test_that_the_table_speaks_of_every_measure_on_every_scope() -> None:
    for measure, kind in CASES:
        assert TABLE[measure][PLACES[kind][1]] is not None


@pytest.mark.parametrize(("measure", "kind"), CASES)
def test_that_a_measure_on_a_scope_is_what_the_hand_says(measure: Measure, kind: ScopeKind) -> None:
    member, column = PLACES[kind]
    reading = reading_of(limit_on(measure, kind, member))
    assert reading.members == (member,)
    assert reading.value == pytest.approx([TABLE[measure][column]])
    assert reading.worst == pytest.approx([WORST.get(measure, TABLE[measure])[column]])
    assert reading.is_trusted.tolist() == [True]
    assert reading.reason == ""


@pytest.mark.parametrize(("measure", "kind"), [case for case in CASES if case[1] is not BOOK])
def test_that_each_member_reads_what_it_reads_alone(measure: Measure, kind: ScopeKind) -> None:
    together = reading_of(limit_on(measure, kind))
    assert together.members == GROUPS[kind].labels
    for place, member in enumerate(together.members):
        alone = reading_of(limit_on(measure, kind, member))
        assert (alone.value, alone.worst) == (together.value[place], together.worst[place])


@pytest.mark.parametrize(
    ("measure", "detail", "value"),
    [
        (M.VAR, "historical", 50),
        (M.VAR, "ewma", 55),
        (M.ES, "ewma", 90),
        (M.ES_FRACTION, "ewma", 0.09),
        (M.DRAWDOWN, "high_water_mark", 0.1),
        (M.DRAWDOWN, "day", 1 - 1_000 / 1_100),
        (M.DRAWDOWN, "month", 0.2),
        (M.DRAWDOWN, "start", -0.25),
        (M.TRAILING_LOSS, "5", 0),
        (M.TOP_N_WEIGHT, "1", 0.4),
        (M.TOP_N_WEIGHT, "", 1.0),  # five of four
        (M.TOP_N_WEIGHT, "3", 0.9),
    ],
)
def test_that_the_detail_names_what_is_meant(measure: Measure, detail: str, value: float) -> None:
    assert reading_of(limit_on(measure, detail=detail)).value == pytest.approx([value])


def test_that_a_new_high_has_lost_nothing_though_nav_was_lower_within_the_batch() -> None:
    reading = reading_of(limit_on(M.TRAILING_LOSS, detail="5"))
    assert (reading.value.tolist(), reading.worst.tolist()) == ([0.0], [20.0])


NO_PRICE = replace(
    MEASURED, value=array(400, -200, NAN, 100),
    state=np.array([0, 0, PositionState.UNPRICEABLE, 0], dtype=np.uint8),
)  # fmt: skip
STALE = replace(
    MEASURED,
    state=np.array([0, PositionState.STALE, 0, 0], dtype=np.uint8),
    coverage=Coverage(1, 0.8, 1, 0, 4),
)


@pytest.mark.parametrize(("measure", "kind"), [case for case in CASES if case[1] is ScopeKind.INSTRUMENT])
def test_that_a_member_without_a_price_is_unknown_and_the_others_are_not(
    measure: Measure, kind: ScopeKind
) -> None:
    reading = reading_of(limit_on(measure, kind), NO_PRICE)
    if measure is M.STALE_FRACTION:
        assert reading.value.tolist() == [0, 0, 1, 0]
        return
    assert np.isnan(reading.value).tolist() == [False, False, True, False]
    assert reading.reason == "a price is missing"


def test_that_stale_prices_take_the_trust_from_what_rests_on_them_only() -> None:
    weights = reading_of(limit_on(M.GROSS_WEIGHT, ScopeKind.INSTRUMENT), STALE)
    assert weights.is_trusted.tolist() == [True, False, True, True]
    assert not reading_of(limit_on(M.VAR), STALE).is_trusted.any()
    for measure in (M.STALE_FRACTION, M.FEED_LAG_S, M.MISMATCH_COUNT):
        assert reading_of(limit_on(measure), STALE).is_trusted.all(), "a measure of the data itself"


def test_that_the_stale_share_is_by_exposure_within_each_member() -> None:
    assert reading_of(limit_on(M.STALE_FRACTION), STALE).value == pytest.approx([0.2])
    by_class = reading_of(limit_on(M.STALE_FRACTION, ScopeKind.ASSET_CLASS), STALE)
    assert by_class.value == pytest.approx([200 / 600, 0, 0])


@pytest.mark.parametrize(
    ("limit", "change", "words"),
    [
        (limit_on(M.VAR), {"var": NAN}, "price history is missing"),
        (limit_on(M.VAR, detail="monte carlo t"), {}, "not measured yet"),
        (
            limit_on(M.VAR, ScopeKind.SECTOR),
            {"part_tail": None},
            "price history of some positions is missing",
        ),
        (limit_on(M.RISK_SHARE, ScopeKind.SECTOR), {"var": NAN, "es": NAN}, "price history is missing"),
        (limit_on(M.DAILY_LOSS), {"day_pnl": NAN}, "the reference of the day is not known yet"),
        (
            limit_on(M.DAILY_LOSS, ScopeKind.SECTOR),
            {"position_day_pnl": None},
            "the reference of the day is not known yet",
        ),
        (limit_on(M.DRAWDOWN, detail="month"), {"anchor_nav": {}}, "the NAV to fall from is not known yet"),
        (limit_on(M.TRAILING_LOSS), {"anchor_nav": {}}, "the NAV to fall from is not known yet"),
        (limit_on(M.STRESS_LOSS, detail="war"), {}, "the scenario 'war' is not worked out"),
        (limit_on(M.STRESS_LOSS, ScopeKind.TAG, detail="war"), {}, "the scenario 'war' is not worked out"),
        (limit_on(M.MARGIN_USE), {"market": None}, "not measured yet"),
        (limit_on(M.MARGIN_USE), {"market": MarketFigures()}, "not measured yet"),
        (limit_on(M.TURBULENCE), {"market": MarketFigures()}, "not measured yet"),
        (limit_on(M.EXIT_SHARE_1D), {"market": MarketFigures()}, "the volume of some positions is not known"),
        (limit_on(M.SPREAD_FRACTION), {"market": MarketFigures()}, "no fresh quotes"),
        (limit_on(M.EXIT_COST_FRACTION), {"market": MarketFigures()}, "no fresh quotes"),
        (limit_on(M.HEDGE_EFFECTIVENESS, detail="A/C"), {}, "the pair 'A/C' is not measured"),
        (limit_on(M.FEED_LAG_S), {"feed_lag_s": NAN}, "no tick was heard yet"),
        (
            limit_on(M.MISMATCH_COUNT),
            {"mismatch_count": NAN},
            "the book was not compared with the records yet",
        ),
        (limit_on(M.GROSS_LEVERAGE), {"nav": -5.0}, "NAV is not above zero"),
        (limit_on(M.VAR_FRACTION, ScopeKind.SECTOR), {"nav": -5.0}, "NAV is not above zero"),
        (limit_on(M.ES_FRACTION, detail="ewma"), {"nav": NAN}, "not every position has a price yet"),
        (limit_on(M.STRESS_LOSS_FRACTION), {"nav": -5.0}, "NAV is not above zero"),
        (limit_on(M.GROSS_EXPOSURE), {"nav": NAN}, "not every position has a price yet"),
        (limit_on(M.NET_EXPOSURE), {"nav": NAN}, "not every position has a price yet"),
        (limit_on(M.TRAILING_LOSS), {"nav": NAN}, "not every position has a price yet"),
        (limit_on(M.HHI), {"nav": NAN, "coverage": Coverage()}, "nothing is priced yet"),
        (limit_on(M.VAR, ScopeKind.SECTOR, "Utilities"), {}, "nothing is held there"),
        (limit_on(M.DRAWDOWN, ScopeKind.SECTOR), {}, "drawdown has a meaning for book only"),
    ],
)
def test_that_the_unknown_says_why(limit: Limit, change: dict[str, object], words: str) -> None:
    reading = reading_of(limit, replace(MEASURED, **change))  # type: ignore[arg-type]
    assert np.isnan(reading.value).all()
    assert np.isnan(reading.worst).all()
    assert reading.reason == words


def with_liquidity(**change: np.ndarray) -> Measurement:
    return replace(MEASURED, market=replace(MARKET, liquidity=replace(MARKET.liquidity, **change)))


PARTIAL = [
    (M.DAYS_TO_EXIT, {"days_to_exit": array(0.5, NAN, 4, 1)}, 4, 0.5,
     "the volume of some positions is not known"),
    (M.EXIT_COST_FRACTION, {"exit_cost_base": array(4, NAN, 6, 3)}, 0.013, 0.004,
     "some positions have no fresh quote"),
    (M.SPREAD_FRACTION, {"spread_fraction": array(0.001, NAN, 0.004, 0.0005)}, 1.65 / 800, 0.001,
     "some positions have no fresh quote"),
]  # fmt: skip


@pytest.mark.parametrize(("measure", "change", "book", "equity", "words"), PARTIAL)
def test_that_what_is_known_in_part_is_shown_but_vouches_for_nothing(
    measure: Measure, change: dict[str, np.ndarray], book: float, equity: float, words: str
) -> None:
    measured = with_liquidity(**change)
    for limit, value in (
        (limit_on(measure), book),
        (limit_on(measure, ScopeKind.ASSET_CLASS, "equity"), equity),
    ):
        reading = reading_of(limit, measured)
        assert reading.value == pytest.approx([value])
        assert reading.is_trusted.tolist() == [False]
        assert reading.reason == words
    assert reading_of(limit_on(measure, ScopeKind.ASSET_CLASS, "commodity"), measured).is_trusted.all()


def test_that_what_nobody_trades_takes_for_ever_and_is_known_to() -> None:
    measured = with_liquidity(days_to_exit=array(0.5, math.inf, 4, 1))
    assert reading_of(limit_on(M.DAYS_TO_EXIT), measured).value.tolist() == [math.inf]
    share = reading_of(limit_on(M.EXIT_SHARE_1D, ScopeKind.ASSET_CLASS, "equity"), measured)
    assert share.value == pytest.approx([400 / 600])


def test_that_a_position_sold_today_keeps_its_day_and_has_no_days_to_exit() -> None:
    measured = replace(
        with_liquidity(days_to_exit=array(0.5, NAN, 4, 1)),
        value=array(400, 0, 300, 100), unrealised=array(10, NAN, 30, -40),
    )  # fmt: skip
    assert reading_of(limit_on(M.DAYS_TO_EXIT, ScopeKind.INSTRUMENT, "B"), measured).value.tolist() == [0.0]
    assert reading_of(limit_on(M.POSITION_LOSS, ScopeKind.INSTRUMENT, "B"), measured).value.tolist() == [0.0]
    assert reading_of(limit_on(M.DAILY_LOSS, ScopeKind.INSTRUMENT, "B"), measured).value.tolist() == [-20.0]
    assert reading_of(limit_on(M.DAYS_TO_EXIT), measured).is_trusted.all()


def test_that_tags_nobody_wears_make_a_reading_of_nothing() -> None:
    bare = groups_of(Universe((HELD[2],), 1, ("USD",), (0,), ((),)))
    board = GaugeBoard((limit_on(M.GROSS_WEIGHT, ScopeKind.TAG),), bare)
    (reading,) = board.read(MEASURED)
    assert (reading.members, len(reading.value), reading.reason) == ((), 0, "nothing is held there")


def test_that_a_board_is_a_sequence_of_readings_in_the_limits_order() -> None:
    limits = (limit_on(M.HHI), limit_on(M.GROSS_WEIGHT, ScopeKind.INSTRUMENT), limit_on(M.VAR))
    reading = GaugeBoard(limits, GROUPS).read(MEASURED)
    assert len(reading) == 3
    assert [len(one.value) for one in reading] == [1, 4, 1]
    assert reading[-1].value.tolist() == [50]
    assert [one.value[0] for one in reading[:2]] == pytest.approx([0.3, 0.4])
    assert reading.value.tolist() == pytest.approx([0.3, 0.4, 0.2, 0.3, 0.1, 50])
    with pytest.raises(IndexError):
        reading[3]


SLOW: list[tuple[Limit, str, Callable[[], object]]] = [
    (
        limit_on(M.MARGIN_USE),
        "market",
        lambda: replace(MARKET, margin=replace(MARKET.margin, use_fraction=0.9)),
    ),
    (
        limit_on(M.VAR, detail="ewma"),
        "market",
        lambda: replace(MARKET, var_methods=(MethodFigure("ewma", 99),)),
    ),
    (limit_on(M.STRESS_LOSS), "stress", lambda: {"oil": StressLoss(999, array(1, 1, 1, 1))}),
    (
        limit_on(M.VAR, ScopeKind.SECTOR, "Energy"),
        "part_tail",
        lambda: lambda groups: TailFigures(groups.sums(array(7, 7, 7, 7)), groups.sums(array(7, 7, 7, 7))),
    ),
]


@pytest.mark.parametrize(("limit", "name", "other"), SLOW)
def test_that_slow_figures_are_read_again_when_their_object_changed(
    limit: Limit, name: str, other: Callable[[], object]
) -> None:
    board = GaugeBoard((limit,), GROUPS)
    before = board.read(MEASURED).value.tolist()
    assert board.read(replace(MEASURED, nav=1_001.0)).value.tolist() == before
    assert board.read(replace(MEASURED, **{name: other()})).value.tolist() != before  # type: ignore[arg-type]


def test_that_a_slow_share_of_nav_is_unknown_as_soon_as_nav_is() -> None:
    board = GaugeBoard((limit_on(M.STRESS_LOSS_FRACTION),), GROUPS)
    assert board.read(MEASURED).value.tolist() == [0.15]
    assert np.isnan(board.read(replace(MEASURED, nav=NAN)).value).all()
    assert board.read(MEASURED).value.tolist() == [0.15]


def test_that_tails_of_parts_are_worked_out_once_for_all_limits_that_rest_on_them() -> None:
    n_asked = 0

    def counted(groups: Groups) -> TailFigures:
        nonlocal n_asked
        n_asked += 1
        return part_tail(groups)

    limits = tuple(limit_on(M.VAR, ScopeKind.INSTRUMENT, item.code) for item in HELD) * 25
    board = GaugeBoard(limits, GROUPS)
    measured = replace(MEASURED, part_tail=counted)
    for nav in (1_000.0, 1_001.0, 1_002.0):
        board.read(replace(measured, nav=nav))
    assert n_asked == 1
