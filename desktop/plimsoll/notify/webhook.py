"""A webhook: the alert as JSON over HTTPS, signed, to an address that is itself a secret."""

import hashlib
import hmac
import json
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from email.message import Message
from http import HTTPStatus
from http.client import HTTPException
from typing import IO
from urllib.parse import SplitResult, urlsplit

from plimsoll.notify.alert import Alert
from plimsoll.notify.alert_settings import is_this_machine
from plimsoll.notify.channel import TIMEOUT_S, NotDelivered, SecretReader

PASSING = frozenset(
    {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS}
    | {status for status in HTTPStatus if status >= HTTPStatus.INTERNAL_SERVER_ERROR}
)
"""Answers after which another try may succeed (RFC 9110, 15.5 and 15.6; RFC 6585; RFC 8470)."""


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Follows nowhere: a redirect would carry the alert to an address nobody chose."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Message, newurl: str
    ) -> None:
        del req, fp, code, msg, headers, newurl


class Webhook:
    """The webhook channel.

    Parameters
    ----------
    url : SecretReader
        Where to post; https, or http on this machine.
    key : SecretReader
        What the signature is made with; without one the message goes unsigned.
    context : ssl.SSLContext or None
        Whom to trust; None trusts whom the system does.
    timeout_s : float
        How long each answer may take.
    clock : Callable
        Seconds since the epoch, for the signature.
    """

    name = "webhook"

    def __init__(
        self,
        url: SecretReader,
        key: SecretReader,
        *,
        context: ssl.SSLContext | None = None,
        timeout_s: float = TIMEOUT_S,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._url = url
        self._key = key
        self._context = context or ssl.create_default_context()
        self._timeout_s = timeout_s
        self._clock = clock

    def send(self, alert: Alert) -> str:
        """Post the alert once.

        Raises
        ------
        NotDelivered
            If the answer was not a success. The reason names the host, never the address: that is the secret.
        """
        url, parts = self._address()
        host = parts.hostname
        request = urllib.request.Request(url, body_of(alert), self._headers(alert), method="POST")  # noqa: S310  the scheme was checked
        try:
            with self._opener(parts).open(request, timeout=self._timeout_s) as answer:
                return f"taken by {host} ({answer.status})"
        except urllib.error.HTTPError as error:
            error.close()
            raise NotDelivered(f"{host} answered {error.code}", may_pass=error.code in PASSING) from None
        except urllib.error.URLError as error:
            raise _unreached(host, error.reason) from None
        except (OSError, HTTPException) as error:
            raise _unreached(host, error) from None

    def _address(self) -> tuple[str, SplitResult]:
        url = self._url()
        if url is None:
            raise NotDelivered(
                "the keyring holds no address of a webhook: store it, then try again", may_pass=False
            )
        try:
            parts = urlsplit(url)
            is_fit = parts.scheme == "https" or (
                parts.scheme == "http" and is_this_machine(parts.hostname or "")
            )
            is_whole = (
                bool(parts.hostname) and parts.username is None and (parts.port is None or parts.port > 0)
            )
        except ValueError:
            is_fit, is_whole = False, False
        if not (is_fit and is_whole):
            raise NotDelivered(
                "the webhook's address was not https (http is for this machine only): store another one",
                may_pass=False,
            )
        return url, parts

    def _headers(self, alert: Alert) -> dict[str, str]:
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "Plimsoll",
            "X-Plimsoll-Alert": alert.alert_id,
        }
        key = self._key()
        if key is not None:
            at_s = str(int(self._clock()))
            headers["X-Plimsoll-Timestamp"] = at_s
            headers["X-Plimsoll-Signature"] = signature(key, at_s, body_of(alert))
        return headers

    def _opener(self, parts: SplitResult) -> urllib.request.OpenerDirector:
        secure = urllib.request.HTTPSHandler(context=self._context)
        if is_this_machine(parts.hostname or ""):
            return urllib.request.build_opener(_NoRedirect, secure, urllib.request.ProxyHandler({}))
        return urllib.request.build_opener(_NoRedirect, secure)


def body_of(alert: Alert) -> bytes:
    """Return the alert as JSON; `text` is what chat services show."""
    facts = {
        "text": alert.text,
        "alert_id": alert.alert_id,
        "cause_id": alert.cause_id,
        "level": alert.level,
        "severity": alert.severity.value,
        "title": alert.title,
        "lines": alert.lines,
        "breach_ids": alert.breach_ids,
        "raised_ns": alert.raised_ns,
        "source": alert.source,
        "is_test": alert.is_test,
    }
    return json.dumps(facts, ensure_ascii=False, sort_keys=True).encode()


def signature(key: str, timestamp: str, body: bytes) -> str:
    """Return what proves that the holder of `key` sent `body` at `timestamp`.

    HMAC-SHA-256 (RFC 2104) of ``timestamp + "." + body``, in hexadecimal after ``v1=``. The time is signed
    too, so that a receiver can refuse an old message sent again.
    """
    digest = hmac.new(key.encode(), timestamp.encode() + b"." + body, hashlib.sha256)
    return f"v1={digest.hexdigest()}"


def _unreached(host: str | None, reason: object) -> NotDelivered:
    if isinstance(reason, ssl.SSLCertVerificationError):
        return NotDelivered(
            f"{host} showed a certificate that cannot be trusted: {reason.verify_message}", may_pass=False
        )
    why = "did not answer in time" if isinstance(reason, TimeoutError) else "could not be reached"
    return NotDelivered(f"{host} {why} ({type(reason).__name__})", may_pass=True)
