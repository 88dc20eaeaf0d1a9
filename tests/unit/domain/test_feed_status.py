import math

from plimsoll.domain.feed_status import FeedState, FeedStatus, MarketClock


def test_that_the_lag_of_a_connection_is_unknown_until_it_is_heard() -> None:
    status = FeedStatus("stocks", FeedState.CONNECTING)
    assert math.isnan(status.lag_ms)
    assert status.silent_codes == ()


def test_that_a_live_market_runs_at_one_second_a_second() -> None:
    assert MarketClock().speed == 1.0
