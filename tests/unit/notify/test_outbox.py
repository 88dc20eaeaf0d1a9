import logging
import queue
import threading

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from plimsoll.notify.alert import Alert, trial_alert
from plimsoll.notify.channel import NotDelivered
from plimsoll.notify.outbox import Outbox, Receipt, ReceiptState

pytestmark = pytest.mark.logs_warnings
DEADLINE_S = 10.0


class ScriptedChannel:
    """Does what the script says, then succeeds."""

    name = "script"

    def __init__(self, *script: Exception | None) -> None:
        self.script = list(script)
        self.sent: list[Alert] = []

    def send(self, alert: Alert) -> str:
        failure = self.script.pop(0) if self.script else None
        if failure is not None:
            raise failure
        self.sent.append(alert)
        return "taken"


class HangingChannel:
    """Keeps each alert until it is let go."""

    name = "hanging"

    def __init__(self) -> None:
        self.has_begun = threading.Event()
        self.let_go = threading.Event()

    def send(self, _alert: Alert) -> str:
        self.has_begun.set()
        assert self.let_go.wait(DEADLINE_S)
        return "taken"


def passing() -> NotDelivered:
    return NotDelivered("busy", may_pass=True)


def lasting() -> NotDelivered:
    return NotDelivered("wrong password", may_pass=False)


def alert(number: int = 0) -> Alert:
    return trial_alert(person="ana", now_ns=number, source="test")


class Told:
    """Keeps receipts; waits for the final ones."""

    def __init__(self) -> None:
        self.receipts: list[Receipt] = []
        self._finals: queue.Queue[Receipt] = queue.Queue()

    def __call__(self, receipt: Receipt) -> None:
        self.receipts.append(receipt)
        if receipt.is_final:
            self._finals.put(receipt)

    def final(self) -> Receipt:
        return self._finals.get(timeout=DEADLINE_S)

    def states(self) -> list[ReceiptState]:
        return [receipt.state for receipt in self.receipts]


def started(channel, told, **options) -> Outbox:
    outbox = Outbox(channel, told, **{"pauses_s": (0.0, 0.0), **options})
    outbox.start()
    return outbox


def test_that_an_alert_that_arrives_is_told_with_the_answer() -> None:
    told, channel = Told(), ScriptedChannel()
    outbox = started(channel, told)
    outbox.put(alert())
    receipt = told.final()
    assert (receipt.state, receipt.words, receipt.n_tries) == (ReceiptState.SENT, "taken", 1)
    assert outbox.stop()


def test_that_a_busy_server_is_tried_again_and_each_try_is_told() -> None:
    told = Told()
    outbox = started(ScriptedChannel(passing(), passing()), told)
    outbox.put(alert())
    assert told.final().n_tries == 3
    assert told.states() == [ReceiptState.TRYING, ReceiptState.TRYING, ReceiptState.SENT]
    assert outbox.stop()


def test_that_a_server_that_stays_busy_is_given_up_and_told() -> None:
    told = Told()
    outbox = started(ScriptedChannel(passing(), passing(), passing()), told)
    outbox.put(alert())
    assert told.final().state is ReceiptState.FAILED
    assert outbox.stop()


def test_that_a_wrong_password_is_not_tried_again() -> None:
    told = Told()
    outbox = started(ScriptedChannel(lasting()), told)
    outbox.put(alert())
    receipt = told.final()
    assert (receipt.state, receipt.n_tries) == (ReceiptState.FAILED, 1)
    assert outbox.stop()


def test_that_a_fault_in_a_channel_is_told_without_its_text_and_the_next_alert_still_goes(
    caplog: pytest.LogCaptureFixture,
) -> None:
    told, channel = Told(), ScriptedChannel(ValueError("https://hooks/secret"))
    with caplog.at_level(logging.DEBUG):
        outbox = started(channel, told)
        outbox.put(alert(1))
        outbox.put(alert(2))
        first, second = told.final(), told.final()
        assert outbox.stop()
    assert (first.state, second.state) == (ReceiptState.FAILED, ReceiptState.SENT)
    assert "ValueError" in first.words
    assert "secret" not in first.words + caplog.text


def test_that_a_fresh_alert_does_not_wait_behind_one_being_tried_again() -> None:
    told, channel = Told(), ScriptedChannel(passing())
    outbox = started(channel, told, pauses_s=(3600.0,))
    outbox.put(alert(1))
    outbox.put(alert(2))
    assert told.final().alert == alert(2)
    assert outbox.stop()
    assert told.final().alert == alert(1)


def test_that_one_more_than_the_house_holds_is_refused_aloud() -> None:
    told, channel = Told(), HangingChannel()
    outbox = started(channel, told, most_held=2)
    outbox.put(alert(0))
    assert channel.has_begun.wait(DEADLINE_S)
    for number in (1, 2, 3):
        outbox.put(alert(number))
    refused = told.final()
    assert (refused.state, refused.alert) == (ReceiptState.REFUSED, alert(3))
    channel.let_go.set()
    assert outbox.stop()


def test_that_closing_sends_what_is_fresh_and_gives_up_what_waits_aloud() -> None:
    told, channel = Told(), ScriptedChannel(passing())
    outbox = started(channel, told, pauses_s=(3600.0,))
    outbox.put(alert(1))
    outbox.put(alert(2))
    assert outbox.stop()
    by_alert = {receipt.alert.raised_ns: receipt.state for receipt in told.receipts}
    assert by_alert == {1: ReceiptState.FAILED, 2: ReceiptState.SENT}


def test_that_after_closing_nothing_is_taken() -> None:
    told = Told()
    outbox = started(ScriptedChannel(), told)
    assert outbox.stop()
    outbox.put(alert())
    assert told.final().state is ReceiptState.REFUSED
    assert outbox.stop()


def test_that_a_hanging_server_does_not_keep_the_program() -> None:
    channel = HangingChannel()
    outbox = started(channel, Told())
    outbox.put(alert())
    assert channel.has_begun.wait(DEADLINE_S)
    assert not outbox.stop(deadline_s=0.01)
    channel.let_go.set()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(scripts=st.lists(st.sampled_from(["sent", "passing", "lasting", "fault"]), max_size=30))
def test_that_every_alert_ends_in_exactly_one_final_receipt(scripts: list[str]) -> None:
    outcomes = {"sent": lambda: None, "passing": passing, "lasting": lasting, "fault": lambda: KeyError("x")}
    told = Told()
    outbox = started(ScriptedChannel(*(outcomes[word]() for word in scripts)), told)
    n = 8
    for number in range(n):
        outbox.put(alert(number))
    assert outbox.stop()
    finals = [receipt.alert.raised_ns for receipt in told.receipts if receipt.is_final]
    assert sorted(finals) == list(range(n))
