"""Leads today's book through a window of the past: path, drawdown, recovery, tail and who caused it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plimsoll.domain.crisis_window import CrisisWindow, date_of
from plimsoll.domain.method import RiskMethod
from plimsoll.domain.stand_in import StandIn
from plimsoll.domain.stress_result import PartReplay, PositionReplay, ReplayRoad, StressResult
from plimsoll.engine.crisis_method import crisis_figures
from plimsoll.engine.crisis_proxy import StandIns
from plimsoll.engine.study_book import StudyBook
from plimsoll.engine.study_history import MAX_CARRY_DAYS, StudyHistory
from plimsoll.risk.errors import NotPositive
from plimsoll.risk.stress import Replay, replay_of_path

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]


@dataclass(slots=True)
class _Roads:
    """How each position, and each currency, goes through one window."""

    road: list[ReplayRoad]
    stand_in: list[StandIn | None]
    proxy: list[int]
    weight: FloatArray
    fx_still: list[int]


class CrisisReplay:
    """Replays of one book over one history; pure, the same figures at every run.

    Quantities are held still and nothing is rebalanced. A position goes by its own prices, relative to the
    window's start; by price changes where one of them is at or below zero; by beta times a stand-in on the
    days it had no price; or stands still, its currency apart, and says so. The path carries the stand-in's
    expected move only; what it does not explain is stated as a deviation and drawn into VaR and ES.

    Parameters
    ----------
    book : StudyBook
        Today's.
    history : StudyHistory
        With a column for each position and each pair that converts.
    method : RiskMethod
        The confidences of VaR and ES.
    """

    def __init__(self, book: StudyBook, history: StudyHistory, method: RiskMethod) -> None:
        self._book = book
        self._history = history
        self._method = method
        self._stand_ins = StandIns(history)
        self._column = {code: number for number, code in enumerate(history.codes)}
        self._columns = np.array([self._column[code] for code in book.codes], dtype=np.int64)
        self._may_dip = np.array([history.instruments[c].may_be_negative for c in self._columns.tolist()])

    def over(self, window: CrisisWindow) -> StressResult:
        """Return today's book led through a window; a result with a refusal where it cannot be."""
        start, end = self._history.row_at(window.start_day), self._history.row_at(window.end_day)
        refusal = self._refusal(window, start, end)
        if refusal:
            return StressResult(window, refusal)
        roads = self._roads(start, end)
        moves = [
            road for road, exposure in zip(roads.road, self._book.exposure.tolist(), strict=True) if exposure
        ]
        if moves and all(road is ReplayRoad.STILL for road in moves):
            return StressResult(window, "no position had a price in it, or a stand-in that had")
        last = self._last_row(roads, end)
        gains, growth = self._gains(roads, start, last), self._fx_growth(roads, start, last)
        path = self._book.pnl(gains, roads.weight, growth)
        replay = self._replay(path, end - start + 1)
        rows = np.array([replay.peak, replay.trough, end - start])
        return self._result(window, (start, end), roads, replay, path, (gains[rows], growth[rows]))

    def _refusal(self, window: CrisisWindow, start: int, end: int) -> str:
        days = self._history.days
        if not len(days):
            return "there is no history at all"
        if start < 0 or window.start_day - int(days[start]) > MAX_CARRY_DAYS:
            return f"no history at its start: the first close is of {date_of(int(days[0]))}"
        if window.end_day - int(days[end]) > MAX_CARRY_DAYS:
            return f"no history at its end: the last close is of {date_of(int(days[end]))}"
        return "no trading day lay in it" if start == end else ""

    def _roads(self, start: int, end: int) -> _Roads:
        book, history = self._book, self._history
        prices = history.closes[start : end + 1, self._columns]
        is_own: BoolArray = np.logical_and.reduce(np.isfinite(prices), axis=0)
        is_own &= ~np.logical_or.reduce(history.is_seam[start + 1 : end + 1, self._columns], axis=0)
        dips: BoolArray = np.logical_or.reduce(prices <= 0.0, axis=0)
        n = len(book.codes)
        roads = _Roads([ReplayRoad.STILL] * n, [None] * n, [-1] * n, book.exposure.copy(), [])
        for number, column in enumerate(self._columns.tolist()):
            if not book.is_priced[number]:
                roads.stand_in[number] = StandIn(book.codes[number], reason="it has no price now")
            elif is_own[number] and (self._may_dip[number] or not dips[number]):
                roads.road[number] = ReplayRoad.CHANGE if dips[number] else ReplayRoad.OWN
            else:
                chosen, proxy = self._stand_ins.choice(column, slice(start + 1, end + 1))
                roads.stand_in[number], roads.proxy[number] = chosen, proxy
                roads.road[number] = ReplayRoad.PROXY if proxy >= 0 else ReplayRoad.STILL
        by_change = np.array([road is ReplayRoad.CHANGE for road in roads.road], dtype=np.bool_)
        roads.weight[by_change] = book.money_per_point[by_change]
        for number, route in enumerate(book.routes):
            columns = [self._column[code] for code, _ in route or ()]
            rates = history.closes[start : end + 1, columns]
            seams = history.is_seam[start + 1 : end + 1, columns]
            if route is None or seams.any() or not (np.isfinite(rates) & (rates > 0.0)).all():
                roads.fx_still.append(number)
        return roads

    def _last_row(self, roads: _Roads, end: int) -> int:
        """Return the last row on which all that moved in the window still has a price."""
        history = self._history
        own = [
            column
            for column, road in zip(self._columns.tolist(), roads.road, strict=True)
            if road in (ReplayRoad.OWN, ReplayRoad.CHANGE)
        ]
        for number, route in enumerate(self._book.routes):
            if route is not None and number not in roads.fx_still:
                own.extend(self._column[code] for code, _ in route)
        rows = slice(end + 1, None)
        is_there: BoolArray = np.logical_and.reduce(
            np.isfinite(history.closes[rows, own]) & ~history.is_seam[rows, own], axis=1
        )
        known = np.isfinite(self._stand_ins.returns[rows])
        for column, proxy in zip(self._columns.tolist(), roads.proxy, strict=True):
            if proxy >= 0:
                is_there &= known[:, column] | known[:, proxy]
        return end + (len(is_there) if is_there.all() else int(is_there.argmin()))

    def _gains(self, roads: _Roads, start: int, last: int) -> FloatArray:
        """Return each position's gain since the start, shape (n_rows, n_held); 0 for one held still."""
        prices = self._history.closes[start : last + 1, self._columns]
        gains = np.zeros_like(prices)
        is_own = np.array([road is ReplayRoad.OWN for road in roads.road], dtype=np.bool_)
        by_change = np.array([road is ReplayRoad.CHANGE for road in roads.road], dtype=np.bool_)
        np.divide(prices, prices[0], out=gains, where=is_own)
        np.subtract(gains, 1.0, out=gains, where=is_own)
        np.subtract(prices, prices[0], out=gains, where=by_change)
        rows = slice(start + 1, last + 1)
        for number, proxy in enumerate(roads.proxy):
            if proxy >= 0:
                beta = self._beta(roads, number)
                returns = self._stand_ins.fill(int(self._columns[number]), proxy, beta, rows)
                gains[1:, number] = np.cumprod(1.0 + returns) - 1.0
        return gains

    def _fx_growth(self, roads: _Roads, start: int, last: int) -> FloatArray:
        growth = np.ones((last - start + 1, len(self._book.currencies)))
        for number, route in enumerate(self._book.routes):
            if route is not None and number not in roads.fx_still:
                for code, power in route:
                    rate = self._history.closes[start : last + 1, self._column[code]]
                    growth[:, number] *= (rate / rate[0]) ** power
        return growth

    def _replay(self, path: FloatArray, n_window: int) -> Replay:
        try:
            return replay_of_path(path, equity=self._book.nav, n_window=n_window)
        except NotPositive:
            return replay_of_path(path, n_window=n_window)

    def _result(
        self,
        window: CrisisWindow,
        span: tuple[int, int],
        roads: _Roads,
        replay: Replay,
        path: FloatArray,
        at: tuple[FloatArray, FloatArray],
    ) -> StressResult:
        book, (start, end) = self._book, span
        days = self._history.days[start : start + len(path)]
        # The path is shown as far as it was searched: to the recovery, or to the last day with prices.
        shown = len(path) if replay.recovery is None else max(replay.recovery, end - start) + 1
        steps = np.diff(replay.pnl)
        worst = int(steps.argmin())
        positions = _positions(book, roads, book.position_pnl(at[0], roads.weight, at[1]))
        return StressResult(
            window=window,
            days=days[:shown].copy(),
            pnl_base=path[:shown].copy(),
            n_window=end - start + 1,
            drawdown_base=replay.depth,
            drawdown_fraction=float("nan") if replay.depth_fraction is None else replay.depth_fraction,
            peak_day=int(days[replay.peak]),
            trough_day=int(days[replay.trough]),
            recovery_day=None if replay.recovery is None else int(days[replay.recovery]),
            searched_until_day=int(days[replay.last_day]),
            worst_day=int(days[worst + 1]),
            worst_day_pnl_base=float(steps[worst]),
            pnl_end_base=float(replay.pnl[-1]),
            methods=crisis_figures(self._daily_pnl(roads, start, end), self._method),
            positions=positions,
            sectors=_sectors(positions),
            cash=_cash(book, at[1]),
            proxy_fraction=_share(book, roads, ReplayRoad.PROXY),
            still_fraction=_share(book, roads, ReplayRoad.STILL),
            residual_base=self._residual(roads, start, start + replay.trough),
            fx_still=tuple(
                book.currencies[number] for number in roads.fx_still if book.uses_currency(number)
            ),
        )

    def _daily_pnl(self, roads: _Roads, start: int, end: int) -> FloatArray:
        """Return what today's exposures earn on each day of the window, residuals drawn, shape (n_days,)."""
        rows = slice(start + 1, end + 1)
        prices = self._history.closes[start : end + 1, self._columns]
        by_change = np.array([road is ReplayRoad.CHANGE for road in roads.road], dtype=np.bool_)
        is_own = np.array([road is ReplayRoad.OWN for road in roads.road], dtype=np.bool_)
        gains = np.where(is_own, self._stand_ins.returns[rows, self._columns], 0.0)
        gains[:, by_change] = np.diff(prices[:, by_change], axis=0)
        for number, proxy in enumerate(roads.proxy):
            if proxy >= 0:
                gains[:, number] = self._stand_ins.residuals(int(self._columns[number]), proxy, rows)
        growth = self._fx_growth(roads, start, end)
        return self._book.pnl(gains, roads.weight, growth[1:] / growth[:-1])

    def _residual(self, roads: _Roads, start: int, trough: int) -> float:
        """Return one deviation of what the proxies leave open from the start to the trough."""
        missing = ~np.isfinite(self._stand_ins.returns[start + 1 : trough + 1])
        variance = 0.0
        for number, (road, stand_in) in enumerate(zip(roads.road, roads.stand_in, strict=True)):
            if road is ReplayRoad.PROXY and stand_in is not None:
                n_days = int(missing[:, self._columns[number]].sum())
                deviation = float(self._book.exposure[number]) * stand_in.residual_volatility
                variance += n_days * deviation**2
        return float(np.sqrt(variance))

    @staticmethod
    def _beta(roads: _Roads, number: int) -> float:
        stand_in = roads.stand_in[number]
        return float("nan") if stand_in is None else stand_in.beta


