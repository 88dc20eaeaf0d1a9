"""A channel: one way out of the house for an alert, and how it says that it failed."""

from collections.abc import Callable
from typing import Protocol

from plimsoll.notify.alert import Alert

TIMEOUT_S = 8.0
"""How long the other side may take for each answer."""

SecretReader = Callable[[], str | None]
"""Asks the keyring, on the thread that sends; None where nothing is kept there."""


class NotDelivered(Exception):
    """An alert did not arrive, and why, in words that hold no secret.

    Attributes
    ----------
    reason : str
        For the screen.
    may_pass : bool
        Whether another try may succeed by itself: the network, a busy server; not a wrong password.
    """

    def __init__(self, reason: str, *, may_pass: bool) -> None:
        super().__init__(reason)
        self.reason = reason
        self.may_pass = may_pass


class Channel(Protocol):
    """What sends alerts; it may block, and is called on a thread of its own."""

    @property
    def name(self) -> str:
        """Return what the screen calls it."""

    def send(self, alert: Alert) -> str:
        """Send, and return in words what the other side answered.

        Raises
        ------
        NotDelivered
            If it did not arrive, or did not arrive everywhere.
        """
