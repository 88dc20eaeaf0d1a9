from email import message_from_bytes, policy

from plimsoll.domain.limit import Severity
from plimsoll.notify.alert import alert_about
from plimsoll.notify.alert_settings import MailSettings, Security
from plimsoll.notify.mail import message_of

SETTINGS = MailSettings("smtp.example.com", 587, Security.STARTTLS, "desk@example.com", ("a@b.co", "c@d.co"))


def message_about(*breaches, level=0):
    alert = alert_about(breaches, cause_id="C-1", level=level, currency="USD", source="live host")
    return message_of(alert, SETTINGS)


def test_that_a_mail_names_the_breach_in_its_subject_and_tells_it_in_its_text(breach) -> None:
    message = message_about(breach(7))
    assert message["Subject"] == "[Plimsoll] CRITICAL: VaR 95 %"
    assert message["To"] == "a@b.co, c@d.co"
    assert "B-0007" in message.get_content()
    assert message["Importance"] == "high"
    assert message["Auto-Submitted"] == "auto-generated"


def test_that_only_the_gravest_is_marked_important(breach) -> None:
    assert message_about(breach(severity=Severity.HIGH))["Importance"] is None


def test_that_a_repeat_of_the_same_alert_has_the_same_id_and_an_escalation_another(breach) -> None:
    first, again, escalated = (message_about(breach(), level=level)["Message-ID"] for level in (0, 0, 1))
    assert first == again != escalated


def test_that_a_limit_named_like_a_header_stays_within_the_subject(breach) -> None:
    message = message_about(breach(name="VaR\r\nBcc: everyone@example.com\r\n\r\nhello"))
    read_back = message_from_bytes(message.as_bytes(), policy=policy.default)
    assert read_back["Bcc"] is None
    assert "Bcc: everyone" in read_back["Subject"]
