"""The secrets of the channels: from the keyring, read on the thread that sends, then kept in memory."""

from collections.abc import Callable
from typing import Protocol

from plimsoll.notify.channel import NotDelivered
from plimsoll.storage.credentials import KeyringUnavailable, Token, open_keyring


class Keyring(Protocol):
    """What is asked; storage.credentials.TokenKeyring is one."""

    def token(self, account: str, *, provider: str) -> Token | None:
        """Return a secret, or None where none is stored."""


class AlertVault:
    """Asks for a secret once it is needed; one that is missing is asked for again at the next try.

    Parameters
    ----------
    hide : Callable
        Told each secret found, so that no log line ever shows it.
    open_it : Callable
        Opens the keyring; it may wait for a person to unlock it.
    """

    def __init__(self, hide: Callable[[str], None], open_it: Callable[[], Keyring] = open_keyring) -> None:
        self._hide = hide
        self._open_it = open_it
        self._found: dict[tuple[str, str], str] = {}

    def __call__(self, provider: str, account: str) -> str | None:
        """Return a secret, or None where none is stored.

        Raises
        ------
        NotDelivered
            If the keyring is locked or does not answer: unlocked, the next try finds it.
        """
        key = (provider, account)
        if key not in self._found:
            try:
                token = self._open_it().token(account, provider=provider)
            except KeyringUnavailable as why:
                raise NotDelivered(
                    f"the secret of the {provider} could not be read: {why}", may_pass=True
                ) from None
            if token is None:
                return None
            self._hide(token.reveal())
            self._found[key] = token.reveal()
        return self._found[key]
