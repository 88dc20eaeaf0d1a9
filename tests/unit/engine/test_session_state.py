"""Silence in a closed market is closed, in an open one stale; a halt is neither."""

import numpy as np
import pytest

from plimsoll.domain.feed_status import MarketClock
from plimsoll.domain.instrument import AssetClass, Instrument, Settlement
from plimsoll.domain.session import SessionTable, Venue, VenueSessions
from plimsoll.domain.snapshot import PositionState
from plimsoll.engine.halt_watch import Halt
from plimsoll.engine.session_state import SessionState
from plimsoll.engine.universe import Universe

S = 1_000_000_000
NOW_NS = 1_000 * S
PRICED, STALE, CLOSED, HALTED, UNPRICEABLE = PositionState
_F = Settlement.FUNDED
APPLE, EXXON, TENCENT, BITCOIN, RATE = range(5)
INSTRUMENTS = (
    Instrument("AAPL.US", "Apple", AssetClass.EQUITY, "USD", _F),
    Instrument("XOM.US", "Exxon", AssetClass.EQUITY, "USD", _F),
    Instrument("700.HK", "Tencent", AssetClass.EQUITY, "HKD", _F),
    Instrument("BTCUSDT", "Bitcoin", AssetClass.CRYPTO, "USD", _F),
    Instrument("USDHKD", "Dollar in Hong Kong dollars", AssetClass.FX, "HKD", Settlement.UNFUNDED),
)
UNIVERSE = Universe(INSTRUMENTS, 4, ("USD", "HKD"), (0, 0, 1, 0, 1), ((), ((RATE, -1),)))
US_OPEN = SessionTable(
    {
        Venue.US_STOCK: VenueSessions((900 * S,), (1_100 * S,), 0, 10_000 * S),
        Venue.HONG_KONG_STOCK: VenueSessions((100 * S,), (200 * S,), 0, 10_000 * S),
        Venue.FX: VenueSessions((0,), (1_050 * S,), 0, 10_000 * S),
    }
)


def states_of(
    state: SessionState,
    *,
    silent: tuple[int, ...] = (),
    halted: tuple[int, ...] = (),
    unpriceable: tuple[int, ...] = (),
    fixed: tuple[int, ...] = (),
    now_ns: int = NOW_NS,
) -> list[int]:
    heard = np.full(5, now_ns - S)
    heard[list(silent)] = now_ns - 16 * S
    value = np.full(4, 1.0)
    value[list(unpriceable)] = np.nan
    halt = np.zeros(5, dtype=np.uint8)
    halt[list(halted)] = Halt.HALTED
    is_fixed = np.isin(np.arange(5), fixed)
    return state.states(value=value, heard_ns=heard, is_fixed=is_fixed, halt=halt, now_ns=now_ns).tolist()


@pytest.fixture
def state() -> SessionState:
    made = SessionState(UNIVERSE)
    made.use(US_OPEN)
    return made


def test_that_silence_is_closed_where_the_market_is_and_stale_where_it_is_not(state: SessionState) -> None:
    assert states_of(state) == [PRICED] * 4
    assert states_of(state, silent=(APPLE, TENCENT, BITCOIN)) == [STALE, PRICED, CLOSED, STALE]


def test_that_what_ticks_after_hours_is_priced(state: SessionState) -> None:
    assert states_of(state, silent=(APPLE,), now_ns=1_200 * S)[:3] == [CLOSED, PRICED, PRICED]


def test_that_before_the_table_is_there_silence_is_stale() -> None:
    assert states_of(SessionState(UNIVERSE), silent=(TENCENT,)) == [PRICED, PRICED, STALE, PRICED]


def test_that_a_stale_rate_makes_what_it_converts_stale_and_a_closed_one_does_not(
    state: SessionState,
) -> None:
    assert states_of(state, silent=(RATE,)) == [PRICED, PRICED, STALE, PRICED]
    assert states_of(state, silent=(TENCENT, RATE)) == [PRICED, PRICED, STALE, PRICED]
    assert states_of(state, silent=(RATE,), now_ns=1_060 * S) == [PRICED] * 4


def test_that_a_halt_outranks_silence_while_the_venue_is_heard_and_only_in_its_session(
    state: SessionState,
) -> None:
    assert states_of(state, halted=(APPLE,)) == [HALTED, PRICED, PRICED, PRICED]
    assert states_of(state, halted=(APPLE,), silent=(APPLE,)) == [HALTED, PRICED, PRICED, PRICED]
    assert states_of(state, halted=(APPLE,), silent=(APPLE, EXXON)) == [STALE, STALE, PRICED, PRICED]
    assert states_of(state, halted=(TENCENT,)) == [PRICED] * 4


def test_that_unpriceable_outranks_all_and_a_price_by_decree_is_never_stale(state: SessionState) -> None:
    assert states_of(state, silent=(APPLE, EXXON), unpriceable=(APPLE,), fixed=(EXXON,))[:2] == [
        UNPRICEABLE,
        PRICED,
    ]


def test_that_sessions_follow_the_replayed_time(state: SessionState) -> None:
    clock = MarketClock(exchange_start_ns=950 * S, wall_start_ns=5_000 * S, speed=100.0)
    state.follow_clock(clock)
    assert state.exchange_ns(5_001 * S) == 1_050 * S
    assert state.is_open(5_001 * S)[:2].tolist() == [True, True]
    assert state.is_open(5_001 * S + S // 2 - 1)[APPLE]
    assert not state.is_open(5_001 * S + S // 2)[APPLE]


def test_that_open_markets_are_looked_up_at_boundaries_only(
    state: SessionState, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []
    whole = SessionTable.is_open
    monkeypatch.setattr(
        SessionTable, "is_open", lambda self, venue, at: asked.append(at) or whole(self, venue, at)
    )
    for at in range(1_000, 1_200):
        state.is_open(at * S)
    assert sorted(set(asked)) == [1_000 * S, 1_050 * S, 1_100 * S]


def test_that_it_names_the_venues_whose_sessions_it_wants(state: SessionState) -> None:
    assert set(state.venues) == {Venue.US_STOCK, Venue.HONG_KONG_STOCK, Venue.ALWAYS, Venue.FX}
