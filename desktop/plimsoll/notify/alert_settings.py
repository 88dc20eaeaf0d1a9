"""Where alerts go: the section ``[alerts]`` of the settings file; secrets are in the keyring, never here.

::

    [alerts]
    sound = true
    notifications = true  # of the desktop, one a cause

    [alerts.mail]
    host = "smtp.example.com"
    port = 587
    security = "starttls"  # starttls or tls; none only on this machine
    user = "desk@example.com"  # left out: no log-in
    sender = "desk@example.com"
    recipients = ["risk@example.com"]
    from_severity = "HIGH"  # MEDIUM, HIGH or CRITICAL
    from_level = 1  # 0: when a limit breaks; 1: when nobody has acknowledged it; 2: still later

    [alerts.webhook]
    from_severity = "MEDIUM"
    from_level = 0
"""

import ipaddress
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from plimsoll.domain.breach_group import GRAVITY
from plimsoll.domain.errors import Complaint, FileRefused
from plimsoll.domain.limit import Severity

MOST_RECIPIENTS = 20
HIGHEST_LEVEL = 9
_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,252}[A-Za-z0-9])?")
_ADDRESS = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9]([A-Za-z0-9.-]{0,252}[A-Za-z0-9])?")
_USER = re.compile(r"[!-~]{1,128}")
_Value = TypeVar("_Value")


class Security(StrEnum):
    """How a mail connection is encrypted."""

    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Route:
    """Which alerts a channel carries.

    Attributes
    ----------
    from_severity : Severity
        The mildest.
    from_level : int
        The lowest level of escalation: 0 is told when a limit breaks.
    """

    from_severity: Severity = Severity.MEDIUM
    from_level: int = 0

    def takes(self, severity: Severity, level: int) -> bool:
        """Tell whether an alert goes this way."""
        return level >= self.from_level and GRAVITY[severity] >= GRAVITY[self.from_severity]


@dataclass(frozen=True, slots=True)
class MailSettings:
    """A mail server, who writes, and to whom.

    Attributes
    ----------
    host, port : str, int
        The server.
    security : Security
        How the connection is encrypted.
    sender : str
        Who writes.
    recipients : tuple of str
        To whom.
    user : str
        The account to log in to, whose password is in the keyring; empty for none.
    route : Route
        Which alerts.
    """

    host: str
    port: int
    security: Security
    sender: str
    recipients: tuple[str, ...]
    user: str = ""
    route: Route = Route()


@dataclass(frozen=True, slots=True)
class AlertSettings:
    """What is told outside the window, and how.

    Attributes
    ----------
    has_sound, has_notifications : bool
        Whether breaches are heard, and shown by the desktop.
    mail : MailSettings or None
        None where no mail is sent.
    webhook : Route or None
        None where no webhook is called; its address and key are in the keyring.
    """

    has_sound: bool = True
    has_notifications: bool = True
    mail: MailSettings | None = None
    webhook: Route | None = None


def alert_settings_from(table: Mapping[str, object], path: Path) -> AlertSettings:
    """Return what a section ``[alerts]`` says.

    Parameters
    ----------
    table : Mapping
        The section as TOML gives it; empty where there is none.
    path : Path
        The file, named in the complaints.

    Raises
    ------
    FileRefused
        With every complaint about it; it is never half taken.
    """
    complaints: list[Complaint] = []
    section = _Section(table, "alerts", complaints)
    settings = AlertSettings(
        has_sound=section.take("sound", _flag, "true or false", True),
        has_notifications=section.take("notifications", _flag, "true or false", True),
        mail=_mail(section.sub_section("mail")),
        webhook=_webhook(section.sub_section("webhook")),
    )
    section.complain_of_the_rest()
    if complaints:
        raise FileRefused(path, tuple(complaints))
    return settings


