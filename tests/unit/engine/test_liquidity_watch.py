"""Spread, walk and days of every position, against figures worked out by hand."""

from dataclasses import replace

import numpy as np
import pytest

from fakes.market_case import MixedCase, shares_now
from plimsoll.domain.market_figures import LiquidityFigures
from plimsoll.domain.tick import DepthBook
from plimsoll.engine.average_volume import spot_turnover_usd
from plimsoll.engine.book_now import BookNow
from plimsoll.engine.depth_board import DepthBoard
from plimsoll.engine.liquidity_watch import WALK_EVERY_NS, WALKS_A_STEP, LiquidityWatch
from plimsoll.engine.universe import Universe
from plimsoll.risk.liquidity import time_to_exit

S = 1_000_000_000
NOW = 1_000 * S
RETURNS = np.random.default_rng(3).standard_normal((60, 1)) * 0.02
Side = tuple[tuple[float, float], ...]
BIDS: Side = ((99.9, 100.0), (99.8, 200.0))
ASKS: Side = ((100.1, 50.0), (100.3, 100.0))


class Case:
    """Shares at 100, with whatever books are told."""

    def __init__(
        self,
        *quantity: float,
        volume: float | None = 1e6,
        returns: np.ndarray = RETURNS,
        participation: float = 0.2,
    ) -> None:
        n = len(quantity)
        self.universe, book = shares_now(np.repeat(returns, n, axis=1), list(quantity))
        mark = np.full(n, 100.0)
        self.book = replace(book, mark=mark, value=np.array(quantity) * mark)
        self.board = DepthBoard(self.universe.codes, 10 * S)
        self.watch = LiquidityWatch(self.universe, self.board, participation)
        self.watch.use_volumes(None if volume is None else np.full(n, volume))

    def tell(self, number: int = 0, bids: Side = BIDS, asks: Side = ASKS, heard_ns: int = NOW) -> None:
        self.board.take([DepthBook(self.universe.codes[number], bids, asks, heard_ns, heard_ns)])

    def figures(self, now_ns: int = NOW) -> LiquidityFigures:
        while self.watch.walk(now_ns, self.book):
            pass
        return self.watch.figures(now_ns, self.book)


def test_that_a_position_within_the_best_level_pays_half_the_spread() -> None:
    case = Case(80.0)
    case.tell()
    figures = case.figures()
    assert figures.spread_fraction[0] == pytest.approx(0.2 / 100.0)
    assert figures.exit_cost_base[0] == pytest.approx(0.1 * 80.0)
    assert figures.is_by_depth.tolist() == [True]
    assert case.watch.n_walks == 0


@pytest.mark.parametrize(
    ("quantity", "cost"),
    [
        (250.0, 100 * 0.1 + 150 * 0.2),  # sold to the bids
        (-120.0, 50 * 0.1 + 70 * 0.3),  # bought back from the asks
    ],
)
def test_that_a_larger_position_walks_down_the_levels_of_its_own_side(quantity: float, cost: float) -> None:
    case = Case(quantity)
    case.tell()
    figures = case.figures()
    assert figures.exit_cost_base[0] == pytest.approx(cost)
    assert figures.is_by_depth.tolist() == [True]
    assert "0 positions exceed" in figures.words


def test_that_beyond_the_visible_book_the_rest_pays_the_square_root_impact_and_says_so() -> None:
    case = Case(10_000.0)
    case.tell()
    figures = case.figures()
    sigma = RETURNS[:, 0].std(ddof=1)
    impact = sigma * np.sqrt(10_000.0 / 1e6)
    expected = 100 * 0.1 + 200 * 0.2 + 9_700 * max(100.0 * impact, 0.2)
    assert figures.exit_cost_base[0] == pytest.approx(expected)
    assert figures.is_by_depth.tolist() == [False]
    assert "1 positions exceed what it shows" in figures.words


def test_that_the_rest_has_no_cost_without_a_volume_or_a_history() -> None:
    for case in (
        Case(10_000.0, volume=None),
        Case(10_000.0, volume=0.0),
        Case(10_000.0, returns=RETURNS[:0]),
    ):
        case.tell()
        figures = case.figures()
        assert np.isnan(figures.exit_cost_base[0])
        assert figures.spread_fraction[0] == pytest.approx(0.002)
        assert not figures.is_by_depth[0]


