import threading

import pytest

from plimsoll.feed.gate import Gate
from plimsoll.feed.pacing import BASIC, PROFESSIONAL


@pytest.fixture
def gate() -> Gate:
    return Gate()


def test_that_a_second_frame_on_a_connection_waits_for_the_gap(gate: Gate) -> None:
    assert gate.claim_request("stocks", 10.0) == 0.0
    assert gate.claim_beat("stocks", 10.5) == pytest.approx(0.55)
    assert gate.claim_beat("stocks", 11.05) == 0.0
    assert gate.claim_request("stocks", 11.1) == pytest.approx(1.0)


def test_that_a_refused_claim_costs_nothing(gate: Gate) -> None:
    gate.claim_request("stocks", 0.0)
    for _ in range(5):
        gate.claim_request("stocks", 1.0)
    assert gate.claim_request("stocks", 1.05) == 0.0


def test_that_requests_on_two_connections_are_three_seconds_apart(gate: Gate) -> None:
    gate.claim_request("stocks", 0.0)
    assert gate.claim_request("fx", 1.0) == pytest.approx(2.0)
    assert gate.claim_handshake("fx", 2.0) == pytest.approx(1.0)
    assert gate.claim_handshake("fx", 3.0) == 0.0
    assert gate.claim_request("stocks", 4.0) == pytest.approx(2.0)


def test_that_a_request_may_follow_its_own_handshake_at_once(gate: Gate) -> None:
    assert gate.claim_handshake("stocks", 0.0) == 0.0
    assert gate.claim_request("stocks", 0.0) == 0.0


def test_that_two_handshakes_of_one_connection_are_three_seconds_apart(gate: Gate) -> None:
    gate.claim_handshake("stocks", 0.0)
    assert gate.claim_handshake("stocks", 2.0) == pytest.approx(1.0)


def test_that_a_beat_waits_for_no_other_connection(gate: Gate) -> None:
    gate.claim_request("stocks", 0.0)
    assert gate.claim_beat("fx", 0.0) == 0.0


def test_that_a_beat_holds_up_no_other_connection(gate: Gate) -> None:
    gate.claim_beat("stocks", 0.0)
    assert gate.claim_request("fx", 0.0) == 0.0


def test_that_rest_calls_keep_the_plans_rate_together() -> None:
    gate = Gate(plan=BASIC)
    assert gate.claim_call("/kline", 0.0) == 0.0
    assert gate.claim_call("/trade-tick", 0.5) == pytest.approx(0.55)
    assert gate.claim_call("/trade-tick", 1.05) == 0.0


def test_that_batches_have_a_slower_rate_of_their_own() -> None:
    gate = Gate(plan=PROFESSIONAL)
    assert gate.claim_call("/batch-kline", 0.0) == 0.0
    assert gate.claim_call("/kline", 0.1) == 0.0
    assert gate.claim_call("/batch-kline", 0.2) == pytest.approx(0.85)
    assert gate.claim_call("/batch-kline", 1.05) == 0.0


def test_that_of_many_threads_only_one_is_granted_an_instant(gate: Gate) -> None:
    granted: list[float] = []
    start = threading.Barrier(8)

    def claim() -> None:
        start.wait()
        granted.extend(wait_s for _ in range(200) if (wait_s := gate.claim_request("stocks", 5.0)) == 0.0)

    threads = [threading.Thread(target=claim) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert granted == [0.0]
