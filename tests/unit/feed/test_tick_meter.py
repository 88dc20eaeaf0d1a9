import pytest

from plimsoll.feed.tick_meter import TickMeter


def metered(rate: float, seconds: float = 10.0) -> TickMeter:
    meter = TickMeter()
    for step in range(int(seconds * 10)):
        meter.observe(int(rate * step / 10), step / 10)
    return meter


def test_that_a_steady_stream_shows_its_rate() -> None:
    assert metered(5000).per_s == pytest.approx(5000, rel=1e-3)


def test_that_the_rate_falls_away_when_ticks_stop() -> None:
    meter = metered(5000)
    meter.observe(49500, 20.0)
    assert meter.per_s < 1.0


def test_that_readings_in_quick_succession_wait_for_each_other() -> None:
    meter = TickMeter()
    meter.observe(0, 0.0)
    meter.observe(1000, 0.001)
    assert meter.per_s == 0.0


@pytest.mark.parametrize(
    ("rate", "batch_ms"),
    [(10, 0.001), (5_000, 0.5), (10_000, 1.0), (20_000, 1.0), (40_000, 2.0), (80_000, 4.0), (500_000, 4.0)],
)
def test_that_batches_grow_from_nothing_to_four_milliseconds(rate: float, batch_ms: float) -> None:
    assert metered(rate).batch_s * 1000 == pytest.approx(batch_ms, rel=1e-2)
