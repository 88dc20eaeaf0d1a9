import copy
import io
import os
import pickle
import pkgutil
import shutil
import subprocess
import sys
import threading
import traceback
from pathlib import Path

import keyring
import keyring.backends
import pytest
from keyring.backend import KeyringBackend
from keyring.backends.chainer import ChainerBackend
from keyring.backends.fail import Keyring as FailKeyring
from keyring.backends.null import Keyring as NullKeyring
from keyring.errors import KeyringLocked

from plimsoll.storage import credentials
from plimsoll.storage.credentials import (
    KeyringUnavailable,
    Token,
    TokenRefused,
    open_keyring,
    token_from_line,
)

CANARY = "canary-5f1c-never-to-be-seen"


class Memory(KeyringBackend):
    """A keyring that keeps, under the name of a real one."""

    priority = 1.0  # type: ignore[assignment]

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}
        self.asked_from: set[str] = set()

    def get_password(self, service: str, username: str) -> str | None:
        self.asked_from.add(threading.current_thread().name)
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


Memory.__module__ = "keyring.backends.SecretService"


class Impostor(Memory):
    """A keyring of another module: what keyrings.alt's plain text file looks like from here."""

    def set_password(self, service: str, username: str, password: str) -> None:
        pytest.fail("a keyring off the list was given a secret")


Impostor.__module__ = "keyrings.alt.file"


def named_like_a_real_one(backend: type[KeyringBackend]) -> KeyringBackend:
    """Return a backend that the list lets through, so that only the probe can find it out."""
    return type("Keyring", (backend,), {"__module__": "keyring.backends.kwallet"})()  # type: ignore[no-any-return]


def test_that_a_token_shows_itself_nowhere() -> None:
    token = Token(CANARY)
    shown = [
        repr(token),
        str(token),
        f"{token}",
        f"{token!r}",
        f"{token:>40}",
        repr([token]),
        repr({"t": token}),
    ]
    assert not any(CANARY in text for text in shown)
    assert token.reveal() == CANARY


def test_that_a_token_in_a_traceback_stays_hidden() -> None:
    token = Token(CANARY)

    def log_in(with_token: Token) -> None:
        raise RuntimeError(f"could not log in with {with_token}")

    with pytest.raises(RuntimeError) as refusal:
        log_in(token)
    told = "".join(traceback.TracebackException.from_exception(refusal.value, capture_locals=True).format())
    assert "with_token = Token(•••)" in told
    assert CANARY not in told


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_that_a_token_is_never_pickled_or_copied(protocol: int) -> None:
    with pytest.raises(TypeError, match="never pickled"):
        pickle.dumps(Token(CANARY), protocol)
    with pytest.raises(TypeError, match="never pickled"):
        copy.deepcopy(Token(CANARY))


def test_that_tokens_are_equal_by_what_they_hold() -> None:
    assert Token("a") == Token("a")
    assert Token("a") != Token("b")
    assert Token("a") != "a"
    assert len({Token("a"), Token("a"), Token("b")}) == 2


@pytest.mark.parametrize("secret", ["", "two words", "line\nend", "ümlaut", "x" * 1281, "\0"])
def test_that_what_cannot_be_a_token_is_refused_without_repeating_it(secret: str) -> None:
    with pytest.raises(TokenRefused) as refusal:
        Token(secret)
    assert not secret or secret not in str(refusal.value)


def test_that_a_token_is_read_from_the_first_line_only() -> None:
    stream = io.StringIO(f"  {CANARY}\r\nrest")
    assert token_from_line(stream) == Token(CANARY)
    assert stream.read() == "rest"


@pytest.mark.parametrize("text", ["", "\n", "x" * 5000])
def test_that_a_line_without_a_token_is_refused(text: str) -> None:
    with pytest.raises(TokenRefused):
        token_from_line(io.StringIO(text))


def test_that_a_real_keyring_keeps_one_entry_a_provider_and_account_and_forgets() -> None:
    backend = Memory()
    found = open_keyring(backend=backend)
    assert backend.kept == {}, "the probe removes what it wrote"
    assert found.token() is None
    found.store(Token(CANARY))
    found.store(Token("other"), "desk-2")
    assert set(backend.kept) == {("plimsoll/alltick/default", "token"), ("plimsoll/alltick/desk-2", "token")}
    assert found.token() == Token(CANARY)
    assert found.forget()
    assert not found.forget()
    assert found.token() is None
    assert found.token("desk-2") == Token("other")


def test_that_the_keyring_is_never_called_on_the_caller_s_thread() -> None:
    backend = Memory()
    open_keyring(backend=backend).token()
    assert backend.asked_from == {"keyring"}


def test_that_the_null_keyring_is_refused_by_name_and_by_the_probe() -> None:
    with pytest.raises(
        KeyringUnavailable, match=r"keyring.backends.null.Keyring, which does not keep secrets"
    ):
        open_keyring(backend=NullKeyring())
    with pytest.raises(KeyringUnavailable, match="took the token but did not give it back"):
        open_keyring(backend=named_like_a_real_one(NullKeyring))