def _positions(book: StudyBook, roads: _Roads, pnl: FloatArray) -> tuple[PositionReplay, ...]:
    """Return every position's part; `pnl` holds the rows peak, trough and end of the window."""
    return tuple(
        PositionReplay(code, sector, float(at_end), float(peak - trough), road, stand_in)
        for code, sector, peak, trough, at_end, road, stand_in in zip(
            book.codes, book.sectors, *pnl, roads.road, roads.stand_in, strict=True
        )
    )


def _sectors(positions: tuple[PositionReplay, ...]) -> tuple[PartReplay, ...]:
    names = sorted({part.sector for part in positions})
    parts = [
        PartReplay(
            name,
            sum(part.pnl_base for part in positions if part.sector == name),
            sum(part.drawdown_part_base for part in positions if part.sector == name),
        )
        for name in names
    ]
    return tuple(sorted(parts, key=lambda part: -part.drawdown_part_base))


def _cash(book: StudyBook, growth: FloatArray) -> tuple[PartReplay, ...]:
    pnl = book.cash * (growth - 1.0)
    return tuple(
        PartReplay(currency, float(pnl[2, number]), float(pnl[0, number] - pnl[1, number]))
        for number, currency in enumerate(book.currencies)
        if book.cash[number] != 0.0
    )


def _share(book: StudyBook, roads: _Roads, road: ReplayRoad) -> float:
    """Return the share of gross exposure that took one road; NaN for a book without any."""
    chosen = np.array([one is road for one in roads.road], dtype=np.bool_)
    return float(np.abs(book.exposure[chosen]).sum()) / book.gross if book.gross else float("nan")
