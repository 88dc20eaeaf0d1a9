from datetime import timedelta

from plimsoll.domain.units import NS_PER_DAY, NS_PER_MS, NS_PER_S


def test_that_a_day_a_second_and_a_millisecond_agree() -> None:
    assert timedelta(days=1).total_seconds() * NS_PER_S == NS_PER_DAY
    assert NS_PER_S == 1000 * NS_PER_MS
