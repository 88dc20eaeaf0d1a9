"""The AllTick token: kept in the system's keyring if that is a real one, otherwise in memory only.

A keyring is trusted only when its module is on the list of real ones and a random value can be written, read
back and deleted: with ``keyrings.alt`` installed ``keyring`` silently writes plain text, and its null backend
takes a secret and keeps nothing. Nothing is ever written to a file of our own.
"""

import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import NoReturn, TextIO, TypeVar

import keyring
from keyring.backend import KeyringBackend
from keyring.backends.chainer import ChainerBackend

REAL_BACKENDS = (
    "keyring.backends.SecretService",
    "keyring.backends.libsecret",
    "keyring.backends.kwallet",
    "keyring.backends.macOS",
    "keyring.backends.Windows",
)
TIMEOUT_S = 30.0
"""How long a keyring may take: the person may be typing the password of its unlock dialog."""
LONGEST_TOKEN = 1280
"""The most UTF-16 characters Windows' vault takes."""
_USER = "token"
_Result = TypeVar("_Result")


class KeyringUnavailable(RuntimeError):
    """There is no keyring to trust; the reason says why, and the token is kept in memory only."""


class TokenRefused(ValueError):
    """What was given is no token; the message never repeats it."""


class Token:
    """A secret that does not show itself.

    Neither ``repr`` nor ``str`` nor an f-string shows it, it cannot be pickled, and two are compared without
    telling by the time taken how much of them agrees.

    Parameters
    ----------
    secret : str
        Printable characters without blanks.

    Raises
    ------
    TokenRefused
        If it is empty, too long, or holds blanks or control characters.
    """

    __slots__ = ("_secret",)

    def __init__(self, secret: str) -> None:
        if not secret:
            raise TokenRefused("the token was empty, expected the text AllTick gave you")
        if len(secret) > LONGEST_TOKEN:
            raise TokenRefused(f"the token was {len(secret)} characters, expected at most {LONGEST_TOKEN}")
        if not (secret.isascii() and secret.isprintable()) or " " in secret:
            raise TokenRefused("the token held blanks or odd characters, expected it as AllTick gave it")
        self._secret = secret

    def reveal(self) -> str:
        """Return the secret itself; ask only where it is sent, and keep no copy."""
        return self._secret

    def __repr__(self) -> str:
        return "Token(•••)"

    __str__ = __repr__

    def __format__(self, format_spec: str) -> str:
        return repr(self)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Token) and secrets.compare_digest(self._secret, other._secret)

    def __hash__(self) -> int:
        return hash(self._secret)

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("a token is never pickled")


@dataclass(frozen=True, slots=True)
class TokenKeyring:
    """The keyring, found to be a real one; made by `open_keyring`.

    Attributes
    ----------
    backend : KeyringBackend
        What stores.
    name : str
        What it calls itself, for the screen.
    timeout_s : float
        How long one call may take.
    """

    backend: KeyringBackend
    name: str
    timeout_s: float = TIMEOUT_S

    def token(self, account: str = "default", *, provider: str = "alltick") -> Token | None:
        """Return the token of an account, or None where none is stored.

        Raises
        ------
        KeyringUnavailable
            If the keyring does not answer, is locked, or holds something that is no token.
        """
        secret = self._call(lambda: self.backend.get_password(_service(provider, account), _USER))
        try:
            return None if secret is None else Token(secret)
        except TokenRefused as refusal:
            raise KeyringUnavailable(
                f"the entry {_service(provider, account)} was no token: {refusal}"
            ) from None

    def store(self, token: Token, account: str = "default", *, provider: str = "alltick") -> None:
        """Store a token in the place of the one before, and make sure that it is there.

        Raises
        ------
        KeyringUnavailable
            If it could not be stored, or did not come back as it was.
        """
        service = _service(provider, account)
        self._call(lambda: self.backend.set_password(service, _USER, token.reveal()))
        if self.token(account, provider=provider) != token:
            raise KeyringUnavailable(f"the keyring {self.name} took the token but did not give it back")

    def forget(self, account: str = "default", *, provider: str = "alltick") -> bool:
        """Remove the token of an account; tell whether there was one.

        Raises
        ------
        KeyringUnavailable
            If the keyring does not answer or is locked.
        """
        service = _service(provider, account)
        if self._call(lambda: self.backend.get_password(service, _USER)) is None:
            return False
        self._call(lambda: self.backend.delete_password(service, _USER))
        return True

    def _call(self, work: Callable[[], _Result]) -> _Result:
        return _within(self.timeout_s, work, self.name)


