"""The AllTick token: where a live desk finds it, and the commands that store and forget secrets."""

import getpass
import logging
import sys

from plimsoll import cli
from plimsoll.storage.credentials import (
    KeyringUnavailable,
    Token,
    TokenRefused,
    open_keyring,
    token_from_line,
)
from plimsoll.storage.folders import folders_for
from plimsoll.storage.settings import Settings, settings_from_file

log = logging.getLogger("plimsoll.app")

OK, FAILED, BAD_INPUT = 0, 1, 2


def live_token(settings: Settings) -> Token | None:
    """Return the token: from the keyring, else standard input, else asked for; None where there is none.

    Where no real keyring keeps it, it stays in memory for this session only.
    """
    try:
        stored = open_keyring().token(settings.account)
    except KeyringUnavailable as why:
        log.warning("no keyring to trust: %s; the token is asked for and kept in memory", why)
        stored = None
    if stored is not None:
        return stored
    try:
        if sys.stdin is not None and sys.stdin.isatty():
            return Token(getpass.getpass("AllTick token (not shown, kept in memory only): ").strip())
        return token_from_line(sys.stdin)
    except (TokenRefused, EOFError):
        return None


def change_token(request: cli.TokenRequest) -> int:
    """Store the secret of standard input in the keyring, or forget it: 0 done, 1 no keyring, 2 no secret."""
    settings = settings_from_file(folders_for(is_demo=False, data_dir=request.data_dir).settings_file)
    is_token = request.provider == cli.SECRETS[0]
    account = request.account or (settings.account if is_token else "default")
    name = "token" if is_token else f"secret for {request.provider}"
    try:
        keyring = open_keyring()
        if request.forget:
            had_one = keyring.forget(account, provider=request.provider)
            sys.stdout.write(f"the {name} was forgotten\n" if had_one else f"there was no {name}\n")
            return OK
        if sys.stdin.isatty():
            token = Token(getpass.getpass(f"{'AllTick token' if is_token else name} (not shown): ").strip())
        else:
            token = token_from_line(sys.stdin)
        keyring.store(token, account, provider=request.provider)
    except KeyringUnavailable as why:
        sys.stderr.write(
            f"plimsoll: no keyring to trust ({why}); the desk asks for the token at each start\n"
        )
        return FAILED
    except (TokenRefused, EOFError) as why:
        sys.stderr.write(f"plimsoll: {why}\n")
        return BAD_INPUT
    sys.stdout.write(f"the {name} is in the keyring\n")
    return OK
