"""The channels that the settings ask for, each with its secret in the keyring and its route."""

from collections.abc import Callable

from plimsoll.bridge.alert_post import RoutedChannel
from plimsoll.notify.alert_settings import AlertSettings
from plimsoll.notify.mail import Mail
from plimsoll.notify.webhook import Webhook

MAIL_PASSWORD, WEBHOOK_URL, WEBHOOK_KEY = "smtp", "webhook-url", "webhook-key"
"""Providers of the keyring; the mail password's account is the user name, the others' is "default"."""

Vault = Callable[[str, str], str | None]
"""Returns the secret of a provider and an account, or None; asked on the thread that sends."""


def channels_of(settings: AlertSettings, vault: Vault) -> tuple[RoutedChannel, ...]:
    """Return the channels, mail first; no secret is asked for before something is sent."""
    channels = []
    if settings.mail is not None:
        mail = settings.mail
        password = _reader(vault, MAIL_PASSWORD, _account_of(mail.user))
        channels.append(RoutedChannel(Mail(mail, password), mail.route))
    if settings.webhook is not None:
        url, key = (_reader(vault, provider, "default") for provider in (WEBHOOK_URL, WEBHOOK_KEY))
        channels.append(RoutedChannel(Webhook(url, key), settings.webhook))
    return tuple(channels)


def _account_of(user: str) -> str:
    return user or "default"


def _reader(vault: Vault, provider: str, account: str) -> Callable[[], str | None]:
    return lambda: vault(provider, account)
