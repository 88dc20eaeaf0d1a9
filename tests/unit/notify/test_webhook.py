import hashlib
import json

import pytest

from plimsoll.notify.alert import alert_about, trial_alert
from plimsoll.notify.channel import NotDelivered
from plimsoll.notify.webhook import Webhook, body_of, signature

TRIAL = trial_alert(person="ana", now_ns=5, source="test")


def test_that_the_body_is_json_that_a_chat_service_can_show(breach) -> None:
    alert = alert_about([breach(7)], cause_id="C-1", level=1, currency="USD", source="live host")
    facts = json.loads(body_of(alert))
    assert facts["text"] == alert.text
    assert (facts["severity"], facts["level"], facts["breach_ids"]) == ("CRITICAL", 1, ["B-0007"])


def test_that_the_signature_is_hmac_of_rfc_2104_over_time_and_body() -> None:
    key, text = b"key", b"17.{}"
    padded = key.ljust(64, b"\0")  # the definition: H(K ^ opad, H(K ^ ipad, text))
    inner = hashlib.sha256(bytes(sign ^ 0x36 for sign in padded) + text).digest()
    outer = hashlib.sha256(bytes(sign ^ 0x5C for sign in padded) + inner).hexdigest()
    assert signature("key", "17", b"{}") == f"v1={outer}"


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/hook",
        "ftp://127.0.0.1/hook",
        "file:///etc/passwd",
        "https:///nohost",
        "https://user:secret@example.com/hook",
        "https://example.com:99999999/hook",
        "https://[::1/hook",
        "nonsense",
    ],
)
def test_that_an_address_that_is_not_https_is_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(NotDelivered) as refused:
        Webhook(lambda: url, lambda: None).send(TRIAL)
    assert not refused.value.may_pass
    assert url not in refused.value.reason


def test_that_a_missing_address_says_where_it_should_be() -> None:
    with pytest.raises(NotDelivered, match="keyring") as refused:
        Webhook(lambda: None, lambda: None).send(TRIAL)
    assert not refused.value.may_pass