def open_keyring(*, timeout_s: float = TIMEOUT_S, backend: KeyringBackend | None = None) -> TokenKeyring:
    """Return the system's keyring once it has proved that it is a real one and keeps what it is given.

    Parameters
    ----------
    timeout_s : float
        How long one call may take; a keyring may wait for a person to unlock it.
    backend : KeyringBackend or None
        The backend to look at; None takes the one the system offers.

    Raises
    ------
    KeyringUnavailable
        With a reason to show the person, who is then asked for the token at each start.
    """
    if backend is None:
        backend = _within(timeout_s, keyring.get_keyring, "of this system")
    name = f"{type(backend).__module__}.{type(backend).__qualname__}"
    if isinstance(backend, ChainerBackend):
        return open_keyring(timeout_s=timeout_s, backend=_first_of(backend, timeout_s))
    if type(backend).__module__ not in REAL_BACKENDS:
        raise KeyringUnavailable(
            f"this system offers the keyring {name}, which does not keep secrets safely: unlock or install a "
            "real one (GNOME Keyring, KWallet, KeePassXC, macOS Keychain, Windows Credential Manager); until "
            "then the token is asked for at each start and kept in memory only"
        )
    if hasattr(backend, "persist"):
        backend.persist = "local machine"  # Windows would let it roam with the profile
    found = TokenKeyring(backend, name, timeout_s)
    _probe(found)
    return found


def token_from_line(stream: TextIO) -> Token:
    """Return the token on the first line of a stream, like standard input; never an argument or a variable.

    Raises
    ------
    TokenRefused
        If the line is empty, too long, or no token.
    """
    return Token(stream.readline(LONGEST_TOKEN + 2).strip())


def _probe(found: TokenKeyring) -> None:
    """Write, read back and delete a random value: the null backend takes everything and keeps nothing."""
    account, value = f"probe-{secrets.token_hex(8)}", Token(secrets.token_hex(16))
    found.store(value, account, provider="probe")
    was_there = found.forget(account, provider="probe")
    if not was_there or found.token(account, provider="probe") is not None:
        raise KeyringUnavailable(f"the keyring {found.name} did not remove what it was asked to remove")


def _first_of(chain: ChainerBackend, timeout_s: float) -> KeyringBackend:
    """Return the first real member of a chain; one outside the list is passed over, never used."""
    members: list[KeyringBackend] = _within(timeout_s, lambda: list(chain.backends), "chain")
    for member in members:
        if type(member).__module__ in REAL_BACKENDS:
            return member
    names = ", ".join(type(member).__module__ for member in members) or "none"
    raise KeyringUnavailable(f"none of this system's keyrings keeps secrets safely: {names}")


def _service(provider: str, account: str) -> str:
    return f"plimsoll/{provider}/{account}"


def _within(timeout_s: float, work: Callable[[], _Result], name: str) -> _Result:
    """Return what `work` returns; on a thread of its own, because it can wait for a person for ever."""
    results: list[_Result] = []
    reasons: list[str] = []

    def run() -> None:
        try:
            results.append(work())
        except Exception as error:  # noqa: BLE001  KeyringError, RuntimeError and three libraries' D-Bus errors
            # The kind and not the text: a backend's message may quote what it was given.
            reasons.append(type(error).__name__)

    worker = threading.Thread(target=run, name="keyring", daemon=True)
    worker.start()
    worker.join(timeout_s)
    if results:
        return results[0]
    reason = reasons[0] if reasons else f"no answer within {timeout_s:g} s"
    raise KeyringUnavailable(f"the keyring {name} could not be used ({reason}): is it unlocked?")
