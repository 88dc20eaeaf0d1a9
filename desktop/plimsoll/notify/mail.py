"""E-mail over SMTP: encrypted with a verified certificate, or not at all."""

import smtplib
import ssl
from contextlib import suppress
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime

from plimsoll.domain.units import NS_PER_S
from plimsoll.notify.alert import Alert
from plimsoll.notify.alert_settings import MailSettings, Security
from plimsoll.notify.channel import TIMEOUT_S, NotDelivered, SecretReader

_OWN_NAME = "[127.0.0.1]"
"""What smtplib falls back on; to ask the resolver for a name of ours takes seconds where there is none."""
_LONGEST_ANSWER = 160


class Mail:
    """The e-mail channel.

    Parameters
    ----------
    settings : MailSettings
        Server, sender and recipients.
    password : SecretReader
        The password of the account; asked only where a user is set.
    context : ssl.SSLContext or None
        Whom to trust; None trusts whom the system does.
    timeout_s : float
        How long each answer may take.
    """

    name = "e-mail"

    def __init__(
        self,
        settings: MailSettings,
        password: SecretReader,
        *,
        context: ssl.SSLContext | None = None,
        timeout_s: float = TIMEOUT_S,
    ) -> None:
        self._settings = settings
        self._password = password
        self._context = context or ssl.create_default_context()
        self._timeout_s = timeout_s

    def send(self, alert: Alert) -> str:
        """Send one message to all recipients.

        Raises
        ------
        NotDelivered
            If it was not taken for every recipient; one that was taken for some is not tried again.
        """
        settings = self._settings
        try:
            session = self._session()
            try:
                refused = session.send_message(message_of(alert, settings))
            finally:
                _leave(session)
        except smtplib.SMTPAuthenticationError as error:
            # The server's text may quote what it was given.
            raise self._failure(f"refused the user name or password ({error.smtp_code})") from None
        except smtplib.SMTPRecipientsRefused as error:
            code = min(code for code, _ in error.recipients.values())
            raise self._failure(f"refused every recipient ({code})", may_pass=_is_passing(code)) from None
        except smtplib.SMTPResponseException as error:
            raise self._failure(
                f"answered {error.smtp_code} {_shown(error.smtp_error)}",
                may_pass=_is_passing(error.smtp_code),
            ) from None
        except smtplib.SMTPNotSupportedError:
            raise self._failure("offers no encryption or no log-in; nothing was sent") from None
        except ssl.SSLCertVerificationError as error:
            raise self._failure(
                f"showed a certificate that cannot be trusted: {error.verify_message}"
            ) from None
        except (smtplib.SMTPException, OSError) as error:
            raise self._failure(_silence(error), may_pass=True) from None
        if refused:
            raise self._failure(f"took it, but not for {', '.join(sorted(refused))}")
        n = len(settings.recipients)
        return f"taken by {settings.host} for {n} recipient{'s' if n > 1 else ''}"

    def _session(self) -> smtplib.SMTP:
        settings = self._settings
        if settings.security is Security.TLS:
            session: smtplib.SMTP = smtplib.SMTP_SSL(
                settings.host, settings.port, _OWN_NAME, timeout=self._timeout_s, context=self._context
            )
        else:
            session = smtplib.SMTP(settings.host, settings.port, _OWN_NAME, timeout=self._timeout_s)
        try:
            if settings.security is Security.STARTTLS:
                session.starttls(context=self._context)
            if settings.user:
                session.login(settings.user, self._secret())
        except BaseException:
            session.close()
            raise
        return session

    def _secret(self) -> str:
        password = self._password()
        if password is None:
            raise NotDelivered(
                f"the keyring holds no password for {self._settings.user}: store it, then try again",
                may_pass=False,
            )
        return password

    def _failure(self, what: str, *, may_pass: bool = False) -> NotDelivered:
        return NotDelivered(f"the mail server {self._settings.host} {what}", may_pass=may_pass)


def message_of(alert: Alert, settings: MailSettings) -> EmailMessage:
    """Return the alert as a message; each try of it carries the same Message-ID."""
    message = EmailMessage()
    message["Subject"] = f"[Plimsoll] {alert.title}"
    message["From"] = settings.sender
    message["To"] = ", ".join(settings.recipients)
    message["Date"] = format_datetime(datetime.fromtimestamp(alert.raised_ns // NS_PER_S, UTC))
    domain = settings.sender.rpartition("@")[2]
    message["Message-ID"] = f"<{alert.raised_ns}.{alert.alert_id}@{domain}>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office note comes back
    if alert.severity.value == "CRITICAL":
        message["Importance"] = "high"
    message.set_content(alert.text)
    return message


def _leave(session: smtplib.SMTP) -> None:
    """Say goodbye; a message that was taken stays taken, whatever is answered to that."""
    with suppress(smtplib.SMTPException, OSError):
        session.quit()
    session.close()


def _silence(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "did not answer in time"
    if isinstance(error, smtplib.SMTPServerDisconnected):
        return "stopped answering"
    return f"could not be reached ({type(error).__name__})"


def _is_passing(code: int) -> bool:
    """Tell whether a reply asks to come again: RFC 5321, 4.2.1, the fourth hundred."""
    return 400 <= code < 500


def _shown(answer: bytes | str) -> str:
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else str(answer)
    return " ".join(text.split())[:_LONGEST_ANSWER]
