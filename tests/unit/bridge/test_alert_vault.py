import pytest

from plimsoll.bridge.alert_vault import AlertVault
from plimsoll.notify.channel import NotDelivered
from plimsoll.storage.credentials import KeyringUnavailable, Token


class MemoryKeyring:
    """Keeps secrets by provider and account; locked, it refuses."""

    def __init__(self) -> None:
        self.secrets: dict[tuple[str, str], str] = {}
        self.is_locked = False
        self.n_asked = 0

    def token(self, account: str, *, provider: str) -> Token | None:
        self.n_asked += 1
        if self.is_locked:
            raise KeyringUnavailable("it is locked")
        secret = self.secrets.get((provider, account))
        return None if secret is None else Token(secret)


@pytest.fixture
def keyring() -> MemoryKeyring:
    return MemoryKeyring()


def test_that_a_secret_is_read_once_and_hidden_from_the_log(keyring: MemoryKeyring) -> None:
    hidden: list[str] = []
    vault = AlertVault(hidden.append, lambda: keyring)
    keyring.secrets[("smtp", "desk")] = "hunter2"
    assert [vault("smtp", "desk"), vault("smtp", "desk")] == ["hunter2", "hunter2"]
    assert hidden == ["hunter2"]
    assert keyring.n_asked == 1
    assert vault("smtp", "other") is None


def test_that_a_secret_stored_later_is_found_at_the_next_try(keyring: MemoryKeyring) -> None:
    vault = AlertVault(lambda _secret: None, lambda: keyring)
    assert vault("webhook-url", "default") is None
    keyring.secrets[("webhook-url", "default")] = "https://x"
    assert vault("webhook-url", "default") == "https://x"


def test_that_a_locked_keyring_is_a_failure_that_may_pass(keyring: MemoryKeyring) -> None:
    keyring.is_locked = True
    vault = AlertVault(lambda _secret: None, lambda: keyring)
    with pytest.raises(NotDelivered, match="locked") as failure:
        vault("smtp", "desk")
    assert failure.value.may_pass


def test_that_the_vault_does_not_show_what_it_keeps(keyring: MemoryKeyring) -> None:
    keyring.secrets[("smtp", "desk")] = "hunter2"
    vault = AlertVault(lambda _secret: None, lambda: keyring)
    vault("smtp", "desk")
    assert "hunter2" not in f"{vault} {vault!r}"