def test_that_what_history_has_price_changes_of_has_no_impact_law() -> None:
    case = Case(10_000.0)
    case.book.matrix.is_absolute[0] = True
    case.tell()
    assert np.isnan(case.figures().exit_cost_base[0])


def test_that_without_a_fresh_two_sided_book_spread_and_cost_are_unknown() -> None:
    silent, one_sided, crossed, old = (Case(80.0) for _ in range(4))
    one_sided.tell(asks=())
    crossed.tell(bids=((101.0, 1.0),))
    old.tell(heard_ns=NOW - 11 * S)
    for case in (silent, one_sided, crossed, old):
        figures = case.figures()
        assert np.isnan([figures.spread_fraction[0], figures.exit_cost_base[0]]).all()
        assert not figures.is_by_depth[0]
        assert figures.days_to_exit[0] == pytest.approx(80.0 / 2e5)


def test_that_a_walk_lapses_with_the_quote_and_with_the_position() -> None:
    case = Case(250.0)
    case.tell()
    assert np.isfinite(case.figures().exit_cost_base[0])
    assert np.isnan(case.figures(NOW + 11 * S).exit_cost_base[0])
    case.book = replace(case.book, quantity=np.array([280.0]))
    assert np.isnan(case.watch.figures(NOW, case.book).exit_cost_base[0])
    assert case.figures(NOW + S).exit_cost_base[0] == pytest.approx(100 * 0.1 + 180 * 0.2)


def test_that_a_quote_that_went_away_before_its_turn_is_not_walked() -> None:
    n = WALKS_A_STEP + 1
    case = Case(*[250.0] * n)
    for number in range(n):
        case.tell(number)
    assert case.watch.walk(NOW, case.book)
    case.tell(n - 1, asks=())
    assert case.watch.walk(NOW, case.book)
    assert case.watch.n_walks == n - 1
    assert np.isnan(case.watch.figures(NOW, case.book).exit_cost_base[n - 1])


def test_that_a_step_walks_few_books_the_oldest_first_and_each_once_in_a_while() -> None:
    n = 2 * WALKS_A_STEP + 5
    case = Case(*[250.0] * n)
    for number in range(n):
        case.tell(number)
    for walked in (WALKS_A_STEP, 2 * WALKS_A_STEP, n):
        assert case.watch.walk(NOW, case.book)
        assert case.watch.n_walks == walked
    assert not case.watch.walk(NOW + WALK_EVERY_NS - 1, case.book)
    assert np.isfinite(case.watch.figures(NOW, case.book).exit_cost_base).all()
    assert case.watch.walk(NOW + WALK_EVERY_NS + S, case.book)


def test_that_levels_of_unreadable_size_are_no_liquidity() -> None:
    case = Case(250.0)
    case.tell(bids=((99.9, np.nan), (99.8, 300.0)))
    assert case.figures().exit_cost_base[0] == pytest.approx(250.0 * 0.2)


def test_that_days_to_exit_follow_volume_and_participation() -> None:
    assert Case(50_000.0).figures().days_to_exit.tolist() == [0.25]
    assert Case(-50_000.0, participation=0.1).figures().days_to_exit.tolist() == [0.5]
    assert Case(50_000.0, volume=0.0).figures().days_to_exit.tolist() == [np.inf]
    assert Case(0.0, volume=0.0).figures().days_to_exit.tolist() == [0.0]
    assert np.isnan(Case(50_000.0, volume=None).figures().days_to_exit).all()


def test_that_the_share_out_in_a_day_is_the_inverse_of_the_time_to_exit() -> None:
    case = Case(600_000.0, -100_000.0, 50_000.0)
    figures = case.figures()
    share = figures.exit_share_1d
    # 600 000 take 3 days: a third is out; the others within the day
    assert share == pytest.approx((200e3 + 100e3 + 50e3) / 750e3)
    assert time_to_exit(case.book.value, figures.days_to_exit, shares=[share])[0] == pytest.approx(1.0)
    assert figures.known_fraction == 1.0


@pytest.mark.parametrize(("unknown", "share"), [(50.0, 0.95), (250.0, 0.75), (260.0, np.nan)])
def test_that_what_has_no_volume_counts_as_staying_and_much_of_it_leaves_the_share_unknown(
    unknown: float, share: float
) -> None:
    case = Case(1000.0 - unknown, unknown)
    case.watch.use_volumes(np.array([1e6, np.nan]))
    figures = case.figures()
    assert figures.known_fraction == pytest.approx(1.0 - unknown / 1000.0)
    assert figures.exit_share_1d == pytest.approx(share, nan_ok=True)


