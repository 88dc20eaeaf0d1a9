"""Secrets go from standard input into the keyring under their own name, and out again."""

import io
from dataclasses import dataclass, field

import pytest

from plimsoll import token_entry
from plimsoll.cli import SECRETS, TokenRequest
from plimsoll.storage.credentials import Token

SECRET = "s3cret-canary"  # noqa: S105  what must never be printed


@dataclass
class Keyring:
    """A keyring in memory."""

    kept: dict[tuple[str, str], Token] = field(default_factory=dict)

    def store(self, token: Token, account: str = "default", *, provider: str = "alltick") -> None:
        self.kept[provider, account] = token

    def forget(self, account: str = "default", *, provider: str = "alltick") -> bool:
        return self.kept.pop((provider, account), None) is not None


@pytest.mark.parametrize("provider", SECRETS)
def test_that_a_secret_is_kept_under_its_provider_and_account_and_never_printed(
    provider: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: object
) -> None:
    keyring = Keyring()
    monkeypatch.setattr(token_entry, "open_keyring", lambda: keyring)
    monkeypatch.setattr("sys.stdin", io.StringIO(SECRET + "\n"))
    kept = TokenRequest(forget=False, data_dir=tmp_path, provider=provider, account="ada")
    assert token_entry.change_token(kept) == token_entry.OK
    assert {key: token.reveal() for key, token in keyring.kept.items()} == {(provider, "ada"): SECRET}
    gone = TokenRequest(forget=True, data_dir=tmp_path, provider=provider, account="ada")
    assert token_entry.change_token(gone) == token_entry.OK
    assert keyring.kept == {}
    told = capsys.readouterr()
    assert SECRET not in told.out + told.err
