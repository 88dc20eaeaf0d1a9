import threading
from itertools import pairwise

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


def test_that_a_beat_waits_for_another_connection_a_second_and_no_longer(gate: Gate) -> None:
    gate.claim_request("stocks", 0.0)
    assert gate.claim_beat("fx", 0.5) == pytest.approx(1.0)
    assert gate.claim_beat("fx", 1.4, waited_s=0.9) == pytest.approx(0.1)
    assert gate.claim_beat("fx", 1.5, waited_s=1.0) == 0.0


def test_that_even_an_impatient_beat_keeps_the_gap_on_its_own_connection(gate: Gate) -> None:
    gate.claim_request("fx", 0.0)
    assert gate.claim_beat("fx", 1.0, waited_s=5.0) == pytest.approx(0.05)


def test_that_requests_wait_for_another_connection_s_beat(gate: Gate) -> None:
    gate.claim_beat("stocks", 0.0)
    assert gate.claim_request("fx", 1.0) == pytest.approx(2.0)


def test_that_two_connections_beating_at_once_drift_three_seconds_apart_and_stay_so(gate: Gate) -> None:
    due_s = {"stocks": 8.0, "fx": 8.2}
    sent: list[tuple[float, str]] = []
    for step in range(400):
        now_s = step * 0.25
        for name, at_s in due_s.items():
            if now_s >= at_s and gate.claim_beat(name, now_s, waited_s=now_s - at_s) == 0.0:
                sent.append((now_s, name))
                due_s[name] = now_s + 8.0
    settled = [at_s for at_s, _ in sent[8:]]
    assert len(settled) > 10
    assert all(later - earlier >= 3.0 for earlier, later in pairwise(settled))


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


def test_that_the_first_connection_goes_first_though_another_asked_before() -> None:
    gate = Gate(first="stocks")
    assert gate.claim_handshake("others", 0.0) == pytest.approx(0.05)
    assert gate.claim_handshake("stocks", 0.01) == 0.0
    assert gate.claim_handshake("others", 0.06) == pytest.approx(2.95)
    assert gate.claim_handshake("others", 3.02) == 0.0


def test_that_a_first_connection_that_never_comes_is_let_for_three_seconds_only() -> None:
    gate = Gate(first="stocks")
    assert gate.claim_handshake("others", 10.0) > 0.0
    assert gate.claim_handshake("others", 12.9) > 0.0
    assert gate.claim_handshake("others", 13.0) == 0.0