def test_that_a_position_without_a_price_lowers_what_is_known() -> None:
    case = Case(10.0, 10.0)
    case.book = replace(case.book, value=np.array([1000.0, np.nan]))
    figures = case.figures()
    assert figures.known_fraction == 0.5
    assert np.isnan(figures.exit_share_1d)


def test_that_an_empty_or_flat_book_has_no_share_to_exit() -> None:
    assert np.isnan(Case(0.0).figures().exit_share_1d)
    universe = Universe((), 0, ("USD",), (), ((),))
    _, book = shares_now(RETURNS, [1.0])
    nothing = replace(book, quantity=np.empty(0), value=np.empty(0))
    figures = LiquidityWatch(universe, DepthBoard((), 1), 0.2).figures(NOW, nothing)
    assert figures.days_to_exit.shape == (0,)
    assert np.isnan(figures.known_fraction)


def quoted(case: MixedCase, code: str, bid: float, ask: float) -> tuple[LiquidityFigures, BookNow]:
    board = DepthBoard(case.universe.codes[: case.universe.n_held], 10 * S)
    board.take([DepthBook(code, ((bid, 8.0),), ((ask, 8.0),), NOW, NOW)])
    watch = LiquidityWatch(case.universe, board, 0.2)
    watch.use_volumes(np.full(len(case.universe.instruments), np.nan))
    assert not watch.walk(NOW, case.now)
    return watch.figures(NOW, case.now), case.now


def test_that_a_contract_quoted_without_a_size_pays_half_the_spread_in_base_money() -> None:
    case = MixedCase()
    figures, book = quoted(case, "GER40", 13_099.0, 13_101.0)
    euro = book.fx[case.universe.currencies.index("EUR")]
    number = case.number("GER40")
    assert figures.exit_cost_base[number] == pytest.approx(4 * 25.0 * 1.0 * euro)
    assert not figures.is_by_depth[number]
    assert np.isnan(figures.days_to_exit[number])


def test_that_a_currency_pays_the_impact_of_its_turnover_where_that_is_more_than_half_the_spread() -> None:
    case = MixedCase()
    number = case.number("EURUSD")
    turnover = spot_turnover_usd(case.universe.instruments[number])
    value = 500_000 * 1.085
    sigma = case.now.matrix.rows[number].std(ddof=1)
    impact = value * sigma * np.sqrt(value / turnover)
    tight, _ = quoted(case, "EURUSD", 1.085, 1.085)
    assert tight.exit_cost_base[number] == pytest.approx(impact)
    wide, _ = quoted(case, "EURUSD", 1.08, 1.09)
    assert wide.exit_cost_base[number] == pytest.approx(500_000 * 0.005)
    assert wide.exit_cost_base[number] > impact
    assert tight.days_to_exit[number] == pytest.approx(value / (0.2 * turnover))


def test_that_a_survey_in_dollars_tells_nothing_to_a_book_without_a_dollar_rate() -> None:
    case = MixedCase()
    euros = replace(case.universe, currencies=("EUR", *case.universe.currencies[1:]))
    board = DepthBoard(euros.codes, 10 * S)
    board.take([DepthBook("EURUSD", ((1.084, 8.0),), ((1.086, 8.0),), NOW, NOW)])
    watch = LiquidityWatch(euros, board, 0.2)
    figures = watch.figures(NOW, case.now)
    number = case.number("EURUSD")
    assert np.isnan(figures.days_to_exit[number])
    assert figures.exit_cost_base[number] == pytest.approx(500_000 * 0.001)


def test_that_a_price_below_zero_measures_no_spread() -> None:
    case = MixedCase()
    figures, _ = quoted(case, "USOIL", -3.1, -3.0)
    number = case.number("USOIL")
    assert np.isnan([figures.spread_fraction[number], figures.exit_cost_base[number]]).all()


def test_that_the_columns_handed_out_cannot_be_written() -> None:
    figures = Case(1.0).figures()
    for column in (
        figures.days_to_exit,
        figures.spread_fraction,
        figures.exit_cost_base,
        figures.is_by_depth,
    ):
        assert not column.flags.writeable