class _Section:
    """A table being read; what is asked for is ticked off, and what is left over is a complaint."""

    def __init__(self, table: Mapping[str, object], name: str, complaints: list[Complaint]) -> None:
        self.table = table
        self.name = name
        self.complaints = complaints
        self._asked: set[str] = set()

    def sub_section(self, name: str) -> "_Section | None":
        self._asked.add(name)
        value = self.table.get(name)
        if value is None:
            return None
        if isinstance(value, dict):
            return _Section(value, f"{self.name}.{name}", self.complaints)
        self.complain(name, f"a table [{self.name}.{name}]")
        return None

    def take(
        self, key: str, read: Callable[[object], _Value | None], expected: str, default: _Value
    ) -> _Value:
        self._asked.add(key)
        if key not in self.table:
            return default
        value = read(self.table[key])
        if value is None:
            self.complain(key, expected)
            return default
        return value

    def need(self, key: str, read: Callable[[object], _Value | None], expected: str) -> _Value | None:
        if key not in self.table:
            self._asked.add(key)
            self.complain(key, expected)
            return None
        return self.take(key, read, expected, None)

    def complain(self, key: str, expected: str) -> None:
        was = "missing" if key not in self.table else str(self.table[key])[:60]
        self.complaints.append(Complaint(f"key {self.name}.{key}", was, expected))

    def complain_of_the_rest(self) -> None:
        for key in self.table:
            if key not in self._asked:
                # The value may be a password somebody put here: the key alone is shown.
                known = ", ".join(sorted(self._asked))
                self.complaints.append(
                    Complaint(f"key {self.name}.{key}", key, f"one of {known}; secrets belong in the keyring")
                )


def _mail(section: _Section | None) -> MailSettings | None:
    if section is None:
        return None
    address = "an address like desk@example.com"
    host = section.need("host", _fitting(_HOST), "a host name, without a scheme")
    sender = section.need("sender", _fitting(_ADDRESS), address)
    recipients = section.need("recipients", _addresses, f"a list of 1 to {MOST_RECIPIENTS} addresses")
    security = section.take(
        "security", _security, "starttls, tls, or none on this machine", Security.STARTTLS
    )
    standard_port = {Security.STARTTLS: 587, Security.TLS: 465, Security.NONE: 25}[security]
    port = section.take("port", _whole(1, 65_535), "a port from 1 to 65535", standard_port)
    user = section.take("user", _fitting(_USER), "a user name without blanks", "")
    route = _route(section)
    section.complain_of_the_rest()
    if host is None or sender is None or recipients is None:
        return None
    if security is Security.NONE and not is_this_machine(host):
        section.complain("security", "starttls or tls: an unencrypted server is for this machine only")
    return MailSettings(host, port, security, sender, recipients, user, route)


def _webhook(section: _Section | None) -> Route | None:
    if section is None:
        return None
    route = _route(section)
    section.complain_of_the_rest()
    return route


def _route(section: _Section) -> Route:
    severity = section.take("from_severity", _severity, "MEDIUM, HIGH or CRITICAL", Severity.MEDIUM)
    level = section.take("from_level", _whole(0, HIGHEST_LEVEL), f"a level from 0 to {HIGHEST_LEVEL}", 0)
    return Route(severity, level)


def is_this_machine(host: str) -> bool:
    """Tell whether a host is this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _flag(value: object) -> bool | None:
    return value if isinstance(value, bool) else None


def _fitting(pattern: re.Pattern[str]) -> Callable[[object], str | None]:
    return lambda value: value if isinstance(value, str) and pattern.fullmatch(value) else None


def _addresses(value: object) -> tuple[str, ...] | None:
    if not isinstance(value, list) or not 1 <= len(value) <= MOST_RECIPIENTS:
        return None
    fit = tuple(item for item in value if isinstance(item, str) and _ADDRESS.fullmatch(item))
    return fit if len(fit) == len(value) else None


def _security(value: object) -> Security | None:
    return Security(value) if isinstance(value, str) and value in tuple(Security) else None


def _severity(value: object) -> Severity | None:
    return Severity(value) if isinstance(value, str) and value in tuple(Severity) else None


def _whole(low: int, high: int) -> Callable[[object], int | None]:
    def read(value: object) -> int | None:
        is_whole = isinstance(value, int) and not isinstance(value, bool)
        return value if is_whole and low <= value <= high else None  # type: ignore[return-value, operator]

    return read
