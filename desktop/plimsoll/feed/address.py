"""Where AllTick is, and which of its two doors a code belongs to."""

import ipaddress
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import quote

from plimsoll.domain.instrument import is_stock_code

HOST = "quote.alltick.co"


class Door(StrEnum):
    """AllTick's two market groups; each has a websocket and a REST base of its own."""

    STOCKS = "stocks"
    OTHERS = "fx · crypto · commodities"


_PATH = {Door.STOCKS: "quote-stock-b", Door.OTHERS: "quote-b"}


def door_of(code: str) -> Door:
    """Return the door that serves `code`."""
    return Door.STOCKS if is_stock_code(code) else Door.OTHERS


@dataclass(frozen=True, slots=True)
class Address:
    """A host that speaks AllTick's protocol, without any token.

    Attributes
    ----------
    host : str
        Name or number.
    port : int or None
        None for the scheme's own.
    is_secure : bool
        Whether TLS is spoken. Only a loopback host may do without, since the token travels in the URL.
    """

    host: str = HOST
    port: int | None = None
    is_secure: bool = True

    def __post_init__(self) -> None:
        if not self.is_secure and not self.is_loopback:
            raise ValueError(
                f"host was {self.host!r} without TLS, expected a loopback host: use wss:// and https://"
            )

    @property
    def is_loopback(self) -> bool:
        """Whether the host is this machine."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False

    def stream_url(self, door: Door, token: str) -> str:
        """Return the websocket's URL; it holds the token, so it is built last and kept nowhere."""
        scheme = "wss" if self.is_secure else "ws"
        return f"{scheme}://{self._place}/{_PATH[door]}-ws-api?token={quote(token, safe='')}"

    def call_url(self, door: Door, path: str) -> str:
        """Return the URL of a REST call such as ``"/kline"``, without the token."""
        scheme = "https" if self.is_secure else "http"
        return f"{scheme}://{self._place}/{_PATH[door]}-api{path}"

    @property
    def _place(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port is None else f"{host}:{self.port}"