def test_that_a_system_without_a_keyring_says_what_to_do() -> None:
    with pytest.raises(KeyringUnavailable, match=r"unlock or install a real one .* kept in memory only"):
        open_keyring(backend=FailKeyring())


def test_that_a_keyring_of_plain_text_is_refused_and_given_nothing() -> None:
    with pytest.raises(KeyringUnavailable, match=r"keyrings.alt.file.Impostor"):
        open_keyring(backend=Impostor())


def test_that_a_keyring_that_does_not_forget_is_refused() -> None:
    class Sticky(Memory):
        __module__ = "keyring.backends.SecretService"

        def delete_password(self, service: str, username: str) -> None:
            pass

    with pytest.raises(KeyringUnavailable, match="did not remove"):
        open_keyring(backend=Sticky())


def test_that_a_chain_gives_its_first_real_member_and_never_another(monkeypatch: pytest.MonkeyPatch) -> None:
    real = Memory()
    monkeypatch.setattr(ChainerBackend, "backends", [Impostor(), real, NullKeyring()])
    found = open_keyring(backend=ChainerBackend())
    found.store(Token(CANARY))
    assert list(real.kept.values()) == [CANARY]
    monkeypatch.setattr(ChainerBackend, "backends", [Impostor()])
    with pytest.raises(KeyringUnavailable, match="none of this system's keyrings"):
        open_keyring(backend=ChainerBackend())
    monkeypatch.setattr(ChainerBackend, "backends", [])
    with pytest.raises(KeyringUnavailable, match=r"none$"):
        open_keyring(backend=ChainerBackend())


@pytest.mark.parametrize("error", [KeyringLocked(CANARY), RuntimeError(CANARY), OSError(CANARY)])
def test_that_a_keyring_s_own_fault_is_a_reason_without_the_secret(error: Exception) -> None:
    class Locked(Memory):
        __module__ = "keyring.backends.SecretService"

        def set_password(self, service: str, username: str, password: str) -> None:
            raise error

    with pytest.raises(
        KeyringUnavailable, match=f"could not be used .{type(error).__name__}.: is it unlocked"
    ) as told:
        open_keyring(backend=Locked())
    assert CANARY not in "".join(traceback.format_exception(told.value))


def test_that_a_keyring_waiting_for_a_person_is_left_after_its_time() -> None:
    answered = threading.Event()

    class Waiting(Memory):
        __module__ = "keyring.backends.SecretService"

        def set_password(self, service: str, username: str, password: str) -> None:
            answered.wait(30)

    with pytest.raises(KeyringUnavailable, match=r"no answer within 0.05 s"):
        open_keyring(backend=Waiting(), timeout_s=0.05)
    answered.set()
    for thread in threading.enumerate():
        if thread.name == "keyring":
            thread.join(5)


def test_that_an_entry_that_is_no_token_is_told_without_repeating_it() -> None:
    backend = Memory()
    found = open_keyring(backend=backend)
    backend.kept["plimsoll/alltick/default", "token"] = "not a token"
    with pytest.raises(KeyringUnavailable, match="plimsoll/alltick/default was no token") as told:
        found.token()
    assert "not a token" not in str(told.value)


def test_that_a_secret_does_not_roam_with_a_windows_profile() -> None:
    class Vault(Memory):
        __module__ = "keyring.backends.Windows"
        persist = "enterprise"

    backend = Vault()
    open_keyring(backend=backend)
    assert backend.persist == "local machine"


def test_that_the_system_s_own_choice_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keyring, "get_keyring", NullKeyring)
    with pytest.raises(KeyringUnavailable, match="null"):
        open_keyring()


ROUND = """
from plimsoll.storage.credentials import Token, open_keyring
found = open_keyring(timeout_s=20)
print(found.name)
found.store(Token("canary-5f1c"))
assert open_keyring().token().reveal() == "canary-5f1c"
assert found.forget() and found.token() is None
print("round")
"""
MISSING = [name for name in ("dbus-run-session", "gnome-keyring-daemon") if shutil.which(name) is None]


@pytest.mark.skipif(bool(MISSING), reason=f"not installed: {', '.join(MISSING)}")
def test_that_a_real_gnome_keyring_takes_a_whole_round(tmp_path: Path) -> None:
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("DBUS", "XDG", "PYTHON_K"))
    }
    environment |= {"HOME": str(tmp_path), "PYTHONWARNINGS": "default"}
    script = (
        'printf pw | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1; exec "$0" -c "$1"'
    )
    done = subprocess.run(
        ["dbus-run-session", "--", "sh", "-c", script, sys.executable, ROUND],
        env=environment,
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["keyring.backends.SecretService.Keyring", "round"]


def test_that_the_list_of_real_backends_names_modules_that_exist() -> None:
    found = {module.name for module in pkgutil.iter_modules(keyring.backends.__path__, "keyring.backends.")}
    assert set(credentials.REAL_BACKENDS) <= found
