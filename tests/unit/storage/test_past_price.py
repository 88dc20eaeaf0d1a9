"""A price of the past is the newest tick of its time, else the session's last, else a close, else unknown."""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from plimsoll.domain.tick import QUOTE, TICK_DTYPE, TRADE
from plimsoll.storage.past_price import PastPrices, session_end_before
from plimsoll.storage.tick_archive import TickArchiveWriter

CODES = ("A.US", "B.US", "LAGS.US")
S_NS = 1_000_000_000


def at(day: int, hour: int, minute: int = 0, second: int = 0) -> int:
    """Return an instant of February 2020 by New York's winter clock."""
    moment = datetime(2020, 2, day, hour + 5, minute, second, tzinfo=UTC)
    return int(moment.timestamp()) * S_NS


def archive(directory: Path, *ticks: tuple[int, int, int, float, float]) -> Path:
    """Keep (kind, instrument, exchange time, price, ask) in a segment."""
    rows = np.zeros(len(ticks), TICK_DTYPE)
    for place, (kind, instrument, exchange_ns, price, ask) in enumerate(ticks):
        rows[place] = (kind, instrument, price, ask, 1.0, 1.0, exchange_ns, exchange_ns, place)
    writer = TickArchiveWriter(directory, CODES, source="test")
    writer.append(rows)
    writer.close()
    return directory


def test_that_the_mid_of_the_newest_quote_counts_else_the_newest_trade(tmp_path: Path) -> None:
    now = at(24, 10)
    prices = PastPrices(
        archive(
            tmp_path,
            (QUOTE, 0, now - 9 * S_NS, 10.0, 10.2),
            (TRADE, 1, now - 8 * S_NS, 50.0, np.nan),
            (TRADE, 0, now - 5 * S_NS, 11.0, np.nan),
            (QUOTE, 0, now - 4 * S_NS, 10.9, 10.8),  # crossed
            (TRADE, 1, now + S_NS, 99.0, np.nan),
        ),
        {},
    )
    assert prices.price_at("A.US", now) == pytest.approx(10.1)
    assert prices.price_at("B.US", now) == 50.0
    assert prices.price_at("A.US", now - 10 * S_NS) == pytest.approx(10.1)  # the first there is
    assert np.isnan(prices.price_at("A.US", now - 16 * 60 * S_NS))
    assert np.isnan(prices.price_at("C.US", now))


def test_that_a_tick_stands_a_quarter_of_an_hour_and_the_session_s_last_until_the_morning(
    tmp_path: Path,
) -> None:
    prices = PastPrices(archive(tmp_path, (TRADE, 0, at(21, 15, 55), 10.0, np.nan)), {})
    assert prices.price_at("A.US", at(21, 16, 10)) == 10.0
    for later in (at(21, 16, 20), at(22, 12), at(23, 12), at(24, 9, 29)):  # the evening and the weekend
        assert prices.price_at("A.US", later) == 10.0
    assert np.isnan(prices.price_at("A.US", at(24, 9, 31)))


def test_that_the_close_of_the_day_stands_in_where_no_tick_was_kept(tmp_path: Path) -> None:
    days = np.array([18316, 18317], dtype=np.int64)  # 2020-02-24 and 25
    prices = PastPrices(tmp_path / "none", {"A.US": (days, np.array([20.0, 21.0]))})
    assert prices.price_at("A.US", at(24, 11)) == 20.0
    assert prices.price_at("A.US", at(23, 11)) == 20.0  # Sunday: Monday's
    assert prices.price_at("A.US", at(25, 18)) == 21.0
    assert np.isnan(prices.price_at("A.US", at(26, 11)))


def test_that_a_tick_is_found_across_segments_blocks_and_ticks_that_lag(tmp_path: Path) -> None:
    begin = at(24, 10)
    n = 40_000
    rows = np.zeros(n, TICK_DTYPE)
    rows["kind"], rows["ask"] = TRADE, np.nan
    rows["instrument"] = 1
    rows["exchange_time_ns"] = begin + np.arange(n) * (S_NS // 20)
    rows["exchange_time_ns"][::100] -= 30 * S_NS
    rows["instrument"][::100] = 2
    rows["price"] = np.arange(n)
    rows["instrument"][7] = 0
    writer = TickArchiveWriter(tmp_path, CODES, largest_segment=1)
    for part in np.split(rows, [15_000, 30_000]):
        writer.append(part)
        writer.flush()
    writer.close()
    prices = PastPrices(tmp_path, {})
    assert prices.price_at("A.US", begin + 600 * S_NS) == 7.0
    assert prices.price_at("B.US", begin + 700 * S_NS) == 13_999.0
    assert prices.price_at("B.US", begin + 1600 * S_NS + S_NS // 20) == 32_001.0
    assert prices.price_at("B.US", begin + 1600 * S_NS - 1) == 31_999.0


def test_that_an_accelerated_market_s_disorder_hides_no_tick(tmp_path: Path) -> None:
    begin, n = at(24, 10), 20_000
    rows = np.zeros(n, TICK_DTYPE)
    rows["kind"], rows["ask"], rows["price"] = TRADE, np.nan, np.arange(n)
    rows["instrument"] = np.arange(n) % 2
    # Two connections: what arrives together is twenty minutes of the market apart.
    rows["exchange_time_ns"] = begin + np.arange(n) * S_NS // 2 + (np.arange(n) % 2) * 1200 * S_NS
    writer = TickArchiveWriter(tmp_path, CODES)
    writer.append(rows)
    writer.close()
    prices = PastPrices(tmp_path, {})
    for second in (1300, 2000, 5000):
        instant = begin + second * S_NS
        for instrument, code in enumerate(CODES[:2]):
            mine = rows[(rows["instrument"] == instrument) & (rows["exchange_time_ns"] <= instant)]
            assert prices.price_at(code, instant) == mine["price"][-1]


def test_that_an_instant_of_the_session_is_its_own_end() -> None:
    assert session_end_before(at(24, 12)) == at(24, 12)
    assert session_end_before(at(24, 9)) == at(21, 16)
    assert session_end_before(at(24, 18)) == at(24, 16)
