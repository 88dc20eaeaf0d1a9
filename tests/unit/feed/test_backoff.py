import random

from plimsoll.feed.backoff import Backoff


class Certain(random.Random):
    def __init__(self, drawn: float) -> None:
        super().__init__(0)
        self.drawn = drawn

    def random(self) -> float:
        return self.drawn


def test_that_waits_double_from_the_floor_to_the_cap() -> None:
    backoff = Backoff(3.0, 60.0, chance=Certain(0.0))
    assert [backoff.next_wait_s() for _ in range(7)] == [3.0, 6.0, 12.0, 24.0, 48.0, 60.0, 60.0]


def test_that_jitter_only_ever_lengthens_a_wait() -> None:
    backoff = Backoff(3.0, 60.0, chance=Certain(1.0))
    assert [backoff.next_wait_s() for _ in range(2)] == [3.75, 7.5]


def test_that_a_rate_limit_lengthens_the_wait_to_its_own() -> None:
    assert Backoff(3.0, 60.0, chance=Certain(0.0)).next_wait_s(at_least_s=15.0) == 15.0


def test_that_a_healthy_connection_starts_the_waits_over() -> None:
    backoff = Backoff(3.0, 60.0, chance=Certain(0.0))
    backoff.next_wait_s()
    backoff.next_wait_s()
    backoff.reset()
    assert backoff.next_wait_s() == 3.0


def test_that_a_month_without_a_network_overflows_nothing() -> None:
    backoff = Backoff(3.0, 60.0)
    backoff.n_failures = 5000
    assert 60.0 <= backoff.next_wait_s() <= 75.0
